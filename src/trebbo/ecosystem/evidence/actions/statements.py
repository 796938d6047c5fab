"""What members say of the evidence about them: confirm, hide, correct, and take it back."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from trebbo.ecosystem.evidence.actions.attribution import attribute
from trebbo.ecosystem.evidence.choices import ParticipationRole, Verdict
from trebbo.ecosystem.evidence.events import evidence_changed
from trebbo.ecosystem.evidence.models import FundedProject, Participation, Statement
from trebbo.ecosystem.evidence.policies import speak_for
from trebbo.ecosystem.organisations.actions import set_fields
from trebbo.ecosystem.organisations.actions.profiles import MOST_FIELDS
from trebbo.ecosystem.organisations.models import Profile, Unit
from trebbo.ecosystem.vocabularies.models import Concept
from trebbo.kernel import audit
from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import Refusal

FIELDS_SCHEME = "euroscivoc"
LONGEST_NOTE = 500
LARGEST_AMOUNT = Decimal("99999999999999.99")


class StatementRefused(Refusal):
    """What was said does not fit the fact, or the fact is not this profile's."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A statement as it is now, and what it took the place of: by whom, and what they had said."""

    statement: Statement
    by: str = ""
    before: str = ""

    @property
    def overtook(self) -> bool:
        """Whether somebody else had spoken before."""
        return bool(self.by)


@transaction.atomic
def say_of_participation(
    *,
    actor: Viewer,
    profile_id: int,
    participation_id: int,
    verdict: str,
    role: str = "",
    contribution: Decimal | None = None,
    done_by: int | None = None,
    note: str = "",
) -> Spoken:
    """Confirm, hide or correct the profile's part in a project; the last word holds.

    A correction may name another role or amount (euro), add a note, or give the part to one of the
    organisation's own units (`done_by`). It stays whatever later editions say. Refuses a part that
    is not the profile's, and a correction that corrects nothing.
    """
    profile = _profile_to_speak_for(actor, profile_id)
    rows = Participation.objects.select_related("project")
    part = rows.filter(pk=participation_id).first()
    before = _statement(profile, participation=participation_id)
    given = before.done_by_id if before else None
    if part is None or part.profile_id not in {profile.pk, given or 0}:
        raise StatementRefused(_("This part in a project is not one of this profile's."))
    said: dict[str, Any] = {"role": "", "contribution": None, "done_by_id": None, "note": ""}
    if verdict == Verdict.CORRECTED:
        said = {"role": role, "contribution": contribution, "done_by_id": done_by, "note": note}
        said = _correction(profile, part, said)
    said = {"participation": part, "verdict": Verdict(verdict), **said}
    spoken = _write(actor, profile, before, said)
    if said["done_by_id"] != given:
        attribute(actor=actor, body_ids=[part.body_id])
    return spoken


@transaction.atomic
def say_of_field(
    *,
    actor: Viewer,
    profile_id: int,
    concept_id: int,
    verdict: str,
    instead: int | None = None,
) -> Spoken:
    """Confirm, hide or correct a field that the evidence gives the profile; the last word holds.

    A confirmed field, and the one named `instead` of a wrong one, joins the profile's own fields.
    A hidden one is left out of the evidence only. Refuses a field that the evidence does not give.
    """
    profile = _profile_to_speak_for(actor, profile_id)
    concepts = Concept.objects.filter(funded_projects__participations__profile=profile.pk)
    concept = concepts.select_related("scheme").filter(pk=concept_id).first()
    if concept is None:
        raise StatementRefused(_("The evidence does not give this field to the profile."))
    right = None
    if verdict == Verdict.CORRECTED:
        fields = Concept.objects.filter(scheme__code=FIELDS_SCHEME).select_related("scheme")
        right = fields.filter(pk=instead or 0).first()
        if right is None or right == concept:
            raise _refused("instead", _("Choose the right field from the list."))
    before = _statement(profile, concept=concept.pk)
    instead_id = right.pk if right else None
    said = {"concept": concept, "verdict": Verdict(verdict), "instead_id": instead_id}
    spoken = _write(actor, profile, before, said)
    joins = right or (concept if verdict == Verdict.CONFIRMED else None)
    if joins and joins.scheme.code == FIELDS_SCHEME:
        _add_to_own_fields(actor, profile, joins)
    return spoken


