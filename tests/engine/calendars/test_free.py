"""Free time against its obvious version, over weeks with changes of the clock in several zones."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trebbo.engine.calendars import (
    Calendar,
    Opening,
    Span,
    covering,
    free_quarters,
    free_together,
    moment_of,
    open_quarters,
    quarter_of,
    reference,
    starts,
    stretches,
)

ROME = ZoneInfo("Europe/Rome")
ZONES = [
    ROME,
    ZoneInfo("UTC"),
    ZoneInfo("America/New_York"),
    ZoneInfo("Australia/Lord_Howe"),  # by half an hour
    ZoneInfo("Africa/Cairo"),  # at midnight
    ZoneInfo("Asia/Kathmandu"),  # 5:45 ahead, and never
    ZoneInfo("Atlantic/Azores"),  # the last hour of Saturday comes twice
]
WEEK = 7 * 96
NEAR_CHANGES = [
    datetime(2026, month, day, tzinfo=UTC)
    for month, day in [(3, 7), (3, 28), (4, 4), (4, 23), (10, 3), (10, 24), (10, 29), (10, 31)]
]


@st.composite
def an_opening(draw: st.DrawFn) -> Opening:
    """Mostly at full quarters, on any day."""
    step = draw(st.sampled_from([15, 15, 15, 5]))
    opens = draw(st.integers(0, 1440 // step - 1))
    closes = draw(st.integers(opens + 1, 1440 // step))
    return Opening(draw(st.integers(0, 6)), opens * step, closes * step)


@st.composite
def a_span(draw: st.DrawFn, first: int) -> Span:
    """Up to two days, also across the ends of the week looked at."""
    begin = first + draw(st.integers(-WEEK // 2, WEEK))
    return Span(begin, begin + draw(st.integers(0, 200)))


@st.composite
def a_case(draw: st.DrawFn) -> tuple[list[Calendar], int, int]:
    """Things booked together, and up to ten days around a change of the clock."""
    first = quarter_of(draw(st.sampled_from(NEAR_CHANGES))) + draw(st.integers(-300, 200))
    zones = draw(st.lists(st.sampled_from(ZONES), min_size=1, max_size=3))
    calendars = [
        Calendar(
            tuple(draw(st.lists(an_opening(), max_size=6))),
            zone,
            tuple(draw(st.lists(a_span(first), max_size=4))),
        )
        for zone in zones
    ]
    return calendars, first, first + draw(st.integers(0, WEEK + 300))


@given(a_case(), st.integers(1, 60))
def test_free_time_as_the_obvious_version_has_it(
    case: tuple[list[Calendar], int, int], length: int
) -> None:
    """Quarter by quarter, slot by slot, stretch by stretch."""
    calendars, first, until = case
    free = free_together(calendars, first, until)
    assert free.tolist() == reference.free_together(calendars, first, until)
    assert starts(free, length).tolist() == reference.starts(free.tolist(), length)
    assert stretches(free, first) == reference.stretches(free.tolist(), first)


@pytest.mark.parametrize("zone", [ROME, ZoneInfo("Africa/Cairo")], ids=str)
def test_a_whole_year_of_hours(zone: ZoneInfo) -> None:
    """Both changes of the year, wherever they fall."""
    first, until = (quarter_of(datetime(year, 1, 1, tzinfo=UTC)) for year in (2026, 2027))
    hours = [Opening(day, 45, 1380) for day in range(7)]
    expected = [reference.is_open(hours, zone, quarter) for quarter in range(first, until)]
    assert open_quarters(hours, zone, first, until).tolist() == expected


def local(*parts: int, fold: int = 0) -> int:
    """The quarter at a time of the clock in Rome."""
    year, month, day, hour, minute = parts
    return quarter_of(datetime(year, month, day, hour, minute, tzinfo=ROME, fold=fold))


def test_hours_that_do_not_exist_begin_at_the_first_that_do() -> None:
    """On 29 March 2026 the clock goes from 2 to 3."""
    hours = [Opening(6, 150, 300)]
    free = open_quarters(hours, ROME, local(2026, 3, 29, 0, 0), local(2026, 3, 30, 0, 0))
    assert len(free) == 23 * 4
    (span,) = stretches(free, local(2026, 3, 29, 0, 0))
    assert moment_of(span.first).astimezone(ROME).hour == 3
    assert span.until - span.first == 8


def test_an_opening_in_the_lost_hour_is_lost() -> None:
    """Nothing is left of it."""
    free = open_quarters(
        [Opening(6, 120, 180)], ROME, local(2026, 3, 29, 0, 0), local(2026, 3, 30, 0, 0)
    )
    assert not free.any()


def test_the_hour_that_comes_twice_is_open_twice() -> None:
    """On 25 October 2026 the hour from 2 to 3 comes twice."""
    free = open_quarters(
        [Opening(6, 120, 180)], ROME, local(2026, 10, 25, 0, 0), local(2026, 10, 26, 0, 0)
    )
    assert len(free) == 25 * 4
    assert stretches(free, 0) == [Span(8, 16)]


def test_no_hours_are_round_the_clock() -> None:
    """And what is taken is not free, also where it reaches beyond what is looked at."""
    free = free_quarters([], ROME, [Span(90, 102), Span(108, 300), Span(0, 40)], 100, 110)
    assert free.tolist() == [False] * 2 + [True] * 6 + [False] * 2


@pytest.mark.parametrize("minutes", [(0, 14), (1, 16), (15, 15), (14, 31)])
def test_a_span_covers_the_quarters_that_it_touches(minutes: tuple[int, int]) -> None:
    """Also those that it only begins or ends in."""
    begin, end = (datetime(1970, 1, 1, 0, minute, tzinfo=UTC) for minute in minutes)
    span = covering(begin, end)
    assert span.first == minutes[0] // 15
    assert span.until == -(-minutes[1] // 15)


def test_what_is_refused() -> None:
    """Moments without a zone, slots without a length, openings beyond a day."""
    with pytest.raises(ValueError, match="time zone"):
        quarter_of(datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(ValueError, match="at least one"):
        starts([True], 0)
    for wrong in [(7, 0, 1), (0, 5, 5), (0, 0, 1441)]:
        with pytest.raises(ValueError, match="one day"):
            Opening(*wrong)


def test_nothing_to_look_at() -> None:
    """An empty or reversed span has no quarters; too long a slot fits nowhere."""
    assert free_quarters([Opening(0, 0, 60)], ROME, [], 50, 50).tolist() == []
    assert starts([], 1).tolist() == []
    assert starts([True, True], 3).tolist() == []
    assert stretches([], 5) == []
