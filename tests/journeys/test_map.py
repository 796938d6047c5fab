"""The moving map: markers, the list that follows, the keyboard, the phone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MARKER = "#map .leaflet-marker-pane .leaflet-marker-icon, #map .leaflet-marker-icon.map-cluster"


def ready(page: Page) -> None:
    """Wait until the markers are drawn."""
    expect(page.locator("#map[data-drawn]")).to_be_visible()


def bodies(page: Page) -> int:
    """How many bodies the list says there are."""
    words = page.locator("#map-list [data-summary]").inner_text()
    return int("".join(letter for letter in words if letter.isdigit()))


def test_the_list_follows_the_map(
    site: str, quiet_page: Page, assert_accessible: Callable[[Page], None]
) -> None:
    """Nearer means fewer bodies; a filter narrows both; nothing breaks accessibility."""
    page = quiet_page
    page.goto(f"{site}/it/map/")
    ready(page)
    expect(page.locator(MARKER).first).to_be_visible()
    assert_accessible(page)
    whole = bodies(page)
    assert whole > 50
    said = page.locator("#map-said").inner_text()
    for _step in range(3):
        with page.expect_response("**/map/list/**"):
            page.locator(".leaflet-control-zoom-in").click()
    expect(page.locator("#map-said")).not_to_have_text(said)
    assert 0 < bodies(page) < whole
    assert "zoom=" in page.url
    seen = page.locator("#map-list h3").all_inner_texts()
    page.reload()
    ready(page)
    assert page.locator("#map-list h3").all_inner_texts() == seen
    page.goto(f"{site}/it/map/?type=technopole")
    ready(page)
    assert bodies(page) <= 13


def test_the_map_with_the_keyboard(site: str, quiet_page: Page) -> None:
    """A marker opens with Enter, its words get the focus, Escape gives it back."""
    page = quiet_page
    page.goto(f"{site}/it/map/?type=technopole&province=RA")
    ready(page)
    marker = page.locator("#map [role=button].leaflet-marker-icon").first
    marker.focus()
    name = marker.get_attribute("aria-label")
    assert name
    page.keyboard.press("Enter")
    popup = page.locator(".map-popup")
    expect(popup).to_be_focused()
    expect(popup.locator("a").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(popup).to_have_count(0)
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == name


def test_the_map_on_the_phone(
    site: str, quiet_page: Page, assert_accessible: Callable[[Page], None]
) -> None:
    """It fits, both map and list are there, in English too."""
    quiet_page.set_viewport_size({"width": 390, "height": 844})
    quiet_page.goto(f"{site}/en/map/")
    ready(quiet_page)
    assert quiet_page.evaluate("document.documentElement.scrollWidth") <= 390
    expect(quiet_page.locator("#map-list h3 a").first).to_be_visible()
    assert_accessible(quiet_page)
