"""An office merges a term that members wrote into a concept; nothing that was said is lost."""

from django.db import transaction
from django.utils.translation import gettext as _

from trebbo.ecosystem.organisations.choices import Visibility
from trebbo.ecosystem.organisations.models import Profile
from trebbo.ecosystem.vocabularies.models import Concept
from trebbo.kernel import audit
from trebbo.kernel.access import Viewer, visitor
from trebbo.kernel.errors import NotAllowed
from trebbo.sharing.skills.actions.competences import announce
from trebbo.sharing.skills.actions.proofs import add_proofs
from trebbo.sharing.skills.actions.subjects import usable_concept
from trebbo.sharing.skills.actions.wording import SkillsRefused
from trebbo.sharing.skills.choices import Decision, Direction
from trebbo.sharing.skills.models import Competence, OwnTerm, Suggestion
from trebbo.sharing.skills.policies import merge_term as rule
from trebbo.sharing.skills.policies import view_competence

NARROWEST_FIRST = (Visibility.HIDDEN, Visibility.NETWORK, Visibility.PUBLIC)


@transaction.atomic
def merge_term(*, actor: Viewer, term_id: int, concept_id: int) -> OwnTerm:
    """Let what was said with the term be said with the concept, from now on and for good.

    Where a body has the concept already the two become one: the higher level, the larger number of
    people, the longer period, both notes, all evidence, and the narrower of the two circles. Doing
    it twice changes nothing. Refuses a term that went into another concept.
    """
    term = OwnTerm.objects.select_for_update(no_key=True).filter(pk=term_id).first()
    if term is None:
        raise SkillsRefused(_("This term is no longer there."))
    if not rule.allows(actor, term):
        raise NotAllowed(_("Only an office that sees what is said with a term may merge it."))
    if term.merged_into_id is not None:
        return _merged_already(term, concept_id)
    concept = usable_concept(concept_id)
    # Merges into one concept follow one another, so that two of them meet at a body in order.
    Concept.objects.select_for_update(no_key=True).filter(pk=concept.pk).first()
    owners = Competence.objects.filter(term=term.pk).order_by("profile").values("profile")
    holding = Profile.objects.select_for_update(no_key=True).filter(pk__in=owners)
    profiles = {profile.pk: profile for profile in holding.order_by("pk")}
    is_told = view_competence.filter(visitor(actor.now), term.competences.all()).exists()
    for competence in Competence.objects.filter(term=term.pk).order_by("pk"):
        _say_with_concept(competence, concept, actor)
    term.merged_into, term.merged_by_id, term.merged_at = concept, actor.person_id, actor.now
    term.is_told = is_told
    term.save(update_fields=["merged_into", "merged_by", "merged_at", "is_told"])
    told = {"term": (term, ""), "concept": ("", concept)}
    audit.record(actor=actor, verb="merge_term", subject=term, changes=told)
    for profile in profiles.values():
        audit.record(actor=actor, verb="merge_term", subject=profile, changes=told)
        announce(profile.pk)
    waiting = Suggestion.objects.filter(profile__in=profiles, concept=concept)
    offered = Competence.objects.filter(concept=concept, direction=Direction.OFFERED)
    waiting.filter(decision=Decision.WAITING, profile__in=offered.values("profile")).delete()
    return term


def _merged_already(term: OwnTerm, concept_id: int) -> OwnTerm:
    if term.merged_into_id != concept_id:
        words = _("“%(term)s” has already been merged into “%(concept)s”.")
        raise SkillsRefused(words % {"term": term, "concept": term.merged_into})
    return term


def _say_with_concept(competence: Competence, concept: Concept, actor: Viewer) -> None:
    known = Competence.objects.filter(
        profile=competence.profile_id, direction=competence.direction, concept=concept
    ).first()
    if known is None:
        competence.concept, competence.term = concept, None
        competence.save(update_fields=["concept", "term"])
        return
    _unite(known, competence)
    known.version += 1
    known.changed_at = actor.now
    known.save()
    add_proofs(known, list(competence.evidence.all()))
    Suggestion.objects.filter(competence=competence.pk).update(competence=known)
    competence.delete()


def _unite(kept: Competence, other: Competence) -> None:
    """Put into the first all that the second says."""
    kept.level = max(filter(None, (kept.level, other.level)), default=None)
    kept.people = max(filter(None, (kept.people, other.people)), default=None)
    kept.note_it = _both(kept.note_it, other.note_it)
    kept.note_en = _both(kept.note_en, other.note_en)
    # A blank day is one that is not known, or has not come: the longer period has it blank.
    starts, ends = (kept.valid_from, other.valid_from), (kept.valid_until, other.valid_until)
    kept.valid_from = None if None in starts else min(day for day in starts if day)
    kept.valid_until = None if None in ends else max(day for day in ends if day)
    # What was said to few is not told to many because an office tidied up.
    circles = {kept.visibility, other.visibility}
    kept.visibility = next(one for one in NARROWEST_FIRST if one in circles)
    if other.confirmed_at and (not kept.confirmed_at or other.confirmed_at > kept.confirmed_at):
        kept.confirmed_at, kept.due_date = other.confirmed_at, other.due_date
        kept.confirmed_by_id = other.confirmed_by_id
    kept.source = _both(kept.source, other.source)[:1000]


def _both(one: str, other: str) -> str:
    if not one or not other or other in one:
        return one or other
    return f"{one}; {other}"
