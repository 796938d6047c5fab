"""What there is to tell about ideas: each piece of news with its name, while it still holds."""

import re
from dataclasses import dataclass
from enum import Enum

from trebbo.sharing.ideas.choices import EXPIRES, AnswerState, IdeaState, StepKind
from trebbo.sharing.ideas.models import Answer, Comment, Idea, IdeaStep, Reviewer

FACT = re.compile(r"idea:\d+:(step|waits|answer|comment|review):(\d+)(?::\w+:\d+)?")
STATES = (StepKind.RETURNED, *(StepKind(state.value) for state in IdeaState))
"""Steps after which an idea is in another state."""
SILENT_STEPS = (StepKind.DRAFT, StepKind.ANSWERED, StepKind.READINESS, StepKind.ENDORSED)
"""Steps that nobody is told of: of a first answer its owner hears by the answer itself."""


class About(Enum):
    """On which row a piece of news stands."""

    STEP = "step"
    WAITS = "waits"
    ANSWER = "answer"
    COMMENT = "comment"
    REVIEW = "review"


class Happening(Enum):
    """What happened, as it is told."""

    SUBMITTED = "submitted"
    WAITS = "waits"
    RETURNED = "returned"
    PUBLISHED = "published"
    RENEWED = "renewed"
    ADVANCED = "advanced"
    OFFICIAL = "official"
    REMINDED = "reminded"
    CLOSED = "closed"
    ANSWERED = "answered"
    ANSWER_CHANGED = "answer_changed"
    ANSWER_WITHDRAWN = "answer_withdrawn"
    DECIDED = "decided"
    COMMENTED = "commented"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class IdeaNews:
    """One piece of news: its name for ever, what happened, to which idea, and by whom."""

    fact: str
    happening: Happening
    idea: Idea
    by_id: int | None = None
    step: IdeaStep | None = None
    answer: Answer | None = None
    comment: Comment | None = None
    reviewer: Reviewer | None = None


def news_about(about: About, key: int) -> IdeaNews | None:
    """The news that stands on a row; None where it is none, or no longer true."""
    return READ[about](key)


def news_of(fact: str) -> IdeaNews | None:
    """The news by its name; None where another has taken its place, as a changed answer does."""
    named = FACT.fullmatch(fact)
    news = news_about(About(named[1]), int(named[2])) if named else None
    return news if news is not None and news.fact == fact else None


def step_fact(idea_id: int, step_id: int) -> str:
    """What the news of a step is called."""
    return f"idea:{idea_id}:step:{step_id}"


def waiting_fact(idea_id: int, step_id: int) -> str:
    """What the news is called that an idea still waits to be checked since a step."""
    return f"idea:{idea_id}:waits:{step_id}"


def answer_fact(idea_id: int, answer_id: int, state: str, version: int) -> str:
    """What the news is called that an answer is in a state, in one of its versions."""
    return f"idea:{idea_id}:answer:{answer_id}:{state}:{version}"


def comment_fact(idea_id: int, comment_id: int) -> str:
    """What the news of a comment is called."""
    return f"idea:{idea_id}:comment:{comment_id}"


def review_fact(idea_id: int, reviewer_id: int) -> str:
    """What the news is called that somebody is asked to review."""
    return f"idea:{idea_id}:review:{reviewer_id}"


def _of_step(key: int) -> IdeaNews | None:
    step = _step(key)
    happening = _happening(step) if step else None
    if step is None or happening is None or not _holds(step, happening):
        return None
    fact = step_fact(step.idea_id, step.pk)
    return IdeaNews(fact, happening, step.idea, by_id=step.person_id, step=step)


def _of_waiting(key: int) -> IdeaNews | None:
    step = _step(key)
    if step is None or not _holds(step, Happening.SUBMITTED):
        return None
    return IdeaNews(waiting_fact(step.idea_id, step.pk), Happening.WAITS, step.idea, step=step)


