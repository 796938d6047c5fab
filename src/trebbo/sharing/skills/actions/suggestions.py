"""Competences that a body may have: suggested by evidence and text, decided by its people."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel import audit
from trebbo.kernel.access import Viewer
from trebbo.sharing.skills import gateway, queries
from trebbo.sharing.skills.actions.competences import (
    announce,
    count_as_confirmed,
    demand_profile,
    hold_profile,
)
from trebbo.sharing.skills.actions.proofs import project_proofs
from trebbo.sharing.skills.actions.wording import SkillsRefused
from trebbo.sharing.skills.choices import MOST_PROJECTS, Decision, Direction, Origin
from trebbo.sharing.skills.models import Competence, Suggestion
from trebbo.sharing.skills.policies import decide_suggestion as rule

MOST_SUGGESTED = 30
PROJECTS_NAMED = 5
HALF_SURE = 2
"""As many projects make a field as likely as not."""


@dataclass(slots=True)
class _Reasons:
    """Why a body may have a competence."""

    projects: dict[int, str] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    text_score: float = 0.0

    @property
    def score(self) -> float:
        """Between 0 and 1: the two kinds of reasons as if they were independent."""
        count = len(self.projects)
        return 1 - (1 - count / (count + HALF_SURE)) * (1 - self.text_score)

    @property
    def origin(self) -> Origin:
        """Evidence weighs more than words."""
        return Origin.EVIDENCE if self.projects else Origin.TEXT

    def told(self) -> dict[str, Any]:
        """As it is kept: the projects as pairs, so that they keep their order."""
        return {
            "projects": [[key, name] for key, name in self.projects.items()][:MOST_PROJECTS],
            "count": len(self.projects),
            "words": list(self.words),
        }


@transaction.atomic
def suggest_competences(*, actor: Viewer, profile_id: int) -> int:
    """Bring the suggestions of a body up to date with its evidence and its text.

    What its people hid or refused, and what they stated already, also for a time, is not brought
    up (again). Waiting ones that nothing supports any more go. Returns how many are new. For who
    looks after the body, and for the installation.
    """
    profile = Profile.objects.filter(pk=profile_id).first()
    if profile is None:
        return 0
    if not actor.is_installation:
        demand_profile(actor, profile_id)
    hold_profile(profile_id)
    found = _likely(profile, actor)
    stated = Competence.objects.filter(profile=profile_id, direction=Direction.OFFERED)
    settled = set(stated.filter(concept__isnull=False).values_list("concept_id", flat=True))
    known = {one.concept_id: one for one in Suggestion.objects.filter(profile=profile_id)}
    settled |= {key for key, one in known.items() if one.decision != Decision.WAITING}
    strongest = sorted(
        ((key, why) for key, why in found.items() if key not in settled),
        key=lambda pair: (-pair[1].score, pair[0]),
    )[:MOST_SUGGESTED]
    wanted = dict(strongest)
    gone = [one.pk for key, one in known.items() if key not in settled and key not in wanted]
    stale = [one.pk for key, one in known.items() if key in settled and _waits(one)]
    Suggestion.objects.filter(pk__in=[*gone, *stale]).delete()
    new = [key for key in wanted if key not in known]
    for key, why in wanted.items():
        values = {"origin": why.origin, "score": round(why.score, 4), "reasons": why.told()}
        one = known.get(key)
        if one is None:
            Suggestion.objects.create(profile=profile, concept_id=key, made_at=actor.now, **values)
        elif any(getattr(one, name) != value for name, value in values.items()):
            Suggestion.objects.filter(pk=one.pk).update(**values)
    if new:
        told = {"suggestions": (0, len(new))}
        audit.record(actor=actor, verb="suggest_competences", subject=profile, changes=told)
    return len(new)


@transaction.atomic
def decide_suggestion(*, actor: Viewer, suggestion_id: int, decision: str) -> Suggestion:
    """Accept a suggestion, which states and confirms the competence, or refuse it for good.

    What is accepted rests on the projects that led to it. Refuses where somebody decided already,
    saying who and what.
    """
    if decision not in (Decision.ACCEPTED, Decision.REFUSED):
        raise SkillsRefused(_("Choose from the list."))
    suggestion = _held(actor, suggestion_id)
    if suggestion.decision != Decision.WAITING:
        raise SkillsRefused(_who_decided(suggestion))
    if decision == Decision.ACCEPTED:
        suggestion.competence = _accept(actor, suggestion)
    _write(actor, suggestion, Decision(decision), "decide_suggestion")
    return suggestion


@transaction.atomic
def undo_suggestion(*, actor: Viewer, suggestion_id: int) -> Suggestion:
    """Take a decision back: the suggestion waits again, and what was stated by it is unsaid.

    Refuses where there is no decision, and where the competence was changed since.
    """
    suggestion = _held(actor, suggestion_id)
    if suggestion.decision == Decision.WAITING:
        raise SkillsRefused(_("There is no decision to take back: this one waits for it."))
    competence = suggestion.competence
    if competence is not None:
        if competence.version > 1:
            raise SkillsRefused(
                _("The competence was changed since it was accepted: change or end it instead.")
            )
        suggestion.competence = None
        suggestion.save(update_fields=["competence"])
        competence.delete()
    _write(actor, suggestion, Decision.WAITING, "undo_suggestion")
    return suggestion


def _likely(profile: Profile, actor: Viewer) -> Mapping[int, _Reasons]:
    """Each concept that evidence or text gives, with why."""
    found: dict[int, _Reasons] = {}
    for told in queries.fields_of_projects(profile, viewer=actor):
        reasons = found.setdefault(told.concept_id, _Reasons())
        reasons.projects[told.project_id] = told.name
    for likely in gateway.fields_of_text(queries.words_of(profile, viewer=actor)):
        reasons = found.setdefault(likely.concept_id, _Reasons())
        reasons.words, reasons.text_score = likely.words, likely.score
    usable = set(queries.usable_concepts(found, viewer=actor))
    return {key: why for key, why in found.items() if key in usable}


def _waits(suggestion: Suggestion) -> bool:
    return suggestion.decision == Decision.WAITING


def _held(actor: Viewer, suggestion_id: int) -> Suggestion:
    """The suggestion, held with its profile; refuses those who may not decide."""
    rows = Suggestion.objects.select_related(
        "profile", "concept__scheme", "competence", "decided_by"
    )
    known = rows.filter(pk=suggestion_id).first()
    if known is None:
        raise SkillsRefused(_("This suggestion is no longer there: the evidence has changed."))
    rule.demand(actor, known, _("You do not look after this profile, so you cannot decide for it."))
    hold_profile(known.profile_id)
    present = rows.filter(pk=suggestion_id).first()
    if present is None:
        raise SkillsRefused(_("This suggestion is no longer there: the evidence has changed."))
    return present


def _accept(actor: Viewer, suggestion: Suggestion) -> Competence | None:
    """The competence that the suggestion becomes; None where it is stated already."""
    stated = Competence.objects.filter(
        profile=suggestion.profile_id,
        direction=Direction.OFFERED,
        concept=suggestion.concept_id,
    )
    if stated.exists():
        return None
    competence = Competence(
        profile_id=suggestion.profile_id,
        direction=Direction.OFFERED,
        concept_id=suggestion.concept_id,
        origin=suggestion.origin,
        created_at=actor.now,
        changed_at=actor.now,
    )
    count_as_confirmed(competence, actor)
    competence.save()
    keys = [key for key, _name in suggestion.reasons.get("projects", ())]
    own = queries.own_projects(suggestion.profile, viewer=actor)
    project_proofs(competence, own.filter(pk__in=keys).order_by("pk"))
    return competence


def _write(actor: Viewer, suggestion: Suggestion, decision: Decision, verb: str) -> None:
    before = suggestion.decision
    suggestion.decision = decision
    waits = decision == Decision.WAITING
    suggestion.decided_by_id = None if waits else actor.person_id
    suggestion.decided_at = None if waits else actor.now
    suggestion.save(update_fields=["decision", "decided_by", "decided_at", "competence"])
    told = {
        "skill": ("", suggestion.concept),
        "decision": (_Label(before), _Label(decision)),
    }
    audit.record(actor=actor, verb=verb, subject=suggestion.profile, changes=told)
    if Decision.ACCEPTED in (before, decision):
        announce(suggestion.profile_id)


class _Label:
    """A decision in words, in each language."""

    def __init__(self, decision: str) -> None:
        self.decision = decision

    def __str__(self) -> str:
        return str(Decision(self.decision).label)


def _who_decided(suggestion: Suggestion) -> str:
    words = {
        Decision.ACCEPTED: _("%(name)s has already accepted this suggestion (%(when)s)."),
        Decision.REFUSED: _("%(name)s has already refused this suggestion (%(when)s)."),
    }[Decision(suggestion.decision)]
    at = suggestion.decided_at
    when = date_format(timezone.localtime(at), "SHORT_DATETIME_FORMAT") if at else "—"
    return words % {"name": suggestion.decided_by or _("Somebody"), "when": when}
