"""A company books a microscope, the laboratory answers and records: on a phone, by keys alone."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from urllib.request import urlopen

import pytest
from django.test import Client
from django.utils import timezone
from icalendar import Calendar, Event
from playwright.sync_api import Browser, Locator, Page, expect

from tests.outlets.notifications.mail_server import MailServer
from trebbo.demo import personas
from trebbo.demo.personas import persona_viewer
from trebbo.ecosystem.accounts.actions import grant_mandate, register_person
from trebbo.ecosystem.accounts.choices import MandateRole
from trebbo.ecosystem.accounts.models import Person
from trebbo.ecosystem.organisations.models import Profile
from trebbo.outlets.notifications.tasks import send_mail
from trebbo.sharing.resources.models import Booking, Resource

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 390, "height": 844}
MOST_TABS = 400
NEED = "misurare cellule al microscopio confocale"
PURPOSE = "Misurare quanto le cellule entrano in un impianto poroso."
OTHER_PURPOSE = "Contare copie di un gene in tre lotti."
OWNER, ASKER = "tecnico-cidstem@lab.example", personas.BY_KEY["sme"].email


@dataclass(frozen=True)
class Hand:
    """Somebody who has a phone and a keyboard: no mouse, no finger."""

    page: Page
    check: Callable[[Page], None]

    def reach(self, target: Locator) -> None:
        """Press Tab until the focus is on it, where it can be seen."""
        element = target.element_handle()
        for _ in range(MOST_TABS):
            if element.evaluate("one => one === document.activeElement"):
                expect(target).to_be_in_viewport()
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{self.page.url}: no key leads to {target}")

    def press(self, target: Locator, key: str = "Enter") -> None:
        """Reach it and press."""
        self.reach(target)
        self.page.keyboard.press(key)

    def follow(self, target: Locator, *, judges: bool = True) -> None:
        """Reach what leads to another page, press, and judge that page."""
        self.page.evaluate("document.documentElement.dataset.left = 'yes'")
        self.press(target)
        self.page.locator("html:not([data-left])").wait_for(state="attached")
        if judges:
            self.judge()

    def judge(self) -> None:
        """The page is accessible, and no wider than a phone and a desk."""
        self.check(self.page)
        self.page.set_viewport_size(PHONE)

    def type(self, target: Locator, words: str) -> None:
        """Reach a field and type."""
        self.reach(target)
        self.page.keyboard.type(words)

    def become(self, site: str, key: str) -> None:
        """Look through a persona's eyes."""
        self.page.goto(f"{site}/it/demo/")
        button = self.page.locator(f"form[action='/it/demo/{key}/'] button")
        if button.count():
            self.press(button)
            self.page.wait_for_url(f"{site}/it/")

    def go(self, name: str) -> None:
        """Open an entry of the navigation, which a phone hides behind a button."""
        entry = self.page.locator("#header-nav-wrapper a", has_text=name).first
        if not entry.is_visible():
            self.press(self.page.locator("button.custom-navbar-toggler"))
            entry.wait_for(state="visible")
        self.follow(entry)

    def done(self) -> None:
        """The page says that it was done."""
        self.page.locator("#messages .alert-success").first.wait_for()


@dataclass(frozen=True)
class Walk:
    """The company's phone, another one for the laboratory, and the mail between them."""

    site: str
    hand: Hand
    technician: Person
    browser: Browser
    server: MailServer

    @contextmanager
    def laboratory(self, *, signed_in: bool, scripts: bool = True) -> Iterator[Hand]:
        """The laboratory's phone, on which its technician has signed in, or nobody."""
        with self.browser.new_context(
            viewport=PHONE, locale="it-IT", java_script_enabled=scripts
        ) as context:
            if signed_in:
                client = Client()
                client.force_login(
                    self.technician, backend="django.contrib.auth.backends.ModelBackend"
                )
                session = client.cookies["sessionid"].value
                context.add_cookies([{"name": "sessionid", "value": session, "url": self.site}])
            yield Hand(context.new_page(), self.hand.check)


@dataclass
class Days:
    """How far the calendar stands from today."""

    moved: timedelta = field(default_factory=timedelta)


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


@pytest.fixture
def technician(site: str) -> Person:
    """A made-up person who acts for a laboratory whose resources the demonstration describes."""
    known = Person.objects.filter(email=OWNER).first()
    if known is not None:
        return known
    agency = persona_viewer(personas.AGENCY.key, now=timezone.now())
    person = register_person(
        actor=agency, email=OWNER, name="Tecnico inventato di CIDSTEM", is_synthetic=True
    )
    laboratory = Profile.objects.get(slug="cidstem")
    grant_mandate(
        actor=agency, person_id=person.pk, profile_id=laboratory.pk, role=MandateRole.EDITOR
    )
    return person