def _of_answer(key: int) -> IdeaNews | None:
    rows = Answer.objects.select_related("idea__broker", "idea__body", "body", "author")
    answer = rows.filter(pk=key).first()
    if answer is None:
        return None
    if answer.state == AnswerState.GIVEN:
        is_new = answer.changed_at == answer.given_at
        happening = Happening.ANSWERED if is_new else Happening.ANSWER_CHANGED
    elif answer.state == AnswerState.WITHDRAWN:
        happening = Happening.ANSWER_WITHDRAWN
    else:
        happening = Happening.DECIDED
    # Who decided is in the trail alone; what an answer's author did is their own news.
    by_id = None if happening == Happening.DECIDED else answer.author_id
    fact = answer_fact(answer.idea_id, answer.pk, answer.state, answer.version)
    return IdeaNews(fact, happening, answer.idea, by_id=by_id, answer=answer)


def _of_comment(key: int) -> IdeaNews | None:
    rows = Comment.objects.select_related("idea__broker", "idea__body", "author")
    comment = rows.filter(pk=key, hidden_at=None).first()
    if comment is None:
        return None
    fact = comment_fact(comment.idea_id, comment.pk)
    return IdeaNews(
        fact, Happening.COMMENTED, comment.idea, by_id=comment.author_id, comment=comment
    )


def _of_review(key: int) -> IdeaNews | None:
    rows = Reviewer.objects.select_related("idea__broker", "idea__body", "person")
    reviewer = rows.filter(pk=key, declared_at=None).first()
    if reviewer is None:
        return None
    fact = review_fact(reviewer.idea_id, reviewer.pk)
    return IdeaNews(fact, Happening.REVIEW, reviewer.idea, reviewer=reviewer)


def _step(key: int) -> IdeaStep | None:
    rows = IdeaStep.objects.select_related("idea__broker", "idea__body", "idea__keeper")
    return rows.filter(pk=key).first()


def _happening(step: IdeaStep) -> Happening | None:
    """What a step is told as; an idea becomes open in three ways."""
    kind = StepKind(step.kind)
    if kind in SILENT_STEPS:
        return None
    if kind != StepKind.OPEN:
        return TOLD_AS.get(kind, Happening.ADVANCED)
    earlier = IdeaStep.objects.filter(idea=step.idea_id, kind__in=STATES, pk__lt=step.pk)
    before = earlier.order_by("-pk").values_list("kind", flat=True).first()
    if before == StepKind.ANSWERED:
        return None
    return Happening.RENEWED if before == StepKind.CLOSED else Happening.PUBLISHED


def _holds(step: IdeaStep, happening: Happening) -> bool:
    """Whether the step can still be told: what it asks for, or says of the idea, is true now."""
    idea, kind = step.idea, StepKind(step.kind)
    if happening in HOLDS_IN and idea.state not in HOLDS_IN[happening]:
        return False
    if happening == Happening.REMINDED:
        return idea.reminded_for == idea.expires_date
    return happening not in ONLY_THE_LAST or not _is_followed(step, kind)


def _is_followed(step: IdeaStep, kind: StepKind) -> bool:
    return IdeaStep.objects.filter(idea=step.idea_id, kind=kind, pk__gt=step.pk).exists()


TOLD_AS = {
    StepKind.CHECKING: Happening.SUBMITTED,
    StepKind.RETURNED: Happening.RETURNED,
    StepKind.RENEWED: Happening.RENEWED,
    StepKind.OFFICIAL: Happening.OFFICIAL,
    StepKind.REMINDED: Happening.REMINDED,
    StepKind.CLOSED: Happening.CLOSED,
}
HOLDS_IN: dict[Happening, tuple[IdeaState, ...]] = {
    Happening.SUBMITTED: (IdeaState.CHECKING,),
    Happening.RETURNED: (IdeaState.DRAFT,),
    Happening.REMINDED: EXPIRES,
    Happening.RENEWED: EXPIRES,
    Happening.CLOSED: (IdeaState.CLOSED,),
}
"""States in which news can still be told; other news can in all."""
ONLY_THE_LAST = (Happening.SUBMITTED, Happening.RETURNED, Happening.OFFICIAL, Happening.CLOSED)
"""What is told of the last such step alone."""
READ = {
    About.STEP: _of_step,
    About.WAITS: _of_waiting,
    About.ANSWER: _of_answer,
    About.COMMENT: _of_comment,
    About.REVIEW: _of_review,
}
