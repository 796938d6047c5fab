"""Stating, changing, ending and confirming what a body can do or looks for."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from trebbo.ecosystem.organisations.choices import Standing, Visibility
from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel import audit
from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import tidied
from trebbo.sharing.skills.actions.proofs import Proofs, checked, proofs_of, write_proofs
from trebbo.sharing.skills.actions.subjects import Subject, named_subject, subject_of
from trebbo.sharing.skills.actions.wording import (
    SkillsRefused,
    demand_day,
    line,
    number,
    one_of,
    period,
    refused,
)
from trebbo.sharing.skills.choices import LONGEST_NOTE, Decision, Direction, Level, Origin
from trebbo.sharing.skills.events import competences_changed
from trebbo.sharing.skills.models import Competence, Suggestion
from trebbo.sharing.skills.policies import state_skills

Rules = Mapping[str, Callable[[Any], Any]]
RULES: Rules = {
    "direction": lambda typed: one_of("direction", typed, Direction.values),
    "level": lambda typed: one_of("level", typed, [None, *Level.values]),
    "note_it": lambda typed: line("note_it", typed, LONGEST_NOTE),
    "note_en": lambda typed: line("note_en", typed, LONGEST_NOTE),
    "people": lambda typed: number("people", typed),
    "visibility": lambda typed: one_of("visibility", typed, Visibility.values),
    "valid_from": lambda typed: typed,
    "valid_until": lambda typed: typed,
}
"""What can be said of a competence besides its subject and evidence."""
SUBJECT = ("concept_id", "term_it", "term_en")


class CompetenceChanged(SkillsRefused):
    """Somebody else saved the competence meanwhile; nothing was written.

    `present` holds what is kept now, under the names of the action's arguments; `competence` is the
    row that has it, another one where an office united the two.
    """

    status = 409

    def __init__(self, competence: Competence, *, viewer: Viewer) -> None:
        super().__init__(
            _(
                "While you were writing, somebody else changed this competence. "
                "Nothing is lost: compare and choose."
            )
        )
        self.competence = competence
        self.version = competence.version
        self.present = present_values(competence, viewer=viewer)


@transaction.atomic
def state_competence(
    *,
    actor: Viewer,
    profile_id: int,
    concept_id: int | None = None,
    term_it: str = "",
    term_en: str = "",
    proofs: Proofs | None = None,
    origin: str = Origin.MEMBER,
    source: str = "",
    standing: str = Standing.VERIFIED,
    confirm: bool = True,
    **said: Any,
) -> Competence:
    """State that a body offers or seeks a competence, by a concept or in its own words.

    `said` are `RULES`: at least `direction`. One that ended before begins anew. With `confirm` it
    counts as confirmed at this moment. Refuses one that is stated already, and what does not fit.
    """
    profile = demand_profile(actor, profile_id)
    values = _values({"direction": "", **said})
    subject = named_subject(actor, profile, concept_id=concept_id, term_it=term_it, term_en=term_en)
    hold_profile(profile_id)
    found = checked(proofs or Proofs(), profile, viewer=actor)
    before = Competence.objects.filter(
        profile=profile_id, direction=values["direction"], **subject.columns
    ).first()
    if before is not None and not _is_over(before, actor.today):
        raise _stated_already(subject)
    competence = before or Competence(
        profile_id=profile_id, created_at=actor.now, version=0, **subject.columns
    )
    if before is not None:
        values = _fresh_values() | values
    changes = _set(competence, values)
    competence.origin, competence.standing = Origin(origin), Standing(standing)
    competence.source = line("source", source, 1000)
    competence.version += 1
    competence.changed_at = actor.now
    if confirm:
        count_as_confirmed(competence, actor)
    _save_once(competence, subject)
    write_proofs(competence, found, viewer=actor)
    _settle_suggestion(competence)
    told = {"skill": ("", subject), **changes}
    audit.record(actor=actor, verb="state_competence", subject=profile, changes=told)
    announce(profile_id)
    return competence


@transaction.atomic
def change_competence(
    *,
    actor: Viewer,
    competence_id: int,
    version: int,
    profile_id: int | None = None,
    proofs: Proofs | None = None,
    **changes: Any,
) -> Competence:
    """Change a competence that the person read in `version`: `RULES`, subject, evidence.

    The subject is given whole (`concept_id`, `term_it`, `term_en`) or not at all. Raises
    `CompetenceChanged` where somebody else was faster, also where an office merged its term, with
    what is kept now; then nothing is written.
    """
    known, profile = _known(actor, competence_id, profile_id)
    named = {name: changes.pop(name, None) for name in SUBJECT}
    subject = _named(actor, profile, named, known)
    before = _held(competence_id, profile)
    if before is None:
        united = _united(profile, subject, actor)
        raise united or _no_longer_there()
    subject = subject or subject_of(before)
    values = _values(changes, before)
    found = None if proofs is None else checked(proofs, profile, viewer=actor)
    if before.version != version:
        raise CompetenceChanged(before, viewer=actor)
    competence = before
    told: dict[str, Any] = {"skill": (subject_of(before), subject)}
    told |= _set(competence, values)
    competence.version += 1
    competence.concept, competence.term = subject.concept, subject.term
    competence.changed_at = actor.now
    count_as_confirmed(competence, actor)
    _save_once(competence, subject)
    if found is not None:
        behind = proofs_of(competence, viewer=actor)
        write_proofs(competence, found, viewer=actor)
        now = proofs_of(competence, viewer=actor)
        if behind != now:
            told["evidence"] = (_count(behind), _count(now))
    audit.record(actor=actor, verb="change_competence", subject=profile, changes=told)
    announce(profile.pk)
    return competence


@transaction.atomic
def end_competence(
    *,
    actor: Viewer,
    competence_id: int,
    last_day: date | None = None,
    mistake: bool = False,
) -> None:
    """Say until when a competence held (yesterday by default): it stays in the history.

    One that was stated by `mistake` today is removed instead. Refuses a last day before the first
    one, and the removal of what has stood for longer.
    """
    profile = _known(actor, competence_id)[1]
    competence = _held(competence_id, profile)
    if competence is None:
        raise _no_longer_there()
    label = str(subject_of(competence))
    if mistake:
        if created_on(competence) != actor.today:
            raise SkillsRefused(_("It has stood since an earlier day: end it instead."))
        competence.delete()
        told: dict[str, Any] = {"skill": (label, "")}
        audit.record(actor=actor, verb="remove_competence", subject=profile, changes=told)
    else:
        day = last_day or actor.today - timedelta(days=1)
        demand_day("last_day", day)
        if competence.valid_from and day < competence.valid_from:
            words = _("It began on a later day than this: choose another last day.")
            raise refused("last_day", words)
        told = {"skill": (label, label), "valid_until": (competence.valid_until, day)}
        competence.valid_until = day
        competence.version += 1
        competence.changed_at = actor.now
        competence.save(update_fields=["valid_until", "version", "changed_at"])
        audit.record(actor=actor, verb="end_competence", subject=profile, changes=told)
    announce(profile.pk)


@transaction.atomic
def confirm_competences(
    *, actor: Viewer, profile_id: int, competence_ids: Iterable[int] | None = None
) -> int:
    """Say that competences of a body are still true: all that have not ended, or those named.

    It holds for `CONFIRMATION_DAYS` days from today. Returns how many; disturbs nobody who is
    changing one of them.
    """
    profile = demand_profile(actor, profile_id)
    hold_profile(profile_id)
    rows = Competence.objects.filter(_not_over(actor.today), profile=profile_id)
    if competence_ids is not None:
        rows = rows.filter(pk__in=list(competence_ids))
    competences = list(rows.select_related("concept", "term").order_by("pk"))
    for competence in competences:
        count_as_confirmed(competence, actor)
    columns = ["confirmed_at", "confirmed_by", "due_date", "standing"]
    Competence.objects.bulk_update(competences, columns)
    if competences:
        told = {"competences": ("", [subject_of(one) for one in competences])}
        audit.record(actor=actor, verb="confirm_competence", subject=profile, changes=told)
        announce(profile_id)
    return len(competences)


def demand_profile(actor: Viewer, profile_id: int) -> Profile:
    """The profile, if the actor may speak for it."""
    profile = Profile.objects.filter(pk=profile_id).first()
    if profile is None:
        raise SkillsRefused(_("This profile is no longer in the registry."))
    words = _("You do not look after this profile, so you cannot speak of its competences.")
    state_skills.demand(actor, profile, words)
    return profile


def hold_profile(profile_id: int) -> None:
    """Let others who change competences of the profile wait. Terms are held before profiles."""
    Profile.objects.select_for_update(no_key=True).filter(pk=profile_id).first()


def present_values(competence: Competence, *, viewer: Viewer) -> dict[str, Any]:
    """What is kept of a competence, under the names of the arguments of `change_competence`."""
    values: dict[str, Any] = {name: getattr(competence, name) for name in RULES}
    return {
        **values,
        "concept_id": competence.concept_id,
        "term_it": competence.term.label_it if competence.term else "",
        "term_en": competence.term.label_en if competence.term else "",
        "proofs": proofs_of(competence, viewer=viewer),
    }


def count_as_confirmed(competence: Competence, actor: Viewer) -> None:
    """Let it hold until the same day of the next year; what was inferred is now the body's word."""
    if competence.standing == Standing.INFERRED:
        competence.standing = Standing.VERIFIED
    competence.confirmed_at = actor.now
    competence.confirmed_by_id = actor.person_id
    competence.due_date = actor.today + timedelta(days=settings.CONFIRMATION_DAYS)


