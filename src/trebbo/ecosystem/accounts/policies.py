"""Who may invite colleagues, give and end mandates, and appoint people to roles.

The rules are stated here and hold no grants of areas above: the registry says who represents a
profile, the clusters say whose office cares for it, each by adding its own grants.
"""

from typing import Any

from django.db.models import Q

from trebbo.kernel.access import Viewer
from trebbo.kernel.policies import Grant, Rule

# The objects of the rules are, in order: a profile, a profile, a cluster, a network.
invite_colleague: Rule[Any] = Rule("invite_colleague")
see_colleagues: Rule[Any] = Rule("see_colleagues")
appoint_in_cluster: Rule[Any] = Rule("appoint_in_cluster")
appoint_in_network: Rule[Any] = Rule("appoint_in_network")

see_colleagues.add(
    Grant(
        "acts for it",
        lambda viewer, profile: profile.pk in viewer.mandates,
        lambda viewer: Q(pk__in=list(viewer.mandates)),
    )
)
see_colleagues.add(Grant("may invite", invite_colleague.allows, invite_colleague.condition))
appoint_in_cluster.add(
    Grant(
        "coordinates its network",
        lambda viewer, cluster: cluster.network_id in viewer.agency_networks,
        lambda viewer: Q(network__in=viewer.agency_networks),
    )
)
appoint_in_network.add(
    Grant(
        "coordinates it",
        lambda viewer, network: network.pk in viewer.agency_networks,
        lambda viewer: Q(pk__in=viewer.agency_networks),
    )
)


def may_register_people(viewer: Viewer) -> bool:
    """Whether the viewer may open accounts without an invitation: only those who coordinate."""
    return bool(viewer.agency_networks)