@pytest.fixture
def hand(quiet_page: Page, assert_good_at_both_widths: Callable[[Page], None]) -> Hand:
    """The company's."""
    quiet_page.set_viewport_size(PHONE)
    return Hand(quiet_page, assert_good_at_both_widths)


def letters_to(server: MailServer, address: str) -> list[str]:
    """The texts of the mails to an address, in the order in which they came."""
    send_mail.call()
    mails = [mail for mail in server.messages if address in mail["To"]]
    return [mail.get_body(("plain",)).get_content() for mail in mails]


def enclosed(server: MailServer, address: str) -> list[Event]:
    """The dates enclosed in the mails to an address."""
    mails = [mail for mail in server.messages if address in mail["To"]]
    parts = [part for mail in mails for part in mail.walk()]
    files = [part for part in parts if (part.get_filename() or "").endswith(".ics")]
    return [event for one in files for event in events_in(one.get_payload(decode=True))]


def events_in(file: bytes) -> list[Event]:
    """The events of a calendar."""
    return [one for one in Calendar.from_ical(file).walk() if isinstance(one, Event)]


def answer_link(letters: list[str]) -> str:
    """The address by which the last letter is answered."""
    found = re.findall(r"https?://\S+/bookings/answer/\S+/", letters[-1])
    assert found, letters[-1]
    return str(found[0])


def find_by_asking(hand: Hand, site: str, resource: Resource) -> None:
    """The page that answers questions leads to the laboratory, and its page to the resource."""
    page = hand.page
    page.goto(f"{site}/it/ask/")
    hand.type(page.locator("#q"), NEED)
    page.keyboard.press("Enter")
    page.wait_for_url("**/it/ask/?q=*")
    hand.judge()
    hand.follow(page.locator(".asking-found h3 a[href$='/units/cidstem/']"))
    hand.follow(page.locator("main a[href$='/resources/?owner=cidstem']"))
    hand.follow(page.locator(f"main a[href='{resource.get_absolute_url()}']").first)
    expect(page.locator("h1")).to_have_text(resource.name_it)


def find_in_the_catalogue(hand: Hand, resource: Resource) -> None:
    """The search for resources has it on top."""
    page = hand.page
    hand.go("Risorse")
    hand.type(page.locator("#resource-q"), NEED)
    page.keyboard.press("Enter")
    page.wait_for_url("**/it/resources/?*q=*")
    hand.judge()
    first = page.locator(".resource-list .resource-name a").first
    expect(first).to_have_attribute("href", resource.get_absolute_url())
    hand.follow(first)


def request_a_slot(hand: Hand) -> Booking:
    """Two hours from ten, two weeks ahead, with the price seen before; the booking."""
    page = hand.page
    hand.follow(page.get_by_role("link", name="Chiedi un orario"))
    for _ in range(2):
        hand.follow(page.get_by_role("button", name="Settimana dopo"), judges=False)
    hand.follow(page.locator("button[value^='pick:'][aria-label*='10:00']").first, judges=False)
    expect(page.locator("#id_start")).to_have_value("10:00")
    hand.type(page.locator("#id_end"), "1200PM")
    expect(page.locator("#id_end")).to_have_value("12:00")
    hand.type(page.locator("#id_purpose"), PURPOSE)
    hand.reach(page.locator("#id_is_economic"))
    page.keyboard.press("ArrowDown")
    expect(page.locator("#id_is_economic")).to_have_value("yes")
    hand.follow(page.get_by_role("button", name="Mostra il prezzo"))
    price = page.locator(".booking-price strong").inner_text()
    hand.follow(page.get_by_role("button", name="Invia la richiesta"))
    hand.done()
    booking = Booking.objects.get(purpose=PURPOSE)
    assert booking.ends_at - booking.starts_at == timedelta(hours=2)
    assert (booking.state, booking.is_economic) == ("requested", True)
    assert_says(price, booking.price)
    return booking


def assert_says(words: str, amount: Decimal | None) -> None:
    """The words name the amount, as Italians write it."""
    assert amount is not None
    assert f"{amount:.2f}".replace(".", ",") in words, words


def feed(hand: Hand, site: str, button: str) -> list[Event]:
    """Open a feed by its button; what a calendar reads from it, without any session."""
    page = hand.page
    page.goto(f"{site}/it/resources/")
    hand.follow(page.get_by_role("link", name="I miei calendari"))
    hand.follow(page.locator(button))
    hand.done()
    with urlopen(page.locator("input[readonly]").first.input_value()) as answer:
        assert answer.headers["Content-Type"].startswith("text/calendar")
        return events_in(answer.read())


def assert_in(events: list[Event], booking: Booking) -> None:
    """A calendar has the booking, once, as agreed."""
    (event,) = (one for one in events if one["UID"] == booking.uid)
    assert event.get("STATUS", "CONFIRMED") == "CONFIRMED"
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (booking.starts_at, booking.ends_at)


