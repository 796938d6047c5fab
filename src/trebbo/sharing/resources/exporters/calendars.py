"""Bookings as a calendar that other programs subscribe to (RFC 5545, RFC 7986)."""

from datetime import UTC, timedelta

from django.conf import settings
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from trebbo.sharing.resources.queries import Entry, FeedTold

CALENDAR = "text/calendar; charset=utf-8"
READ_AGAIN = timedelta(hours=1)


def calendar_of(told: FeedTold) -> bytes:
    """The feed as a calendar in the language of the page; all times are in UTC."""
    calendar = Calendar()
    calendar.add("prodid", "-//Trebbo//IT")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    name = told.name or _("Bookings")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", READ_AGAIN, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    for entry in told.entries:
        calendar.add_component(_event(entry))
    return bytes(calendar.to_ical())


def _event(entry: Entry) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    # Without a request of its own to answer, it says when this was last true (RFC 5545, 3.8.7.2).
    moments = {
        "dtstamp": entry.changed_at,
        "last-modified": entry.changed_at,
        "created": entry.created_at,
        "dtstart": entry.starts_at,
        "dtend": entry.ends_at,
    }
    for name, moment in moments.items():
        event.add(name, moment.astimezone(UTC).replace(microsecond=0))
    event.add("sequence", entry.sequence)
    event.add("status", entry.status)
    event.add("transp", "TRANSPARENT" if entry.status == "CANCELLED" else "OPAQUE")
    event.add("summary", _summary(entry))
    if not entry.is_open:
        event.add("class", "PRIVATE")
        return event
    if place := _place(entry):
        event.add("location", place)
    event.add("url", f"{settings.SITE_ADDRESS}{entry.path}")
    return event


def _summary(entry: Entry) -> str:
    name = entry.resource.name
    if not entry.is_open:
        return _("Busy: %(resource)s") % {"resource": name}
    words = f"{name} – {entry.who}" if entry.who else name
    if entry.status == "TENTATIVE":
        return _("To be answered: %(booking)s") % {"booking": words}
    return f"{entry.state}: {words}" if entry.state else words


def _place(entry: Entry) -> str:
    return ", ".join(one for one in (entry.resource.room, entry.resource.profile.name) if one)
