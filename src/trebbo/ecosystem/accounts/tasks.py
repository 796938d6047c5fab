"""Jobs about accounts."""

from django_tasks import task

from trebbo.ecosystem.accounts import actions
from trebbo.kernel.access import installation


@task()
def deliver_invitation(invitation_id: int, origin: str) -> bool:
    """Send the message of an invitation; `origin` leads its link to this installation."""
    return actions.send_invitation(actor=installation(), invitation_id=invitation_id, origin=origin)
