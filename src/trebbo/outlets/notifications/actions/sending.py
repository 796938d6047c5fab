"""Sends what waits, each mail once as far as SMTP allows, whoever else sends and whatever ends."""

import logging
import uuid
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from trebbo.kernel.access import Viewer, installation
from trebbo.outlets.notifications.actions.bookings import look_again_at_bookings
from trebbo.outlets.notifications.actions.ideas import look_again
from trebbo.outlets.notifications.actions.sessions import (
    PATIENCE,
    Postponed,
    Refused,
    Session,
    Unavailable,
    Unknown,
    open_session,
)
from trebbo.outlets.notifications.actions.unreachable import bring_returned_to_owners
from trebbo.outlets.notifications.actions.writing import message_of
from trebbo.outlets.notifications.choices import MailState
from trebbo.outlets.notifications.models import OutgoingMail

LEASE = timedelta(minutes=5)
BATCH = 20
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360, 720, 1_440, 1_440))
"""How long after each failed try the next one comes; about three days in all."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Run:
    """What one run did; `stopped` are the words on which it ended early."""

    sent: int = 0
    refused: int = 0
    postponed: int = 0
    uncertain: int = 0
    stopped: str = ""


class _ClaimLost(Exception):
    """Somebody else has the mail now, or it was cancelled."""


def send_waiting(*, actor: Viewer, limit: int, lease: timedelta = LEASE) -> Run:
    """Send up to `limit` mails that are due, oldest first; what came of it.

    A mail is claimed for `lease`; what a process leaves behind when it ends is sent by another
    after that, but for a mail whose last step had begun: that becomes uncertain, and people
    decide. A temporary refusal postpones one mail, a final one ends it; a server that is not there
    costs one mail a try and ends the run. Call it outside transactions.
    """
    _doubt_abandoned()
    run, left = Run(), limit
    with open_session() as session:
        while left > 0 and not run.stopped:
            mails = _claim(min(BATCH, left), lease)
            left -= len(mails)
            for mail in mails:
                if not run.stopped:
                    _send(session, mail, lease, run)
            if run.stopped:
                _release(mails)
            if not mails:
                break
    return run


def _doubt_abandoned() -> None:
    abandoned = OutgoingMail.objects.filter(
        state=MailState.HANDING_OVER, leased_until__lt=timezone.now()
    )
    abandoned.update(state=MailState.UNCERTAIN, lease=None, leased_until=None)


def _claim(count: int, lease: timedelta) -> list[OutgoingMail]:
    """Take mails that are due and nobody's; of two who try at once, the second takes the next."""
    now, key = timezone.now(), uuid.uuid4()
    free = OutgoingMail.objects.filter(
        Q(leased_until__isnull=True) | Q(leased_until__lt=now),
        state=MailState.WAITING,
        next_try_at__lte=now,
    )
    with transaction.atomic(durable=True):
        rows = free.order_by("next_try_at", "pk").select_for_update(skip_locked=True)
        first = list(rows.values_list("pk", flat=True)[:count])
        free.filter(pk__in=first).update(lease=key, leased_until=now + lease)
    mine = OutgoingMail.objects.filter(lease=key, state=MailState.WAITING)
    return list(mine.order_by("next_try_at", "pk"))


def _release(mails: list[OutgoingMail]) -> None:
    untouched = OutgoingMail.objects.filter(
        pk__in=[mail.pk for mail in mails], lease=mails[0].lease, state=MailState.WAITING
    )
    untouched.update(lease=None, leased_until=None)


def _send(session: Session, mail: OutgoingMail, lease: timedelta, run: Run) -> None:
    try:
        for again in (look_again, look_again_at_bookings):
            if not again(actor=installation(), mail=mail, now=timezone.now()):
                return
    except Exception as error:
        # What cannot be judged does not leave, and holds up no other mail.
        log.exception("mail %s could not be looked at again", mail.pk)
        _postpone(mail, f"{type(error).__name__}: not sent", run)
        return
    try:
        session.deliver(message_of(mail), partial(_take_note, mail, lease))
    except _ClaimLost:
        return
    except Refused as outcome:
        run.refused += _give_up(mail, last_error=str(outcome))
    except Postponed as outcome:
        _postpone(mail, str(outcome), run)
    except Unavailable as outcome:
        _postpone(mail, str(outcome), run)
        run.stopped = str(outcome)
    except Unknown as outcome:
        run.uncertain += _settle(mail, MailState.UNCERTAIN, last_error=str(outcome))
        run.stopped = str(outcome)
    else:
        run.sent += _settle(mail, MailState.SENT, sent_at=timezone.now(), last_error="")


def _take_note(mail: OutgoingMail, lease: timedelta) -> None:
    """Write down, for good, that from here on the server may have the mail."""
    longest = timedelta(seconds=settings.EMAIL_TIMEOUT * PATIENCE)
    mine = OutgoingMail.objects.filter(pk=mail.pk, lease=mail.lease, state=MailState.WAITING)
    with transaction.atomic(durable=True):
        until = timezone.now() + lease + longest
        if not mine.update(state=MailState.HANDING_OVER, leased_until=until):
            raise _ClaimLost


def _postpone(mail: OutgoingMail, words: str, run: Run) -> None:
    tries = mail.tries + 1
    if tries > len(WAITS):
        run.refused += _give_up(mail, tries=tries, last_error=words)
        return
    next_try_at = timezone.now() + WAITS[tries - 1]
    run.postponed += _settle(
        mail, MailState.WAITING, tries=tries, next_try_at=next_try_at, last_error=words
    )


def _give_up(mail: OutgoingMail, **facts: Any) -> int:
    """Write that the mail arrives nowhere, and bring what it asked to who looks after it."""
    refused = _settle(mail, MailState.REFUSED, **facts)
    if refused:
        bring_returned_to_owners(actor=installation(), mail=mail)
    return refused


def _settle(mail: OutgoingMail, state: MailState, **facts: Any) -> int:
    """Write what became of the mail: also where it took so long that others had begun to doubt."""
    return _still_ours(mail).update(state=state, lease=None, leased_until=None, **facts)


def _still_ours(mail: OutgoingMail) -> QuerySet[OutgoingMail]:
    doubted = Q(state=MailState.UNCERTAIN)
    return OutgoingMail.objects.filter(Q(lease=mail.lease) | doubted, pk=mail.pk)
