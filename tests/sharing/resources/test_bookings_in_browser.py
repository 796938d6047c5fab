"""The pages of bookings in a real browser: accessible, no wider than a phone, by keys alone."""

from collections.abc import Callable
from datetime import UTC
from typing import Any

import pytest
from django.test import Client
from django.utils import translation
from playwright.sync_api import Browser, Page, expect

from tests.factories.accounts import acting
from tests.factories.resources import OpeningHoursFactory
from tests.sharing.resources.house import House, at, now
from trebbo.ecosystem.accounts.models import Person
from trebbo.sharing.resources import actions
from trebbo.sharing.resources.models import Booking

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDTHS = (360, 1280)


@pytest.fixture
def house() -> House:
    """A laboratory that is open on weekdays, with a few bookings."""
    built = House(late_fee_percent=50)
    for weekday in range(7):
        OpeningHoursFactory(resource=built.resource, weekday=weekday, opens=540, closes=1080)
    return built


@pytest.mark.parametrize("language", ["it", "en"])
def test_every_page(
    quiet_page: Page,
    sign_in_browser: Callable[[Person], Page],
    look: Callable[[str, str], None],
    house: House,
    language: str,
) -> None:
    with translation.override(language):
        asked = house.ask()
        accepted = house.accept(house.ask(days=4))
        link = house.link(house.ask(days=5)).lstrip("/")
    start = at(-1, 9)
    actions.record_own_use(
        actor=acting(house.lara),
        resource_id=house.resource.pk,
        starts_at=start,
        ends_at=start.replace(hour=11),
        is_economic=True,
    )
    pages: dict[Person | None, list[tuple[str, str]]] = {
        None: [(f"resources/{house.resource.pk}/book/", "book-visitor")],
        house.sara: [
            (f"resources/{house.resource.pk}/book/?week={at(3, 9).date()}", "book"),
            ("bookings/", "mine"),
            (f"bookings/{asked.pk}/", "asked"),
            (f"bookings/{accepted.pk}/", "accepted"),
        ],
        house.lara: [
            ("bookings/answering/", "answering"),
            (f"bookings/{asked.pk}/", "answer"),
            (f"resources/{house.resource.pk}/use/", "ledger"),
            ("resources/use/?all=on", "ledgers"),
        ],
        house.aldo: [("resources/use/ceilings/", "ceilings")],
    }
    for person, addresses in pages.items():
        if person is not None:
            sign_in_browser(person)
        for address, name in addresses:
            for width in WIDTHS:
                quiet_page.set_viewport_size({"width": width, "height": 900})
                look(f"{language}/{address}", f"bookings-{language}-{name}")
    quiet_page.context.clear_cookies()
    for width in WIDTHS:
        quiet_page.set_viewport_size({"width": width, "height": 900})
        look(link, f"bookings-{language}-by-mail")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_slot_is_asked_for_and_answered_by_keys_alone(
    browser: Browser, live_server: Any, client: Client, house: House, scripts: bool
) -> None:
    """With and without scripts: a time of the week, the price, the request, the answer by mail."""
    context = browser.new_context(java_script_enabled=scripts)
    client.force_login(house.sara, backend="django.contrib.auth.backends.ModelBackend")
    session = client.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    page = context.new_page()
    week = at(3, 9).date()
    page.goto(f"{live_server.url}/en/resources/{house.resource.pk}/book/?week={week}")
    _press(page, f'button[value="pick:{at(3, 9).astimezone(UTC).isoformat()}"]')
    expect(page.locator("#id_start")).to_have_value("09:00")
    page.locator("#id_purpose").focus()
    page.keyboard.type("Measure a film")
    _press(page, 'button[name="do"][value="send"]')
    page.wait_for_url("**/bookings/*/**")
    booking = Booking.objects.get()
    assert (booking.state, booking.purpose) == ("requested", "Measure a film")
    context.clear_cookies()
    with translation.override("en"):
        page.goto(f"{live_server.url}{house.link(booking)}")
    page.get_by_role("button", name="Accept the slot").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="You accepted").wait_for()
    assert now(booking).state == "accepted"
    context.close()


def _press(page: Page, selector: str) -> None:
    page.locator(selector).first.focus()
    page.keyboard.press("Enter")
    page.wait_for_load_state()
