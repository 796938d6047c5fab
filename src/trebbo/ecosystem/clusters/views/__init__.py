"""Pages of networks, clusters, value chains and specialisations."""

from trebbo.ecosystem.clusters.views.editing import cluster_edit, value_chain_edit
from trebbo.ecosystem.clusters.views.members import cluster_members
from trebbo.ecosystem.clusters.views.pages import (
    cluster,
    network,
    specialisation,
    specialisations,
    value_chain,
)
from trebbo.ecosystem.clusters.views.sections import memberships_section

__all__ = [
    "cluster",
    "cluster_edit",
    "cluster_members",
    "memberships_section",
    "network",
    "specialisation",
    "specialisations",
    "value_chain",
    "value_chain_edit",
]
