"""Facts told once, as each wishes, and taken back; digests; races."""

from datetime import UTC, datetime, timedelta
from unittest import mock

import pytest

from tests.concurrency import together
from tests.factories.accounts import PersonFactory, acting
from tests.factories.notifications import MailPreferenceFactory, OutgoingMailFactory, tell
from trebbo.ecosystem.accounts.models import Person
from trebbo.kernel.access import installation
from trebbo.outlets.notifications.actions import (
    Recipient,
    compose_digests,
    set_mail_preference,
    withdraw,
)
from trebbo.outlets.notifications.actions.digests import next_digest_at, period_end
from trebbo.outlets.notifications.actions.writing import message_of
from trebbo.outlets.notifications.choices import Frequency, MailState, NoticeState, Topic
from trebbo.outlets.notifications.models import (
    MailPreference,
    Notice,
    OptOut,
    OutgoingMail,
)

pytestmark = pytest.mark.django_db

# Wednesday 17 June 2026, 11:30 in Rome; the last Monday was the 15th.
NOW = datetime(2026, 6, 17, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)
ICS = b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n"


def compose(now: datetime) -> int:
    """Write the digests that are due."""
    return compose_digests(actor=installation(now), now=now)


def wishing(frequency: str, *topics_off: str) -> Person:
    """A person who said so."""
    preference = MailPreferenceFactory(frequency=frequency, topics_off=list(topics_off))
    person: Person = preference.person
    return person


def test_a_fact_given_twice_is_one_mail() -> None:
    """The second call gives the first notice back, whatever it says; others get their own."""
    person = PersonFactory()
    first = tell(person)
    assert tell(person, subject="Altro") == first
    assert tell(person.email.upper()) == first
    tell(PersonFactory())
    assert OutgoingMail.objects.count() == 2
    assert first.mail is not None
    assert (first.mail.to_email, first.mail.subject) == (person.email, first.subject)
    assert first.mail.state == MailState.WAITING


@pytest.mark.django_db(transaction=True)
def test_also_in_a_race() -> None:
    """Six at once: one notice, one mail."""
    person = PersonFactory()
    found = together(lambda _number: tell(person, fact="introduction:9:asked"))
    assert len({notice.pk for notice in found if isinstance(notice, Notice)}) == 1
    assert OutgoingMail.objects.count() == 1


@pytest.mark.parametrize(
    ("frequency", "more", "state"),
    [
        (Frequency.EACH, {}, NoticeState.MAILED),
        (Frequency.DAILY, {}, NoticeState.HELD),
        (Frequency.WEEKLY, {}, NoticeState.HELD),
        (Frequency.NEVER, {}, NoticeState.UNWANTED),
        (Frequency.WEEKLY, {"urgent": True}, NoticeState.MAILED),
        (Frequency.WEEKLY, {"calendar": ICS}, NoticeState.MAILED),
        (Frequency.NEVER, {"urgent": True}, NoticeState.UNWANTED),
        (Frequency.EACH, {"topic": Topic.NEWS}, NoticeState.UNWANTED),
        (Frequency.EACH, {"topic": Topic.NEWS, "urgent": True}, NoticeState.UNWANTED),
    ],
)
def test_as_each_wishes(frequency: str, more: dict[str, object], state: str) -> None:
    """At once, held, or not at all; only what is urgent or a date is never held."""
    notice = tell(wishing(frequency, Topic.NEWS), **more)
    notice.refresh_from_db()
    assert notice.state == state
    assert OutgoingMail.objects.count() == (state == NoticeState.MAILED)


def test_nobody_behind_the_address() -> None:
    """An address without account gets each; one that opted out, or a closed account, nothing."""
    assert tell("out@trebbo.example").state == NoticeState.MAILED
    OptOut.objects.create(email="no@trebbo.example", since=NOW)
    assert tell("No@trebbo.example").state == NoticeState.UNWANTED
    assert tell(PersonFactory(is_active=False)).state == NoticeState.UNWANTED


def test_the_account_behind_an_address_is_found() -> None:
    """Its wish holds also for news sent to the address alone."""
    person = wishing(Frequency.NEVER)
    notice = tell(person.email)
    assert (notice.person, notice.state) == (person, NoticeState.UNWANTED)


@pytest.mark.parametrize("wrong", [{"topic": "weather"}, {"calendar": b"\xff"}])
def test_what_cannot_be_told(wrong: dict[str, object]) -> None:
    """An unknown topic, a calendar that is none."""
    with pytest.raises(ValueError, match=r"weather|utf-8"):
        tell("out@trebbo.example", **wrong)
    assert not Notice.objects.exists()


