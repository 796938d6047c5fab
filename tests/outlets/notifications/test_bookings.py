"""Who is told what of bookings, in which words, with which link and date for the calendar."""

from datetime import timedelta

import pytest
from django.utils import translation
from icalendar import Calendar

from tests.factories.accounts import MandateFactory, PersonFactory
from tests.factories.notifications import MailPreferenceFactory
from tests.factories.resources import BookingFactory
from tests.outlets.notifications.booking_place import NOW, PURPOSE, STARTS, BookingPlace
from tests.outlets.notifications.told import whole
from trebbo.ecosystem.accounts.models import Mandate
from trebbo.kernel.access import installation
from trebbo.outlets.notifications import actions as mail
from trebbo.outlets.notifications.actions.booking_letters import LETTERS
from trebbo.outlets.notifications.actions.booking_readers import READERS
from trebbo.outlets.notifications.choices import Frequency, MailState, NoticeState, Topic
from trebbo.outlets.notifications.models import Notice, OutgoingMail
from trebbo.sharing.resources.choices import BookingState, BookingStepKind
from trebbo.sharing.resources.models import UseCeiling, UseRecord, YearlyCapacity

pytestmark = pytest.mark.django_db

IN_ITALIAN = ("18 giugno 2026", "09:00", "11:00", "Europe/Rome")
IN_ENGLISH = ("18 June 2026", "09:00", "11:00", "Europe/Rome")


def test_every_step_has_its_readers_and_what_is_told_has_a_letter() -> None:
    assert set(READERS) == set(BookingStepKind)
    assert {kind for kind, parts in READERS.items() if parts} == set(LETTERS)


def test_a_request_is_told_to_who_acts_for_the_owner_with_all_to_decide_by() -> None:
    place = BookingPlace(samples="Tre provini", sample_count=3)
    [(who, notice)] = place.tell(place.step("requested", by=place.sara)).items()
    assert who == "Lara"
    assert notice.topic == Topic.BOOKINGS
    assert "Microscopio elettronico" in notice.subject
    for told in (*IN_ITALIAN, "Sara", "Officina Sintetica", "€ 80,00", "Tre provini", PURPOSE):
        assert told in notice.text
    assert "17 giugno 2026" in notice.text
    assert notice.url.startswith("/it/bookings/answer/")
    assert notice.calendar is None


def test_where_nobody_acts_for_a_unit_its_organisation_answers_in_its_own_language() -> None:
    place = BookingPlace()
    Mandate.objects.filter(person=place.lara).delete()
    [(who, notice)] = place.tell(place.step("requested", by=place.sara)).items()
    assert who == "Rocco"
    assert notice.subject == "To answer: Sara (Officina Sintetica) asks for Electron microscope"
    for told in (*IN_ENGLISH, "Thursday", "€ 80.00", "without signing in"):
        assert told in notice.text
    assert notice.url.startswith("/en/bookings/answer/")


def test_an_acceptance_carries_the_slot_for_the_calendar_and_no_purpose() -> None:
    place = BookingPlace(late_fee_percent=50)
    step = place.step("accepted", by=place.lara, state=BookingState.ACCEPTED)
    [(who, notice)] = place.tell(step).items()
    assert who == "Sara"
    assert notice.subject == "Accepted: Electron microscope, 18 June 2026"
    for told in (*IN_ENGLISH, "Sala 2, Bologna", "€ 80.00", "50 % of the price", "17 June 2026"):
        assert told in notice.text
    assert PURPOSE not in whole(notice)
    assert notice.url == f"/en/bookings/{place.booking.pk}/"
    calendar = Calendar.from_ical(bytes(notice.calendar or b""))
    [event] = calendar.walk("VEVENT")
    assert calendar["method"] == "REQUEST"
    assert event.decoded("dtstart") == STARTS
    assert event.decoded("dtend") == STARTS + timedelta(hours=2)
    assert event["sequence"] == place.booking.version
    assert str(event["uid"]) == place.booking.uid
    assert "Electron microscope" in event["summary"]


def test_a_cancellation_takes_the_same_date_out_also_for_who_cancelled() -> None:
    place = BookingPlace()
    place.step("requested", by=place.sara)
    accepted = place.tell(place.step("accepted", by=place.lara, state=BookingState.ACCEPTED))[
        "Sara"
    ]
    step = place.step(
        "cancelled", by=place.sara, words="Provini rotti", state="cancelled", fee="40.00"
    )
    told = place.tell(step)
    assert set(told) == {"Sara", "Lara"}
    before = Calendar.from_ical(bytes(accepted.calendar or b"")).walk("VEVENT")[0]
    calendar = Calendar.from_ical(bytes(told["Sara"].calendar or b""))
    after = calendar.walk("VEVENT")[0]
    assert (calendar["method"], after["status"]) == ("CANCEL", "CANCELLED")
    assert before["uid"] == after["uid"]
    assert after["sequence"] > before["sequence"]
    assert "€ 40.00" in told["Sara"].text
    assert "€ 40,00" in told["Lara"].text
    assert "Provini rotti" in told["Lara"].text
    assert told["Lara"].calendar is None
    accepted.refresh_from_db()
    assert accepted.state == NoticeState.WITHDRAWN


