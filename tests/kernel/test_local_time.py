"""Times by a local clock: once, twice, never."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from trebbo.kernel.local_time import AmbiguousTime, NoSuchTime, local_moment

ROME = ZoneInfo("Europe/Rome")
FORWARD, BACK = date(2027, 3, 28), date(2026, 10, 25)


def in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


def test_a_time_that_is_there_once() -> None:
    for fold in (None, 0, 1):
        moment = local_moment(date(2026, 6, 16), time(9, 15), ROME, fold)
        assert in_utc(moment) == datetime(2026, 6, 16, 7, 15, tzinfo=UTC)


@pytest.mark.parametrize("fold", [None, 0, 1])
@pytest.mark.parametrize("clock", [time(2), time(2, 59)])
def test_a_time_over_which_the_clock_is_put_forward(clock: time, fold: int | None) -> None:
    with pytest.raises(NoSuchTime, match=f"{clock:%H:%M}"):
        local_moment(FORWARD, clock, ROME, fold)


def test_the_edges_of_what_does_not_exist() -> None:
    assert in_utc(local_moment(FORWARD, time(1, 59), ROME)).hour == 0
    assert in_utc(local_moment(FORWARD, time(3), ROME)) == datetime(2027, 3, 28, 1, tzinfo=UTC)


def test_a_time_that_comes_twice_has_to_be_said() -> None:
    with pytest.raises(AmbiguousTime, match="02:30") as caught:
        local_moment(BACK, time(2, 30), ROME)
    both = [in_utc(moment).hour for moment in caught.value.choices]
    assert both == [0, 1]
    assert [in_utc(local_moment(BACK, time(2, 30), ROME, fold)).hour for fold in (0, 1)] == both
    assert in_utc(local_moment(BACK, time(3), ROME)).hour == 2
    assert in_utc(local_moment(BACK, time(1, 59), ROME)).hour == 23


def test_a_zone_that_is_put_back_at_midnight() -> None:
    zone = ZoneInfo("America/Havana")
    with pytest.raises(AmbiguousTime):
        local_moment(date(2026, 11, 1), time(0, 15), zone)
    with pytest.raises(NoSuchTime):
        local_moment(date(2026, 3, 8), time(0, 15), zone)
