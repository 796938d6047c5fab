"""Nonsense in addresses and forms is answered in words, never with a page that broke."""

from datetime import timedelta

import pytest

from tests.factories.resources import PriceFactory
from tests.sharing.resources.house import House, at, browser_of, slot_of
from trebbo.sharing.resources.models import Booking, Price

pytestmark = pytest.mark.django_db

NONSENSE = [
    *("a\x00b", "9" * 60, "-1", "²", "0001-01-01", "9999-12-31", "2199-12-31", "2026-W60"),
    *("0001-01-01T00:00+14:00", "2199-12-31T23:45-23:59"),
]
LOOKED_UP = {
    "/en/resources/": ("q", "kind", "field", "owner", "place", "free_from", "free_until", "from"),
    "/en/resources/calendar/": ("q", "owner", "place", "day", "by", "from", "field"),
    "/en/resources/{}/book/": ("week", "start"),
    "/en/resources/{}/use/": ("year",),
    "/en/resources/use/": ("year", "page", "all"),
    "/en/bookings/": ("from", "over"),
    "/en/bookings/answering/": ("from", "show"),
    "/en/resources/export.csv": ("profile",),
    "/en/resources/{}/use/ledger.csv": ("year",),
}


@pytest.mark.parametrize("address", LOOKED_UP)
def test_nonsense_in_an_address_breaks_no_page(address: str) -> None:
    house = House()
    browser = browser_of(house.lara)
    where = address.format(house.resource.pk)
    for name in LOOKED_UP[address]:
        for value in NONSENSE:
            asked = {name: value}
            if name == "free_until":
                asked["free_from"] = "2026-06-01"
            assert browser.get(where, asked).status_code in (200, 400, 404), (name, value)


DAYS = ("0001-01-01", "9999-12-31", "a\x00b")


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("zone", ["Europe/Rome", "America/New_York"])
def test_days_that_no_calendar_reaches_are_refused_in_words(day: str, zone: str) -> None:
    house = House(timezone=zone)
    booking = house.ask()
    lara, sara = browser_of(house.lara), browser_of(house.sara)
    for clock in ("00:00", "23:45"):
        slot = {"day": day, "start": clock, "end": clock, "end_day": day}
        here = f"/en/resources/{house.resource.pk}"
        for do in ("look", "send", "wait", "pick:x", "week:9999-12-31", "pick:9999-12-31T23:00Z"):
            answer = sara.post(f"{here}/book/", {**slot, "do": do, "purpose": "a"})
            assert answer.status_code in (200, 400, 409), (do, clock)
        for do in ("propose", "use"):
            sent = {f"{do}-{name}": value for name, value in slot.items()}
            sent |= {"do": do, "version": "1", "use-is_economic": "yes"}
            page = f"/en/bookings/{booking.pk}/"
            assert lara.post(page, sent).status_code in (200, 400, 409), (do, clock)
        sent = {f"own-{name}": value for name, value in slot.items()}
        sent |= {"do": "own", "own-is_economic": "yes"}
        assert lara.post(f"{here}/use/", sent).status_code in (400, 409)
        closing = {"do": "block", "kind": "closed", "first_day": day, "last_day": day}
        for times in ({}, {"first_time": clock, "last_time": clock}):
            assert lara.post(f"{here}/hours/", {**closing, **times}).status_code in (400, 409)
        price = {"do": "set", "user_class": "member", "unit": "day", "amount": "1", "vat": "plus"}
        for name in ("valid_from", "valid_until"):
            assert lara.post(f"{here}/prices/", {**price, name: day}).status_code == 400
    assert Booking.objects.count() == 1


@pytest.mark.parametrize("samples", ["1000000", "9" * 30, "9" * 5000, "\x00"])
def test_a_sum_that_no_column_holds_is_refused_in_words(samples: str) -> None:
    house = House()
    Price.objects.all().delete()
    PriceFactory(resource=house.resource, unit="sample", amount="99999999.99")
    sara, start = browser_of(house.sara), at(3, 9)
    form = slot_of("", start, start + timedelta(hours=2))
    form |= {"purpose": "Misura", "profile": str(house.firm.pk), "sample_count": samples}
    address = f"/en/resources/{house.resource.pk}/book/"
    looked = sara.post(address, {**form, "do": "look"})
    assert looked.status_code in (200, 400)
    quote = looked.context["quote"]
    sent = sara.post(address, {**form, "do": "send", "seen": quote.mark if quote else ""})
    assert sent.status_code == 400
    assert not Booking.objects.exists()


@pytest.mark.parametrize("value", ["a\x00b", "9" * 5000])
def test_forms_bear_what_is_neither_words_nor_numbers(value: str) -> None:
    house = House()
    lara, here = browser_of(house.lara), f"/en/resources/{house.resource.pk}"
    sent = [
        (f"{here}/use/", {"do": "capacity", "capacity-hours": value, "capacity-reason": value}),
        (f"{here}/use/", {"do": "void", "use": value, "void-reason": value}),
        (f"{here}/edit/", dict.fromkeys(("name_it", "lead_days", "timezone", "version"), value)),
        (f"{here}/hours/", {"do": "hours", "seen": value, "opens_0_0": value}),
        (f"{here}/hours/", {"do": "hours", "seen": "1-" + value}),
        (f"{here}/hours/", {"do": "open", "block": value}),
        (f"{here}/prices/", {"do": "set", "amount": value, "user_class": value}),
        (f"{here}/prices/", {"do": "end", "price": value}),
        (f"{here}/calendars/", {"do": "add", "name": value, "address": value}),
        (f"{here}/calendars/", {"remove": value}),
        (f"{here}/files/", {"remove": value}),
        (f"/en/profiles/{house.lab.slug}/qualifications/", {"do": "add", "months": value}),
        (f"/en/profiles/{house.lab.slug}/qualifications/", {"do": "qualify", "email": value}),
        ("/en/calendars/", {"body": value}),
    ]
    for page, form in sent:
        assert lara.post(page, form).status_code in (200, 302, 400, 404, 409), (page, form)
