"""The component gallery in a real browser: accessible, within the policy, on desktop and phone."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

SIZES = [(1280, 900), (390, 844)]


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width_and_height", SIZES)
@pytest.mark.parametrize("language", ["it", "en"])
def test_components_are_accessible(  # noqa: PLR0917
    quiet_page: Page,
    live_server: LiveServer,
    assert_accessible: Callable[[Page], None],
    pictures: Path,
    language: str,
    width_and_height: tuple[int, int],
) -> None:
    """Every component in every state, also with the errors of a form."""
    width, height = width_and_height
    quiet_page.set_viewport_size({"width": width, "height": height})
    for query in ("", "?errors=1"):
        quiet_page.goto(f"{live_server.url}/{language}/gallery/{query}")
        assert_accessible(quiet_page)
        assert quiet_page.evaluate("document.documentElement.scrollWidth") <= width
    assert quiet_page.evaluate("document.activeElement.className").endswith("trebbo-errors")
    quiet_page.screenshot(path=pictures / f"gallery-{language}-{width}.png", full_page=True)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_frame_works_from_the_keyboard(quiet_page: Page, live_server: LiveServer) -> None:
    """The first stop is the link to the content; it leads there."""
    quiet_page.goto(f"{live_server.url}/it/gallery/")
    quiet_page.keyboard.press("Tab")
    assert quiet_page.evaluate("document.activeElement.getAttribute('href')") == "#content"
    quiet_page.keyboard.press("Enter")
    assert quiet_page.evaluate("document.activeElement.id") == "content"


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_menu_of_the_phone(
    quiet_page: Page, live_server: LiveServer, assert_accessible: Callable[[Page], None]
) -> None:
    """It opens with a tap, closes again, and is accessible when open."""
    quiet_page.set_viewport_size({"width": 390, "height": 844})
    quiet_page.goto(f"{live_server.url}/it/gallery/")
    entry = quiet_page.locator("#main-menu .nav-link").first
    assert not entry.is_visible()
    quiet_page.locator(".custom-navbar-toggler").click()
    entry.wait_for(state="visible")
    quiet_page.wait_for_timeout(500)  # the menu slides in
    assert_accessible(quiet_page)
    quiet_page.keyboard.press("Escape")
    entry.wait_for(state="hidden")


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_without_scripts_the_phone_has_its_menu(page: Page, live_server: LiveServer) -> None:
    """Where scripts are off the entries stand on the page."""
    browser = page.context.browser
    assert browser is not None
    with browser.new_context(
        java_script_enabled=False, viewport={"width": 390, "height": 844}
    ) as plain:
        quiet = plain.new_page()
        quiet.goto(f"{live_server.url}/it/gallery/")
        assert quiet.locator("#main-menu .nav-link").first.is_visible()
        assert not quiet.locator(".custom-navbar-toggler").is_visible()


@pytest.mark.browser
def test_the_check_of_accessibility_sees_faults(
    page: Page, assert_accessible: Callable[[Page], None]
) -> None:
    """The check that all journeys rest on is not blind."""
    page.set_content('<html lang="it"><title>x</title><main><img src="x"></main></html>')
    with pytest.raises(AssertionError, match="image-alt"):
        assert_accessible(page)
