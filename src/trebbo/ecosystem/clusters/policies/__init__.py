"""What the offices of clusters and networks may do, and who belongs to which circle."""

from trebbo.ecosystem.clusters.policies.circles import (
    CirclesToChoose,
    circles_to_choose,
    in_circle,
    own_bodies,
    own_chains,
    own_clusters,
    own_networks,
)
from trebbo.ecosystem.clusters.policies.offices import (
    CLUSTER_OFFICE,
    IN_THE_CLUSTER,
    NEWCOMER,
    OFFICE,
    coordinate_network,
    extend_profile_rules,
    manage_cluster,
    manage_specialisation,
    manage_value_chain,
    memberships_on,
)

__all__ = [
    "CLUSTER_OFFICE",
    "IN_THE_CLUSTER",
    "NEWCOMER",
    "OFFICE",
    "CirclesToChoose",
    "circles_to_choose",
    "coordinate_network",
    "extend_profile_rules",
    "in_circle",
    "manage_cluster",
    "manage_specialisation",
    "manage_value_chain",
    "memberships_on",
    "own_bodies",
    "own_chains",
    "own_clusters",
    "own_networks",
]
