"""Writes dates in the form that calendars take over from a mail (RFC 5545, RFC 5546)."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from icalendar import Calendar, Event, vCalAddress, vText

Method = Literal["REQUEST", "CANCEL", "PUBLISH"]


@dataclass(frozen=True, slots=True)
class Meeting:
    """A date: `uid` is the same at every change, `sequence` grows with each.

    `wants_replies` says whether the calendars of its attendees answer the organiser.
    """

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
    wants_replies: bool = True


def calendar_of(meeting: Meeting, *, method: Method, now: datetime) -> bytes:
    """The meeting as an .ics file: REQUEST invites its attendees, CANCEL takes the same `uid` out
    of their calendars, PUBLISH only tells.

    People are given as name and address. Refuses (ValueError) a REQUEST or CANCEL without
    organiser or attendees, which no calendar would take.
    """
    if method != "PUBLISH" and not (meeting.organiser and meeting.attendees):
        raise ValueError("it needs an organiser and attendees")
    calendar = Calendar()
    calendar.add("prodid", "-//Trebbo//IT")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    event = _event(meeting, now)
    if method == "CANCEL":
        event.add("status", "CANCELLED")
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def method_of(calendar: bytes) -> Method:
    """What a calendar file asks of whoever receives it."""
    head = calendar.partition(b"BEGIN:VEVENT")[0]
    if b"METHOD:REQUEST" in head:
        return "REQUEST"
    return "CANCEL" if b"METHOD:CANCEL" in head else "PUBLISH"


def start_of(calendar: bytes) -> tuple[datetime, str]:
    """When and where the meeting of a calendar file written here is."""
    event = Calendar.from_ical(calendar).walk("VEVENT")[0]
    return event.decoded("dtstart"), str(event.get("location", ""))


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
        attendee.params["rsvp"] = vText("TRUE" if meeting.wants_replies else "FALSE")
        event.add("attendee", attendee, encode=0)
    return event


def _person(name: str, address: str) -> vCalAddress:
    person = vCalAddress(f"mailto:{address}")
    person.params["cn"] = vText(name or address)
    return person