def test_a_letter(settings: object) -> None:
    """In the reader's language: words, address, ways out in foot and headers; a date enclosed."""
    person = PersonFactory(language="en", name="Ada <Sintetica>")
    notice = tell(
        person,
        subject="Asked &\nmet",
        text="Words <b>as text</b>.",
        calendar=ICS,
        reply_to="asker@trebbo.example",
    )
    assert notice.mail is not None
    mail = OutgoingMail.objects.get(pk=notice.mail.pk)
    assert mail.subject == "Asked & met"
    assert (
        "Dear Ada <Sintetica>,\n\nWords <b>as text</b>.\n\nhttp://localhost:8000/it/" in mail.text
    )
    assert (
        "Stop all messages, without signing in:\nhttp://localhost:8000/en/mail/stop/" in mail.text
    )
    assert '<html lang="en">' in mail.html
    assert "Words &lt;b&gt;as text&lt;/b&gt;." in mail.html
    assert "/en/account/mail/" in mail.html
    message = message_of(mail).message()
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Unsubscribe"].strip("<>") in mail.text
    assert message["Reply-To"] == "asker@trebbo.example"
    assert message["Message-ID"] == mail.message_id
    kinds = [part.get_content_type() for part in message.walk() if not part.is_multipart()]
    assert kinds == ["text/plain", "text/html", "text/calendar", "text/calendar"]
    assert message.get_payload()[-1].get_param("method") == "REQUEST"


def test_html_that_is_given_is_kept() -> None:
    """It is the caller's, and safe."""
    notice = tell("out@trebbo.example", html="<p>Parole <em>proprie</em></p>")
    assert notice.mail is not None
    assert "<p>Parole <em>proprie</em></p>" in notice.mail.html


@pytest.mark.parametrize(
    ("frequency", "now", "end"),
    [
        (Frequency.DAILY, "2026-06-17T09:30", "2026-06-17T05:00"),
        (Frequency.DAILY, "2026-06-17T05:00", "2026-06-17T05:00"),
        (Frequency.DAILY, "2026-06-17T04:59", "2026-06-16T05:00"),
        (Frequency.DAILY, "2026-12-17T05:59", "2026-12-16T06:00"),
        (Frequency.WEEKLY, "2026-06-17T09:30", "2026-06-15T05:00"),
        (Frequency.WEEKLY, "2026-06-15T04:59", "2026-06-08T05:00"),
        (Frequency.EACH, "2026-06-17T09:30", "2026-06-17T09:30"),
    ],
)
def test_periods(frequency: str, now: str, end: str) -> None:
    """Days end at seven in Rome, in summer and winter; weeks on Mondays."""
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert period_end(frequency, moment) == datetime.fromisoformat(end).replace(tzinfo=UTC)
    assert moment < next_digest_at(moment) <= moment + DAY


@pytest.mark.parametrize(
    ("frequency", "due"),
    [(Frequency.DAILY, NOW + DAY), (Frequency.WEEKLY, NOW + 5 * DAY)],
)
def test_a_digest_holds_the_news_of_its_period(frequency: str, due: datetime) -> None:
    """One mail, when the period has ended; composed again, also at once, it is the same one."""
    person, other = wishing(frequency), wishing(frequency)
    for number in range(3):
        tell(person, fact=f"introduction:{number}:asked", now=NOW)
    tell(other, now=NOW)
    before = period_end(frequency, due) - timedelta(minutes=1)
    assert compose(before) == 0
    assert compose(due) == 2
    tell(person, fact="introduction:7:asked", now=due)
    assert compose(due) == 0
    mail = OutgoingMail.objects.get(to_email=person.email)
    assert mail.subject == "Trebbo: 3 novità"
    for number in range(3):
        assert f"* Notizia introduction:{number}:asked\n\nParole di" in mail.text
        assert f"Notizia introduction:{number}:asked</a>" in mail.html
    assert "introduction:7" not in mail.text
    assert Notice.objects.filter(person=person, state=NoticeState.MAILED, mail=mail).count() == 3
    assert compose(due + (DAY if frequency == Frequency.DAILY else 7 * DAY)) == 1


def test_a_digest_speaks_the_language_of_today() -> None:
    """And goes to the present address."""
    person = wishing(Frequency.DAILY)
    tell(person, now=NOW - DAY)
    Person.objects.filter(pk=person.pk).update(language="en", email="new@trebbo.example")
    assert compose(NOW) == 1
    mail = OutgoingMail.objects.get()
    assert (mail.subject, mail.to_email) == ("Trebbo: 1 piece of news", "new@trebbo.example")


