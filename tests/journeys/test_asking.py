"""A visitor asks who can help, in both languages, with and without JavaScript."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

BONE_IT = "biomateriali per rigenerazione ossea"
BONE_EN = "biomaterials for bone regeneration"
FOUND = ".asking-found h3 a"


def found(page: Page) -> list[str]:
    """The bodies of the answer, in order, by their address without the language."""
    addresses = page.locator(FOUND).evaluate_all("all => all.map(one => one.pathname)")
    return [address[3:] for address in addresses]


def told_beside(page: Page, facet: str) -> int:
    """How many bodies the number beside a value of a facet promises.

    Other journeys add bodies to the demonstration, so the number itself is not always the same.
    """
    [number] = re.findall(r"\((\d+)\)", page.locator(f"label[for={facet}]").inner_text())
    return int(number)


def test_from_the_question_to_the_network(
    site: str, quiet_page: Page, assert_good_at_both_widths: Callable[[Page], None]
) -> None:
    """Asks in Italian, narrows, changes language, and walks from the laboratory to the network."""
    page, check = quiet_page, assert_good_at_both_widths
    page.goto(f"{site}/it/")
    check(page)
    page.locator("#home-q").fill(BONE_IT)
    page.locator("#home-q").press("Enter")
    page.wait_for_url("**/it/ask/?q=*")
    whole = found(page)
    assert "/units/ior-bitta/" in whole[:3]
    first = page.locator(".asking-found").first
    expect(first.locator(".asking-reasons mark").first).to_have_text(
        re.compile("biomaterial|oss|rigener")
    )
    check(page)

    promised = told_beside(page, "facet-province-MO")
    page.locator("label[for=facet-province-MO]").click()
    assert promised >= 3
    expect(page.locator(FOUND)).to_have_count(promised)
    narrowed = found(page)
    assert "/units/cidstem/" in narrowed
    assert "province=MO" in page.url
    expect(page.locator("#answer-said")).to_have_text(re.compile(rf"\b{promised}\b"))
    check(page)

    page.locator("a[hreflang=en]").click()
    page.wait_for_url("**/en/ask/**")
    expect(page.locator("#q")).to_have_value(BONE_IT)
    expect(page.locator("#facet-province-MO")).to_be_checked()
    assert found(page) == narrowed
    expect(page.locator("html")).to_have_attribute("lang", "en")

    page.locator(f"{FOUND}[href$='/units/cidstem/']").click()
    expect(page.locator("h1")).to_contain_text("Regenerative Medicine")
    check(page)
    page.locator("main dl a[href$='/technopoles/tecnopolo-modena/']").click()
    expect(page.locator("h1")).to_contain_text("Modena")
    check(page)
    page.locator("main a[href$='/units/cidstem/']").first.click()
    page.locator("main a[href$='/clusters/clust-er-health/']").first.click()
    expect(page.locator("h1")).to_contain_text("Clust-ER Health")
    check(page)
    page.locator("main a[href$='/value-chains/clust-er-health-medtech/']").first.click()
    expect(page.locator("h1")).to_contain_text("MedTech")
    check(page)
    page.go_back()
    page.locator(".breadcrumb a[href$='/networks/clust-er/']").click()
    expect(page.locator("h1")).to_contain_text("Clust-ER")
    check(page)


def test_both_languages_find_the_same(site: str, quiet_page: Page) -> None:
    """The Italian question and the English one lead with the same bodies, on either site.

    Titles of funded projects are in English alone, so that the first few may change places.
    """
    answers = []
    for language, question in (("it", BONE_IT), ("en", BONE_EN), ("it", BONE_EN)):
        quiet_page.goto(f"{site}/{language}/ask/?q={question}")
        answers.append(found(quiet_page))
    assert len(answers[0]) > 5
    assert answers[1][:5] == answers[2][:5]
    assert sorted(answers[0][:5]) == sorted(answers[1][:5])


def test_near_mirandola(site: str, quiet_page: Page) -> None:
    """Bodies in Mirandola lead; every reason of place says how far it is."""
    quiet_page.goto(f"{site}/en/ask/?q=who tests medical devices near Mirandola")
    expect(quiet_page.locator(".asking-understood")).to_contain_text("Mirandola")
    assert {"/units/top/", "/units/mab/"} <= set(found(quiet_page)[:3])
    cards = quiet_page.locator(".asking-found")
    for number in range(3):
        expect(cards.nth(number)).to_contain_text("in Mirandola")
    far = quiet_page.locator(".asking-found", has=quiet_page.locator("a[href$='/democenter/']"))
    expect(far).to_contain_text(re.compile(r"about \d+ km from Mirandola"))


def test_back_and_forward_keep_the_answer(site: str, quiet_page: Page) -> None:
    """After a filter by click, the browser's way back leads to the answer before it."""
    quiet_page.goto(f"{site}/it/ask/?q={BONE_IT}")
    whole = found(quiet_page)
    quiet_page.locator("label[for=facet-province-MO]").click()
    quiet_page.wait_for_url("**province=MO**")
    expect(quiet_page.locator(FOUND)).not_to_have_count(len(whole))
    quiet_page.go_back()
    expect(quiet_page.locator(FOUND)).to_have_count(len(whole))
    assert "province" not in quiet_page.url


def test_without_javascript(site: str, new_context: Callable[..., BrowserContext]) -> None:
    """Ask, filter with the button, see the directory as a table and the map as a list."""
    page = new_context(java_script_enabled=False).new_page()
    page.goto(f"{site}/it/")
    page.locator("#home-q").fill(BONE_IT)
    page.locator("#home-q").press("Enter")
    page.wait_for_url("**/it/ask/?q=*")
    expect(page.locator("a[href$='/units/ior-bitta/']")).to_be_visible()
    page.locator("#facets > summary").click()
    promised = told_beside(page, "facet-province-MO")
    page.locator("label[for=facet-province-MO]").click()
    page.locator("#facets button[type=submit]").click()
    page.wait_for_url("**province=MO**")
    assert promised >= 3
    expect(page.locator(FOUND)).to_have_count(promised)

    page.goto(f"{site}/it/directory/")
    page.locator(".asking-looks a[href*='look=table']").click()
    expect(page.locator("main table tbody tr").first).to_be_visible()
    page.locator("#facets > summary").click()
    page.locator("label[for=facet-type-technopole]").click()
    page.locator("#facets button[type=submit]").click()
    page.wait_for_url("**type=technopole**")
    expect(page.locator("main table tbody tr")).to_have_count(13)

    page.goto(f"{site}/it/map/")
    page.locator("#map-drawing a[aria-label^='Ravenna']").click()
    page.wait_for_url("**province=RA**")
    expect(page.locator("#map-list a[href$='/organisations/greenbone-ortho/']")).to_be_visible()
