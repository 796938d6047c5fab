"""The ranking is learned from consortia and from people, whole or not at all."""

from datetime import timedelta
from typing import Any

import pytest

from tests.consortia import PROJECTS, SMALL, made_up_consortia
from tests.factories.accounts import PersonFactory
from tests.factories.introductions import AskFactory, EntryFactory
from tests.factories.organisations import (
    NOW,
    ItemFactory,
    OrganisationFactory,
    agency_person,
    person,
)
from tests.searching import index_all
from trebbo.ecosystem.organisations.models import Accreditation, Organisation
from trebbo.kernel.access import Viewer, installation, visitor
from trebbo.kernel.audit import AuditLine
from trebbo.kernel.errors import NotAllowed
from trebbo.partnering.introductions import gateway
from trebbo.partnering.introductions.actions import add_entry, drop_entry
from trebbo.partnering.introductions.actions.training import (
    TrainingRefused,
    forget_ranking,
    train_ranking,
)
from trebbo.partnering.introductions.models import Ask, Feedback, TrainedRanking
from trebbo.partnering.introductions.queries import Question, answer

pytestmark = pytest.mark.django_db

QUESTION = Question("bone scaffold")


def trained(**more: Any) -> TrainedRanking:
    """A ranking learned by the installation."""
    return train_ranking(actor=installation(NOW), recipe=SMALL, **{"with_scores": False, **more})


def ranking_of(viewer: Viewer | None = None) -> str:
    """The ranking by which the next ask is answered."""
    return answer(QUESTION, viewer=viewer or visitor(NOW)).ranking


def said(ask: Ask, kind: str, values: dict[str, float], **more: Any) -> None:
    """Somebody judged a body for an ask."""
    body = more.pop("profile", None) or OrganisationFactory()
    more = {"said_at": NOW, **more}
    Feedback.objects.create(ask=ask, profile=body, kind=kind, features={"values": values}, **more)


