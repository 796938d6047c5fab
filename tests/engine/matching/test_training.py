"""Learning from the made-up world: always the same, better than chance, refused with too little."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from tests.engine.matching.examples import HELD_OUT_FROM, LARGER, TINY, learned_ranking, made_world
from trebbo.engine.matching import Evidence
from trebbo.engine.matching.cases import MODES, Case, Consortia, Mode
from trebbo.engine.matching.contracts import TooLittleToLearn
from trebbo.engine.matching.corpus import Corpus, Places
from trebbo.engine.matching.evaluation import by_ranking, measure
from trebbo.engine.matching.history import History
from trebbo.engine.matching.training import hash_of, train

CORPUS = Corpus.of(LARGER)


def test_what_was_known_by_then_gives_the_same_ranking_in_any_order() -> None:
    told: list[str] = []
    before = tuple(work for work in LARGER.works if work.day < HELD_OUT_FROM)
    assert len(before) < len(LARGER.works)
    backwards = Evidence(LARGER.bodies[::-1], before[::-1])
    again = train(backwards, HELD_OUT_FROM, recipe=TINY, tell=told.append)
    assert again.about == learned_ranking().about
    assert again.dumps() == learned_ranking().dumps()
    assert [words.partition(":")[0] for words in told] == ["long", "short", "team"]


def test_a_ranking_says_what_it_was_learned_from() -> None:
    ranking = learned_ranking()
    assert ranking.label == f"learned-{HELD_OUT_FROM.isoformat()}"
    assert ranking.about["until"] == HELD_OUT_FROM.isoformat()
    assert ranking.about["works"] == sum(work.day < HELD_OUT_FROM for work in LARGER.works)
    assert ranking.about["hash"] == hash_of(CORPUS, HELD_OUT_FROM)
    fewer = Corpus.of(replace(LARGER, works=LARGER.works[1:]))
    assert hash_of(fewer, HELD_OUT_FROM) != hash_of(CORPUS, HELD_OUT_FROM)


@pytest.mark.parametrize("works", [0, 3, 30])
def test_too_little_is_refused_with_the_numbers(works: int) -> None:
    with pytest.raises(TooLittleToLearn, match="at least 40 are needed"):
        train(made_world(works=works), HELD_OUT_FROM, recipe=TINY)


def at_random(history: History, seed: int) -> Callable[[Case], Places]:
    """Known bodies in any order."""
    chance = np.random.default_rng(seed)

    def ranked(case: Case) -> Places:
        known = history.is_known.copy()
        known[case.asker] = False
        return chance.permutation(np.flatnonzero(known))

    return ranked


@pytest.mark.parametrize("mode", MODES)
def test_what_was_learned_finds_held_out_partners_far_better_than_chance(mode: Mode) -> None:
    history = History.of(CORPUS, HELD_OUT_FROM.toordinal())
    consortia = Consortia(CORPUS, {work.key: work for work in LARGER.works})
    cases = list(consortia.cases(history, 10**6, mode, seed=5))
    assert len(cases) >= 20
    learned = measure(history, cases, by_ranking(history, learned_ranking()))
    chance = measure(history, cases, at_random(history, 5))
    assert learned.all["ndcg@10"] > 2 * chance.all["ndcg@10"]
    assert learned.all["recall@10"] > 2 * chance.all["recall@10"]
