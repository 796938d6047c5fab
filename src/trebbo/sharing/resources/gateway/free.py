"""When resources are free: their hours, blocks and bookings, and those of what goes with them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Max, Min

from trebbo.engine.calendars import (
    Calendar,
    Opening,
    Quarters,
    Span,
    covering,
    free_quarters,
    free_together,
    moment_of,
    quarter_of,
    starts,
    stretches,
)
from trebbo.kernel.access import Viewer
from trebbo.sharing.resources.choices import QUARTER_MINUTES
from trebbo.sharing.resources.models import Block, BookedQuarter, OpeningHours, Resource

NEXT_SLOTS = 3
FURTHEST_DAYS = 400
"""Free time is looked for no further ahead."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A span of time, in UTC."""

    starts_at: datetime
    ends_at: datetime


class ObstacleKind(StrEnum):
    """Why a time cannot be booked by anybody."""

    CLOSED = "closed"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What stands in the way: of which resource, and the block where it is one."""

    kind: ObstacleKind
    resource: Resource
    block: Block | None = None


@dataclass(frozen=True, slots=True)
class FreeTimes:
    """For each resource whether each quarter is free, from the quarter `first` until `until`.

    `open` is whether it is within the opening hours of the resource and of what goes with it.
    """

    first: int
    until: int
    free: Mapping[int, Quarters]
    open: Mapping[int, Quarters]

    def stretches_of(self, resource_id: int, within: Slot | None = None) -> list[Slot]:
        """The longest spans in which the resource is free, in order of time."""
        begin, end = self._part(within)
        found = stretches(self._of(resource_id)[begin:end], self.first + begin)
        return [_slot(span.first, span.until) for span in found]

    def minutes_of(self, resource_id: int, first: datetime, until: datetime) -> tuple[int, int]:
        """How many minutes between two moments are open, and how many of these are free."""
        begin, end = self._part(Slot(first, until))
        opened, free = self.open.get(resource_id), self.free.get(resource_id)
        if opened is None or free is None:
            return 0, 0
        counts = (int(one[begin:end].sum()) * QUARTER_MINUTES for one in (opened, free))
        return next(counts), next(counts)

    def slots_of(
        self, resource_id: int, minutes: int, most: int = 1, within: Slot | None = None
    ) -> list[Slot]:
        """The first free slots of a length that do not overlap each other, in order of time."""
        length = _quarters(minutes)
        past, end = self._part(within)
        found: list[Slot] = []
        for start in starts(self._of(resource_id)[:end], length).tolist():
            if len(found) == most:
                break
            if start >= past:
                past = start + length
                found.append(_slot(self.first + start, self.first + past))
        return found

    def is_free(self, resource_id: int, starts_at: datetime, ends_at: datetime) -> bool:
        """Whether every quarter between is free; no, where a part of it was not looked at."""
        span = covering(starts_at, ends_at)
        if span.first < self.first or span.until > self.until:
            return False
        return all(self._of(resource_id)[span.first - self.first : span.until - self.first])

    def _part(self, within: Slot | None) -> tuple[int, int]:
        """The indexes of the quarters that lie wholly within."""
        if within is None:
            return 0, self.until - self.first
        begin = covering(within.starts_at, within.starts_at).until
        return max(0, begin - self.first), max(0, quarter_of(within.ends_at) - self.first)

    def _of(self, resource_id: int) -> Sequence[bool] | Quarters:
        found = self.free.get(resource_id)
        return (False,) * (self.until - self.first) if found is None else found


def free_times(resources: Iterable[Resource], first: datetime, until: datetime) -> FreeTimes:
    """When resources that were read for the viewer before are free between two moments.

    A resource is free while it is open, not blocked and not held, and so is each that is booked
    together with it. Quarters only partly between the moments are left out. Four queries, however
    many resources.
    """
    zones = {one.pk: one.timezone for one in resources}
    begin = covering(first, first).until
    end = max(begin, quarter_of(until))
    together = _linked(zones)
    named = zones | {key: zone for pairs in together.values() for key, zone in pairs}
    calendars = _calendars(named, begin, end)
    free, opened = {}, {}
    for key in zones:
        chosen = [calendars[one] for one in (key, *(pair[0] for pair in together.get(key, ())))]
        free[key] = free_together(chosen, begin, end)
        opened[key] = free_together([replace(one, taken=()) for one in chosen], begin, end)
    return FreeTimes(begin, end, free, opened)


@dataclass(frozen=True, slots=True)
class ResourceTime:
    """What fills a span of one resource's time, with what goes with it: quarter by quarter.

    `blocks` and `held` say in which quarters a block lies, or a booking (by its id) holds the slot.
    """

    first: int
    until: int
    open: Quarters
    blocks: list[tuple[range, Block]]
    held: list[tuple[range, int]]


def time_of(resource: Resource, first: datetime, until: datetime) -> ResourceTime:
    """What fills the time of a resource that was read for the viewer before; four queries."""
    begin, end = quarter_of(first), quarter_of(until)
    linked = _linked([resource.pk]).get(resource.pk, [])
    named = {resource.pk: resource.timezone, **dict(linked)}
    openings = _openings(named)
    hours = [Calendar(openings[key], zone_of(zone)) for key, zone in named.items()]
    blocks = [
        (quarters_between(one.starts_at, one.ends_at), one)
        for one in _blocks(named, moment_of(begin), moment_of(end))
    ]
    held = [
        (range(span.first, span.until), booking) for _key, booking, span in _held(named, begin, end)
    ]
    return ResourceTime(begin, end, free_together(hours, begin, end), blocks, held)


def next_free(
    resource: Resource,
    minutes: int,
    after: datetime,
    *,
    viewer: Viewer,
    most: int = NEXT_SLOTS,
) -> list[Slot]:
    """The next free slots of a length from a moment on, as far as notice and horizon allow."""
    window = booking_window(resource, viewer.now)
    first = max(after, window.starts_at)
    last = min(window.ends_at, first + timedelta(days=FURTHEST_DAYS))
    if last <= first:
        return []
    times = free_times([resource], first, last)
    return times.slots_of(resource.pk, minutes, most)


def booking_window(resource: Resource, now: datetime) -> Slot:
    """From when until when slots may lie: after the notice, until the end of the horizon's day."""
    earliest = now + timedelta(hours=resource.notice_hours)
    zone = zone_of(resource.timezone)
    days = min(resource.horizon_days, 10 * FURTHEST_DAYS)
    day = now.astimezone(zone).date() + timedelta(days=days + 1)
    latest = quarter_of(day_begins(day, zone))
    return _slot(covering(earliest, earliest).until, latest)


