"""The week of one resource and the calendar of all: right on days of 23 and 25 hours."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.factories.accounts import PersonFactory, viewer_for
from tests.factories.organisations import NOW
from tests.factories.resources import (
    BlockFactory,
    BookingFactory,
    OpeningHoursFactory,
    ResourceFactory,
    holding,
)
from trebbo.kernel.access import Viewer, visitor
from trebbo.sharing.resources.models import Resource
from trebbo.sharing.resources.queries import (
    Day,
    ResourcesWanted,
    Share,
    TimeState,
    Week,
    day_of,
    shared_calendar,
    week_of,
)

pytestmark = pytest.mark.django_db
ROME = ZoneInfo("Europe/Rome")
MONDAY = date(2026, 6, 22)
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)


def at(hour: int, *, day: int = 0) -> datetime:
    """An hour of that week in Rome."""
    return datetime(2026, 6, 22 + day, hour, tzinfo=ROME)


def states(day: Day) -> list[tuple[str, str]]:
    """When each stretch of the day begins, and what it is."""
    return [(one.label, one.state.value) for one in day.stretches]


def week(resource: Resource, viewer: Viewer | None = None, **more: Any) -> Week:
    """As a visitor sees it on 15 June."""
    return week_of(resource, more.pop("monday", MONDAY), viewer=viewer or visitor(NOW), **more)


def test_what_each_piece_of_the_week_is() -> None:
    """Closed, blocked, taken by others, one's own, free."""
    resource, asker = ResourceFactory(), PersonFactory()
    OpeningHoursFactory(resource=resource)
    block = BlockFactory(resource=resource, starts_at=at(12), ends_at=at(13))
    mine = holding(BookingFactory(resource=resource, person=asker, starts_at=at(9), ends_at=at(10)))
    holding(BookingFactory(resource=resource, starts_at=at(15), ends_at=at(17)))
    viewer = viewer_for(asker, now=NOW, language="en")
    monday = week(resource, viewer).days[0]
    assert states(monday) == [
        ("00:00", "closed"),
        ("09:00", "mine"),
        ("10:00", "free"),
        ("12:00", "blocked"),
        ("13:00", "free"),
        ("15:00", "busy"),
        ("17:00", "closed"),
    ]
    told = [(one.booking, one.block) for one in monday.stretches]
    assert told[1] == (mine, None)
    assert told[3] == (None, block)
    assert told[5] == (None, None)
    others = week(resource).days[0]
    assert states(others)[1] == ("09:00", "busy")
    assert others.stretches[1].booking is None


def test_the_grid_leaves_out_what_is_always_closed() -> None:
    """From the first opening of the week until the last closing."""
    resource = ResourceFactory()
    OpeningHoursFactory(resource=resource)
    OpeningHoursFactory(resource=resource, weekday=2, opens=600, closes=1080)
    found = week(resource, monday=MONDAY + timedelta(days=3))
    assert found.monday == MONDAY
    assert [line.label for line in found.lines][::17] == ["09:00", "17:30"]
    assert len(found.lines) == 18
    assert [day.is_free for day in found.days] == [True, False, True] + [False] * 4
    assert (found.previous, found.next) == (date(2026, 6, 15), date(2026, 6, 29))


def test_a_resource_that_is_never_open_has_no_lines() -> None:
    """Nothing but closed time is shown as nothing."""
    resource = ResourceFactory()
    OpeningHoursFactory(resource=resource)
    BlockFactory(resource=resource, starts_at=at(0), ends_at=at(0, day=7))
    assert week(resource).days[1].stretches[0].state == TimeState.BLOCKED


def test_past_too_soon_and_too_far_cannot_be_booked() -> None:
    """Notice and horizon are those of the resource."""
    resource = ResourceFactory(notice_hours=24, horizon_days=2)
    now = at(12)
    found = week(resource, visitor(now))
    assert states(found.days[0]) == [("00:00", "out")]
    assert states(found.days[1]) == [("00:00", "out"), ("12:00", "free")]
    assert states(found.days[2]) == [("00:00", "free")]
    assert states(found.days[3]) == [("00:00", "out")]


def test_the_day_the_clock_goes_forward_has_23_hours() -> None:
    """The line of the lost hour is blank on that day."""
    resource = ResourceFactory(horizon_days=400)
    early = visitor(datetime(2026, 3, 1, tzinfo=ROME))
    found = week(resource, early, monday=SPRING)
    sunday = found.days[6]
    assert len(sunday.cells) == 46
    (lost,) = [line for line in found.lines if line.label == "02:30"]
    assert [cell is None for cell in lost.cells] == [False] * 6 + [True]
    assert sum((one.ends_at - one.starts_at for one in sunday.cells), timedelta()) == timedelta(
        hours=23
    )


