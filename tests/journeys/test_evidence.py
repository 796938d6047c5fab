"""A member and a manager look at what open data says, in the demonstration."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Become = Callable[..., None]
Check = Callable[[Page], None]
WHOLE = "/it/profiles/unibo/evidence/"


def test_the_office_confirms_hides_and_shows_again(
    site: str, quiet_page: Page, become: Become, assert_good_at_both_widths: Check
) -> None:
    """From the university's page to all its projects; what is hidden vanishes for a visitor."""
    page = quiet_page
    become(page, "manager")
    page.goto(f"{site}/it/organisations/unibo/")
    page.locator(f"main a[href='{WHOLE}']").click()
    assert_good_at_both_widths(page)
    row = page.locator(".evidence-part").first
    key = row.get_attribute("id")
    row = page.locator(f"#{key}")
    row.locator("button[name=confirm]").click()
    expect(row.locator(".badge.bg-success")).to_be_visible()
    row.locator("button[name=take_back]").click()
    row.locator("button[name=hide]").click()
    expect(row).to_have_class(re.compile("evidence-hidden"))
    page.reload()
    hidden = page.locator(f"section:has(#hidden) #{key}")
    hidden.locator("button").click()
    page.wait_for_url(f"{site}{WHOLE}#{key}")
    expect(page.locator(f"#{key} button[name=confirm]")).to_be_visible()


def test_a_visitor_reads_and_cannot_speak(
    site: str, page: Page, assert_good_at_both_widths: Check
) -> None:
    """Projects, fields, partners and their maps; nothing to press."""
    page.goto(f"{site}{WHOLE}")
    assert_good_at_both_widths(page)
    expect(page.locator(".evidence-part").first).to_be_visible()
    expect(page.locator("main .evidence-say")).to_have_count(0)
    expect(page.locator("svg.trebbo-chart[aria-label^='Partner per paese']")).to_be_visible()


def test_a_cluster_s_page_of_evidence_answers(
    site: str, page: Page, assert_good_at_both_widths: Check
) -> None:
    """It says what was counted, or that nothing has been."""
    page.goto(f"{site}/it/clusters/clust-er-health/evidence/")
    expect(page.locator("h1")).to_contain_text("Clust-ER")
    assert_good_at_both_widths(page)
