"""What the audit trail keeps of a value, and how it reads in each language."""

from datetime import UTC, datetime

import pytest
from django.utils import translation

from tests.factories.organisations import ConceptFactory, OrganisationFactory, person
from trebbo.ecosystem.organisations.choices import Visibility
from trebbo.ecosystem.organisations.models import Identifier
from trebbo.kernel import audit

pytestmark = pytest.mark.django_db


def kept(value: object) -> object:
    """The value as the trail gives it back, from the database."""
    subject = OrganisationFactory.create()
    audit.record(actor=person(), verb="edit_profile", subject=subject, changes={"x": (None, value)})
    line = audit.history_of(subject).get()
    assert line.changes["x"][0] is None
    return line.changes["x"][1]


def read(value: object) -> dict[str, object]:
    """What pages in each language show of it."""
    shown = {}
    for language in ("it", "en"):
        with translation.override(language):
            shown[language] = audit.in_page_language(value)
    return shown


def test_a_value_reads_in_the_language_of_the_page() -> None:
    """In whatever language the page was in which it was written."""
    bone = ConceptFactory.create(label_it="ortopedia", label_en="orthopaedics")
    heart = ConceptFactory.create(label_it="cardiologia", label_en="")
    for language in ("it", "en"):
        with translation.override(language):
            assert read(kept(bone)) == {"it": "ortopedia", "en": "orthopaedics"}
            assert read(kept([bone, heart])) == {
                "it": "ortopedia; cardiologia",
                "en": "orthopaedics; cardiologia",
            }
    number = Identifier(scheme="pic", value="999993953")
    assert read(kept(number)) == {
        "it": "PIC (codice partecipante UE) 999993953",
        "en": "PIC (EU participant code) 999993953",
    }


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("parole", "parole"),
        (Visibility.HIDDEN, "hidden"),
        (3, 3),
        (False, False),
        (None, None),
        ([], ""),
        (datetime(2026, 6, 20, 21, 30, tzinfo=UTC), "20/6/2026, 23:30"),
        ("a" * 2_001, "a" * 2_000 + "…"),
    ],
)
def test_what_is_the_same_in_both_languages_is_kept_once(value: object, expected: object) -> None:
    assert kept(value) == expected
    assert read(expected) == {"it": expected, "en": expected}


def test_each_language_is_shortened_by_itself() -> None:
    """A long label does not take the other's place."""
    shown = read(kept([ConceptFactory.create(label_it="a" * 300, label_en="b")] * 10))
    assert len(str(shown["it"])) == audit.LONGEST_VALUE + 1
    assert shown["en"] == "; ".join(["b"] * 10)
