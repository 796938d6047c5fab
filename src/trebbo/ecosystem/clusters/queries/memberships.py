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
from trebbo.ecosystem.clusters.queries.networks import visible_clusters
from trebbo.ecosystem.clusters.queries.specialisations import visible_places
from trebbo.ecosystem.organisations.choices import ProfileType
from trebbo.ecosystem.organisations.models import Profile
from trebbo.ecosystem.organisations.policies import view_profile
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

    def __bool__(self) -> bool:
        return bool(self.memberships or self.chains or self.places)


def belonging_of(profile: Profile, *, viewer: Viewer) -> Belonging:
    """Where the body belongs or belonged, what still holds first; three queries."""
    bodies = Q(profile=profile.pk)
    if profile.type == ProfileType.ORGANISATION:
        bodies |= Q(profile__as_unit__organisation=profile.pk)
    visible = view_profile.filter(viewer, Profile.objects.all()).values("pk")
    clusters = visible_clusters(viewer=viewer).order_by().values("pk")
    memberships = Membership.objects.filter(bodies, profile__in=visible, cluster__in=clusters)
    chains = ChainMembership.objects.filter(
        bodies, profile__in=visible, value_chain__cluster__in=clusters
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
    visible = view_profile.filter(viewer, Profile.objects.all()).values("pk")
    return (
        Membership.objects.filter(cluster=cluster, profile__in=visible)
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
