"""Trains the ranking, from real consortia and from what people did to shortlists."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from trebbo.kernel import audit
from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import NotAllowed, Refusal
from trebbo.partnering.introductions import policies
from trebbo.partnering.introductions.choices import DropReason, FeedbackKind
from trebbo.partnering.introductions.gateway import training
from trebbo.partnering.introductions.models import Feedback, TrainedRanking

BETTER = (FeedbackKind.KEPT, FeedbackKind.ADDED, FeedbackKind.LIKED)
WORSE = (FeedbackKind.DROPPED, FeedbackKind.NOT_THIS)
NOT_OF_FIT = (DropReason.NO_CAPACITY, DropReason.CONFLICT)
"""Reasons for dropping a body that say nothing of how well it fits."""


class TrainingRefused(Refusal):
    """There is too little to learn from."""


def train_ranking(
    *,
    actor: Viewer,
    day: date | None = None,
    with_scores: bool = True,
    recipe: training.Recipe | None = None,
    tell: Callable[[str], None] = lambda _words: None,
) -> TrainedRanking:
    """Learn a ranking from what was done before `day` (today) and put it in use.

    Everything is computed before anything is written: one that stops half-way leaves the old one.
    Where there are too few consortia but people judged shortlists, only the weights are learned.
    Refuses anybody but the installation and the agency, and where there is nothing to learn.
    """
    _demand(actor)
    day = day or actor.today
    judged = list(_judgements())
    try:
        learned = training.learn(day, recipe=recipe, tell=tell)
    except training.TooLittleToLearn as error:
        if not judged:
            raise TrainingRefused(
                _("There is too little to learn a ranking from: %(why)s") % {"why": error.message}
            ) from error
        learned = training.Learned(f"weights-{day.isoformat()}", "", {"reason": error.message})
    scores = _scores(day, recipe, tell) if with_scores and learned.text else {}
    weights = training.learned_weights(judged)
    tell("writing")
    with transaction.atomic():
        TrainedRanking.objects.filter(is_present=True).update(is_present=False)
        row = TrainedRanking.objects.create(
            schema=training.SCHEMA,
            trained_at=actor.now,
            data={**learned.about, "label": learned.label, "judgements": len(judged)},
            scores=scores,
            booster=learned.text,
            weights=weights,
            is_present=True,
        )
        audit.record(actor=actor, verb="train_ranking", subject=row)
    return row


def forget_ranking(*, actor: Viewer) -> bool:
    """Go back to the transparent ranking; whether there was another. Refuses as training."""
    _demand(actor)
    with transaction.atomic():
        row = TrainedRanking.objects.select_for_update().filter(is_present=True).first()
        if row is None:
            return False
        row.is_present = False
        row.save(update_fields=["is_present"])
        audit.record(actor=actor, verb="forget_ranking", subject=row)
    return True


def _demand(actor: Viewer) -> None:
    if not policies.keep_index(actor):
        raise NotAllowed(_("Only the coordinating agency may train the ranking."))


def _scores(
    day: date, recipe: training.Recipe | None, tell: Callable[[str], None]
) -> dict[str, Any]:
    """How good a ranking learned half a year earlier is at what came after."""
    try:
        return training.evaluate(training.held_out(day), today=day, recipe=recipe, tell=tell)
    except training.TooLittleToLearn as error:
        return {"reason": error.message}


def _judgements() -> Iterable[training.Judged]:
    """Within each ask, those whom people chose against those whom they dropped."""
    better: dict[int, list[Mapping[str, float]]] = defaultdict(list)
    worse: dict[int, list[Mapping[str, float]]] = defaultdict(list)
    rows = Feedback.objects.exclude(reason__in=NOT_OF_FIT).order_by("pk")
    for row in rows:
        values = row.features.get("values")
        if not values:
            continue
        moved_up = (
            row.kind == FeedbackKind.MOVED
            and row.from_position is not None
            and row.to_position is not None
            and row.to_position < row.from_position
        )
        if row.kind in BETTER or moved_up:
            better[row.ask_id].append(values)
        elif row.kind in WORSE or row.kind == FeedbackKind.MOVED:
            worse[row.ask_id].append(values)
    for ask, chosen in better.items():
        for one in chosen:
            for other in worse.get(ask, ()):
                yield training.Judged(one, other)
