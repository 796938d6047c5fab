"""One search and one list over the resources of all owners."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from trebbo.kernel.access import Viewer, public, viewer_of
from trebbo.kernel.pages import key_of
from trebbo.kernel.text import one_line
from trebbo.sharing.resources import queries
from trebbo.sharing.resources.choices import Operation, ResourceKind, UserClass

LONGEST_WORDS, LONGEST_PLACE = 200, 100
DISTANCES = (10, 30, 50, 100)
LENGTHS = (60, 120, 240, 480)
FURTHER = ("free_from", "free_until", "minutes", "user_class", "operation")
"""What the form asks in its second part, which opens where something of it is asked."""
NEAR = 30
SATURDAY = 5
LISTS = {
    "kind": ResourceKind.values,
    "user_class": UserClass.values,
    "operation": Operation.values,
}


@dataclass(frozen=True, slots=True)
class Chip:
    """A search that one click asks, or takes back where it is asked already."""

    label: str
    address: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class _Head:
    """The head of a column of the calendar, with the address of its day."""

    shown: datetime
    address: str


@require_safe
@public
def resources(request: HttpRequest) -> HttpResponse:
    """Find what can be used: equipment, spaces, services, data, biobanks, places, hours."""
    viewer, typed = viewer_of(request), request.GET
    wanted = wanted_of(typed)
    found = queries.find_resources(wanted, viewer=viewer, offset=key_of(typed.get("from", "")))
    context = {
        **filters(typed, wanted),
        "found": found,
        "chips": list(_chips(viewer, typed)),
        "next": _address(typed, **{"from": found.next_offset}) if found.next_offset else "",
        "first": _address(typed, **{"from": None}) if found.offset else "",
        "calendar": f"{reverse('resources_calendar')}?{_asked(typed)}",
    }
    return render(request, "resources/resources.html", context)


@require_safe
@public
def resources_calendar(request: HttpRequest) -> HttpResponse:
    """One calendar over all owners: of a week by the day, or of a day by the hour."""
    viewer, typed = viewer_of(request), request.GET
    wanted = wanted_of(typed)
    by_week = typed.get("by", "") != "day"
    calendar = queries.shared_calendar(
        wanted,
        _day(typed.get("day", "")) or coming_workday(viewer.today),
        viewer=viewer,
        by_week=by_week,
        offset=key_of(typed.get("from", "")),
    )
    found = calendar.found
    context = {
        **filters(typed, wanted),
        "calendar": calendar,
        "found": found,
        "by_week": by_week,
        "before": _address(typed, day=calendar.previous),
        "after": _address(typed, day=calendar.next),
        "other": _address(typed, by="day" if by_week else None, day=calendar.first),
        "columns": [
            _Head(one.shown, _address(typed, by="day", day=one.shown.date()))
            for one in calendar.columns
        ],
        "next": _address(typed, **{"from": found.next_offset}) if found.next_offset else "",
        "first": _address(typed, **{"from": None}) if found.offset else "",
        "list": f"{reverse('resources')}?{_asked(typed)}",
    }
    return render(request, "resources/resources_calendar.html", context)


def wanted_of(typed: QueryDict) -> queries.ResourcesWanted:
    """What the address asks for; what makes no sense is not asked."""
    wanted = queries.ResourcesWanted(
        words=one_line(typed.get("q", ""))[:LONGEST_WORDS],
        field=key_of(typed.get("field", "")) or None,
        owner=one_line(typed.get("owner", ""))[:200],
        place=one_line(typed.get("place", ""))[:LONGEST_PLACE],
        km=_one_of(typed.get("km", ""), DISTANCES),
        minutes=_one_of(typed.get("minutes", ""), LENGTHS),
        kind=_listed("kind", typed),
        user_class=_listed("user_class", typed),
        operation=_listed("operation", typed),
        only_bookable="bookable" in typed,
        only_funded="funded" in typed,
    )
    first, last = _day(typed.get("free_from", "")), _day(typed.get("free_until", ""))
    if first is None:
        return wanted
    until = midnight((last or first) + timedelta(days=1))
    return replace(wanted, free_from=midnight(first), free_until=until)


def filters(typed: QueryDict, wanted: queries.ResourcesWanted) -> dict[str, Any]:
    """What the form of a search shows."""
    return {
        "wanted": wanted,
        "free_from": typed.get("free_from", "") if wanted.free_from else "",
        "free_until": typed.get("free_until", "") if wanted.free_from else "",
        "narrowed": any(
            value for name, value in typed.items() if name not in {"from", "day", "by"}
        ),
        "narrowed_further": any(typed.get(name) for name in FURTHER),
        "kinds": ResourceKind.choices,
        "classes": UserClass.choices,
        "operations": Operation.choices,
        "distances": DISTANCES,
        "lengths": LENGTHS,
    }


def midnight(day: date) -> datetime:
    """The first moment of a local day."""
    return timezone.make_aware(datetime.combine(day, time(0)))


def _listed(name: str, typed: QueryDict) -> str:
    value = typed.get(name, "")
    return value if value in LISTS[name] else ""


def _one_of(words: str, numbers: Iterable[int]) -> int | None:
    return next((number for number in numbers if str(number) == words), None)


def coming_workday(day: date) -> date:
    """The day, or the Monday after its weekend: a calendar of what is over helps nobody."""
    return day + timedelta(days=7 - day.weekday()) if day.weekday() >= SATURDAY else day


def _day(words: str) -> date | None:
    try:
        day = parse_date(words)
    except ValueError:
        return None
    return day if day and 2000 <= day.year < 2200 else None


def _chips(viewer: Viewer, typed: QueryDict) -> Iterator[Chip]:
    monday = viewer.today + timedelta(days=7 - viewer.today.weekday())
    week = {"free_from": monday.isoformat(), "free_until": (monday + timedelta(6)).isoformat()}
    yield _chip(_("Free next week"), typed, **week)
    town = typed.get("place", "") or queries.town_of(viewer)
    if town:
        label = _("Within %(km)s km of %(town)s") % {"km": NEAR, "town": town}
        yield _chip(label, typed, place=town, km=str(NEAR))
    yield _chip(_("With a price for members"), typed, user_class=UserClass.MEMBER.value)
    yield _chip(_("Can be booked here"), typed, bookable="1")
    yield _chip(_("Paid for with public money"), typed, funded="1")


def _chip(label: str, typed: QueryDict, **asked: str) -> Chip:
    is_on = all(typed.get(name) == value for name, value in asked.items())
    changes: dict[str, str | None] = dict.fromkeys(asked) if is_on else {**asked}
    return Chip(label, _address(typed, **changes, **{"from": None}), is_on)


def _address(typed: QueryDict, **changes: Any) -> str:
    """The same search with some of it changed; a blank change takes it out."""
    kept = {name: value for name, value in typed.items() if value and name not in changes}
    kept |= {name: str(value) for name, value in changes.items() if value is not None}
    return f"?{urlencode(kept)}"


def _asked(typed: QueryDict) -> str:
    return urlencode(
        {
            name: value
            for name, value in typed.items()
            if value and name not in {"from", "day", "by"}
        }
    )
