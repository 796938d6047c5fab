"""The words of old mail go; that it was sent stays."""

from datetime import timedelta

import pytest
from django.test import override_settings
from django.utils import timezone

from tests.factories.accounts import PersonFactory
from tests.factories.notifications import MailPreferenceFactory, OutgoingMailFactory, tell
from trebbo.kernel.access import installation
from trebbo.outlets.notifications.actions import forget_old_mail
from trebbo.outlets.notifications.choices import Frequency, MailState
from trebbo.outlets.notifications.models import Notice, OutgoingMail

pytestmark = pytest.mark.django_db


def forget() -> int:
    """Forget what is older than thirty days."""
    now = timezone.now()
    with override_settings(MAIL_KEEP_DAYS=30):
        return forget_old_mail(actor=installation(now), now=now)


def test_old_words_go_and_the_fact_is_not_told_again() -> None:
    """With the links in them; to whom it went and when stays."""
    old = timezone.now() - timedelta(days=31)
    person = PersonFactory()
    tell(person, now=old, calendar=b"BEGIN:VCALENDAR")
    OutgoingMail.objects.update(state=MailState.SENT, sent_at=old)
    assert forget() == 1
    mail, notice = OutgoingMail.objects.get(), Notice.objects.get()
    assert (mail.text, mail.html, mail.headers, mail.calendar) == ("", "", {}, None)
    assert (notice.text, notice.html, notice.url, notice.calendar) == ("", "", "", None)
    assert (mail.to_email, mail.sent_at, notice.email) == (person.email, old, person.email)
    tell(person)
    assert OutgoingMail.objects.count() == 1
    assert forget() == 0


@pytest.mark.parametrize(
    ("state", "days"),
    [(MailState.SENT, 29), *((state, 99) for state in ("waiting", "uncertain", "refused"))],
)
def test_what_is_young_or_not_done_stays(state: str, days: int) -> None:
    """Somebody may still send it, or decide about it."""
    then = timezone.now() - timedelta(days=days)
    OutgoingMailFactory(state=state, created_at=then, sent_at=then)
    assert forget() == 0
    assert OutgoingMail.objects.exclude(text="").count() == 1


def test_what_nobody_wanted_is_forgotten_too() -> None:
    """And what waits for a digest is not."""
    old = timezone.now() - timedelta(days=31)
    tell(MailPreferenceFactory(frequency=Frequency.NEVER).person, now=old)
    tell(MailPreferenceFactory(frequency=Frequency.WEEKLY).person, now=old)
    forget()
    assert sorted(Notice.objects.values_list("state", "text")) == [
        ("held", "Parole di introduction:1:asked."),
        ("unwanted", ""),
    ]
