"""Forgets the words of old mail, and keeps that it was sent."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from trebbo.kernel.access import Viewer
from trebbo.outlets.notifications.choices import MailState, NoticeState
from trebbo.outlets.notifications.models import Notice, OutgoingMail

AT_ONCE = 1_000
"""Rows of one statement, so that others who write come in between."""
DONE = (MailState.SENT, MailState.CANCELLED)


def forget_old_mail(*, actor: Viewer, now: datetime) -> int:
    """Empty mails that were sent or cancelled, and their notices, once they are old; how many.

    To whom, when and about which fact stays: so no fact is told twice. The links that the words
    carry go with them.
    """
    before = now - timedelta(days=settings.MAIL_KEEP_DAYS)
    mails = OutgoingMail.objects.filter(state__in=DONE, created_at__lt=before).exclude(text="")
    notices = Notice.objects.filter(
        Q(mail__state__in=DONE) | Q(state__in=[NoticeState.UNWANTED, NoticeState.WITHDRAWN]),
        created_at__lt=before,
    ).exclude(text="")
    while keys := list(notices.values_list("pk", flat=True)[:AT_ONCE]):
        Notice.objects.filter(pk__in=keys).update(text="", html="", url="", calendar=None)
    forgotten = 0
    while keys := list(mails.values_list("pk", flat=True)[:AT_ONCE]):
        old = OutgoingMail.objects.filter(pk__in=keys)
        forgotten += old.update(text="", html="", headers={}, calendar=None)
    return forgotten
