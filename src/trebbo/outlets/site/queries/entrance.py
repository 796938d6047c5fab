"""Reads the numbers of the home page."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db.models import Count, Q

from trebbo.ecosystem.clusters.models import Network, Specialisation, ValueChain
from trebbo.ecosystem.organisations.choices import ProfileType, Standing
from trebbo.ecosystem.organisations.models import Profile, holding_on
from trebbo.ecosystem.organisations.policies import view_profile
from trebbo.kernel.access import Viewer


@dataclass(frozen=True, slots=True)
class Numbers:
    """How much the registry holds that the viewer may see."""

    organisations: int
    units: int
    technopoles: int
    clusters: int
    value_chains: int
    confirmed: int


@dataclass(frozen=True, slots=True)
class Entrance:
    """What the home page opens onto."""

    numbers: Numbers
    networks: tuple[Network, ...]
    clusters: tuple[Profile, ...]
    specialisations: tuple[Specialisation, ...]


def entrance(*, viewer: Viewer) -> Entrance:
    """The numbers, networks, clusters and specialisations that the home page shows."""
    visible = view_profile.filter(viewer, Profile.objects.all())
    counted = visible.aggregate(
        organisations=Count("pk", filter=Q(type=ProfileType.ORGANISATION)),
        units=Count("pk", filter=Q(type=ProfileType.UNIT)),
        technopoles=Count("pk", filter=Q(type=ProfileType.TECHNOPOLE)),
        clusters=Count("pk", filter=Q(type=ProfileType.CLUSTER)),
        confirmed=Count("pk", filter=Q(due_date__gte=viewer.today)),
    )
    chains = ValueChain.objects.filter(holding_on(viewer.today), cluster__in=visible)
    return Entrance(
        numbers=Numbers(**counted, value_chains=chains.count()),
        networks=tuple(Network.objects.order_by("pk")),
        clusters=tuple(
            visible.filter(type=ProfileType.CLUSTER)
            .select_related("as_cluster")
            .order_by("sort_name")
        ),
        specialisations=tuple(Specialisation.objects.order_by("slug")),
    )


def example_facts(*, viewer: Viewer) -> list[Profile]:
    """A fact of each standing, made up for the component gallery and kept nowhere."""
    return [Profile(standing=standing, changed_at=viewer.now) for standing in Standing]


def example_profiles(*, viewer: Viewer) -> list[Profile]:
    """A profile in each state of freshness, made up for the component gallery and kept nowhere."""
    grace = settings.CONFIRMATION_GRACE_DAYS
    ages = (None, -30, grace // 2, grace + 30)  # days since the confirmation was due
    return [
        Profile(confirmed_at=None, due_date=None)
        if age is None
        else Profile(
            confirmed_at=viewer.now - timedelta(days=settings.CONFIRMATION_DAYS + age),
            due_date=viewer.today - timedelta(days=age),
        )
        for age in ages
    ]
