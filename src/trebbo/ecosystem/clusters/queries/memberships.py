"""Where a body belongs, for its own page; and a cluster's members, for its office."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from trebbo.ecosystem.clusters.models import (
    ChainMembership,
    Cluster,
    Membership,
    Specialisation,
    SpecialisationPlace,
    ValueChain,
)
from trebbo.ecosystem.clusters.queries.specialisations import visible_places
from trebbo.ecosystem.organisations.choices import ProfileType
from trebbo.ecosystem.organisations.models import Profile, Unit
from trebbo.ecosystem.organisations.policies import seen_by, view_profile
from trebbo.ecosystem.organisations.queries.gathering import Row, in_one_query
from trebbo.kernel.access import Viewer
from trebbo.kernel.text import fold

T = TypeVar("T", Membership, ChainMembership)

MOST_FOUND = 12
BODY = {"body": "profile_id", "body_name": "profile__name", "body_name_en": "profile__name_en"}
CHAIN = {
    **BODY,
    **{name: name for name in ("id", "role", "valid_from", "valid_until", "source", "standing")},
    "chain": "value_chain_id",
    "slug": "value_chain__slug",
    "name_it": "value_chain__name_it",
    "name_en": "value_chain__name_en",
    "cluster": "value_chain__cluster_id",
    "cluster_name": "value_chain__cluster__name",
    "cluster_name_en": "value_chain__cluster__name_en",
}
PLACE = {
    **BODY,
    **{name: name for name in ("id", "evidence_it", "evidence_en", "source", "standing")},
    "specialisation": "specialisation_id",
    "slug": "specialisation__slug",
    "name_it": "specialisation__name_it",
    "name_en": "specialisation__name_en",
}
"""What a body's page says of a value chain and of a specialisation, by columns."""


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
    """Where the body belongs or belonged, what still holds first; two queries."""
    bodies = Q(profile=profile.pk)
    if profile.type == ProfileType.ORGANISATION:
        bodies |= Q(profile__in=Unit.objects.filter(organisation=profile.pk).values("pk"))
    memberships = Membership.objects.filter(
        bodies, seen_by(viewer, "profile"), seen_by(viewer, "cluster")
    )
    chains = ChainMembership.objects.filter(
        bodies, seen_by(viewer, "profile"), seen_by(viewer, "value_chain__cluster")
    )
    places = visible_places(viewer=viewer).filter(bodies)
    chain_rows, place_rows = in_one_query((chains, CHAIN), (places, PLACE))
    return Belonging(
        memberships=_present_first(
            memberships.select_related("profile", "cluster").order_by("cluster__sort_name", "pk")
        ),
        chains=_present_first(sorted(map(_chain, chain_rows), key=_by_chain)),
        places=tuple(
            sorted(map(_place, place_rows), key=lambda row: (row.specialisation_id, row.pk))
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


def _chain(row: Row) -> ChainMembership:
    cluster = Cluster(pk=row["cluster"], name=row["cluster_name"], name_en=row["cluster_name_en"])
    chain = ValueChain(
        pk=row["chain"],
        slug=row["slug"],
        name_it=row["name_it"],
        name_en=row["name_en"],
        cluster=cluster,
    )
    days = {name: _day(row[name]) for name in ("valid_from", "valid_until")}
    return ChainMembership(
        pk=row["id"],
        profile=_body(row),
        value_chain=chain,
        role=row["role"],
        source=row["source"],
        standing=row["standing"],
        **days,
    )


def _place(row: Row) -> SpecialisationPlace:
    specialisation = Specialisation(
        pk=row["specialisation"], slug=row["slug"], name_it=row["name_it"], name_en=row["name_en"]
    )
    return SpecialisationPlace(
        pk=row["id"],
        profile=_body(row),
        specialisation=specialisation,
        evidence_it=row["evidence_it"],
        evidence_en=row["evidence_en"],
        source=row["source"],
        standing=row["standing"],
    )


def _body(row: Row) -> Profile:
    return Profile(pk=row["body"], name=row["body_name"], name_en=row["body_name_en"])


def _day(written: str | None) -> date | None:
    return date.fromisoformat(written) if written else None


def _by_chain(row: ChainMembership) -> tuple[int, int]:
    return row.value_chain_id, row.pk


def _present_first(rows: Iterable[T]) -> tuple[T, ...]:
    return tuple(sorted(rows, key=lambda row: row.valid_until is not None))
