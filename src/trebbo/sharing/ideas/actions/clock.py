"""What time does to ideas: a word before they expire, and their end."""

from datetime import date, timedelta

from django.db import transaction
from django.db.models import F, Q

from trebbo.kernel.access import Viewer
from trebbo.kernel.policies import demand_installation
from trebbo.sharing.ideas.actions.ideas import end
from trebbo.sharing.ideas.actions.steps import write_step
from trebbo.sharing.ideas.choices import EXPIRES, REMINDED_DAYS_BEFORE, IdeaOutcome, StepKind
from trebbo.sharing.ideas.models import Idea


def run_idea_clock(*, actor: Viewer) -> tuple[int, int]:
    """Remind owners of ideas that expire soon, and end those whose day is over; how many of each.

    An idea is ended the day after its last. Running it twice does nothing more: a reminder is for
    one day of expiry.
    """
    demand_installation(actor)
    soon = _soon(actor)
    living = Idea.objects.filter(state__in=EXPIRES)
    not_told = Q(reminded_for__isnull=True) | ~Q(reminded_for=F("expires_date"))
    to_remind = living.filter(
        not_told, expires_date__lte=soon, expires_date__gte=actor.today
    ).values_list("pk", flat=True)
    over = living.filter(expires_date__lt=actor.today).values_list("pk", flat=True)
    reminded = sum(_remind(actor, key) for key in list(to_remind))
    ended = sum(_expire(actor, key) for key in list(over))
    return reminded, ended


def _soon(actor: Viewer) -> date:
    return actor.today + timedelta(days=REMINDED_DAYS_BEFORE)


@transaction.atomic
def _remind(actor: Viewer, idea_id: int) -> bool:
    idea = Idea.objects.select_for_update(of=("self",)).get(pk=idea_id)
    if idea.reminded_for == idea.expires_date or idea.state not in EXPIRES:
        return False
    if idea.expires_date is None or idea.expires_date > _soon(actor):
        return False  # renewed meanwhile
    Idea.objects.filter(pk=idea.pk).update(reminded_for=idea.expires_date)
    write_step(idea, StepKind.REMINDED, actor)
    return True


@transaction.atomic
def _expire(actor: Viewer, idea_id: int) -> bool:
    idea = Idea.objects.select_for_update(of=("self",)).get(pk=idea_id)
    if idea.state not in EXPIRES or idea.expires_date is None or idea.expires_date >= actor.today:
        return False
    end(idea, actor, IdeaOutcome.EXPIRED, "")
    return True
