"""The week and the day of one resource, cell by cell of its local clock."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from itertools import groupby

from trebbo.kernel.access import Viewer
from trebbo.sharing.resources.choices import QUARTER_MINUTES
from trebbo.sharing.resources.gateway import (
    ResourceTime,
    Slot,
    booking_window,
    day_begins,
    time_of,
    zone_of,
)
from trebbo.sharing.resources.models import Block, Booking, Resource
from trebbo.sharing.resources.policies import change_booking, view_booking

STEPS = (15, 30, 60)
"""Minutes that a cell of the grid may have."""
FURTHEST = timedelta(days=5 * 366)


class TimeState(StrEnum):
    """What a piece of time is; of a cell that is several, the last named counts."""

    FREE = "free"
    OUT = "out"
    """Free, but past, too soon or too far ahead to be booked."""
    CLOSED = "closed"
    BLOCKED = "blocked"
    BUSY = "busy"
    MINE = "mine"


WEIGHT = {state: number for number, state in enumerate(TimeState)}


@dataclass(frozen=True, slots=True)
class Cell:
    """A piece of time: when, what the local clock shows (`label`), what it is.

    `again` where the clock shows the time for the second time, as it was put back in between.
    `booking` is there where the viewer may read it, `block` where one stands in the way.
    """

    starts_at: datetime
    ends_at: datetime
    label: str
    again: bool
    state: TimeState
    booking: Booking | None = None
    block: Block | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """A local day with its cells, and the same joined to stretches of one state."""

    date: date
    cells: list[Cell]
    stretches: list[Cell] = field(default_factory=list)

    @property
    def is_free(self) -> bool:
        """Whether something can be booked."""
        return any(cell.state == TimeState.FREE for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Line:
    """What the clock shows, with a cell for each day; blank on days that do not have the time."""

    label: str
    again: bool
    cells: list[Cell | None]


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days from a Monday on, as a grid by the clock; what is always closed is cut off."""

    resource: Resource
    monday: date
    days: list[Day]
    lines: list[Line]
    window: Slot

    @property
    def previous(self) -> date:
        """The Monday before."""
        return self.monday - timedelta(days=7)

    @property
    def next(self) -> date:
        """The Monday after."""
        return self.monday + timedelta(days=7)


def week_of(resource: Resource, monday: date, *, viewer: Viewer, step: int = 30) -> Week:
    """The week in which the day lies, of a resource that was read for the viewer before.

    Cells have `step` minutes (15, 30 or 60) of the clock of the resource's time zone: a day has 23
    or 25 hours of them where the clock is put forward or back. Five queries. Days beyond five years
    from now are taken for the furthest.
    """
    chosen = _bounded(monday, viewer)
    begin = chosen - timedelta(days=chosen.weekday())
    days = _days(resource, [begin + timedelta(days=number) for number in range(7)], step, viewer)
    window = booking_window(resource, viewer.now)
    return Week(resource, begin, days, _lines(days), window)


def day_of(resource: Resource, day: date, *, viewer: Viewer, step: int = 15) -> Day:
    """One local day of a resource; as `week_of`."""
    return _days(resource, [_bounded(day, viewer)], step, viewer)[0]


def _bounded(day: date, viewer: Viewer) -> date:
    return max(viewer.today - FURTHEST, min(day, viewer.today + FURTHEST))


def _days(resource: Resource, days: list[date], step: int, viewer: Viewer) -> list[Day]:
    zone = zone_of(resource.timezone)
    first, until = day_begins(days[0], zone), day_begins(days[-1] + timedelta(days=1), zone)
    time = time_of(resource, first, until)
    filled = _filled(resource, time, viewer)
    cells: dict[date, list[Cell]] = {day: [] for day in days}
    for (day, label, again), group in groupby(filled, key=lambda one: _place(one, zone, step)):
        cells[day].append(_joined(label, list(group), again=again))
    return [Day(day, cells[day], list(_stretches(cells[day]))) for day in days]


def _place(one: Cell, zone: tzinfo, step: int) -> tuple[date, str, bool]:
    """In which day and cell of the local clock a quarter lies."""
    shown = one.starts_at.astimezone(zone)
    minute = (shown.hour * 60 + shown.minute) // step * step
    return shown.date(), f"{minute // 60:02}:{minute % 60:02}", bool(shown.fold)


def _filled(resource: Resource, time: ResourceTime, viewer: Viewer) -> list[Cell]:
    """Each quarter with what fills it."""
    window = booking_window(resource, viewer.now)
    length = timedelta(minutes=QUARTER_MINUTES)
    bookings = _bookings(time, viewer)
    blocked = {number: block for span, block in time.blocks for number in span}
    held = {number: key for span, key in time.held for number in span}
    quarters = []
    for number in range(time.first, time.until):
        begin = datetime.fromtimestamp(number * 60 * QUARTER_MINUTES, tz=window.starts_at.tzinfo)
        booking, block = bookings.get(held.get(number, 0)), blocked.get(number)
        if number in held:
            mine = booking is not None and change_booking.allows(viewer, booking)
            state = TimeState.MINE if mine else TimeState.BUSY
        elif block:
            state = TimeState.BLOCKED
        elif not time.open[number - time.first]:
            state = TimeState.CLOSED
        else:
            inside = window.starts_at <= begin and begin + length <= window.ends_at
            state = TimeState.FREE if inside and resource.is_bookable else TimeState.OUT
        quarters.append(
            Cell(begin, begin + length, "", again=False, state=state, booking=booking, block=block)
        )
    return quarters


def _bookings(time: ResourceTime, viewer: Viewer) -> dict[int, Booking]:
    rows = Booking.objects.filter(pk__in={key for _span, key in time.held})
    return {row.pk: row for row in view_booking.filter(viewer, rows).select_related("profile")}


def _joined(label: str, parts: list[Cell], *, again: bool) -> Cell:
    worst = max(parts, key=lambda one: WEIGHT[one.state])
    begin, end = parts[0].starts_at, parts[-1].ends_at
    return Cell(
        begin,
        end,
        label,
        again=again,
        state=worst.state,
        booking=worst.booking,
        block=worst.block,
    )


def _stretches(cells: list[Cell]) -> Iterable[Cell]:
    """Neighbours that are the same thing, as one."""

    def same(one: Cell) -> tuple[TimeState, object, object]:
        return one.state, one.booking, one.block

    for _same, group in groupby(cells, key=same):
        parts = list(group)
        yield _joined(parts[0].label, parts, again=parts[0].again)


def _lines(days: list[Day]) -> list[Line]:
    """The grid: a line for each time that the clock shows in one of the days."""
    by_day = [{(cell.label, cell.again): cell for cell in day.cells} for day in days]
    shown = sorted({key for cells in by_day for key in cells}, key=_order)
    lines = [
        Line(label, again, [cells.get((label, again)) for cells in by_day])
        for label, again in shown
    ]
    used = [number for number, line in enumerate(lines) if _says_something(line)]
    return lines[used[0] : used[-1] + 1] if used else []


def _order(key: tuple[str, bool]) -> tuple[str, bool]:
    """The hour that comes again follows whole after itself: by the hour, then by the turn."""
    label, again = key
    return label[:2] + str(int(again)) + label[2:], again


def _says_something(line: Line) -> bool:
    return any(cell and cell.state != TimeState.CLOSED for cell in line.cells)
