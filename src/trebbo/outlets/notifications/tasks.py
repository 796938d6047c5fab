"""Jobs: people are told and reminded, digests written, mail sent when it is due, and forgotten."""

from datetime import datetime, time, timedelta

from django.utils import timezone
from django_tasks import task

from trebbo.kernel.access import installation
from trebbo.kernel.jobs import arrange, tomorrow_at
from trebbo.outlets.notifications import actions, queries
from trebbo.outlets.notifications.actions.digests import next_digest_at

AT_ONCE = 500
"""Mails of one run, so that other jobs come in between."""
PAUSE = timedelta(minutes=1)
"""After a run that a missing server ended."""
CAUGHT_UP_EVERY = timedelta(hours=1)
FORGOTTEN_AT = time(3, 40)
"""Local time at which hardly anybody waits."""
REMINDED_AT = time(6, 30)
"""Local time of the day's reminders: before the digests, which take them along."""


@task()
def send_mail() -> None:
    """Write the digests that are due, send what waits, and arrange the next run.

    One is arranged before the work too: should this process end in the middle, the next run finds
    what it left.
    """
    now = timezone.now()
    actor = installation(now)
    actions.compose_digests(actor=actor, now=now)
    arrange_next(now, pause=actions.LEASE)
    run = actions.send_waiting(actor=actor, limit=AT_ONCE)
    arrange_next(timezone.now(), pause=PAUSE if run.stopped else timedelta(0))


def arrange_next(now: datetime, *, pause: timedelta = timedelta(0)) -> bool:
    """See that a run waits for the next mail or digest, though not before a pause."""
    mail_at = queries.next_mail_at(viewer=installation(now))
    digest_at = next_digest_at(now)
    return arrange_sending(max(min(mail_at or digest_at, digest_at), now + pause))


def arrange_sending(at: datetime | None = None) -> bool:
    """See that a run waits that begins by `at`, or at once; whether it had to be queued.

    Doing it twice is harmless: the worker may do it whenever it starts.
    """
    if not send_mail.get_backend().supports_defer:
        if at is None:
            send_mail.enqueue()
        return at is None
    return arrange(send_mail, at or timezone.now())


@task()
def tell_of_steps(*, step_ids: list[int]) -> None:
    """Tell of steps that the clock made."""
    now = timezone.now()
    actions.tell_of_steps(actor=installation(now), step_ids=step_ids, now=now)


@task()
def tell_of_idea(*, about: str, key: int) -> None:
    """Tell of one piece of news about an idea: it may have many followers."""
    now = timezone.now()
    actions.tell_of_idea(actor=installation(now), about=actions.About(about), key=key, now=now)


@task()
def tell_of_booking(*, step_id: int) -> None:
    """Tell of what happened to a booking."""
    now = timezone.now()
    actions.tell_of_booking(actor=installation(now), step_id=step_id, now=now)


@task()
def tell_of_ceiling(*, resource_id: int, year: int, level: str) -> None:
    """Tell an owner how near economic use has come to its ceiling."""
    now = timezone.now()
    actions.tell_of_ceiling(
        actor=installation(now), resource_id=resource_id, year=year, level=level, now=now
    )


@task()
def catch_up_on_steps() -> None:
    """Tell of what nobody was told, and arrange the same in an hour."""
    arrange_catching_up()
    now = timezone.now()
    actions.catch_up_on_steps(actor=installation(now), now=now)
    actions.catch_up_on_ideas(actor=installation(now), now=now)
    actions.catch_up_on_bookings(actor=installation(now), now=now)


@task()
def remind_people() -> None:
    """Write the reminders of the day, and arrange the same for tomorrow."""
    arrange_daily_reminders()
    now = timezone.now()
    actions.remind_of_profiles(actor=installation(now), now=now)
    actions.remind_of_ideas(actor=installation(now), now=now)


@task()
def forget_old_mail() -> None:
    """Forget the words of what was sent long ago, and arrange the same for tomorrow."""
    arrange_forgetting()
    now = timezone.now()
    actions.forget_old_mail(actor=installation(now), now=now)


def arrange_catching_up() -> bool:
    """See that one run waits for the next hour; whether it had to be queued."""
    return arrange(catch_up_on_steps, timezone.now() + CAUGHT_UP_EVERY)


def arrange_daily_reminders() -> bool:
    """See that one run waits for the next morning; whether it had to be queued.

    Doing it twice is harmless: each fact is told once.
    """
    return arrange(remind_people, tomorrow_at(REMINDED_AT))


def arrange_forgetting() -> bool:
    """See that one run waits for the next night; whether it had to be queued."""
    return arrange(forget_old_mail, tomorrow_at(FORGOTTEN_AT))
