"""A need becomes three introductions: one accepted on a phone, one declined, one that expires."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from tests.outlets.notifications.mail_server import MailServer
from trebbo.demo import personas
from trebbo.outlets.notifications.tasks import send_mail
from trebbo.partnering.introductions.models import Introduction
from trebbo.partnering.introductions.tasks import run_clock

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 390, "height": 844}
NEED = "Rivestimenti antibatterici per protesi ortopediche: chi li prova su tessuti?"
ASKER = personas.BY_KEY["sme"].email
ACCEPTS, DECLINES, SILENT = (f"{name}@lab.example" for name in ("anna", "bruno", "carla"))


@dataclass
class Days:
    """How far the calendar stands from today: what asks for the time gets the day moved to."""

    moved: timedelta = field(default_factory=timedelta)

    def go_to(self, day: int) -> None:
        """So many days after the beginning; what waits for that day is done, and mail goes out."""
        self.moved = timedelta(days=day)
        work()


@pytest.fixture
def days(monkeypatch: pytest.MonkeyPatch) -> Days:
    """A calendar that the test turns."""
    calendar, clock = Days(), timezone.now
    monkeypatch.setattr(timezone, "now", lambda: clock() + calendar.moved)
    return calendar


@pytest.fixture
def mail_server(site: str) -> Iterator[MailServer]:
    """A mail server to which the demonstration sends."""
    with MailServer.listening(SITE_ADDRESS=site) as server:
        yield server


def work() -> None:
    """What a worker does within the hour."""
    run_clock.call()
    send_mail.call()


@dataclass(frozen=True)
class Walk:
    """A desk with a browser, the demonstration behind it, and the mail that it sends."""

    site: str
    page: Page
    become: Callable[..., None]
    server: MailServer

    def letters_to(self, address: str) -> list[str]:
        """The texts of the mails to an address, in the order in which they came."""
        mails = [mail for mail in self.server.messages if address in mail["To"]]
        return [mail.get_body(("plain",)).get_content() for mail in mails]

    def done(self) -> None:
        """The page says that it was done."""
        self.page.locator("#messages .alert-success").first.wait_for()


@pytest.fixture
def walk(site: str, quiet_page: Page, become: Callable[..., None], mail_server: MailServer) -> Walk:
    """Where the journey begins."""
    return Walk(site, quiet_page, become, mail_server)


def link_in(letter: str, kind: str) -> str:
    """The address by which a letter is answered."""
    found = re.search(rf"https?://\S+/introductions/{kind}/\S+/", letter)
    assert found, letter
    return found[0]


def keep_and_share(walk: Walk) -> str:
    """The company keeps its need and shares it with its cluster's office; where it is kept."""
    page = walk.page
    walk.become(page, "sme")
    page.goto(f"{walk.site}/it/asks/new/")
    page.locator("textarea[name=q]").fill(NEED)
    page.locator("main form .btn-primary").click()
    option = page.locator("select[name=broker] option", has_text="Salute").first
    page.locator("select[name=broker]").select_option(option.get_attribute("value"))
    page.locator("form:has(select[name=broker]) button").click()
    walk.done()
    return page.url


def edit_and_introduce(walk: Walk, ask: str) -> list[str]:
    """The office edits the shortlist and introduces its first three; the names of the bodies."""
    page = walk.page
    walk.become(page, "manager")
    page.goto(ask)
    second = page.locator(".kept-list > li h3").nth(1).inner_text()
    page.locator(".kept-list > li").nth(1).locator("button[value=up]").click()
    walk.done()
    expect(page.locator(".kept-list > li h3").nth(0)).to_have_text(second)
    bodies = []
    for place, address in enumerate((ACCEPTS, DECLINES, SILENT)):
        page.goto(ask)
        page.locator(".kept-list > li").nth(place).locator("a[href*='/introduce/']").click()
        bodies.append(page.locator("h1").inner_text().removeprefix("Presentare a "))
        if page.locator("input[name=contact][type=radio]").count():
            page.locator("input[name=contact][value='']").check(force=True)
        page.locator("input[name=name]").fill(address.split("@")[0])
        page.locator("input[name=email]").fill(address)
        page.locator("textarea[name=words]").fill("Vi conoscete? <b>Dovreste.</b>")
        page.locator("button[value=send]").click()
        walk.done()
    return bodies