@pytest.mark.parametrize("step", [15, 30, 60])
def test_the_day_the_clock_goes_back_has_25_hours(step: int) -> None:
    """The hour that comes again has lines of its own after the first."""
    resource = ResourceFactory(horizon_days=400)
    found = week(resource, monday=AUTUMN, step=step)
    each = 60 // step
    assert len(found.days[6].cells) == 25 * each
    labels = [(line.label[:2], line.again) for line in found.lines]
    assert labels[2 * each : 5 * each : each] == [("02", False), ("02", True), ("03", False)]
    again = found.lines[3 * each]
    assert [cell is None for cell in again.cells] == [True] * 6 + [False]
    first, second = found.lines[2 * each].cells[6], again.cells[6]
    assert first
    assert second
    assert second.starts_at - first.starts_at == timedelta(hours=1)


def test_a_day_alone() -> None:
    """By the quarter; a day of any century is taken for the furthest."""
    resource = ResourceFactory()
    assert len(day_of(resource, MONDAY, viewer=visitor(NOW)).cells) == 96
    assert day_of(resource, date.max, viewer=visitor(NOW)).date.year == 2031
    assert week(resource, monday=date.min).monday.year == 2021


def test_a_week_takes_five_queries(django_assert_max_num_queries: Any) -> None:
    """However many bookings and linked resources."""
    resource = ResourceFactory()
    for hour in range(3):
        resource.booked_with.add(ResourceFactory())
        holding(BookingFactory(resource=resource, starts_at=at(hour), ends_at=at(hour + 1)))
    with django_assert_max_num_queries(5):
        week(resource)


def test_one_calendar_over_all_owners() -> None:
    """A row for each bookable resource, a cell for each day: how much is free and when."""
    busy, calm = ResourceFactory(name_it="A"), ResourceFactory(name_it="B")
    ResourceFactory(name_it="C", is_bookable=False)
    OpeningHoursFactory(resource=busy)
    OpeningHoursFactory(resource=busy, weekday=1)
    holding(BookingFactory(resource=busy, starts_at=at(9), ends_at=at(17)))
    holding(BookingFactory(resource=busy, starts_at=at(9, day=1), ends_at=at(11, day=1)))
    wanted = ResourcesWanted(free_from=at(9), free_until=at(10))
    found = shared_calendar(wanted, MONDAY + timedelta(days=2), viewer=visitor(NOW))
    assert (found.first, found.days, len(found.columns)) == (MONDAY, 7, 7)
    assert [row.found.resource for row in found.rows] == [busy, calm]
    shares = [cell.share for cell in found.rows[0].cells]
    assert shares == [Share.TAKEN, Share.PARTLY, *[Share.CLOSED] * 5]
    cell = found.rows[0].cells[1]
    assert cell.free_minutes == 360
    assert [(one.starts_at, one.ends_at) for one in cell.slots] == [(at(11, day=1), at(17, day=1))]
    assert {one.share for one in found.rows[1].cells} == {Share.FREE}
    assert (found.previous, found.next) == (date(2026, 6, 15), date(2026, 6, 29))


@pytest.mark.parametrize(("day", "hours"), [(SPRING, 23), (AUTUMN, 25), (MONDAY, 24)])
def test_the_calendar_of_a_day_has_its_hours(day: date, hours: int) -> None:
    """A column for each hour that there is."""
    ResourceFactory(horizon_days=400)
    viewer = visitor(datetime(2026, 3, 1, tzinfo=ROME))
    found = shared_calendar(ResourcesWanted(), day, viewer=viewer, by_week=False)
    assert len(found.columns) == hours
    assert [cell.share for cell in found.rows[0].cells] == [Share.FREE] * hours
    shown = [column.shown.hour for column in found.columns]
    assert (shown.count(2), shown[0], shown[-1]) == (hours - 23, 0, 23)


def test_the_calendar_of_a_day_leaves_the_night_out() -> None:
    """From the first hour in which anything is open to the last."""
    for opens, closes in ((9, 12), (11, 17)):
        resource = ResourceFactory()
        OpeningHoursFactory(resource=resource, weekday=0, opens=opens * 60, closes=closes * 60)
    viewer = visitor(at(12, day=1))
    found = shared_calendar(ResourcesWanted(), MONDAY, viewer=viewer, by_week=False)
    assert [column.shown.hour for column in found.columns] == list(range(9, 17))
    assert {len(row.cells) for row in found.rows} == {8}


def test_what_is_past_is_out() -> None:
    """Free, but nobody can book it any more."""
    ResourceFactory()
    viewer = visitor(at(12, day=1))
    found = shared_calendar(ResourcesWanted(), MONDAY, viewer=viewer)
    shares = [cell.share for cell in found.rows[0].cells]
    assert shares[:3] == [Share.OUT, Share.PARTLY, Share.FREE]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_calendar_takes_few_queries(rows: int, django_assert_max_num_queries: Any) -> None:
    """The same at any number of rows."""
    for _n in range(rows):
        ResourceFactory()
    with django_assert_max_num_queries(8):
        shared_calendar(ResourcesWanted(), MONDAY, viewer=visitor(NOW))
