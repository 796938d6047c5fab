"""When a calendar says that one is busy, against the obvious way of working it out."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trebbo.sharing.resources.importers.occurrences import (
    MOST_OCCURRENCES,
    CalendarUnfit,
    busy_spans,
    merged,
)

ROME = ZoneInfo("Europe/Rome")
FIRST = datetime(2026, 10, 19, tzinfo=UTC)
UNTIL = FIRST + timedelta(days=366)
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def ics(*events: str) -> bytes:
    """A calendar with events; each is given as its lines between UID and END."""
    told = "".join(
        f"BEGIN:VEVENT\nUID:{number}@lab.example\nDTSTAMP:20260101T000000Z\n{event}\nEND:VEVENT\n"
        if "UID:" not in event
        else f"BEGIN:VEVENT\nDTSTAMP:20260101T000000Z\n{event}\nEND:VEVENT\n"
        for number, event in enumerate(events)
    )
    whole = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//lab//\n{told}END:VCALENDAR\n"
    return whole.replace("\n", "\r\n").encode()


def busy(*events: str, zone: str = "Europe/Rome", ours: str = "") -> list[tuple[str, str]]:
    """When one is busy within the span, as texts in UTC."""
    first, until = int(FIRST.timestamp()), int(UNTIL.timestamp())
    spans = busy_spans(ics(*events), zone, first, until, ours=ours)
    return [(text_of(start), text_of(end)) for start, end in spans]


def text_of(second: int) -> str:
    """Such as 2026-10-25T01:00."""
    return f"{datetime.fromtimestamp(second, UTC):%Y-%m-%dT%H:%M}"


def test_times_of_every_kind() -> None:
    assert busy("DTSTART:20261020T100000Z\nDTEND:20261020T113000Z") == [
        ("2026-10-20T10:00", "2026-10-20T11:30")
    ]
    at_home = busy("DTSTART:20261020T100000\nDURATION:PT1H")
    assert at_home == [("2026-10-20T08:00", "2026-10-20T09:00")]
    abroad = busy("DTSTART;TZID=Europe/London:20261020T100000\nDURATION:PT1H")
    assert abroad == [("2026-10-20T09:00", "2026-10-20T10:00")]
    [whole_day] = busy("DTSTART;VALUE=DATE:20261020")
    assert whole_day == ("2026-10-19T22:00", "2026-10-20T22:00")
    assert busy("DTSTART;VALUE=DATE:20261020", zone="America/New_York") == [
        ("2026-10-20T04:00", "2026-10-21T04:00")
    ]


def test_what_leaves_one_free_does_not_count() -> None:
    when = "DTSTART:20261020T100000Z\nDTEND:20261020T113000Z\n"
    assert (
        busy(
            f"{when}TRANSP:TRANSPARENT",
            f"{when}STATUS:CANCELLED",
            f"{when}X-MICROSOFT-CDO-BUSYSTATUS:FREE",
            "DTSTART:20261020T100000Z",
            "DTSTART:20261020T100000Z\nDTEND:20261020T100000Z",
        )
        == []
    )
    assert len(busy(f"{when}TRANSP:OPAQUE\nSTATUS:TENTATIVE")) == 1


def test_our_own_bookings_that_come_back_do_not_count() -> None:
    when = "DTSTART:20261020T100000Z\nDURATION:PT1H"
    assert busy(f"UID:booking-7.3@trebbo.example\n{when}", ours=".3@trebbo.example") == []
    assert busy(f"UID:booking-7.13@trebbo.example\n{when}", ours=".3@trebbo.example") != []


def test_days_on_which_the_clocks_change() -> None:
    [autumn] = busy("DTSTART;VALUE=DATE:20261025")
    assert autumn == ("2026-10-24T22:00", "2026-10-25T23:00")  # 25 hours
    [spring] = busy("DTSTART;VALUE=DATE:20270328")
    assert spring == ("2027-03-27T23:00", "2027-03-28T22:00")  # 23 hours
    # An hour that does not exist begins when the clocks have gone forward (RFC 5545, 3.3.5).
    [skipped] = busy("DTSTART:20270328T023000\nDTEND:20270328T040000")
    assert skipped == ("2027-03-28T01:30", "2027-03-28T02:00")
    # Of an hour that exists twice the first is meant.
    [twice] = busy("DTSTART:20261025T023000\nDTEND:20261025T040000")
    assert twice == ("2026-10-25T00:30", "2026-10-25T03:00")


def test_a_rule_without_end_keeps_to_its_local_hour() -> None:
    found = busy("DTSTART;TZID=Europe/Rome:20200106T100000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY")
    assert len(found) == 53
    assert found[0] == ("2026-10-19T08:00", "2026-10-19T09:00")
    assert found[1] == ("2026-10-26T09:00", "2026-10-26T10:00")


def test_occurrences_that_were_left_out_added_moved_or_cancelled() -> None:
    series = "UID:a\nDTSTART:20261020T100000Z\nDTEND:20261020T110000Z\nRRULE:FREQ=DAILY;COUNT=5"
    found = busy(
        f"{series}\nEXDATE:20261021T100000Z\nRDATE:20261101T100000Z",
        "UID:a\nRECURRENCE-ID:20261022T100000Z\nDTSTART:20261022T150000Z\nDURATION:PT2H",
        "UID:a\nRECURRENCE-ID:20261023T100000Z\nDTSTART:20261023T100000Z\nDURATION:PT1H\n"
        "STATUS:CANCELLED",
    )
    assert found == [
        ("2026-10-20T10:00", "2026-10-20T11:00"),
        ("2026-10-22T15:00", "2026-10-22T17:00"),
        ("2026-10-24T10:00", "2026-10-24T11:00"),
        ("2026-11-01T10:00", "2026-11-01T11:00"),
    ]


def test_only_what_lies_in_the_span_and_only_its_part() -> None:
    found = busy(
        "DTSTART:20261010T100000Z\nDTEND:20261020T110000Z",
        "DTSTART:20261001T100000Z\nDURATION:PT1H",
        "DTSTART:20281001T100000Z\nDURATION:PT1H",
    )
    assert found == [("2026-10-19T00:00", "2026-10-20T11:00")]


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"<html></html>", b"BEGIN:VCALENDAR\r\n", b"\x00\xff\xfe", b"PK\x03\x04"),
        *(b"BEGIN:VEVENT\r\nEND:VEVENT\r\n", ics("SUMMARY:never"), ics("DTSTART:soon")),
        *(ics("DTSTART:20261020T100000Z\nRRULE:FREQ=SOMETIMES"), ics("DTSTART;VALUE=DATE:0")),
    ],
)
def test_what_cannot_be_read_whole(data: bytes) -> None:
    with pytest.raises(CalendarUnfit, match="unreadable"):
        busy_spans(data, "Europe/Rome", int(FIRST.timestamp()), int(UNTIL.timestamp()))


def test_as_many_as_fit_and_one_more() -> None:
    hourly = "DTSTART:20261019T000000Z\nDURATION:PT10M\nRRULE:FREQ=HOURLY;COUNT={}"
    half = hourly.replace("000000Z", "003000Z")
    assert len(busy(hourly.format(5000), half.format(5000))) == MOST_OCCURRENCES
    with pytest.raises(CalendarUnfit, match="too many"):
        busy(f"{hourly.partition(';COUNT')[0]};BYMINUTE=0,30")


def test_overlapping_times_become_one() -> None:
    assert merged([(5, 7), (1, 3), (3, 4), (6, 9), (20, 21)]) == [(1, 4), (5, 9), (20, 21)]
    assert merged([]) == []


@given(
    start=st.datetimes(datetime(2026, 9, 1), datetime(2027, 4, 30)),  # noqa: DTZ001
    minutes=st.integers(15, 3 * 1440),
    every=st.integers(1, 9),
    weekdays=st.sets(st.sampled_from(DAYS), min_size=1),
    zone=st.sampled_from(["Europe/Rome", "Europe/London", "America/New_York", "Asia/Kolkata"]),
)
def test_weekly_rules_agree_with_the_obvious_way(
    start: datetime, minutes: int, every: int, weekdays: set[str], zone: str
) -> None:
    """Day by day over the year: is it a day of the rule, and in a week of it?"""
    start = start.replace(second=0, microsecond=0, fold=0)
    if DAYS[start.weekday()] not in weekdays:
        weekdays = {*weekdays, DAYS[start.weekday()]}
    rule = f"RRULE:FREQ=WEEKLY;INTERVAL={every};BYDAY={','.join(sorted(weekdays))}"
    length = timedelta(minutes=minutes)
    event = f"DTSTART:{start:%Y%m%dT%H%M%S}\nDTEND:{start + length:%Y%m%dT%H%M%S}\n{rule}"
    first, until = int(FIRST.timestamp()), int(UNTIL.timestamp())
    found = busy_spans(ics(event), zone, first, until)
    assert found == merged(_obvious(start, length, every, weekdays, ZoneInfo(zone)))


def _obvious(
    start: datetime, length: timedelta, every: int, weekdays: set[str], zone: ZoneInfo
) -> list[tuple[int, int]]:
    spans = []
    monday = start.date() - timedelta(days=start.weekday())
    for count in range((UNTIL.date() - start.date()).days + 2):
        day: date = start.date() + timedelta(days=count)
        weeks = (day - monday).days // 7
        if DAYS[day.weekday()] not in weekdays or weeks % every:
            continue
        local = datetime.combine(day, start.time())
        begins = int(local.replace(tzinfo=zone).timestamp())
        ends = int((local + length).replace(tzinfo=zone).timestamp())
        cut = max(begins, int(FIRST.timestamp())), min(ends, int(UNTIL.timestamp()))
        if cut[0] < cut[1]:
            spans.append(cut)
    return spans
