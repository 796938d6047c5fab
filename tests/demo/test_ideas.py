"""The demonstration's ideas: made up and saying so, done through what people use."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.factories.clusters import ClusterFactory, NetworkFactory, ValueChainFactory
from tests.factories.organisations import OrganisationFactory, UnitFactory
from tests.searching import index_all
from trebbo.demo import builder, ideas, personas
from trebbo.demo.marks import MARKS
from trebbo.ecosystem.accounts.models import Person
from trebbo.kernel.models import AuditLine
from trebbo.partnering.introductions.models import Ask, Introduction
from trebbo.sharing.ideas.choices import AnswerState, IdeaOutcome, IdeaState
from trebbo.sharing.ideas.models import (
    Answer,
    Comment,
    Endorsement,
    Follow,
    Idea,
    IdeaReader,
    IdeaReading,
    IdeaStep,
    ReadinessLevel,
    Reviewer,
    Score,
    TermsAcceptance,
)

pytestmark = pytest.mark.django_db

SignIn = Callable[[Person], Client]
VERBS = {
    "submit": "submit_idea",
    "publish": "publish_idea",
    "return": "return_idea",
    "readiness": "set_readiness",
    "official": "answer_officially",
    "endorse": "endorse_idea",
    "reader": "name_idea_reader",
    "reviewer": "name_reviewer",
    "declare": "declare_conflict",
    "terms": "accept_terms",
    "comment": "post_comment",
    "answer": "give_answer",
    "withdraw": "withdraw_answer",
    "score": "score_answer",
    "introduce": "introduce_answer",
}
TEXTS = ("title", "text", "good_answer", "teaser_title", "teaser", "reward")


def persona(key: str) -> Person:
    """The account of a persona."""
    return Person.objects.get(email=personas.BY_KEY[key].email)


def test_every_row_is_done_and_says_that_it_is_made_up(sign_in: SignIn) -> None:
    """All rows of the tables, by synthetic people; texts begin with the mark."""
    builder.build()
    index_all()
    assert not ideas.are_there()
    ideas.bring_in()
    assert ideas.are_there()
    _assert_all_rows_are_done()
    _assert_everything_is_marked()
    _assert_ideas_stand_in_all_states()
    _assert_answers_were_introduced()
    _assert_the_pages_live(sign_in)


def _assert_all_rows_are_done() -> None:
    """Nothing was left out: the audit trail has a line for each step."""
    steps = Counter(row["do"] for row in builder.rows("idea_steps"))
    done = Counter(AuditLine.objects.values_list("verb", flat=True))
    for do, verb in VERBS.items():
        assert done[verb] == steps[do] > 0, do
    assert done["decide_answer"] == steps["accept"] + steps["decline"]
    assert done["ask_from_idea"] == steps["find"] + 2  # two ideas' answers are introduced
    assert Idea.objects.count() == len(list(builder.rows("ideas"))) == 10
    assert Follow.objects.count() >= steps["follow"]
    assert IdeaReading.objects.filter(times=2).exists()
    assert IdeaReader.objects.count() == 2
    assert TermsAcceptance.objects.count() == steps["terms"] == 4
    assert Reviewer.objects.filter(in_conflict=True).count() == 1
    assert Score.objects.count() == 3 * steps["score"]
    assert Comment.objects.filter(quotes__isnull=False).exists()
    assert Endorsement.objects.filter(by=persona("chair")).count() == steps["endorse"]


def _assert_everything_is_marked() -> None:
    """Whoever wrote something is made up, and each text says so."""
    for idea in Idea.objects.select_related("keeper", "body"):
        assert idea.is_synthetic
        assert idea.keeper is not None
        assert idea.keeper.is_synthetic
        assert idea.heading.startswith((MARKS["it"], "Sfida", "Idea"))
        for name in TEXTS:
            for language, mark in MARKS.items():
                text = getattr(idea, f"{name}_{language}")
                assert not text or text.startswith(mark)
        assert not idea.official_answer or idea.official_answer.startswith(MARKS["it"])
        assert not idea.outcome_reason or idea.outcome_reason.startswith(MARKS["it"])
    for answer in Answer.objects.all():
        assert answer.is_synthetic
        assert answer.text.startswith(MARKS["it"])
        assert not answer.reply or answer.reply.startswith(MARKS["it"])
    for comment in Comment.objects.all():
        assert comment.text.startswith(MARKS["it"])
    for accepted in TermsAcceptance.objects.all():
        assert accepted.text.startswith(MARKS["it"])
    for level in ReadinessLevel.objects.all():
        assert level.is_synthetic
        assert level.label_it.startswith("scala sintetica")
        assert level.label_en.startswith("synthetic scale")
    for table, column in ((Answer, "author"), (Comment, "author"), (IdeaStep, "person")):
        assert not table.objects.filter(**{f"{column}__is_synthetic": False}).exists()


def _assert_ideas_stand_in_all_states() -> None:
    stand = Counter(Idea.objects.values_list("state", flat=True))
    assert set(stand) == set(IdeaState)
    outcomes = Idea.objects.exclude(outcome="").values_list("outcome", flat=True)
    assert set(outcomes) == {IdeaOutcome.SOLVED, IdeaOutcome.EXPIRED}
    assert set(Answer.objects.values_list("state", flat=True)) == set(AnswerState)
    assert len(set(Idea.objects.values_list("circle", flat=True))) == 5
    now = timezone.now()
    waiting = Idea.objects.filter(state__in=["open", "answered"])
    assert all(one.deadline_at and one.deadline_at > now + timedelta(days=20) for one in waiting)
    assert Idea.objects.filter(terms_version=1).count() == 1


def _assert_answers_were_introduced() -> None:
    made = Introduction.objects.filter(ask__idea__isnull=False)
    assert made.count() == 3
    assert set(made.values_list("state", flat=True)) == {"accepted"}
    for one in made.select_related("contact", "ask"):
        assert one.contact is not None
        assert one.contact.is_synthetic
        assert one.ask.text.startswith(MARKS["it"])
    assert Ask.objects.filter(idea__isnull=False).count() == 3


def _assert_the_pages_live(sign_in: SignIn) -> None:
    """What a visitor, a laboratory and the owner see."""
    page = Client().get("/it/ideas/").content.decode()
    assert page.count(MARKS["it"]) >= 5
    assert "immagini e protocolli" not in page
    secret = Idea.objects.get(terms_version=1)
    assert Client().get(secret.get_absolute_url()).status_code == 404
    page = sign_in(persona("laboratory")).get(secret.get_absolute_url()).content.decode()
    assert "infezioni tardive" in page
    page = sign_in(persona("hospital")).get(f"/it/ideas/{secret.pk}/answers/").content.decode()
    assert "GreenBone" in page


def test_a_second_start_brings_nothing_in_twice() -> None:
    """What is there is found; a demonstration that somebody emptied in part keeps the rest."""
    network = NetworkFactory(slug=personas.NETWORK)
    cluster = ClusterFactory(slug=personas.HEALTH, network=network, code="HEALTH")
    ValueChainFactory(slug=personas.MEDTECH, cluster=cluster)
    UnitFactory(slug="ciri-sdv")
    OrganisationFactory(slug="ior")
    OrganisationFactory(slug="greenbone-ortho")
    personas.create_personas(actor=personas.create_agency(network_id=network.pk))
    Person.objects.filter(email=personas.BY_KEY["sme"].email).update(is_active=False)
    ideas.bring_in()
    before = Person.objects.count()
    ideas.bring_in()
    assert Person.objects.count() == before
    assert not Idea.objects.exists()  # nobody here is a member of the cluster that would check them
    assert ReadinessLevel.objects.count() == 5


def test_a_demonstration_that_lost_its_agency_or_a_profile_starts_all_the_same() -> None:
    """What cannot be done is left out; the rest is done."""
    ideas.bring_in()
    network = NetworkFactory(slug=personas.NETWORK)
    ClusterFactory(slug=personas.HEALTH, network=network, code="HEALTH")
    personas.create_agency(network_id=network.pk)
    ideas.bring_in()
    assert not Idea.objects.exists()
