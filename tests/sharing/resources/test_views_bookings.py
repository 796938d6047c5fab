"""The pages of bookings, as each kind of person opens them, and what their buttons do."""

from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from tests.factories.accounts import acting
from tests.factories.resources import BookingFactory
from tests.sharing.resources.house import (
    PURPOSE,
    ROME,
    House,
    at,
    browser_of,
    now,
    slot_of,
    words_of,
)
from trebbo.sharing.resources import actions
from trebbo.sharing.resources.models import Booking, UseRecord

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english() -> Any:
    with translation.override("en"):
        yield


def press(client: Client, booking: Booking, do: str, **sent: Any) -> Any:
    """What a button on the booking's page sends, in its present version."""
    typed = {"do": do, "version": now(booking).version, **sent}
    return client.post(f"/en/bookings/{booking.pk}/", typed)


def over(booking: Booking) -> Booking:
    """The same booking as if it had been two days ago, at the same time of the day."""
    start = booking.starts_at.astimezone(ROME)
    moved = at(-2, start.hour)
    length = booking.ends_at - booking.starts_at
    Booking.objects.filter(pk=booking.pk).update(starts_at=moved, ends_at=moved + length)
    return now(booking)


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("lara", 200),
        ("livio", 200),
        ("sara", 200),
        ("carlo", 200),
        ("stranger", 404),
        ("olga", 404),
        ("aldo", 404),
        (None, 302),
    ],
)
def test_a_booking_is_read_by_both_sides_and_by_no_office(who: str | None, status: int) -> None:
    house = House()
    booking = house.ask()
    client = browser_of(getattr(house, who) if who else None)
    response = client.get(f"/en/bookings/{booking.pk}/")
    assert response.status_code == status
    assert (PURPOSE in words_of(response)) == (status == 200)
    assert press(client, booking, "accept").status_code in (
        (302, 403) if status == 200 else [status]
    )


@pytest.mark.parametrize(
    ("who", "offered", "missing"),
    [
        ("lara", ["Accept the slot", "Propose another", "Decline"], ["Withdraw the request"]),
        ("sara", ["Withdraw the request"], ["Accept the slot", "Decline"]),
    ],
)
def test_each_side_is_offered_what_it_may_do(
    who: str, offered: list[str], missing: list[str]
) -> None:
    house = House()
    booking = house.ask()
    page = words_of(browser_of(getattr(house, who)).get(f"/en/bookings/{booking.pk}/"))
    assert all(words in page for words in offered)
    assert not any(words in page for words in missing)


def test_from_the_request_to_the_recorded_use() -> None:
    house = House()
    booking = house.ask()
    lara, sara = browser_of(house.lara), browser_of(house.sara)
    sent = {**slot_of("propose", at(5, 14), at(5, 16)), "propose-words": "Rather then"}
    assert press(lara, booking, "propose", **sent).status_code == 302
    page = words_of(sara.get(f"/en/bookings/{booking.pk}/"))
    assert "Agree to this slot" in page
    assert "Rather then" in page
    assert press(sara, booking, "agree").status_code == 302
    assert (now(booking).state, now(booking).starts_at) == ("accepted", at(5, 14))
    past = over(now(booking))
    page = words_of(lara.get(f"/en/bookings/{booking.pk}/"))
    assert "Record the real use" in page
    assert f'value="{past.starts_at.astimezone(ROME):%H:%M}"' in page
    used = {
        **slot_of("use", at(-2, 14), at(-2, 15)),
        "use-is_economic": "yes",
        "use-note": "Shorter",
    }
    recorded = press(lara, booking, "use", **used)
    assert recorded.status_code == 302, recorded.context["forms"]["use"].errors
    record = UseRecord.objects.get()
    assert (record.amount, record.is_economic, record.note) == (40, True, "Shorter")
    page = words_of(lara.get(f"/en/bookings/{booking.pk}/"))
    assert "€ 40.00" in page
    assert press(lara, booking, "void", **{"void-reason": "Wrong day"}).status_code == 302
    page = words_of(lara.get(f"/en/bookings/{booking.pk}/"))
    assert "<del>" in page
    assert "Wrong day" in page


def test_nobody_came() -> None:
    house = House()
    booking = over(house.accept(house.ask()))
    lara = browser_of(house.lara)
    assert "Nobody came" in words_of(lara.get(f"/en/bookings/{booking.pk}/"))
    assert press(lara, booking, "no_show").status_code == 302
    assert now(booking).state == "no_show"


