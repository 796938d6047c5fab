"""Jobs: the index follows the registry and the calendar; time moves introductions along."""

from datetime import datetime, time, timedelta

from django.utils import timezone
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from trebbo.kernel.access import installation
from trebbo.kernel.jobs import arrange, put_off, tomorrow_at
from trebbo.partnering.introductions import actions, gateway

AGAIN_AFTER = timedelta(seconds=10)
REBUILT_AT = time(0, 10)
"""Local time of the daily rebuild: soon after the day on which periods end has ended."""


CLOCK_EVERY = timedelta(hours=1)
CLOCK_AT_ONCE = 5_000
"""Introductions of one run, so that other jobs come in between."""


@task()
def refresh_index(*, profile_ids: list[int]) -> None:
    """Bring the index up to date for these profiles; while another writer works, try again."""
    try:
        actions.refresh_index(actor=installation(), profile_ids=profile_ids)
    except gateway.IndexBusy:
        put_off(refresh_index, timezone.now() + AGAIN_AFTER, profile_ids=profile_ids)


@task()
def refresh_evidence(*, profile_ids: list[int]) -> None:
    """Bring up to date what open data says of these profiles; as `refresh_index`."""
    try:
        actions.refresh_evidence(actor=installation(), profile_ids=profile_ids)
    except gateway.IndexBusy:
        put_off(refresh_evidence, timezone.now() + AGAIN_AFTER, profile_ids=profile_ids)


@task()
def rebuild_index() -> None:
    """Build the index anew as of today, and arrange the same for tomorrow.

    Accreditations, memberships and kinds begin and end by themselves: nobody edits anything that
    day, so no news comes.
    """
    arrange_daily_rebuild()
    try:
        actions.rebuild_index(actor=installation())
    except gateway.IndexBusy:
        put_off(rebuild_index, timezone.now() + AGAIN_AFTER)


def arrange_rebuild() -> bool:
    """See that one rebuild waits for the next free worker; whether it had to be queued.

    An edition of open data brings news of thousands of bodies at once.
    """
    if DBTaskResult.objects.ready().filter(task_path=rebuild_index.module_path).exists():
        return False
    rebuild_index.enqueue()
    return True


def arrange_daily_rebuild() -> bool:
    """See that one rebuild waits for the next night; whether it had to be queued.

    Doing it twice is harmless: the worker does it whenever it starts.
    """
    return arrange(rebuild_index, tomorrow_at(REBUILT_AT))


@task()
def run_clock() -> None:
    """Remind, tell owners, let expire, ask for outcomes, forget; arrange the same in an hour."""
    arrange_clock()
    actor = installation(timezone.now())
    ticks = actions.run_clock(actor=actor, limit=CLOCK_AT_ONCE)
    if ticks.left:
        arrange_clock(timezone.now())
    actions.forget_contacts(actor=actor)


def arrange_clock(at: datetime | None = None) -> bool:
    """See that a run of the clock waits that begins by `at`, or within the hour.

    Gives back whether it had to be queued; doing it twice is harmless: the worker does it whenever
    it starts.
    """
    return arrange(run_clock, at or timezone.now() + CLOCK_EVERY)
