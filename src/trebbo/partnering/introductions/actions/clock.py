"""What time does to introductions: reminds, tells the owner, lets expire, asks for the outcome."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from trebbo.ecosystem.accounts.models import Mandate
from trebbo.ecosystem.accounts.queries import held_on
from trebbo.kernel import audit
from trebbo.kernel.access import Viewer
from trebbo.kernel.policies import demand_installation
from trebbo.partnering.introductions.actions.links import new_link
from trebbo.partnering.introductions.actions.steps import (
    By,
    hold,
    keep,
    record,
    revoke_links,
    write_step,
)
from trebbo.partnering.introductions.choices import (
    ASKS_OUTCOME,
    WITHOUT_CONTACT,
    IntroductionState,
    LinkPurpose,
    Side,
    StepKind,
)
from trebbo.partnering.introductions.events import introductions_ticked
from trebbo.partnering.introductions.models import (
    AnswerLink,
    AskReading,
    Introduction,
    IntroductionStep,
    RelayedMessage,
)

AT_ONCE = 500
"""Introductions of one transaction, so that people come in between."""
VERBS = {
    StepKind.NUDGED: "nudge_introduction",
    StepKind.ESCALATED: "escalate_introduction",
    StepKind.UNREACHABLE: "escalate_introduction",
    StepKind.EXPIRED: "expire_introduction",
    StepKind.OUTCOME_ASKED: "ask_outcome",
}


@dataclass(slots=True)
class Ticks:
    """What one run of the clock did, by kind; `left` says whether more is due."""

    by_kind: dict[StepKind, int] = field(default_factory=lambda: defaultdict(int))
    left: bool = False

    @property
    def total(self) -> int:
        """How many things happened."""
        return sum(self.by_kind.values())


def run_clock(*, actor: Viewer, limit: int) -> Ticks:
    """Do what is due, for up to `limit` introductions, the longest due first.

    Each is reminded of once, brought to its owner once and then expires, and one day at least lies
    between, also where the clock stood still. Run by two at once, or again, nothing happens twice.
    Refuses anybody but the installation. Call it outside transactions.
    """
    demand_installation(actor)
    ticks, left = Ticks(), limit
    while left > 0:
        done = _tick(actor, min(AT_ONCE, left), ticks)
        left -= done
        if done < AT_ONCE:
            break
    ticks.left = left <= 0 and _due(actor).exists()
    return ticks


@transaction.atomic
def note_unreachable(*, actor: Viewer, introduction_id: int, words: str) -> Introduction | None:
    """Bring an introduction to its owner at once: its mail came back, or is not wanted.

    Once for each question; nothing where the question is answered already.
    """
    demand_installation(actor)
    introduction = hold(introduction_id)
    waiting = (IntroductionState.PROPOSED, IntroductionState.ASKED)
    if introduction is None or introduction.state not in waiting or introduction.escalated_at:
        return None
    introduction.nudged_at = introduction.nudged_at or actor.now
    introduction.escalated_at = actor.now
    keep(introduction, actor)
    by = By(actor, label=actor.label)
    record(introduction, "escalate_introduction", by=by)
    write_step(introduction, StepKind.UNREACHABLE, by=by, words=words)
    return introduction


@transaction.atomic
def forget_contacts(*, actor: Viewer) -> int:
    """Forget who was asked where nothing came of it long ago: name, address, links; how many.

    For how many days they are kept is a setting. Refuses anybody but the installation.
    """
    demand_installation(actor)
    long_ago = actor.now - timedelta(days=settings.CONTACT_KEEP_DAYS)
    ended = Introduction.objects.filter(state__in=WITHOUT_CONTACT, since__lt=long_ago)
    known = list(ended.exclude(contact_email="").values_list("pk", flat=True)[:AT_ONCE])
    links = AnswerLink.objects.filter(introduction__in=known, side=Side.CONTACT)
    for ask_id, email in links.values_list("introduction__ask", "email").distinct():
        AskReading.objects.filter(ask=ask_id, email=email, person__isnull=True).delete()
    links.delete()
    RelayedMessage.objects.filter(introduction__in=known).update(text="", left_out=[])
    IntroductionStep.objects.filter(introduction__in=known, side=Side.CONTACT).update(label="")
    rows = Introduction.objects.filter(pk__in=known)
    return rows.update(contact=None, contact_name="", contact_email="")


def _due(actor: Viewer) -> QuerySet[Introduction]:
    return Introduction.objects.filter(clock_at__lte=actor.now).order_by("clock_at", "pk")


@transaction.atomic
def _tick(actor: Viewer, most: int, ticks: Ticks) -> int:
    """One batch, in a few statements whatever its size; how many were looked at."""
    related = _due(actor).select_related("ask__owner", "ask__asker", "contact", "profile")
    rows = related.select_for_update(of=("self",), skip_locked=True)
    held = list(rows[:most])
    gone = _left_the_body(held, actor)
    by_kind: dict[StepKind, list[Introduction]] = defaultdict(list)
    for introduction in held:
        due = introduction.next_tick
        if due is not None and due[0] <= actor.now:
            unheard = due[1] == StepKind.NUDGED and _nobody_hears(introduction, gone)
            by_kind[StepKind.UNREACHABLE if unheard else due[1]].append(introduction)
    for kind, introductions in by_kind.items():
        _happens(kind, introductions, actor)
        ticks.by_kind[kind] += len(introductions)
    for introduction in held:
        tick = introduction.next_tick if introduction.is_open else None
        introduction.clock_at = tick[0] if tick else None
    Introduction.objects.bulk_update(held, ["clock_at"])
    _write_steps(by_kind, actor)
    return len(held)


def _happens(kind: StepKind, introductions: list[Introduction], actor: Viewer) -> None:
    """The same to all of them, in the table and in hand."""
    facts = _facts(kind, actor)
    rows = Introduction.objects.filter(pk__in=[one.pk for one in introductions])
    asked = {"outcomes_asked": F("outcomes_asked") + 1} if kind == StepKind.OUTCOME_ASKED else {}
    rows.update(**facts, **asked, version=F("version") + 1, changed_at=actor.now)
    for introduction in introductions:
        for name, value in facts.items():
            setattr(introduction, name, value)
        introduction.outcomes_asked += len(asked)
    if kind == StepKind.EXPIRED:
        revoke_links(introductions, actor)
    elif kind in (StepKind.NUDGED, StepKind.OUTCOME_ASKED):
        _make_outcome_links(introductions, actor)


def _facts(kind: StepKind, actor: Viewer) -> dict[str, Any]:
    now = actor.now
    if kind == StepKind.NUDGED:
        return {"nudged_at": now}
    if kind == StepKind.ESCALATED:
        return {"escalated_at": now}
    if kind == StepKind.UNREACHABLE:
        return {"nudged_at": now, "escalated_at": now}
    if kind == StepKind.OUTCOME_ASKED:
        return {"outcome_asked_at": now}
    return {"state": IntroductionState.EXPIRED, "since": now, "due_at": None, "clock_at": None}


def _make_outcome_links(introductions: Iterable[Introduction], actor: Viewer) -> None:
    agreed = (one for one in introductions if one.state in ASKS_OUTCOME)
    links = (
        new_link(one, LinkPurpose.OUTCOME, side, actor=actor) for one in agreed for side in Side
    )
    AnswerLink.objects.bulk_create(filter(None, links))


def _write_steps(by_kind: Mapping[StepKind, list[Introduction]], actor: Viewer) -> None:
    steps = [
        IntroductionStep(introduction=one, kind=kind, at=actor.now, label=actor.label)
        for kind, introductions in by_kind.items()
        for one in introductions
    ]
    made = IntroductionStep.objects.bulk_create(steps)
    for kind, introductions in by_kind.items():
        audit.record_all(actor=actor, verb=VERBS[kind], subjects=introductions)
    if made:
        keys = [step.pk for step in made]
        news = partial(introductions_ticked.send, sender=Introduction, step_ids=keys)
        transaction.on_commit(news)


def _left_the_body(introductions: Iterable[Introduction], actor: Viewer) -> frozenset[int]:
    """Of these, the ids of those whose contact acted for the body once, and no longer does."""
    asked = Introduction.objects.filter(pk__in=[one.pk for one in introductions])
    mandates = Mandate.objects.filter(person=OuterRef("contact"), profile=OuterRef("profile"))
    ended = Exists(mandates.filter(valid_until__lt=actor.today))
    left = ended & ~Exists(mandates.filter(held_on(actor.today)))
    return frozenset(asked.filter(left).values_list("pk", flat=True))


def _nobody_hears(introduction: Introduction, gone: frozenset[int]) -> bool:
    if introduction.state != IntroductionState.ASKED:
        return False
    contact = introduction.contact
    closed = contact is not None and not contact.is_active
    return closed or not introduction.contact_email or introduction.pk in gone
