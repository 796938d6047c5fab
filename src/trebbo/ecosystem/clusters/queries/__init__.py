"""What networks, clusters, value chains and specialisations tell, to each what they may see."""

from trebbo.ecosystem.clusters.queries.clusters import ChainLine, ClusterPage, cluster_page
from trebbo.ecosystem.clusters.queries.composition import (
    Composition,
    Tally,
    kind_labels,
    visible_memberships,
)
from trebbo.ecosystem.clusters.queries.figures import Figures, year_of
from trebbo.ecosystem.clusters.queries.memberships import (
    Belonging,
    belonging_of,
    memberships_of,
    possible_members,
)
from trebbo.ecosystem.clusters.queries.networks import (
    ClusterCounts,
    NetworkPage,
    network_page,
    visible_clusters,
)
from trebbo.ecosystem.clusters.queries.specialisations import (
    SpecialisationPage,
    named_specialisations,
    specialisation_page,
)
from trebbo.ecosystem.clusters.queries.value_chains import ValueChainPage, value_chain_page

__all__ = [
    "Belonging",
    "ChainLine",
    "ClusterCounts",
    "ClusterPage",
    "Composition",
    "Figures",
    "NetworkPage",
    "SpecialisationPage",
    "Tally",
    "ValueChainPage",
    "belonging_of",
    "cluster_page",
    "kind_labels",
    "memberships_of",
    "named_specialisations",
    "network_page",
    "possible_members",
    "specialisation_page",
    "value_chain_page",
    "visible_clusters",
    "visible_memberships",
    "year_of",
]
