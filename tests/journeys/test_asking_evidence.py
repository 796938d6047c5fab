"""A visitor finds bodies by their funded projects, in the network and outside it."""

from collections.abc import Callable
from urllib.parse import quote

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from trebbo.ecosystem.evidence.models import Participation
from trebbo.ecosystem.evidence.queries.words import outside_bodies, profile_words
from trebbo.kernel.access import visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def a_funded_project() -> Participation:
    """A part in a project of the demonstration, by which its profile is found, with one outside."""
    outside = outside_bodies().values("pk")
    mine = Participation.objects.exclude(profile=None).exclude(project__acronym="")
    shared = mine.filter(project__participations__body__in=outside).order_by("pk")
    return next(
        part
        for part in shared.select_related("project", "profile")
        if part.pk in {one.participation for one in _words(part)}
    )


def _words(part: Participation) -> list[object]:
    assert part.profile_id is not None
    return profile_words([part.profile_id], viewer=visitor())[part.profile_id].projects


def test_from_a_project_to_a_body_outside(
    site: str, quiet_page: Page, assert_good_at_both_widths: Callable[[Page], None]
) -> None:
    """Asks by an acronym, reads why, looks outside the network too, and opens the body's page."""
    page, check = quiet_page, assert_good_at_both_widths
    part = a_funded_project()
    acronym = part.project.acronym
    page.goto(f"{site}/it/ask/?q={quote(acronym)}")
    assert part.profile is not None
    path = part.profile.get_absolute_url()[3:]
    mine = page.locator(".asking-found", has=page.locator(f"h3 a[href$='{path}']"))
    reason = mine.locator("li", has_text="Progetto finanziato").first
    expect(reason.locator("a mark").first).to_contain_text(acronym[:3])
    expect(page.locator("#outside-network")).to_have_count(0)
    check(page)

    page.locator("label[for=outside]").click()
    page.wait_for_url("**outside=1**")
    apart = page.locator("#outside-network")
    expect(apart.locator("h2")).to_contain_text("Fuori dalla rete")
    expect(apart.locator(".asking-found").first).to_contain_text("Non fa parte della rete")
    check(page)

    page.locator("a[hreflang=en]").click()
    page.wait_for_url("**/en/ask/**")
    expect(page.locator("#outside")).to_be_checked()
    expect(apart.locator("h2")).to_contain_text("Outside the network")
    name = apart.locator("h3 a").first.inner_text()
    apart.locator("h3 a").first.click()
    expect(page.locator("h1")).to_contain_text(name)
    page.go_back()

    page.goto(f"{site}/en/ask/?q={quote(acronym)}&outside=only")
    expect(page.locator("h2").first).to_contain_text("outside the network")
    check(page)
    page.locator("a", has_text="Back to the network").click()
    expect(page.locator("#outside")).to_be_checked()
    page.locator("label[for=outside]").click()
    expect(page.locator("#outside-network")).to_have_count(0)
    assert "outside" not in page.url


def test_outside_without_javascript(site: str, new_context: Callable[..., BrowserContext]) -> None:
    """The switch is a box of the form; the filters of those outside narrow them."""
    page = new_context(java_script_enabled=False).new_page()
    page.goto(f"{site}/it/ask/")
    page.locator("#q").fill(a_funded_project().project.acronym)
    page.locator("label[for=outside]").click()
    page.locator("#question button[type=submit]").click()
    page.wait_for_url("**outside=1**")
    expect(page.locator("#outside-network .asking-found").first).to_be_visible()

    page.goto(f"{site}/it/ask/?q=health&outside=only")
    page.locator("#facets > summary").click()
    page.locator("label[for^=facet-country-]").first.click()
    page.locator("#facets button[type=submit]").click()
    page.wait_for_url("**country=**")
    assert "outside=only" in page.url
    expect(page.locator(".asking-chips")).to_contain_text("Paese")
