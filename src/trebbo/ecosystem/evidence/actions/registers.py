"""Links profiles and bodies to ROR, and keeps only the records of ROR that matter."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from trebbo.ecosystem.evidence.actions.settling import LinkCounts, record_links, wanted_links
from trebbo.ecosystem.evidence.choices import UNDECIDED, BodyScheme, Dataset, LinkState
from trebbo.ecosystem.evidence.gateway import linkage, warehouse
from trebbo.ecosystem.evidence.gateway.linkage import Found
from trebbo.ecosystem.evidence.models import Body, Import, Link
from trebbo.kernel.access import Viewer

POINT = ("latitude", "longitude")
LIMITS = {
    field.name: field.max_length
    for field in Body._meta.concrete_fields
    if field.max_length is not None
}
ROR_COLUMNS = ("name", "short_name", "activity", "country", "town", "website", *POINT)


def link_to_ror(*, actor: Viewer, profile_ids: Iterable[int] | None = None) -> LinkCounts:
    """Link profiles (all, or some), and the bodies that matter to them, to the present ROR.

    Only the records of ROR that somebody is linked or proposed to become rows of the database.
    """
    present = Import.objects.filter(dataset=Dataset.ROR, is_present=True).first()
    if present is None:
        return LinkCounts()
    profiles = linkage.profile_entities(profile_ids)
    linked = Link.objects.exclude(state=LinkState.REFUSED).filter(body=OuterRef("pk"))
    if profile_ids is not None:
        linked = linked.filter(profile__in=list(profile_ids))
    theirs = Body.objects.exclude(scheme=BodyScheme.ROR).filter(
        Exists(linked.filter(profile__isnull=False))
    )
    left = [*profiles, *linkage.body_entities(theirs)]
    found = list(linkage.find_links(left, warehouse.entities(present.snapshot)))
    with transaction.atomic():
        rows = _materialise(present, {one.right for one in found})
        found = [replace(one, right=linkage.body_key(rows[one.right])) for one in found]
        undecided = Link.objects.filter(
            state__in=UNDECIDED,
            profile__in=[linkage.number_in(one.key) for one in profiles],
            body__scheme=BodyScheme.ROR,
        )
        scope = set(undecided.values_list("body", flat=True))
        ours = [one for one in found if linkage.is_profile(one.left)]
        counts = record_links(actor=actor, found=ours, body_ids=scope)
        between = [one for one in found if not linkage.is_profile(one.left)]
        return counts + _tie(actor, between, theirs)


def _materialise(present: Import, keys: set[str]) -> dict[str, int]:
    """The rows of these ROR records in the database, as the present edition has them."""
    known = {row.key: row for row in Body.objects.filter(scheme=BodyScheme.ROR, key__in=keys)}
    stale = {key for key in keys if key not in known or known[key].last_import_id != present.pk}
    added: list[Body] = []
    changed: list[Body] = []
    for told in warehouse.bodies(present.snapshot, sorted(stale)) if stale else ():
        row = known.get(told["key"]) or Body(
            scheme=BodyScheme.ROR, key=told["key"], first_import=present
        )
        row.last_import = present
        for name in ROR_COLUMNS:
            text = told[name]
            if isinstance(text, str):
                text = text[: LIMITS[name]]
            setattr(row, name, text if text is not None or name in POINT else "")
        (changed if row.pk else added).append(row)
    Body.objects.bulk_update(changed, [*ROR_COLUMNS, "last_import"], batch_size=200)
    Body.objects.bulk_create(added)
    rows = Body.objects.filter(scheme=BodyScheme.ROR, key__in=keys)
    return dict(rows.values_list("key", "pk"))


def _tie(actor: Viewer, found: Iterable[Found], bodies: QuerySet[Body]) -> LinkCounts:
    """Write which record of ROR these bodies are, by the same rules as for profiles."""
    pairs: dict[int, dict[int, Found]] = defaultdict(dict)
    for one in found:
        pairs[linkage.number_in(one.left)][linkage.number_in(one.right)] = one
    present: dict[int, dict[int, Link]] = defaultdict(dict)
    known = Link.objects.filter(same_body__isnull=False, body__in=bodies.values("pk"))
    for link in known.select_for_update().order_by("pk"):
        present[link.body_id][link.same_body_id or 0] = link
    version = linkage.linker_version()
    added: list[Link] = []
    changed: list[Link] = []
    withdrawn: list[int] = []
    for body_id in set(pairs) | set(present):
        links = present[body_id]
        states = {other: link.state for other, link in links.items()}
        wanted = wanted_links(pairs.get(body_id, {}), states)
        if wanted is None:
            continue
        withdrawn += [
            link.pk
            for other, link in links.items()
            if link.state in UNDECIDED and other not in wanted
        ]
        for other, state in wanted.items():
            one = pairs[body_id][other]
            link = links.get(other) or Link(body_id=body_id, same_body_id=other, found_at=actor.now)
            (changed if link.pk else added).append(link)
            link.state, link.model = state, version
            link.probability, link.reasons = one.probability, one.reasons
    Link.objects.filter(pk__in=withdrawn).delete()
    Link.objects.bulk_update(changed, ["state", "probability", "reasons", "model"], batch_size=200)
    Link.objects.bulk_create(added)
    made = sum(link.state == LinkState.MADE for link in added)
    return LinkCounts(made, len(added) - made, len(changed), len(withdrawn))
