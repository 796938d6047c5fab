"""The jobs of the index: again when another writer works, and every night."""

from datetime import timedelta

import pytest
from django.test import override_settings
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from tests.factories.organisations import OrganisationFactory
from tests.searching import another_writer
from trebbo.partnering.introductions import gateway, tasks

pytestmark = pytest.mark.django_db
QUEUED = override_settings(TASKS={"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}})


@QUEUED
def test_a_refresh_waits_for_the_other_writer() -> None:
    """It is queued again, a little later, with the same profiles."""
    body = OrganisationFactory()
    with another_writer():
        tasks.refresh_index.call(profile_ids=[body.pk])
    (job,) = DBTaskResult.objects.all()
    assert job.task_path == tasks.refresh_index.module_path
    assert job.args_kwargs["kwargs"] == {"profile_ids": [body.pk]}
    assert timedelta(0) < job.run_after - timezone.now() <= tasks.AGAIN_AFTER


@QUEUED
def test_so_does_a_refresh_of_the_evidence() -> None:
    """With the same profiles too."""
    body = OrganisationFactory()
    with another_writer():
        tasks.refresh_evidence.call(profile_ids=[body.pk])
    (job,) = DBTaskResult.objects.all()
    assert job.task_path == tasks.refresh_evidence.module_path
    assert job.args_kwargs["kwargs"] == {"profile_ids": [body.pk]}


@QUEUED
def test_a_rebuild_waits_for_the_other_writer_too() -> None:
    """And tomorrow's is arranged all the same."""
    with another_writer():
        tasks.rebuild_index.call()
    soon, night = DBTaskResult.objects.order_by("run_after")
    assert {soon.task_path, night.task_path} == {tasks.rebuild_index.module_path}
    assert soon.run_after - timezone.now() <= tasks.AGAIN_AFTER < night.run_after - timezone.now()


@QUEUED
def test_the_index_is_rebuilt_every_night() -> None:
    """One job waits for the night, however often one asks; carried out, it arranges the next."""
    assert [tasks.arrange_daily_rebuild() for _time in range(3)] == [True, False, False]
    (night,) = DBTaskResult.objects.all()
    local = timezone.localtime(night.run_after)
    assert local.date() == timezone.localdate() + timedelta(days=1)
    assert local.time() == tasks.REBUILT_AT
    OrganisationFactory()
    DBTaskResult.objects.all().delete()
    tasks.rebuild_index.call()
    assert gateway.status().documents == 1
    assert DBTaskResult.objects.count() == 1


def test_without_a_queue_nothing_is_arranged() -> None:
    """Where jobs run at once there is no later."""
    assert tasks.arrange_daily_rebuild() is False
    tasks.rebuild_index.enqueue()
    assert gateway.status().state == "ready"
