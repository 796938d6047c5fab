"""Dates as calendars take them over."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from trebbo.outlets.notifications.actions.calendars import (
    Meeting,
    Method,
    calendar_of,
    method_of,
    start_of,
)

STARTS = datetime(2026, 6, 17, 11, 30, tzinfo=ZoneInfo("Europe/Rome"))
MEETING = Meeting(
    uid="introduction-1@trebbo.example",
    starts_at=STARTS,
    ends_at=STARTS + timedelta(hours=1),
    summary="Incontro, à la carte; BEGIN:VEVENT\nX",
    location="Modena",
    url="https://trebbo.example/it/",
    sequence=2,
    organiser=("Ada, Sintetica", "ada@trebbo.example"),
    attendees=(("Bea", "bea@trebbo.example"), ("", "cleo@trebbo.example")),
)


def test_a_request() -> None:
    """One event, at the same moment, with who invites and who is invited; words stay words."""
    content = calendar_of(MEETING, method="REQUEST", now=STARTS)
    calendar = Calendar.from_ical(content)
    assert b"METHOD:REQUEST\r\n" in content
    [event] = calendar.walk("VEVENT")
    assert event.decoded("dtstart") == STARTS
    assert event.decoded("dtend") - event.decoded("dtstart") == timedelta(hours=1)
    assert event["summary"] == MEETING.summary
    assert (event["uid"], event["sequence"]) == (MEETING.uid, 2)
    assert event["organizer"] == "mailto:ada@trebbo.example"
    assert [str(one) for one in event["attendee"]] == [
        "mailto:bea@trebbo.example",
        "mailto:cleo@trebbo.example",
    ]
    assert event["attendee"][1].params["cn"] == "cleo@trebbo.example"


def test_a_date_that_is_only_told() -> None:
    """Nobody is asked to answer."""
    told = Meeting("u@trebbo.example", STARTS, STARTS, "Scadenza")
    content = calendar_of(told, method="PUBLISH", now=STARTS)
    assert b"METHOD:PUBLISH\r\n" in content
    assert b"ATTENDEE" not in content
    with pytest.raises(ValueError, match="organiser"):
        calendar_of(told, method="REQUEST", now=STARTS)


def test_a_date_that_is_called_off() -> None:
    """The same date, marked as cancelled, for those who were invited."""
    content = calendar_of(MEETING, method="CANCEL", now=STARTS)
    [event] = Calendar.from_ical(content).walk("VEVENT")
    assert (event["uid"], str(event["status"])) == (MEETING.uid, "CANCELLED")
    assert start_of(content) == (STARTS, "Modena")


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL", "PUBLISH"])
def test_the_method_is_read_from_the_head(method: Method) -> None:
    """Words of the event do not count, whatever they say."""
    told = replace(MEETING, summary="METHOD:CANCEL", location="METHOD:REQUEST")
    assert method_of(calendar_of(told, method=method, now=STARTS)) == method
