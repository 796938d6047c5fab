"""Writes the links that were found, without ever undoing what a person decided."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet

from trebbo.ecosystem.evidence.actions.attribution import attribute
from trebbo.ecosystem.evidence.actions.identifying import give_identifiers, take_identifiers_back
from trebbo.ecosystem.evidence.choices import UNDECIDED, LinkState
from trebbo.ecosystem.evidence.gateway import linkage
from trebbo.ecosystem.evidence.gateway.linkage import Found
from trebbo.ecosystem.evidence.models import Link
from trebbo.kernel.access import Viewer

Pairs = Mapping[int, Mapping[int, Found]]
"""What was found, by the id of the body, then of the profile."""

AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class LinkCounts:
    """What became of the links of the bodies looked at.

    `made` and `proposed` are new or newly so; `kept` are as they were, `withdrawn` no longer hold.
    """

    made: int = 0
    proposed: int = 0
    kept: int = 0
    withdrawn: int = 0

    def __add__(self, other: "LinkCounts") -> "LinkCounts":
        return LinkCounts(
            self.made + other.made,
            self.proposed + other.proposed,
            self.kept + other.kept,
            self.withdrawn + other.withdrawn,
        )


def record_links(*, actor: Viewer, found: Iterable[Found], body_ids: Iterable[int]) -> LinkCounts:
    """Write which profiles the bodies are, as found; `body_ids` are those looked at.

    A link that the system made or proposed is brought up to date, or withdrawn where it was not
    found again; one that a person decided stays. Identifiers and participations follow.
    """
    pairs: dict[int, dict[int, Found]] = defaultdict(dict)
    for one in found:
        pairs[linkage.number_in(one.right)][linkage.number_in(one.left)] = one
    counts = LinkCounts()
    with transaction.atomic():
        ordered = sorted(set(body_ids) | set(pairs))
        for start in range(0, len(ordered), AT_ONCE):
            counts += _write(actor, pairs, ordered[start : start + AT_ONCE])
    return counts


def _write(actor: Viewer, pairs: Pairs, body_ids: list[int]) -> LinkCounts:
    links = _links_of(body_ids)
    version = linkage.linker_version()
    withdrawn: list[Link] = []
    changed: list[Link] = []
    added: list[Link] = []
    states_before: dict[int, str] = {}
    kept = 0
    for body_id in body_ids:
        present = links[body_id]
        wanted = wanted_links(
            pairs.get(body_id, {}), {pk: row.state for pk, row in present.items()}
        )
        if wanted is None:
            kept += len(present)
            continue
        for profile_id, link in present.items():
            if link.state in UNDECIDED and profile_id not in wanted:
                withdrawn.append(link)
        for profile_id, state in wanted.items():
            one = pairs[body_id][profile_id]
            known = present.get(profile_id)
            link = known or Link(body_id=body_id, profile_id=profile_id, found_at=actor.now)
            if known is None:
                added.append(link)
            elif link.state == state and link.model == version and _tells_the_same(link, one):
                kept += 1
                continue
            else:
                states_before[link.pk] = link.state
                changed.append(link)
            link.state, link.model = state, version
            link.probability, link.reasons = one.probability, one.reasons
    _save(actor, withdrawn, changed, added, states_before)
    fresh = [link for link in added + changed if states_before.get(link.pk) != link.state]
    return LinkCounts(
        made=sum(link.state == LinkState.MADE for link in fresh),
        proposed=sum(link.state == LinkState.PROPOSED for link in fresh),
        kept=kept + len(changed) + len(added) - len(fresh),
        withdrawn=len(withdrawn),
    )


def _links_of(body_ids: list[int]) -> dict[int, dict[int, Link]]:
    """The links of these bodies to profiles, held while they are being written."""
    rows: QuerySet[Link] = Link.objects.filter(body__in=body_ids, profile__isnull=False)
    links: dict[int, dict[int, Link]] = defaultdict(dict)
    for link in rows.select_for_update().order_by("pk"):
        links[link.body_id][link.profile_id or 0] = link
    return links


def wanted_links(
    found: Mapping[int, Found], states: Mapping[int, str]
) -> dict[int, LinkState] | None:
    """Which links of one body shall stand, by profile; nothing at all where a person settled it.

    A body is one profile: where two are certain, both are asked about; where one is, the likely
    ones beside it are not. A pair that a person refused is not brought up again.
    """
    if {LinkState.ACCEPTED, LinkState.SPLIT} & set(states.values()):
        return None
    open_ = {
        profile: one for profile, one in found.items() if states.get(profile) != LinkState.REFUSED
    }
    certain = [profile for profile, one in open_.items() if one.certain]
    if len(certain) == 1:
        return {certain[0]: LinkState.MADE}
    return dict.fromkeys(open_, LinkState.PROPOSED)


def _tells_the_same(link: Link, one: Found) -> bool:
    return abs(link.probability - one.probability) < 1e-9 and link.reasons == one.reasons


def _save(
    actor: Viewer,
    withdrawn: list[Link],
    changed: list[Link],
    added: list[Link],
    states_before: Mapping[int, str],
) -> None:
    """Write the links in an order in which no body is ever two profiles; then what follows."""
    lost = [link for link in changed if states_before[link.pk] == LinkState.MADE != link.state]
    take_identifiers_back(actor=actor, links=withdrawn + lost)
    Link.objects.filter(pk__in=[link.pk for link in withdrawn]).delete()
    changed.sort(key=lambda link: link.state == LinkState.MADE)
    for state in (LinkState.PROPOSED, LinkState.MADE):
        Link.objects.bulk_update(
            [link for link in changed if link.state == state],
            ["state", "probability", "reasons", "model"],
            batch_size=200,
        )
    Link.objects.bulk_create(added)
    settled = [link for link in added + changed if link.state == LinkState.MADE]
    give_identifiers(actor=actor, links=settled)
    touched = {link.body_id for link in (*withdrawn, *lost, *settled)}
    attribute(actor=actor, body_ids=touched)
