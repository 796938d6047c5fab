"""A manager says who is who with single keys, without JavaScript too, and invites an outsider."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from playwright.sync_api import Browser, Page, expect

from tests.factories.evidence import BodyFactory, FundedProjectFactory, LinkFactory
from trebbo.ecosystem.clusters.models import Membership
from trebbo.ecosystem.evidence.choices import LinkState
from trebbo.ecosystem.evidence.models import Body, Import, Link, Participation
from trebbo.ecosystem.organisations.models import Organisation

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FIRST = "GRUPPO DI RICERCA UNO"
REASONS = [
    {"comparison": "name", "level": "close", "left": "A", "right": "B", "weight": 6.5},
    {"comparison": "town", "level": "different", "left": "X", "right": "Y", "weight": -2.0},
]


@pytest.fixture
def proposals(site: str) -> list[str]:
    """Three proposals about members of the manager's cluster, by the names of the bodies."""
    members = Membership.objects.filter(cluster__code="HEALTH").order_by("pk")[:3]
    imported = Import.objects.order_by("pk").first()
    names = [f"GRUPPO DI RICERCA {word}" for word in ("UNO", "DUE", "TRE")]
    for number, (membership, name) in enumerate(zip(members, names, strict=True)):
        body = BodyFactory(
            key=f"77700000{number}",
            name=name,
            projects=1,
            **({"first_import": imported} if imported else {}),
        )
        project = FundedProjectFactory(key=f"77700{number}", first_import=body.first_import)
        Participation.objects.create(
            project=project,
            body=body,
            role="participant",
            first_import=body.first_import,
            last_import=body.first_import,
        )
        LinkFactory(
            body=body,
            profile=membership.profile,
            probability=0.999 - number / 1000,
            reasons=REASONS,
        )
    connection.close()
    return names


def test_one_key_decides_and_the_next_comes_at_once(  # noqa: PLR0917
    site: str,
    quiet_page: Page,
    become: Callable[..., None],
    proposals: list[str],
    assert_good_at_both_widths: Callable[[Page], None],
    browser: Browser,
    browser_context_args: dict[str, Any],
) -> None:
    """Keys, their switch, fields that swallow them, undo, split; then the same without script."""
    page, check = quiet_page, assert_good_at_both_widths
    become(page, "manager")
    page.goto(f"{site}/it/evidence/links/")
    check(page)
    title = page.locator("#review-title")
    expect(title).to_contain_text(proposals[0])
    page.keyboard.press("j")
    expect(title).to_contain_text(proposals[1])
    expect(title).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(title).to_contain_text(proposals[0])
    expect(title).to_be_focused()

    page.locator("#header-search").focus()
    page.keyboard.press("a")
    expect(page.locator("#header-search")).to_have_value("a")
    expect(title).to_contain_text(proposals[0])
    page.locator("label[for=links-keys-on]").click()
    page.locator("h1").click()
    page.keyboard.press("a")
    page.reload()
    expect(page.locator("#links-keys-on")).not_to_be_checked()
    expect(title).to_contain_text(proposals[0])
    page.locator("label[for=links-keys-on]").click()

    page.keyboard.press("a")
    expect(title).to_contain_text(proposals[1])
    check(page)
    page.keyboard.press("u")
    expect(title).to_contain_text(proposals[0])
    page.keyboard.press("r")
    expect(title).to_contain_text(proposals[1])
    page.keyboard.press("s")
    expect(title).to_contain_text(proposals[2])

    page.locator(".links-last a").click()
    check(page)
    page.locator("label[for^=part-]").first.click()
    page.locator("#split-whose").select_option(index=1)
    page.locator("form:has(#split-whose) button[type=submit]").click()
    expect(page.locator("#messages")).to_contain_text("1")

    cookies = page.context.cookies()
    with browser.new_context(**browser_context_args, java_script_enabled=False) as context:
        context.add_cookies(cookies)
        plain = context.new_page()
        plain.goto(f"{site}/it/evidence/links/")
        expect(plain.locator("#links-keys")).to_be_hidden()
        expect(plain.locator("#review-title")).to_contain_text(proposals[2])
        plain.locator("button[value=accept]").click()
        expect(plain.locator(".links-last")).to_contain_text(proposals[2])
    made = Link.objects.filter(body__name__in=proposals).order_by("pk")
    assert [link.state for link in made] == [
        LinkState.REFUSED,
        LinkState.SPLIT,
        LinkState.ACCEPTED,
    ]


def test_a_body_outside_becomes_a_profile_and_its_people_are_invited(
    site: str,
    quiet_page: Page,
    become: Callable[..., None],
    assert_good_at_both_widths: Callable[[Page], None],
) -> None:
    """From a project to an outside body, into the registry, and on to the invitation."""
    page, check = quiet_page, assert_good_at_both_widths
    outside = Body.objects.filter(links=None, scheme="pic", participations__isnull=False).first()
    assert outside is not None
    part = outside.participations.select_related("project").first()
    assert part is not None
    connection.close()
    become(page, "agency")
    page.goto(f"{site}/it/evidence/projects/{part.project_id}/")
    check(page)
    page.locator(f"a[href='/it/evidence/bodies/pic/{outside.key}/']").first.click()
    check(page)
    page.locator("a[href$='/register/']").click()
    check(page)
    page.locator("#id_name").fill("Ente di prova del percorso")
    page.locator("#id_vat_number").fill("")
    page.locator("#id_kind").select_option("other")
    page.locator("main form button[type=submit]").click()
    page.wait_for_url(re.compile("/invite/ente-di-prova-del-percorso/"))
    assert Organisation.objects.filter(slug="ente-di-prova-del-percorso").exists()
    page.goto(f"{site}/it/evidence/bodies/pic/{outside.key}/")
    expect(page.locator(".trebbo-note a")).to_have_text("Ente di prova del percorso")
