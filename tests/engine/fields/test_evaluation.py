"""The figures, worked by hand, and the baselines."""

import pytest

from tests.engine.fields.examples import EXAMPLES, FIELDS
from trebbo.engine.fields import Example
from trebbo.engine.fields.baselines import LabelSearch, Majority, NearestVote
from trebbo.engine.fields.evaluation import FIGURES, figures_of, measure


def test_figures_are_as_defined() -> None:
    found = dict(zip(FIGURES, figures_of(["a", "x", "b", "y"], {"a", "b", "c"}), strict=True))
    assert found == pytest.approx(
        {
            "precision@3": 2 / 3,
            "precision@5": 2 / 5,
            "recall@5": 2 / 3,
            "MAP": (1 / 1 + 2 / 3) / 3,
        }
    )
    assert figures_of([], {"a"}) == (0, 0, 0, 0)


def test_only_known_fields_are_true() -> None:
    asked = [Example("1", "milk", "en", ("a", "unknown")), Example("2", "wine", "en", ("b",))]
    figures = measure(asked, {"a", "b"}, lambda text, _most: ["a" if text == "milk" else "x"])
    assert figures["recall@5"] == figures["MAP"] == 0.5
    assert figures["ms"] >= 0


def test_baselines_do_what_their_names_say() -> None:
    assert Majority(EXAMPLES).suggest("", 2) == ["hydrogen", "tissue"]
    assert LabelSearch(FIELDS).suggest("tissue engineering", 5) == ["tissue"]
    assert NearestVote(EXAMPLES).suggest("tanks for lorries", 1) == ["hydrogen"]
    assert LabelSearch(FIELDS).suggest("", 5) == NearestVote(EXAMPLES).suggest("", 5) == []
