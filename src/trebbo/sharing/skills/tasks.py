"""Jobs: suggestions follow evidence and text while nobody waits."""

from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from trebbo.ecosystem.accounts.models import Mandate
from trebbo.ecosystem.organisations.models import holding_on
from trebbo.kernel.access import installation
from trebbo.sharing.skills import actions


@task()
def suggest_competences(*, profile_id: int) -> None:
    """Bring the suggestions of a body up to date."""
    actions.suggest_competences(actor=installation(), profile_id=profile_id)


@task()
def suggest_to_all() -> None:
    """Have the suggestions of every body brought up to date for which somebody acts."""
    today = installation().today
    mandates = Mandate.objects.filter(holding_on(today)).order_by("profile")
    for profile_id in mandates.values_list("profile", flat=True).distinct():
        ask_for_suggestions(profile_id)


def ask_for_suggestions(profile_id: int) -> bool:
    """See that one job for the body waits; whether it had to be queued.

    Much news in a row makes one job. Nobody would decide on suggestions to a body for which nobody
    acts: these are made when somebody asks for them on its page.
    """
    acted_for = Mandate.objects.filter(holding_on(installation().today), profile=profile_id)
    if not acted_for.exists() or _waits(profile_id):
        return False
    suggest_competences.enqueue(profile_id=profile_id)
    return True


def _waits(profile_id: int) -> bool:
    rows = DBTaskResult.objects.filter(
        task_path=suggest_competences.module_path, status=TaskResultStatus.READY
    )
    asked = rows.values_list("args_kwargs", flat=True)
    return any(one.get("kwargs", {}) == {"profile_id": profile_id} for one in asked)
