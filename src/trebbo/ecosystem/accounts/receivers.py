"""Reacts to a new account: the invitation that opened it is taken up at once."""

from typing import Any

from allauth.account.signals import user_signed_up
from django.contrib import messages
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from trebbo.ecosystem.accounts.actions import InvitationForSomebodyElse, accept_invitation
from trebbo.ecosystem.accounts.adapter import SESSION_KEY
from trebbo.ecosystem.accounts.models import Person
from trebbo.ecosystem.accounts.queries import viewer_for
from trebbo.kernel.errors import Refusal


@receiver(user_signed_up, dispatch_uid="accounts.take_up_invitation")
def take_up_invitation(request: HttpRequest, user: Person, **_details: Any) -> None:
    """Accept the invitation for the new person; another address is asked about on its page."""
    token = request.session.get(SESSION_KEY, "")
    viewer = viewer_for(user, now=timezone.now(), language=user.language)
    try:
        accept_invitation(actor=viewer, token=token)
    except InvitationForSomebodyElse:
        return
    except Refusal as refusal:
        messages.error(request, refusal.message)
    request.session.pop(SESSION_KEY, None)
