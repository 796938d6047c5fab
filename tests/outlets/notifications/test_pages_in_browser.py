"""The pages about mail in a real browser: accessible, and no wider than a phone."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone, translation
from playwright.sync_api import Page

from tests.factories.accounts import NetworkRoleFactory
from tests.factories.clusters import NetworkFactory
from tests.factories.notifications import OutgoingMailFactory, tell
from trebbo.ecosystem.accounts.models import Person
from trebbo.outlets.notifications.choices import MailState

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDTHS = (360, 1280)


@pytest.fixture
def agency_page(quiet_page: Page, sign_in_browser: Callable[[Person], Page]) -> Page:
    """The browser of somebody of the agency of all networks."""
    sign_in_browser(NetworkRoleFactory(network=NetworkFactory()).person)
    return quiet_page


@pytest.mark.parametrize("language", ["it", "en"])
def test_every_page(
    live_server: Any,
    agency_page: Page,
    assert_accessible: Callable[[Page], None],
    language: str,
    pictures: Path,
) -> None:
    """At both widths, in both languages."""
    address = "una.persona.con.un.indirizzo.molto.lungo.davvero@dipartimento.trebbo.example"
    error = "550 5.1.1 <" + "x" * 120 + "> no such mailbox"
    for state in MailState.values:
        if state != MailState.HANDING_OVER:
            OutgoingMailFactory(
                state=state, to_email=address, last_error=error, tries=2, sent_at=timezone.now()
            )
    with translation.override(language):
        notice = tell(
            Person.objects.get(), text="Parole.", subject="Una persona chiede di conoscervi"
        )
    assert notice.mail is not None
    way_out = notice.mail.headers["List-Unsubscribe"].strip("<>").partition("/mail/")[2]
    for path in (
        "account/mail/",
        "mail/",
        f"mail/{way_out}",
        "mailbox/",
        f"mailbox/{notice.mail.pk}/",
    ):
        for width in WIDTHS:
            agency_page.set_viewport_size({"width": width, "height": 900})
            agency_page.goto(f"{live_server.url}/{language}/{path}")
            assert_accessible(agency_page)
            across = agency_page.evaluate("document.documentElement.scrollWidth")
            assert across <= width, f"{path} is {across} pixels wide at {width}"
            name = path.split("/")[0] + str(path.count("/")) + path[:12].replace("/", "-")
            file = f"mail-{language}-{name}-{width}.png"
            agency_page.screenshot(path=pictures / file, full_page=True)


def test_a_link_in_the_framed_message_opens_the_page(live_server: Any, quiet_page: Page) -> None:
    """In the whole window; then one press stops the mail."""
    notice = tell("out@trebbo.example")
    assert notice.mail is not None
    quiet_page.goto(f"{live_server.url}/it/mailbox/{notice.mail.pk}/")
    frame = quiet_page.frame_locator("iframe")
    frame.get_by_role("link", name="Ferma tutti i messaggi").click()
    quiet_page.wait_for_url("**/mail/stop/**")
    quiet_page.get_by_role("button", name="Ferma tutti i messaggi").click()
    assert quiet_page.get_by_role("heading", level=1).inner_text() == "Niente più messaggi"
