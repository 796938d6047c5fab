"""When mail is sent: at once, when the next try is due, with the morning's digests."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail as outbox
from django.test import override_settings
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from tests.factories.introductions import IntroductionFactory
from tests.factories.notifications import MailPreferenceFactory, OutgoingMailFactory, tell
from tests.factories.organisations import NOW
from tests.outlets.notifications.mail_server import MailServer
from tests.partnering.introductions.meeting_place import Place, days, tick
from trebbo.outlets.notifications import actions, receivers, tasks
from trebbo.outlets.notifications.choices import Frequency, MailState
from trebbo.outlets.notifications.models import Notice, OutgoingMail
from trebbo.partnering.introductions.models import Introduction
from trebbo.sharing.ideas import tasks as idea_tasks
from trebbo.sharing.resources import tasks as resource_tasks

pytestmark = pytest.mark.django_db
QUEUED = override_settings(TASKS={"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}})
OnCommit = Callable[..., AbstractContextManager[object]]
MORNING = timedelta(hours=9)
"""How far away the next digests are, whatever the time of the day is: a near one comes first."""


@pytest.fixture(autouse=True)
def _digests_are_far(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "next_digest_at", lambda now: now + MORNING)


def run_times() -> list[timedelta]:
    """How long from now the runs that wait begin."""
    jobs = DBTaskResult.objects.filter(task_path=tasks.send_mail.module_path)
    return sorted(job.run_after - timezone.now() for job in jobs)


@QUEUED
def test_news_is_sent_by_the_next_free_worker(
    django_capture_on_commit_callbacks: OnCommit,
) -> None:
    """One run waits, however much is written; one more looks after it, then the morning's."""
    with django_capture_on_commit_callbacks(execute=True):
        for number in range(3):
            tell("out@trebbo.example", fact=f"a:{number}")
    [soon] = run_times()
    assert soon <= timedelta(0)
    DBTaskResult.objects.all().delete()
    tasks.send_mail.call()
    assert len(outbox.outbox) == 3
    [after] = run_times()
    assert abs(after - actions.LEASE) < timedelta(seconds=10)
    DBTaskResult.objects.all().delete()
    tasks.send_mail.call()
    [wait] = run_times()
    assert abs(wait - MORNING) < timedelta(seconds=10)


@QUEUED
def test_held_news_waits_for_the_morning(django_capture_on_commit_callbacks: OnCommit) -> None:
    """A run is arranged for it; when it comes, the digest is written and sent."""
    person = MailPreferenceFactory(frequency=Frequency.DAILY).person
    with django_capture_on_commit_callbacks(execute=True):
        tell(person)
    [wait] = run_times()
    assert abs(wait - MORNING) < timedelta(seconds=10)
    tell(person, fact="b:1", now=timezone.now() - timedelta(days=2))
    tasks.send_mail.call()
    assert [message.to for message in outbox.outbox] == [[person.email]]


@QUEUED
def test_the_next_try_is_arranged(mail_server: MailServer) -> None:
    """For its own time; while a server is down, not more often than each minute."""
    later = timezone.now() + timedelta(minutes=30)
    OutgoingMailFactory(next_try_at=later)
    tasks.send_mail.call()
    assert timedelta(minutes=29) < run_times()[0] <= timedelta(minutes=30)
    DBTaskResult.objects.all().delete()
    mail_server.stop()
    OutgoingMailFactory()
    OutgoingMailFactory()
    tasks.send_mail.call()
    assert timedelta(seconds=50) < run_times()[0] <= tasks.PAUSE


@QUEUED
def test_what_a_process_leaves_is_looked_at_when_its_lease_ends() -> None:
    """The run is there before the work begins, so that no end of a process breaks the chain."""
    until = timezone.now() + timedelta(minutes=3)
    key = "5f6ff0b6-2c05-4a70-8d2d-7c4b1f7f3f51"
    OutgoingMailFactory(lease=key, leased_until=until)
    OutgoingMailFactory(lease=key, leased_until=until, state=MailState.HANDING_OVER)
    tasks.send_mail.call()
    first, second = run_times()
    assert timedelta(minutes=2) < first <= timedelta(minutes=3)
    assert timedelta(minutes=4) < second <= actions.LEASE


@QUEUED
def test_a_run_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest follows at once, after other jobs."""
    monkeypatch.setattr(tasks, "AT_ONCE", 2)
    for _number in range(3):
        OutgoingMailFactory()
    tasks.send_mail.call()
    assert OutgoingMail.objects.filter(state=MailState.SENT).count() == 2
    assert run_times()[0] <= timedelta(0)


@QUEUED
def test_arranging_twice_is_harmless() -> None:
    """One run waits; an earlier one comes beside a later one."""
    morning = timezone.now() + timedelta(hours=5)
    assert [tasks.arrange_sending(morning) for _time in range(2)] == [True, False]
    assert [tasks.arrange_sending() for _time in range(2)] == [True, False]
    assert [tasks.arrange_sending(morning) for _time in range(2)] == [False, False]


def test_without_a_queue_mail_is_sent_at_once(
    django_capture_on_commit_callbacks: OnCommit,
) -> None:
    """And nothing is arranged for later."""
    with django_capture_on_commit_callbacks(execute=True):
        tell("out@trebbo.example")
    assert len(outbox.outbox) == 1
    assert tasks.arrange_sending(timezone.now() + timedelta(hours=1)) is False


@QUEUED
@pytest.mark.parametrize(
    ("job", "arrange", "longest"),
    [
        (tasks.catch_up_on_steps, tasks.arrange_catching_up, timedelta(hours=1)),
        (tasks.remind_people, tasks.arrange_daily_reminders, timedelta(days=2)),
        (tasks.forget_old_mail, tasks.arrange_forgetting, timedelta(days=2)),
        (idea_tasks.run_idea_clock, idea_tasks.arrange_idea_clock, timedelta(days=2)),
        (
            resource_tasks.read_own_calendars,
            resource_tasks.arrange_own_calendars,
            timedelta(hours=1),
        ),
    ],
)
def test_what_comes_again_arranges_itself_once(
    job: Any, arrange: Callable[[], bool], longest: timedelta
) -> None:
    """The worker arranges it whenever it starts, and each run the next one."""
    assert [arrange() for _time in range(2)] == [True, False]
    job.call()
    [waiting] = DBTaskResult.objects.filter(task_path=job.module_path)
    assert timedelta(0) < waiting.run_after - timezone.now() <= longest


@QUEUED
def test_the_steps_of_the_clock_are_told_by_jobs(
    django_capture_on_commit_callbacks: OnCommit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In chunks, so that other jobs come in between."""
    monkeypatch.setattr(receivers, "TOLD_AT_ONCE", 2)
    place = Place()
    ones = [IntroductionFactory(ask=place.ask, state="asked", asked_at=NOW) for _n in range(3)]
    Introduction.objects.update(clock_at=NOW, contact=place.rita, contact_email=place.rita.email)
    with django_capture_on_commit_callbacks(execute=True):
        tick(days(5))
    jobs = DBTaskResult.objects.filter(task_path=tasks.tell_of_steps.module_path)
    assert sorted(len(job.args_kwargs["kwargs"]["step_ids"]) for job in jobs) == [1, 2]
    for job in jobs:
        tasks.tell_of_steps.call(**job.args_kwargs["kwargs"])
    assert Notice.objects.filter(fact__contains=":turn:").count() == len(ones)