def created_on(competence: Competence) -> date:
    """The local day on which it was stated first."""
    return Viewer(now=competence.created_at).today


def announce(profile_id: int) -> None:
    """Tell the areas above, once the change is safe."""
    send = partial(competences_changed.send, sender=Competence, profile_id=profile_id)
    transaction.on_commit(send)


def _known(
    actor: Viewer, competence_id: int, profile_id: int | None = None
) -> tuple[Competence | None, Profile]:
    """The competence as it may be, and its profile, for which the actor may speak."""
    known = Competence.objects.filter(pk=competence_id).first()
    owner_id = known.profile_id if known else profile_id
    if owner_id is None:
        raise _no_longer_there()
    return known, demand_profile(actor, owner_id)


def _held(competence_id: int, profile: Profile) -> Competence | None:
    """The competence as it is, held with all others of the profile."""
    hold_profile(profile.pk)
    Competence.objects.select_for_update(no_key=True).filter(pk=competence_id).first()
    rows = Competence.objects.select_related("concept", "term")
    return rows.filter(pk=competence_id, profile=profile.pk).first()


def _named(
    actor: Viewer, profile: Profile, named: Mapping[str, Any], known: Competence | None
) -> Subject | None:
    """The subject that was given, if one was."""
    if not any(named.values()):
        return None
    return named_subject(
        actor,
        profile,
        concept_id=named["concept_id"],
        term_it=named["term_it"] or "",
        term_en=named["term_en"] or "",
        before=known,
    )


