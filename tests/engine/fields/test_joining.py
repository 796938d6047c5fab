"""Signals of fields and the weights learned for them."""

import numpy as np
from scipy.special import expit

from tests.engine.fields.examples import FIELDS
from trebbo.engine.fields.joining import DEFAULT, SIGNALS, Signals, learned, probabilities

NONE = Signals.of(FIELDS, np.zeros(len(FIELDS)), 0)


def test_without_examples_no_field_goes_before_another() -> None:
    assert set(NONE.prior) == {0}
    assert (Signals.of(FIELDS, np.array([5, 0, 0, 0, 0, 1]), 6).prior > 0).tolist()[0]


def test_a_broader_field_knows_the_highest_of_those_below() -> None:
    votes = np.array([[0.1, 0.2, 0.7, 0.0, 0.0, 0.0]], np.float32)
    names = (np.zeros((1, 6), np.float32), np.zeros((1, 6), np.float32))
    which = NONE.candidates(votes, names)
    assert which.tolist() == [[True, True, True, False, False, False]]
    rows = NONE.of_candidates(votes, names, which)
    below = rows[:, SIGNALS.index("narrower_vote")]
    assert np.round(below, 3).tolist() == [0.7, 0, 0]


def test_weights_stay_where_nothing_is_known_and_move_with_what_is() -> None:
    assert learned(np.zeros((0, len(SIGNALS))), np.zeros(0)).tolist() == DEFAULT.tolist()
    chance = np.random.default_rng(3)
    rows = np.ones((20_000, len(SIGNALS)))
    rows[:, 1:] = chance.random((20_000, len(SIGNALS) - 1))
    real = np.array([-3.0, 4, 1, 0.5, 2, -1, -2, 1])
    truth = chance.random(20_000) < expit(rows @ real)
    found = learned(rows, truth.astype(float))
    assert np.abs(found - real).sum() < np.abs(DEFAULT - real).sum() / 3
    told = probabilities(rows, found)
    for low in (0.1, 0.3, 0.5, 0.7):
        inside = (told >= low) & (told < low + 0.2)
        assert abs(told[inside].mean() - truth[inside].mean()) < 0.05
