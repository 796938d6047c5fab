"""The ask finds bodies by the training that they offer, as far as each reader may know it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from django.utils import translation

from tests.factories.organisations import NOW, ConceptFactory, OrganisationFactory
from tests.factories.skills import TrainingFactory, editor_of
from tests.searching import ask, index_all, names, reasons
from trebbo.sharing.skills import actions
from trebbo.sharing.skills.models import TrainingOffer

pytestmark = pytest.mark.django_db
OnCommit = Callable[..., AbstractContextManager[object]]


def test_found_by_what_it_teaches_and_told_so_in_the_language_of_the_page() -> None:
    offer = TrainingFactory(
        profile=OrganisationFactory(name="Alfa"),
        title_it="Master in biostampa",
        title_en="Master in bioprinting",
    )
    offer.fields.add(ConceptFactory(label_it="ingegneria tissutale", label_en="tissue engineering"))
    OrganisationFactory(name="Beta")
    index_all(NOW)
    found = ask("biostampa")
    assert names(found) == ["Alfa"]
    assert reasons(found) == [("formazione", "Master in biostampa: ingegneria tissutale")]
    with translation.override("en"):
        [met] = ask("tissutale").found[0].met
    assert met.excerpt.text == "Master in bioprinting: tissue engineering"


def test_who_says_to_do_it_comes_before_who_teaches_it() -> None:
    TrainingFactory(profile=OrganisationFactory(name="Alfa"), title_it="Muonite")
    doing = OrganisationFactory(name="Beta")
    doing.fields.add(ConceptFactory(label_it="Muonite"))
    index_all(NOW)
    assert names(ask("muonite")) == ["Beta", "Alfa"]


def test_what_is_over_or_for_fewer_finds_nobody() -> None:
    body = OrganisationFactory(visibility="public")
    day = timedelta(days=1)
    TrainingFactory(
        profile=body, title_it="alfanite", valid_until=NOW.date() - day, valid_from=None
    )
    TrainingFactory(profile=body, title_it="betanite", visibility="network")
    TrainingFactory(profile=body, title_it="gammanite", valid_from=NOW.date() + day)
    index_all(NOW)
    assert [ask(word).total for word in ("alfanite", "betanite", "gammanite")] == [0, 0, 1]


def test_what_the_index_still_remembers_is_not_told() -> None:
    TrainingFactory(title_it="deltanite")
    index_all(NOW)
    TrainingOffer.objects.update(visibility="hidden")
    assert not ask("deltanite").found


def test_the_index_follows(django_capture_on_commit_callbacks: OnCommit) -> None:
    body = OrganisationFactory(name="Alfa")
    actor = editor_of(body)
    index_all(NOW)
    with django_capture_on_commit_callbacks(execute=True):
        offer = actions.offer_training(
            actor=actor, profile_id=body.pk, kind="master", title_it="epsilonite"
        )
    assert names(ask("epsilonite")) == ["Alfa"]
    with django_capture_on_commit_callbacks(execute=True):
        actions.change_training(
            actor=actor, training_id=offer.pk, version=offer.version, visibility="network"
        )
    assert ask("epsilonite").total == 0