def test_cancelling_says_before_what_it_costs() -> None:
    house = House(late_fee_percent=50, free_cancellation_hours=24 * 30)
    booking = house.accept(house.ask())
    sara = browser_of(house.sara)
    page = words_of(sara.get(f"/en/bookings/{booking.pk}/"))
    assert "later 50 % of the price is owed" in page
    told = sara.post(
        f"/en/bookings/{booking.pk}/",
        {"do": "cancel", "version": booking.version, "cancel-reason": "Broken samples"},
        follow=True,
    )
    assert "€ 40.00 is owed" in words_of(told)
    assert now(booking).state == "cancelled"


@pytest.mark.parametrize(
    ("do", "sent", "kept"),
    [
        ("decline", {"decline-reason": "x" * 6000}, "x" * 6000),
        ("propose", {"propose-words": "Keep me", "propose-day": "tomorrow"}, "Keep me"),
        ("propose", {**slot_of("propose", at(-4, 9), at(-4, 10)), "propose-words": "Mine"}, "Mine"),
    ],
)
def test_refusals_keep_what_was_typed(do: str, sent: dict[str, str], kept: str) -> None:
    house = House()
    booking = house.ask()
    response = press(browser_of(house.lara), booking, do, **sent)
    assert response.status_code == 400
    assert kept in words_of(response)
    assert now(booking).version == 1


def test_two_owners_one_after_the_other_see_who_was_faster() -> None:
    house = House()
    booking = house.ask()
    house.accept(booking)
    typed = {"do": "decline", "version": 1, "decline-reason": "In repair"}
    response = browser_of(house.livio).post(f"/en/bookings/{booking.pk}/", typed)
    assert response.status_code == 409
    page = words_of(response)
    assert "Somebody was faster" in page
    assert "Accepted" in page
    assert now(booking).state == "accepted"


def test_what_there_is_not_cannot_be_pressed() -> None:
    house = House()
    booking = house.ask()
    assert press(browser_of(house.lara), booking, "explode").status_code == 404
    assert browser_of(house.lara).get("/en/bookings/999999/").status_code == 404


def test_my_bookings_are_mine_and_my_bodies() -> None:
    house = House()
    house.ask()
    for person, sees in ((house.sara, True), (house.carlo, True), (house.stranger, False)):
        page = words_of(browser_of(person).get("/en/bookings/"))
        assert ("Electron microscope" in page) == sees
    past = BookingFactory(
        resource=house.resource, person=house.sara, starts_at=at(-9, 9), state="declined"
    )
    page = words_of(browser_of(house.sara).get("/en/bookings/?over"))
    assert f"/bookings/{past.pk}/" in page
    assert browser_of().get("/en/bookings/").status_code == 302


@pytest.mark.parametrize("show", ["answer", "record", "coming", "over", "nonsense"])
def test_the_owner_finds_bookings_where_they_belong(show: str) -> None:
    house = House()
    asked = house.ask()
    accepted = house.accept(house.ask(days=6))
    late = over(house.accept(house.ask(days=8)))
    page = words_of(browser_of(house.lara).get(f"/en/bookings/answering/?show={show}"))
    expected = {
        "answer": [asked],
        "nonsense": [asked],
        "record": [late],
        "coming": [asked, accepted],
        "over": [late],
    }[show]
    for one in (asked, accepted, late):
        assert (f"/bookings/{one.pk}/" in page) == (one in expected), one
    other = words_of(browser_of(house.sara).get(f"/en/bookings/answering/?show={show}"))
    assert "Electron microscope" not in other


@pytest.mark.parametrize("address", ["bookings/", "bookings/answering/?show=coming"])
def test_lists_take_the_same_number_of_queries_however_long(
    address: str, django_assert_max_num_queries: Any
) -> None:
    house = House()
    person = house.sara if address == "bookings/" else house.lara
    client = browser_of(person)
    counts = []
    for day in (3, 4, 5):
        house.ask(days=day)
        if day != 4:
            with django_assert_max_num_queries(12) as queries:
                client.get(f"/en/{address}")
            counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_long_list_goes_on_with_links() -> None:
    house = House()
    for day in range(25):
        BookingFactory(
            resource=house.resource, person=house.sara, starts_at=at(day + 1, 9), state="accepted"
        )
    first = words_of(browser_of(house.sara).get("/en/bookings/"))
    assert "?from=20" in first
    second = words_of(browser_of(house.sara).get("/en/bookings/?from=20"))
    assert "?from=0" in second
    assert second.count("data-label") < first.count("data-label")


def test_a_place_on_the_waiting_list_is_told() -> None:
    house = House()
    house.accept(house.ask())
    waiting = actions.request_booking(
        actor=acting(house.stranger),
        resource_id=house.resource.pk,
        starts_at=at(3, 9),
        ends_at=at(3, 11),
        purpose="Mine",
        profile_id=next(iter(acting(house.stranger).mandates)),
        waiting=True,
    )
    page = words_of(browser_of(house.stranger).get(f"/en/bookings/{waiting.pk}/"))
    assert "Place 1 on the waiting list" in page
