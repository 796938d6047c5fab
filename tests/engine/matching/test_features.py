"""Features against a slow reference: sums, maxima, rates, places and kinds of each body."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings

from tests.engine.matching.examples import (
    BOLOGNA,
    MODENA,
    PARIS,
    TODAY,
    about,
    days,
    evidences,
    made_world,
    needs,
)
from tests.engine.matching.reference import Read
from trebbo.engine.matching import Body, Evidence, Need
from trebbo.engine.matching.corpus import Corpus, Numbers
from trebbo.engine.matching.features import (
    NAMES,
    distances_km,
    features_of,
    rows_of,
    surroundings_of,
)
from trebbo.engine.matching.history import History
from trebbo.engine.matching.signals import Signals, signals_of


def table_of(evidence: Evidence, day: date, need: Need) -> tuple[Signals, Numbers]:
    """The features of every body, in the order of their keys."""
    history = History.of(Corpus.of(evidence), day.toordinal())
    signals = signals_of(history, need)
    everybody = rows_of(history, np.arange(len(evidence.bodies)))
    return signals, features_of(history, signals, surroundings_of(history, signals), everybody)


def agree(evidence: Evidence, day: date, need: Need) -> None:
    signals, table = table_of(evidence, day, need)
    reference = Read(evidence, day, need, signals)
    for row, key in enumerate(sorted(body.key for body in evidence.bodies)):
        expected = reference.features(key)
        assert set(expected) == set(NAMES)
        found = dict(zip(NAMES, map(float, table[row]), strict=True))
        assert found == pytest.approx(expected, rel=1e-4, abs=1e-5, nan_ok=True)


@given(evidences(), days, needs())
@settings(deadline=None, max_examples=25)
def test_features_are_those_of_the_reference(evidence: Evidence, day: date, need: Need) -> None:
    agree(evidence, day, need)


def test_features_of_the_made_up_world_are_those_of_the_reference() -> None:
    agree(made_world(), TODAY, about("water", asker="b000", team=("b004", "b008")))


def test_without_works_only_the_unknown_is_nan() -> None:
    bodies = (Body("a", "HES", True, "IT", "ITH54", *MODENA), Body("b"))
    _signals, table = table_of(Evidence(bodies, ()), TODAY, Need({"water": 1.0}, "a"))
    unknown = {
        key: {name for name, value in zip(NAMES, row, strict=True) if np.isnan(value)}
        for key, row in zip("ab", table, strict=True)
    }
    assert unknown["a"] == {"years_since"}
    assert unknown["b"] == {
        "years_since", "country_by_text", "country_by_ties", "country_of_team", "same_country",
        "same_province", "distance", "kind", "kind_by_text", "kind_of_team", "is_sme",
    }  # fmt: skip


def test_distances_are_great_circles_and_nan_where_unknown() -> None:
    nowhere = (float("nan"), float("nan"))
    found = distances_km(np.array(MODENA), np.array([MODENA, BOLOGNA, PARIS, nowhere]))
    assert found[:3] == pytest.approx([0, 36.9, 803], abs=1)
    assert np.isnan(found[3])
