"""How many hours of a year resources are open: what use is measured against."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from trebbo.engine.calendars import Opening, Span, covering, free_quarters
from trebbo.sharing.resources.choices import QUARTER_MINUTES, BlockKind
from trebbo.sharing.resources.models import Block, OpeningHours, Resource

OUT_OF_USE = (BlockKind.MAINTENANCE, BlockKind.CLOSED)
"""Blocks that lessen what can be used; the owner's own calendar is use."""


def year_of(resource: Resource, year: int) -> tuple[datetime, datetime]:
    """A year of the resource's own clock, from its first moment until the next year's."""
    zone = ZoneInfo(resource.timezone)
    return datetime(year, 1, 1, tzinfo=zone), datetime(year + 1, 1, 1, tzinfo=zone)


def open_minutes(resources: Iterable[Resource], year: int) -> dict[int, int]:
    """For each resource, the minutes of a local year within its opening hours and no block.

    Maintenance and closing lessen them; bookings and the owner's own calendar do not. Two queries.
    """
    spans = {resource.pk: year_of(resource, year) for resource in resources}
    zones = {resource.pk: ZoneInfo(resource.timezone) for resource in resources}
    openings: dict[int, list[Opening]] = defaultdict(list)
    hours = OpeningHours.objects.filter(resource__in=list(spans))
    for key, *parts in hours.values_list("resource", "weekday", "opens", "closes"):
        openings[key].append(Opening(*parts))
    taken = _out_of_use(spans)
    found = {}
    for key, (first, until) in spans.items():
        year_span = covering(first, until)
        free = free_quarters(
            openings[key], zones[key], taken[key], year_span.first, year_span.until
        )
        found[key] = int(free.sum()) * QUARTER_MINUTES
    return found


def _out_of_use(spans: dict[int, tuple[datetime, datetime]]) -> dict[int, list[Span]]:
    taken: dict[int, list[Span]] = defaultdict(list)
    if not spans:
        return taken
    first = min(first for first, _until in spans.values())
    until = max(until for _first, until in spans.values())
    blocks = Block.objects.filter(
        resource__in=list(spans), kind__in=OUT_OF_USE, ends_at__gt=first, starts_at__lt=until
    )
    for key, start, end in blocks.values_list("resource", "starts_at", "ends_at"):
        taken[key].append(covering(start, end))
    return taken
