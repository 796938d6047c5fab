"""One search over the resources of all owners: by words, place, class of user and free time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from trebbo.ecosystem.organisations.models import Seat, holding_on
from trebbo.ecosystem.vocabularies.models import Municipality
from trebbo.kernel.access import Viewer
from trebbo.sharing.resources.choices import UserClass
from trebbo.sharing.resources.gateway import Slot, booking_window, free_times
from trebbo.sharing.resources.models import Price, Resource
from trebbo.sharing.resources.policies.classes import user_classes_of
from trebbo.sharing.resources.queries.candidates import Candidate, ResourcesWanted, candidates
from trebbo.sharing.resources.queries.prices import Quote, cheapest

PAGE = 20
FIRST_BATCH = 40
MOST_LOOKED_AT = 400
"""Candidates whose free time one page looks at; who wants more goes on to the next."""
LONGEST_WINDOW = timedelta(days=62)
"""Free time is looked for within so long a span, from its beginning."""


@dataclass(frozen=True, slots=True)
class FoundResource:
    """A resource of the list: its town, distance, first free slot, and price for the viewer.

    The slot is blank where no free time is asked for, the quote's amount where there is no price
    for the viewer's class. The quote is for `minutes`.
    """

    resource: Resource
    town: str
    km: float | None
    slot: Slot | None
    minutes: int
    quote: Quote


@dataclass(frozen=True, slots=True)
class FoundResources:
    """A page of the list.

    `total` counts what fits but for free time. `next_offset` leads to the next page, blank on the
    last. `is_cut` where so many had no free time that the page was not filled: more may follow.
    """

    rows: list[FoundResource]
    total: int
    offset: int
    next_offset: int | None
    town: Municipality | None = None
    loosely: bool = False
    is_cut: bool = False


def find_resources(
    wanted: ResourcesWanted, *, viewer: Viewer, offset: int = 0, priced: bool = True
) -> FoundResources:
    """The resources wanted that the viewer may see, PAGE at a time.

    `offset` is that of the first candidate, as `next_offset` of the page before says it. Prices are
    read where `priced`. At most ten queries; with free time four more for each further batch of
    candidates, of at most MOST_LOOKED_AT.
    """
    found = candidates(wanted, viewer=viewer)
    offset = max(0, min(offset, len(found.found)))
    left = found.found[offset:]
    looked_at = left[:MOST_LOOKED_AT] if wanted.asks_for_time else left
    source = _with_time(looked_at, wanted, viewer) if wanted.asks_for_time else _plainly(left)
    chosen = list(islice(source, PAGE + 1))
    page, next_offset, is_cut = chosen[:PAGE], None, False
    if len(chosen) > PAGE:
        next_offset = offset + chosen[PAGE].number
    elif len(looked_at) < len(left):
        next_offset, is_cut = offset + len(looked_at), len(page) < PAGE
    return FoundResources(
        _told(page, wanted, viewer, priced=priced),
        total=len(found.found),
        offset=offset,
        next_offset=next_offset,
        town=found.town,
        loosely=found.loosely,
        is_cut=is_cut,
    )


@dataclass(frozen=True, slots=True)
class _Chosen:
    """A resource for the page: the how manieth candidate it was, and its first free slot."""

    number: int
    resource: Any
    km: float | None
    slot: Slot | None = None


def _plainly(left: list[Candidate]) -> Iterator[_Chosen]:
    first = left[: PAGE + 1]
    rows = _rows(first)
    for number, one in enumerate(first):
        if one.resource_id in rows:
            yield _Chosen(number, rows[one.resource_id], one.km)


def _with_time(left: list[Candidate], wanted: ResourcesWanted, viewer: Viewer) -> Iterator[_Chosen]:
    """Those with a free slot, looked at in batches, each larger than the one before."""
    at, size = 0, FIRST_BATCH
    while at < len(left):
        batch = left[at : at + size]
        rows = _rows(batch)
        slots = _first_slots(rows, wanted, viewer)
        for number, one in enumerate(batch, at):
            slot = slots.get(one.resource_id)
            if slot:
                yield _Chosen(number, rows[one.resource_id], one.km, slot)
        at, size = at + size, size * 3


def _first_slots(rows: dict[int, Any], wanted: ResourcesWanted, viewer: Viewer) -> dict[int, Slot]:
    first, until = _window(wanted, viewer.now)
    windows = {
        key: _within(booking_window(row, viewer.now), first, until) for key, row in rows.items()
    }
    times = free_times([rows[key] for key, window in windows.items() if window], first, until)
    found = {}
    for key, window in windows.items():
        minutes = minutes_for(rows[key], wanted.minutes)
        slots = times.slots_of(key, minutes, within=window) if window else []
        if slots:
            found[key] = slots[0]
    return found


def _window(wanted: ResourcesWanted, now: datetime) -> tuple[datetime, datetime]:
    first = max(wanted.free_from or now, now)
    return first, max(first, min(wanted.free_until or first, first + LONGEST_WINDOW))


def _within(window: Slot, first: datetime, until: datetime) -> Slot | None:
    begin, end = max(window.starts_at, first), min(window.ends_at, until)
    return Slot(begin, end) if begin < end else None


def minutes_for(resource: Resource, minutes: int | None) -> int:
    """The length that is looked for: what is wanted, but no less than the resource allows."""
    return max(minutes or 0, resource.shortest_minutes)


def _rows(chosen: list[Candidate]) -> dict[int, Any]:
    rows: QuerySet[Any] = Resource.objects.select_related("profile", "municipality")
    rows = rows.defer("words", "terms_it", "terms_en", "ethics_it", "ethics_en")
    keys = [one.resource_id for one in chosen]
    return {row.pk: row for row in rows.filter(pk__in=keys).annotate(seat_town=_seat_town())}


def _seat_town() -> Coalesce:
    """The town of the owner's main seat, or of its organisation's."""

    def town(owner: str) -> Subquery:
        seats = Seat.objects.filter(profile=OuterRef(owner), is_main=True)
        return Subquery(seats.values("municipality__name")[:1])

    return Coalesce(town("profile"), town("profile__as_unit__organisation"))


def _told(
    chosen: list[_Chosen], wanted: ResourcesWanted, viewer: Viewer, *, priced: bool
) -> list[FoundResource]:
    rows = [one.resource for one in chosen]
    classes = user_classes_of(viewer, rows) if priced else {}
    prices = _prices(rows, viewer.today) if priced else {}
    told = []
    for one in chosen:
        resource, minutes = one.resource, minutes_for(one.resource, wanted.minutes)
        own = classes.get(resource.pk, UserClass.EXTERNAL)
        quote = cheapest(prices.get((resource.pk, own), ()), own, Decimal(minutes) / 60)
        town = resource.municipality.name if resource.municipality else resource.seat_town or ""
        told.append(FoundResource(resource, town, one.km, one.slot, minutes, quote))
    return told


def _prices(rows: list[Any], day: date) -> dict[tuple[int, str], list[Price]]:
    """The prices of a day by resource and class; of several for a unit, the latest comes last."""
    found: dict[tuple[int, str], list[Price]] = {}
    keys = [row.pk for row in rows]
    prices = Price.objects.filter(holding_on(day), resource__in=keys)
    for price in sorted(prices, key=lambda one: (one.valid_from or date.min, one.pk)):
        found.setdefault((price.resource_id, price.user_class), []).append(price)
    return found
