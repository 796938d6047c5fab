"""Who reads the audit trail: the offices, each for what it looks after."""

from django.db.models import Q

from trebbo.ecosystem.clusters.models import Cluster, Network, Specialisation, ValueChain
from trebbo.ecosystem.clusters.policies import (
    CLUSTER_OFFICE,
    OFFICE,
    manage_specialisation,
    manage_value_chain,
)
from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel.access import Viewer
from trebbo.kernel.models import AuditLine
from trebbo.kernel.policies import NOTHING, Grant, Rule

view_audit_line: Rule[AuditLine] = Rule("view_audit_line")


def _in_care(viewer: Viewer) -> Q:
    """Lines about the profiles, value chains, specialisations and networks of the office."""
    if not viewer.is_office:
        return NOTHING
    profiles = Profile.objects.filter(OFFICE.rows(viewer) | CLUSTER_OFFICE.rows(viewer))
    cared_for = {
        Profile: profiles,
        Cluster: profiles,
        ValueChain: manage_value_chain.filter(viewer, ValueChain.objects.all()),
        Specialisation: manage_specialisation.filter(viewer, Specialisation.objects.all()),
        Network: Network.objects.filter(pk__in=viewer.agency_networks),
    }
    condition = NOTHING
    for model, rows in cared_for.items():
        condition |= Q(subject_type=model._meta.label_lower, subject_id__in=rows.values("pk"))
    return condition


def _everything(viewer: Viewer) -> Q:
    """All lines, for the agency that coordinates every network of the installation."""
    networks = viewer.agency_networks
    if networks and not Network.objects.exclude(pk__in=networks).exists():
        return ~NOTHING
    return NOTHING


view_audit_line.add(
    Grant(
        "an office, for what it looks after",
        lambda viewer, line: AuditLine.objects.filter(_in_care(viewer), pk=line.pk).exists(),
        _in_care,
    )
)
view_audit_line.add(
    Grant(
        "the agency of all networks",
        lambda viewer, line: AuditLine.objects.filter(_everything(viewer), pk=line.pk).exists(),
        _everything,
    )
)
