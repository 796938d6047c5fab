"""Answers to ideas: given, changed, withdrawn, decided; and the official answer to a challenge."""

from functools import partial

from django.db import transaction
from django.dispatch import Signal
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel import audit
from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import NotAllowed
from trebbo.sharing.ideas import policies
from trebbo.sharing.ideas.actions.steps import held_idea, keep, move, write_step
from trebbo.sharing.ideas.actions.words import IdeaChanged, IdeaRefused, line, long_text, refused
from trebbo.sharing.ideas.choices import TAKES_ANSWERS, AnswerState, IdeaState, StepKind
from trebbo.sharing.ideas.events import answer_decided, answer_given, answer_withdrawn
from trebbo.sharing.ideas.models import Answer, Idea, PartnerSought, Score

LONGEST_REPLY = 1_000


class TooLate(IdeaRefused):
    """The idea takes no answers any more; the words stay with who wrote them."""

    status = 409


class TermsFirst(NotAllowed):
    """The idea asks for terms that the person has not accepted, or no longer has as they are."""

    status = 409


@transaction.atomic
def give_answer(
    *, actor: Viewer, idea_id: int, body_id: int, text: str, role_id: int | None = None
) -> Answer:
    """Answer an idea for a body for which the actor acts, perhaps for one of the roles sought.

    A body answers once; where it took an answer back, it answers anew, with no decision and no
    scores. Raises TooLate where the idea takes no answers or its deadline is over, whatever the
    time zone, and TermsFirst where its terms are to be accepted before; refuses the body whose
    idea it is, one that answered already, and who has scored other answers, until they declare
    that conflict.
    """
    idea = _idea_to_answer(actor, idea_id)
    body = Profile.objects.filter(policies.acts_for(actor, "pk"), pk=body_id).first()
    if body is None:
        raise refused("body", _("Choose a body for which you act."))
    if body.pk == idea.body_id:
        raise refused("body", _("This idea is its own: it cannot answer it."))
    if Score.objects.filter(reviewer__idea=idea, reviewer__person=actor.person_id or 0).exists():
        raise IdeaRefused(
            _(
                "You have scored answers to this idea. If you want to answer it, declare a "
                "conflict of interest first: your scores are removed, and who keeps the idea knows."
            )
        )
    words = long_text("text", text)
    if not words:
        raise refused("text", _("Write the answer."))
    present = Answer.objects.filter(idea=idea, body=body).first()
    if present is not None and present.state != AnswerState.WITHDRAWN:
        raise refused("body", _("This body has answered already: change its answer instead."))
    answer = present or Answer(idea=idea, body=body)
    answer.author_id = actor.person_id
    answer.role = _role(idea, role_id)
    answer.text, answer.state = words, AnswerState.GIVEN
    answer.given_at = answer.changed_at = actor.now
    answer.reply, answer.decided_at = "", None
    answer.version += 1 if present else 0
    answer.save()
    answer.scores.all().delete()
    _record(actor, "give_answer", answer, (None, AnswerState.GIVEN.label))
    if idea.state == IdeaState.OPEN:
        move(idea, IdeaState.ANSWERED, actor, verb="advance_idea")
    _tell(answer_given, answer)
    return answer


@transaction.atomic
def change_answer(
    *, actor: Viewer, answer_id: int, version: int, text: str, role_id: int | None = None
) -> Answer:
    """Change an answer that nobody has decided on, while its idea takes answers."""
    answer = _own_answer(actor, answer_id)
    if answer.version != version:
        raise IdeaChanged({"text": answer.text}, answer.version)
    demand_can_change(actor, answer.idea, answer)
    words = long_text("text", text)
    if not words:
        raise refused("text", _("Write the answer."))
    answer.text, answer.role = words, _role(answer.idea, role_id)
    _save(answer, actor, "text", "role")
    _record(actor, "change_answer", answer)
    _tell(answer_given, answer)
    return answer


@transaction.atomic
def withdraw_answer(*, actor: Viewer, answer_id: int) -> Answer:
    """Take an answer back: its owner no longer reads it. Doing it twice is once."""
    answer = _own_answer(actor, answer_id)
    if answer.state == AnswerState.WITHDRAWN:
        return answer
    old = AnswerState(answer.state).label
    answer.state = AnswerState.WITHDRAWN
    _save(answer, actor, "state")
    _record(actor, "withdraw_answer", answer, (old, AnswerState.WITHDRAWN.label))
    idea = answer.idea
    left = Answer.objects.filter(idea=idea).exclude(state=AnswerState.WITHDRAWN)
    if idea.state == IdeaState.ANSWERED and not left.exists():
        move(idea, IdeaState.OPEN, actor, verb="advance_idea")
    _tell(answer_withdrawn, answer)
    return answer


