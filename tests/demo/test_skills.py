"""The demonstration's skills: inferred and saying from what, or made up and saying so."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from tests.factories.clusters import MembershipFactory
from tests.factories.organisations import UnitFactory
from tests.searching import index_all
from trebbo.demo import builder, personas, skills
from trebbo.demo.marks import MARKS
from trebbo.ecosystem.accounts.models import Mandate, Person
from trebbo.kernel.access import visitor
from trebbo.partnering.introductions.queries import Question, answer
from trebbo.sharing.skills.choices import Decision, TrainingKind
from trebbo.sharing.skills.models import Competence, CompetenceEvidence, Suggestion, TrainingOffer

pytestmark = pytest.mark.django_db

SignIn = Callable[[Person], Client]


def test_what_is_there_says_where_it_comes_from(sign_in: SignIn) -> None:
    """Of real bodies only what facts and projects give; the rest is synthetic and says so."""
    builder.build()
    assert not skills.are_there()
    skills.bring_in()
    assert skills.are_there()
    index_all()
    _assert_the_inferred_names_its_source()
    _assert_personas_decided()
    _assert_wishes_and_training_are_marked()
    _assert_the_pages_live(sign_in)


def _assert_the_inferred_names_its_source() -> None:
    inferred = Competence.objects.filter(standing="inferred")
    assert inferred.filter(origin="evidence").count() >= 30
    assert inferred.filter(origin="text").count() >= 30
    led = Mandate.objects.values("profile")
    for one in inferred.select_related("profile"):
        assert one.source
        assert one.direction == "offered"
        assert one.confirmed_at is None
        assert one.level is one.people is None
    assert not inferred.filter(profile__in=led).exists()
    for one in inferred.filter(origin="evidence"):
        assert CompetenceEvidence.objects.filter(competence=one, kind="project").exists()
    hosted = Competence.objects.filter(profile__slug="siteia")
    assert [str(one) for one in hosted] == ["tecnologie alimentari"]
    assert Competence.objects.filter(profile__slug="unibo").count() == skills.MOST_BY_PROJECTS


def _assert_personas_decided() -> None:
    decided = Suggestion.objects.exclude(decision=Decision.WAITING)
    assert {one.decision for one in decided} == {Decision.ACCEPTED, Decision.REFUSED}
    assert not decided.filter(decided_by__is_synthetic=False).exists()
    assert not Competence.objects.filter(confirmed_by__is_synthetic=False).exists()
    said = Competence.objects.filter(confirmed_at__isnull=False)
    assert said.exists()
    assert set(said.values_list("standing", flat=True)) == {"synthetic"}


def _assert_wishes_and_training_are_marked() -> None:
    sought = Competence.objects.filter(direction="sought")
    assert sought.count() == len(list(builder.rows("skills_sought"))) == 8
    assert set(sought.values_list("standing", flat=True)) == {"synthetic"}
    for one in sought:
        for language, mark in MARKS.items():
            note = getattr(one, f"note_{language}")
            assert not note or note.startswith(mark)
    offers = TrainingOffer.objects.all()
    assert offers.count() == len(list(builder.rows("training"))) == 6
    today = timezone.localdate()
    for offer in offers:
        assert offer.standing == "synthetic"
        assert offer.title_it.startswith(MARKS["it"])
        assert offer.title_en.startswith(MARKS["en"])
        assert offer.kind in TrainingKind.values
        assert offer.apply_by is not None
        assert offer.valid_from is not None
        assert today < offer.apply_by < offer.valid_from


def _assert_the_pages_live(sign_in: SignIn) -> None:
    page = Client().get("/it/skills/").content.decode()
    assert "Dedotto" in page or "dedott" in page.lower()
    assert MARKS["it"] in Client().get("/it/skills/training/").content.decode()
    page = sign_in(Person.objects.get(email=personas.BY_KEY["laboratory"].email))
    assert page.get("/it/profiles/ciri-sdv/skills/").status_code == 200
    found = answer(Question("microfluidica per colture cellulari"), viewer=visitor())
    [teaches] = [one for one in found.found if one.profile.slug == "ciri-sdv"]
    # It is found by the course that it offers, not by the competence that it seeks.
    assert {met.part for met in teaches.met} == {"formazione"}


def test_a_demonstration_that_lost_its_personas_starts_all_the_same() -> None:
    """What only they could say is left out."""
    MembershipFactory()
    UnitFactory(slug="ciri-sdv")
    skills.bring_in()
    assert not Competence.objects.exists()
