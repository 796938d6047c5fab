"""The use ledger: hours of a year by class and by economic use, against capacity and ceiling."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import F, QuerySet

from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel.access import Viewer
from trebbo.sharing.resources import gateway
from trebbo.sharing.resources.choices import BookingState, CeilingLevel, UserClass
from trebbo.sharing.resources.models import (
    Booking,
    Resource,
    UseCeiling,
    UseRecord,
    YearlyCapacity,
)
from trebbo.sharing.resources.policies import answer_bookings, read_ledger

HUNDREDTH = Decimal("0.01")


def hours_of(minutes: int) -> Decimal:
    """Minutes as hours to the hundredth, halves up."""
    return (Decimal(minutes) / 60).quantize(HUNDREDTH, ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """What one class of users used in the year, in minutes."""

    user_class: UserClass
    economic_minutes: int = 0
    other_minutes: int = 0

    @property
    def minutes(self) -> int:
        """All of it."""
        return self.economic_minutes + self.other_minutes

    @property
    def economic_hours(self) -> Decimal:
        """Economic use, in hours."""
        return hours_of(self.economic_minutes)

    @property
    def other_hours(self) -> Decimal:
        """Other use, in hours."""
        return hours_of(self.other_minutes)

    @property
    def hours(self) -> Decimal:
        """All of it, in hours."""
        return hours_of(self.minutes)


@dataclass(frozen=True, slots=True)
class LedgerRecord:
    """One record of use; `minutes` are those within the year.

    `body`, `note` and `recorded_by` are blank for who does not act for the owner.
    """

    use: UseRecord
    minutes: int
    body: str = ""
    note: str = ""
    recorded_by: str = ""

    @property
    def hours(self) -> Decimal:
        """The hours within the year."""
        return hours_of(self.minutes)

    @property
    def counts(self) -> bool:
        """Whether it counts: not where it was struck out."""
        return self.use.voided_at is None


@dataclass(frozen=True, slots=True)
class Ledger:
    """What is known of a resource's use in a year of its own clock; all times in minutes.

    `booked_…` are accepted bookings of which no use is recorded yet, past and to come; of
    `booked_unknown_minutes` nobody said whether the use is economic. `unrecorded` counts those
    bookings that are over.
    """

    resource: Resource
    year: int
    rows: tuple[LedgerRow, ...]
    records: tuple[LedgerRecord, ...]
    capacity_minutes: int
    capacity: YearlyCapacity | None
    ceiling: UseCeiling | None
    booked_economic_minutes: int
    booked_other_minutes: int
    booked_unknown_minutes: int
    unrecorded: int

    @property
    def economic_minutes(self) -> int:
        """Recorded economic use."""
        return sum(row.economic_minutes for row in self.rows)

    @property
    def other_minutes(self) -> int:
        """Recorded use that is not economic."""
        return sum(row.other_minutes for row in self.rows)

    @property
    def economic_hours(self) -> Decimal:
        """Recorded economic use, in hours."""
        return hours_of(self.economic_minutes)

    @property
    def other_hours(self) -> Decimal:
        """Recorded use that is not economic, in hours."""
        return hours_of(self.other_minutes)

    @property
    def total_hours(self) -> Decimal:
        """All recorded use, in hours."""
        return hours_of(self.economic_minutes + self.other_minutes)

    @property
    def capacity_hours(self) -> Decimal:
        """The year's capacity, in hours."""
        return hours_of(self.capacity_minutes)

    @property
    def ceiling_hours(self) -> Decimal | None:
        """How many economic hours the ceiling allows in the year."""
        if self.ceiling is None:
            return None
        allowed = Decimal(self.capacity_minutes) * self.ceiling.percent / 6000
        return allowed.quantize(HUNDREDTH, ROUND_HALF_UP)

    @property
    def share(self) -> Decimal | None:
        """Economic use in per cent of capacity, to the hundredth; blank without capacity."""
        return share_of(self.economic_minutes, self.capacity_minutes)

    @property
    def forecast_share(self) -> Decimal | None:
        """The same with what is booked as economic use and not yet recorded."""
        minutes = self.economic_minutes + self.booked_economic_minutes
        return share_of(minutes, self.capacity_minutes)

    @property
    def level(self) -> CeilingLevel:
        """How near recorded use is to the ceiling; far where no public money paid for it."""
        return self._level(self.economic_minutes)

    @property
    def forecast_level(self) -> CeilingLevel:
        """How near it comes with what is booked."""
        return self._level(self.economic_minutes + self.booked_economic_minutes)

    def _level(self, minutes: int) -> CeilingLevel:
        if not self.resource.is_publicly_funded:
            return CeilingLevel.NONE
        return level_of(minutes, self.capacity_minutes, self.ceiling)