@transaction.atomic
def decide_answer(
    *, actor: Viewer, answer_id: int, accept: bool, reply: str, version: int
) -> Answer:
    """The idea's owner accepts or declines an answer, and says why; a decision may be changed.

    Refuses a decline without a word, an answer that was taken back, and one that was changed since
    it was read.
    """
    answer = held_answer(answer_id)
    if answer is None or not policies.edit_idea.allows(actor, answer.idea):
        raise NotAllowed(_("You may not do this with this answer."))
    if answer.version != version:
        raise IdeaChanged({}, answer.version)
    if answer.state == AnswerState.WITHDRAWN:
        raise IdeaRefused(_("This answer was taken back."))
    words = line("reply", reply, limit=LONGEST_REPLY)
    if not (words or accept):
        raise refused("reply", _("Say why: who answered is told."))
    old, new = AnswerState(answer.state), AnswerState.ACCEPTED if accept else AnswerState.DECLINED
    answer.state, answer.reply, answer.decided_at = new, words, actor.now
    _save(answer, actor, "state", "reply", "decided_at")
    _record(actor, "decide_answer", answer, (old.label, new.label))
    _tell(answer_decided, answer)
    return answer


@transaction.atomic
def answer_officially(*, actor: Viewer, idea_id: int, version: int, text: str) -> Idea:
    """The owner's official answer to all who read the idea, with its reason; it may be changed."""
    idea = held_idea(actor, idea_id, policies.edit_idea, version=version)
    if idea.state in {IdeaState.DRAFT, IdeaState.CHECKING}:
        raise IdeaRefused(_("The idea is not published yet."))
    words = long_text("official_answer", text)
    if not words:
        raise refused("official_answer", _("Write the answer."))
    keep(idea, actor, official_answer=words, official_at=actor.now)
    audit.record(actor=actor, verb="answer_officially", subject=idea)
    write_step(idea, StepKind.OFFICIAL, actor)
    return idea


def _idea_to_answer(actor: Viewer, idea_id: int) -> Idea:
    idea = Idea.objects.select_for_update(of=("self",)).filter(pk=idea_id).first()
    knows_it = (policies.read_idea, policies.was_open_to)
    if idea is None or not actor.mandates or not any(r.allows(actor, idea) for r in knows_it):
        if idea is not None and actor.mandates and policies.accept_terms.allows(actor, idea):
            raise TermsFirst(
                _("Its terms are to be accepted first: copy your words before you leave.")
            )
        raise NotAllowed(_("You may not answer this idea."))
    _demand_takes_answers(actor, idea)
    return idea


def _demand_takes_answers(actor: Viewer, idea: Idea) -> None:
    if idea.state not in TAKES_ANSWERS:
        raise TooLate(_("This idea takes no answers any more: copy your words before you leave."))
    if idea.deadline_at is not None and actor.now > idea.deadline_at:
        moment = date_format(timezone.localtime(idea.deadline_at), "SHORT_DATETIME_FORMAT")
        facts = {"moment": moment, "zone": timezone.get_current_timezone_name()}
        raise TooLate(
            _("Answers were taken until %(moment)s (%(zone)s): copy your words before you leave.")
            % facts
        )


def demand_can_change(actor: Viewer, idea: Idea, answer: Answer) -> None:
    """Refuse where an answer can no longer be changed: time is over, or it was decided on."""
    _demand_takes_answers(actor, idea)
    if answer.state != AnswerState.GIVEN:
        raise IdeaRefused(_("This answer was decided on: it can no longer be changed."))


def held_answer(answer_id: int) -> Answer | None:
    """The answer with its idea, both locked; the idea first, as everywhere."""
    idea_id = Answer.objects.filter(pk=answer_id).values_list("idea", flat=True).first()
    Idea.objects.select_for_update(of=("self",)).filter(pk=idea_id or 0).first()
    rows = Answer.objects.select_for_update(of=("self",)).select_related("idea", "body")
    return rows.filter(pk=answer_id).first()


def _own_answer(actor: Viewer, answer_id: int) -> Answer:
    answer = held_answer(answer_id)
    if answer is None or not policies.edit_answer.allows(actor, answer):
        raise NotAllowed(_("You may not do this with this answer."))
    return answer


def _role(idea: Idea, role_id: int | None) -> PartnerSought | None:
    return PartnerSought.objects.filter(idea=idea, pk=role_id or 0).first()


def _save(answer: Answer, actor: Viewer, *columns: str) -> None:
    answer.version += 1
    answer.changed_at = actor.now
    answer.save(update_fields=[*columns, "version", "changed_at"])


def _record(
    actor: Viewer, verb: str, answer: Answer, states: tuple[object, object] | None = None
) -> None:
    changes = {"answering_body": (None, str(answer.body))}
    if states:
        changes["answer_state"] = states  # type: ignore[assignment]
    audit.record(actor=actor, verb=verb, subject=answer.idea, changes=changes)


def _tell(signal: Signal, answer: Answer) -> None:
    transaction.on_commit(partial(signal.send, sender=None, answer_id=answer.pk))
