"""The office of a cluster, the agency, the Region and a visitor at a cluster's page."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Become = Callable[..., None]
Check = Callable[[Page], None]
HEALTH = "/it/clusters/clust-er-health/"


def test_the_manager_edits_the_cluster(
    site: str, quiet_page: Page, become: Become, assert_good_at_both_widths: Check
) -> None:
    """What is written shows at once, in each language its own."""
    page = quiet_page
    become(page, "manager")
    page.goto(f"{site}{HEALTH}")
    page.locator("main a[href$='/clusters/clust-er-health/edit/']").click()
    assert_good_at_both_widths(page)
    page.locator("[name=notes_it]").fill("Una nota dell'ufficio.")
    page.locator("[name=notes_en]").fill("A note of the office.")
    page.locator("main form .btn-primary").click()
    page.wait_for_url(f"{site}{HEALTH}")
    expect(page.locator("main")).to_contain_text("Una nota dell'ufficio.")
    assert_good_at_both_widths(page)
    page.goto(f"{site}/en/clusters/clust-er-health/")
    expect(page.locator("main")).to_contain_text("A note of the office.")
    page.goto(f"{site}/it/clusters/clust-er-agrifood/")
    expect(page.locator("main a[href*='/edit/']")).to_have_count(0)


def test_the_manager_adds_a_member_and_ends_it(
    site: str, page: Page, become: Become, assert_good_at_both_widths: Check
) -> None:
    """A last day before the first is refused beside the field; a right one ends it."""
    become(page, "manager")
    page.goto(f"{site}{HEALTH}members/")
    assert_good_at_both_widths(page)
    page.locator("[name=find]").fill("encaplast")
    page.locator("form:has([name=find]) button").click()
    page.locator("main a[href*='add=encaplast']").click()
    page.locator("[name=valid_from]").fill("2025-03-01")
    page.locator("main form[method=post] .btn-primary").click()
    row = page.locator("tbody tr", has=page.locator("a[href$='/organisations/encaplast/']"))
    expect(row).to_contain_text("1/3/2025")
    row.locator("a[href*='membership=']").click()

    ending = page.locator("form:has([name=valid_until])")
    ending.locator("[name=valid_until]").fill("2025-02-01")
    ending.locator("button[name=end]").click()
    wrong = page.locator(".trebbo-invalid [name=valid_until]")
    expect(wrong).to_have_value("2025-02-01")
    expect(wrong).to_have_attribute("aria-invalid", "true")
    expect(page.locator(".trebbo-invalid .trebbo-field-errors")).to_contain_text("2025")
    assert_good_at_both_widths(page)

    ending.locator("[name=valid_until]").fill("2025-12-31")
    ending.locator("button[name=end]").click()
    expect(row).to_contain_text("31/12/2025")
    expect(row.locator("a[href*='membership=']")).to_have_count(0)


def test_the_agency_looks_after_all_clusters(site: str, quiet_page: Page, become: Become) -> None:
    """It finds eleven and may edit one that nobody else looks after; it reads the audit trail."""
    become(quiet_page, "agency")
    quiet_page.goto(f"{site}/it/directory/?type=cluster")
    expect(quiet_page.locator(".asking-found h3 a")).to_have_count(11)
    quiet_page.goto(f"{site}/it/clusters/clust-er-agrifood/")
    quiet_page.locator("main a[href$='/clusters/clust-er-agrifood/edit/']").click()
    expect(quiet_page.locator("[name=name]")).to_be_visible()
    quiet_page.goto(f"{site}/it/audit/")
    expect(quiet_page.locator("main ol time").first).to_be_visible()


def test_the_region_reads_and_does_not_edit(site: str, page: Page, become: Become) -> None:
    """No way leads to the form, and its address says whose it is."""
    become(page, "region")
    page.goto(f"{site}{HEALTH}")
    expect(page.locator("h1")).to_contain_text("Clust-ER")
    expect(page.locator("main a[href*='/edit/']")).to_have_count(0)
    answer = page.goto(f"{site}{HEALTH}edit/")
    assert answer is not None
    assert answer.status == 403
    expect(page.locator("h1")).to_be_visible()


def test_a_visitor_is_led_to_the_sign_in_and_back(site: str, page: Page) -> None:
    """From an address that needs a person, through the sign-in, to that address."""
    page.goto(f"{site}{HEALTH}edit/")
    page.wait_for_url("**/it/account/login/?next=**")
    page.locator("main a[href*='/demo/']").click()
    page.locator("form[action='/it/demo/manager/'] button").click()
    page.wait_for_url(f"{site}{HEALTH}edit/")
    expect(page.locator("[name=name]")).to_be_visible()