def test_no_digest_for_a_closed_account() -> None:
    """What was held for it is dropped."""
    person = wishing(Frequency.DAILY)
    notice = tell(person, now=NOW - DAY)
    person.delete()
    assert compose(NOW) == 0
    notice.refresh_from_db()
    assert notice.state == NoticeState.UNWANTED


@pytest.mark.parametrize(
    "since", [{"frequency": Frequency.NEVER}, {"topics_off": [Topic.INTRODUCTIONS]}, None]
)
def test_no_digest_for_who_wants_none_by_then(since: dict[str, object] | None) -> None:
    """Also where the choice, or the end of the account, passed by what was being held."""
    person = wishing(Frequency.DAILY)
    notice = tell(person, now=NOW - DAY)
    if since is None:
        Person.objects.filter(pk=person.pk).update(is_active=False)
    else:
        MailPreference.objects.filter(person=person).update(**since)
    assert compose(NOW) == 0
    notice.refresh_from_db()
    assert notice.state == NoticeState.UNWANTED


@pytest.mark.django_db(transaction=True)
def test_digests_in_a_race() -> None:
    """Six workers: one mail each for two people."""
    people = [wishing(Frequency.DAILY), wishing(Frequency.WEEKLY)]
    for person in people:
        tell(person, now=NOW - 8 * DAY)
    together(lambda _number: compose(NOW))
    emails = OutgoingMail.objects.order_by("pk").values_list("to_email", flat=True)
    assert sorted(emails) == sorted(person.email for person in people)


def test_a_choice_holds_for_what_is_held() -> None:
    """Each: it goes out now. Topics off, or never: it is dropped, with what waits to be sent."""
    person = wishing(Frequency.WEEKLY)
    tell(person, fact="a:1", now=NOW)
    tell(person, fact="b:1", topic=Topic.NEWS, now=NOW)
    set_mail_preference(actor=acting(person), frequency=Frequency.EACH, topics_off=[Topic.NEWS])
    assert list(Notice.objects.order_by("pk").values_list("state", flat=True)) == [
        NoticeState.MAILED,
        NoticeState.UNWANTED,
    ]
    set_mail_preference(actor=acting(person), frequency=Frequency.NEVER)
    assert OutgoingMail.objects.get().state == MailState.CANCELLED
    assert compose(NOW + 8 * DAY) == 0


def test_a_fact_no_longer_true() -> None:
    """It and what is below it is taken back, where it is not sent; nothing of a like name."""
    person, held = PersonFactory(), wishing(Frequency.DAILY)
    kept = tell(person, fact="introduction:12")
    tell(person, fact="introduction:1")
    tell(person, fact="introduction:1:asked")
    tell(held, fact="introduction:1:asked")
    sent = tell("out@trebbo.example", fact="introduction:1:answered")
    assert sent.mail is not None
    OutgoingMail.objects.filter(pk=sent.mail.pk).update(state=MailState.SENT, sent_at=NOW)
    assert withdraw(actor=installation(), fact="introduction:1") == 3
    assert withdraw(actor=installation(), fact="introduction:1:") == 0
    waiting = OutgoingMail.objects.filter(state=MailState.WAITING)
    assert [mail.pk for mail in waiting] == [kept.mail_id]
    assert compose(NOW + 365 * DAY) == 0
    tell(person, fact="introduction:1:asked")
    assert waiting.count() == 1


def test_a_fact_leaves_a_digest_that_is_not_sent() -> None:
    """The others stay in it; without others it is cancelled."""
    person = wishing(Frequency.DAILY)
    tell(person, fact="a:1", now=NOW - DAY)
    tell(person, fact="b:1", now=NOW - DAY)
    compose(NOW)
    assert withdraw(actor=installation(), fact="a") == 1
    mail = OutgoingMail.objects.get()
    assert "Notizia a:1" not in mail.text + mail.html
    assert "Notizia b:1" in mail.text
    assert mail.subject == "Trebbo: 1 novità"
    withdraw(actor=installation(), fact="b")
    assert OutgoingMail.objects.get().state == MailState.CANCELLED


def test_notices_and_mails_stand_or_fall_together() -> None:
    """Where the mail cannot be written, the fact can be told again."""
    with mock.patch("trebbo.outlets.notifications.actions.writing.render_to_string") as broken:
        broken.side_effect = RuntimeError
        with pytest.raises(RuntimeError):
            tell("out@trebbo.example")
    assert not Notice.objects.exists()


def test_words_of_rows() -> None:
    """What a row is called in the audit trail."""
    assert str(OutgoingMailFactory(to_email="a@b.example", subject="x")) == "a@b.example: x"
    assert Recipient.of(PersonFactory(email="c@d.example")).email == "c@d.example"
