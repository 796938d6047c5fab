"""The model: reasons add up to the score, probability never falls, learning repeats itself."""

from itertools import pairwise
from math import isclose
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.linkage.examples import LINKER, body
from trebbo.engine.linkage import Gold, Model, learn_rarity, load, train
from trebbo.engine.linkage.comparisons import LEVELS
from trebbo.engine.linkage.model import RIVAL_LEVELS, Calibration, rival_level, save
from trebbo.engine.linkage.training import fit, never_falling

LEFT = [body("a", "Biomedical Pergola S.r.l.", town="Modena", web="pergola.it")]
RIGHT = [
    body("1", "BIOMEDICAL PERGOLA SRL", town="MODENA", pic="1"),
    body("2", "BIOMEDICAL GAMBARELLI SRL", town="MODENA", pic="2"),
]


@pytest.mark.parametrize("name", ["bodies", "strings"])
def test_the_shipped_model_is_whole(name: str) -> None:
    model = load(of=name)
    assert {key: set(levels) for key, levels in model.weights.items()} == {
        key: set(levels) for key, levels in LEVELS.items()
    }
    assert {key: set(levels) for key, levels in model.rivals.items()} == {
        "rivals": set(RIVAL_LEVELS),
        "claims": set(RIVAL_LEVELS),
    }
    assert 0 < model.likely < 0.95 <= model.certain <= 1
    assert model.trained_on["seed"] == 20261122


@pytest.mark.parametrize("name", ["bodies", "strings"])
def test_probability_never_falls_with_the_score(name: str) -> None:
    calibration = load(of=name).calibration
    assert all(one < other for one, other in pairwise(calibration.scores))
    assert all(one <= other for one, other in pairwise(calibration.probabilities))
    assert all(0 < value < 1 for value in calibration.probabilities)
    scores = np.linspace(-60, 60, 500)
    values = [calibration.probability(float(score)) for score in scores]
    assert values == sorted(values)


def test_the_reasons_add_up_to_the_score() -> None:
    (pairs,) = LINKER.pairs(LEFT, RIGHT)
    for pair in pairs:
        whole = LINKER.model.prior + sum(reason.weight for reason in LINKER.reasons(pair))
        assert isclose(whole, LINKER.score(pair), abs_tol=0.05)
    assert len(pairs) == 2


def test_reasons_come_heaviest_first_and_show_both_sides() -> None:
    match = next(iter(LINKER.link(LEFT, RIGHT)))
    weights = [abs(reason.weight) for reason in match.reasons]
    assert weights == sorted(weights, reverse=True)
    shown = {reason.comparison: (reason.left, reason.right) for reason in match.reasons}
    assert shown["name"] == ("Biomedical Pergola S.r.l.", "BIOMEDICAL PERGOLA SRL")
    assert shown["town"] == ("Modena", "MODENA")


@pytest.mark.parametrize(
    ("margin", "level"),
    [(None, "alone"), (20, "alone"), (8, "ahead"), (2, "near"), (0, "equal"), (-9, "behind")],
)
def test_how_far_ahead_of_a_rival(margin: float | None, level: str) -> None:
    assert rival_level(margin) == level


@given(
    st.lists(st.tuples(st.floats(-20, 20), st.booleans()), min_size=30, max_size=300),
)
def test_calibration_is_monotone_whatever_the_links(rows: list[tuple[float, bool]]) -> None:
    scores = np.array([score for score, _ in rows])
    right = np.array([float(is_right) for _, is_right in rows])
    calibration = never_falling(scores, right)
    assert list(calibration.probabilities) == sorted(calibration.probabilities)
    assert list(calibration.scores) == sorted(calibration.scores)


def test_calibration_draws_straight_lines_between_points() -> None:
    calibration = Calibration((0.0, 10.0), (0.2, 0.8))
    assert [calibration.probability(score) for score in (-5, 0, 5, 10, 99)] == [
        0.2,
        0.2,
        0.5,
        0.8,
        0.8,
    ]


def test_logistic_regression_finds_the_weights_that_made_the_data() -> None:
    random = np.random.default_rng(7)
    columns = np.column_stack([np.ones(20_000), random.integers(0, 2, (20_000, 2))]).astype(float)
    chance = 1 / (1 + np.exp(-(columns @ np.array([-1.0, 2.0, -0.5]))))
    right = (random.random(20_000) < chance).astype(float)
    found = fit(columns, right, np.zeros(20_000))
    assert np.abs(found - np.array([-1.0, 2.0, -0.5])).max() < 0.1


def small_model(seed: int) -> Model:
    """A model learned from a few invented bodies."""
    left = [body(f"l{n}", f"Fabbrica Numero{n} S.r.l.", town="Modena") for n in range(40)]
    right = [body(f"r{n}", f"FABBRICA NUMERO{n}", town="MODENA") for n in range(60)]
    gold = [Gold(f"l{n}", frozenset({f"r{n}"})) for n in range(40)]
    return train(
        left,
        right,
        gold,
        rarity=learn_rarity([*left, *right]),
        seed=seed,
        version="t",
        trained_on={},
    )


def test_the_same_seed_gives_the_same_file(tmp_path: Path) -> None:
    for name in ("one", "other"):
        model = small_model(3)
        save(tmp_path / name, {"bodies": model}, model.rarity)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


def test_a_model_comes_back_from_its_file_as_it_was(tmp_path: Path) -> None:
    model = small_model(3)
    save(tmp_path / "model.json", {"bodies": model}, model.rarity)
    back = load(tmp_path / "model.json")
    assert back.dump() == model.dump()
    assert back.rarity.bits == model.rarity.bits
