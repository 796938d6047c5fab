"""Competences, terms, suggestions and training, in small."""

from datetime import date

import factory
from factory.django import DjangoModelFactory

from tests.factories.organisations import NOW, ConceptFactory, OrganisationFactory
from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel.access import Viewer
from trebbo.sharing.skills.models import (
    Competence,
    CompetenceEvidence,
    OwnTerm,
    Suggestion,
    TrainingOffer,
)


class OwnTermFactory(DjangoModelFactory[OwnTerm]):
    """A term that nobody has merged."""

    class Meta:
        model = OwnTerm

    label_it = factory.Sequence(lambda n: f"arte nostra {n}")
    label_en = factory.Sequence(lambda n: f"art of ours {n}")
    proposed_at = NOW


class CompetenceFactory(DjangoModelFactory[Competence]):
    """An expert's competence in a field, offered to everybody's eyes, confirmed by nobody."""

    class Meta:
        model = Competence

    profile = factory.SubFactory(OrganisationFactory)
    direction = "offered"
    concept = factory.SubFactory(ConceptFactory)
    level = 3
    created_at = NOW
    changed_at = NOW

    class Params:
        own = factory.Trait(concept=None, term=factory.SubFactory(OwnTermFactory))


class EvidenceFactory(DjangoModelFactory[CompetenceEvidence]):
    """Evidence in words."""

    class Meta:
        model = CompetenceEvidence

    competence = factory.SubFactory(CompetenceFactory)
    kind = "other"
    text = factory.Sequence(lambda n: f"prova {n}")


class BareCompetenceFactory(CompetenceFactory):
    """A competence of which no level is known."""

    level = None


class CompetenceEvidenceFactory(EvidenceFactory):
    """A certificate, in words."""

    text = "ISO 13485"


class SuggestionFactory(DjangoModelFactory[Suggestion]):
    """A suggestion from a funded project that waits."""

    class Meta:
        model = Suggestion

    profile = factory.SubFactory(OrganisationFactory)
    concept = factory.SubFactory(ConceptFactory)
    origin = "evidence"
    score = 0.5
    reasons = factory.LazyFunction(lambda: {"projects": [], "count": 0, "words": ["osso"]})
    made_at = NOW


class TrainingFactory(DjangoModelFactory[TrainingOffer]):
    """A master of next autumn."""

    class Meta:
        model = TrainingOffer

    profile = factory.SubFactory(OrganisationFactory)
    kind = "master"
    title_it = factory.Sequence(lambda n: f"Master {n}")
    title_en = factory.Sequence(lambda n: f"Master's course {n}")
    valid_from = date(2026, 10, 1)
    valid_until = date(2027, 6, 30)
    apply_by = date(2026, 9, 15)
    created_at = NOW
    changed_at = NOW


def editor_of(profile: Profile, **held: object) -> Viewer:
    """Somebody who acts for the profile, on 15 June 2026."""
    given = {"now": NOW, "label": "Ada", "mandates": {profile.pk: frozenset({"editor"})}, **held}
    return Viewer(**given)  # type: ignore[arg-type]
