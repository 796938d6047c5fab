"""Who belongs to which circle: the networks, clusters and chains for which somebody speaks."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from trebbo.ecosystem.clusters.choices import Circle
from trebbo.ecosystem.clusters.models import (
    ChainMembership,
    Circled,
    Cluster,
    Membership,
    Network,
    ValueChain,
)
from trebbo.ecosystem.clusters.policies.offices import memberships_on
from trebbo.ecosystem.organisations.models import Unit, holding_on
from trebbo.ecosystem.organisations.policies import belongs_to_network
from trebbo.kernel.access import Viewer


def own_bodies(viewer: Viewer) -> Q:
    """The bodies for which somebody speaks in a circle, by `profile`.

    Those they act for, with the organisations of units among these and the units of organisations
    among them: a laboratory is of the cluster of which its university is a member, and the other
    way round.
    """
    acts_for = list(viewer.mandates)
    owners = Unit.objects.filter(pk__in=acts_for).values("organisation")
    own_units = Q(profile__as_unit__organisation__in=acts_for)
    return Q(profile__in=acts_for) | Q(profile__in=owners) | own_units


def own_clusters(viewer: Viewer) -> QuerySet[Cluster]:
    """The clusters to whose circle somebody belongs, by a role, their agency or a membership."""
    memberships: QuerySet[Membership] = memberships_on(viewer.today).filter(own_bodies(viewer))
    return Cluster.objects.filter(
        Q(pk__in=list(viewer.clusters))
        | Q(network__in=viewer.agency_networks)
        | Q(pk__in=memberships.values("cluster"))
    )


def own_networks(viewer: Viewer) -> QuerySet[Network]:
    """The networks to whose circle somebody belongs, by a role or by one of their clusters."""
    through_clusters = own_clusters(viewer).values("network")
    return Network.objects.filter(Q(pk__in=list(viewer.networks)) | Q(pk__in=through_clusters))


def own_chains(viewer: Viewer) -> QuerySet[ValueChain]:
    """The value chains to whose circle somebody belongs: members, chairs, the cluster's offices."""
    taken_part = ChainMembership.objects.filter(holding_on(viewer.today), own_bodies(viewer))
    return ValueChain.objects.filter(
        Q(pk__in=viewer.chains)
        | Q(pk__in=taken_part.values("value_chain"))
        | Q(cluster__in=viewer.managed_clusters)
        | Q(cluster__network__in=viewer.agency_networks)
    )


def in_circle(viewer: Viewer, field: str = "circle") -> Q:
    """The condition on a table of `Circled` that the viewer is in the circle that `field` names.

    Named people are not: who they are is the table's own business.
    """
    condition = Q(**{field: Circle.PUBLIC})
    if belongs_to_network(viewer):
        condition |= Q(**{field: Circle.NETWORK}, network__in=own_networks(viewer).values("pk"))
        condition |= Q(**{field: Circle.CLUSTER}, cluster__in=own_clusters(viewer).values("pk"))
        condition |= Q(**{field: Circle.CHAIN}, value_chain__in=own_chains(viewer).values("pk"))
    return condition


@dataclass(frozen=True, slots=True)
class CirclesToChoose:
    """The networks, clusters and value chains to which a person may open something."""

    networks: QuerySet[Network]
    clusters: QuerySet[Cluster]
    chains: QuerySet[ValueChain]


def circles_to_choose(viewer: Viewer, chosen: Circled | None = None) -> CirclesToChoose:
    """Those of the viewer, and those that were `chosen` already, perhaps by a colleague."""
    network_id = chosen.network_id if chosen else None
    cluster_id = chosen.cluster_id if chosen else None
    chain_id = chosen.value_chain_id if chosen else None
    return CirclesToChoose(
        networks=own_networks(viewer) | Network.objects.filter(pk=network_id or 0),
        clusters=own_clusters(viewer) | Cluster.objects.filter(pk=cluster_id or 0),
        chains=own_chains(viewer) | ValueChain.objects.filter(pk=chain_id or 0),
    )
