"""The pages of introductions, and those that a link in a mail opens."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page

from tests.factories.accounts import ClusterRoleFactory, MandateFactory, PersonFactory
from tests.factories.introductions import AskShareFactory, EntryFactory
from tests.partnering.introductions.meeting_place import Place, token_of
from trebbo.ecosystem.accounts.models import Person
from trebbo.kernel.access import visitor
from trebbo.partnering.introductions import actions
from trebbo.partnering.introductions.models import AskReading, Introduction

pytestmark = pytest.mark.django_db
SignIn = Callable[[Person], Client]


class Today(Place):
    """The same place now, with an office that signs in."""

    def __init__(self) -> None:
        super().__init__()
        now = timezone.now()
        self.asker = replace(self.asker, now=now)
        self.contact = replace(self.contact, now=now)
        self.broker = replace(self.broker, now=now)
        role = ClusterRoleFactory(person=self.olga)
        AskShareFactory(ask=self.ask, cluster=role.cluster)
        MandateFactory(person=self.ada, profile=self.firm, role="representative")

    def accepted(self, **facts: str) -> Introduction:
        """Both agreed, just now."""
        one = self.asked(**facts)
        return actions.accept_introduction(actor=visitor(timezone.now()), token=token_of(one))


def words_of(client: Client, address: str, status: int = 200) -> str:
    """The page at an address, with its spaces put together."""
    response = client.get(address)
    assert response.status_code == status
    return " ".join(response.content.decode().split())


def answer_address(one: Introduction) -> str:
    """The address in the mail to who is asked."""
    return reverse("answer_by_mail", args=[token_of(one)])


def test_a_scanner_that_opens_the_link_changes_nothing(client: Client) -> None:
    place = Today()
    one = place.asked(words="<script>alert(1)</script> Vi <b>aiuta</b>")
    for _scan in range(3):
        page = words_of(client, answer_address(one))
    client.head(answer_address(one))
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page
    assert place.ask.text not in page
    one.refresh_from_db()
    assert one.state == "asked"
    assert not AskReading.objects.exists()


def test_who_reads_the_whole_need_is_written_down(client: Client) -> None:
    place = Today()
    one = place.asked()
    page = client.post(answer_address(one), {"do": "read"}).content.decode()
    assert place.ask.text in page
    reading = AskReading.objects.get()
    assert (reading.email, reading.label) == (place.rita.email, "Rita Researcher")


def test_one_press_accepts_without_an_account_and_the_second_says_so(client: Client) -> None:
    place = Today()
    one = place.asked()
    address = answer_address(one)
    first = client.post(address, {"do": "accept"})
    assert first.status_code == 200
    one.refresh_from_db()
    assert one.state == "accepted"
    again = client.post(address, {"do": "accept"})
    assert again.status_code == 410
    assert place.ada.email not in again.content.decode()


def test_declining_by_link_keeps_what_was_typed_where_the_reason_is_missing(
    client: Client,
) -> None:
    place = Today()
    one = place.asked()
    address = answer_address(one)
    page = client.post(address, {"do": "decline", "decline-words": "Ci sentiamo in autunno"})
    assert page.status_code == 400
    assert "Ci sentiamo in autunno" in page.content.decode()
    typed = {"do": "decline", "decline-reason": "too_early", "decline-words": "In autunno"}
    assert client.post(address, typed).status_code == 200
    one.refresh_from_db()
    assert (one.state, one.decline_words) == ("declined", "In autunno")


def test_a_colleague_is_named_by_link(client: Client) -> None:
    place = Today()
    one = place.asked()
    typed = {"do": "pass_on", "pass_on-name": "Bruno", "pass_on-language": "it"}
    wrong = client.post(answer_address(one), {**typed, "pass_on-email": place.rita.email})
    assert wrong.status_code == 400
    typed["pass_on-email"] = "bruno@lab.example"
    assert client.post(answer_address(one), typed).status_code == 200
    one.refresh_from_db()
    assert one.contact_email == "bruno@lab.example"


def test_who_asks_agrees_or_not_by_link(client: Client) -> None:
    place = Today()
    one = place.proposed()
    address = reverse("consent_by_mail", args=[token_of(one)])
    page = words_of(client, address)
    assert place.lab.title in page
    assert place.rita.email not in page
    assert "Rita" not in page
    assert client.post(address, {"do": "accept"}).status_code == 404
    client.post(address, {"do": "consent"})
    one.refresh_from_db()
    assert one.state == "asked"


def test_either_side_says_by_link_what_came_of_it(client: Client) -> None:
    place = Today()
    one = place.accepted()
    later = timezone.now() + timedelta(days=31)
    for _run in range(3):
        actions.run_clock(actor=replace(visitor(later), is_installation=True), limit=10)
        later += timedelta(days=2)
    address = reverse("outcome_by_mail", args=[token_of(one, "outcome")])
    words_of(client, address)
    client.post(address, {"do": "outcome", "outcome-outcome": "contract", "outcome-words": ""})
    one.refresh_from_db()
    assert (one.state, one.outcome) == ("led_to", "contract")


@pytest.mark.parametrize("purpose", ["answer", "consent", "outcome"])
@pytest.mark.parametrize("token", ["nonsense", "a:b:c", "x" * 500])
def test_a_link_that_is_none_is_refused_in_words(client: Client, purpose: str, token: str) -> None:
    for language, words in (("it", "non è valido"), ("en", "not valid")):
        address = reverse(f"{purpose}_by_mail", args=[token])
        address = address.replace("/it/", f"/{language}/", 1)
        page = client.get(address)
        assert page.status_code == 400
        assert words in page.content.decode()


def test_addresses_are_shown_once_both_agreed_and_not_before(sign_in: SignIn) -> None:
    place = Today()
    one = place.asked()
    asker_page = words_of(sign_in(place.ada), one.get_absolute_url())
    contact_page = words_of(sign_in(place.rita), one.get_absolute_url())
    assert place.rita.email not in asker_page
    assert place.ada.email not in contact_page
    assert "Ada Asker" not in contact_page
    sign_in(place.rita).post(one.get_absolute_url(), {"do": "accept"})
    assert place.rita.email in words_of(sign_in(place.ada), one.get_absolute_url())
    assert place.ada.email in words_of(sign_in(place.rita), one.get_absolute_url())


def test_who_asks_and_looks_after_it_themselves_is_not_named_before_both_agreed(
    sign_in: SignIn,
) -> None:
    place = Today()
    one = place.draft(place.asker)
    actions.send_introduction(actor=place.asker, introduction_id=one.pk, version=one.version)
    assert "Ada Asker" not in words_of(sign_in(place.rita), one.get_absolute_url())
    sign_in(place.rita).post(one.get_absolute_url(), {"do": "accept"})
    assert "Ada Asker" in words_of(sign_in(place.rita), one.get_absolute_url())


def test_what_ended_before_it_was_asked_stays_unknown_to_the_body(sign_in: SignIn) -> None:
    """Expired before consent, or a draft withdrawn: neither contact nor colleagues learn of it."""
    place = Today()
    colleague = MandateFactory(profile=place.lab).person
    expired = place.proposed()
    Introduction.objects.filter(pk=expired.pk).update(state="expired", clock_at=None)
    withdrawn = place.draft()
    actions.withdraw_introduction(
        actor=place.broker, introduction_id=withdrawn.pk, words="Non adatti"
    )
    for one in (expired, withdrawn):
        for person in (place.rita, colleague):
            words_of(sign_in(person), one.get_absolute_url(), 404)


def test_who_asks_does_not_read_whom_a_broker_would_ask(sign_in: SignIn) -> None:
    place = Today()
    one = place.draft(contact_name="Luca Segreto", contact_email="luca@lab.example")
    for address in (one.get_absolute_url(), reverse("introduction_edit", args=[one.pk])):
        asker = words_of(sign_in(place.ada), address)
        assert "luca@lab.example" not in asker
        assert "Luca Segreto" not in asker
    assert "luca@lab.example" in words_of(
        sign_in(place.olga), reverse("introduction_edit", args=[one.pk])
    )


def test_a_contact_reads_the_need_while_it_is_asked_and_once_both_agreed(sign_in: SignIn) -> None:
    place = Today()
    one = place.asked()
    browser = sign_in(place.rita)
    assert place.ask.text in words_of(browser, one.get_absolute_url())
    browser.post(one.get_absolute_url(), {"do": "decline", "decline-reason": "other"})
    assert place.ask.text not in words_of(browser, one.get_absolute_url())


def test_who_passed_it_on_is_led_to_a_page_that_is_there(sign_in: SignIn) -> None:
    place = Today()
    place.rita.mandates.all().delete()
    one = place.asked(contact_name="Rita", contact_email=place.rita.email)
    typed = {"pass_on-name": "B", "pass_on-email": "b@lab.example", "pass_on-language": "it"}
    done = sign_in(place.rita).post(one.get_absolute_url(), {"do": "pass_on", **typed}, follow=True)
    assert done.status_code == 200


def test_somebody_else_needs_a_name_and_an_address(sign_in: SignIn) -> None:
    place = Today()
    browser = sign_in(place.olga)
    address = reverse("introduce", args=[place.ask.pk, place.lab.slug])
    for typed in ({}, {"name": "Luca"}, {"email": "luca@lab.example"}):
        refused = browser.post(address, {"contact": "", "language": "it", "then": "keep", **typed})
        assert refused.status_code == 400
    assert not Introduction.objects.exists()


def test_strangers_find_no_page_and_who_is_to_be_asked_finds_none_before(
    sign_in: SignIn,
) -> None:
    place = Today()
    one = place.proposed()
    for person in (PersonFactory(), place.rita):
        words_of(sign_in(person), one.get_absolute_url(), 404)
    assert Client().get(one.get_absolute_url()).status_code == 302


def test_who_acts_for_the_body_sees_that_it_is_asked_but_not_the_need(sign_in: SignIn) -> None:
    place = Today()
    one = place.asked()
    colleague = MandateFactory(profile=place.lab).person
    page = words_of(sign_in(colleague), one.get_absolute_url())
    assert place.ask.text not in page
    assert 'value="accept"' not in page


def test_a_broker_introduces_from_the_shortlist(sign_in: SignIn) -> None:
    place = Today()
    EntryFactory(ask=place.ask, profile=place.lab)
    browser = sign_in(place.olga)
    address = reverse("introduce", args=[place.ask.pk, place.lab.slug])
    assert address in words_of(browser, place.ask.get_absolute_url())
    page = words_of(browser, address)
    assert "Rita Researcher" in page
    typed = {"contact": str(place.rita.pk), "words": "Vi conoscete?", "language": "it"}
    done = browser.post(address, {**typed, "then": "send"}, follow=True)
    one = Introduction.objects.get()
    assert (one.state, one.contact, one.words) == ("proposed", place.rita, "Vi conoscete?")
    assert done.redirect_chain[-1][0] == one.get_absolute_url()
    again = browser.post(address, {**typed, "then": "send"})
    assert again.status_code == 400
    assert "Olga Office" in again.content.decode()
    assert one.get_absolute_url() in words_of(browser, place.ask.get_absolute_url())


def test_a_draft_is_changed_and_sent(sign_in: SignIn) -> None:
    place = Today()
    one = place.draft()
    browser = sign_in(place.olga)
    address = reverse("introduction_edit", args=[one.pk])
    words_of(browser, address)
    typed = {"contact": "", "name": "Luca", "email": "luca@lab.example", "language": "en"}
    stale = browser.post(address, {**typed, "version": "99", "then": "keep"})
    assert stale.status_code == 400
    browser.post(address, {**typed, "version": str(one.version), "then": "keep"})
    one.refresh_from_db()
    assert (one.contact_email, one.contact_language, one.state) == (
        "luca@lab.example",
        "en",
        "draft",
    )
    browser.post(one.get_absolute_url(), {"do": "send", "version": str(one.version)})
    one.refresh_from_db()
    assert one.state == "proposed"
    words_of(browser, address, 404)


def test_a_meeting_is_arranged_on_the_page(sign_in: SignIn) -> None:
    place = Today()
    one = place.accepted()
    browser = sign_in(place.ada)
    wrong = {"do": "meeting", "meeting-at": "domani"}
    assert browser.post(one.get_absolute_url(), wrong).status_code == 400
    day = timezone.localdate() + timedelta(days=9)
    typed = {"do": "meeting", "meeting-at": f"{day}T15:00", "meeting-place": "Mirandola"}
    browser.post(one.get_absolute_url(), typed)
    assert "Mirandola" in words_of(browser, one.get_absolute_url())
    past = {"do": "meeting", "meeting-at": "2020-01-01T10:00"}
    assert browser.post(one.get_absolute_url(), past).status_code == 400
    for press, state in (("call_off", "accepted"), ("met", "met")):
        browser.post(one.get_absolute_url(), {"do": press})
        one.refresh_from_db()
        assert one.state == state
    assert browser.post(one.get_absolute_url(), {"do": "met"}).status_code == 409
    assert browser.post(one.get_absolute_url(), {"do": "nonsense"}).status_code == 404


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("shown", [("it", 1280), ("en", 360)], ids=str)
def test_the_pages_are_accessible_and_work_by_hand(
    sign_in_browser: Callable[[Person], Page],
    look: Callable[[str, str], None],
    shown: tuple[str, int],
) -> None:
    """Each page in each of its looks; and an answer from a phone, with a reason."""
    language, width = shown
    place = Today()
    proposed = place.proposed(words="Hanno provato valvole per anni.")
    consent = token_of(proposed)
    asked = actions.consent_to_introduction(actor=place.asker, introduction_id=proposed.pk)
    answer = token_of(asked)
    other = Today()
    accepted = other.accepted(words="Ne avete parlato al convegno.")
    draft = Today().draft()
    page = sign_in_browser(place.olga)
    page.set_viewport_size({"width": width, "height": 900})

    look(
        f"{language}/asks/{place.ask.pk}/introduce/{draft.profile.slug}/",
        f"introductions-{language}-new",
    )
    look(f"{language}/introductions/consent/{consent}/", f"introductions-{language}-over")
    look(f"{language}/introductions/{asked.pk}/", f"introductions-{language}-asked-broker")
    sign_in_browser(place.rita)
    look(f"{language}/introductions/{asked.pk}/", f"introductions-{language}-asked-contact")
    sign_in_browser(other.ada)
    look(f"{language}/introductions/{accepted.pk}/", f"introductions-{language}-accepted-asker")
    page.context.clear_cookies()
    look(f"{language}/introductions/answer/{answer}/", f"introductions-{language}-answer")
    page.locator(".introduction-act summary").first.click()
    page.locator("input[name=decline-reason][value=too_early]").check(force=True)
    page.locator(".introduction-act[open] button").click()
    page.locator("h1").wait_for()
    look(f"{language}/introductions/answer/{answer}/", f"introductions-{language}-answered")
    asked.refresh_from_db()
    assert asked.decline_reason == "too_early"
