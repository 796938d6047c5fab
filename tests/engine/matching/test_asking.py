"""What each reason says is what the body loses without the reason's facts."""

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from math import isnan, log1p

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings

from tests.engine.matching.examples import (
    TODAY,
    TOPICS,
    about,
    days,
    evidences,
    learned_ranking,
    made_world,
    needs,
    topic_of,
)
from tests.engine.matching.reference import Read, kilometres
from trebbo.engine.matching import Body, Evidence, Member, Need, Work
from trebbo.engine.matching.asking import Asked
from trebbo.engine.matching.contracts import EvidenceReason
from trebbo.engine.matching.corpus import Corpus, Numbers
from trebbo.engine.matching.features import NAMES, Rows, features_of
from trebbo.engine.matching.history import History
from trebbo.engine.matching.ranking import PLAIN, TERMS, PlainRanking, Ranking

WORLD = made_world()
KINDS_ON_WORKS = ("partnership", "projects", "network", "experience")
MOVES_WITH_THE_COLLECTION = {
    "partnership": 0.1,
    "projects": 0.02,
    "network": 0.02,
    "experience": 0.02,
}
"""How far a rebuilt world may be from what was said, as a share of the body's points.

What moves: sizes of the works left, how seldom partners are met, the yardsticks of nearness. A
partnership says less than the rebuilt world loses, for the body itself was one of those through
whom its other works came near the asker, and that stays as it is when the reason is told.
"""


def asked_of(
    evidence: Evidence, need: Need, *, day: date = TODAY, ranking: Ranking | None = None
) -> Asked:
    history = History.of(Corpus.of(evidence), day.toordinal())
    return Asked.of(history, ranking or PlainRanking(), need)


def points_of(asked: Asked, key: str) -> float:
    return float(asked.points(np.array([asked.history.corpus.number_of[key]]))[0])


def left_out(evidence: Evidence, body: str, works: Collection[str]) -> Evidence:
    """The evidence in which a body had no part in some works."""
    return replace(
        evidence,
        works=tuple(
            replace(work, members=tuple(m for m in work.members if m.body != body))
            if work.key in works
            else work
            for work in evidence.works
        ),
    )


def changed(evidence: Evidence, body: str, **facts: object) -> Evidence:
    """The evidence in which a body has other facts."""
    return replace(
        evidence,
        bodies=tuple(
            replace(one, **facts) if one.key == body else one  # type: ignore[arg-type]
            for one in evidence.bodies
        ),
    )


class EveryFeature:
    """A ranking in which every feature counts, each with a weight of its own."""

    label = "every feature"
    weights = dict(zip(NAMES, np.linspace(1, 2, len(NAMES)), strict=True))

    def points(self, table: Numbers) -> Numbers:
        return np.nan_to_num(table) @ np.array(list(self.weights.values()))

    def points_of(self, row: dict[str, float]) -> float:
        return sum(self.weights[name] * value for name, value in row.items() if not isnan(value))


def plain_points(row: dict[str, float]) -> float:
    """The transparent sum once more."""
    points = sum(weight * log1p(max(row[name], 0)) for name, weight in TERMS.items())
    return points + sum(w * row[name] for name, w in PLAIN.items() if not isnan(row[name]))


@pytest.mark.parametrize(
    ("ranking", "counted"),
    [(PlainRanking(), plain_points), (EveryFeature(), EveryFeature().points_of)],
    ids=lambda one: getattr(one, "label", ""),
)
@given(evidence=evidences(), day=days, need=needs())
@settings(deadline=None, max_examples=25)
def test_every_reason_says_what_the_reference_loses(
    ranking: Ranking,
    counted: Callable[[dict[str, float]], float],
    evidence: Evidence,
    day: date,
    need: Need,
) -> None:
    asked = asked_of(evidence, need, day=day, ranking=ranking)
    reference = Read(evidence, day, need, asked.signals)
    everything = {work.key for work in evidence.works}
    for key in [body.key for body in evidence.bodies][::2]:
        whole = counted(reference.features(key))
        close = partial(pytest.approx, rel=1e-4, abs=1e-4 + 1e-5 * abs(whole))
        nothing = reference.features(key, without=everything, placed=False, kind=False)
        assert points_of(asked, key) == close(whole - counted(nothing))
        reasons = asked.explained(key)
        for one in reasons:
            left = reference.features(
                key, without=one.works, placed=one.kind != "place", kind=one.kind != "kind"
            )
            assert one.points == close(whole - counted(left)), one.kind
        told = {work for one in reasons for work in one.works}
        untold = everything - told
        assert whole == close(counted(reference.features(key, without=untold)))


