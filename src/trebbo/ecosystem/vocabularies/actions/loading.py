"""Loads the tables that come with the product."""

from collections.abc import Iterable
from functools import partial

from django.db import models, transaction
from django.utils.translation import gettext as _

from trebbo.ecosystem.vocabularies import policies
from trebbo.ecosystem.vocabularies.actions import tables
from trebbo.ecosystem.vocabularies.actions.concepts import publish_label
from trebbo.ecosystem.vocabularies.events import vocabularies_loaded
from trebbo.ecosystem.vocabularies.models import (
    Concept,
    Municipality,
    Province,
    Scheme,
    Territory,
    WordPair,
)
from trebbo.kernel import audit
from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import NotAllowed

BATCH = 500
NOT_LOADED = (
    "label_it_kept",
    "label_it_kept_over",
    "imported_at",
    "file_name",
    "file_sha256",
    "phrases_it_kept",
    "phrases_en_kept",
    "is_left_out",
    "version",
)
FILLED = ("label_en", "synonyms_it", "synonyms_en")


@transaction.atomic
def load_vocabularies(*, actor: Viewer) -> dict[str, int]:
    """Load the product's vocabulary tables; running it again changes only what differs.

    What an official file brought since is left as it is: of it, only blanks are filled. So are the
    Italian labels and the words that an office wrote. Returns how many rows each table has. Refuses
    anybody but the installation and the agency.
    """
    if not policies.load_vocabularies(actor):
        raise NotAllowed(_("Only the coordinating agency may load the vocabularies."))
    imported = set(Scheme.objects.filter(imported_at__isnull=False).values_list("code", flat=True))
    schemes = list(tables.schemes())
    _write(Scheme, [row for row in schemes if row.code not in imported], ["code"])
    loaded = {
        "territories": _write(Territory, tables.territories(), ["code"]),
        "provinces": _write(Province, tables.provinces(), ["code"]),
        "municipalities": (
            _give_points()
            if "municipalities" in imported
            else _write(Municipality, tables.municipalities(), ["istat_code"])
        ),
        "words": _write(WordPair, _word_pairs(), ["code"]),
        "schemes": len(schemes),
    }
    for scheme in Scheme.objects.order_by("code"):
        concepts = list(tables.concepts(scheme))
        if not concepts:
            continue
        loaded[scheme.code] = len(concepts)
        if scheme.code in imported:
            _fill_blanks(scheme, concepts)
            continue
        kept = dict(scheme.concepts.exclude(label_it_kept="").values_list("code", "label_it_kept"))
        for concept in concepts:
            concept.label_it = kept.get(concept.code, concept.label_it)
        _write(Concept, concepts, ["scheme", "code"])
        _link_broader(scheme)
        audit.record(actor=actor, verb="load_vocabulary", subject=scheme)
    transaction.on_commit(partial(vocabularies_loaded.send, sender=Scheme))
    return loaded


def _write(model: type[models.Model], rows: Iterable[models.Model], key: list[str]) -> int:
    rows = list(rows)
    names = [
        field.name
        for field in model._meta.concrete_fields
        if field.name not in (*key, "id", "broader", *NOT_LOADED)
    ]
    model._default_manager.bulk_create(
        rows, update_conflicts=True, unique_fields=key, update_fields=names, batch_size=BATCH
    )
    return len(rows)


def _word_pairs() -> list[WordPair]:
    """The product's words, with what the offices added to them or left out of searches."""
    present = {pair.code: pair for pair in WordPair.objects.select_for_update()}
    pairs = list(tables.word_pairs())
    for pair in pairs:
        if known := present.get(pair.code):
            pair.phrases_it_kept, pair.phrases_en_kept = (
                known.phrases_it_kept,
                known.phrases_en_kept,
            )
            pair.is_left_out, pair.version = known.is_left_out, known.version
        pair.put_together()
    return pairs


def _link_broader(scheme: Scheme) -> None:
    concepts = {concept.code: concept for concept in scheme.concepts.all()}
    changed = []
    for code, broader in tables.broader_codes(scheme):
        parent = concepts[broader] if broader else None
        if concepts[code].broader_id != (parent.pk if parent else None):
            concepts[code].broader = parent
            changed.append(concepts[code])
    Concept.objects.bulk_update(changed, ["broader"], batch_size=BATCH)


def _fill_blanks(scheme: Scheme, rows: Iterable[Concept]) -> None:
    """Give an imported vocabulary what its file did not say: translations and synonyms."""
    present = {concept.code: concept for concept in scheme.concepts.all()}
    changed = []
    for row in rows:
        concept = present.get(row.code)
        if concept is None:
            continue
        names = [name for name in FILLED if getattr(row, name) and not getattr(concept, name)]
        for name in names:
            setattr(concept, name, getattr(row, name))
        is_named = not concept.label_it_published and publish_label(
            concept, row.label_it, row.label_source
        )
        if names or is_named:
            changed.append(concept)
    fields = [*FILLED, "label_it", "label_it_published", "label_source"]
    Concept.objects.bulk_update(changed, fields, batch_size=BATCH)


def _give_points() -> int:
    """Put the imported municipalities where the product's table knows them to be."""
    exact = {town.istat_code: town for town in tables.municipalities()}
    changed = []
    for town in Municipality.objects.filter(is_approximate=True):
        if known := exact.get(town.istat_code):
            town.latitude, town.longitude = known.latitude, known.longitude
            town.is_approximate = False
            changed.append(town)
    names = ["latitude", "longitude", "is_approximate"]
    Municipality.objects.bulk_update(changed, names, batch_size=BATCH)
    return Municipality.objects.count()
