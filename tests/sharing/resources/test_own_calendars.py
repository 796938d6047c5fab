"""Calendars of owners: read from a file or an address, they block slots, whatever they hold."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tests.factories.organisations import NOW, person
from tests.factories.resources import BookingFactory, OwnCalendarFactory, ResourceFactory
from tests.serving import Answer, serving
from tests.sharing.resources.test_occurrences import ics
from trebbo.kernel.access import Viewer, installation, visitor
from trebbo.kernel.errors import NotAllowed, Refusal
from trebbo.kernel.models import AuditLine
from trebbo.sharing.resources import importers
from trebbo.sharing.resources.actions import (
    MOST_CALENDARS,
    CalendarRefused,
    add_own_calendar,
    keep_busy_times,
    remove_own_calendar,
)
from trebbo.sharing.resources.importers import add_calendar_of_file, read_own_calendar
from trebbo.sharing.resources.models import Block, OwnCalendar, Resource
from trebbo.sharing.resources.queries import own_calendars

pytestmark = pytest.mark.django_db
WEEKLY = "DTSTART:20260616T100000\nDURATION:PT2H\nSUMMARY:Secret talk\nRRULE:FREQ=WEEKLY"
AT = "https://calendar.example/lab.ics"


@pytest.fixture
def resource() -> Resource:
    """An instrument that can be booked ten days ahead."""
    return ResourceFactory(horizon_days=10)


@pytest.fixture
def owner(resource: Resource) -> Viewer:
    """Who acts for its owner, on 15 June 2026."""
    return person(mandates={resource.profile_id: frozenset({"editor"})})


def times(calendar: OwnCalendar) -> list[str]:
    """When it blocks, in UTC."""
    rows = calendar.blocks.order_by("starts_at")
    return [f"{one.starts_at:%m-%d %H:%M} {one.ends_at:%m-%d %H:%M}" for one in rows]


def test_a_file_blocks_slots_for_a_year(resource: Resource, owner: Viewer) -> None:
    calendar = add_calendar_of_file(
        actor=owner, resource_id=resource.pk, name=" Aula  1 ", data=ics(WEEKLY)
    )
    assert calendar.name == "Aula 1"
    assert len(times(calendar)) == 53
    assert times(calendar)[0] == "06-16 08:00 06-16 10:00"
    assert {(one.kind, one.resource_id) for one in calendar.blocks.all()} == {
        ("own_calendar", resource.pk)
    }
    kept = [*Block.objects.values_list("reason_it", "reason_en"), *OwnCalendar.objects.values()]
    assert "Secret" not in str(kept) + str(list(AuditLine.objects.values()))


def test_an_address_is_read_again_and_again(resource: Resource, owner: Viewer) -> None:
    calendar = add_own_calendar(
        actor=owner,
        resource_id=resource.pk,
        name="Lab",
        address="webcal://calendar.example/lab.ics",
    )
    assert (calendar.address, times(calendar)) == (AT, [])
    # read over http in the test, as no certificate is at hand
    OwnCalendar.objects.update(address=AT.replace("https", "http"))
    with serving({"/lab.ics": Answer(ics(WEEKLY))}) as network:
        assert read(calendar, network)
        # ten days ahead and the longest booking
        assert [one[:5] for one in times(calendar)] == ["06-16", "06-23", "06-30", "07-07"]
        assert verbs() == ["add_calendar", "read_calendar"]
        assert read(calendar, network)
        assert verbs() == ["add_calendar", "read_calendar"]  # nothing new, nothing written
        network.answers["/lab.ics"] = Answer(ics("DTSTART;VALUE=DATE:20260620"))
        assert read(calendar, network)
    assert times(calendar) == ["06-19 22:00 06-20 22:00"]
    calendar.refresh_from_db()
    assert (calendar.read_at, calendar.problem) == (NOW, "")


def read(calendar: OwnCalendar, network: object) -> bool:
    """Read it as the job does."""
    return read_own_calendar(
        actor=installation(NOW),
        calendar_id=calendar.pk,
        network=network,  # type: ignore[arg-type]
    )


def verbs() -> list[str]:
    """What the trail says that was done."""
    return list(AuditLine.objects.order_by("pk").values_list("verb", flat=True))


@pytest.mark.parametrize(
    "answer",
    [
        *(Answer(status=404), Answer(b"<html>"), Answer(b"x" * 50_000_000)),
        Answer(status=302, headers={"Location": "http://127.0.0.1:8000/lab.ics"}),
        Answer(ics("DTSTART:20260616T100000Z\nDURATION:PT1S\nRRULE:FREQ=MINUTELY")),
    ],
)
def test_a_calendar_that_fails_goes_on_blocking_and_says_why(
    resource: Resource, owner: Viewer, answer: Answer
) -> None:
    calendar = OwnCalendarFactory(resource=resource, address="http://calendar.example/lab.ics")
    busy = [(NOW + timedelta(hours=2), NOW + timedelta(hours=3))]
    keep_busy_times(actor=installation(NOW), calendar_id=calendar.pk, busy=busy)
    later = NOW + timedelta(hours=1)
    with serving({"/lab.ics": answer}) as network:
        assert not read_own_calendar(
            actor=installation(later), calendar_id=calendar.pk, network=network
        )
    calendar.refresh_from_db()
    assert len(times(calendar)) == 1
    assert (calendar.read_at, calendar.tried_at) == (NOW, later)
    [row] = own_calendars(resource, viewer=owner)
    assert row.problem
    assert row.host == "calendar.example"


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "2130706433", "[::ffff:10.0.0.1]", "inside.example", "[::1]"]
)
def test_an_address_inside_is_never_called(resource: Resource, host: str) -> None:
    calendar = OwnCalendarFactory(resource=resource, address=f"http://{host}:8080/lab.ics")
    with serving({"/lab.ics": Answer(ics(WEEKLY))}) as network:
        network.names["inside.example"] = ["10.0.0.7"]
        assert not read(calendar, network)
        assert (network.called, network.asked) == ([], [])
    calendar.refresh_from_db()
    assert "not on the public internet" in calendar.problem


def test_rules_that_nobody_can_work_out_are_given_up(
    resource: Resource, owner: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bomb in one line: it is ended, and nothing else suffers."""
    bomb = "DTSTART:19700101T000000Z\nDURATION:PT1S\nRRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30"
    monkeypatch.setattr(importers.own_calendars, "SECONDS", 2)
    with pytest.raises(CalendarRefused):
        add_calendar_of_file(actor=owner, resource_id=resource.pk, name="Lab", data=ics(bomb))
    assert not OwnCalendar.objects.exists()


