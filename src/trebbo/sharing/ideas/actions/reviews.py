"""Reviewers of answers: named, declaring their interests, scoring by the idea's criteria."""

from collections.abc import Mapping, Sequence
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from trebbo.kernel import audit
from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import NotAllowed
from trebbo.sharing.ideas import policies
from trebbo.sharing.ideas.actions.answers import held_answer
from trebbo.sharing.ideas.actions.opening import person_by
from trebbo.sharing.ideas.actions.steps import held_idea, keep
from trebbo.sharing.ideas.actions.words import IdeaRefused, line, refused
from trebbo.sharing.ideas.choices import MOST_POINTS, CriterionText, IdeaState
from trebbo.sharing.ideas.events import reviewer_named
from trebbo.sharing.ideas.models import Criterion, Idea, Reviewer, Score

LONGEST_DECLARATION, MOST_CRITERIA = 500, 12


@transaction.atomic
def name_reviewer(*, actor: Viewer, idea_id: int, email: str) -> Reviewer:
    """Ask a person with an account to score the answers; the owner may, and the broker.

    They read the idea as other readers do: after the terms. Refuses who keeps the idea, and an
    address without an account, in the words for one that is none.
    """
    idea = held_idea(actor, idea_id, policies.edit_idea, policies.check_idea)
    person = person_by(email, _("No reviewer can be named by this address."))
    if person.pk == idea.keeper_id:
        raise refused("email", _("Who keeps the idea does not review its answers."))
    reviewer, is_new = Reviewer.objects.get_or_create(
        idea=idea, person=person, defaults={"named_at": actor.now}
    )
    if is_new:
        changes = {"reviewer": (None, str(person))}
        audit.record(actor=actor, verb="name_reviewer", subject=idea, changes=changes)
        transaction.on_commit(partial(reviewer_named.send, sender=None, reviewer_id=reviewer.pk))
    return reviewer


@transaction.atomic
def remove_reviewer(*, actor: Viewer, idea_id: int, reviewer_id: int) -> bool:
    """A person no longer reviews; their scores go with them. Whether they did."""
    idea = held_idea(actor, idea_id, policies.edit_idea, policies.check_idea)
    reviewer = Reviewer.objects.select_related("person").filter(pk=reviewer_id, idea=idea).first()
    if reviewer is None:
        return False
    reviewer.delete()
    changes = {"reviewer": (str(reviewer.person), None)}
    audit.record(actor=actor, verb="remove_reviewer", subject=idea, changes=changes)
    return True


@transaction.atomic
def declare_conflict(
    *, actor: Viewer, idea_id: int, in_conflict: bool, declaration: str = ""
) -> Reviewer:
    """A reviewer says whether they have a conflict of interest, before they see any answer.

    Who has one says which; their scores, if they gave any before, no longer count and are removed.
    """
    rows = Reviewer.objects.select_for_update(of=("self",)).select_related("idea")
    reviewer = rows.filter(idea=idea_id, person=actor.person_id or 0).first()
    if reviewer is None:
        raise NotAllowed(_("You are not asked to review this idea."))
    words = line("declaration", declaration, limit=LONGEST_DECLARATION)
    if in_conflict and not words:
        raise refused("declaration", _("Say which conflict it is, in a few words."))
    old = reviewer.in_conflict
    reviewer.in_conflict, reviewer.declaration = in_conflict, words
    reviewer.declared_at = actor.now
    reviewer.save(update_fields=["in_conflict", "declaration", "declared_at"])
    if in_conflict:
        reviewer.scores.all().delete()
    changes = {"in_conflict": (old, in_conflict)}
    audit.record(actor=actor, verb="declare_conflict", subject=reviewer.idea, changes=changes)
    return reviewer


@transaction.atomic
def score_answer(*, actor: Viewer, answer_id: int, points: Mapping[int, int]) -> list[Score]:
    """Give an answer points (0 to MOST_POINTS) for each criterion of its idea; later ones hold.

    Refuses who is not a reviewer, has not declared, has a conflict, or acts for the body that
    answered; and a scorecard that is not whole.
    """
    answer = held_answer(answer_id)
    # Held, so that who declares a conflict meanwhile leaves no scores behind.
    reviewers = Reviewer.objects.select_for_update().filter(person=actor.person_id or 0)
    reviewer = reviewers.filter(idea=answer.idea_id).first() if answer else None
    if answer is None or reviewer is None or not policies.score_answer.allows(actor, answer):
        raise NotAllowed(_("You may not score this answer: declare your interests first."))
    if answer.idea.state == IdeaState.CLOSED:
        raise IdeaRefused(_("This idea is closed: it can be read, and no longer changed."))
    criteria = {one.pk: one for one in answer.idea.criteria.all()}
    if set(points) != set(criteria):
        raise IdeaRefused(_("Give points for every criterion."))
    for key, given in points.items():
        if not 0 <= given <= MOST_POINTS:
            told = _("Points go from 0 to %(most)s.") % {"most": MOST_POINTS}
            raise refused(f"points_{key}", told)
    scores = [
        Score.objects.update_or_create(
            reviewer=reviewer,
            answer=answer,
            criterion=criteria[key],
            defaults={"points": given, "at": actor.now},
        )[0]
        for key, given in points.items()
    ]
    changes = {"answering_body": (None, str(answer.body))}
    audit.record(actor=actor, verb="score_answer", subject=answer.idea, changes=changes)
    return scores


@transaction.atomic
def set_criteria(
    *, actor: Viewer, idea_id: int, version: int, criteria: Sequence[CriterionText]
) -> Idea:
    """Say what answers are scored by: a new version. Refuses weights that are not 100 together.

    Refused once somebody has scored: points for other criteria would mean something else.
    """
    idea = held_idea(actor, idea_id, policies.edit_idea, policies.check_idea, version=version)
    if Score.objects.filter(answer__idea=idea).exists():
        raise IdeaRefused(_("Answers have been scored: the criteria can no longer be changed."))
    if not 1 <= len(criteria) <= MOST_CRITERIA:
        told = _("From 1 to %(most)s criteria.") % {"most": MOST_CRITERIA}
        raise refused("criteria", told)
    rows = [
        Criterion(
            idea=idea,
            label_it=line("criteria", one.label_it, limit=200),
            label_en=line("criteria", one.label_en, limit=200),
            weight=one.weight,
            position=position,
        )
        for position, one in enumerate(criteria)
    ]
    if any(not (row.label_it or row.label_en) or row.weight < 1 for row in rows):
        raise refused("criteria", _("Each criterion has a name and a weight."))
    if sum(row.weight for row in rows) != 100:
        raise refused("criteria", _("The weights have to add up to 100."))
    idea.criteria.all().delete()
    Criterion.objects.bulk_create(rows)
    keep(idea, actor)
    audit.record(actor=actor, verb="set_criteria", subject=idea)
    return idea
