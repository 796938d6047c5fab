"""The moving map in a real browser: markers, zoom, the list that follows, the keyboard."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.outlets.maps import rows

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Check = Callable[[Page], None]
CLUSTER = ".leaflet-marker-icon.map-cluster:not(.map-spot)"
SUMMARY = "#map-list [data-summary]"


@pytest.fixture
def region() -> None:
    """Two firms and a laboratory about Modena, three at one spot in Bologna, one Technopole."""
    university = rows.organisation("Ateneo sintetico", kind="university")
    host = rows.technopole("Tecnopolo sintetico")
    laboratory = rows.unit("Laboratorio sintetico", of=university, technopole=host)
    rows.seat(rows.organisation("Alfa sintetica"), "036023", point=(44.650, 10.920))
    rows.seat(rows.organisation("Beta sintetica"), "036023", point=(44.640, 10.950))
    rows.seat(laboratory, "036023", point=(44.630, 10.900))
    rows.seat(host, "036022", point=(44.887, 11.066))
    for name in ("Gamma sintetica", "Delta sintetica", "Ateneo sintetico due"):
        rows.seat(rows.organisation(name), "037006")


def opened(page: Page, live_server: Any, address: str) -> None:
    """Open the map and wait until it has been drawn."""
    page.goto(f"{live_server.url}{address}")
    expect(page.locator("#map")).to_have_attribute("data-drawn", re.compile(r"\d+"))


@pytest.mark.usefixtures("region")
def test_zooming_parts_a_cluster_and_the_list_follows(
    quiet_page: Page, live_server: Any, assert_accessible: Check
) -> None:
    page = quiet_page
    opened(page, live_server, "/it/map/")
    expect(page.locator("#map-drawing")).to_be_hidden()
    expect(page.locator(SUMMARY)).to_have_text("7 soggetti nell'area mostrata")
    expect(page.locator(CLUSTER)).to_have_text("3")
    expect(page.locator(".map-point .map-shape-technopole")).to_have_count(1)
    assert_accessible(page)
    page.locator(CLUSTER).click()
    expect(page.locator(SUMMARY)).to_have_text("3 soggetti nell'area mostrata")
    expect(page.locator(".map-point .map-shape-organisation")).to_have_count(2)
    expect(page.locator(".map-point .map-shape-unit")).to_have_count(1)
    expect(page.locator("#map-list h3")).to_have_text(
        ["Alfa sintetica", "Beta sintetica", "Laboratorio sintetico"]
    )
    expect(page).to_have_url(re.compile("bbox="))
    page.reload()
    expect(page.locator(SUMMARY)).to_have_text("3 soggetti nell'area mostrata")


@pytest.mark.usefixtures("region")
def test_markers_have_names_and_open_with_the_keyboard(
    quiet_page: Page, live_server: Any, assert_accessible: Check
) -> None:
    page = quiet_page
    opened(page, live_server, "/en/map/")
    spot = page.get_by_role("button", name="3 places, opens a list")
    spot.focus()
    page.keyboard.press("Enter")
    popup = page.locator(".map-popup")
    expect(popup).to_be_focused()
    expect(popup.locator("h3")).to_have_text(
        ["Ateneo sintetico due", "Delta sintetica", "Gamma sintetica"]
    )
    expect(popup).to_contain_text("Position known only by municipality")
    expect(page.get_by_role("button", name="Close", exact=True)).to_be_visible()
    assert_accessible(page)
    page.keyboard.press("Escape")
    expect(popup).to_have_count(0)
    expect(page.get_by_role("button", name="3 places, opens a list")).to_be_focused()
    technopole = page.get_by_role("button", name="Tecnopolo sintetico, Technopole, Mirandola (MO)")
    expect(technopole).to_be_visible()


@pytest.mark.usefixtures("region")
def test_filters_stay_in_the_address_and_narrow_markers_and_list(
    quiet_page: Page, live_server: Any
) -> None:
    page = quiet_page
    opened(page, live_server, "/it/map/")
    page.locator("details.map-filter").first.locator("summary").click()
    page.locator("label[for=map-type-unit]").click()
    page.get_by_role("button", name="Applica").click()
    expect(page).to_have_url(re.compile("type=unit"))
    expect(page.locator(SUMMARY)).to_have_text("1 soggetto nell'area mostrata")
    expect(page.locator(".leaflet-marker-icon.map-point")).to_have_count(1)
    expect(page).to_have_url(re.compile("type=unit.*bbox="))


@pytest.mark.usefixtures("region")
@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_fits_phone_and_desktop(
    quiet_page: Page, live_server: Any, assert_accessible: Check, width: int
) -> None:
    page = quiet_page
    page.set_viewport_size({"width": width, "height": 844})
    opened(page, live_server, "/it/map/")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert_accessible(page)


OVERLAPS = """() => {
  const boxes = (selector) => [...document.querySelectorAll(selector)]
    .filter((one) => getComputedStyle(one).visibility === "visible")
    .map((one) => one.getBoundingClientRect());
  const meet = (a, b) =>
    a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  const names = boxes(".map-province span");
  const markers = boxes(".leaflet-marker-pane .leaflet-marker-icon");
  return {
    names: names.length,
    markers: markers.length,
    hidden: names.filter((name) => markers.some((marker) => meet(name, marker))).length,
    crossed: names.filter((a, i) => names.some((b, j) => i < j && meet(a, b))).length,
  };
}"""


@pytest.mark.usefixtures("region")
@pytest.mark.parametrize(("width", "least"), [(390, 3), (1280, 8)])
def test_names_of_provinces_make_room_for_markers(
    quiet_page: Page, live_server: Any, width: int, least: int
) -> None:
    """No name is covered by a marker or by another name; on a small map some give way."""
    page = quiet_page
    page.set_viewport_size({"width": width, "height": 844})
    opened(page, live_server, "/it/map/")
    expect(page.locator(".map-province")).to_have_count(9)
    seen = page.evaluate(OVERLAPS)
    assert seen["names"] >= least
    assert seen["markers"] >= 2
    assert (seen["hidden"], seen["crossed"]) == (0, 0)


@pytest.mark.usefixtures("region")
def test_without_javascript_a_province_leads_to_its_list(browser: Any, live_server: Any) -> None:
    context = browser.new_context(java_script_enabled=False, locale="it-IT")
    page = context.new_page()
    page.goto(f"{live_server.url}/it/map/")
    page.get_by_role("link", name="Bologna: 3").click()
    expect(page).to_have_url(re.compile("province=BO"))
    expect(page.locator("#map-list h3")).to_have_text(
        ["Ateneo sintetico due", "Delta sintetica", "Gamma sintetica"]
    )
    context.close()
