"""Reads answers with their scores, for those to whom they were given, who gave them, who review."""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import QuerySet

from trebbo.kernel.access import Viewer
from trebbo.sharing.ideas import policies
from trebbo.sharing.ideas.choices import MOST_POINTS
from trebbo.sharing.ideas.models import (
    Answer,
    AttachedFile,
    Criterion,
    Idea,
    Reviewer,
    Score,
)


@dataclass(frozen=True, slots=True)
class Scored:
    """An answer with its points out of 100 (None: nobody scored it) and how many scored it."""

    answer: Answer
    points: float | None
    reviewers: int


@dataclass(frozen=True, slots=True)
class Card:
    """What reviewers gave an answer for one criterion: the mean, and the viewer's own points."""

    criterion: Criterion
    mean: float | None
    own: int | None


@dataclass(frozen=True)
class AnswerPage:
    """An answer with what the viewer may do with it.

    Points are for those who decide (`may_decide`, or the broker); reviewers see their own only.
    """

    answer: Answer
    idea: Idea
    may_edit: bool
    may_decide: bool
    may_score: bool
    sees_scores: bool
    shows_text: bool
    sees_idea: bool
    scored: Scored
    cards: tuple[Card, ...]
    files: tuple[AttachedFile, ...]


def points_of(scores: list[tuple[int, int]]) -> float | None:
    """The points out of 100 of one scorecard: pairs of points (0 to MOST_POINTS) and weight."""
    weights = sum(weight for _points, weight in scores)
    if not weights:
        return None
    return 100 * sum(points * weight for points, weight in scores) / (MOST_POINTS * weights)


def answers_to(idea: Idea, *, viewer: Viewer) -> tuple[Scored, ...]:
    """The answers that the viewer may read, those with the most points first.

    Points are the mean over reviewers of their scorecards. Who does not decide sees none but by
    their own hand.
    """
    rows = Answer.objects.filter(idea=idea).select_related("body", "role", "author")
    answers = list(policies.view_answer.filter(viewer, rows).order_by("given_at", "pk"))
    scores = Score.objects.filter(answer__in=answers)
    if not _decides(idea, viewer):
        scores = scores.filter(reviewer__person=viewer.person_id or 0)
    scored = [_scored(answer, cards) for answer, cards in _by_answer(answers, scores)]
    return tuple(sorted(scored, key=lambda one: -(one.points if one.points is not None else -1)))


def answer_page(answer_id: int, *, viewer: Viewer) -> AnswerPage | None:
    """An answer with all that its page shows to this viewer; None where they may not read it."""
    rows = Answer.objects.select_related("idea__body", "idea__broker", "body", "role", "author")
    answer = policies.view_answer.filter(viewer, rows).filter(pk=answer_id).first()
    if answer is None:
        return None
    idea = answer.idea
    decides, checks = policies.edit_idea.allows(viewer, idea), False
    if not decides:
        checks = policies.check_idea.allows(viewer, idea)
    given = list(answer.scores.select_related("criterion", "reviewer"))
    own = [one for one in given if one.reviewer.person_id == viewer.person_id]
    mine = {one.criterion_id: one.points for one in own}
    by_reviewer: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for one in given:
        by_reviewer[one.reviewer_id].append((one.points, one.criterion.weight))
    sees = decides or checks
    return AnswerPage(
        answer=answer,
        idea=idea,
        may_edit=policies.edit_answer.allows(viewer, answer),
        may_decide=decides,
        may_score=policies.score_answer.allows(viewer, answer),
        sees_scores=sees,
        shows_text=sees or policies.read_idea.allows(viewer, idea),
        sees_idea=sees or policies.see_idea.allows(viewer, idea),
        scored=_scored(answer, by_reviewer),
        cards=tuple(
            Card(
                criterion,
                _mean([one.points for one in given if one.criterion_id == criterion.pk])
                if sees
                else None,
                mine.get(criterion.pk),
            )
            for criterion in idea.criteria.all()
        ),
        files=tuple(answer.files.defer("content")),
    )


def reviewers_of(idea: Idea, *, viewer: Viewer) -> QuerySet[Reviewer]:
    """Who is asked to review the answers, in the order in which they were named."""
    return idea.reviewers.select_related("person").order_by("named_at", "pk")


def _decides(idea: Idea, viewer: Viewer) -> bool:
    return policies.edit_idea.allows(viewer, idea) or policies.check_idea.allows(viewer, idea)


def _by_answer(
    answers: list[Answer], scores: QuerySet[Score]
) -> list[tuple[Answer, dict[int, list[tuple[int, int]]]]]:
    cards: dict[int, dict[int, list[tuple[int, int]]]] = defaultdict(lambda: defaultdict(list))
    for answer_id, reviewer_id, points, weight in scores.values_list(
        "answer", "reviewer", "points", "criterion__weight"
    ):
        cards[answer_id][reviewer_id].append((points, weight))
    return [(answer, cards[answer.pk]) for answer in answers]


def _scored(answer: Answer, by_reviewer: dict[int, list[tuple[int, int]]]) -> Scored:
    totals = [points for card in by_reviewer.values() if (points := points_of(card)) is not None]
    return Scored(answer, _mean(totals), len(totals))


def _mean(values: list[float] | list[int]) -> float | None:
    return sum(values) / len(values) if values else None