def test_a_trained_ranking_is_used_by_the_next_ask_and_measured() -> None:
    """Its data, date, scores and audit line are kept; forgetting it goes back."""
    profiles = made_up_consortia()
    index_all(NOW)
    assert ranking_of() == "plain"
    row = trained(with_scores=True)
    found = answer(QUESTION, viewer=visitor(NOW))
    assert found.ranking == row.data["label"] == "learned-2026-06-15"
    assert {one.profile.pk for one in found.found[:5]} <= {one.pk for one in profiles[::3]}
    assert (row.data["works"], row.trained_at, row.is_present) == (PROJECTS, NOW, True)

    # Half a year would be a quarter of all consortia: the last fifth is held out instead.
    assert row.scores["split"] == (NOW.date() - timedelta(days=4 * PROJECTS // 5)).isoformat()
    methods = row.scores["idea"]["methods"]
    assert methods.keys() == {"ours", "plain", "bm25", "adamic-adar", "popularity"}
    assert methods["ours"]["all"]["ndcg@20"] > methods["popularity"]["all"]["ndcg@20"]
    assert row.scores["idea"]["consortia"] == PROJECTS // 5

    assert forget_ranking(actor=installation(NOW))
    assert not forget_ranking(actor=installation(NOW))
    assert ranking_of() == "plain"
    verbs = AuditLine.objects.filter(verb__endswith="_ranking").order_by("pk")
    assert list(verbs.values_list("verb", flat=True)) == ["train_ranking", "forget_ranking"]


@pytest.mark.parametrize("step", ["reading", "long", "measuring", "writing"])
def test_stopped_half_way_leaves_the_old_one(step: str) -> None:
    """Nothing is written before everything is computed, wherever it stops."""
    made_up_consortia()
    before = TrainedRanking.objects.create(schema=1, trained_at=NOW, is_present=True)

    def stop(words: str) -> None:
        if words.startswith(step):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        trained(tell=stop, with_scores=step == "measuring")
    assert list(TrainedRanking.objects.values_list("pk", "is_present")) == [(before.pk, True)]
    assert not AuditLine.objects.filter(verb="train_ranking").exists()


def test_what_came_after_the_day_is_not_learned_from() -> None:
    """A ranking of an earlier day knows only what was done before."""
    made_up_consortia()
    day = NOW.date() - timedelta(days=4 * 60)
    row = trained(day=day)
    assert (row.data["until"], row.data["works"]) == (day.isoformat(), PROJECTS - 60)
    assert row.data["label"] == f"learned-{day.isoformat()}"


def test_too_little_is_refused_in_words() -> None:
    """A cluster without evidence keeps the ranking it has."""
    before = TrainedRanking.objects.create(schema=1, trained_at=NOW, is_present=True)
    said(AskFactory(), "added", {"accredited": 1.0})  # better than nobody: says nothing
    with pytest.raises(TrainingRefused) as refusal:
        trained()
    assert "40" in refusal.value.message
    assert list(TrainedRanking.objects.values_list("pk", "is_present")) == [(before.pk, True)]


def expert(name: str, *, accredited: bool) -> Organisation:
    """An organisation that knows valves."""
    body = OrganisationFactory(name=name)
    ItemFactory(profile=body, text_it="valvole cardiache", text_en="heart valves")
    if accredited:
        Accreditation.objects.create(
            profile=body, act=f"Atto {name}", valid_from=NOW.date() - timedelta(days=90)
        )
    return body


def test_what_people_did_to_shortlists_moves_the_weights_and_the_next_answer() -> None:
    """They add the accredited and drop the others; too few consortia, so weights alone move."""
    owner = person(person_id=PersonFactory().pk)
    ask = AskFactory(owner_id=owner.person_id)
    good = [expert(f"Buona {one}", accredited=True) for one in range(6)]
    entries = [
        EntryFactory(ask=ask, profile=expert(f"Altra {one}", accredited=False), position=one + 1)
        for one in range(6)
    ]
    index_all(NOW)

    def lead() -> float:
        scores = {
            one.profile.title: one.score
            for one in answer(Question(ask.text), viewer=visitor(NOW)).found
        }
        return scores["Buona 0"] - scores["Altra 0"]

    before = lead()
    for body in good:
        add_entry(actor=owner, ask_id=ask.pk, profile_id=body.pk)
    for entry in entries:
        drop_entry(actor=owner, ask_id=ask.pk, entry_id=entry.pk, reason="not_our_field")
    row = trained()
    assert row.weights["accredited"] > gateway.Weights().accredited
    assert row.data["judgements"] == 12
    assert (row.booster, row.data["label"]) == ("", "weights-2026-06-15")
    assert "40" in row.data["reason"]
    assert lead() > before > 0
    assert ranking_of() == "plain"


@pytest.mark.parametrize(
    ("kind", "places", "reason", "direction"),
    [
        ("added", (None, 3), "", 1),
        ("kept", (None, 2), "", 1),
        ("liked", (None, None), "", 1),
        ("moved", (5, 1), "", 1),
        ("moved", (1, 5), "", -1),
        ("not_this", (None, None), "", -1),
        ("dropped", (1, None), "wrong_kind", -1),
        ("dropped", (1, None), "no_capacity", 0),
        ("dropped", (1, None), "conflict", 0),
        ("noted", (1, 1), "", 0),
    ],
)
def test_what_each_thing_said_means(
    kind: str, places: tuple[int | None, int | None], reason: str, direction: int
) -> None:
    """Against a body that was kept and one that was dropped, both of whom nothing is known."""
    ask = AskFactory()
    said(ask, "kept", {"evidence": 0.0})
    said(ask, "dropped", {"evidence": 0.0}, reason="too_far")
    for _time in range(10):
        said(
            ask, kind, {"cluster": 1.0}, reason=reason, from_position=places[0],
            to_position=places[1],
        )  # fmt: skip
    moved = trained().weights["cluster"] - gateway.Weights().cluster
    assert (moved > 1e-3) - (moved < -1e-3) == direction


def test_what_was_said_last_of_a_body_holds() -> None:
    """One that was dropped and then put back speaks for what it has."""
    ask, body = AskFactory(), OrganisationFactory()
    said(ask, "dropped", {}, reason="too_far")
    said(ask, "dropped", {"evidence": 0.1}, reason="too_far")
    said(ask, "dropped", {"accredited": 1.0}, reason="other", profile=body)
    said(ask, "kept", {"accredited": 1.0}, profile=body, said_at=NOW + timedelta(minutes=1))
    row = trained()
    assert row.weights["accredited"] > gateway.Weights().accredited
    assert row.data["judgements"] == 2


def test_judgements_of_different_asks_are_not_compared() -> None:
    """What is good for one need says nothing of another."""
    said(AskFactory(), "added", {"accredited": 1.0})
    said(AskFactory(), "dropped", {"evidence": 1.0}, reason="other")
    with pytest.raises(TrainingRefused):
        trained()


@pytest.mark.parametrize(
    "actor",
    [
        visitor(NOW),
        person(person_id=1),
        person(person_id=1, mandates={1: frozenset({"representative"})}),
        person(person_id=1, chains=frozenset({1})),
        person(person_id=1, clusters={1: frozenset({"manager"})}),
    ],
    ids=["visitor", "anybody", "representative", "chair", "manager"],
)
def test_only_the_agency_and_the_installation_train(actor: Viewer) -> None:
    """A ranking holds for everybody."""
    TrainedRanking.objects.create(schema=1, trained_at=NOW, is_present=True)
    with pytest.raises(NotAllowed):
        train_ranking(actor=actor)
    with pytest.raises(NotAllowed):
        forget_ranking(actor=actor)
    assert TrainedRanking.objects.get().is_present
    with pytest.raises(TrainingRefused):
        train_ranking(actor=agency_person())
    assert forget_ranking(actor=agency_person())


@pytest.mark.parametrize("booster", ["{", '{"schema": 0, "features": []}'])
def test_one_that_no_longer_fits_is_not_used_and_offices_are_told_why(booster: str) -> None:
    """Everybody is answered by the transparent one, with the weights that people moved."""
    expert("Valvole", accredited=False)
    index_all(NOW)
    TrainedRanking.objects.create(
        schema=0, trained_at=NOW, booster=booster, is_present=True, weights={"words": 31.0}
    )
    question = Question("valvole cardiache")
    told = answer(question, viewer=agency_person(network=10**6))
    assert (told.ranking, len(told.found)) == ("plain", 1)
    assert "train it again" in told.problem
    assert answer(question, viewer=visitor(NOW)).problem == ""
    assert gateway.current_ranking().weights.words == 31.0