def agree_to_each(walk: Walk, screen: Page, assert_accessible: Callable[[Page], None]) -> None:
    """Who asks agrees from the mail, in which nobody's address stands."""
    letters = [one for one in walk.letters_to(ASKER) if "/introductions/consent/" in one]
    assert len(letters) == 3
    for letter in letters:
        assert "@lab.example" not in letter
        screen.goto(link_in(letter, "consent"))
        assert_accessible(screen)
        screen.locator("form:has(input[value=consent]) button").click()
        expect(screen.locator("h1")).to_have_text("Hai acconsentito")


def accept_and_decline(walk: Walk, screen: Page, assert_accessible: Callable[[Page], None]) -> None:
    """Two answer on a phone without an account, each after a look that changes nothing."""
    (letter,) = walk.letters_to(ACCEPTS)
    assert ASKER not in letter
    screen.goto(link_in(letter, "answer"))
    assert_accessible(screen)
    screen.locator("form:has(input[value=accept]) button").click()
    expect(screen.locator("h1")).to_have_text("Hai accettato")
    (letter,) = walk.letters_to(DECLINES)
    screen.goto(link_in(letter, "answer"))
    screen.locator(".introduction-act summary").first.click()
    screen.locator("input[value=no_capacity]").check(force=True)
    screen.locator(".introduction-act[open] button").click()
    expect(screen.locator("h1")).to_have_text("Hai rifiutato")


def on_the_board(walk: Walk, body: str) -> list[str]:
    """In which lists of the office's day a body stands."""
    walk.become(walk.page, "visitor")  # its session may have ended meanwhile
    walk.become(walk.page, "manager")
    walk.page.goto(f"{walk.site}/it/today/")
    return [
        name
        for name in ("expiring", "escalated", "unanswered", "not_met")
        if walk.page.locator(f"section[aria-labelledby={name}]")
        .get_by_role("link", name=body, exact=True)
        .count()
    ]


def test_three_introductions_and_what_becomes_of_each(
    walk: Walk, days: Days, browser: Browser, assert_accessible: Callable[[Page], None]
) -> None:
    ask = keep_and_share(walk)
    bodies = edit_and_introduce(walk, ask)
    made = Introduction.objects.filter(contact_email__endswith="@lab.example")
    assert set(made.values_list("state", flat=True)) == {"proposed"}
    work()
    with browser.new_context(viewport=PHONE, locale="it-IT") as phone:
        screen = phone.new_page()
        agree_to_each(walk, screen, assert_accessible)
        work()
        accept_and_decline(walk, screen, assert_accessible)

    # Each of the two knows the other now; of the one who declined nobody learns the address.
    work()
    assert ASKER in walk.letters_to(ACCEPTS)[-1]
    told = walk.letters_to(ASKER)
    assert any(ACCEPTS in one for one in told)
    assert any("Nessuna disponibilità" in one for one in told)
    assert not any(DECLINES in one or SILENT in one for one in told)

    # The third is reminded of once, brought to the office once, and expires; the board follows.
    board = {}
    for day in (1, 5, 10, 13, 16):
        days.go_to(day)
        board[day] = on_the_board(walk, bodies[2])
    assert board == {1: [], 5: ["unanswered"], 10: ["escalated"], 13: ["expiring"], 16: []}
    assert len(walk.letters_to(SILENT)) == 3  # asked, reminded, no longer needed
    office = walk.letters_to(personas.BY_KEY["manager"].email)
    assert sum(bodies[2] in one for one in office) >= 2
    states = dict(made.values_list("contact_email", "state"))
    assert states == {ACCEPTS: "accepted", DECLINES: "declined", SILENT: "expired"}
    walk.page.goto(ask)
    for words in ("Accettata", "Rifiutata", "Scaduta"):
        expect(walk.page.locator("section[aria-labelledby=introductions]")).to_contain_text(words)
