"""The life of an idea: written, checked, published, taken further, closed, renewed."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from trebbo.ecosystem.clusters.policies import own_clusters
from trebbo.ecosystem.organisations.models import Profile
from trebbo.ecosystem.organisations.policies import edit_profile
from trebbo.ecosystem.vocabularies.models import Concept
from trebbo.kernel import audit
from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import NotAllowed
from trebbo.sharing.ideas import policies
from trebbo.sharing.ideas.actions.steps import (
    held_idea,
    keep,
    move,
    not_now,
    write_step,
)
from trebbo.sharing.ideas.actions.words import (
    IdeaChanged,
    IdeaRefused,
    line,
    long_text,
    refused,
)
from trebbo.sharing.ideas.choices import (
    BY_OWNER,
    EXPIRES,
    HIGHEST_TRL,
    LIFE_DAYS,
    USUAL_CRITERIA,
    AnswerState,
    IdeaKind,
    IdeaOutcome,
    IdeaState,
    StepKind,
)
from trebbo.sharing.ideas.models import Criterion, Idea, PartnerSought

LONGEST = {"title": 200, "teaser_title": 120, "teaser": 300, "reward": 300}
MOST_FIELDS, MOST_PARTNERS, LONGEST_REASON = 12, 20, 500
LARGEST_AMOUNT = Decimal("9999999999.99")


@dataclass(frozen=True, slots=True)
class IdeaWords:
    """What people type about an idea; texts in Italian, in English, or in both.

    `budget` and `funding_sought` are in euro; `deadline_at` is a moment with its time zone;
    `partners` are pairs of a role in Italian and in English.
    """

    title_it: str = ""
    title_en: str = ""
    text_it: str = ""
    text_en: str = ""
    good_answer_it: str = ""
    good_answer_en: str = ""
    teaser_title_it: str = ""
    teaser_title_en: str = ""
    teaser_it: str = ""
    teaser_en: str = ""
    reward_it: str = ""
    reward_en: str = ""
    names_owner: bool = True
    budget: Decimal | None = None
    funding_sought: Decimal | None = None
    trl: int | None = None
    deadline_at: datetime | None = None
    field_ids: Sequence[int] = ()
    partners: Sequence[tuple[str, str]] = field(default=())


COLUMNS = tuple(one.name for one in fields(IdeaWords) if one.name not in {"field_ids", "partners"})


@transaction.atomic
def write_idea(*, actor: Viewer, kind: str, body_id: int, broker_id: int, words: IdeaWords) -> Idea:
    """Write a challenge or a project idea for a body; a draft, that nobody else sees.

    The broker is the cluster whose office will check it. Refuses a body for which the actor does
    not act (an office may write for a body it looks after), a cluster that is not theirs, and words
    that do not fit.
    """
    if kind not in IdeaKind.values:
        raise refused("kind", _("Choose from the list."))
    body = Profile.objects.filter(pk=body_id).first()
    if not actor.signed_in or body is None or not edit_profile.allows(actor, body):
        raise NotAllowed(_("You may not write for this body."))
    broker = own_clusters(actor).filter(pk=broker_id).first()
    if broker is None:
        raise refused("broker", _("Choose the cluster whose office is to check it."))
    columns = _columns(actor, words)
    idea = Idea.objects.create(
        kind=kind,
        body=body,
        broker=broker,
        keeper_id=actor.person_id,
        since=actor.now,
        created_at=actor.now,
        changed_at=actor.now,
        **columns,
    )
    _set_lists(idea, words)
    Criterion.objects.bulk_create(
        Criterion(
            idea=idea,
            label_it=usual.label_it,
            label_en=usual.label_en,
            weight=usual.weight,
            position=position,
        )
        for position, usual in enumerate(USUAL_CRITERIA)
    )
    audit.record(actor=actor, verb="write_idea", subject=idea)
    write_step(idea, StepKind.DRAFT, actor)
    return idea


@transaction.atomic
def change_idea(*, actor: Viewer, idea_id: int, version: int, words: IdeaWords) -> Idea:
    """Change the words of an idea that is not closed.

    Refuses one without a text once it was handed over, and one that leaves a wider circle without
    a teaser.
    Raises IdeaChanged with what is kept now where somebody else saved it since `version`.
    """
    idea = held_idea(actor, idea_id, policies.edit_idea)
    if idea.version != version:
        raise IdeaChanged(_present(idea), idea.version)
    if idea.state == IdeaState.CLOSED:
        raise IdeaRefused(_("This idea is closed: it can be read, and no longer changed."))
    columns = _columns(actor, words, before=idea.deadline_at)
    if idea.state != IdeaState.DRAFT and not (columns["text_it"] or columns["text_en"]):
        raise _no_text()
    if idea.teaser_circle != idea.circle and not (columns["teaser_it"] or columns["teaser_en"]):
        told = _("Write the teaser that the wider circle is to read.")
        raise refused("teaser_it", told)
    keep(idea, actor, **columns)
    _set_lists(idea, words)
    audit.record(actor=actor, verb="change_idea", subject=idea)
    return idea


@transaction.atomic
def discard_idea(*, actor: Viewer, idea_id: int, version: int) -> None:
    """Throw a draft away, or take it back from the office for good; nothing of it stays.

    Refuses one that was published: who read it is to find how it ended.
    """
    idea = held_idea(actor, idea_id, policies.edit_idea, version=version)
    if idea.published_at is not None:
        raise IdeaRefused(_("This idea was published: close it instead."))
    audit.record(actor=actor, verb="discard_idea", subject=idea)
    idea.delete()


@transaction.atomic
def submit_idea(*, actor: Viewer, idea_id: int, version: int) -> Idea:
    """Hand a draft to the office that checks it. Refuses a draft without a text."""
    idea = held_idea(actor, idea_id, policies.edit_idea, version=version)
    if not (idea.text_it or idea.text_en):
        raise _no_text()
    move(idea, IdeaState.CHECKING, actor, verb="submit_idea")
    return idea


@transaction.atomic
def return_idea(*, actor: Viewer, idea_id: int, version: int, note: str) -> Idea:
    """The broker gives an idea back to who wrote it, with what is missing."""
    idea = held_idea(actor, idea_id, policies.check_idea, version=version)
    words = line("note", note, limit=LONGEST_REASON)
    if not words:
        raise refused("note", _("Say what is missing."))
    move(idea, IdeaState.DRAFT, actor, verb="return_idea", note=words, kind=StepKind.RETURNED)
    return idea


@transaction.atomic
def publish_idea(*, actor: Viewer, idea_id: int, version: int) -> Idea:
    """The broker has checked an idea: it is opened to its circles, for LIFE_DAYS days."""
    idea = held_idea(actor, idea_id, policies.check_idea, version=version)
    if idea.state != IdeaState.CHECKING:
        raise not_now(idea)  # other states lead to “open” too, by other ways
    if idea.deadline_at is not None and idea.deadline_at <= actor.now:
        raise refused("deadline_at", _("The deadline is over: it has to be moved first."))
    move(
        idea,
        IdeaState.OPEN,
        actor,
        verb="publish_idea",
        published_at=actor.now,
        expires_date=actor.today + timedelta(days=LIFE_DAYS),
    )
    return idea


@transaction.atomic
def advance_idea(*, actor: Viewer, idea_id: int, version: int, state: str, note: str = "") -> Idea:
    """Take an idea further: team in formation, proposal submitted, funded, running."""
    idea = held_idea(actor, idea_id, policies.edit_idea, version=version)
    if state not in BY_OWNER:
        raise refused("state", _("Choose from the list."))
    words = line("note", note, limit=LONGEST_REASON)
    move(idea, IdeaState(state), actor, verb="advance_idea", note=words)
    return idea


@transaction.atomic
def close_idea(
    *, actor: Viewer, idea_id: int, version: int, outcome: str, reason: str = ""
) -> Idea:
    """Close an idea with an outcome and a reason; its owner may, and the broker.

    Answers that were given stay. Refuses an outcome that only time gives, and one without a reason
    where nothing came of it.
    """
    idea = held_idea(actor, idea_id, policies.edit_idea, policies.check_idea, version=version)
    if outcome not in IdeaOutcome.values or outcome == IdeaOutcome.EXPIRED:
        raise refused("outcome", _("Choose from the list."))
    words = line("reason", reason, limit=LONGEST_REASON)
    if not words and outcome not in {IdeaOutcome.SOLVED, IdeaOutcome.COMPLETED}:
        raise refused("reason", _("Say why, in a few words."))
    end(idea, actor, IdeaOutcome(outcome), words)
    return idea


def end(idea: Idea, actor: Viewer, outcome: IdeaOutcome, reason: str) -> None:
    """Close an idea that is held already."""
    move(
        idea,
        IdeaState.CLOSED,
        actor,
        verb="close_idea",
        note=reason,
        outcome=outcome,
        outcome_reason=reason,
        closed_at=actor.now,
    )


@transaction.atomic
def renew_idea(*, actor: Viewer, idea_id: int, version: int) -> Idea:
    """Let an idea that is open, or that expired, live LIFE_DAYS days from today."""
    idea = held_idea(actor, idea_id, policies.edit_idea, policies.check_idea, version=version)
    old, new = idea.expires_date, actor.today + timedelta(days=LIFE_DAYS)
    if idea.state == IdeaState.CLOSED and idea.outcome == IdeaOutcome.EXPIRED:
        reopened: dict[str, Any] = {"outcome": "", "outcome_reason": "", "closed_at": None}
        answered = idea.answers.exclude(state=AnswerState.WITHDRAWN).exists()
        state = IdeaState.ANSWERED if answered else IdeaState.OPEN
        kept = {"expires_date": new, **reopened}
        move(idea, state, actor, verb="renew_idea", kind=StepKind.RENEWED, **kept)
        return idea
    if idea.state not in EXPIRES:
        raise IdeaRefused(_("Only an idea that is open, or that expired, can be renewed."))
    keep(idea, actor, expires_date=new)
    changes = {"expires_date": (old and old.isoformat(), new.isoformat())}
    audit.record(actor=actor, verb="renew_idea", subject=idea, changes=changes)
    write_step(idea, StepKind.RENEWED, actor)
    return idea


def _columns(actor: Viewer, words: IdeaWords, before: datetime | None = None) -> dict[str, Any]:
    """The columns of an idea from what was typed; refuses what does not fit."""
    columns: dict[str, Any] = {name: getattr(words, name) for name in COLUMNS}
    for name, limit in LONGEST.items():
        for key in (f"{name}_it", f"{name}_en"):
            columns[key] = line(key, columns[key], limit=limit)
    for name in ("text", "good_answer"):
        for key in (f"{name}_it", f"{name}_en"):
            columns[key] = long_text(key, columns[key])
    if not (columns["title_it"] or columns["title_en"]):
        raise refused("title_it", _("Give it a title, in Italian or in English."))
    for name in ("budget", "funding_sought"):
        amount = columns[name]
        if amount is not None and not (0 <= amount <= LARGEST_AMOUNT):
            raise refused(name, _("This amount cannot be right."))
    if words.trl is not None and not 1 <= words.trl <= HIGHEST_TRL:
        raise refused("trl", _("The technology readiness level is a number from 1 to 9."))
    if words.deadline_at and words.deadline_at != before and words.deadline_at <= actor.now:
        raise refused("deadline_at", _("The deadline has to be in the future."))
    return columns


def _set_lists(idea: Idea, words: IdeaWords) -> None:
    """Set the fields and the partners sought; refuses more of them than fit.

    A role keeps its row, and with it its answers, where its words stay, and else where its place
    does: it was reworded.
    """
    concepts = list(Concept.objects.filter(pk__in=words.field_ids))
    if len(concepts) > MOST_FIELDS:
        raise refused("topics", _("Choose at most %(limit)s fields.") % {"limit": MOST_FIELDS})
    idea.fields.set(concepts)
    if len(words.partners) > MOST_PARTNERS:
        raise refused("partners", _("At most %(limit)s roles.") % {"limit": MOST_PARTNERS})
    wanted = [
        (line("partners", italian, limit=200), line("partners", english, limit=200))
        for italian, english in words.partners
    ]
    wanted = [pair for pair in dict.fromkeys(wanted) if any(pair)]
    present = {(one.role_it, one.role_en): one for one in idea.partners_sought.all()}
    same = {pair: present.pop(pair) for pair in wanted if pair in present}
    reworded = {one.position: one for one in present.values()}
    kept = set()
    for position, pair in enumerate(wanted):
        partner = same.get(pair) or reworded.get(position) or PartnerSought(idea=idea)
        partner.role_it, partner.role_en = pair
        partner.position = position
        partner.save()
        kept.add(partner.pk)
    idea.partners_sought.exclude(pk__in=kept).delete()


def _no_text() -> IdeaRefused:
    return refused("text_it", _("Write the text first, in Italian or in English."))


def _present(idea: Idea) -> dict[str, Any]:
    kept: dict[str, Any] = {name: getattr(idea, name) for name in COLUMNS}
    roles = tuple((one.role_it, one.role_en) for one in idea.partners_sought.all())
    topics = tuple(idea.fields.order_by("pk").values_list("pk", flat=True))
    return kept | {"partners": roles, "field_ids": topics}
