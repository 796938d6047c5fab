"""The demonstration, served once for all journeys, and the ways to walk through it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.management import call_command
from django.test import override_settings
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer
from pytest_django.plugin import DjangoDbBlocker

from trebbo.demo import asks, builder, resources
from trebbo.kernel.access import installation
from trebbo.outlets.maps import gateway as maps
from trebbo.partnering.introductions.actions import rebuild_index

DESKTOP, PHONE = (1280, 900), (390, 844)


def pytest_itemcollected(item: pytest.Item) -> None:
    """One worker walks all journeys: the demonstration takes long to fill."""
    item.add_marker(pytest.mark.xdist_group("journeys"))


@dataclass(frozen=True, slots=True)
class Opened:
    """The demonstration as served: its address, and how its home page looked untouched."""

    address: str
    home_picture: bytes


@pytest.fixture(scope="package")
def opened(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    browser: Browser,
    browser_context_args: dict[str, Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Opened]:
    """The demonstration: filled, indexed, asked and served once, emptied at the end.

    What one journey changes stays for the next, so each changes bodies that no other looks at.
    """
    folder = tmp_path_factory.mktemp("search")
    with django_db_blocker.unblock(), override_settings(SEARCH_FOLDER=folder):
        server = None
        try:
            builder.build()
            resources.bring_in()
            rebuild_index(actor=installation())
            asks.bring_in()
            maps.forget()
            server = LiveServer("localhost")
            yield Opened(server.url, _picture(browser, browser_context_args, server.url))
        finally:
            if server is not None:
                server.stop()
            call_command("flush", interactive=False, verbosity=0)
            maps.forget()


def _picture(browser: Browser, context_args: dict[str, Any], address: str) -> bytes:
    with browser.new_context(**context_args) as context:
        page = context.new_page()
        page.goto(f"{address}/it/", wait_until="networkidle")
        page.evaluate("document.fonts.ready")
        return page.screenshot(animations="disabled", caret="hide")


@pytest.fixture
def site(opened: Opened) -> str:
    """The address of the demonstration."""
    return opened.address


@pytest.fixture
def home_picture(opened: Opened) -> bytes:
    """The home page at 1280 × 900, in Italian, before anybody changed anything."""
    return opened.home_picture


@pytest.fixture
def _django_db_helper(site: str) -> None:
    """Takes the place of the plugin's, which would empty the database after each test."""


@pytest.fixture
def become(site: str) -> Callable[..., None]:
    """Looks through a persona's eyes, by the click on its button: `become(page, "manager")`."""

    def enter(page: Page, key: str, language: str = "it") -> None:
        page.goto(f"{site}/{language}/demo/")
        button = page.locator(f"form[action='/{language}/demo/{key}/'] button")
        if button.count():  # otherwise it is this persona's window already
            button.click()
            page.wait_for_url(f"{site}/{language}/")

    return enter


@pytest.fixture
def assert_good_at_both_widths(
    assert_accessible: Callable[[Page], None],
) -> Callable[[Page], None]:
    """Fails where axe finds something, or the page is wider than its window; desk and phone."""

    def check(page: Page) -> None:
        for width, height in (PHONE, DESKTOP):
            page.set_viewport_size({"width": width, "height": height})
            assert_accessible(page)
            across = page.evaluate("document.documentElement.scrollWidth")
            assert across <= width, f"{page.url} is {across} pixels wide at {width}"

    return check
