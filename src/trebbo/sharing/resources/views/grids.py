"""The week of a resource as its page shows it: for each day what is free, and what is not."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from trebbo.sharing.resources.models import Booking
from trebbo.sharing.resources.queries.weeks import Cell, Day, TimeState, Week
from trebbo.sharing.resources.queries.wording import clock_words


@dataclass(frozen=True, slots=True)
class FreeCell:
    """A time that can be taken: its moment, and what the clock shows."""

    moment: str
    words: str


@dataclass(frozen=True, slots=True)
class GridPart:
    """A stretch of a day: the times that are free in it, or what fills it."""

    state: str
    words: str
    label: str
    free: tuple[FreeCell, ...] = ()
    booking: Booking | None = None


@dataclass(frozen=True, slots=True)
class GridDay:
    """A day of the week with its stretches; none where it is closed all day."""

    date: date
    parts: tuple[GridPart, ...]


def grid_of(week: Week) -> list[GridDay]:
    """The days of a week; being closed before the first and after the last hour is left out."""
    zone = ZoneInfo(week.resource.timezone)
    return [GridDay(day.date, _parts(day, week, zone)) for day in week.days]


def _parts(day: Day, week: Week, zone: ZoneInfo) -> tuple[GridPart, ...]:
    stretches = list(day.stretches)
    while stretches and stretches[0].state == TimeState.CLOSED:
        stretches.pop(0)
    while stretches and stretches[-1].state == TimeState.CLOSED:
        stretches.pop()
    return tuple(_part(one, day, week, zone) for one in stretches)


def _part(stretch: Cell, day: Day, week: Week, zone: ZoneInfo) -> GridPart:
    words = f"{_clock(stretch.starts_at, zone)}–{_clock(stretch.ends_at, zone)}"
    free: tuple[FreeCell, ...] = ()
    if stretch.state == TimeState.FREE:
        inside = [
            cell for cell in day.cells if stretch.starts_at <= cell.starts_at < stretch.ends_at
        ]
        free = tuple(
            FreeCell(cell.starts_at.isoformat(), _clock(cell.starts_at, zone)) for cell in inside
        )
    label = _label(stretch, week)
    return GridPart(stretch.state.value, words, label, free, stretch.booking)


def _label(stretch: Cell, week: Week) -> str:
    if stretch.state == TimeState.OUT:
        early = stretch.starts_at < week.window.starts_at
        return _("too late to ask") if early else _("not open to requests yet")
    if stretch.state == TimeState.BLOCKED and stretch.block is not None:
        return str(stretch.block.get_kind_display())
    labels = {
        TimeState.FREE: pgettext("time", "free"),
        TimeState.CLOSED: pgettext("time", "closed"),
        TimeState.BLOCKED: pgettext("time", "closed"),
        TimeState.BUSY: pgettext("time", "taken"),
        TimeState.MINE: pgettext("time", "yours"),
    }
    return labels[stretch.state]


def _clock(moment: datetime, zone: ZoneInfo) -> str:
    return clock_words(moment.astimezone(zone))