@given(evidences(), days, needs())
@settings(deadline=None, max_examples=25)
def test_each_work_stands_in_one_reason_and_reasons_are_sorted(
    evidence: Evidence, day: date, need: Need
) -> None:
    asked = asked_of(evidence, need, day=day)
    for body in evidence.bodies:
        reasons = asked.explained(body.key)
        told = Counter(key for one in reasons for key in one.works)
        own = {
            work.key
            for work in evidence.works
            if work.day < day and body.key in {member.body for member in work.members}
        }
        assert set(told) <= own
        assert set(told.values()) <= {1}
        assert [one.points for one in reasons] == sorted((r.points for r in reasons), reverse=True)
        assert all(one.points for one in reasons)
        assert len({one.kind for one in reasons}) == len(reasons)
        assert all(bool(one.works) == (one.kind in KINDS_ON_WORKS) for one in reasons)
        if not {need.asker, *need.team} & {one.key for one in evidence.bodies}:
            assert {one.kind for one in reasons} <= {"projects", "experience"}


def row_by_hand(
    asked: Asked,
    body: str,
    *,
    without: Collection[str] = (),
    placed: bool = True,
    kind: bool = True,
) -> Rows:
    """One row with a number for each work, read from the evidence."""
    works = {work.key: work for work in WORLD.works}
    parts = np.zeros((1, asked.history.count), np.float32)
    leads = np.zeros_like(parts)
    for at, key in enumerate(asked.history.corpus.works[: asked.history.count]):
        for member in works[key].members:
            if member.body == body and key not in without:
                parts[0, at], leads[0, at] = 1, member.leads
    row = np.array([asked.history.corpus.number_of[body]])
    known = (np.array([placed]), np.array([kind]))
    return Rows(row, sp.csr_matrix(parts), sp.csr_matrix(leads), *known)


def points_by_hand(asked: Asked, rows: Rows) -> float:
    table = features_of(asked.history, asked.signals, asked.surroundings, rows)
    return float(asked.ranking.points(table)[0])


@pytest.mark.parametrize("topic", TOPICS)
def test_learned_reasons_say_what_rows_built_by_hand_lose(topic: str) -> None:
    asked = asked_of(WORLD, about(topic, asker="b001"), ranking=learned_ranking())
    every_work = {work.key for work in WORLD.works}
    kinds = set()
    for body in WORLD.bodies:
        whole = points_by_hand(asked, row_by_hand(asked, body.key))
        nothing = row_by_hand(asked, body.key, without=every_work, placed=False, kind=False)
        over = whole - points_by_hand(asked, nothing)
        assert points_of(asked, body.key) == pytest.approx(over, rel=1e-4, abs=1e-5)
        for one in asked.explained(body.key):
            less = row_by_hand(
                asked,
                body.key,
                without=one.works,
                placed=one.kind != "place",
                kind=one.kind != "kind",
            )
            fall = whole - points_by_hand(asked, less)
            assert one.points == pytest.approx(fall, rel=1e-4, abs=1e-5), one.kind
            kinds.add(one.kind)
    assert kinds >= {"partnership", "projects", "place"}


@pytest.mark.parametrize(
    ("topic", "asker"), [("water", "b000"), ("food", "b001"), ("energy", ""), ("robots", "b005")]
)
def test_a_world_without_the_facts_loses_what_was_said(topic: str, asker: str) -> None:
    need = about(topic, asker=asker)
    asked = asked_of(WORLD, need)
    tried = Counter()
    at_home = [body for body in WORLD.bodies if topic_of(body.key) == topic]
    for body in [*at_home, *WORLD.bodies[2::11]]:
        before = points_of(asked, body.key)
        for one in asked.explained(body.key):
            if one.works and body.key != asker:
                world = left_out(WORLD, body.key, one.works)
                fall = before - points_of(asked_of(world, need), body.key)
                tolerance = MOVES_WITH_THE_COLLECTION[one.kind] * before
                assert fall == pytest.approx(one.points, abs=tolerance), (body.key, one)
                if one.points > 0.03 * before:
                    assert fall > 0
                tried[one.kind] += one.points > 0.1 * before
    assert tried["projects"] >= 5
    assert not asker or tried["partnership"] >= 1


@pytest.mark.parametrize("ranking_of", [PlainRanking, EveryFeature])
def test_place_and_kind_say_what_is_lost_where_they_are_unknown(
    ranking_of: Callable[[], Ranking],
) -> None:
    ranking = ranking_of()
    need = about("water", asker="b000")
    asked = asked_of(WORLD, need, ranking=ranking)
    unknown: dict[str, dict[str, object]] = {
        "place": {"country": "", "province": "", "latitude": None, "longitude": None},
        "kind": {"kind": "", "is_sme": None},
    }
    tried = Counter()
    for body in WORLD.bodies[1::4]:
        for kind, facts in unknown.items():
            said = sum(one.points for one in asked.explained(body.key) if one.kind == kind)
            world = asked_of(changed(WORLD, body.key, **facts), need, ranking=ranking)
            fall = points_of(asked, body.key) - points_of(world, body.key)
            assert said == pytest.approx(fall, rel=1e-4, abs=1e-4)
            tried[kind] += said != 0
    assert tried["place"] >= 5
    assert tried["kind"] == (8 if ranking_of is EveryFeature else 0)


