"""The ranking is learned from consortia and from people, whole or not at all."""

import random
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from tests.factories.accounts import NetworkRoleFactory, PersonFactory
from tests.factories.evidence import ImportFactory
from tests.factories.introductions import AskFactory
from tests.factories.organisations import NOW, OrganisationFactory, agency_person, person
from tests.searching import index_all
from trebbo.config import matching as command
from trebbo.ecosystem.evidence.models import Body, FundedProject, Participation
from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel.access import Viewer, installation, visitor
from trebbo.kernel.errors import NotAllowed
from trebbo.partnering.introductions import gateway
from trebbo.partnering.introductions.actions.training import (
    TrainingRefused,
    forget_ranking,
    train_ranking,
)
from trebbo.partnering.introductions.gateway.training import Recipe
from trebbo.partnering.introductions.models import Feedback, TrainedRanking
from trebbo.partnering.introductions.queries import Question, answer

pytestmark = pytest.mark.django_db

SMALL = Recipe(folds=((8, 8),), trees=8, fewest_in_leaf=5)
SUBJECTS = ("bone scaffold tissue", "wind turbine blade", "quantum key fibre", "museum island")
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def consortia() -> list[Profile]:
    """240 projects of 40 bodies over two years; bodies keep to their subject."""
    chance = random.Random(4)
    edition = ImportFactory()
    record: dict[str, Any] = {"first_import": edition, "last_import": edition}
    profiles = [OrganisationFactory(name=f"Alfa {number}") for number in range(40)]
    bodies = Body.objects.bulk_create(
        Body(scheme="pic", key=str(number), name=f"B{number}", country="IT", **record)
        for number in range(40)
    )
    for number in range(240):
        subject = number % len(SUBJECTS)
        words = chance.choices(SUBJECTS[subject].split(), k=6)
        day = NOW.date() - timedelta(days=720 - 3 * number)
        project = FundedProject.objects.create(
            dataset="cordis-horizon",
            key=str(number),
            title=" ".join(words),
            objective=" ".join(words),
            signature_date=day,
            start_date=day,
            **record,
        )
        team = chance.sample(range(subject, 40, len(SUBJECTS)), 4)
        Participation.objects.bulk_create(
            Participation(
                project=project,
                body=bodies[one],
                profile=profiles[one],
                role="participant" if place else "coordinator",
                **record,
            )
            for place, one in enumerate(team)
        )
    index_all(NOW)
    return profiles


def trained(**more: Any) -> TrainedRanking:
    """A ranking learned by the installation."""
    return train_ranking(actor=installation(NOW), recipe=SMALL, **{"with_scores": False, **more})


def test_a_trained_ranking_is_used_by_the_next_ask(consortia: list[Profile]) -> None:
    """And its data, date and label are kept; forgetting it goes back."""
    question = Question("bone scaffold")
    assert answer(question, viewer=visitor(NOW)).ranking == "plain"
    row = trained()
    found = answer(question, viewer=visitor(NOW))
    assert found.ranking == row.data["label"] == "learned-2026-06-15"
    assert {one.profile.pk for one in found.found[:5]} <= {one.pk for one in consortia[::4]}
    assert row.data["works"] == 240
    assert forget_ranking(actor=installation(NOW))
    assert answer(question, viewer=visitor(NOW)).ranking == "plain"


def test_scores_come_from_consortia_held_out(consortia: list[Profile]) -> None:
    """Beside the rankings that a user would pick."""
    row = trained(with_scores=True)
    if "reason" not in row.scores:
        assert {"ours", "plain", "bm25", "adamic-adar"} <= row.scores["idea"]["methods"].keys()


def test_stopped_half_way_leaves_the_old_one(consortia: list[Profile]) -> None:
    """Nothing is written before everything is computed."""
    before = trained()

    def stop(words: str) -> None:
        if words == "writing":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        trained(tell=stop)
    assert list(TrainedRanking.objects.filter(is_present=True)) == [before]


def test_too_little_is_refused_in_words() -> None:
    """A cluster without evidence keeps the transparent ranking."""
    with pytest.raises(TrainingRefused) as refusal:
        trained()
    assert "40" in refusal.value.message
    assert not TrainedRanking.objects.exists()


def test_what_people_preferred_moves_the_weights() -> None:
    """Also where there are too few consortia to learn from."""
    ask = AskFactory()
    for kind, values in (
        ("added", {"accredited": 1.0}),
        ("dropped", {"evidence": 3.0}),
    ):
        for _time in range(12):
            Feedback.objects.create(
                ask=ask,
                profile=OrganisationFactory(),
                kind=kind,
                reason="not_our_field" if kind == "dropped" else "",
                features={"values": values},
                said_at=NOW,
            )
    row = trained()
    default = gateway.Weights()
    assert row.weights["accredited"] > default.accredited
    assert row.weights["evidence"] < default.evidence
    assert gateway.current_ranking().weights.accredited == row.weights["accredited"]


@pytest.mark.parametrize("actor", [visitor(NOW), person(person_id=1)])
def test_only_the_agency_and_the_installation_train(actor: Viewer) -> None:
    """A ranking holds for everybody."""
    with pytest.raises(NotAllowed):
        train_ranking(actor=actor)
    with pytest.raises(NotAllowed):
        forget_ranking(actor=actor)
    assert forget_ranking(actor=agency_person()) is False


@pytest.mark.parametrize("booster", ["{", '{"schema": 0, "features": []}'])
def test_one_that_no_longer_fits_is_not_used_and_offices_read_why(
    consortia: list[Profile], booster: str, client: Client
) -> None:
    """Everybody is answered by the transparent one."""
    TrainedRanking.objects.create(
        schema=0, trained_at=NOW, booster=booster, is_present=True, data={"label": "old"}
    )
    told = answer(Question("bone scaffold"), viewer=agency_person(network=10**6))
    assert (told.ranking, bool(told.problem), bool(told.found)) == ("plain", True, True)
    assert answer(Question("bone scaffold"), viewer=visitor(NOW)).problem == ""
    office = PersonFactory()
    NetworkRoleFactory(person=office, role="agency")
    client.force_login(office, backend=BACKEND)
    page = client.get("/en/asks/ranking/").content.decode()
    assert "train it again" in page


def test_the_page_is_for_offices(client: Client) -> None:
    """Others sign in, or are refused."""
    assert client.get("/en/asks/ranking/").status_code == 302
    client.force_login(PersonFactory(), backend=BACKEND)
    assert client.get("/en/asks/ranking/").status_code == 403


def test_the_command_says_how_it_stands(capsys: pytest.CaptureFixture[str]) -> None:
    """Status without anything, and a refusal as words and a code."""
    assert command.main(["status"]) == 0
    assert "ranking in use: plain" in capsys.readouterr().out
    assert command.main(["train", "--no-scores"]) == 1
    assert "40" in capsys.readouterr().err
    assert command.main(["forget"]) == 0
    assert command.main(["evaluate", "--split", date(2024, 1, 1).isoformat()]) == 1
