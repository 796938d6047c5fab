"""Loading the vocabularies that come with the product."""

import pytest
from django.db.models import Model
from django.utils import translation

from tests.factories.organisations import NOW, agency_person, person
from trebbo.ecosystem.organisations.choices import Kind
from trebbo.ecosystem.vocabularies.actions import load_vocabularies
from trebbo.ecosystem.vocabularies.models import (
    Concept,
    Municipality,
    Province,
    Scheme,
    Territory,
    WordPair,
)
from trebbo.kernel.access import Viewer, installation, visitor
from trebbo.kernel.errors import NotAllowed
from trebbo.kernel.models import AuditLine

pytestmark = pytest.mark.django_db
TABLES: tuple[type[Model], ...] = (
    Concept,
    Municipality,
    Province,
    Scheme,
    Territory,
    WordPair,
)


def everything() -> dict[str, list[dict[str, object]]]:
    """All rows of all tables."""
    return {
        table.__name__: list(table._default_manager.order_by("pk").values()) for table in TABLES
    }


def test_loading_twice_changes_nothing() -> None:
    """Rows keep their keys, so that what points to them goes on pointing to them."""
    first = load_vocabularies(actor=installation(NOW))
    before = everything()
    assert load_vocabularies(actor=agency_person()) == first
    assert everything() == before
    assert first["municipalities"] == Municipality.objects.count() > 300


def test_loading_mends_what_was_changed() -> None:
    """A label that somebody altered becomes the table's again; foreign rows stay."""
    load_vocabularies(actor=installation(NOW))
    concept = Concept.objects.get(scheme__code="kinds", code="sme")
    Concept.objects.filter(pk=concept.pk).update(label_it="?", broader=concept)
    own = Concept.objects.create(scheme=concept.scheme, code="own", label_it="Nostra")
    load_vocabularies(actor=installation(NOW))
    concept.refresh_from_db()
    assert (concept.label_it, concept.broader) == ("Piccola o media impresa", None)
    assert Concept.objects.filter(pk=own.pk).exists()


def test_loading_is_written_down() -> None:
    """One line for each vocabulary."""
    load_vocabularies(actor=agency_person())
    lines = AuditLine.objects.filter(verb="load_vocabulary")
    assert set(lines.values_list("actor_label", flat=True)) == {"Agency"}
    filled = Scheme.objects.filter(concepts__isnull=False).distinct()
    assert set(lines.values_list("subject_id", flat=True)) == set(
        filled.values_list("pk", flat=True)
    )


@pytest.mark.parametrize(
    "viewer",
    [
        visitor(NOW),
        person(networks={1: frozenset({"region"})}),
        person(clusters={1: frozenset({"manager"})}),
        person(mandates={1: frozenset({"representative"})}),
    ],
    ids=["visitor", "region", "manager", "representative"],
)
def test_others_may_not_load(viewer: Viewer) -> None:
    """Only the installation and the agency; nothing is written."""
    with pytest.raises(NotAllowed):
        load_vocabularies(actor=viewer)
    assert not Scheme.objects.exists()


def test_fields_have_both_labels_and_their_place_in_the_tree() -> None:
    """Each is found in either language, and under the one above it."""
    load_vocabularies(actor=installation(NOW))
    fields = Concept.objects.filter(scheme__code="euroscivoc")
    assert not fields.filter(label_it="").exists()
    assert not fields.filter(label_en="").exists()
    parent = fields.get(label_en="medical engineering").broader
    assert parent is not None
    assert parent.label_en == "engineering and technology"


def test_kinds_are_called_alike_in_the_vocabulary_and_in_the_registry() -> None:
    """The closed list of the code and the published vocabulary agree, in both languages."""
    load_vocabularies(actor=installation(NOW))
    published = {
        concept.code: (concept.label_it, concept.label_en)
        for concept in Concept.objects.filter(scheme__code="kinds")
    }
    listed = {}
    for kind in Kind:
        with translation.override("it"):
            italian = str(kind.label)
        with translation.override("en"):
            listed[kind.value] = (italian, str(kind.label))
    assert published == listed