@pytest.mark.parametrize(
    ("kind", "state", "words"),
    [
        ("declined", "declined", "The beam is broken"),
        ("proposed", "proposed", "Rather an hour later"),
        ("cancelled_by_owner", "cancelled", "A pump failed"),
    ],
)
def test_what_the_owner_says_is_quoted_to_who_asked(kind: str, state: str, words: str) -> None:
    place = BookingPlace()
    step = place.step(kind, by=place.lara, words=words, state=state)
    [(who, notice)] = place.tell(step).items()
    assert who == "Sara"
    assert f"> {words}" in notice.text
    assert all(told in notice.text for told in IN_ENGLISH)
    assert PURPOSE not in whole(notice)


def test_a_proposal_says_what_was_asked_and_until_when_it_is_held() -> None:
    asked = STARTS - timedelta(days=1)
    place = BookingPlace(asked_from=asked, asked_until=asked + timedelta(hours=2))
    place.step("requested", by=place.sara)
    notice = place.tell(place.step("proposed", by=place.lara, state="proposed"))["Sara"]
    assert "Wednesday 17 June 2026, from 09:00" in notice.text
    assert "Thursday 18 June 2026, from 09:00" in notice.text
    assert "by Wednesday 17 June 2026, 11:30" in notice.text


def test_agreement_reaches_both_sides() -> None:
    place = BookingPlace()
    place.step("requested", by=place.sara)
    place.step("proposed", by=place.lara, state="proposed")
    told = place.tell(place.step("agreed", by=place.sara, state="accepted"))
    assert set(told) == {"Sara", "Lara"}
    assert told["Sara"].calendar
    assert told["Lara"].calendar is None


def test_the_owner_hears_nothing_of_a_waiting_list_until_its_turn_comes() -> None:
    place = BookingPlace(state=BookingState.WAITING)
    assert place.tell(place.step("queued", by=place.sara)) == {}
    assert set(place.tell(place.step("withdrawn", by=place.sara, state="withdrawn"))) == set()
    other = BookingPlace(state=BookingState.WAITING)
    other.step("queued", by=other.sara)
    told = other.tell(other.step("moved_up", state=BookingState.REQUESTED))
    assert set(told) == {"Sara", "Lara"}
    assert "/bookings/answer/" in told["Lara"].url
    assert "/answer/" not in told["Sara"].url


@pytest.mark.parametrize(
    ("before", "words"),
    [
        ("requested", "did not answer your request"),
        ("proposed", "You did not agree in time"),
        ("queued", "did not become free"),
    ],
)
def test_a_lapse_says_who_did_not_answer(before: str, words: str) -> None:
    place = BookingPlace()
    place.step(before, by=place.sara)
    told = place.tell(place.step("lapsed", state=BookingState.LAPSED))
    assert words in told["Sara"].text
    assert ("Lara" in told) == (before != "queued")


def test_recorded_use_says_the_real_hours_and_the_price_that_follows() -> None:
    place = BookingPlace()
    UseRecord.objects.create(
        resource=place.resource,
        booking=place.booking,
        starts_at=STARTS,
        ends_at=STARTS + timedelta(minutes=75),
        user_class="external",
        is_economic=True,
        amount="50.00",
        vat="plus",
        recorded_at=NOW,
    )
    told = place.tell(place.step("used", by=place.lara, state=BookingState.USED))
    assert "from 09:00 to 10:15" in told["Sara"].text
    assert "€ 50.00, plus VAT" in told["Sara"].text
    again = place.tell(place.step("corrected", by=place.lara))
    assert again["Sara"].subject.startswith("Use corrected")


def test_times_are_those_of_the_resource_and_twice_told_hours_are_told_apart() -> None:
    place = BookingPlace()
    place.resource.timezone = "Atlantic/Azores"
    place.resource.save()
    step = place.step("accepted", by=place.lara, state="accepted")
    assert "from 07:00 to 09:00 (Atlantic/Azores)" in place.tell(step)["Sara"].text
    night = BookingPlace()
    change = STARTS.replace(month=10, day=25, hour=0)
    step = night.step(
        "accepted", state="accepted", starts_at=change, ends_at=change.replace(hour=1)
    )
    assert "from 02:00 UTC+2 to 02:00 UTC+1" in night.tell(step)["Sara"].text


@pytest.mark.parametrize(
    ("price", "words"), [("0", "free of charge"), (None, "no price is stated")]
)
def test_no_price_and_nothing_to_pay_are_told_apart(price: str | None, words: str) -> None:
    place = BookingPlace(price=price)
    assert words in place.tell(place.step("accepted", state="accepted"))["Sara"].text


