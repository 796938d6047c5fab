"""What the offices of clusters and networks may do, also with their members' profiles."""

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from trebbo.ecosystem.accounts.models import Mandate
from trebbo.ecosystem.clusters.choices import MembershipState
from trebbo.ecosystem.clusters.models import (
    Cluster,
    Membership,
    Network,
    Specialisation,
    ValueChain,
)
from trebbo.ecosystem.organisations.choices import ProfileType, Visibility
from trebbo.ecosystem.organisations.models import Profile, Unit, holding_on
from trebbo.ecosystem.organisations.policies import (
    edit_profile,
    invite_to_profile,
    view_profile,
)
from trebbo.kernel.access import Viewer
from trebbo.kernel.policies import NOTHING, Grant, Rule

IN_THE_CLUSTER = (MembershipState.CANDIDATE, MembershipState.ACTIVE, MembershipState.SUSPENDED)

coordinate_network: Rule[Network] = Rule("coordinate_network")
manage_cluster: Rule[Cluster] = Rule("manage_cluster")
manage_value_chain: Rule[ValueChain] = Rule("manage_value_chain")
manage_specialisation: Rule[Specialisation] = Rule("manage_specialisation")


def memberships_on(day: date) -> QuerySet[Membership]:
    """Memberships that are not over on `day`: candidates, active and suspended.

    One that will end later, by withdrawal or exclusion, still counts until its last day.
    """
    return Membership.objects.filter(
        holding_on(day), Q(state__in=IN_THE_CLUSTER) | Q(valid_until__isnull=False)
    )


def _members_in_care(viewer: Viewer) -> QuerySet[Membership]:
    """Memberships of the clusters that the viewer's office runs or coordinates."""
    return memberships_on(viewer.today).filter(
        Q(cluster__in=viewer.managed_clusters) | Q(cluster__network__in=viewer.agency_networks)
    )


def _cares_for(viewer: Viewer, profile: Profile) -> bool:
    return viewer.is_office and _members_in_care(viewer).filter(profile=profile.pk).exists()


def _runs_cluster(viewer: Viewer, profile: Profile) -> bool:
    return (
        profile.pk in viewer.managed_clusters
        or Cluster.objects.filter(pk=profile.pk, network__in=viewer.agency_networks).exists()
    )


def _clusters_run(viewer: Viewer) -> Q:
    return Q(pk__in=viewer.managed_clusters) | Q(as_cluster__network__in=viewer.agency_networks)


OFFICE = Grant(
    "its cluster's office or agency",
    _cares_for,
    lambda viewer: Q(pk__in=_members_in_care(viewer).values("profile")),
)
CLUSTER_OFFICE = Grant("the office of the cluster itself", _runs_cluster, _clusters_run)

coordinate_network.add(
    Grant(
        "agency",
        lambda viewer, network: network.pk in viewer.agency_networks,
        lambda viewer: Q(pk__in=viewer.agency_networks),
    )
)
manage_specialisation.add(
    Grant(
        "agency of a network",
        lambda viewer, specialisation: bool(viewer.agency_networks),
        lambda viewer: ~NOTHING if viewer.agency_networks else NOTHING,
    )
)
manage_cluster.add(
    Grant(
        "office or agency",
        lambda viewer, cluster: (
            cluster.pk in viewer.managed_clusters or cluster.network_id in viewer.agency_networks
        ),
        lambda viewer: Q(pk__in=viewer.managed_clusters) | Q(network__in=viewer.agency_networks),
    )
)
manage_value_chain.add(
    Grant(
        "office or agency",
        lambda viewer, chain: (
            chain.cluster_id in viewer.managed_clusters
            or chain.cluster.network_id in viewer.agency_networks
        ),
        lambda viewer: (
            Q(cluster__in=viewer.managed_clusters) | Q(cluster__network__in=viewer.agency_networks)
        ),
    )
)
manage_value_chain.add(
    Grant(
        "its chair",
        lambda viewer, chain: chain.pk in viewer.chains,
        lambda viewer: Q(pk__in=viewer.chains),
    )
)


def extend_profile_rules() -> None:
    """Let offices see, edit and open to colleagues the profiles of their members and clusters."""
    for rule in (view_profile, edit_profile, invite_to_profile):
        rule.add(OFFICE)
        rule.add(CLUSTER_OFFICE)
    for rule in (view_profile, edit_profile):
        rule.add(NEWCOMER)


def _never_kept(profile: str = "pk") -> Q:
    """Whether nobody has ever acted for what `profile` leads to, and no cluster has ever had it."""
    acted_for = Mandate.objects.filter(profile=OuterRef(profile))
    had = Membership.objects.filter(profile=OuterRef(profile))
    return Q(~Exists(acted_for)) & Q(~Exists(had))


def _newcomers(viewer: Viewer) -> Q:
    """Organisations that are nobody's, and such units of these or of the office's own members.

    What was somebody's once stays with the agency, so that no office takes it over; so do
    Technopoles and clusters, and what somebody has hidden.
    """
    if not viewer.is_office:
        return NOTHING
    own_members = _members_in_care(viewer).filter(profile=OuterRef("organisation"))
    units = Unit.objects.filter(
        _never_kept("organisation") | Q(Exists(own_members)), pk=OuterRef("pk")
    )
    shown = ~Q(visibility=Visibility.HIDDEN)
    return (Q(type=ProfileType.ORGANISATION) | Q(Exists(units))) & _never_kept() & shown


NEWCOMER: Grant[Profile] = Grant(
    "any office, until somebody looks after it",
    lambda viewer, profile: (
        viewer.is_office and Profile.objects.filter(_newcomers(viewer), pk=profile.pk).exists()
    ),
    _newcomers,
)
