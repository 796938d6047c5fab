"""Asking for a slot on the page: the week, the price before sending, what is kept when refused."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import translation

from tests.factories.resources import OpeningHoursFactory
from tests.sharing.resources.house import House, at, browser_of, now, slot_of, words_of
from trebbo.sharing.resources.models import Booking

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english() -> Any:
    with translation.override("en"):
        yield


def address(house: House) -> str:
    """The page of the resource's week."""
    return f"/en/resources/{house.resource.pk}/book/"


def typed(house: House, **more: Any) -> dict[str, Any]:
    """A request of the firm as its form sends it, with the price that was seen."""
    return {
        **slot_of("", at(3, 9), at(3, 11)),
        "purpose": "Measure a film",
        "samples": "",
        "sample_count": "",
        "profile": str(house.firm.pk),
        "is_economic": "",
        "seen": "member:80.00",
        "do": "send",
        **more,
    }


def test_a_visitor_sees_the_week_and_where_to_sign_in() -> None:
    house = House()
    house.ask()
    page = words_of(browser_of().get(address(house)))
    assert "Sign in" in page
    assert "taken" in words_of(browser_of().get(f"{address(house)}?week={at(3, 9).date()}"))
    assert "request-form" not in page
    assert browser_of().post(address(house), typed(house)).status_code == 403


def test_a_slot_that_ends_before_it_starts_is_said_when_its_price_is_asked() -> None:
    house = House()
    sent = typed(house, **slot_of("", at(3, 11), at(3, 9)), do="price")
    page = browser_of(house.sara).post(address(house), sent)
    assert page.status_code == 400
    assert "The end has to come after the start." in words_of(page)


def test_the_first_week_shown_is_one_that_can_be_asked_for() -> None:
    house = House(notice_hours=24 * 21)
    page = browser_of(house.sara).get(address(house))
    assert page.context["week"].monday > at(13, 0).date()


@pytest.mark.parametrize("facts", [{"is_bookable": False}, {"visibility": "members"}])
def test_what_cannot_be_booked_or_seen_has_no_such_page(facts: dict[str, Any]) -> None:
    house = House(**facts)
    assert browser_of(house.stranger).get(address(house)).status_code == 404


def test_the_price_is_seen_before_anything_is_sent() -> None:
    house = House()
    sara = browser_of(house.sara)
    looked = sara.post(address(house), typed(house, do="price", seen=""))
    assert looked.status_code == 200
    page = words_of(looked)
    assert "€ 80.00, plus VAT" in page
    assert "Members of the cluster" in page
    assert "Measure a film" in page
    assert not Booking.objects.exists()
    unseen = sara.post(address(house), typed(house, seen=""))
    assert "Look at the price" in words_of(unseen)
    old = sara.post(address(house), typed(house, seen="member:60.00"))
    assert "Look at the price" in words_of(old)
    assert not Booking.objects.exists()


def test_a_request_is_sent_and_shown() -> None:
    house = House()
    sent = browser_of(house.sara).post(address(house), typed(house, sample_count="3"))
    booking = Booking.objects.get()
    assert sent.status_code == 302
    assert sent["Location"] == f"/en/bookings/{booking.pk}/"
    assert (booking.state, booking.starts_at, booking.ends_at) == ("requested", at(3, 9), at(3, 11))
    assert (booking.purpose, booking.sample_count) == ("Measure a film", 3)
    assert booking.profile_id == house.firm.pk


def test_the_owner_books_at_once() -> None:
    house = House()
    sent = typed(house, profile=str(house.lab.pk), seen="owner:None")
    browser_of(house.lara).post(address(house), sent)
    assert Booking.objects.get().state == "accepted"


@pytest.mark.parametrize(
    "wrong",
    [
        {"purpose": " "},
        {"day": "yesterday"},
        {"start": "09:07"},
        {"start": "25:00"},
        {"end": "08:00"},
        {"sample_count": "many"},
        {"samples": "x" * 6000},
        {"end_day": "2099-01-01"},
        {"profile": "999999"},
    ],
)
def test_refusals_keep_what_was_typed(wrong: dict[str, str]) -> None:
    house = House()
    sent = typed(house, **wrong)
    response = browser_of(house.sara).post(address(house), sent)
    page = words_of(response)
    if response.status_code == 200:  # another price than the one that was seen
        assert "Look at the price" in page or "The price is shown" in page
    else:
        assert response.status_code == 400
    if "purpose" not in wrong:
        assert "Measure a film" in page
    for name, value in wrong.items():
        if name not in ("profile", "purpose"):
            assert value in page, name
    assert not Booking.objects.exists()


def test_a_taken_slot_offers_others_and_the_waiting_list() -> None:
    house = House()
    house.ask()
    carlo = browser_of(house.carlo)
    taken = carlo.post(address(house), typed(house))
    assert taken.status_code == 409
    page = words_of(taken)
    assert "Free slots of the same length" in page
    assert "Join the waiting list" in page
    assert "Measure a film" in page
    another = taken.context["next_slots"][0][0]
    picked = carlo.post(
        address(house), typed(house, do=f"pick:{another.starts_at.isoformat()}", seen="")
    )
    assert picked.status_code == 200
    form = picked.context["form"]
    assert form["purpose"].value() == "Measure a film"
    assert form["start"].value() == f"{another.starts_at.astimezone(at(0, 0).tzinfo):%H:%M}"
    waits = carlo.post(address(house), typed(house, do="wait"))
    assert waits.status_code == 302
    assert Booking.objects.latest("pk").state == "waiting"


