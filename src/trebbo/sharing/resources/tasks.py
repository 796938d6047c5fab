"""Jobs: calendars of owners are read while nobody waits, and bookings lapse in time."""

from datetime import timedelta

from django.utils import timezone
from django_tasks import task

from trebbo.kernel.access import installation
from trebbo.kernel.jobs import arrange
from trebbo.sharing.resources import actions, importers
from trebbo.sharing.resources.models import OwnCalendar

CALENDARS_READ_EVERY = timedelta(hours=1)
CLOCK_EVERY = timedelta(minutes=15)
"""Bookings begin at full quarters of an hour, and lapse at their start at the latest."""


@task()
def read_own_calendar(*, calendar_id: int) -> None:
    """Read one calendar at its address."""
    importers.read_own_calendar(actor=installation(timezone.now()), calendar_id=calendar_id)


@task()
def read_own_calendars() -> None:
    """Have every calendar read of a resource that is in the catalogue; the same in an hour."""
    arrange_own_calendars()
    rows = OwnCalendar.objects.exclude(address="").filter(resource__withdrawn_at__isnull=True)
    for calendar_id in rows.order_by("pk").values_list("pk", flat=True):
        read_own_calendar.enqueue(calendar_id=calendar_id)


def arrange_own_calendars() -> bool:
    """See that one round of reading waits; whether it had to be queued."""
    return arrange(read_own_calendars, timezone.now() + CALENDARS_READ_EVERY)


@task()
def run_booking_clock() -> None:
    """Let lapse what nobody answered, move up who waits, and arrange the same for later."""
    arrange_booking_clock()
    actions.tick(actor=installation(timezone.now()))


def arrange_booking_clock() -> bool:
    """See that one run of the clock waits; whether it had to be queued.

    Doing it twice is harmless: the worker does it whenever it starts.
    """
    return arrange(run_booking_clock, timezone.now() + CLOCK_EVERY)