@pytest.mark.parametrize("data", [b"", b"<html>", b"x" * 5_000_001, ics("DTSTART:soon")])
def test_a_file_that_is_no_calendar_is_refused(
    resource: Resource, owner: Viewer, data: bytes
) -> None:
    with pytest.raises(CalendarRefused) as refusal:
        add_calendar_of_file(actor=owner, resource_id=resource.pk, name="Lab", data=data)
    assert refusal.value.fields["file"]
    assert not OwnCalendar.objects.exists()


@pytest.mark.parametrize(
    "said",
    [
        {"address": "ftp://calendar.example/"},
        {"address": "https://a:b@calendar.example/"},
        {"address": "https://calendar.example/" + "a" * 500},
        {"address": ""},
        {"address": AT, "busy": []},
        {"address": AT, "name": " "},
        {"address": AT, "name": "a" * 201},
    ],
)
def test_what_is_no_calendar(resource: Resource, owner: Viewer, said: dict[str, object]) -> None:
    with pytest.raises(Refusal) as refusal:
        add_own_calendar(
            actor=owner,
            resource_id=resource.pk,
            **{"name": "Lab", **said},  # type: ignore[arg-type]
        )
    assert refusal.value.fields


def test_only_so_many_fit(resource: Resource, owner: Viewer) -> None:
    OwnCalendarFactory.create_batch(MOST_CALENDARS, resource=resource)
    with pytest.raises(CalendarRefused):
        add_own_calendar(actor=owner, resource_id=resource.pk, name="Lab", address=AT)


def test_removing_one_opens_its_slots_again(resource: Resource, owner: Viewer) -> None:
    calendar = add_calendar_of_file(
        actor=owner, resource_id=resource.pk, name="Lab", data=ics(WEEKLY)
    )
    assert remove_own_calendar(actor=owner, calendar_id=calendar.pk)
    assert not Block.objects.exists()
    assert not remove_own_calendar(actor=owner, calendar_id=calendar.pk)
    assert verbs() == ["add_calendar", "remove_calendar"]


def test_who_does_not_look_after_it_may_do_nothing(resource: Resource) -> None:
    calendar = OwnCalendarFactory(resource=resource)
    attempts: list[Callable[[Viewer], object]] = [
        lambda viewer: add_own_calendar(
            actor=viewer, resource_id=resource.pk, name="Lab", address=AT
        ),
        lambda viewer: add_calendar_of_file(
            actor=viewer, resource_id=resource.pk, name="Lab", data=ics()
        ),
        lambda viewer: remove_own_calendar(actor=viewer, calendar_id=calendar.pk),
        lambda viewer: keep_busy_times(actor=viewer, calendar_id=calendar.pk, busy=[]),
        lambda viewer: own_calendars(resource, viewer=viewer),
    ]
    for viewer in (
        visitor(NOW),
        person(person_id=4),
        person(mandates={999: frozenset({"editor"})}),
    ):
        for attempt in attempts:
            with pytest.raises(NotAllowed):
                attempt(viewer)
    assert OwnCalendar.objects.get() == calendar


def test_bookings_at_such_times_stand_and_are_shown(resource: Resource, owner: Viewer) -> None:
    begins = datetime(2026, 6, 16, 8, 30, tzinfo=UTC)
    booking = BookingFactory(
        resource=resource, starts_at=begins, ends_at=begins + timedelta(hours=1)
    )
    BookingFactory(
        resource=resource, starts_at=begins, ends_at=begins + timedelta(hours=1), state="declined"
    )
    add_calendar_of_file(actor=owner, resource_id=resource.pk, name="Lab", data=ics(WEEKLY))
    [row] = own_calendars(resource, viewer=owner)
    assert row.clashes == (booking,)
    assert (row.host, row.upcoming, row.problem) == ("", 53, "")


def test_a_booking_that_the_owner_took_over_is_not_taken_twice(
    resource: Resource, owner: Viewer
) -> None:
    booking = BookingFactory(resource=resource)
    back = f"UID:{booking.uid}\nDTSTART:20260616T100000Z\nDURATION:PT1H"
    calendar = add_calendar_of_file(
        actor=owner, resource_id=resource.pk, name="Lab", data=ics(back)
    )
    assert times(calendar) == []
