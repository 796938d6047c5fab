"""Sees that a job waits for its moment, once: work that comes again arranges its own next run."""

from datetime import datetime, time, timedelta
from typing import Any

from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult


def arrange(job: Any, at: datetime) -> bool:
    """See that a run of the job waits that begins by `at`; whether it had to be queued.

    Doing it twice is harmless, so that the worker may whenever it starts. A queue that cannot put
    off work, such as that of tests, is left alone.
    """
    if not job.get_backend().supports_defer:
        return False
    waiting = DBTaskResult.objects.filter(
        task_path=job.module_path, status=TaskResultStatus.READY, run_after__lte=at
    )
    if waiting.exists():
        return False
    put_off(job, at)
    return True


def put_off(job: Any, at: datetime, **arguments: Any) -> None:
    """Queue a run for a moment, whatever waits already."""
    job.using(run_after=at).enqueue(**arguments)


def tomorrow_at(moment: time) -> datetime:
    """The moment of the next local day."""
    tomorrow = timezone.localdate() + timedelta(days=1)
    return timezone.make_aware(datetime.combine(tomorrow, moment))
