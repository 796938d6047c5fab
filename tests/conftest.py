"""What all tests share: a language, a browser where there is one, the check of accessibility."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache
from django.test import Client
from django.utils import translation
from playwright.sync_api import ConsoleMessage, Page

from trebbo.ecosystem.accounts.models import Person

pytest_plugins = ["tests.surroundings"]

# The browser's library keeps an event loop in the test's thread; the database calls stay in order.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
)
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture(autouse=True)
def _italian_and_fresh() -> Iterator[None]:
    """Each test begins in Italian, with nothing in the cache and no map held from another."""
    from trebbo.outlets.maps import gateway as maps

    cache.clear()
    maps.forget()
    with translation.override("it"):
        yield
    cache.clear()


@pytest.fixture
def sign_in(client: Client) -> Callable[[Person], Client]:
    """Signs a person in and gives the client back: `sign_in(person).get(…)`."""

    def enter(person: Person) -> Client:
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return enter


@pytest.fixture(scope="session")
def base_url() -> None:
    """Addresses are given whole; the plugin's own fixture warns under this version of pytest."""


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Drive the Chromium of the system."""
    if not CHROMIUM:
        pytest.skip("no Chromium on this machine")
    return {"executable_path": CHROMIUM, "args": ["--no-sandbox", "--disable-gpu"]}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """A desktop window that prefers Italian."""
    return {
        **browser_context_args,
        "viewport": {"width": 1280, "height": 900},
        "locale": "it-IT",
        "timezone_id": "Europe/Rome",
    }


@pytest.fixture
def quiet_page(page: Page) -> Iterator[Page]:
    """A page whose console must stay free of errors: of scripts, files and policy."""
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(message.text)

    page.on("console", listen)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    assert complaints == []


@pytest.fixture
def assert_accessible() -> Callable[[Page], None]:
    """Fails with axe's own words where a page breaks WCAG 2.2, levels A and AA."""

    def check(page: Page) -> None:
        page.wait_for_load_state()  # half a page has links without words
        result = Axe().run(page, options={"runOnly": {"type": "tag", "values": AXE_TAGS}})
        assert result.violations_count == 0, f"{page.url}\n{result.generate_report()}"

    return check


@pytest.fixture
def sign_in_browser(page: Page, live_server: Any, client: Client) -> Callable[[Person], Page]:
    """Signs a person in, in the browser, without the pages of the sign-in."""

    def enter(person: Person) -> Page:
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        cookie = client.cookies["sessionid"]
        page.context.add_cookies(
            [{"name": "sessionid", "value": cookie.value, "url": live_server.url}]
        )
        return page

    return enter


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Where a test leaves pictures: the folder in `TEST_PICTURES`, or a passing one."""
    folder = Path(os.environ.get("TEST_PICTURES", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def look(
    page: Page,
    live_server: Any,
    assert_accessible: Callable[[Page], None],
    pictures: Path,
) -> Callable[[str, str], None]:
    """Opens an address; fails where axe finds something, or the page is wider than its window.

    Leaves a picture by the name that is given, where pictures are wanted (`TEST_PICTURES`).
    """

    def open_and_judge(address: str, name: str) -> None:
        page.goto(f"{live_server.url}/{address}")
        assert_accessible(page)
        size = page.viewport_size
        across = page.evaluate("document.documentElement.scrollWidth")
        assert size is not None
        assert across <= size["width"], f"{address} is {across} pixels wide at {size['width']}"
        if "TEST_PICTURES" in os.environ:
            page.screenshot(path=pictures / f"{name}-{size['width']}.png", full_page=True)

    return open_and_judge


@pytest.fixture(scope="session")
def open_data() -> Path:
    """The folder of the official open-data files: `TREBBO_OPEN_DATA`, or one beside the project."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("TREBBO_OPEN_DATA", beside))
    if not (folder / "cordis").is_dir():
        pytest.skip("the official open-data files are not on this machine (TREBBO_OPEN_DATA)")
    return folder
