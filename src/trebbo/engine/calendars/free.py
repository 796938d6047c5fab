"""Which quarters are open and free, and where a length fits; `reference` says it more slowly."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np

from trebbo.engine.calendars.contracts import DAY_MINUTES, Calendar, Opening, Quarters, Span
from trebbo.engine.calendars.quarters import Numbers, wall_quarters


def open_quarters(openings: Iterable[Opening], zone: ZoneInfo, first: int, until: int) -> Quarters:
    """Whether each quarter from `first` until before `until` is within the opening hours.

    A quarter is open when all of its minutes on the local clock are. Where clocks go forward, an
    hour that does not exist is not there, and what would open or close in it does so at the first
    moment after; where they go back, the hour that comes twice is open twice. No opening hours at
    all means open round the clock.
    """
    hours = tuple(openings)
    if not hours:
        return np.ones(max(0, until - first), dtype=np.bool_)
    chosen: Quarters = _week(hours)[wall_quarters(zone, first, until)]
    return chosen


@lru_cache(maxsize=4_096)
def _week(openings: tuple[Opening, ...]) -> Quarters:
    minutes = np.zeros(7 * DAY_MINUTES, dtype=np.bool_)
    for opening in openings:
        day = opening.weekday * DAY_MINUTES
        minutes[day + opening.opens : day + opening.closes] = True
    week: Quarters = np.logical_and.reduce(minutes.reshape(-1, 15), axis=1)
    return week


def free_quarters(
    openings: Iterable[Opening], zone: ZoneInfo, taken: Iterable[Span], first: int, until: int
) -> Quarters:
    """Whether each quarter from `first` until before `until` is open and not taken."""
    free = open_quarters(openings, zone, first, until)
    for span in taken:
        if span.until > first:
            free[max(0, span.first - first) : span.until - first] = False
    return free


def free_together(calendars: Iterable[Calendar], first: int, until: int) -> Quarters:
    """Whether each quarter is free in all of the calendars, as things booked together need it."""
    free = np.ones(max(0, until - first), dtype=np.bool_)
    for one in calendars:
        free &= free_quarters(one.openings, one.zone, one.taken, first, until)
    return free


def starts(free: Quarters | Sequence[bool], length: int) -> Numbers:
    """The indexes from which `length` quarters in a row are free, ascending.

    Refuses (ValueError) a length below 1.
    """
    if length < 1:
        raise ValueError("a slot has at least one quarter")
    sums = np.concatenate(([0], np.cumsum(free, dtype=np.int64)))
    if length >= len(sums):
        return np.zeros(0, dtype=np.int64)
    found: Numbers = np.flatnonzero(sums[length:] - sums[:-length] == length)
    return found


def stretches(free: Quarters | Sequence[bool], first: int) -> list[Span]:
    """The longest spans in which every quarter is free; index 0 is the quarter `first`."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], free, [False])).astype(np.int8)))
    return [Span(first + int(a), first + int(b)) for a, b in edges.reshape(-1, 2)]
