"""How an introduction goes on: held by one at a time, moved along its stages, each step written."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from trebbo.kernel import audit
from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import NotAllowed, Refusal
from trebbo.kernel.policies import Rule
from trebbo.partnering.introductions import policies
from trebbo.partnering.introductions.choices import (
    HIDDEN_FROM_CONTACT,
    IntroductionState,
    Side,
    StepKind,
)
from trebbo.partnering.introductions.events import introduction_stepped
from trebbo.partnering.introductions.models import (
    GOOD_LINK,
    AnswerLink,
    Ask,
    Introduction,
    IntroductionStep,
)

LONGEST_WORDS = 4_000


class IntroductionRefused(Refusal):
    """What is asked of an introduction cannot be done."""


class IntroductionChanged(IntroductionRefused):
    """Somebody else took the introduction further meanwhile; `present` is how it stands now."""

    status = 409

    def __init__(self, present: Introduction) -> None:
        words = _("Somebody else was faster: this introduction is now “%(state)s”.")
        super().__init__(words % {"state": present.get_state_display()})
        self.present = present


@dataclass(frozen=True, slots=True)
class By:
    """Who does a step: the actor, at their moment, for a side where they stand on one.

    `label` names somebody without an account, who answers by a link.
    """

    actor: Viewer
    side: str = ""
    person_id: int | None = None
    label: str = ""

    @classmethod
    def account(cls, actor: Viewer, introduction: Introduction) -> "By":
        """A person who has signed in, on the side on which they stand."""
        side = ""
        if policies.answer_introduction.allows(actor, introduction):
            side = Side.CONTACT
        elif policies.consent_to_introduction.allows(actor, introduction):
            side = Side.ASKER
        return cls(actor, side, actor.person_id, actor.label)


def held_introduction(
    actor: Viewer,
    introduction_id: int,
    rule: Rule[Introduction],
    *,
    version: int | None = None,
) -> Introduction:
    """The introduction, held so that two who decide do so one after the other.

    Refuses as `rule` says; raises `IntroductionChanged` where `version` is given and old.
    """
    introduction = hold(introduction_id)
    if introduction is None or not rule.allows(actor, introduction):
        raise NotAllowed(_("This introduction is not yours to decide about."))
    if version is not None and introduction.version != version:
        raise IntroductionChanged(introduction)
    return introduction


def hold(introduction_id: int) -> Introduction | None:
    """The introduction with what it leads to, held until the transaction ends."""
    rows = Introduction.objects.select_for_update(of=("self",))
    related = rows.select_related("ask__asker", "ask__owner", "profile", "contact", "owner")
    return related.filter(pk=introduction_id).first()


def move(
    introduction: Introduction,
    to: IntroductionState,
    *,
    by: By,
    verb: str,
    words: str = "",
    **facts: Any,
) -> IntroductionStep:
    """Bring the introduction into a state, with its links ended, its clock set and its audit line.

    Raises `IntroductionChanged` where the present state does not lead there: somebody else, or the
    clock, was faster.
    """
    if to not in introduction.stage.leads_to:
        raise IntroductionChanged(introduction)
    old = IntroductionState(introduction.state).label
    revoke_links([introduction], by.actor)
    for name, value in facts.items():
        setattr(introduction, name, value)
    introduction.state = to
    restart(introduction, by.actor)
    changes = {"introduction_state": (old, to.label)}
    audit.record(actor=_named(by), verb=verb, subject=introduction, changes=changes)
    return write_step(introduction, StepKind(to.value), by=by, words=words)


def restart(introduction: Introduction, actor: Viewer) -> None:
    """Save the introduction with the whole time of its state before it."""
    introduction.since = actor.now
    introduction.nudged_at = introduction.escalated_at = None
    keep(introduction, actor)


def withdraw(introduction: Introduction, *, by: By, words: str = "") -> None:
    """End an introduction that is open.

    Who was never asked does not learn that they might have been: it forgets them.
    """
    if introduction.state in HIDDEN_FROM_CONTACT:
        introduction.contact = None
    to = IntroductionState.WITHDRAWN
    move(introduction, to, by=by, verb="withdraw_introduction", words=words)


def withdraw_questions(ask: Ask, actor: Viewer) -> int:
    """End the introductions of an ask that are not answered yet, since it is closed; how many."""
    rows = Introduction.objects.select_for_update(of=("self",)).select_related("ask", "contact")
    waiting = (IntroductionState.DRAFT, IntroductionState.PROPOSED, IntroductionState.ASKED)
    questions = list(rows.filter(ask=ask, state__in=waiting).order_by("pk"))
    for introduction in questions:
        by = By.account(actor, introduction)
        withdraw(introduction, by=by)
    return len(questions)


def keep(introduction: Introduction, actor: Viewer) -> None:
    """Save the introduction, with its clock set to what comes next."""
    days = introduction.stage.due_days
    start = introduction.clock_start
    introduction.due_at = start + timedelta(days=days) if days is not None else None
    tick = introduction.next_tick
    introduction.clock_at = tick[0] if tick and introduction.is_open else None
    introduction.version += 1
    introduction.changed_at = actor.now
    introduction.save()


def write_step(
    introduction: Introduction, kind: StepKind, *, by: By, words: str = ""
) -> IntroductionStep:
    """Write down what happened, and send the news once it is sure."""
    step = IntroductionStep.objects.create(
        introduction=introduction,
        kind=kind,
        at=by.actor.now,
        person_id=by.person_id,
        side=by.side,
        label=by.label[:150],
        words=words,
    )
    news = partial(
        introduction_stepped.send,
        sender=Introduction,
        introduction_id=introduction.pk,
        step_id=step.pk,
    )
    transaction.on_commit(news)
    return step


def record(introduction: Introduction, verb: str, *, by: By, **changes: tuple[Any, Any]) -> None:
    """Write the audit line of something that is no new state."""
    audit.record(actor=_named(by), verb=verb, subject=introduction, changes=changes)


def revoke_links(introductions: Collection[Introduction], actor: Viewer) -> int:
    """End the links of these that are still good; how many."""
    links = AnswerLink.objects.filter(GOOD_LINK, introduction__in=introductions)
    return links.update(revoked_at=actor.now)


def said(words: str) -> str:
    """What a person wrote beside a decision, tidied; refuses what is too long."""
    tidy = words.replace("\r\n", "\n").replace("\x00", "").strip()
    if len(tidy) > LONGEST_WORDS:
        told = _("At most %(limit)s characters fit here.") % {"limit": LONGEST_WORDS}
        raise IntroductionRefused(told, {"words": told})
    return tidy


def refused(field: str, words: str) -> IntroductionRefused:
    """A refusal about one field of a form."""
    return IntroductionRefused(words, {field: words})


def _named(by: By) -> Viewer:
    """The actor as the audit trail names it: who answers by a link is named, not signed in."""
    if by.actor.signed_in or not by.label:
        return by.actor
    return Viewer(
        now=by.actor.now,
        person_id=by.person_id,
        label=by.label,
        language=by.actor.language,
        is_installation=by.actor.is_installation,
    )
