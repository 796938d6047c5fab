"""Who sees single mails, with address and words, and decides about those that are stuck."""

from django.db.models import Q

from trebbo.ecosystem.clusters.models import Network
from trebbo.kernel.access import Viewer
from trebbo.kernel.policies import NOTHING, Grant, Rule
from trebbo.outlets.notifications.models import OutgoingMail

manage_mail: Rule[OutgoingMail] = Rule("manage_mail")


def runs_the_installation(viewer: Viewer) -> bool:
    """Whether the viewer is of the agency that coordinates every network of the installation."""
    networks = viewer.agency_networks
    return bool(networks) and not Network.objects.exclude(pk__in=networks).exists()


def _everything(viewer: Viewer) -> Q:
    return ~NOTHING if runs_the_installation(viewer) else NOTHING


manage_mail.add(
    Grant(
        "the agency of all networks",
        lambda viewer, _mail: runs_the_installation(viewer),
        _everything,
    )
)
