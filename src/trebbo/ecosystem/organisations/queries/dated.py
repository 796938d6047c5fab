"""What held on a day: the kinds and sizes of organisations."""

from collections.abc import Iterable
from datetime import date

from trebbo.ecosystem.organisations.models import KindPeriod, SizePeriod, holding_on
from trebbo.kernel.access import Viewer


def kinds_on(
    organisation_ids: Iterable[int], *, viewer: Viewer, day: date | None = None
) -> dict[int, KindPeriod]:
    """The kind that each organisation had on a day (today's if not given); others are left out."""
    rows = KindPeriod.objects.filter(
        holding_on(day or viewer.today), organisation__in=organisation_ids
    ).order_by("valid_from")
    return {row.organisation_id: row for row in rows}


def sizes_on(
    organisation_ids: Iterable[int], *, viewer: Viewer, day: date | None = None
) -> dict[int, SizePeriod]:
    """The latest size of each organisation that was known for the day's year or one before."""
    last = (day or viewer.today).year
    groups: dict[int, list[SizePeriod]] = {}
    for row in SizePeriod.objects.filter(organisation__in=organisation_ids):
        groups.setdefault(row.organisation_id, []).append(row)
    found = {key: latest_size(rows, year=last) for key, rows in groups.items()}
    return {key: size for key, size in found.items() if size is not None}


def latest_size(sizes: Iterable[SizePeriod], *, year: int) -> SizePeriod | None:
    """The latest of the sizes up to a year; one whose year is not known counts as the earliest."""
    known = [size for size in sizes if size.year is None or size.year <= year]
    return max(known, key=lambda size: size.year or 0, default=None)
