"""Where a body belongs, for its own page; and a cluster's members, for its office."""

from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from trebbo.ecosystem.clusters.models import (
    ChainMembership,
    Cluster,
    Membership,
    SpecialisationPlace,
)
from trebbo.ecosystem.clusters.queries.specialisations import visible_places
from trebbo.ecosystem.organisations.choices import ProfileType
from trebbo.ecosystem.organisations.models import Profile, Unit
from trebbo.ecosystem.organisations.policies import seen_by, view_profile
from trebbo.kernel.access import Viewer
from trebbo.kernel.text import fold

T = TypeVar("T", Membership, ChainMembership)

MOST_FOUND = 12


@dataclass(frozen=True, slots=True)
class Belonging:
    """The clusters, value chains and specialisations of a body and, if it has any, of its units."""

    memberships: tuple[Membership, ...]
    chains: tuple[ChainMembership, ...]
    places: tuple[SpecialisationPlace, ...]

    @property
    def by_cluster(self) -> tuple[tuple[Membership, ...], ...]:
        """The memberships of each cluster together: those of the body and of its units."""
        groups: dict[int, list[Membership]] = {}
        for membership in self.memberships:
            groups.setdefault(membership.cluster_id, []).append(membership)
        return tuple(tuple(group) for group in groups.values())

    def __bool__(self) -> bool:
        return bool(self.memberships or self.chains or self.places)


def belonging_of(profile: Profile, *, viewer: Viewer) -> Belonging:
    """Where the body belongs or belonged, what still holds first; three queries."""
    bodies = Q(profile=profile.pk)
    if profile.type == ProfileType.ORGANISATION:
        bodies |= Q(profile__in=Unit.objects.filter(organisation=profile.pk).values("pk"))
    memberships = Membership.objects.filter(
        bodies, seen_by(viewer, "profile"), seen_by(viewer, "cluster")
    )
    chains = ChainMembership.objects.filter(
        bodies, seen_by(viewer, "profile"), seen_by(viewer, "value_chain__cluster")
    )
    return Belonging(
        memberships=_present_first(
            memberships.select_related("profile", "cluster").order_by("cluster__sort_name", "pk")
        ),
        chains=_present_first(
            chains.select_related("profile", "value_chain__cluster").order_by("value_chain", "pk")
        ),
        places=tuple(
            visible_places(viewer=viewer)
            .filter(bodies)
            .select_related("profile", "specialisation")
            .order_by("specialisation", "pk")
        ),
    )


def memberships_of(cluster: Cluster, *, viewer: Viewer) -> QuerySet[Membership]:
    """All memberships of a cluster, past ones too, for its office: by name, the latest first."""
    return (
        Membership.objects.filter(seen_by(viewer, "profile"), cluster=cluster)
        .select_related("profile")
        .order_by("profile__sort_name", F("valid_until").desc(nulls_first=True), "pk")
    )


def possible_members(words: str, cluster: Cluster, *, viewer: Viewer) -> QuerySet[Profile]:
    """Organisations and units whose name or acronym holds all the words; at most `MOST_FOUND`.

    Those that have a membership of the cluster without an end are left out.
    """
    visible = view_profile.filter(viewer, Profile.objects.all())
    rows = visible.filter(type__in=(ProfileType.ORGANISATION, ProfileType.UNIT))
    for word in fold(words).split()[:8]:
        rows = rows.filter(Q(sort_name__contains=word) | Q(acronym__icontains=word))
    taken = Membership.objects.filter(
        profile=OuterRef("pk"), cluster=cluster, valid_until__isnull=True
    )
    return rows.filter(~Exists(taken)).order_by("sort_name")[:MOST_FOUND]


def _present_first(rows: QuerySet[T]) -> tuple[T, ...]:
    return tuple(sorted(rows, key=lambda row: row.valid_until is not None))
