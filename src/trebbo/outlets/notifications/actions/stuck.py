"""What the agency decides about mails that do not go on by themselves, and mails that came back."""

from collections.abc import Collection
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from trebbo.kernel import audit
from trebbo.kernel.access import Viewer, installation
from trebbo.kernel.errors import NotAllowed, Refusal
from trebbo.outlets.notifications import policies
from trebbo.outlets.notifications.actions.unreachable import bring_returned_to_owners
from trebbo.outlets.notifications.choices import STUCK, MailState
from trebbo.outlets.notifications.events import mail_written
from trebbo.outlets.notifications.models import OutgoingMail


class MailRefused(Refusal):
    """The mail is not in a state in which this can be done."""


@transaction.atomic
def send_again(*, actor: Viewer, mail_id: int) -> OutgoingMail:
    """Send a mail again that is uncertain, was refused or came back; under the same Message-ID.

    Refuses everybody but the agency of the installation, and a mail in another state.
    """
    facts = {"tries": 0, "next_try_at": actor.now, "last_error": "", "sent_at": None}
    mail = _change(actor, "send_again", mail_id, STUCK, state=MailState.WAITING, **facts)
    transaction.on_commit(partial(mail_written.send, sender=OutgoingMail))
    return mail


@transaction.atomic
def mark_arrived(*, actor: Viewer, mail_id: int) -> OutgoingMail:
    """Say that an uncertain mail has arrived, so that it is not sent again. Refuses as above."""
    facts = {"sent_at": actor.now, "last_error": ""}
    doubted = [MailState.UNCERTAIN]
    return _change(actor, "mark_arrived", mail_id, doubted, state=MailState.SENT, **facts)


@transaction.atomic
def record_bounce(*, actor: Viewer, message_id: str, words: str) -> OutgoingMail:
    """Note that a mail came back, with the words of the server that did not deliver it.

    `message_id` is that of the mail itself. A question about an introduction that it asked is
    brought to who looks after that. The installation may, and the agency of the
    installation; refuses a Message-ID that is not of a mail sent from here.
    """
    mail = OutgoingMail.objects.filter(message_id=message_id.strip()).first()
    if mail is None:
        _demand(actor, OutgoingMail())
        raise MailRefused(_("This report is about a message that was not sent from here."))
    sent = [MailState.SENT, MailState.UNCERTAIN, MailState.BOUNCED]
    facts = {"last_error": words[:2_000], "sent_at": mail.sent_at}
    mail = _change(actor, "record_bounce", mail.pk, sent, state=MailState.BOUNCED, **facts)
    bring_returned_to_owners(actor=installation(actor.now), mail=mail)
    return mail


def _change(
    actor: Viewer, verb: str, mail_id: int, allowed: Collection[str], **facts: Any
) -> OutgoingMail:
    mail = OutgoingMail.objects.select_for_update().filter(pk=mail_id).first() or OutgoingMail()
    _demand(actor, mail)
    if mail.state not in allowed or not mail.pk:
        raise MailRefused(_("This message is in another state by now: look at it again."))
    old = MailState(mail.state)
    for name, value in facts.items():
        setattr(mail, name, value)
    mail.save(update_fields=list(facts))
    changes = {"mail_state": (old.label, MailState(mail.state).label)}
    audit.record(actor=actor, verb=verb, subject=mail, changes=changes)
    return mail


def _demand(actor: Viewer, mail: OutgoingMail) -> None:
    if not (actor.is_installation or policies.manage_mail.allows(actor, mail)):
        raise NotAllowed(_("Only the agency that coordinates all networks may do this."))
