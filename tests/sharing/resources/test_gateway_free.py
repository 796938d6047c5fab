"""When resources are free: hours, blocks, bookings, linked resources, changes of the clock."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.factories.organisations import NOW
from tests.factories.resources import (
    BlockFactory,
    BookingFactory,
    OpeningHoursFactory,
    ResourceFactory,
    holding,
)
from trebbo.ecosystem.organisations.choices import Visibility
from trebbo.kernel.access import visitor
from trebbo.sharing.resources.gateway import (
    FreeTimes,
    ObstacleKind,
    booking_window,
    free_times,
    is_open,
    next_free,
    obstacle_to,
    quarters_between,
)
from trebbo.sharing.resources.models import Booking, Resource
from trebbo.sharing.resources.policies import view_resource

pytestmark = pytest.mark.django_db
ROME = ZoneInfo("Europe/Rome")
MONDAY = datetime(2026, 10, 19, tzinfo=ROME)


def at(hour: int, minute: int = 0, *, day: int = 0) -> datetime:
    """A time of the week before the clocks go back, in Rome."""
    return MONDAY.replace(hour=hour, minute=minute) + timedelta(days=day)


def booked(resource: Resource, begin: datetime, end: datetime) -> Booking:
    """A booking that holds its quarters."""
    return holding(BookingFactory(resource=resource, starts_at=begin, ends_at=end))


def times(*resources: Resource) -> FreeTimes:
    """What a visitor finds free in the Monday from 8 to 18."""
    named = Resource.objects.filter(pk__in=[one.pk for one in resources])
    return free_times(view_resource.filter(visitor(NOW), named), at(8), at(18))


def spans(found: FreeTimes, resource: Resource) -> list[tuple[str, str]]:
    """Free stretches, by the clock in Rome."""
    return [
        (f"{one.starts_at.astimezone(ROME):%H:%M}", f"{one.ends_at.astimezone(ROME):%H:%M}")
        for one in found.stretches_of(resource.pk)
    ]


def test_hours_less_blocks_less_bookings() -> None:
    """Each takes its part; a block that ends within a quarter takes all of it."""
    resource = ResourceFactory()
    OpeningHoursFactory(resource=resource)
    BlockFactory(resource=resource, starts_at=at(10), ends_at=at(10, 50))
    booked(resource, at(14), at(15, 30))
    assert spans(times(resource), resource) == [
        ("09:00", "10:00"),
        ("11:00", "14:00"),
        ("15:30", "17:00"),
    ]
    assert times(resource).is_free(resource.pk, at(11), at(14))
    assert not times(resource).is_free(resource.pk, at(11), at(14, 15))
    assert not times(resource).is_free(resource.pk, at(7), at(9, 30))


def test_a_resource_is_free_only_when_what_goes_with_it_is() -> None:
    """Hours, blocks and bookings of the linked one count, and not the other way round."""
    linked = ResourceFactory()
    OpeningHoursFactory(resource=linked, opens=600)
    BlockFactory(resource=linked, starts_at=at(12), ends_at=at(13))
    booked(linked, at(15), at(16))
    resource = ResourceFactory()
    resource.booked_with.add(linked)
    assert spans(times(resource), resource) == [
        ("10:00", "12:00"),
        ("13:00", "15:00"),
        ("16:00", "17:00"),
    ]
    booked(resource, at(13), at(14))
    assert ("13:00", "15:00") not in spans(times(linked), linked)


def test_only_what_the_viewer_may_see() -> None:
    """Others are never free."""
    hidden = ResourceFactory(visibility=Visibility.NETWORK)
    assert spans(times(hidden), hidden) == []
    assert times(hidden).slots_of(hidden.pk, 60) == []
    assert not times(hidden).is_free(hidden.pk, at(9), at(10))


def test_as_many_queries_for_one_as_for_many(
    django_assert_max_num_queries: Any,
) -> None:
    """Five, with linked resources."""
    resources = [ResourceFactory() for _n in range(5)]
    for one in resources[:2]:
        one.booked_with.add(ResourceFactory())
        booked(one, at(9), at(10))
    with django_assert_max_num_queries(5):
        assert len(times(*resources).free) == 5


def test_slots_do_not_overlap() -> None:
    """The first of a length, one after the other."""
    resource = ResourceFactory()
    booked(resource, at(9), at(10))
    found = times(resource).slots_of(resource.pk, 90, most=3)
    assert [one.starts_at for one in found] == [at(10), at(11, 30), at(13)]
    assert all(one.ends_at - one.starts_at == timedelta(minutes=90) for one in found)


def test_the_next_free_slots_keep_notice_and_horizon() -> None:
    """A slot begins after the notice and ends by the last day."""
    now = at(9, 7).astimezone(UTC)
    resource = ResourceFactory(notice_hours=2, horizon_days=0)
    found = next_free(resource, 360, now, viewer=visitor(now))
    assert [one.starts_at for one in found] == [at(11, 15), at(17, 15)]
    window = booking_window(resource, now)
    assert (window.starts_at, window.ends_at) == (at(11, 15), at(0, day=1))
    assert next_free(resource, 60, at(0, day=1), viewer=visitor(now)) == []


def test_the_horizon_ends_with_a_local_day_across_the_change() -> None:
    """Seven days ahead the clock has gone back: the day ends at midnight all the same."""
    window = booking_window(ResourceFactory(horizon_days=7), MONDAY)
    assert window.ends_at == datetime(2026, 10, 27, tzinfo=ROME)


def test_what_stands_in_the_way() -> None:
    """Hours first, then blocks; of the resource, then of what goes with it; never a booking."""
    linked = ResourceFactory()
    resource = ResourceFactory()
    resource.booked_with.add(linked)
    OpeningHoursFactory(resource=resource)
    block = BlockFactory(resource=linked, starts_at=at(12), ends_at=at(13))
    booked(resource, at(10), at(11))
    assert is_open(resource, at(9), at(12))
    closed = obstacle_to(resource, at(8), at(13))
    assert closed
    assert (closed.kind, closed.resource) == (ObstacleKind.CLOSED, resource)
    blocked = obstacle_to(resource, at(12, 45), at(14))
    assert blocked
    assert (blocked.kind, blocked.resource) == (ObstacleKind.BLOCKED, linked)
    assert blocked.block == block


def test_a_slot_across_the_change_of_the_clock() -> None:
    """From 1 to 4 on the Sunday there are four hours in autumn, and two in spring."""
    autumn = datetime(2026, 10, 25, 1, tzinfo=ROME), datetime(2026, 10, 25, 4, tzinfo=ROME)
    spring = datetime(2026, 3, 29, 1, tzinfo=ROME), datetime(2026, 3, 29, 4, tzinfo=ROME)
    assert (len(quarters_between(*autumn)), len(quarters_between(*spring))) == (16, 8)
    resource = ResourceFactory()
    OpeningHoursFactory(resource=resource, weekday=6, opens=60, closes=240)
    for slot in (autumn, spring):
        assert is_open(resource, *slot)
        found = free_times([resource], *slot)
        assert found.is_free(resource.pk, *slot)
