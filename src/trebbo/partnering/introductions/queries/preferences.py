"""Reads how bodies wish to be shown in asks, and the floors that offices set."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Case, Q, QuerySet, When

from trebbo.ecosystem.clusters.models import Cluster, Network
from trebbo.ecosystem.organisations.choices import ProfileType
from trebbo.ecosystem.organisations.models import Profile, Unit
from trebbo.ecosystem.organisations.policies import view_profile
from trebbo.ecosystem.vocabularies.models import Province
from trebbo.kernel.access import Viewer
from trebbo.kernel.text import fold
from trebbo.partnering.introductions.models import FairnessFloor, KeptApart
from trebbo.partnering.introductions.policies import set_floor, set_preferences, view_floor

MOST_NAMED = 12


@dataclass(frozen=True, slots=True)
class Preferences:
    """How a profile wishes to be shown in asks, and from whom it is kept apart by its own word."""

    profile: Profile
    is_silent: bool
    no_capacity_until: date | None
    most_a_month: int | None
    kept_apart: tuple[KeptApart, ...]


def preferences_of(slug: str, *, viewer: Viewer) -> Preferences | None:
    """The preferences of the profile at this address, for those who may set them; else None."""
    rows = set_preferences.filter(viewer, Profile.objects.filter(slug=slug))
    profile = rows.select_related("asking_preference").first()
    if profile is None:
        return None
    said = getattr(profile, "asking_preference", None)
    return Preferences(
        profile=profile,
        is_silent=bool(said and said.is_silent),
        no_capacity_until=said.no_capacity_until if said else None,
        most_a_month=said.most_a_month if said else None,
        kept_apart=tuple(
            KeptApart.objects.filter(profile=profile)
            .select_related("other")
            .order_by("other__sort_name")
        ),
    )


def not_shown(askers: Iterable[int], *, viewer: Viewer) -> frozenset[int]:
    """The ids of the profiles that are shown in no ask, or in none of these askers, to nobody.

    Who is kept apart from an organisation is so from its units too, and the other way round.
    """
    return frozenset(rows_not_shown(askers).values_list("pk", flat=True))


def rows_not_shown(askers: Iterable[int]) -> QuerySet[Profile]:
    """The profiles that `not_shown` speaks of, to be part of another query."""
    own = list(askers)
    owners = Unit.objects.filter(pk__in=own).values("organisation")
    said = KeptApart.objects.filter(Q(profile__in=own) | Q(profile__in=owners)).values("other")
    heard = KeptApart.objects.filter(Q(other__in=own) | Q(other__in=owners)).values("profile")
    hidden = Q(asking_preference__is_silent=True)
    for rows in (said, heard) if own else ():
        hidden |= Q(pk__in=rows) | Q(as_unit__organisation__in=rows)
    return Profile.objects.filter(hidden)


def profiles_named(words: str, *, viewer: Viewer, without: Iterable[int] = ()) -> QuerySet[Profile]:
    """Visible profiles, clusters left out, whose name or acronym holds all the words; the first."""
    rows = view_profile.filter(viewer, Profile.objects.exclude(type=ProfileType.CLUSTER))
    for word in fold(words).split()[:8]:
        rows = rows.filter(Q(sort_name__contains=word) | Q(acronym__icontains=word))
    found = rows.exclude(pk__in=list(without)).order_by("sort_name")[:MOST_NAMED]
    return found if words.strip() else found.none()


def visible_floors(*, viewer: Viewer) -> QuerySet[FairnessFloor]:
    """The floors of the viewer's offices and of their networks; those one may set are marked.

    The mark is the attribute `may_set`.
    """
    own = Case(When(set_floor.condition(viewer), then=True), default=False)
    rows = view_floor.filter(viewer, FairnessFloor.objects.select_related("cluster", "network"))
    return rows.annotate(may_set=own).order_by("network", "cluster", "group", "value")


def floor_offices(*, viewer: Viewer) -> list[tuple[str, str]]:
    """The offices for which the viewer may set floors: a key such as "cluster-3", and a name."""
    clusters = Cluster.objects.filter(pk__in=viewer.managed_clusters).order_by("sort_name")
    networks = Network.objects.filter(pk__in=viewer.agency_networks).order_by("slug")
    return [
        *((f"network-{network.pk}", network.name) for network in networks),
        *((f"cluster-{cluster.pk}", cluster.title) for cluster in clusters),
    ]


def province_choices(*, viewer: Viewer) -> list[tuple[str, str]]:
    """The provinces, by name."""
    return sorted(
        ((row.code, row.name) for row in Province.objects.all()), key=lambda pair: fold(pair[1])
    )
