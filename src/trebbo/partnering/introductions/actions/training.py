"""Trains the ranking, from real consortia and from what people did to shortlists."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import date

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
    judged, judgements = _judged()
    try:
        learned = training.learn(day, with_scores=with_scores, recipe=recipe, tell=tell)
    except training.TooLittleToLearn as error:
        if not judged:
            raise TrainingRefused(
                _("There is too little to learn a ranking from: %(why)s") % {"why": error.message}
            ) from error
        about = {"until": day.isoformat(), "reason": error.message}
        learned = training.Learned(f"weights-{day.isoformat()}", "", about, {})
    weights = training.learned_weights(judged)
    tell("writing")
    with transaction.atomic():
        TrainedRanking.objects.filter(is_present=True).update(is_present=False)
        row = TrainedRanking.objects.create(
            schema=training.SCHEMA,
            trained_at=actor.now,
            data={**learned.about, "label": learned.label, "judgements": judgements},
            scores=learned.scores,
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


def _judged() -> tuple[list[training.Judged], int]:
    """Within each ask, those whom people chose against those whom they dropped.

    What was said last of a body for an ask holds: one that was put back is no longer dropped. Also
    how many such sayings there are.
    """
    said: dict[tuple[int, int], tuple[bool, Mapping[str, float]]] = {}
    rows = Feedback.objects.exclude(reason__in=NOT_OF_FIT).filter(profile__isnull=False)
    for row in rows.order_by("said_at", "pk"):
        values, is_better = row.features.get("values"), _is_better(row)
        if values and is_better is not None:
            said[row.ask_id, row.profile_id or 0] = is_better, values
    better: dict[int, list[Mapping[str, float]]] = defaultdict(list)
    worse: dict[int, list[Mapping[str, float]]] = defaultdict(list)
    for (ask, _body), (is_better, values) in said.items():
        (better if is_better else worse)[ask].append(values)
    pairs = [
        training.Judged(one, other)
        for ask, chosen in better.items()
        for one in chosen
        for other in worse.get(ask, ())
    ]
    return pairs, sum(len(better[ask]) + len(worse[ask]) for ask in better.keys() & worse.keys())


def _is_better(row: Feedback) -> bool | None:
    """Whether it speaks for the body; None where it says nothing of how well the body fits."""
    if row.kind in BETTER or row.kind in WORSE:
        return row.kind in BETTER
    if row.kind != FeedbackKind.MOVED or row.from_position is None or row.to_position is None:
        return None
    return row.to_position < row.from_position