def is_open(resource: Resource, starts_at: datetime, ends_at: datetime) -> bool:
    """Whether nothing but bookings can stand in the way; see `obstacle_to`."""
    return obstacle_to(resource, starts_at, ends_at) is None


def obstacle_to(resource: Resource, starts_at: datetime, ends_at: datetime) -> Obstacle | None:
    """What closes a slot to everybody: opening hours or a block of it or of what goes with it.

    Its own hours come first, then blocks, then those of the linked ones. Bookings are not looked
    at: the database refuses what is held.
    """
    span = covering(starts_at, ends_at)
    resources = [resource, *resource.booked_with.order_by("pk")]
    keys = [one.pk for one in resources]
    openings, blocks = _openings(keys), defaultdict[int, list[Block]](list)
    for block in _blocks(keys, starts_at, ends_at):
        blocks[block.resource_id].append(block)
    for one in resources:
        zone = zone_of(one.timezone)
        if not free_quarters(openings[one.pk], zone, (), span.first, span.until).all():
            return Obstacle(ObstacleKind.CLOSED, one)
        if blocks[one.pk]:
            return Obstacle(ObstacleKind.BLOCKED, one, blocks[one.pk][0])
    return None


def day_begins(day: date, zone: tzinfo) -> datetime:
    """The first moment of a local day, also where its midnight does not exist."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def quarters_between(starts_at: datetime, ends_at: datetime) -> range:
    """The quarters that a slot holds, as `BookedQuarter` counts them."""
    span = covering(starts_at, ends_at)
    return range(span.first, span.until)


def linked_to(resource_ids: Iterable[int]) -> dict[int, tuple[int, ...]]:
    """The resources that are booked together with each of these, where there are any."""
    return {
        key: tuple(other for other, _zone in pairs) for key, pairs in _linked(resource_ids).items()
    }


@lru_cache(maxsize=64)
def zone_of(name: str) -> ZoneInfo:
    """The time zone of a resource."""
    return ZoneInfo(name)


def _linked(resource_ids: Iterable[int]) -> dict[int, list[tuple[int, str]]]:
    """What is booked together with each of these, where there is something, with its zone."""
    through: Any = Resource.booked_with.through
    pairs = through.objects.filter(from_resource__in=list(resource_ids)).order_by("pk")
    found: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for one, *other in pairs.values_list("from_resource", "to_resource", "to_resource__timezone"):
        found[one].append((other[0], other[1]))
    return found


def _calendars(named: Mapping[int, str], first: int, until: int) -> dict[int, Calendar]:
    openings, taken = _openings(named), defaultdict[int, list[Span]](list)
    for block in _blocks(named, moment_of(first), moment_of(until)):
        taken[block.resource_id].append(covering(block.starts_at, block.ends_at))
    for key, _booking, span in _held(named, first, until):
        taken[key].append(span)
    return {
        key: Calendar(openings[key], zone_of(name), tuple(taken[key]))
        for key, name in named.items()
    }


def _openings(resource_ids: Iterable[int]) -> dict[int, tuple[Opening, ...]]:
    found: dict[int, tuple[Opening, ...]] = defaultdict(tuple)
    rows = OpeningHours.objects.filter(resource__in=list(resource_ids))
    for key, *parts in rows.values_list("resource", "weekday", "opens", "closes"):
        found[key] = (*found[key], Opening(*parts))
    return found


def _blocks(resource_ids: Iterable[int], first: datetime, until: datetime) -> Iterable[Block]:
    rows = Block.objects.filter(resource__in=list(resource_ids))
    return rows.filter(ends_at__gt=first, starts_at__lt=until).order_by("starts_at", "pk")


def _held(resource_ids: Iterable[int], first: int, until: int) -> Iterable[tuple[int, int, Span]]:
    """What bookings hold: resource, booking, and its quarters, which follow each other."""
    rows = BookedQuarter.objects.filter(
        resource__in=list(resource_ids), quarter__gte=first, quarter__lt=until
    )
    spans = rows.values("resource", "booking").annotate(begin=Min("quarter"), last=Max("quarter"))
    for one in spans.order_by():
        yield one["resource"], one["booking"], Span(one["begin"], one["last"] + 1)


def _quarters(minutes: int) -> int:
    return max(1, -(-minutes // QUARTER_MINUTES))


def _slot(first: int, until: int) -> Slot:
    return Slot(moment_of(first), moment_of(until))
