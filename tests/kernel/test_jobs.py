"""A job that comes again waits for its moment, once."""

from datetime import time, timedelta

import pytest
from django.test import override_settings
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from trebbo.kernel.jobs import arrange, put_off, tomorrow_at
from trebbo.partnering.introductions.tasks import run_clock

pytestmark = pytest.mark.django_db
QUEUED = override_settings(TASKS={"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}})


@QUEUED
def test_one_run_waits_however_often_it_is_arranged() -> None:
    later = timezone.now() + timedelta(hours=1)
    assert [arrange(run_clock, later) for _time in range(3)] == [True, False, False]
    assert DBTaskResult.objects.count() == 1


@QUEUED
def test_a_run_that_waits_for_a_later_moment_does_not_do_for_an_earlier_one() -> None:
    now = timezone.now()
    put_off(run_clock, now + timedelta(days=1))
    assert arrange(run_clock, now + timedelta(hours=1))
    assert not arrange(run_clock, now + timedelta(days=2))


def test_a_queue_that_cannot_put_off_work_is_left_alone() -> None:
    assert not arrange(run_clock, timezone.now())


def test_tomorrow_is_the_next_local_day() -> None:
    moment = timezone.localtime(tomorrow_at(time(6, 30)))
    assert moment.date() == timezone.localdate() + timedelta(days=1)
    assert (moment.hour, moment.minute) == (6, 30)
