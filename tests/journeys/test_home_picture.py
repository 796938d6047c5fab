"""The picture of the home page that the README shows."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PICTURE = Path(__file__).resolve().parents[2] / "docs" / "images" / "home.png"
AGAIN = os.environ.get("TREBBO_PICTURES") == "1"


def size(png: bytes) -> tuple[int, int]:
    """Width and height, as the head of a PNG file gives them."""
    assert png.startswith(b"\x89PNG")
    return int.from_bytes(png[16:20]), int.from_bytes(png[20:24])


def test_home_picture(site: str, quiet_page: Page, home_picture: bytes) -> None:
    """The page shows figures and clusters; with `TREBBO_PICTURES=1` its picture is taken anew."""
    quiet_page.goto(f"{site}/it/")
    expect(quiet_page.locator(".trebbo-card")).to_have_count(11)
    expect(quiet_page.locator(".home-figures li").first).to_be_visible()
    if AGAIN or not PICTURE.exists():
        PICTURE.parent.mkdir(parents=True, exist_ok=True)
        PICTURE.write_bytes(home_picture)
    assert size(PICTURE.read_bytes()) == size(home_picture) == (1280, 900)
