"""Gathers what is held into one mail for each person and period."""

from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from trebbo.ecosystem.accounts.models import Person
from trebbo.kernel.access import Viewer
from trebbo.outlets.notifications.actions.writing import write_digest
from trebbo.outlets.notifications.choices import Frequency, NoticeState
from trebbo.outlets.notifications.models import MailPreference, Notice

DIGEST_AT = time(7, 0)
"""Local time at which a day's or a week's news ends and goes out; weeks end on Mondays."""


def compose_digests(*, actor: Viewer, now: datetime) -> int:
    """Write the mails that are due: one with all that is held, for each person and period.

    Gives back how many. Doing it again, or twice at once, writes nothing twice. What is held for
    somebody whose account is gone is told to nobody.
    """
    held = Notice.objects.filter(state=NoticeState.HELD)
    held.filter(person__isnull=True).update(state=NoticeState.UNWANTED)
    people = held.order_by("person_id").values_list("person_id", flat=True).distinct()
    return sum(compose_digest(person_id, now=now) for person_id in list(people) if person_id)


@transaction.atomic
def compose_digest(person_id: int, *, now: datetime) -> bool:
    """Write one person's mail with what was held until the end of their last period, if any."""
    person = Person.objects.select_for_update().get(pk=person_id)
    preference = MailPreference.objects.filter(person=person).first()
    drop_unwanted(person, preference)
    frequency = preference.frequency if preference else Frequency.EACH
    until = period_end(frequency, now)
    held = Notice.objects.filter(person=person, state=NoticeState.HELD, created_at__lt=until)
    notices = list(held.order_by("created_at", "pk"))
    if not notices:
        return False
    mail = write_digest(
        notices,
        email=person.email,
        language=person.language,
        period=f"{frequency} {until.isoformat()}",
        now=now,
    )
    return mail is not None


def drop_unwanted(person: Person, preference: MailPreference | None) -> None:
    """Let go of what is held for somebody who does not want it any more."""
    held = Notice.objects.filter(person=person, state=NoticeState.HELD)
    never = preference is not None and preference.frequency == Frequency.NEVER
    if not never and person.is_active:
        held = held.filter(topic__in=preference.topics_off if preference else [])
    held.update(state=NoticeState.UNWANTED)


def period_end(frequency: str, now: datetime) -> datetime:
    """When the last whole day or week ended at `now`; for others, now."""
    if frequency not in {Frequency.DAILY, Frequency.WEEKLY}:
        return now
    day = timezone.localtime(now).date()
    if _at_digest_time(day) > now:
        day -= timedelta(days=1)
    if frequency == Frequency.WEEKLY:
        day -= timedelta(days=day.weekday())
    return _at_digest_time(day)


def next_digest_at(now: datetime) -> datetime:
    """When the next digests are due."""
    last = timezone.localtime(period_end(Frequency.DAILY, now)).date()
    return _at_digest_time(last + timedelta(days=1))


def _at_digest_time(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, DIGEST_AT))