def test_picking_keeps_the_length_and_turning_keeps_everything() -> None:
    house = House()
    sara = browser_of(house.sara)
    picked = sara.post(address(house), typed(house, do=f"pick:{at(4, 14).isoformat()}"))
    form = picked.context["form"]
    assert (form["day"].value(), form["start"].value(), form["end"].value()) == (
        at(4, 14).date().isoformat(),
        "14:00",
        "16:00",
    )
    later = at(3, 9).date() + timedelta(days=7)
    turned = sara.post(address(house), typed(house, do=f"week:{later}"))
    assert turned.context["week"].monday <= later < turned.context["week"].next
    assert turned.context["form"]["purpose"].value() == "Measure a film"
    for nonsense in ("pick:nonsense", "week:2026-99-99", "pick:2026-06-15T10:00"):
        assert sara.post(address(house), typed(house, do=nonsense)).status_code == 200
    assert not Booking.objects.exists()


def test_an_address_may_bring_a_slot_along() -> None:
    house = House()
    sara = browser_of(house.sara)
    response = sara.get(address(house), {"start": at(4, 14).isoformat()})
    assert response.context["form"]["start"].value() == at(4, 14).time()
    assert "€ 40.00" in words_of(response)
    for nonsense in ("x", "2026-06-15T10:00", "9999-12-31T23:59:59+00:00"):
        assert sara.get(address(house), {"start": nonsense, "week": "x"}).status_code == 200


def test_free_times_are_buttons_and_others_say_why_not() -> None:
    house = House()
    for weekday in range(7):
        OpeningHoursFactory(resource=house.resource, weekday=weekday, opens=540, closes=720)
    booking = house.ask(days=3, hour=9, hours=1)
    week = f"{address(house)}?week={at(3, 9).date()}"
    page = words_of(browser_of(house.carlo).get(week))
    assert f'href="/en/bookings/{booking.pk}/"' in page
    assert "yours" in page
    page = words_of(browser_of(house.stranger).get(week))
    assert f'href="/en/bookings/{booking.pk}/"' not in page
    assert "taken" in page
    iso = at(3, 10).astimezone(at(0, 0).tzinfo)
    free = [
        cell.words
        for day in browser_of(house.stranger).get(week).context["days"]
        if day.date == iso.date()
        for part in day.parts
        for cell in part.free
    ]
    assert free == ["10:00", "10:30", "11:00", "11:30"]


@pytest.mark.parametrize(("which", "hour"), [("0", 0), ("1", 1)])
def test_a_time_that_exists_twice_is_asked_for(which: str, hour: int) -> None:
    """On the last Sunday of October the clock shows half past two twice."""
    house = House(horizon_days=400)
    year = at(0, 0).year + (1 if at(0, 0).month > 9 else 0)
    day = next(
        at(0, 0).replace(year=year, month=10, day=number).date()
        for number in range(31, 24, -1)
        if at(0, 0).replace(year=year, month=10, day=number).weekday() == 6
    )
    sent = typed(house, day=day.isoformat(), start="02:30", end="04:00", do="price", seen="")
    sara = browser_of(house.sara)
    asked = sara.post(address(house), sent)
    assert asked.status_code == 400
    page = words_of(asked)
    assert "02:30 UTC+2" in page
    assert "02:30 UTC+1" in page
    assert "Measure a film" in page
    chosen = sara.post(address(house), {**sent, "start_which": which})
    assert chosen.status_code == 200
    seen = chosen.context["quote"].mark
    assert seen == ("member:100.00" if which == "0" else "member:60.00")
    sara.post(address(house), {**sent, "start_which": which, "do": "send", "seen": seen})
    start = now(Booking.objects.get()).starts_at
    assert (start.hour, start.minute) == (hour, 30)


def test_a_time_that_does_not_exist_is_refused_with_what_was_typed() -> None:
    house = House(horizon_days=400)
    year = at(0, 0).year + (1 if at(0, 0).month > 2 else 0)
    day = next(
        at(0, 0).replace(year=year, month=3, day=number).date()
        for number in range(31, 24, -1)
        if at(0, 0).replace(year=year, month=3, day=number).weekday() == 6
    )
    sent = typed(house, day=day.isoformat(), start="02:30", end="04:00")
    refused = browser_of(house.sara).post(address(house), sent)
    assert refused.status_code == 400
    assert 'value="02:30"' in words_of(refused)
    assert not Booking.objects.exists()


def test_the_page_takes_few_queries(django_assert_max_num_queries: Any) -> None:
    house = House()
    client = browser_of(house.sara)
    client.get(address(house))
    with django_assert_max_num_queries(20):
        client.get(address(house))
