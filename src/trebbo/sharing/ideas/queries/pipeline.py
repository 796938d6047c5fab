"""Reads what an office follows: its cluster's ideas by state and readiness, how fast they move."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import Any

from django.db.models import Min, QuerySet

from trebbo.ecosystem.clusters.models import Cluster
from trebbo.ecosystem.clusters.policies import manage_cluster
from trebbo.kernel.access import Viewer
from trebbo.sharing.ideas import policies
from trebbo.sharing.ideas.choices import AnswerState, IdeaOutcome, IdeaState
from trebbo.sharing.ideas.models import Answer, Idea, ReadinessLevel
from trebbo.sharing.ideas.queries.ideas import count_answers


@dataclass(frozen=True, slots=True)
class Tally:
    """How many ideas stand somewhere."""

    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The ideas that a cluster's office checks; each row with `answer_count`.

    `days_to_answer` is the median of days from publication to the first answer, over the ideas
    that have one; None where none has.
    """

    cluster: Cluster
    rows: tuple[Any, ...]
    states: tuple[Tally, ...]
    readiness: tuple[Tally, ...]
    outcomes: tuple[Tally, ...]
    days_to_answer: float | None


def pipeline_of(slug: str, *, viewer: Viewer) -> Pipeline | None:
    """What the office of a cluster follows, for that office and its agency; else None.

    Drafts are not there: they are their writers' own.
    """
    cluster = manage_cluster.filter(viewer, Cluster.objects.all()).filter(slug=slug).first()
    if cluster is None:
        return None
    found = Idea.objects.filter(broker=cluster).select_related("body", "readiness")
    checked = policies.check_idea.filter(viewer, found)
    rows = tuple(checked.annotate(answer_count=count_answers()).order_by("state", "-since", "-pk"))
    states = Counter(row.state for row in rows)
    outcomes = Counter(row.outcome for row in rows if row.outcome)
    return Pipeline(
        cluster=cluster,
        rows=tuple(sorted(rows, key=lambda row: list(IdeaState.values).index(row.state))),
        states=tuple(
            Tally(str(state.label), states[state])
            for state in IdeaState
            if state != IdeaState.DRAFT
        ),
        readiness=_by_level(rows, ReadinessLevel.objects.filter(cluster=cluster, is_gone=False)),
        outcomes=tuple(
            Tally(str(one.label), outcomes[one]) for one in IdeaOutcome if outcomes[one]
        ),
        days_to_answer=_days_to_answer(checked),
    )


def _by_level(rows: tuple[Idea, ...], levels: QuerySet[ReadinessLevel]) -> tuple[Tally, ...]:
    counts = Counter(row.readiness_id for row in rows)
    return tuple(Tally(str(one), counts[one.pk]) for one in levels.order_by("number"))


def _days_to_answer(ideas: QuerySet[Idea]) -> float | None:
    given = Answer.objects.exclude(state=AnswerState.WITHDRAWN).filter(
        idea__in=ideas.filter(published_at__isnull=False)
    )
    first = given.values("idea", "idea__published_at").annotate(first=Min("given_at"))
    waited = [row["first"] - row["idea__published_at"] for row in first]
    days = [max(wait, timedelta(0)) / timedelta(days=1) for wait in waited]
    return median(days) if days else None
