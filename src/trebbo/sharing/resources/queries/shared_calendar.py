"""One calendar over the resources of all owners: for a day by the hour, for a week by the day."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from itertools import pairwise

from django.utils import timezone

from trebbo.kernel.access import Viewer
from trebbo.sharing.resources.gateway import (
    FreeTimes,
    Slot,
    booking_window,
    day_begins,
    free_times,
)
from trebbo.sharing.resources.models import Resource
from trebbo.sharing.resources.queries.candidates import ResourcesWanted
from trebbo.sharing.resources.queries.finding import FoundResource, FoundResources, find_resources

FURTHEST = timedelta(days=5 * 366)
HOUR = timedelta(hours=1)


class Share(StrEnum):
    """How much of a column's time can be booked."""

    FREE = "free"
    PARTLY = "partly"
    TAKEN = "taken"
    CLOSED = "closed"
    OUT = "out"
    """Free, but past, too soon or too far ahead."""


@dataclass(frozen=True, slots=True)
class Column:
    """An hour of the day or a day of the week, with what the clock shows when it begins."""

    starts_at: datetime
    ends_at: datetime
    shown: datetime


@dataclass(frozen=True, slots=True)
class ShareCell:
    """What of a column can be booked: how many minutes, and the spans of them."""

    column: Column
    share: Share
    free_minutes: int
    slots: list[Slot]


@dataclass(frozen=True, slots=True)
class CalendarRow:
    """A resource with a cell for each column."""

    found: FoundResource
    cells: list[ShareCell]


@dataclass(frozen=True, slots=True)
class SharedCalendar:
    """A page of the calendar; `found` says how it goes on. `first` is its day, or its Monday."""

    first: date
    days: int
    columns: list[Column]
    rows: list[CalendarRow]
    found: FoundResources

    @property
    def previous(self) -> date:
        """The first day of the calendar before."""
        return self.first - timedelta(days=self.days)

    @property
    def next(self) -> date:
        """The first day of the calendar after."""
        return self.first + timedelta(days=self.days)


def shared_calendar(
    wanted: ResourcesWanted, day: date, *, viewer: Viewer, by_week: bool = True, offset: int = 0
) -> SharedCalendar:
    """The bookable resources wanted with their free time in the week, or on the day.

    Columns follow the clock of the page's time zone, so that a day may have 23 or 25 hours. Free
    time asked for in `wanted` does not narrow the rows: the calendar shows it. No prices; eight
    queries.
    """
    zone = timezone.get_current_timezone()
    first = max(viewer.today - FURTHEST, min(day, viewer.today + FURTHEST))
    if by_week:
        first -= timedelta(days=first.weekday())
    columns = _days(first, zone) if by_week else _hours(first, zone)
    shown = replace(wanted, free_from=None, free_until=None, only_bookable=True)
    found = find_resources(shown, viewer=viewer, offset=offset, priced=False)
    resources = [row.resource for row in found.rows]
    times = free_times(resources, columns[0].starts_at, columns[-1].ends_at)
    rows = [
        CalendarRow(row, [_cell(column, row.resource, times, viewer) for column in columns])
        for row in found.rows
    ]
    if not by_week:
        columns, rows = _without_night(columns, rows)
    return SharedCalendar(first, 7 if by_week else 1, columns, rows, found)


def _without_night(
    columns: list[Column], rows: list[CalendarRow]
) -> tuple[list[Column], list[CalendarRow]]:
    """The hours from the first to the last in which anything is open; all, where nothing is."""
    cells = zip(*(row.cells for row in rows), strict=True)
    hours = [n for n, column in enumerate(cells) if any(c.share != Share.CLOSED for c in column)]
    if not hours:
        return columns, rows
    day = slice(hours[0], hours[-1] + 1)
    return columns[day], [CalendarRow(row.found, row.cells[day]) for row in rows]


def _days(first: date, zone: tzinfo) -> list[Column]:
    starts = [day_begins(first + timedelta(days=number), zone) for number in range(8)]
    return [_column(one, other, zone) for one, other in pairwise(starts)]


def _hours(day: date, zone: tzinfo) -> list[Column]:
    begin = day_begins(day, zone)
    end = day_begins(day + timedelta(days=1), zone)
    count = round((end - begin) / HOUR)
    moments = [begin + number * HOUR for number in range(count)]
    return [_column(moment, min(moment + HOUR, end), zone) for moment in moments]


def _column(starts_at: datetime, ends_at: datetime, zone: tzinfo) -> Column:
    return Column(starts_at, ends_at, starts_at.astimezone(zone))


def _cell(column: Column, resource: Resource, times: FreeTimes, viewer: Viewer) -> ShareCell:
    window = booking_window(resource, viewer.now)
    within = Slot(max(column.starts_at, window.starts_at), min(column.ends_at, window.ends_at))
    slots = times.stretches_of(resource.pk, within) if within.starts_at < within.ends_at else []
    minutes = sum(int((one.ends_at - one.starts_at) / timedelta(minutes=1)) for one in slots)
    opened, free = times.minutes_of(resource.pk, column.starts_at, column.ends_at)
    if not opened:
        share = Share.CLOSED
    elif not free:
        share = Share.TAKEN
    elif not minutes:
        share = Share.OUT
    else:
        share = Share.FREE if minutes == opened else Share.PARTLY
    return ShareCell(column, share, minutes, slots)
