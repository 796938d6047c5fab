"""Closed lists: the roles that people can hold, and words for what the audit trail says."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class MandateRole(TextChoices):
    """What a person may do for an organisation, unit or Technopole."""

    REPRESENTATIVE = "representative", _("Representative (edits, confirms, invites)")
    EDITOR = "editor", _("Editor (edits and confirms)")


class ClusterRoleKind(TextChoices):
    """What a person is in a cluster."""

    MANAGER = "manager", _("Cluster manager")
    BOARD = "board", _("Board member")
    CHAIR = "chair", _("Chair of a value chain")


class NetworkRoleKind(TextChoices):
    """What a person is in a network."""

    AGENCY = "agency", _("Coordinating agency")
    REGION = "region", _("Region")


VERB_LABELS = {
    "register_person": _("opened an account"),
    "appoint_first_agency": _("appointed the first person of the agency"),
    "edit_account": _("changed their own details"),
    "invite_colleague": _("invited a colleague"),
    "revoke_invitation": _("withdrew an invitation"),
    "accept_invitation": _("accepted an invitation"),
    "grant_mandate": _("gave a mandate"),
    "end_mandate": _("ended a mandate"),
    "grant_cluster_role": _("gave a role in a cluster"),
    "end_cluster_role": _("ended a role in a cluster"),
    "grant_network_role": _("gave a role in a network"),
    "end_network_role": _("ended a role in a network"),
}
"""What the verbs of the audit trail say about people; areas above add theirs."""