def record_less(hand: Hand, site: str, booking: Booking) -> None:
    """The laboratory records that only an hour and a half were needed."""
    page = hand.page
    page.goto(f"{site}/it/bookings/answering/")
    hand.follow(page.get_by_role("link", name="Uso da registrare"))
    hand.follow(page.locator(f"main a[href='{booking.get_absolute_url()}']"))
    act = page.locator("details:has(input[value=use])")
    hand.press(act.locator("summary"))
    expect(act).to_have_attribute("open", "")
    hand.type(act.locator("input[name=use-end]"), "1130AM")
    expect(act.locator("input[name=use-end]")).to_have_value("11:30")
    expect(act.get_by_label("Sì: per beni o servizi")).to_be_checked()
    hand.follow(act.get_by_role("button"))
    hand.done()


def read_ledger(hand: Hand, site: str, booking: Booking) -> None:
    """The ledger, reached from the page of the resource, has the record with its price."""
    page = hand.page
    page.goto(f"{site}{booking.resource.get_absolute_url()}")
    hand.follow(page.get_by_role("link", name="Registro d'uso", exact=True))
    row = page.locator(f"main tr:has(a[href='{booking.get_absolute_url()}'])")
    expect(row).to_contain_text("attività economica")
    expect(row.locator("td").nth(2)).to_have_text("1,50")
    assert_says(row.inner_text(), booking.uses.get().amount)


@pytest.fixture
def walk(
    site: str, hand: Hand, technician: Person, browser: Browser, mail_server: MailServer
) -> Walk:
    """Where the journey begins."""
    return Walk(site, hand, technician, browser, mail_server)


def test_a_slot_from_the_need_to_the_ledger(walk: Walk, days: Days) -> None:
    site, hand, server = walk.site, walk.hand, walk.server
    resource = Resource.objects.get(profile__slug="cidstem", name_it="microscopio confocale")
    hand.become(site, "sme")
    find_by_asking(hand, site, resource)
    find_in_the_catalogue(hand, resource)
    booking = request_a_slot(hand)
    asked_price = booking.price

    letters = letters_to(server, OWNER)
    with walk.laboratory(signed_in=False) as other:
        other.page.goto(answer_link(letters))
        other.judge()
        booking.refresh_from_db()
        assert booking.state == "requested"  # a look changes nothing
        other.follow(other.page.get_by_role("button", name="Accetta l'orario"))
        expect(other.page.locator("h1")).to_have_text("Hai accettato")
        assert "sessionid" not in {cookie["name"] for cookie in other.page.context.cookies()}
    booking.refresh_from_db()
    assert booking.state == "accepted"
    assert "microscopio confocale" in letters_to(server, ASKER)[-1]
    assert_in(enclosed(server, ASKER), booking)
    assert_in(feed(hand, site, "form:has-text('chieste da me') button"), booking)
    with walk.laboratory(signed_in=True) as other:
        assert_in(feed(other, site, "button[name=body]"), booking)

    days.moved = booking.ends_at - timezone.now() + timedelta(hours=1)
    with walk.laboratory(signed_in=True) as other:
        record_less(other, site, booking)
        read_ledger(other, site, booking)
    booking.refresh_from_db()
    use = booking.uses.get()
    assert use.ends_at - use.starts_at == timedelta(hours=1.5)
    assert use.amount == asked_price * 3 / 4
    told = letters_to(server, ASKER)[-1]
    assert_says(told, use.amount)


def test_without_javascript(walk: Walk) -> None:
    """Found, asked for and accepted, by keys alone too."""
    site = walk.site
    with walk.laboratory(signed_in=False, scripts=False) as asker:
        page = asker.page
        asker.become(site, "sme")
        page.goto(f"{site}/it/resources/")
        asker.type(page.locator("#resource-q"), "PCR in tempo reale")
        page.keyboard.press("Enter")
        page.wait_for_url("**/it/resources/?*q=*")
        asker.follow(page.locator(".resource-list .resource-name a").first, judges=False)
        for name in ("Chiedi un orario", "Settimana dopo"):
            button = page.get_by_role("link", name=name).or_(page.get_by_role("button", name=name))
            asker.follow(button, judges=False)
        asker.follow(page.locator("button[value^='pick:']").first, judges=False)
        asker.type(page.locator("#id_purpose"), OTHER_PURPOSE)
        asker.follow(page.get_by_role("button", name="Invia la richiesta"), judges=False)
        asker.done()
    booking = Booking.objects.get(purpose=OTHER_PURPOSE)
    with walk.laboratory(signed_in=False, scripts=False) as other:
        other.page.goto(answer_link(letters_to(walk.server, OWNER)))
        other.follow(other.page.get_by_role("button", name="Accetta l'orario"), judges=False)
        expect(other.page.locator("h1")).to_have_text("Hai accettato")
    booking.refresh_from_db()
    assert booking.state == "accepted"
    assert booking.resource.name_it == "PCR in tempo reale"
