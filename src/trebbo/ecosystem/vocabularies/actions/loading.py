"""Loads the tables that come with the product."""

from collections.abc import Iterable
from functools import partial

from django.db import models, transaction
from django.utils.translation import gettext as _

from trebbo.ecosystem.vocabularies import policies
from trebbo.ecosystem.vocabularies.actions import tables
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


@transaction.atomic
def load_vocabularies(*, actor: Viewer) -> dict[str, int]:
    """Load the product's vocabulary tables; running it again changes only what differs.

    Returns how many rows each table has. Refuses anybody but the installation and the agency.
    """
    if not policies.load_vocabularies(actor):
        raise NotAllowed(_("Only the coordinating agency may load the vocabularies."))
    loaded = {
        "territories": _write(Territory, tables.territories(), ["code"]),
        "provinces": _write(Province, tables.provinces(), ["code"]),
        "municipalities": _write(Municipality, tables.municipalities(), ["istat_code"]),
        "words": _write(WordPair, tables.word_pairs(), ["code"]),
        "schemes": _write(Scheme, tables.schemes(), ["code"]),
    }
    for scheme in Scheme.objects.order_by("code"):
        concepts = list(tables.concepts(scheme))
        if not concepts:
            continue
        loaded[scheme.code] = _write(Concept, concepts, ["scheme", "code"])
        _link_broader(scheme)
        audit.record(actor=actor, verb="load_vocabulary", subject=scheme)
    transaction.on_commit(partial(vocabularies_loaded.send, sender=Scheme))
    return loaded


def _write(model: type[models.Model], rows: Iterable[models.Model], key: list[str]) -> int:
    rows = list(rows)
    names = [
        field.name
        for field in model._meta.concrete_fields
        if field.name not in (*key, "id", "broader")
    ]
    model._default_manager.bulk_create(
        rows, update_conflicts=True, unique_fields=key, update_fields=names, batch_size=BATCH
    )
    return len(rows)


def _link_broader(scheme: Scheme) -> None:
    concepts = {concept.code: concept for concept in scheme.concepts.all()}
    changed = []
    for code, broader in tables.broader_codes(scheme):
        parent = concepts[broader] if broader else None
        if concepts[code].broader_id != (parent.pk if parent else None):
            concepts[code].broader = parent
            changed.append(concepts[code])
    Concept.objects.bulk_update(changed, ["broader"], batch_size=BATCH)
