"""Jobs: imports are carried out, profiles linked, clusters summed up while nobody waits."""

from contextlib import suppress
from datetime import datetime, time, timedelta

from django.utils import timezone, translation
from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from trebbo.ecosystem.clusters.models import Cluster
from trebbo.ecosystem.evidence import actions
from trebbo.ecosystem.evidence.gateway.warehouse import FileProblem
from trebbo.ecosystem.evidence.models import Import
from trebbo.kernel.access import installation
from trebbo.kernel.errors import Refusal

AGAIN_AFTER = timedelta(minutes=2)
"""While an import holds the warehouse, whoever else needs it tries again later."""
SUMMED_UP_AT = time(0, 30)
"""Local time of the nightly count: memberships begin and end by themselves, and years pass."""


@task()
def carry_out_import(import_id: int) -> None:
    """Carry the import out; what cannot be done stands on its page, in its row."""
    asked = Import.objects.select_related("asked_by").filter(pk=import_id).first()
    language = asked.asked_by.language if asked and asked.asked_by else "it"
    with translation.override(language), suppress(Refusal):
        actions.carry_out_import(actor=installation(), import_id=import_id)


@task()
def link_profiles(*, profile_ids: list[int]) -> None:
    """Say anew which bodies these profiles are, after what identifies them changed."""
    try:
        actions.link_profiles(actor=installation(), profile_ids=profile_ids)
    except FileProblem:
        if not link_profiles.get_backend().supports_defer:
            raise
        later = link_profiles.using(run_after=timezone.now() + AGAIN_AFTER)
        later.enqueue(profile_ids=profile_ids)


@task()
def refresh_cluster_summary(*, cluster_id: int) -> None:
    """Count anew what the members of one cluster did."""
    actions.refresh_summary(actor=installation(), cluster_id=cluster_id)


@task()
def refresh_cluster_summaries() -> None:
    """Have every cluster counted anew, and arrange the same for the next night."""
    for cluster_id in Cluster.objects.order_by("pk").values_list("pk", flat=True):
        ask_for_summary(cluster_id)
    tomorrow = timezone.localtime().date() + timedelta(days=1)
    night = timezone.make_aware(datetime.combine(tomorrow, SUMMED_UP_AT))
    backend = refresh_cluster_summaries.get_backend()
    if backend.supports_defer and not _waits(refresh_cluster_summaries.module_path):
        refresh_cluster_summaries.using(run_after=night).enqueue()


def ask_for_summary(cluster_id: int) -> bool:
    """See that one count of the cluster waits; whether it had to be queued.

    Much news in a row, such as a member that goes through its projects, makes one job.
    """
    if _waits(refresh_cluster_summary.module_path, cluster_id=cluster_id):
        return False
    refresh_cluster_summary.enqueue(cluster_id=cluster_id)
    return True


def _waits(path: str, **arguments: int) -> bool:
    """Whether such a job is in the queue and has not begun."""
    rows = DBTaskResult.objects.filter(task_path=path, status=TaskResultStatus.READY)
    asked = rows.values_list("args_kwargs", flat=True)
    return any(one.get("kwargs", {}) == arguments for one in asked)
