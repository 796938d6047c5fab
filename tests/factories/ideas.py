"""Challenges and project ideas, their answers, reviewers, terms and files."""

from datetime import timedelta
from typing import Any

import factory
from factory.django import DjangoModelFactory

from tests.factories.accounts import PersonFactory
from tests.factories.clusters import TODAY, ClusterFactory
from tests.factories.organisations import NOW, OrganisationFactory
from trebbo.sharing.ideas.choices import (
    LIFE_DAYS,
    AnswerState,
    IdeaKind,
    IdeaOutcome,
    IdeaState,
)
from trebbo.sharing.ideas.models import (
    Answer,
    AttachedFile,
    Comment,
    Criterion,
    Idea,
    IdeaReader,
    IdeaTerms,
    PartnerSought,
    ReadinessLevel,
    Reviewer,
    TermsAcceptance,
)


class IdeaFactory(DjangoModelFactory[Idea]):
    """An open challenge of an organisation, read by named people; give it a circle."""

    class Meta:
        model = Idea

    kind = IdeaKind.CHALLENGE
    state = IdeaState.OPEN
    body = factory.SubFactory(OrganisationFactory)
    keeper = factory.SubFactory(PersonFactory)
    broker = factory.SubFactory(ClusterFactory)
    title_it = factory.Sequence(lambda n: f"Sfida sintetica {n}")
    title_en = factory.Sequence(lambda n: f"Synthetic challenge {n}")
    text_it = "Cerchiamo un metodo sintetico."
    text_en = "We look for a synthetic method."
    teaser_title_it = "Un ospedale cerca"
    teaser_it = "Un ospedale cerca un metodo."
    teaser_circle = factory.SelfAttribute("circle")
    circle = "named"
    outcome = factory.LazyAttribute(
        lambda idea: IdeaOutcome.SOLVED if idea.state == IdeaState.CLOSED else ""
    )
    expires_date = TODAY + timedelta(days=LIFE_DAYS)
    published_at = NOW
    since = NOW
    created_at = NOW
    changed_at = NOW


class AnswerFactory(DjangoModelFactory[Answer]):
    """An organisation answered; nobody has decided on it."""

    class Meta:
        model = Answer

    idea = factory.SubFactory(IdeaFactory)
    body = factory.SubFactory(OrganisationFactory)
    author = factory.SubFactory(PersonFactory)
    text = "Lo sappiamo fare."
    state = AnswerState.GIVEN
    given_at = NOW
    changed_at = NOW


class CriterionFactory(DjangoModelFactory[Criterion]):
    """The only thing that reviewers give points for."""

    class Meta:
        model = Criterion

    idea = factory.SubFactory(IdeaFactory)
    label_it = "Aderenza"
    label_en = "Fit"
    weight = 100


class ReviewerFactory(DjangoModelFactory[Reviewer]):
    """A reviewer who declared that there is no conflict of interest."""

    class Meta:
        model = Reviewer

    idea = factory.SubFactory(IdeaFactory)
    person = factory.SubFactory(PersonFactory)
    named_at = NOW
    in_conflict = False
    declared_at = NOW


class IdeaReaderFactory(DjangoModelFactory[IdeaReader]):
    """A reader by name."""

    class Meta:
        model = IdeaReader

    idea = factory.SubFactory(IdeaFactory)
    person = factory.SubFactory(PersonFactory)
    named_at = NOW


class IdeaTermsFactory(DjangoModelFactory[IdeaTerms]):
    """The first version of the terms; the idea itself says which version it asks for."""

    class Meta:
        model = IdeaTerms

    idea = factory.SubFactory(IdeaFactory)
    version = 1
    text_it = "Nessuno ne parla fuori."
    text_en = "Nobody speaks of it outside."
    written_at = NOW


class TermsAcceptanceFactory(DjangoModelFactory[TermsAcceptance]):
    """Somebody accepted terms."""

    class Meta:
        model = TermsAcceptance

    terms = factory.SubFactory(IdeaTermsFactory)
    person = factory.SubFactory(PersonFactory)
    label = factory.LazyAttribute(lambda row: str(row.person))
    text = factory.LazyAttribute(lambda row: row.terms.text_it)
    language = "it"
    at = NOW


class PartnerFactory(DjangoModelFactory[PartnerSought]):
    """A role that is sought."""

    class Meta:
        model = PartnerSought

    idea = factory.SubFactory(IdeaFactory)
    role_it = factory.Sequence(lambda n: f"Ruolo {n}")
    role_en = factory.Sequence(lambda n: f"Role {n}")


class ReadinessLevelFactory(DjangoModelFactory[ReadinessLevel]):
    """A level of a cluster's scale."""

    class Meta:
        model = ReadinessLevel

    cluster = factory.SubFactory(ClusterFactory)
    number = factory.Sequence(lambda n: n % 20)
    label_it = factory.LazyAttribute(lambda level: f"Livello {level.number}")
    label_en = factory.LazyAttribute(lambda level: f"Level {level.number}")
    is_synthetic = True


class CommentFactory(DjangoModelFactory[Comment]):
    """Something said in a discussion."""

    class Meta:
        model = Comment
        skip_postgeneration_save = True

    idea = factory.SubFactory(IdeaFactory)
    author = factory.SubFactory(PersonFactory)
    label = factory.LazyAttribute(lambda comment: str(comment.author))
    text = "Buona domanda."
    at = NOW

    @factory.post_generation
    def mentioned(self: Comment, create: bool, extracted: Any, **_more: Any) -> None:  # type: ignore[misc]
        """Give `mentioned` the people it mentions."""
        if create and extracted:
            self.mentions.set(extracted)


class AttachedFileFactory(DjangoModelFactory[AttachedFile]):
    """A text file of an idea; give it an answer for one of an answer."""

    class Meta:
        model = AttachedFile

    idea = factory.SubFactory(IdeaFactory)
    name = factory.Sequence(lambda n: f"allegato-{n}.txt")
    content_type = "text/plain; charset=utf-8"
    content = b"Contenuto sintetico"
    size = factory.LazyAttribute(lambda file: len(file.content))
    attached_at = NOW
