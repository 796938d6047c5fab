"""Writes a mail around one notice or several: layout, way out, headers, a name of its own."""

from collections.abc import Sequence
from datetime import datetime
from email.utils import parseaddr
from functools import partial
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.crypto import salted_hmac
from django.utils.translation import ngettext

from trebbo.kernel import signed_links
from trebbo.outlets.notifications.actions.calendars import method_of
from trebbo.outlets.notifications.choices import NoticeState
from trebbo.outlets.notifications.events import mail_written
from trebbo.outlets.notifications.models import Notice, OutgoingMail

OPT_OUT = "mail.stop"
PERSON, ADDRESS = "person", "address"


def write_letter(notice: Notice, *, now: datetime) -> OutgoingMail:
    """A mail with this notice alone."""
    words = _words("letter", notice.subject, notice.language, [notice], notice.email)
    mail, _is_new = OutgoingMail.objects.get_or_create(
        message_id=_letter_id(notice),
        defaults={
            "to_email": notice.email,
            "calendar": notice.calendar,
            "reply_to": notice.reply_to,
            "created_at": now,
            "next_try_at": now,
            **words,
        },
    )
    _enclose(mail, [notice])
    return mail


def write_digest(
    notices: Sequence[Notice], *, email: str, language: str, period: str, now: datetime
) -> OutgoingMail | None:
    """One mail with all these notices; nothing if the recipient had theirs for this period."""
    mail, is_new = OutgoingMail.objects.get_or_create(
        message_id=_message_id(f"digest {email} {period}"),
        defaults={
            "to_email": email,
            "created_at": now,
            "next_try_at": now,
            **_digest_words(notices, email, language),
        },
    )
    if not is_new:
        return None
    _enclose(mail, notices)
    return mail


def write_again(mail: OutgoingMail, notices: Sequence[Notice]) -> None:
    """The same mail with these notices only, as they are now."""
    first = notices[0]
    if mail.message_id == _letter_id(first):
        words = _words("letter", first.subject, first.language, [first], first.email)
    else:
        words = _digest_words(notices, mail.to_email, first.language)
    OutgoingMail.objects.filter(pk=mail.pk).update(**words)


def message_of(mail: OutgoingMail) -> EmailMultiAlternatives:
    """The mail as Django sends it; the same Message-ID at every try."""
    message = EmailMultiAlternatives(
        mail.subject,
        mail.text,
        to=[mail.to_email],
        reply_to=[mail.reply_to] if mail.reply_to else None,
        headers={**mail.headers, "Message-ID": mail.message_id},
    )
    message.attach_alternative(mail.html, "text/html")
    if mail.calendar:
        calendar = bytes(mail.calendar)
        kind = f"text/calendar; method={method_of(calendar)}"
        message.attach_alternative(calendar.decode(), kind)
        message.attach("invite.ics", calendar.decode(), kind)
    return message


def absolute(url: str) -> str:
    """The address as somebody outside the site opens it."""
    return f"{settings.SITE_ADDRESS}{url}" if url.startswith("/") else url


def domain_of_mail() -> str:
    """The domain from which all mail comes."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"


def _digest_words(notices: Sequence[Notice], email: str, language: str) -> dict[str, Any]:
    with translation.override(language):
        count = len(notices)
        subject = ngettext(
            "Trebbo: %(count)s piece of news", "Trebbo: %(count)s pieces of news", count
        ) % {"count": count}
    return _words("digest", subject, language, notices, email)


def _words(
    template: str, subject: str, language: str, notices: Sequence[Notice], email: str
) -> dict[str, Any]:
    """Subject, both bodies and the headers of the way out, in the reader's language."""
    person_id = notices[0].person_id
    token = signed_links.sign(OPT_OUT, [PERSON, person_id] if person_id else [ADDRESS, email])
    with translation.override(language):
        way_out = absolute(reverse("stop_mail", args=[token]))
        context = {
            "subject": subject,
            "name": notices[0].name,
            "items": [(notice, absolute(notice.url)) for notice in notices],
            "way_out": way_out,
            "preferences": absolute(reverse("my_mail")) if person_id else "",
            "site": settings.SITE_ADDRESS,
        }
        return {
            "language": language,
            "subject": subject,
            "text": render_to_string(f"notifications/mail/{template}.txt", context).strip() + "\n",
            "html": render_to_string(f"notifications/mail/{template}.html", context),
            "headers": {
                "List-Unsubscribe": f"<{way_out}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",  # RFC 8058
                "Auto-Submitted": "auto-generated",  # RFC 3834: absence notes do not answer
            },
        }


def _enclose(mail: OutgoingMail, notices: Sequence[Notice]) -> None:
    keys = [notice.pk for notice in notices]
    Notice.objects.filter(pk__in=keys).update(state=NoticeState.MAILED, mail=mail)
    transaction.on_commit(partial(mail_written.send, sender=OutgoingMail))


def _letter_id(notice: Notice) -> str:
    return _message_id(f"notice {notice.fact} {notice.email}")


def _message_id(key: str) -> str:
    """Always the same for the same key, and not to be guessed without the site's secret."""
    name = salted_hmac("trebbo.mail", key, algorithm="sha256").hexdigest()[:40]
    return f"<{name}@{domain_of_mail()}>"
