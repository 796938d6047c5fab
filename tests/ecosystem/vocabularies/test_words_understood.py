"""What an office writes is understood by the very next question, and no longer once it is gone."""

from collections.abc import Callable

import pytest

from tests.factories.organisations import NOW, ItemFactory, OrganisationFactory, agency_person
from tests.searching import index_all, search_folder
from trebbo.ecosystem.vocabularies.actions import (
    WordRow,
    add_words,
    change_words,
    import_words,
    remove_words,
)
from trebbo.ecosystem.vocabularies.models import WordPair
from trebbo.kernel.access import visitor
from trebbo.partnering.introductions import gateway
from trebbo.partnering.introductions.queries import Answer, Question, answer

__all__ = ["search_folder"]

pytestmark = pytest.mark.django_db

Commit = Callable[..., object]


def ask(text: str) -> Answer:
    """The answer to a question."""
    return answer(Question(text, {}, 1), viewer=visitor(NOW))


def names(text: str) -> list[str]:
    """Who is found with it."""
    return [one.profile.name for one in ask(text).found]


def understood(text: str) -> list[str]:
    """The concepts that searches recognise in a question, by their codes."""
    lexicon, _places = gateway.current_words()
    return [code for code in lexicon.concepts if text in lexicon.concepts[code].italian]


def test_the_next_question_understands(django_capture_on_commit_callbacks: Commit) -> None:
    """An Italian question finds an English text: added, changed, uploaded, removed."""
    body = OrganisationFactory(name="Alfa")
    ItemFactory(profile=body, text_it="", text_en="we print bone scaffolds")
    index_all(NOW)
    assert names("impalcatura ossea") == []
    with django_capture_on_commit_callbacks(execute=True):
        pair = add_words(
            actor=agency_person(), italian="impalcatura ossea", english="bone scaffold"
        )
    assert understood("impalcatura ossea") == ["bone-scaffold"]
    assert names("impalcatura ossea") == ["Alfa"]
    assert names("chi fa impalcature ossee?") == ["Alfa"]
    assert names("struttura porosa") == []
    with django_capture_on_commit_callbacks(execute=True):
        change_words(
            actor=agency_person(),
            pair_id=pair.pk,
            italian="impalcatura ossea\nstruttura porosa",
            english="bone scaffold",
            version=1,
        )
    assert names("struttura porosa") == ["Alfa"]
    with django_capture_on_commit_callbacks(execute=True):
        rows = [WordRow(2, "bone-scaffold", "traliccio", "bone scaffold")]
        import_words(actor=agency_person(), rows=rows)
    assert names("traliccio") == ["Alfa"]
    assert names("struttura porosa") == []
    with django_capture_on_commit_callbacks(execute=True):
        remove_words(actor=agency_person(), pair_id=pair.pk, version=3)
    assert names("traliccio") == []


def test_what_is_left_out_is_not_understood(django_capture_on_commit_callbacks: Commit) -> None:
    """A pair of the product's that an office left out says nothing to searches."""
    ItemFactory(profile=OrganisationFactory(name="Alfa"), text_it="", text_en="blade grinding")
    index_all(NOW)
    pair = WordPair(code="blade", phrases_it_published="lama", phrases_en_published="blade")
    pair.put_together()
    pair.save()
    gateway.forget_words()
    assert names("lama") == ["Alfa"]
    with django_capture_on_commit_callbacks(execute=True):
        remove_words(actor=agency_person(), pair_id=pair.pk, version=1)
    assert understood("lama") == []
    assert names("lama") == []
