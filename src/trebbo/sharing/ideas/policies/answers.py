"""Who may see and score answers, and who may have a file."""

from collections.abc import Callable

from django.db.models import Q

from trebbo.kernel.access import Viewer
from trebbo.kernel.policies import NOTHING, Grant, Rule
from trebbo.sharing.ideas.choices import AnswerState
from trebbo.sharing.ideas.models import Answer, AttachedFile, Idea, Reviewer
from trebbo.sharing.ideas.policies.ideas import acts_for, check_idea, edit_idea, read_idea

edit_answer: Rule[Answer] = Rule("edit_answer")
view_answer: Rule[Answer] = Rule("view_answer")
score_answer: Rule[Answer] = Rule("score_answer")
view_file: Rule[AttachedFile] = Rule("view_file")


def _gave_it(viewer: Viewer) -> Q:
    """Answers of own bodies; who wrote one and no longer acts for its body has it no more."""
    return acts_for(viewer)


def _was_given(viewer: Viewer) -> Q:
    """Answers to the ideas that the viewer works on or checks."""
    ideas = Idea.objects.filter(edit_idea.condition(viewer) | check_idea.condition(viewer))
    return ~Q(state=AnswerState.WITHDRAWN) & Q(idea__in=ideas.values("pk"))


def _scores(viewer: Viewer) -> Q:
    """Answers to the ideas that the viewer reviews without a conflict of interest.

    Who wrote an answer, or acts for a body that gave one, competes: they score none, and see no
    other.
    """
    if not viewer.signed_in:
        return NOTHING
    reviews = Reviewer.objects.filter(person=viewer.person_id, in_conflict=False)
    readable = read_idea.filter(viewer, Idea.objects.filter(pk__in=reviews.values("idea")))
    competes = Answer.objects.filter(Q(author=viewer.person_id) | _gave_it(viewer))
    readable = readable.exclude(pk__in=competes.values("idea"))
    return ~Q(state=AnswerState.WITHDRAWN) & Q(idea__in=readable.values("pk"))


def _grant(name: str, rows: Callable[[Viewer], Q]) -> Grant[Answer]:
    return Grant(
        name,
        lambda viewer, answer: Answer.objects.filter(rows(viewer), pk=answer.pk).exists(),
        rows,
    )


GAVE_IT = _grant("gave it", _gave_it)
SCORES = _grant("reviews without a conflict", _scores)
edit_answer.add(GAVE_IT)
score_answer.add(SCORES)
for one in (GAVE_IT, _grant("it was given to them", _was_given), SCORES):
    view_answer.add(one)


def _has_file(viewer: Viewer) -> Q:
    ideas = read_idea.filter(viewer, Idea.objects.all()).values("pk")
    answers = view_answer.filter(viewer, Answer.objects.all()).values("pk")
    return Q(answer__isnull=True, idea__in=ideas) | Q(answer__in=answers)


view_file.add(
    Grant(
        "may read what it is attached to",
        lambda viewer, file: AttachedFile.objects.filter(_has_file(viewer), pk=file.pk).exists(),
        _has_file,
    )
)
