"""When the events of a calendar file take place; runs by itself, in a process that may be ended.

Whoever wrote the file decides how much work its rules are: one line can stand for millions of
events. So this is a program of its own, with limits of time and memory, that knows nothing of the
rest: the file comes in, seconds since 1970 go out as JSON.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar
from icalendar.cal import Component

UNREADABLE, TOO_MANY = "unreadable", "too many"
MOST_OCCURRENCES = 10_000
PROCESSOR_SECONDS = 20
MEMORY = 1_500_000_000
AROUND = timedelta(days=2)
"""How far beyond the span is looked: days and times without a zone shift by up to a day."""

WHEN = {"DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID"}

Span = tuple[int, int]


class CalendarUnfit(Exception):
    """Why a calendar cannot be taken: UNREADABLE or TOO_MANY."""


def busy_spans(data: bytes, zone: str, first: int, until: int, *, ours: str = "") -> list[Span]:
    """When somebody is busy between two moments, in seconds since 1970, ordered, without overlaps.

    Days and times without a zone are those of `zone`. Events that are cancelled or leave one free
    do not count, nor do those whose identifier ends with `ours`. Raises CalendarUnfit.
    """
    try:
        calendars = Calendar.from_ical(data, multiple=True)
    except MemoryError:
        raise
    except Exception as error:  # whatever the library trips over
        raise CalendarUnfit(UNREADABLE) from error
    known = [one for one in calendars if getattr(one, "name", "") == "VCALENDAR"]
    if not known or any(_damaged(event) for one in known for event in one.walk("VEVENT")):
        raise CalendarUnfit(UNREADABLE)
    place = ZoneInfo(zone)
    spans = []
    for event in _occurrences(known, first, until):
        span = _span(event, place)
        if _blocks(event, ours) and span[0] < span[1] and span[1] > first and span[0] < until:
            spans.append((max(span[0], first), min(span[1], until)))
        if len(spans) > MOST_OCCURRENCES:
            raise CalendarUnfit(TOO_MANY)
    return merged(spans)


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same time in as few spans as can be."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def _occurrences(calendars: list[Component], first: int, until: int) -> Iterator[Component]:
    start = datetime.fromtimestamp(first, UTC) - AROUND
    end = datetime.fromtimestamp(until, UTC) + AROUND
    try:
        for calendar in calendars:
            yield from recurring_ical_events.of(calendar).between(start, end)
    except MemoryError:
        raise
    except Exception as error:  # whatever the library trips over
        raise CalendarUnfit(UNREADABLE) from error


def _damaged(event: Component) -> bool:
    """Whether the library passed over something that says when the event is."""
    return any(name in WHEN for name, _words in event.errors)


def _blocks(event: Component, ours: str) -> bool:
    said = {name: str(event.get(name, "")).upper() for name in ("TRANSP", "STATUS")}
    free = str(event.get("X-MICROSOFT-CDO-BUSYSTATUS", "")).upper() == "FREE"
    known = bool(ours) and str(event.get("UID", "")).endswith(ours)
    return not (free or known or said["TRANSP"] == "TRANSPARENT" or said["STATUS"] == "CANCELLED")


def _span(event: Component, zone: tzinfo) -> Span:
    start: Any = event["DTSTART"].dt
    end: Any = event["DTEND"].dt if "DTEND" in event else start
    return _second(start, zone), _second(end, zone)


def _second(moment: date, zone: tzinfo) -> int:
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day)  # noqa: DTZ001
    return int((moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp())


def main() -> None:
    """Read a file from the standard input, and what is wanted from the arguments."""
    try:
        import resource
    except ImportError:  # no such limits on this system
        pass
    else:
        resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    zone, first, until, ours = sys.argv[1:]
    try:
        answer: Any = busy_spans(sys.stdin.buffer.read(), zone, int(first), int(until), ours=ours)
    except CalendarUnfit as unfit:
        answer = str(unfit)
    except MemoryError:
        answer = TOO_MANY
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