def share_of(minutes: int, capacity: int) -> Decimal | None:
    """Minutes in per cent of a capacity, to the hundredth."""
    if not capacity:
        return None
    return (Decimal(100 * minutes) / capacity).quantize(HUNDREDTH, ROUND_HALF_UP)


def level_of(minutes: int, capacity: int, ceiling: UseCeiling | None) -> CeilingLevel:
    """How near economic minutes are to the ceiling of a capacity; exact, without rounding."""
    if ceiling is None or not minutes:
        return CeilingLevel.NONE
    allowed = capacity * ceiling.percent
    if 100 * minutes > allowed:
        return CeilingLevel.PASSED
    near = 10_000 * minutes >= allowed * ceiling.warn_percent
    return CeilingLevel.NEAR if near else CeilingLevel.NONE


def ledger(resource: Resource, year: int, *, viewer: Viewer) -> Ledger | None:
    """The ledger of a resource in a year, with its records; nothing for who may not read it."""
    if not read_ledger.allows(viewer, resource):
        return None
    return figures([resource], year, viewer=viewer)[0]


def resources_of_ledgers(*, viewer: Viewer, publicly_funded: bool = False) -> QuerySet[Resource]:
    """The resources whose ledgers the viewer may read, by owner and name.

    Withdrawn resources too, since their use of the year counts.
    """
    rows = read_ledger.filter(viewer, Resource.objects.all())
    if publicly_funded:
        rows = rows.filter(is_publicly_funded=True)
    return rows.select_related("profile").order_by("profile__sort_name", "name_it", "pk")


def ledger_years(resource: Resource, *, viewer: Viewer) -> list[int]:
    """The years of which there is something to read, latest first; this year always."""
    zone = gateway.zone_of(resource.timezone)
    starts: set[datetime] = set(resource.uses.values_list("starts_at", flat=True))
    return sorted({viewer.today.year, *(one.astimezone(zone).year for one in starts)}, reverse=True)


def ceilings(*, viewer: Viewer) -> list[UseCeiling]:
    """The ceilings that were stated, latest first; they are the same for everybody."""
    return list(UseCeiling.objects.order_by("-valid_from"))


def ceiling_on(day: date, rows: Iterable[UseCeiling]) -> UseCeiling | None:
    """The ceiling that holds on a day."""
    begun = [row for row in rows if row.valid_from <= day]
    return max(begun, key=lambda row: row.valid_from, default=None)


def figures(
    resources: Iterable[Resource], year: int, *, viewer: Viewer, records: bool = True
) -> list[Ledger]:
    """The ledgers of resources, whoever looks; the number of queries does not grow with them.

    What offices do not get is left out of `records`.
    """
    chosen = list(resources)
    keys = [resource.pk for resource in chosen]
    spans = {resource.pk: gateway.year_of(resource, year) for resource in chosen}
    uses = _by_resource(_uses(keys, spans), records=records)
    booked = _booked(keys, spans)
    stated = {
        row.resource_id: row for row in YearlyCapacity.objects.filter(resource__in=keys, year=year)
    }
    by_hours = gateway.open_minutes([one for one in chosen if one.pk not in stated], year)
    ceiling = ceiling_on(min(viewer.today, date(year, 12, 31)), UseCeiling.objects.all())
    own = set(
        answer_bookings.filter(viewer, Resource.objects.filter(pk__in=keys)).values_list(
            "pk", flat=True
        )
        if records
        else ()
    )
    return [
        _ledger(
            one,
            year,
            spans[one.pk],
            uses[one.pk],
            booked[one.pk],
            records=records,
            is_own=one.pk in own,
            capacity=stated.get(one.pk),
            by_hours=by_hours.get(one.pk, 0),
            ceiling=ceiling,
            now=viewer.now,
        )
        for one in chosen
    ]


