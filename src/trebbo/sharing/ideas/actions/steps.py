"""Holding an idea while it is changed, writing what happened to it, and telling of it."""

from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from trebbo.kernel import audit
from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import NotAllowed
from trebbo.kernel.policies import Rule
from trebbo.sharing.ideas.actions.words import IdeaChanged, IdeaRefused
from trebbo.sharing.ideas.choices import LEADS_TO, IdeaState, StepKind
from trebbo.sharing.ideas.events import idea_stepped
from trebbo.sharing.ideas.models import Idea, IdeaStep


def held_idea(actor: Viewer, idea_id: int, *rules: Rule[Idea], version: int | None = None) -> Idea:
    """The idea, locked, if one of the rules lets the actor at it, and in the version they saw."""
    rows = Idea.objects.select_for_update(of=("self",)).select_related("broker", "body")
    idea = rows.filter(pk=idea_id).first()
    if idea is None or not any(rule.allows(actor, idea) for rule in rules):
        raise NotAllowed(_("You may not do this with this idea."))
    if version is not None and version != idea.version:
        raise IdeaChanged({}, idea.version)
    return idea


def write_step(
    idea: Idea, kind: StepKind, actor: Viewer, note: str = "", label: str = ""
) -> IdeaStep:
    """Write down what happened, by whom, and tell of it once it is certain."""
    step = IdeaStep.objects.create(
        idea=idea,
        kind=kind,
        at=actor.now,
        person_id=actor.person_id,
        label=(label or actor.label)[:200],
        note=note[:1_000],
    )
    tell = partial(idea_stepped.send, sender=None, idea_id=idea.pk, step_id=step.pk)
    transaction.on_commit(tell)
    return step


def not_now(idea: Idea) -> IdeaRefused:
    """The refusal of what an idea's state does not allow."""
    facts = {"state": IdeaState(idea.state).label}
    return IdeaRefused(_("This cannot be done now: the idea is “%(state)s”.") % facts)


def move(
    idea: Idea,
    state: IdeaState,
    actor: Viewer,
    *,
    verb: str,
    note: str = "",
    kind: StepKind | None = None,
    **columns: Any,
) -> None:
    """Take an idea into another state, with its step (`kind`: other than the state's own).

    Refuses a state to which the present one does not lead: somebody may have moved it meanwhile.
    """
    old = IdeaState(idea.state)
    if state not in LEADS_TO[old]:
        raise not_now(idea)
    kept = {"state": state, "since": actor.now, **columns}
    keep(idea, actor, **kept)
    changes = {"idea_state": (old.label, state.label)}
    audit.record(actor=actor, verb=verb, subject=idea, changes=changes)
    usual = StepKind.RETURNED if state == IdeaState.DRAFT else StepKind(state.value)
    write_step(idea, kind or usual, actor, note)


def keep(idea: Idea, actor: Viewer, **columns: Any) -> None:
    """Save some columns, and with them a new version."""
    for name, value in columns.items():
        setattr(idea, name, value)
    idea.version += 1
    idea.changed_at = actor.now
    idea.save(update_fields=[*columns, "version", "changed_at"])
