"""The obvious version of `free`, one quarter and one minute at a time; tests compare the two."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from trebbo.engine.calendars.contracts import Calendar, Opening, Span
from trebbo.engine.calendars.quarters import moment_of


def is_open(openings: Sequence[Opening], zone: ZoneInfo, quarter: int) -> bool:
    """Whether the clock on the wall is within the opening hours at each minute of the quarter."""
    if not openings:
        return True
    shown = moment_of(quarter).astimezone(zone)
    minutes = [shown.hour * 60 + shown.minute + minute for minute in range(15)]
    return all(
        any(
            opening.weekday == shown.weekday() and opening.opens <= minute < opening.closes
            for opening in openings
        )
        for minute in minutes
    )


def is_free(calendars: Sequence[Calendar], quarter: int) -> bool:
    """Whether the quarter is open and not taken in each of the calendars."""
    return all(
        is_open(one.openings, one.zone, quarter)
        and not any(span.first <= quarter < span.until for span in one.taken)
        for one in calendars
    )


def free_together(calendars: Sequence[Calendar], first: int, until: int) -> list[bool]:
    """Whether each quarter is free in all of the calendars."""
    return [is_free(calendars, quarter) for quarter in range(first, until)]


def starts(free: Sequence[bool], length: int) -> list[int]:
    """The indexes from which `length` quarters in a row are free."""
    last = len(free) - length
    return [index for index in range(last + 1) if all(free[index : index + length])]


def stretches(free: Sequence[bool], first: int) -> list[Span]:
    """The longest spans in which every quarter is free."""
    found: list[Span] = []
    for index, one in enumerate(free):
        if one and index and free[index - 1]:
            found[-1] = Span(found[-1].first, first + index + 1)
        elif one:
            found.append(Span(first + index, first + index + 1))
    return found
