"""Narrowing the directory in a real browser, with and without scripts, on desktop and phone."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.factories.clusters import ClusterFactory, MembershipFactory
from tests.factories.organisations import KindFactory, OrganisationFactory, SeatFactory, UnitFactory
from tests.searching import index_all

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _registry(search_folder: Path) -> None:
    cluster = ClusterFactory(name="Clust-ER Alfa")
    for name, kind in (("Valvole Beta", "sme"), ("Valvole Gamma", "university")):
        body = OrganisationFactory(name=name)
        KindFactory(organisation=body, kind=kind)
        SeatFactory(profile=body)
        MembershipFactory(cluster=cluster, profile=body)
    UnitFactory(name="Laboratorio Delta", organisation=body)
    index_all()


def test_a_filter_applies_at_once_and_keeps_the_focus(
    quiet_page: Page, live_server: LiveServer
) -> None:
    """The address follows, the browser's back button too, and the other language's link."""
    page = quiet_page
    page.goto(f"{live_server.url}/it/directory/")
    expect(page.get_by_role("heading", name="4 profili")).to_be_visible()
    page.get_by_label("Piccola o media impresa").focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("heading", name="Un profilo")).to_be_visible()
    expect(page).to_have_url(re.compile(r"kind=sme"))
    assert page.evaluate("document.activeElement.id") == "facet-kind-sme"
    expect(page.locator("#answer-said")).to_have_text("Un profilo")
    expect(page.locator("a[hreflang=en]").first).to_have_attribute(
        "href", re.compile(r"^/en/directory/\?.*kind=sme")
    )
    page.locator("label[for=facet-kind-university]").click()
    expect(page.get_by_role("heading", name="2 profili")).to_be_visible()
    page.get_by_role("link", name="Togliere il filtro Tipo: Università").click()
    expect(page.get_by_role("heading", name="Un profilo")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="2 profili")).to_be_visible()
    expect(page.get_by_label("Università")).to_be_checked()


def test_a_refusal_is_shown_in_place(page: Page, live_server: LiveServer) -> None:
    """What was typed stays in the field."""
    page.goto(f"{live_server.url}/it/directory/")
    page.locator("#q").fill("a" * 1_001)
    page.locator("#q").press("Enter")
    expect(page.locator("#answer [role=alert]")).to_contain_text("1001 caratteri")
    assert len(page.locator("#q").input_value()) == 1_001


def test_without_scripts_a_button_applies_the_filters(
    browser: Browser, browser_context_args: dict[str, Any], live_server: LiveServer
) -> None:
    """A form like any other."""
    context = browser.new_context(**{**browser_context_args, "java_script_enabled": False})
    page = context.new_page()
    page.goto(f"{live_server.url}/it/directory/?look=table")
    choice = page.locator("label[for=facet-kind-sme]")
    if not choice.is_visible():
        page.locator("#facets > summary").click()
    choice.click()
    page.get_by_role("button", name="Applicare i filtri").click()
    expect(page.get_by_role("heading", name="Un profilo")).to_be_visible()
    expect(page.locator("table")).to_be_visible()
    context.close()


def test_on_a_phone_the_filters_wait_folded(quiet_page: Page, live_server: LiveServer) -> None:
    """Once opened they stay open from answer to answer."""
    page = quiet_page
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{live_server.url}/it/directory/")
    choice = page.locator("label[for=facet-kind-sme]")
    expect(choice).to_be_hidden()
    page.locator("#facets > summary").click()
    choice.click()
    expect(page.get_by_role("heading", name="Un profilo")).to_be_visible()
    expect(choice).to_be_visible()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("language", ["it", "en"])
def test_the_pages_are_accessible(  # noqa: PLR0917
    quiet_page: Page,
    live_server: LiveServer,
    assert_accessible: Callable[[Page], None],
    pictures: Path,
    language: str,
    width: int,
) -> None:
    """Home, ask and directory in each of their states; nothing is wider than the window."""
    quiet_page.set_viewport_size({"width": width, "height": 900})
    for name, path in (
        ("home", ""),
        ("ask", "ask/"),
        ("answer", "ask/?q=valvole+vicino+a+Mirandola&kind=sme"),
        ("nobody", "ask/?q=xyzzy"),
        ("cards", "directory/"),
        ("table", "directory/?look=table"),
        ("vocabularies", "vocabularies/"),
    ):
        quiet_page.goto(f"{live_server.url}/{language}/{path}")
        assert_accessible(quiet_page)
        assert quiet_page.evaluate("document.documentElement.scrollWidth") <= width
        quiet_page.screenshot(path=pictures / f"{name}-{language}-{width}.png", full_page=True)


def test_on_a_phone_the_rows_of_the_table_are_cards(
    quiet_page: Page, live_server: LiveServer, assert_accessible: Callable[[Page], None]
) -> None:
    """Every cell is in sight, beside the name of its column; on a desktop they are columns."""
    page = quiet_page
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{live_server.url}/it/directory/?look=table")
    row = page.get_by_role("row").filter(has_text="Valvole Beta")
    cells = row.locator("th, td")
    boxes = [box for cell in cells.all() if (box := cell.bounding_box())]
    assert len(boxes) == 4
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= 390 for box in boxes)
    assert [box["y"] for box in boxes] == sorted({box["y"] for box in boxes})
    label = "(cell) => getComputedStyle(cell, '::before').content"
    assert cells.last.evaluate(label).startswith('"Aggiornamento')
    assert_accessible(page)
    page.set_viewport_size({"width": 1280, "height": 844})
    tops = "(cells) => new Set(cells.map((cell) => cell.getBoundingClientRect().top)).size"
    assert cells.evaluate_all(tops) == 1
    assert cells.last.evaluate(label) == "none"
