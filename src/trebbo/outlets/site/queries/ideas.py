"""Reads which challenges and ideas wait: for the office that checks them, for who keeps them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import (
    Count,
    DateTimeField,
    Exists,
    IntegerField,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.utils.translation import gettext_lazy as _

from trebbo.kernel.access import Viewer
from trebbo.outlets.site.queries.lists import ListKind
from trebbo.sharing.ideas.choices import (
    EXPIRES,
    TAKES_ANSWERS,
    AnswerState,
    IdeaKind,
    IdeaState,
    StepKind,
)
from trebbo.sharing.ideas.models import Answer, Idea, IdeaStep, Reviewer
from trebbo.sharing.ideas.policies import accept_terms, check_idea, edit_idea, read_idea

EXPIRES_SOON = timedelta(days=14)
DEADLINE_SOON = timedelta(days=7)
UNDECIDED = timedelta(days=14)
TO_CHECK, EXPIRING, ANSWERS, DEADLINES = (
    "ideas_to_check",
    "ideas_expiring",
    "answers_waiting",
    "deadlines",
)


def _expiring(viewer: Viewer) -> Q:
    return Q(state__in=EXPIRES, expires_date__lte=viewer.today + EXPIRES_SOON)


def _deadline(viewer: Viewer) -> Q:
    return Q(
        kind=IdeaKind.CHALLENGE,
        state__in=TAKES_ANSWERS,
        deadline_at__gt=viewer.now,
        deadline_at__lte=viewer.now + DEADLINE_SOON,
    )


KINDS = (
    ListKind(
        TO_CHECK,
        _("Challenges and ideas to check"),
        _("Publish it, or give it back"),
        lambda viewer: Q(state=IdeaState.CHECKING),
        ("since", "pk"),
    ),
    ListKind(
        ANSWERS,
        _("Answers that wait for a decision"),
        _("Ask for the decision"),
        lambda viewer: ~Q(state=IdeaState.CLOSED) & Q(waiting_since__lte=viewer.now - UNDECIDED),
        ("waiting_since", "pk"),
    ),
    ListKind(
        DEADLINES,
        _("Challenges with a near deadline"),
        _("Say who could answer"),
        _deadline,
        ("deadline_at", "pk"),
    ),
    ListKind(
        EXPIRING,
        _("Challenges and ideas about to expire"),
        _("Ask whether to renew it"),
        _expiring,
        ("expires_date", "pk"),
    ),
)
BY_NAME = {kind.name: kind for kind in KINDS}


@dataclass(frozen=True, slots=True)
class OpenPoints:
    """What waits for a person at one of their ideas."""

    idea: Idea
    is_returned: bool
    answers_waiting: int
    ends_on: datetime | None
    expires_soon: bool


def ideas_waiting(name: str, *, viewer: Viewer) -> QuerySet[Any]:
    """The ideas of one list that the viewer's office checks, the most urgent first."""
    kind = BY_NAME[name]
    rows = ideas_checked(viewer=viewer).filter(kind.condition(viewer))
    return rows.order_by(*kind.order)


def ideas_checked(*, viewer: Viewer) -> QuerySet[Any]:
    """All ideas that the viewer's office checks, each with its answers that nobody decided on."""
    rows = Idea.objects.select_related("body", "keeper")
    return check_idea.filter(viewer, _with_answers(rows))


def my_open_points(*, viewer: Viewer) -> list[OpenPoints]:
    """What waits for the viewer at the ideas on which they work, the latest first."""
    returned = IdeaStep.objects.filter(idea=OuterRef("pk"), kind=StepKind.RETURNED)
    waits = (
        Q(state=IdeaState.DRAFT, is_returned=True)
        | (~Q(state=IdeaState.CLOSED) & Q(answers_waiting__gt=0))
        | _deadline(viewer)
        | _expiring(viewer)
    )
    rows = _with_answers(Idea.objects.annotate(is_returned=Exists(returned))).filter(waits)
    ideas = edit_idea.filter(viewer, rows).order_by("-changed_at", "-pk")
    return [_points(idea, viewer) for idea in ideas]


def my_reviews(*, viewer: Viewer) -> QuerySet[Reviewer]:
    """Where the viewer is asked to review, and has not said whether they have a conflict."""
    ideas = Idea.objects.all()
    seen = Q(idea__in=read_idea.filter(viewer, ideas).values("pk")) | Q(
        idea__in=accept_terms.filter(viewer, ideas).values("pk")
    )
    rows = Reviewer.objects.filter(seen, person=viewer.person_id or 0, declared_at=None)
    return rows.select_related("idea").order_by("-named_at", "-pk")


def _points(idea: Any, viewer: Viewer) -> OpenPoints:
    ends_soon = (
        idea.deadline_at is not None
        and idea.kind == IdeaKind.CHALLENGE
        and idea.state in TAKES_ANSWERS
        and viewer.now < idea.deadline_at <= viewer.now + DEADLINE_SOON
    )
    return OpenPoints(
        idea=idea,
        is_returned=idea.state == IdeaState.DRAFT and idea.is_returned,
        answers_waiting=idea.answers_waiting or 0,
        ends_on=idea.deadline_at if ends_soon else None,
        expires_soon=(
            idea.state in EXPIRES
            and idea.expires_date is not None
            and idea.expires_date <= viewer.today + EXPIRES_SOON
        ),
    )


def _with_answers(rows: QuerySet[Idea]) -> QuerySet[Any]:
    """The ideas with how many answers wait for a decision, and since when."""
    given = Answer.objects.filter(idea=OuterRef("pk"), state=AnswerState.GIVEN).order_by()
    grouped = given.values("idea")
    return rows.annotate(
        answers_waiting=Subquery(
            grouped.annotate(number=Count("pk")).values("number"), output_field=IntegerField()
        ),
        waiting_since=Subquery(
            grouped.annotate(first=Min("given_at")).values("first"), output_field=DateTimeField()
        ),
    )