Years = dict[int, tuple[datetime, datetime]]


def _uses(keys: Sequence[int], spans: Years) -> QuerySet[UseRecord]:
    rows = UseRecord.objects.filter(resource__in=keys).select_related("profile", "recorded_by")
    return _within(rows, spans).order_by("starts_at", "pk")


def _within(rows: QuerySet[Any], spans: Years) -> QuerySet[Any]:
    if not spans:
        return rows.none()
    first = min(first for first, _until in spans.values())
    until = max(until for _first, until in spans.values())
    return rows.filter(starts_at__lt=until, ends_at__gt=first)


def _by_resource(rows: QuerySet[UseRecord], *, records: bool) -> dict[int, list[UseRecord]]:
    found: dict[int, list[UseRecord]] = defaultdict(list)
    for row in rows if records else rows.filter(voided_at__isnull=True):
        found[row.resource_id].append(row)
    return found


def _booked(keys: Sequence[int], spans: Years) -> dict[int, list[Booking]]:
    """Accepted bookings that hold each resource: their own, or what is booked together with it."""
    rows = _within(Booking.objects.filter(state=BookingState.ACCEPTED), spans)
    rows = rows.filter(quarters__resource__in=keys).annotate(held=F("quarters__resource"))
    found: dict[int, list[Booking]] = defaultdict(list)
    for booking in rows.only("starts_at", "ends_at", "is_economic").distinct():
        found[booking.held].append(booking)
    return found


def _ledger(
    resource: Resource,
    year: int,
    span: tuple[datetime, datetime],
    uses: Iterable[UseRecord],
    booked: Sequence[Booking],
    *,
    records: bool,
    is_own: bool,
    capacity: YearlyCapacity | None,
    by_hours: int,
    ceiling: UseCeiling | None,
    now: datetime,
) -> Ledger:
    told = [_record(use, span, is_own=is_own) for use in uses]
    told = [one for one in told if one.minutes]
    minutes: dict[bool | None, int] = defaultdict(int)
    unrecorded = 0
    for booking in booked:
        within = minutes_within(booking.starts_at, booking.ends_at, span)
        minutes[booking.is_economic] += within
        unrecorded += bool(within and booking.ends_at <= now)
    return Ledger(
        resource=resource,
        year=year,
        rows=_rows(told),
        records=tuple(told) if records else (),
        capacity_minutes=60 * capacity.hours if capacity else by_hours,
        capacity=capacity,
        ceiling=ceiling,
        booked_economic_minutes=minutes[True],
        booked_other_minutes=minutes[False],
        booked_unknown_minutes=minutes[None],
        unrecorded=unrecorded,
    )


def _record(use: UseRecord, span: tuple[datetime, datetime], *, is_own: bool) -> LedgerRecord:
    minutes = minutes_within(use.starts_at, use.ends_at, span)
    if not is_own:
        return LedgerRecord(use, minutes)
    body: Profile | str = use.profile or ""
    by = use.recorded_by
    return LedgerRecord(use, minutes, str(body), use.note, str(by) if by else "")


def _rows(records: Iterable[LedgerRecord]) -> tuple[LedgerRow, ...]:
    sums: dict[tuple[str, bool], int] = defaultdict(int)
    for record in records:
        if record.counts:
            sums[record.use.user_class, record.use.is_economic] += record.minutes
    return tuple(LedgerRow(one, sums[one, True], sums[one, False]) for one in UserClass)


def minutes_within(start: datetime, end: datetime, span: tuple[datetime, datetime]) -> int:
    """The minutes that really pass of a time within a span."""
    first = max(start.astimezone(UTC), span[0].astimezone(UTC))
    last = min(end.astimezone(UTC), span[1].astimezone(UTC))
    return max(0, int((last - first).total_seconds()) // 60)