def reason_of(asked: Asked, key: str, kind: str) -> EvidenceReason:
    return next(one for one in asked.explained(key) if one.kind == kind)


def test_the_place_tells_how_far_the_asker_is() -> None:
    bodies = {body.key: body for body in WORLD.bodies}
    asked = asked_of(WORLD, about("water", asker="b000"))
    far, near = (reason_of(asked, key, "place") for key in ("b003", "b001"))
    assert far.distance_km == pytest.approx(kilometres(bodies["b000"], bodies["b003"]), rel=1e-4)
    assert far.distance_km == pytest.approx(803, abs=2)  # Modena to Paris
    assert near.distance_km == pytest.approx(37, abs=2)  # Modena to Bologna
    assert near.points > 0 > far.points
    nowhere = changed(WORLD, "b000", latitude=None, longitude=None)
    lost = asked_of(nowhere, about("water", asker="b000"))
    assert reason_of(lost, "b001", "place").distance_km is None


def shared(key: str, day: date, text: str, *members: str) -> Work:
    return Work(key, day, text, text, members=tuple(Member(m, m == members[0]) for m in members))


LONG_AGO = date(2022, 5, 1)
BARELY_NEAR = "water " + "grid inverter turbine hydrogen storage solar wind battery " * 9
SMALL = Evidence(
    tuple(Body(key) for key in ("asker", "partner", "friend", "expert", "other", "more")),
    (
        shared("tie", LONG_AGO, "cheese ripening", "asker", "partner", "more"),
        shared("tie-later", LONG_AGO + timedelta(9), "bacteria", "partner", "asker", "other"),
        shared(
            "through",
            LONG_AGO,
            f"water {'grid inverter turbine ' * 9}",
            "partner",
            "friend",
            "other",
        ),
        shared("alone", LONG_AGO, "water purification membrane", "expert"),
        shared("elsewhere", LONG_AGO, "welding", "expert", "b", "c"),
    ),
)


def test_what_stands_under_which_reason() -> None:
    asked = asked_of(SMALL, Need({"membran": 1.0, "water": 1.0}, "asker"))
    tie = reason_of(asked, "partner", "partnership")
    assert tie.works == ("tie-later", "tie")
    assert tie.newest == LONG_AGO + timedelta(9)
    assert reason_of(asked, "expert", "projects").works == ("alone",)
    assert reason_of(asked, "friend", "network").works == ("through",)


def test_nobody_asking_has_no_partners() -> None:
    for need in (about("water"), about("water", asker="stranger")):
        asked = asked_of(WORLD, need)
        kinds = {one.kind for body in WORLD.bodies for one in asked.explained(body.key)}
        assert kinds == {"projects", "experience"}


def test_those_already_on_board_are_partners_too() -> None:
    asked = asked_of(WORLD, about("water", team=("b000", "b004")))
    kinds = Counter(one.kind for body in WORLD.bodies for one in asked.explained(body.key))
    assert kinds["partnership"] >= 10


def test_an_unknown_body_has_no_reasons() -> None:
    assert asked_of(WORLD, about("water")).explained("stranger") == ()


def test_several_are_explained_at_once_as_each_alone() -> None:
    asked = asked_of(WORLD, about("food", asker="b001"))
    keys = ["b007", "stranger", "b003", "b007", "b001"]
    assert asked.explained_all(keys) == {key: asked.explained(key) for key in keys}
    assert asked.explained_all([]) == {}
    assert asked.explained_all(["stranger"]) == {"stranger": ()}


@pytest.mark.parametrize("topic", TOPICS)
def test_the_first_are_those_of_the_topic_and_points_are_in_order(topic: str) -> None:
    asked = asked_of(WORLD, about(topic))
    ranked = asked.ranked()
    assert [topic_of(one.key) for one in ranked[:5]] == [topic] * 5
    points = [one.points for one in ranked]
    assert points == sorted(points, reverse=True)
    assert {one.key: one.points for one in ranked} == {
        one.key: pytest.approx(points_of(asked, one.key)) for one in ranked
    }


def test_equals_stand_in_the_order_of_their_keys() -> None:
    bodies = tuple(Body(key) for key in "dacb")
    world = Evidence(bodies, (shared("w", LONG_AGO, "water", *"dbca"),))
    assert [one.key for one in asked_of(world, Need({"water": 1.0})).ranked()] == list("abcd")


def test_who_fits_has_a_work_about_the_need() -> None:
    asked = asked_of(WORLD, about("food"))
    fitting = set(np.array(asked.history.corpus.bodies)[asked.fitting])
    expected = {
        member.body
        for work in WORLD.works
        if work.area == "A-food" and work.language == "en"
        for member in work.members
    }
    assert expected <= fitting
    assert len(fitting) < len(WORLD.bodies)
