"""Changes: one function per thing a person can do with networks, clusters and value chains."""

from trebbo.ecosystem.clusters.actions.circles import CircleRefused, Opening, checked_opening
from trebbo.ecosystem.clusters.actions.facts import FactRefused
from trebbo.ecosystem.clusters.actions.memberships import (
    MembershipRefused,
    admit_member,
    change_membership_state,
    end_membership,
    propose_candidate,
)
from trebbo.ecosystem.clusters.actions.networks import (
    CLUSTER_FIELDS,
    ClusterRefused,
    NetworkRefused,
    add_label,
    edit_cluster,
    edit_network,
    found_cluster,
    found_network,
    recognise_cluster,
)
from trebbo.ecosystem.clusters.actions.specialisations import (
    FigureRefused,
    SpecialisationRefused,
    name_specialisation,
    place_in_specialisation,
    record_figure,
)
from trebbo.ecosystem.clusters.actions.value_chains import (
    CHAIN_FIELDS,
    ValueChainChanged,
    ValueChainRefused,
    appoint_chair_body,
    close_value_chain,
    edit_value_chain,
    join_value_chain,
    leave_value_chain,
    open_value_chain,
    succeed_value_chain,
)

__all__ = [
    "CHAIN_FIELDS",
    "CLUSTER_FIELDS",
    "CircleRefused",
    "ClusterRefused",
    "FactRefused",
    "FigureRefused",
    "MembershipRefused",
    "NetworkRefused",
    "Opening",
    "SpecialisationRefused",
    "ValueChainChanged",
    "ValueChainRefused",
    "add_label",
    "admit_member",
    "appoint_chair_body",
    "change_membership_state",
    "checked_opening",
    "close_value_chain",
    "edit_cluster",
    "edit_network",
    "edit_value_chain",
    "end_membership",
    "found_cluster",
    "found_network",
    "join_value_chain",
    "leave_value_chain",
    "name_specialisation",
    "open_value_chain",
    "place_in_specialisation",
    "propose_candidate",
    "recognise_cluster",
    "record_figure",
    "succeed_value_chain",
]
