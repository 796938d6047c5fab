"""Profiles that nobody has confirmed: who is reminded, when, and the press that confirms."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client, override_settings
from django.utils import timezone

from tests.factories.accounts import MandateFactory, PersonFactory
from tests.factories.notifications import MailPreferenceFactory
from tests.factories.organisations import OrganisationFactory
from trebbo.ecosystem.accounts.models import Mandate, Person
from trebbo.ecosystem.accounts.queries import viewer_for
from trebbo.ecosystem.organisations.actions import confirm_profile
from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel import audit
from trebbo.kernel.access import installation
from trebbo.outlets.notifications import actions
from trebbo.outlets.notifications.choices import MailState, NoticeState, Topic
from trebbo.outlets.notifications.models import Notice, OutgoingMail
from trebbo.outlets.notifications.tasks import arrange_daily_reminders

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 17, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)
OnCommit = Callable[..., AbstractContextManager[object]]
GRACE = override_settings(CONFIRMATION_GRACE_DAYS=90)


def unconfirmed(days: int) -> Mandate:
    """Somebody acts for an organisation whose confirmation ended so many days ago."""
    body = OrganisationFactory(
        name="Tecno", confirmed_at=NOW - 400 * DAY, due_date=(NOW - days * DAY).date()
    )
    mandate: Mandate = MandateFactory(profile=body, valid_from=(NOW - 500 * DAY).date())
    return mandate


def remind(now: datetime = NOW) -> int:
    """Write the reminders of a day."""
    return actions.remind_of_profiles(actor=installation(now), now=now)


def link_of(person: Person) -> str:
    """The path of the link in the only mail to a person."""
    mail = OutgoingMail.objects.get(to_email=person.email)
    found = re.search(r"http://localhost:8000(/\S+/mail/confirm/\S+)", mail.text)
    assert found is not None
    return found[1]


@GRACE
@pytest.mark.parametrize(
    ("days", "subject"),
    [
        (0, None),
        (1, "Is the page of Tecno still true?"),
        (7, "Is the page of Tecno still true?"),
        (8, None),
        (90, None),
        (91, "Tecno counts as out of date"),
        (98, None),
    ],
)
def test_people_are_reminded_when_a_confirmation_ends_and_when_it_is_stale(
    days: int, subject: str | None
) -> None:
    person = unconfirmed(days).person
    Person.objects.filter(pk=person.pk).update(language="en")
    remind()
    remind()
    assert [notice.subject for notice in Notice.objects.all()] == ([subject] if subject else [])


@GRACE
def test_each_of_the_two_is_told_once() -> None:
    person = unconfirmed(1).person
    for day in range(100):
        remind(NOW + day * DAY)
    told = Notice.objects.filter(person=person).order_by("pk")
    assert [notice.fact.rpartition(":")[2] for notice in told] == ["due", "stale"]
    assert {notice.topic for notice in told} == {Topic.PROFILES}


@GRACE
def test_nobody_is_reminded_who_no_longer_acts_for_it_or_has_no_account() -> None:
    gone = unconfirmed(1)
    Mandate.objects.filter(pk=gone.pk).update(valid_until=(NOW - DAY).date())
    closed = unconfirmed(1).person
    Person.objects.filter(pk=closed.pk).update(is_active=False)
    assert remind() == 0
    assert not Notice.objects.exists()


@GRACE
def test_one_press_confirms_without_an_account_and_a_scanner_does_not(
    client: Client, django_capture_on_commit_callbacks: OnCommit
) -> None:
    """Opening the link, as often as one likes, changes nothing; pressing again does no harm."""
    mandate = unconfirmed(1)
    remind()
    path = link_of(mandate.person)
    for _time in range(3):
        page = client.get(path)
        assert "Tutto è ancora vero" in page.content.decode()
    before = Profile.objects.get(pk=mandate.profile_id)
    assert before.due_date == (NOW - DAY).date()
    with django_capture_on_commit_callbacks(execute=True):
        for _time in range(2):
            assert "risulta confermata fino al" in client.post(path).content.decode()
    profile = Profile.objects.get(pk=mandate.profile_id)
    assert profile.due_date
    assert profile.due_date > before.due_date
    lines = audit.history_of(profile).filter(verb="confirm_profile")
    assert [line.actor_id for line in lines] == [mandate.person_id]
    assert OutgoingMail.objects.get().state == MailState.CANCELLED


@GRACE
def test_the_link_gives_no_more_than_the_person_may(client: Client) -> None:
    """Who left is refused; so are a link altered and one of another purpose."""
    mandate = unconfirmed(1)
    remind()
    path = link_of(mandate.person)
    Mandate.objects.filter(pk=mandate.pk).update(valid_until=(NOW - DAY).date())
    assert client.post(path).status_code == 403
    assert client.post(path[:-3] + "xx/").status_code == 400
    stop = OutgoingMail.objects.get().headers["List-Unsubscribe"].strip("<>")
    other = stop.rstrip("/").rpartition("/")[2]
    assert client.post(f"/it/mail/confirm/{other}/").status_code == 400
    assert Profile.objects.get(pk=mandate.profile_id).due_date == (NOW - DAY).date()


@GRACE
def test_who_confirms_on_the_page_is_not_reminded_by_the_digest(
    django_capture_on_commit_callbacks: OnCommit,
) -> None:
    mandate = unconfirmed(1)
    MailPreferenceFactory(person=mandate.person)
    remind()
    assert Notice.objects.get().state == NoticeState.HELD
    person = viewer_for(mandate.person, now=timezone.now(), language="it")
    with django_capture_on_commit_callbacks(execute=True):
        confirm_profile(actor=person, profile_id=mandate.profile_id)
    assert Notice.objects.get().state == NoticeState.WITHDRAWN


@override_settings(TASKS={"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}})
def test_one_run_waits_for_the_next_morning() -> None:
    assert [arrange_daily_reminders() for _time in range(3)] == [True, False, False]


def test_people_without_a_body_get_none() -> None:
    PersonFactory()
    assert remind() == 0