def _united(profile: Profile, subject: Subject | None, actor: Viewer) -> CompetenceChanged | None:
    """The conflict where the competence's term was merged and the body had the concept already."""
    if subject is None or subject.concept is None:
        return None
    rows = Competence.objects.select_related("concept", "term")
    survivor = rows.filter(profile=profile, **subject.columns).order_by("direction").first()
    return CompetenceChanged(survivor, viewer=actor) if survivor else None


def _no_longer_there() -> SkillsRefused:
    return SkillsRefused(_("This competence is no longer there: somebody removed it."))


def _values(typed: Mapping[str, Any], before: Competence | None = None) -> dict[str, Any]:
    values = tidied(typed, RULES, SkillsRefused)
    start = values.get("valid_from", before.valid_from if before else None)
    period(start, values.get("valid_until", before.valid_until if before else None))
    return values


def _fresh_values() -> dict[str, Any]:
    """What a competence that begins anew has, where nothing else is said."""
    blank: dict[str, Any] = {"note_it": "", "note_en": "", "visibility": Visibility.PUBLIC}
    return {name: blank.get(name) for name in RULES}


def _set(competence: Competence, values: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Put the values in; gives back what changed, for the trail."""
    changes = {}
    for name, new in values.items():
        old = getattr(competence, name)
        if old != new:
            changes[AUDITED.get(name, name)] = (_told(name, old), _told(name, new))
            setattr(competence, name, new)
    return changes


AUDITED = {"visibility": "shown_to"}
LISTS = {"direction": Direction, "level": Level, "visibility": Visibility}


class _Choice:
    """A value of a closed list, by its label in each language."""

    def __init__(self, label: Any) -> None:
        self.label = label

    def __str__(self) -> str:
        return str(self.label)


def _told(name: str, value: Any) -> Any:
    if value in (None, ""):
        return ""
    return _Choice(LISTS[name](value).label) if name in LISTS else value


def _save_once(competence: Competence, subject: Subject) -> None:
    try:
        with transaction.atomic():
            competence.save()
    except IntegrityError as error:
        raise _stated_already(subject) from error


def _stated_already(subject: Subject) -> SkillsRefused:
    words = _("“%(name)s” is among its competences already: change it there.")
    return refused("concept", words % {"name": subject})


def _settle_suggestion(competence: Competence) -> None:
    """What is stated is no longer suggested."""
    if competence.concept_id and competence.direction == Direction.OFFERED:
        waiting = Suggestion.objects.filter(decision=Decision.WAITING)
        waiting.filter(profile=competence.profile_id, concept=competence.concept_id).delete()


def _is_over(competence: Competence, today: date) -> bool:
    return competence.valid_until is not None and competence.valid_until < today


def _not_over(today: date) -> Q:
    return Q(valid_until__isnull=True) | Q(valid_until__gte=today)


def _count(proofs: Proofs) -> int:
    return sum(len(kind) for kind in proofs)
