"""Reads calendars of owners, at their address or from a file, and has their times block slots."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

from django.utils import translation
from django.utils.translation import gettext as _

from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import NotAllowed, Refusal
from trebbo.kernel.fetching import INTERNET, Network, fetch
from trebbo.sharing.resources.actions import (
    Busy,
    CalendarRefused,
    add_own_calendar,
    keep_busy_times,
    keep_problem,
)
from trebbo.sharing.resources.importers import occurrences
from trebbo.sharing.resources.models import OwnCalendar, Resource, uid_end
from trebbo.sharing.resources.policies import look_after_resource

LARGEST_CALENDAR = 5_000_000
MOST_DAYS = 366
LONGEST_BOOKING = timedelta(days=14)
SECONDS = 60
"""How long a file is worked on at most; the work's own limit of processor time is shorter."""


def busy_times(data: bytes, resource: Resource, first: datetime, until: datetime) -> list[Busy]:
    """When a calendar file of a resource says that it is taken, from `first` until `until`.

    A rule that recurs for ever counts within that span; bookings of the same resource that come
    back from a feed do not count. Refuses, in words, a file above LARGEST_CALENDAR bytes, one that
    cannot be read whole, and one with more than `occurrences.MOST_OCCURRENCES` events in the span
    or with rules that nobody can work out.
    """
    if len(data) > LARGEST_CALENDAR:
        raise CalendarRefused(_("The calendar is too large: at most 5 MB are read."))
    spans = _worked_out(data, resource, int(first.timestamp()), int(until.timestamp()))
    return [(datetime.fromtimestamp(a, UTC), datetime.fromtimestamp(b, UTC)) for a, b in spans]


def read_own_calendar(*, actor: Viewer, calendar_id: int, network: Network = INTERNET) -> bool:
    """Read a calendar at its address again and block what it says; whether it could be read.

    A calendar that cannot be read goes on blocking what it said before, and its page says why.
    """
    rows = OwnCalendar.objects.select_related("resource").exclude(address="")
    calendar = rows.filter(pk=calendar_id).first()
    if calendar is None:
        return False
    first, until = _span_of(calendar.resource, actor.now)
    with translation.override("en"):
        try:
            fetched = fetch(calendar.address, most_bytes=LARGEST_CALENDAR, network=network)
            busy = busy_times(fetched.content, calendar.resource, first, until)
        except Refusal as refusal:
            keep_problem(actor=actor, calendar_id=calendar_id, problem=refusal.message)
            return False
    keep_busy_times(actor=actor, calendar_id=calendar_id, busy=busy)
    return True


def add_calendar_of_file(*, actor: Viewer, resource_id: int, name: str, data: bytes) -> OwnCalendar:
    """Have a calendar block slots that was read from a file, for MOST_DAYS from now.

    Refuses as `busy_times` and `add_own_calendar`.
    """
    resource = Resource.objects.select_related("profile").filter(pk=resource_id).first()
    if resource is None or not look_after_resource.allows(actor, resource):
        raise NotAllowed(_("You do not look after this resource."))
    first = _begun(actor.now)
    try:
        busy = busy_times(data, resource, first, first + timedelta(days=MOST_DAYS))
    except CalendarRefused as refusal:
        raise CalendarRefused(refusal.message, {"file": refusal.message}) from refusal
    return add_own_calendar(actor=actor, resource_id=resource_id, name=name, busy=busy)


def _span_of(resource: Resource, now: datetime) -> tuple[datetime, datetime]:
    """From now until the end of the last booking that can be made today."""
    first, most = _begun(now), timedelta(days=MOST_DAYS)
    return first, first + min(timedelta(days=resource.horizon_days) + LONGEST_BOOKING, most)


def _begun(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)


def _worked_out(data: bytes, resource: Resource, first: int, until: int) -> list[occurrences.Span]:
    program = str(Path(occurrences.__file__))
    wanted = [resource.timezone, str(first), str(until), uid_end(resource.pk)]
    call = [sys.executable, "-I", program, *wanted]
    try:
        done = subprocess.run(  # noqa: S603 (our own program, and words of our own)
            call, input=data, capture_output=True, timeout=SECONDS, check=True
        )
        answer = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError):
        answer = occurrences.TOO_MANY  # it was ended when it reached a limit
    if answer == occurrences.TOO_MANY:
        raise CalendarRefused(_("The calendar holds more events than can be read."))
    if answer == occurrences.UNREADABLE:
        raise CalendarRefused(_("This is not a calendar (.ics) that can be read."))
    return cast("list[occurrences.Span]", answer)
