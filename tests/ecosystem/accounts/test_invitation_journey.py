"""A colleague is invited, opens an account and acts, in a real browser, in both languages."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core import mail
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from tests.factories.accounts import PASSWORD, MandateFactory
from trebbo.ecosystem.accounts.models import Mandate, Person

WORDS = {
    "it": ("Invita", "Apri un account", "Agisco per conto di"),
    "en": ("Invite", "Open an account", "I act for"),
}


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("language", "width"), [("it", 1280), ("en", 390)])
def test_from_invitation_to_acting(  # noqa: PLR0917
    quiet_page: Page,
    live_server: LiveServer,
    sign_in_browser: Callable[[Person], Page],
    assert_accessible: Callable[[Page], None],
    pictures: Path,
    language: str,
    width: int,
) -> None:
    """Every page on the way is accessible and fits the window."""
    page = quiet_page
    page.set_viewport_size({"width": width, "height": 844})
    invite, open_account, act_for = WORDS[language]

    def look(name: str) -> None:
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.screenshot(path=pictures / f"{name}-{language}.png", full_page=True)

    mandate = MandateFactory(profile__name="Biotec Sintetica srl")
    sign_in_browser(mandate.person)
    page.goto(f"{live_server.url}/{language}/account/invite/{mandate.profile.slug}/")
    look("invite")
    page.fill("#id_email", "collega@trebbo.example")
    page.get_by_role("button", name=invite, exact=True).click()
    page.wait_for_selector("#messages")
    link = next(word for word in str(mail.outbox[0].body).split() if word.startswith("http"))

    page.context.clear_cookies()
    page.goto(link)
    look("invitation")
    page.get_by_role("button", name=open_account, exact=True).click()
    page.fill("#id_name", "Collega Sintetica")
    page.fill("#id_password1", PASSWORD)
    page.fill("#id_password2", PASSWORD)
    look("signup")
    page.get_by_role("button", name=open_account, exact=True).click()
    page.wait_for_selector(".trebbo-who")
    page.goto(f"{live_server.url}/{language}/account/")
    look("my-account")
    assert page.get_by_role("heading", name=act_for).is_visible()
    assert page.get_by_role("link", name="Biotec Sintetica srl", exact=True).is_visible()
    assert Mandate.objects.filter(person__email="collega@trebbo.example").count() == 1
