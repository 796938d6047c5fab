"""Who may read the text or the teaser of a need: by circle, by name, or by working on it."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from trebbo.ecosystem.clusters.models import (
    ChainMembership,
    Cluster,
    Membership,
    Network,
    ValueChain,
)
from trebbo.ecosystem.clusters.policies import memberships_on
from trebbo.ecosystem.organisations.models import Unit, holding_on
from trebbo.ecosystem.organisations.policies import belongs_to_network
from trebbo.kernel.access import Viewer
from trebbo.kernel.policies import NOTHING, Grant, Rule
from trebbo.partnering.introductions.choices import Circle
from trebbo.partnering.introductions.models import Ask, AskReader
from trebbo.partnering.introductions.policies.asks import view_ask

read_text: Rule[Ask] = Rule("read_text")
read_teaser: Rule[Ask] = Rule("read_teaser")

STILL_OPEN = Q(closed_at__isnull=True)


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


@dataclass(frozen=True, slots=True)
class CirclesToChoose:
    """The networks, clusters and value chains to which a person may open an ask."""

    networks: QuerySet[Network]
    clusters: QuerySet[Cluster]
    chains: QuerySet[ValueChain]


def circles_to_choose(viewer: Viewer, ask: Ask) -> CirclesToChoose:
    """Those of the viewer, and those that were chosen already, perhaps by a colleague."""
    return CirclesToChoose(
        networks=own_networks(viewer) | Network.objects.filter(pk=ask.network_id or 0),
        clusters=own_clusters(viewer) | Cluster.objects.filter(pk=ask.cluster_id or 0),
        chains=own_chains(viewer) | ValueChain.objects.filter(pk=ask.value_chain_id or 0),
    )


def _in_circle(viewer: Viewer, field: str) -> Q:
    condition = Q(**{field: Circle.PUBLIC})
    if belongs_to_network(viewer):
        condition |= Q(**{field: Circle.NETWORK}, network__in=own_networks(viewer).values("pk"))
        condition |= Q(**{field: Circle.CLUSTER}, cluster__in=own_clusters(viewer).values("pk"))
        condition |= Q(**{field: Circle.CHAIN}, value_chain__in=own_chains(viewer).values("pk"))
    return STILL_OPEN & condition


def _named(viewer: Viewer) -> Q:
    if not viewer.signed_in:
        return NOTHING
    return STILL_OPEN & Q(pk__in=AskReader.objects.filter(person=viewer.person_id).values("ask"))


WORKS_ON_IT: Grant[Ask] = Grant("works on it", view_ask.allows, view_ask.condition)
NAMED: Grant[Ask] = Grant(
    "named as a reader",
    lambda viewer, ask: Ask.objects.filter(_named(viewer), pk=ask.pk).exists(),
    _named,
)
CIRCLE: Grant[Ask] = Grant(
    "in the circle of the text",
    lambda viewer, ask: Ask.objects.filter(_in_circle(viewer, "circle"), pk=ask.pk).exists(),
    lambda viewer: _in_circle(viewer, "circle"),
)
TEASER_CIRCLE: Grant[Ask] = Grant(
    "in the circle of the teaser",
    lambda viewer, ask: Ask.objects.filter(_in_circle(viewer, "teaser_circle"), pk=ask.pk).exists(),
    lambda viewer: _in_circle(viewer, "teaser_circle"),
)
for grant in (WORKS_ON_IT, NAMED, CIRCLE):
    read_text.add(grant)
    read_teaser.add(grant)
read_teaser.add(TEASER_CIRCLE)
