"""What was known on a day: word weights, sizes and ties, and nothing from later."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from math import exp, log
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.matching.examples import (
    FIRST_DAY,
    TODAY,
    about,
    days,
    evidences,
    made_world,
    needs,
)
from trebbo.engine.matching import Body, Evidence, Member, Need, Work
from trebbo.engine.matching.asking import Asked
from trebbo.engine.matching.corpus import TEXTS, Corpus
from trebbo.engine.matching.history import History
from trebbo.engine.matching.ranking import PlainRanking
from trebbo.engine.matching.signals import SUMMED, Signals, signals_of
from trebbo.engine.matching.terms import counted_terms

WORLD = made_world()
MEMBERS = (Member("a", leads=True), Member("b"), Member("c"))
TRIO = (Body("a"), Body("b"), Body("c"))


def history_of(evidence: Evidence, day: date) -> History:
    return History.of(Corpus.of(evidence), day.toordinal())


def known_works(evidence: Evidence, day: date) -> list[Work]:
    known = (work for work in evidence.works if work.day < day)
    return sorted(known, key=lambda work: (work.day, work.key))


def bm25_of(works: list[Work], name: str) -> list[dict[str, float]]:
    """The formula of Robertson and Zaragoza with k1 = 1.2, b = 0.75."""
    counts = [counted_terms(getattr(work, name), work.language) for work in works]
    mean = sum(map(Counter.total, counts)) / len(works)
    holding = Counter(term for one in counts for term in one)
    weights = []
    for one in counts:
        row = {}
        for term, count in one.items():
            rarity = log(1 + (len(works) - holding[term] + 0.5) / (holding[term] + 0.5))
            length = 1.2 * (1 - 0.75 + 0.75 * one.total() / mean)
            row[term] = rarity * count * 2.2 / (count + length)
        weights.append(row)
    return weights


@given(evidences(), days)
@settings(deadline=None, max_examples=30)
def test_words_weigh_as_the_formula_says(evidence: Evidence, day: date) -> None:
    history = history_of(evidence, day)
    works = known_works(evidence, day)
    assert history.count == len(works)
    for name in TEXTS:
        table = history.words[name].toarray()
        assert table.shape[0] == len(works)
        vocabulary = history.corpus.vocabulary
        for at, expected in enumerate(bm25_of(works, name) if works else []):
            found = {term: table[at, n] for term, n in vocabulary.items() if table[at, n]}
            assert found == pytest.approx(expected, rel=1e-4)


@given(evidences(), days)
@settings(deadline=None, max_examples=30)
def test_sizes_ties_and_recency_are_those_of_the_works(evidence: Evidence, day: date) -> None:
    history = history_of(evidence, day)
    keys = {body.key for body in evidence.bodies}
    teams: Counter[str] = Counter()
    for at, work in enumerate(known_works(evidence, day)):
        who = {member.body for member in work.members} & keys
        size, is_team = len(who), len(who) >= 3
        teams.update(who if is_team else ())
        assert history.sizes[at] == size
        assert history.is_team[at] == is_team
        expected = 1 / log(1 + size) if is_team else 0
        assert history.tie_weights[at] == pytest.approx(expected, rel=1e-5)
        assert history.sharing[at] == pytest.approx(1 / (size - 1) if is_team else 0, rel=1e-5)
        years = (day - work.day).days / 365.25
        assert history.recency[at] == pytest.approx(exp(-years / 1.5), rel=1e-5)
        assert {history.corpus.bodies[row] for row in history.bodies_of(at)} == who
    for row, key in enumerate(sorted(keys)):
        own = [w.key for w in known_works(evidence, day) if key in {m.body for m in w.members}]
        assert [history.corpus.works[at] for at in history.works_of(row)] == own
        assert history.teams[row] == teams[key]
        assert history.is_known[row] == bool(own)


def assert_same(one: Signals, other: Signals) -> None:
    for at, name in enumerate(SUMMED):
        assert one.summed[:, at] == pytest.approx(other.summed[:, at], rel=1e-3, abs=1e-4), name
    assert one.nearness == pytest.approx(other.nearness, rel=1e-3, abs=1e-4)
    assert one.votes == pytest.approx(other.votes, rel=1e-3, abs=1e-4)
    assert list(one.fits) == list(other.fits)
    assert one.focus == pytest.approx(other.focus, rel=1e-3)
    assert (one.asker, list(one.team), one.terms) == (other.asker, list(other.team), other.terms)


@given(evidences(), days, needs())
@settings(deadline=None, max_examples=30)
def test_nothing_is_known_from_later(evidence: Evidence, day: date, need: Need) -> None:
    before = replace(evidence, works=tuple(known_works(evidence, day)))
    assert_same(
        signals_of(history_of(evidence, day), need), signals_of(history_of(before, day), need)
    )


@pytest.mark.parametrize("year", [2022, 2023])
def test_the_made_up_world_is_ranked_and_explained_without_the_future(year: int) -> None:
    day, need = date(year, 6, 1), about("water", asker="b000")
    before = replace(WORLD, works=tuple(known_works(WORLD, day)))
    whole, cut = (Asked.of(history_of(one, day), PlainRanking(), need) for one in (WORLD, before))
    points = {one.key: one.points for one in cut.ranked()}
    assert {one.key: one.points for one in whole.ranked()} == pytest.approx(points, rel=1e-4)
    for body in WORLD.bodies[::5]:
        told = [(one.kind, one.works) for one in whole.explained(body.key)]
        assert told == [(one.kind, one.works) for one in cut.explained(body.key)]


def test_a_word_that_only_later_works_say_does_not_change_what_fits() -> None:
    now = Work("now", FIRST_DAY, "milk", "milk cheese", members=MEMBERS)
    other = Work("other", FIRST_DAY, "grid", "grid battery", members=MEMBERS)
    later = Work("later", TODAY, "lidar", "lidar swarm welding robot gripper", members=MEMBERS)
    need = Need({"milk": 1.0, **dict.fromkeys(("lidar", "swarm", "weld", "robot", "gripper"), 9.0)})
    day = FIRST_DAY + timedelta(1)
    fits = [
        list(signals_of(history_of(Evidence(TRIO, works), day), need).fits)
        for works in ((now, other), (now, other, later))
    ]
    assert fits == [[True, False]] * 2


def test_an_area_that_only_later_works_have_does_not_change_the_focus() -> None:
    now = Work("now", FIRST_DAY, "milk", "milk cheese", programme="P1", members=MEMBERS)
    later = Work("later", TODAY, "lidar", "lidar swarm", area="A1", members=MEMBERS)
    day = FIRST_DAY + timedelta(1)
    focus = [
        signals_of(history_of(Evidence(TRIO, works), day), Need({"milk": 1.0})).focus
        for works in ((now,), (now, later))
    ]
    assert focus == pytest.approx([1, 1])


def test_a_work_of_the_day_itself_is_not_known_yet() -> None:
    evidence = Evidence(TRIO, (Work("w", TODAY, "milk", "milk", members=MEMBERS),))
    assert history_of(evidence, TODAY).count == 0
    assert not history_of(evidence, TODAY).is_known.any()
    assert history_of(evidence, TODAY + timedelta(1)).count == 1


@given(evidences(), needs(), st.integers(0, 99))
@settings(deadline=None, max_examples=30)
def test_the_order_of_the_evidence_does_not_matter(
    evidence: Evidence, need: Need, seed: int
) -> None:
    chance = Random(seed)

    def shuffled(things: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(chance.sample(things, len(things)))

    works = tuple(replace(w, members=shuffled(w.members)) for w in shuffled(evidence.works))
    mixed = Evidence(shuffled(evidence.bodies), works)
    one, other = (
        Asked.of(history_of(these, TODAY), PlainRanking(), need) for these in (evidence, mixed)
    )
    assert one.ranked() == other.ranked()
    for body in evidence.bodies:
        assert one.explained(body.key) == other.explained(body.key)


@pytest.mark.parametrize(
    "texts",
    [("", "", ""), ("milk", "grid", "robot", "water"), ("milk", "milk", "milk"), ("milk",), ()],
    ids=["nothing said", "nothing in common", "all the same", "one work", "no work"],
)
def test_meanings_of_odd_collections_are_found_and_always_the_same(texts: tuple[str, ...]) -> None:
    works = tuple(
        Work(f"w{at}", FIRST_DAY, "title", text, members=MEMBERS) for at, text in enumerate(texts)
    )
    first, *others = (history_of(Evidence(TRIO, works), TODAY) for _ in range(4))
    assert np.isfinite(first.meanings).all()
    assert {one.directions.tobytes() for one in others} == {first.directions.tobytes()}
    meaning = signals_of(first, Need({"milk": 1.0})).summed[:, SUMMED.index("meaning")]
    assert [bool(value > 0.01) for value in meaning] == [text == "milk" for text in texts]
