"""What a competence is about: a concept of a vocabulary, or a term in the body's own words."""

from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from trebbo.ecosystem.organisations.models import Profile
from trebbo.ecosystem.vocabularies.models import Concept
from trebbo.kernel.access import Viewer
from trebbo.kernel.text import fold
from trebbo.sharing.skills.actions.wording import line, refused
from trebbo.sharing.skills.choices import LONGEST_TERM, VOCABULARIES
from trebbo.sharing.skills.models import Competence, OwnTerm
from trebbo.sharing.skills.policies import view_competence


@dataclass(frozen=True, slots=True)
class Subject:
    """One of the two, never both."""

    concept: Concept | None = None
    term: OwnTerm | None = None

    def __str__(self) -> str:
        return str(self.concept or self.term)

    @property
    def columns(self) -> dict[str, int | None]:
        """By what the rows of competences name it."""
        return {
            "concept_id": self.concept.pk if self.concept else None,
            "term_id": self.term.pk if self.term else None,
        }


def subject_of(competence: Competence) -> Subject:
    """What a competence is about."""
    return Subject(competence.concept, competence.term)


def named_subject(
    actor: Viewer,
    profile: Profile,
    *,
    concept_id: int | None,
    term_it: str,
    term_en: str,
    before: Competence | None = None,
) -> Subject:
    """The concept, or the term with these words; a term that was merged gives its concept.

    A new term is made where nobody has used these words yet. Refuses both and neither, and a
    concept that the present edition no longer has, unless the competence has it already (`before`).
    """
    words = line("term_it", term_it, LONGEST_TERM), line("term_en", term_en, LONGEST_TERM)
    if concept_id and any(words):
        raise refused("concept", _("Choose from the list, or write in your own words: not both."))
    if concept_id:
        return Subject(concept=usable_concept(concept_id, before.concept_id if before else None))
    if not any(words):
        raise refused(
            "concept", _("Choose a competence from the list, or write it in your own words.")
        )
    return _by_words(actor, profile, *words)


def usable_concept(concept_id: int, known_id: int | None = None) -> Concept:
    """The concept, where competences may be stated with it."""
    rows = Concept.objects.select_related("scheme")
    concept = rows.filter(pk=concept_id, scheme__code__in=VOCABULARIES).first()
    if concept is None:
        raise refused("concept", _("Choose a competence from the list."))
    if concept.is_gone and concept.pk != known_id:
        words = _("The present edition of “%(scheme)s” no longer has “%(name)s”: choose another.")
        raise refused("concept", words % {"scheme": concept.scheme, "name": concept})
    return concept


def _by_words(actor: Viewer, profile: Profile, italian: str, english: str) -> Subject:
    known = _known_term(actor, italian, english)
    if known is None:
        known = OwnTerm.objects.create(
            label_it=italian, label_en=english, proposed_by_id=profile.pk, proposed_at=actor.now
        )
    if known.merged_into is not None:
        return Subject(concept=known.merged_into)
    return Subject(term=known)


def _known_term(actor: Viewer, italian: str, english: str) -> OwnTerm | None:
    """The term that says the same, held so that nobody merges it meanwhile."""
    alike = Q(pk__in=())
    if italian:
        alike |= Q(label_it__iexact=italian)
    if english:
        alike |= Q(label_en__iexact=english)
    for term in OwnTerm.objects.filter(alike).order_by("pk"):
        if _says_the_same(term, italian, english) and _tells_nothing(actor, term, italian, english):
            # Held first and read afterwards: what an office did meanwhile is then read whole.
            OwnTerm.objects.select_for_update(no_key=True).filter(pk=term.pk).first()
            return OwnTerm.objects.select_related("merged_into").get(pk=term.pk)
    return None


def _says_the_same(term: OwnTerm, italian: str, english: str) -> bool:
    pairs = (term.label_it, italian), (term.label_en, english)
    return all(not one or not other or fold(one) == fold(other) for one, other in pairs)


def _tells_nothing(actor: Viewer, term: OwnTerm, italian: str, english: str) -> bool:
    """Whether taking the term gives the actor no word that was said to others only."""
    whole = (italian or not term.label_it) and (english or not term.label_en)
    if whole or term.merged_into_id:  # what was merged gives its concept, which all may read
        return True
    return view_competence.filter(actor, term.competences.all()).exists()
