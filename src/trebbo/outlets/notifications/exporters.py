"""Writes dates in the form that calendars take over from a mail (RFC 5545, RFC 5546)."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from icalendar import Calendar, Event, vCalAddress, vText


@dataclass(frozen=True, slots=True)
class Meeting:
    """A date: `uid` is the same at every change, `sequence` grows with each."""

    uid: str
    starts_at: datetime
    ends_at: datetime
    summary: str
    description: str = ""
    location: str = ""
    url: str = ""
    sequence: int = 0
    organiser: tuple[str, str] | None = None
    attendees: tuple[tuple[str, str], ...] = ()


def calendar_of(meeting: Meeting, *, method: Literal["REQUEST", "PUBLISH"], now: datetime) -> bytes:
    """The meeting as an .ics file: REQUEST asks its attendees to answer, PUBLISH only tells.

    People are given as name and address. Refuses (ValueError) a REQUEST without organiser or
    attendees, which no calendar would take.
    """
    if method == "REQUEST" and not (meeting.organiser and meeting.attendees):
        raise ValueError("a request needs an organiser and attendees")
    calendar = Calendar()
    calendar.add("prodid", "-//Trebbo//IT")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(_event(meeting, now))
    return bytes(calendar.to_ical())


def _event(meeting: Meeting, now: datetime) -> Event:
    event = Event()
    moments = {"dtstamp": now, "dtstart": meeting.starts_at, "dtend": meeting.ends_at}
    for name, moment in moments.items():
        event.add(name, moment.astimezone(UTC))
    event.add("uid", meeting.uid)
    event.add("sequence", meeting.sequence)
    for name in ("summary", "description", "location", "url"):
        if value := getattr(meeting, name):
            event.add(name, value)
    if meeting.organiser:
        event["organizer"] = _person(*meeting.organiser)
    for name, address in meeting.attendees:
        attendee = _person(name, address)
        attendee.params["rsvp"] = vText("TRUE")
        event.add("attendee", attendee, encode=0)
    return event


def _person(name: str, address: str) -> vCalAddress:
    person = vCalAddress(f"mailto:{address}")
    person.params["cn"] = vText(name or address)
    return person