def test_a_later_step_takes_back_what_has_not_left_and_silences_what_comes_late() -> None:
    place = BookingPlace()
    MailPreferenceFactory(person=place.lara, frequency=Frequency.DAILY)
    asked = place.step("requested", by=place.sara)
    assert place.tell(asked)["Lara"].state == NoticeState.HELD
    late = place.step("proposed", by=place.lara, state="proposed")
    place.tell(place.step("withdrawn", by=place.sara, state="withdrawn"))
    assert place.tell(asked)["Lara"].state == NoticeState.WITHDRAWN
    assert place.tell(late) == {}


def test_who_asked_and_is_gone_is_replaced_by_who_acts_for_the_body() -> None:
    place = BookingPlace()
    colleague = PersonFactory(name="Carlo", language="en")
    MandateFactory(
        person=colleague, profile=place.firm, valid_from=STARTS.date().replace(year=2025)
    )
    place.sara.is_active = False
    place.sara.save()
    assert set(place.tell(place.step("declined", by=place.lara, state="declined"))) == {"Carlo"}


def test_who_asked_for_a_body_and_left_it_is_told_no_more_and_a_colleague_is() -> None:
    place = BookingPlace()
    colleague = PersonFactory(name="Carlo", language="en")
    since = STARTS.date().replace(year=2025)
    MandateFactory(person=colleague, profile=place.firm, valid_from=since)
    Mandate.objects.filter(person=place.sara).delete()
    assert set(place.tell(place.step("accepted", by=place.lara, state="accepted"))) == {"Carlo"}


def test_nobody_who_may_not_read_the_purpose_gets_it_not_even_late() -> None:
    """Whoever acted for the owner when the mail was written, and does no more, gets none of it."""
    place = BookingPlace()
    notice = place.tell(place.step("requested", by=place.sara))["Lara"]
    letter = notice.mail
    assert letter is not None
    Mandate.objects.filter(person=place.lara).delete()
    assert not mail.look_again_at_bookings(actor=installation(NOW), mail=letter, now=NOW)
    assert OutgoingMail.objects.get().state == MailState.CANCELLED
    stranger = PersonFactory(name="Zoe")
    assert not Notice.objects.filter(email=stranger.email).exists()


def test_mail_of_who_still_answers_leaves() -> None:
    place = BookingPlace()
    letter = place.tell(place.step("requested", by=place.sara))["Lara"].mail
    assert letter is not None
    assert mail.look_again_at_bookings(actor=installation(NOW), mail=letter, now=NOW)


def test_what_nobody_was_told_is_caught_up_on_once() -> None:
    place = BookingPlace()
    place.step("requested", by=place.sara)
    later = NOW + timedelta(minutes=30)
    assert mail.catch_up_on_bookings(actor=installation(NOW), now=NOW) == 0
    assert mail.catch_up_on_bookings(actor=installation(later), now=later) == 1
    assert mail.catch_up_on_bookings(actor=installation(later), now=later) == 0


def test_who_wants_no_mail_about_bookings_gets_none() -> None:
    place = BookingPlace()
    MailPreferenceFactory(person=place.lara, topics_off=[Topic.BOOKINGS])
    assert place.tell(place.step("requested", by=place.sara))["Lara"].state == NoticeState.UNWANTED


def test_a_body_that_books_for_nobody_by_name_is_named_by_its_person() -> None:
    place = BookingPlace()
    alone = BookingFactory(resource=place.resource, person=place.sara, profile=None)
    place.booking = alone
    [notice] = place.tell(place.step("requested", by=place.sara)).values()
    with translation.override("it"):
        assert "Sara" in notice.subject
    assert "Officina" not in notice.text


@pytest.mark.parametrize(("level", "words"), [("near", "comes near"), ("passed", "has passed")])
def test_the_owner_is_told_once_that_a_ceiling_comes_near(level: str, words: str) -> None:
    place = BookingPlace()
    Mandate.objects.filter(person=place.lara).delete()
    UseCeiling.objects.update_or_create(valid_from=NOW.date(), defaults={"percent": 20})
    YearlyCapacity.objects.create(resource=place.resource, year=2026, hours=100)
    for _time in range(2):
        told = mail.tell_of_ceiling(
            actor=installation(NOW), resource_id=place.resource.pk, year=2026, level=level, now=NOW
        )
        assert told == 1
    [notice] = Notice.objects.all()
    assert (notice.name, notice.topic) == ("Rocco", Topic.USE)
    assert words in notice.text
    assert "Recorded: 0.00 % of the yearly capacity" in notice.text
    assert "The ceiling is 20 %." in notice.text
    assert "Electron microscope" in notice.subject
    assert notice.url == f"/en/resources/{place.resource.pk}/use/?year=2026"
