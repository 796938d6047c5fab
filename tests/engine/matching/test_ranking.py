"""Points: the transparent sum by hand, and learned trees as text and back."""

import json
from collections.abc import Callable
from math import log
from typing import Any

import numpy as np
import pytest

from tests.engine.matching.examples import TODAY, about, learned_ranking, made_world
from trebbo.engine.matching.contracts import RankingUnfit
from trebbo.engine.matching.corpus import Corpus, Numbers
from trebbo.engine.matching.features import NAMES, SCHEMA, features_of, rows_of, surroundings_of
from trebbo.engine.matching.history import History
from trebbo.engine.matching.ranking import LearnedRanking, PlainRanking, shape_of
from trebbo.engine.matching.signals import signals_of

WORLD = made_world()


def row(**said: float) -> Numbers:
    table = np.full((1, len(NAMES)), np.nan, np.float32)
    table[0, : NAMES.index("years_since")] = 0
    for name, value in said.items():
        table[0, NAMES.index(name)] = value
    return table


def world_table(**need: Any) -> Numbers:
    history = History.of(Corpus.of(WORLD), TODAY.toordinal())
    signals = signals_of(history, about("water", **need))
    everybody = rows_of(history, np.arange(len(WORLD.bodies)))
    return features_of(history, signals, surroundings_of(history, signals), everybody)


def test_the_plain_sum_can_be_added_up_by_hand() -> None:
    ranking = PlainRanking()
    assert ranking.points(row()) == pytest.approx([0])
    several = row(near=1, tied=3, area=0.5, same_country=1, same_province=0, distance=4, works=99)
    expected = 5 * log(2) + log(4) + 0.3 * log(1.5) + 0.4 - 0.05 * 4
    assert ranking.points(several) == pytest.approx([expected], rel=1e-5)
    assert ranking.points(row(near=-1)) == pytest.approx([0])
    assert ranking.points(np.zeros((0, len(NAMES)), np.float32)).shape == (0,)


def test_the_shape_of_a_need() -> None:
    assert shape_of(row(team_size=0, terms=40)) == "long"
    assert shape_of(row(team_size=0, terms=39)) == "short"
    assert shape_of(row(team_size=1, terms=400)) == "team"


@pytest.mark.parametrize("need", [{}, {"asker": "b000"}, {"asker": "b000", "team": ("b004",)}])
def test_a_ranking_read_back_gives_the_same_points(need: dict[str, Any]) -> None:
    ranking = learned_ranking()
    again = LearnedRanking.loads(ranking.dumps())
    table = world_table(**need)
    points = ranking.points(table)
    assert list(again.points(table)) == list(points)
    assert len(set(points)) > 5
    assert (again.label, again.about) == (ranking.label, ranking.about)
    assert again.dumps() == ranking.dumps()


def test_nobody_to_rank_is_no_points() -> None:
    assert learned_ranking().points(np.zeros((0, len(NAMES)), np.float32)).shape == (0,)


def with_said(**said: Any) -> str:
    return json.dumps(json.loads(learned_ranking().dumps()) | said)


def three_of(tree: object) -> dict[str, list[object]]:
    return {shape: [tree] for shape in ("long", "short", "team")}


def without(name: str) -> str:
    said = json.loads(learned_ranking().dumps())
    del said[name]
    return json.dumps(said)


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (lambda: with_said(schema=SCHEMA + 1), f"version {SCHEMA + 1}"),
        (lambda: with_said(features=NAMES[:-1]), "other features"),
        (lambda: with_said(features=NAMES[::-1]), "other features"),
        (lambda: with_said(trees={"long": []}), "cannot be read"),
        (lambda: with_said(trees=three_of("tree?")), "cannot be"),
        (lambda: with_said(trees=three_of(7)), "cannot be read"),
        (lambda: with_said(trees=7), "cannot be read"),
        (lambda: without("about"), "cannot be read"),
        (lambda: without("scales"), "cannot be read"),
        (lambda: learned_ranking().dumps()[:-100], "cannot be read"),
        (lambda: "", "cannot be read"),
        (lambda: "[]", "cannot be read"),
        (lambda: "null", "cannot be read"),
        (lambda: "{broken", "cannot be read"),
    ],
)
def test_what_is_no_ranking_of_this_program_is_refused(
    broken: Callable[[], str], words: str
) -> None:
    with pytest.raises(RankingUnfit, match=words) as refused:
        LearnedRanking.loads(broken())
    assert "train it again" in refused.value.message


@pytest.mark.parametrize("scales", [{}, {"long": [1.0], "short": [1.0], "team": []}])
def test_scales_that_do_not_go_with_the_trees_are_refused(scales: dict[str, list[float]]) -> None:
    with pytest.raises(RankingUnfit, match="cannot be read"):
        LearnedRanking.loads(with_said(scales=scales))
