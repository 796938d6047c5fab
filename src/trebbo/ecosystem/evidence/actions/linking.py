"""Links the registry to the bodies of the evidence: makes certain links, proposes likely ones."""

from collections.abc import Iterable

from trebbo.ecosystem.evidence.actions.attribution import attribute
from trebbo.ecosystem.evidence.actions.registers import link_to_ror
from trebbo.ecosystem.evidence.actions.settling import LinkCounts, record_links
from trebbo.ecosystem.evidence.choices import UNDECIDED, BodyScheme
from trebbo.ecosystem.evidence.gateway import linkage
from trebbo.ecosystem.evidence.gateway.linkage import Described, Found
from trebbo.ecosystem.evidence.models import Body, Import, Link
from trebbo.kernel.access import Viewer

OWN_ROWS = Body.objects.exclude(scheme=BodyScheme.ROR)
"""The bodies linked as the database has them; those of ROR are linked with all that ROR says."""


def link_snapshot(*, actor: Viewer, imported: Import) -> LinkCounts:
    """Link the whole registry to the bodies that are new or changed in this import.

    Also links both to ROR, where it was imported, and says whose each participation is, of bodies
    linked before too. What a person decided stays as it is; a link that the system made or
    proposed follows the evidence.
    """
    scope = OWN_ROWS.filter(last_import=imported)
    registry = linkage.profile_entities()
    near = linkage.bodies_near(registry).filter(last_import=imported)
    found = list(linkage.find_links(registry, linkage.body_entities(near)))
    undecided = Link.objects.filter(
        state__in=UNDECIDED, profile__isnull=False, body__in=scope.values("pk")
    )
    counts = _settle(actor, found, set(undecided.values_list("body", flat=True)), registry)
    attribute(actor=actor)
    return counts + link_to_ror(actor=actor)


def link_profiles(*, actor: Viewer, profile_ids: Iterable[int]) -> LinkCounts:
    """Link some profiles to all bodies, after their names, numbers or places changed."""
    ids = list(profile_ids)
    changed = linkage.profile_entities(ids)
    near = linkage.body_entities(linkage.bodies_near(changed))
    bodies = {linkage.number_in(one.right) for one in linkage.find_links(changed, near)}
    undecided = Link.objects.filter(state__in=UNDECIDED, profile__in=ids)
    bodies |= set(undecided.values_list("body", flat=True))
    counts = link_bodies(actor=actor, body_ids=bodies)
    return counts + link_to_ror(actor=actor, profile_ids=ids)


def link_bodies(*, actor: Viewer, body_ids: Iterable[int]) -> LinkCounts:
    """Link these bodies to the whole registry again, and say whose their participations are."""
    rows = OWN_ROWS.filter(pk__in=list(body_ids))
    bodies = set(rows.values_list("pk", flat=True))
    if not bodies:
        return LinkCounts()
    registry = linkage.profile_entities()
    found = list(linkage.find_links(registry, linkage.body_entities(rows)))
    return _settle(actor, found, bodies, registry)


def _settle(actor: Viewer, found: list[Found], bodies: set[int], registry: Described) -> LinkCounts:
    """Write what was found, for the bodies found and for `bodies`.

    Bodies that the same profiles are linked to already are looked at together with the new ones:
    two equally good ones speak against each other, whenever each of them came.
    """
    bodies = bodies | {linkage.number_in(one.right) for one in found}
    profiles = {linkage.number_in(one.left) for one in found}
    known = Link.objects.filter(profile__in=profiles).exclude(body__scheme=BodyScheme.ROR)
    companions = set(known.values_list("body", flat=True)) - bodies
    if companions:
        bodies |= companions
        rows = OWN_ROWS.filter(pk__in=bodies)
        found = list(linkage.find_links(registry, linkage.body_entities(rows)))
    return record_links(actor=actor, found=found, body_ids=bodies)