@transaction.atomic
def take_back(
    *,
    actor: Viewer,
    profile_id: int,
    participation_id: int | None = None,
    concept_id: int | None = None,
) -> bool:
    """Take back what was said of a part or of a field: the official row holds again.

    Returns whether anything had been said. Fields stay among the profile's own.
    """
    profile = _profile_to_speak_for(actor, profile_id)
    fact: dict[str, Any] = (
        {"participation": participation_id} if participation_id else {"concept": concept_id}
    )
    statement = _statement(profile, **fact)
    if statement is None:
        return False
    audit.record(
        actor=actor,
        verb="take_back_word",
        subject=profile,
        changes={"fact": ("", _about(statement)), "verdict": (_Told(statement), "")},
    )
    body = statement.participation.body_id if statement.participation else None
    was_given = statement.done_by_id is not None
    statement.delete()
    if was_given and body:
        attribute(actor=actor, body_ids=[body])
    _announce(profile)
    return True


def _profile_to_speak_for(actor: Viewer, profile_id: int) -> Profile:
    """The profile, held so that two who speak at once do so one after the other."""
    profile = Profile.objects.select_for_update().get(pk=profile_id)
    speak_for.demand(
        actor,
        profile,
        _("You do not look after this profile, so you cannot speak for it."),
    )
    return profile


def _statement(profile: Profile, **fact: Any) -> Statement | None:
    rows = Statement.objects.select_related("said_by", "participation__project", "concept")
    return rows.filter(profile=profile, **fact).first()


def _correction(profile: Profile, part: Participation, typed: Mapping[str, Any]) -> dict[str, Any]:
    """What a correction says, without what the official row says already."""
    role, amount, unit = typed["role"], typed["contribution"], typed["done_by_id"]
    note = " ".join(typed["note"].split())
    if len(note) > LONGEST_NOTE:
        raise _refused("note", _("At most %(limit)s characters.") % {"limit": LONGEST_NOTE})
    if role and role not in ParticipationRole.values:
        raise _refused("role", _("Choose a role from the list."))
    if amount is not None and not 0 <= amount <= LARGEST_AMOUNT:
        raise _refused("contribution", _("An amount in euro, zero or more."))
    if unit and not Unit.objects.filter(pk=unit, organisation=profile.pk).exists():
        raise _refused("done_by", _("Choose one of your own units."))
    said: dict[str, Any] = {
        "role": role if role != part.role else "",
        "contribution": amount if amount != part.contribution else None,
        "done_by_id": unit or None,
        "note": note,
    }
    if not any(value is not None and value != "" for value in said.values()):
        raise StatementRefused(
            _("Nothing differs from the official record: change a value, or add a note.")
        )
    return said


def _refused(field: str, words: str) -> StatementRefused:
    return StatementRefused(words, {field: words})


def _add_to_own_fields(actor: Viewer, profile: Profile, concept: Concept) -> None:
    """The field joins those that the profile names itself, as long as there is room."""
    own = set(profile.fields.values_list("pk", flat=True))
    if concept.pk not in own and len(own) < MOST_FIELDS:
        set_fields(actor=actor, profile_id=profile.pk, concept_ids={*own, concept.pk})


def _write(
    actor: Viewer,
    profile: Profile,
    before: Statement | None,
    said: Mapping[str, Any],
) -> Spoken:
    fact = {name: said[name] for name in said if name in {"participation", "concept"}}
    by = ""
    if before is not None and before.said_by_id != actor.person_id:
        by = str(before.said_by or "—")
    statement, _new = Statement.objects.update_or_create(
        profile=profile,
        **fact,
        defaults={
            **said,
            "said_by_id": actor.person_id,
            "said_at": actor.now,
        },
    )
    old = _Told(before, by) if before else ""
    audit.record(
        actor=actor,
        verb="say_of_fact",
        subject=profile,
        changes={"fact": ("", _about(statement)), "verdict": (old, _Told(statement))},
    )
    _announce(profile)
    return Spoken(statement, by, str(old))


def _about(statement: Statement) -> FundedProject | Concept | None:
    """What the statement is about; its name is read in each language."""
    return statement.participation.project if statement.participation else statement.concept


@dataclass(frozen=True, slots=True)
class _Told:
    """A statement in a few words of the page's language, for the audit trail."""

    statement: Statement
    by: str = ""

    def __str__(self) -> str:
        said = self.statement
        details = [
            str(ParticipationRole(said.role).label) if said.role else "",
            f"EUR {said.contribution}" if said.contribution is not None else "",
            said.done_by.title if said.done_by else "",
            said.instead.label if said.instead else "",
            said.note,
        ]
        told = "; ".join(filter(None, details))
        words = str(Verdict(said.verdict).label)
        words = f"{words}: {told}" if told else words
        return f"{words} ({self.by})" if self.by else words


def _announce(profile: Profile) -> None:
    transaction.on_commit(partial(evidence_changed.send, sender=Statement, profile_id=profile.pk))
