"""Figures of a ranking against their definitions, and shares of those shown."""

from datetime import date
from math import log2

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.matching.examples import HELD_OUT_FROM, LARGER
from trebbo.engine.matching import Body, Evidence, Member, Work
from trebbo.engine.matching.baselines import baselines_of
from trebbo.engine.matching.cases import Case, Consortia, partners_of
from trebbo.engine.matching.corpus import Corpus, Places
from trebbo.engine.matching.evaluation import (
    Share,
    by_ranking,
    by_score,
    fairness,
    figures,
    groups_of,
    measure,
)
from trebbo.engine.matching.history import History
from trebbo.engine.matching.ranking import PlainRanking

CORPUS = Corpus.of(LARGER)
HISTORY = History.of(CORPUS, HELD_OUT_FROM.toordinal())
CASES = list(
    Consortia(CORPUS, {work.key: work for work in LARGER.works}).cases(
        HISTORY, 10**6, "complete", seed=2, blank_every=4
    )
)


def reference(order: list[int], truth: set[int]) -> dict[str, float]:
    """Recall, nDCG and reciprocal rank as their definitions say."""
    ranks = [rank for rank, body in enumerate(order, 1) if body in truth]
    found = {
        f"recall@{cut}": sum(rank <= cut for rank in ranks) / len(truth) for cut in (10, 20, 50)
    }
    for cut in (10, 20):
        gained = sum(1 / log2(1 + rank) for rank in ranks if rank <= cut)
        best = sum(1 / log2(1 + rank) for rank in range(1, min(len(truth), cut) + 1))
        found[f"ndcg@{cut}"] = gained / best
    found["mrr"] = 1 / ranks[0] if ranks else 0.0
    return found


@given(
    st.lists(st.integers(0, 60), unique=True, max_size=55),
    st.sets(st.integers(0, 60), min_size=1, max_size=30),
)
def test_figures_are_as_defined(order: list[int], truth: set[int]) -> None:
    found = figures(np.array(order, np.int64), np.array(sorted(truth)))
    assert found == pytest.approx(reference(order, truth))


def test_figures_worked_out_by_hand() -> None:
    found = figures(np.array([7, 3, 9, 4]), np.array([3, 4, 5]))
    assert found["recall@10"] == pytest.approx(2 / 3)
    assert found["ndcg@10"] == pytest.approx((0.63093 + 0.43068) / (1 + 0.63093 + 0.5), abs=1e-4)
    assert found["mrr"] == 0.5


def perfect(case: Case) -> Places:
    others = np.setdiff1d(np.arange(len(CORPUS.bodies)), case.truth)
    return np.concatenate([case.truth, others])


def test_a_perfect_ranking_measures_one_and_the_last_place_nearly_nought() -> None:
    best = measure(HISTORY, CASES, perfect)
    worst = measure(HISTORY, CASES, lambda case: perfect(case)[::-1])
    for name in ("ndcg@10", "ndcg@20", "recall@10", "mrr"):
        assert best.all[name] == best.new[name] == 1
        assert worst.all[name] < 0.1
    assert worst.new["mrr"] > worst.all["mrr"]  # those met before are no longer in the way


def test_means_are_over_cases_and_new_partners_are_strangers_to_the_asker() -> None:
    ranker = by_score(HISTORY, baselines_of(HISTORY)["popularity"])
    measured = measure(HISTORY, CASES, ranker)
    everyone, strangers = [], []
    for case in CASES:
        order, met = list(ranker(case)), set(partners_of(HISTORY, case.asker))
        everyone.append(reference(order[:50], set(case.truth)))
        new = set(case.truth) - met
        if new:
            strangers.append(reference([one for one in order if one not in met][:50], new))
    assert 0 < len(strangers) < len(everyone)
    for found, rows in ((measured.all, everyone), (measured.new, strangers)):
        mean = {name: sum(row[name] for row in rows) / len(rows) for name in rows[0]}
        assert found == pytest.approx(mean)
    assert measured.shown["all"] == 10 * len(CASES)


def test_rankers_never_put_first_who_is_there_already() -> None:
    number = CORPUS.number_of
    for case in CASES:
        there = {number[key] for key in case.need.team} | {case.asker}
        asked = by_ranking(HISTORY, PlainRanking())(case)
        scored = by_score(HISTORY, baselines_of(HISTORY)["repeat partners"])(case)
        assert not there & set(asked)
        assert not there & set(scored[: HISTORY.is_known.sum() - len(there)])


OLD = date(2022, 1, 1)
BODIES = (
    Body("a", is_sme=True, province="ITH54"),
    Body("b", is_sme=False, province="ITH55"),
    Body("c", province="FR101"),
    Body("d", is_sme=True),
)
FEW = Evidence(
    BODIES,
    tuple(
        Work(f"w{at}", OLD, "t", "t", members=tuple(map(Member, members)))
        for at, members in enumerate(["abc", "bc", "bc"])
    ),
)


def test_groups_of_bodies() -> None:
    corpus = Corpus.of(FEW)
    history = History.of(corpus, HELD_OUT_FROM.toordinal())
    groups = {key: set(groups_of(corpus, history, [row])) for row, key in enumerate("abcd")}
    assert groups == {
        "a": {"all", "sme", "newcomer", "province ITH54"},
        "b": {"all", "province ITH55"},
        "c": {"all"},
        "d": {"all", "sme", "newcomer"},
    }


def test_shares_of_a_few_worked_out_by_hand() -> None:
    history = History.of(Corpus.of(FEW), HELD_OUT_FROM.toordinal())
    truths = ([0, 1], [1, 2], [1, 3])
    cases = [Case(0, -1, CASES[0].need, np.array(truth)) for truth in truths]
    shown = {"all": 30, "sme": 6, "newcomer": 3, "province ITH55": 12}
    told = {share.group: share for share in fairness(history, cases, shown)}
    assert list(told) == ["newcomer", "sme", "province ITH55", "province ITH54"]
    assert told["sme"] == Share("sme", 6 / 30, 2 / 6, 2)
    assert told["sme"].ratio == pytest.approx(0.6)
    assert told["province ITH55"] == Share("province ITH55", 12 / 30, 3 / 6, 3)
    assert told["province ITH54"] == Share("province ITH54", 0, 1 / 6, 1)


def test_shares_of_the_made_up_world_add_up() -> None:
    measured = measure(HISTORY, CASES, perfect)
    shares = fairness(HISTORY, CASES, measured.shown)
    answers = sum(len(case.truth) for case in CASES)
    provinces = [share for share in shares if share.group.startswith("province")]
    italian = sum(
        CORPUS.names["country"][CORPUS.countries[row]] == "IT"
        for case in CASES
        for row in case.truth
    )
    assert sum(share.right for share in provinces) == pytest.approx(italian / answers)
    for share in shares:
        assert share.right == pytest.approx(share.answers / answers)
        assert 0 <= share.shown <= 1
