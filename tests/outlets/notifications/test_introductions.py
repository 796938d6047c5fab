"""What the people of an introduction are told: whom, once, in which words, and what never."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from django.test import override_settings
from icalendar import Calendar

from tests.factories.accounts import ClusterRoleFactory
from tests.factories.introductions import StepFactory
from tests.factories.notifications import MailPreferenceFactory
from tests.factories.organisations import NOW
from tests.outlets.notifications.told import in_state, tell, whole
from tests.partnering.introductions.meeting_place import Place, days, tick, token_of
from trebbo.ecosystem.accounts.choices import ClusterRoleKind
from trebbo.kernel.access import installation, visitor
from trebbo.outlets.notifications import actions as mail
from trebbo.outlets.notifications.actions.introductions import READERS
from trebbo.outlets.notifications.actions.letters import LETTERS
from trebbo.outlets.notifications.actions.relay import reply_address
from trebbo.outlets.notifications.actions.writing import message_of
from trebbo.outlets.notifications.choices import Frequency, NoticeState, Topic
from trebbo.outlets.notifications.models import Notice, OutgoingMail
from trebbo.partnering.introductions import actions
from trebbo.partnering.introductions.choices import (
    CONTACTS_SHARED,
    IntroductionState,
    Side,
    StepKind,
)
from trebbo.partnering.introductions.models import (
    Introduction,
    RelayedMessage,
)

pytestmark = pytest.mark.django_db
OnCommit = Callable[..., AbstractContextManager[object]]
RELAY = override_settings(RELAY_ADDRESS="talk@trebbo.example")


def test_a_proposal_goes_to_who_asks_with_the_link_that_agrees() -> None:
    place = Place()
    one = place.proposed()
    told = tell(one, "proposed")
    assert set(told) == {place.ada.email}
    notice = told[place.ada.email]
    assert "/it/introductions/consent/" in notice.url
    assert place.lab.title in notice.subject
    assert "valvole" not in whole(notice)
    assert notice.fact == f"introduction:{one.pk}:turn:{one.steps.get(kind='proposed').pk}"


def test_who_is_asked_reads_the_words_of_the_broker_in_their_language() -> None:
    """And till when; what a person wrote is never a mark of HTML."""
    place = Place()
    one = place.asked(words="<b>Test</b> valves\n<script>alert(1)</script>")
    [notice] = tell(one, "asked").values()
    assert notice.email == place.rita.email
    assert f"{place.firm.title} asks to meet you" == notice.subject
    assert "30 June 2026" in notice.text
    assert "> <b>Test</b> valves\n> <script>alert(1)</script>" in notice.text
    assert notice.mail is not None
    for html in (notice.html, notice.mail.html):
        assert "&lt;b&gt;Test&lt;/b&gt;" in html
        assert "<b>" not in html
        assert "<script" not in html
    assert "/en/introductions/answer/" in notice.url
    assert "Cerco chi prova" not in whole(notice)


def test_an_ask_without_a_body_is_of_a_member_of_the_network() -> None:
    place = Place()
    place.ask.asker = None
    place.ask.save()
    [notice] = tell(place.asked(), "asked").values()
    assert notice.subject == "A member of the network asks to meet you"
    assert "Ada" not in whole(notice)


def test_a_colleague_is_asked_and_the_first_no_longer() -> None:
    """What waits for the first is taken back; the colleague has no account and gets a link."""
    place = Place()
    one = place.asked()
    [first] = tell(one, "asked").values()
    actions.pass_on_introduction(
        actor=visitor(days(1)),
        token=token_of(one),
        name="Bruno",
        email="bruno@lab.example",
        language="it",
    )
    told = tell(one, "passed_on", days(1))
    assert set(told) == {"bruno@lab.example"}
    notice = told["bruno@lab.example"]
    assert notice.mail is not None
    assert "Gentile Bruno," in notice.mail.text
    assert "/it/introductions/answer/" in notice.mail.text
    first.refresh_from_db()
    assert first.state == NoticeState.WITHDRAWN


def test_a_reminder_has_the_same_link_and_another_topic() -> None:
    place = Place()
    one = place.asked()
    url = next(iter(tell(one, "asked").values())).url
    tick(days(5))
    [notice] = tell(one, "nudged", days(5)).values()
    assert (notice.email, notice.topic) == (place.rita.email, Topic.REMINDERS)
    assert notice.url.split(":")[0] == url.split(":")[0]
    assert "30 June 2026" in notice.text


def test_a_reminder_of_the_consent_goes_to_who_asks() -> None:
    place = Place()
    one = place.proposed()
    tick(days(3))
    [notice] = tell(one, "nudged", days(3)).values()
    assert notice.email == place.ada.email
    assert "/introductions/consent/" in notice.url
    assert "25 giugno 2026" in notice.text


def test_once_both_agreed_each_learns_how_to_reach_the_other() -> None:
    place = Place()
    one = place.accepted()
    told = tell(one, "accepted")
    ada, rita, olga = (told[who.email] for who in (place.ada, place.rita, place.olga))
    assert f"{place.lab.title}: Rita Researcher, {place.rita.email}" in ada.text
    assert f"{place.firm.title}: Ada Asker, {place.ada.email}" in rita.text
    assert place.rita.email not in ada.subject
    assert ada.url == f"/it/introductions/{one.pk}/"
    assert rita.url == f"/en/introductions/{one.pk}/"
    assert "@" not in olga.text
    assert len(told) == 3


def test_a_no_tells_who_asks_and_the_owner_why() -> None:
    place = Place()
    one = place.asked()
    actions.decline_introduction(
        actor=visitor(NOW), token=token_of(one), reason="too_early", words="<i>In primavera</i>"
    )
    told = tell(one, "declined")
    assert set(told) == {place.ada.email, place.olga.email}
    for notice in told.values():
        assert "Troppo presto" in notice.text
        assert "&lt;i&gt;In primavera&lt;/i&gt;" in notice.html
        assert "Rita" not in whole(notice)


def test_who_is_owner_and_asks_is_told_once_as_who_asks() -> None:
    place = Place()
    one = place.draft(place.asker)
    actions.send_introduction(actor=place.asker, introduction_id=one.pk, version=1)
    actions.decline_introduction(actor=visitor(NOW), token=token_of(one), reason="other")
    assert set(tell(one, "declined")) == {place.ada.email}


def test_without_an_answer_all_who_knew_hear_that_it_ended() -> None:
    place = Place()
    one = place.asked()
    for day in (5, 10, 15):
        tick(days(day))
    told = tell(one, "expired", days(15))
    assert set(told) == {place.ada.email, place.rita.email, place.olga.email}
    assert told[place.rita.email].subject.startswith("You need not answer any more")


def test_without_consent_who_was_never_asked_hears_nothing() -> None:
    place = Place()
    one = place.proposed()
    for day in (3, 6, 10):
        tick(days(day))
    assert set(tell(one, "expired", days(10))) == {place.ada.email, place.olga.email}


def test_a_withdrawal_is_told_to_who_knew_but_not_to_who_did_it() -> None:
    place = Place()
    asked = place.asked()
    actions.withdraw_introduction(actor=place.broker, introduction_id=asked.pk, words="Chiuso")
    told = tell(asked, "withdrawn")
    assert set(told) == {place.ada.email, place.rita.email}
    assert told[place.rita.email].subject.startswith("You need not answer any more")
    assert "Chiuso" in told[place.ada.email].text
    proposed = place.proposed()
    actions.withdraw_introduction(actor=place.broker, introduction_id=proposed.pk)
    assert set(tell(proposed, "withdrawn")) == {place.ada.email}
    drafted = place.draft()
    actions.withdraw_introduction(actor=place.broker, introduction_id=drafted.pk)
    assert tell(drafted, "withdrawn") == {}


def test_silence_comes_to_the_owner_and_is_urgent() -> None:
    place = Place()
    MailPreferenceFactory(person=place.olga, frequency=Frequency.WEEKLY)
    one = place.asked()
    tick(days(5))
    tick(days(10))
    [notice] = tell(one, "escalated", days(10)).values()
    assert notice.email == place.olga.email
    assert notice.is_urgent
    assert notice.state == NoticeState.MAILED
    assert notice.url == f"/it/introductions/{one.pk}/"


@pytest.mark.parametrize("gone", [True, False])
def test_without_an_owner_it_comes_to_the_offices(gone: bool) -> None:
    """Of the clusters with which the ask is shared: their managers, nobody of other offices."""
    place = Place()
    one = place.asked()
    if gone:
        Introduction.objects.update(owner=None)
    else:
        place.olga.is_active = False
        place.olga.save()
    manager = ClusterRoleFactory(cluster=place.cluster).person
    ClusterRoleFactory(cluster=place.cluster, role=ClusterRoleKind.BOARD)
    ClusterRoleFactory()
    tick(days(5))
    tick(days(10))
    offices = {manager.email, place.olga.email} if gone else {manager.email}
    assert set(tell(one, "escalated", days(10))) == offices


def test_an_office_with_which_it_is_no_longer_shared_hears_no_more() -> None:
    place = Place()
    one = place.asked()
    tick(days(5))
    tick(days(10))
    place.ask.shares.all().delete()
    assert place.olga.email not in tell(one, "escalated", days(10))


def test_nobody_is_told_that_it_was_taken_over_or_written() -> None:
    place = Place()
    one = place.draft()
    assert tell(one, "draft") == {}
    StepFactory(introduction=one, kind=StepKind.TAKEN_OVER)
    assert tell(one, "taken_over") == {}


def test_a_meeting_comes_into_both_calendars_changes_there_and_goes() -> None:
    """One date under one name, whatever happens to it; each reads it in their language."""
    place = Place()
    one = place.accepted()
    for number, hour in enumerate((1, 2), start=1):
        actions.arrange_meeting(
            actor=place.asker,
            introduction_id=one.pk,
            at=days(7) + timedelta(hours=hour),
            place="Mirandola",
        )
        told = tell(one, "meeting_set")
        assert set(told) == {place.ada.email, place.rita.email}
        for email, notice in told.items():
            event = _event(notice, "REQUEST")
            assert event["uid"] == f"introduction-{one.pk}@localhost"
            assert event["sequence"] == number
            assert event.decoded("dtstart") == days(7) + timedelta(hours=hour)
            assert str(event["attendee"]) == f"mailto:{email}"
        assert "Incontro con" in whole(told[place.ada.email])
        assert "Meeting with" in whole(told[place.rita.email])
    actions.call_off_meeting(actor=place.asker, introduction_id=one.pk)
    for notice in tell(one, "meeting_off").values():
        event = _event(notice, "CANCEL")
        assert (event["uid"], event["sequence"]) == (f"introduction-{one.pk}@localhost", 3)
        assert event.decoded("dtstart") == days(7) + timedelta(hours=2)


def test_a_withdrawn_introduction_leaves_no_date_in_calendars() -> None:
    """And tells no longer who the other was."""
    place = Place()
    one = place.accepted()
    actions.arrange_meeting(actor=place.asker, introduction_id=one.pk, at=days(7))
    tell(one, "meeting_set")
    actions.withdraw_introduction(actor=place.broker, introduction_id=one.pk)
    told = tell(one, "withdrawn")
    for notice in told.values():
        assert _event(notice, "CANCEL")["sequence"] == 2
    assert place.rita.email not in whole(told[place.ada.email])


def _event(notice: Notice, method: str) -> Any:
    assert notice.calendar is not None
    content = bytes(notice.calendar)
    assert f"METHOD:{method}".encode() in content
    assert notice.mail is not None
    types = [part.get_content_type() for part in _message(notice.mail).walk()]
    assert "text/calendar" in types
    return Calendar.from_ical(content).walk("VEVENT")[0]


def _message(letter: OutgoingMail) -> Any:
    return message_of(OutgoingMail.objects.get(pk=letter.pk)).message()


def test_the_outcome_is_asked_of_both_each_by_a_link_of_their_own() -> None:
    place = Place()
    one = place.accepted()
    for day in (14, 21, 30):
        tick(days(day))
    told = tell(one, "outcome_asked", days(30))
    assert set(told) == {place.ada.email, place.rita.email}
    assert {notice.topic for notice in told.values()} == {Topic.OUTCOMES}
    links = {notice.url for notice in told.values()}
    assert len(links) == 2
    assert all("/introductions/outcome/" in link for link in links)


def test_asked_whether_they_met_both_find_how_to_reach_the_other() -> None:
    place = Place()
    one = place.accepted()
    tick(days(14))
    told = tell(one, "nudged", days(14))
    assert place.rita.email in told[place.ada.email].text
    assert place.ada.email in told[place.rita.email].text
    assert "/introductions/outcome/" in told[place.rita.email].url


def test_that_they_met_and_what_came_of_it_is_told_to_the_others() -> None:
    place = Place()
    one = place.accepted()
    actions.record_meeting(actor=place.contact, introduction_id=one.pk)
    assert set(tell(one, "met")) == {place.ada.email, place.olga.email}
    actions.record_outcome(
        actor=place.asker, introduction_id=one.pk, outcome="project", words="<u>Life</u>"
    )
    told = tell(one, "led_to")
    assert set(told) == {place.rita.email, place.olga.email}
    assert "&lt;u&gt;Life&lt;/u&gt;" in told[place.rita.email].html
    assert "A project" in told[place.rita.email].text


@RELAY
def test_a_message_is_passed_on_without_its_files() -> None:
    place = Place()
    one = place.asked()
    message = actions.relay_message(
        actor=installation(NOW),
        introduction_id=one.pk,
        side="contact",
        message_id="<1@x>",
        text="Quando?\n<b>Domani</b>",
        left_out=["<i>.pdf (2 MB)"],
    )
    [notice] = tell(one, "relayed").values()
    assert notice.email == place.ada.email
    assert "> Quando?" in notice.text
    assert "<i>.pdf (2 MB)" in notice.text
    assert "&lt;b&gt;Domani" in notice.html
    assert "<i>" not in notice.html
    assert notice.reply_to == reply_address(one.pk, Side.ASKER)
    assert "Rita" not in whole(notice)
    assert mail.tell_of_left_out(actor=installation(NOW), message=message, now=NOW) == 1
    told = Notice.objects.get(fact__contains=":files:")
    assert told.email == place.rita.email


@RELAY
def test_answers_go_to_the_address_of_the_side_and_the_owner_has_none() -> None:
    place = Place()
    one = place.asked()
    [asked] = tell(one, "asked").values()
    assert asked.reply_to == reply_address(one.pk, Side.CONTACT)
    assert "without your address" in asked.text
    actions.decline_introduction(actor=visitor(NOW), token=token_of(one), reason="other")
    told = tell(one, "declined")
    assert told[place.olga.email].reply_to == ""
    assert told[place.ada.email].reply_to == reply_address(one.pk, Side.ASKER)


def test_without_a_relay_nobody_is_invited_to_answer_the_mail() -> None:
    [notice] = tell(Place().asked(), "asked").values()
    assert notice.reply_to == ""
    assert "answer this message" not in notice.text


@pytest.mark.parametrize("state", list(IntroductionState))
@pytest.mark.parametrize("kind", list(LETTERS))
@RELAY
def test_before_both_agreed_nobody_learns_who_the_other_is(
    kind: StepKind, state: IntroductionState
) -> None:
    """No address and no name of a person, whatever happens in whatever state; nor the need."""
    place = Place()
    one = in_state(place, state)
    for before in (StepKind.PROPOSED, StepKind.ASKED, StepKind.MEETING_SET):
        StepFactory(introduction=one, kind=before, at=NOW - timedelta(days=1))
    if kind == StepKind.RELAYED:
        RelayedMessage.objects.create(
            introduction=one, side="asker", message_id="<1@x>", text="Quando?", at=NOW
        )
    step = StepFactory(
        introduction=one, kind=kind, side="asker" if kind == StepKind.RELAYED else ""
    )
    mail.tell_of_step(actor=installation(NOW), step_id=step.pk, now=NOW)
    notices = list(Notice.objects.filter(fact__endswith=f":{step.pk}"))
    assert notices or kind == StepKind.NUDGED  # in most states it is nobody's turn
    shared = state in CONTACTS_SHARED
    for notice in notices:
        words = whole(notice)
        others = {place.ada, place.rita} - {
            who for who in (place.ada, place.rita) if who.email == notice.email
        }
        if not shared or notice.email == place.olga.email:
            for other in others:
                assert other.email not in words
                assert other.name not in words
        assert "valvole" not in words


@pytest.mark.parametrize("language", ["it", "en"])
@pytest.mark.parametrize("kind", list(LETTERS))
def test_every_letter_is_whole_in_both_languages(kind: StepKind, language: str) -> None:
    """Nothing is left to fill in, and nobody reads the other language."""
    place = Place()
    for who in (place.ada, place.rita, place.olga):
        who.language = language
        who.save()
    one = in_state(place, IntroductionState.ACCEPTED)
    step = StepFactory(introduction=one, kind=kind)
    mail.tell_of_step(actor=installation(NOW), step_id=step.pk, now=NOW)
    for notice in Notice.objects.all():
        assert notice.subject.strip()
        assert "%(" not in notice.subject + notice.text + notice.html
        assert ("introduction" in notice.text.lower()) <= (language == "en")
        assert ("presentazione" in notice.text) <= (language == "it")


def test_every_kind_that_is_told_has_readers() -> None:
    assert set(READERS) == set(LETTERS)
    assert set(StepKind) - set(READERS) == {StepKind.DRAFT, StepKind.TAKEN_OVER}
