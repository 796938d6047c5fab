"""Fairness floors at work: who belongs to a group, and who moves up for it."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from django.db.models import Count, Q

from trebbo.ecosystem.clusters.models import Membership
from trebbo.ecosystem.clusters.policies import IN_THE_CLUSTER
from trebbo.ecosystem.organisations.choices import Kind
from trebbo.ecosystem.organisations.models import KindPeriod, Profile, Seat, holding_on
from trebbo.kernel.access import Viewer
from trebbo.partnering.introductions import gateway
from trebbo.partnering.introductions.choices import FloorGroup
from trebbo.partnering.introductions.models import FairnessFloor

if TYPE_CHECKING:
    from trebbo.partnering.introductions.queries.matched import Placed

NEWCOMER_WORKS = 1
"""Who took part in no more funded projects than this is new."""
WORTHY_SHARE = 0.3
"""Only who has at least this share of the best score may move up: a floor shows nobody unfit."""


def under_floors(
    placed: Sequence["Placed"], *, asker: Profile | None, viewer: Viewer
) -> Sequence["Placed"]:
    """The order in which the floors of the offices hold; one query where there are none.

    Floors of a network hold for every ask, those of a cluster for asks by its members and office.
    """
    floors = list(_floors(asker, viewer))
    if not floors or not placed:
        return placed
    by_key = {one.hit.key: one for one in placed}
    groups = groups_of([gateway.id_of(key) for key in by_key], viewer=viewer)
    least = placed[0].score * WORTHY_SHARE
    order = gateway.with_floors(
        list(by_key),
        {gateway.key_of(pk): names for pk, names in groups.items()},
        [gateway.Floor(_name(one.group, one.value), one.share / 100) for one in floors],
        worthy={key for key, one in by_key.items() if one.score >= least},
    )
    return [by_key[key] for key in order]


def _floors(asker: Profile | None, viewer: Viewer) -> Iterable[FairnessFloor]:
    clusters = Q(cluster__in=viewer.managed_clusters)
    if asker:
        members = Membership.objects.filter(
            holding_on(viewer.today), profile=asker, state__in=IN_THE_CLUSTER
        )
        clusters |= Q(cluster__in=members.values("cluster"))
    return FairnessFloor.objects.filter(Q(network__isnull=False) | clusters).order_by("pk")


def _name(group: str, value: str) -> str:
    return f"{group} {value}".strip()


def groups_of(ids: Sequence[int], *, viewer: Viewer) -> dict[int, set[str]]:
    """The groups of each profile by which fairness is told: SME, newcomer, province. Three queries.

    The kind decides what is an SME, whatever its size in any one year.
    """
    now = holding_on(viewer.today)
    found: dict[int, set[str]] = {pk: set() for pk in ids}
    small = KindPeriod.objects.filter(now, organisation__in=ids, kind=Kind.SME)
    for pk in small.values_list("organisation_id", flat=True):
        found[pk].add(FloorGroup.SME.value)
    new = Profile.objects.filter(pk__in=ids).annotate(
        works=Count("participations__project", distinct=True)
    )
    for pk in new.filter(works__lte=NEWCOMER_WORKS).values_list("pk", flat=True):
        found[pk].add(FloorGroup.NEWCOMER.value)
    seats = Seat.objects.filter(now, profile__in=ids, municipality__isnull=False)
    for pk, province in seats.values_list("profile_id", "municipality__province_id"):
        found[pk].add(_name(FloorGroup.PROVINCE, province))
    return found
