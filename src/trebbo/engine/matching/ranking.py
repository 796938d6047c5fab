"""Two ways to turn features into points: a transparent sum, and trees learned from consortia."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np

from trebbo.engine.matching.contracts import RankingUnfit
from trebbo.engine.matching.corpus import Numbers
from trebbo.engine.matching.features import NAMES, SCHEMA

if TYPE_CHECKING:  # LightGBM brings pandas along: half a second for who has nothing trained
    from lightgbm import Booster

Shape = Literal["long", "short", "team"]
SHAPES: tuple[Shape, ...] = ("long", "short", "team")
SHORT_TERMS = 40
"""With fewer terms a need is a sentence or a title rather than a page."""
TERMS = {
    "near": 5.0,
    "near_small": 5.0,
    "tied_nearest": 5.0,
    "team_near": 5.0,
    "second_near": 2.0,
    "likely_near": 2.0,
    "tied": 1.0,
    "area": 0.3,
}
"""The transparent ranking: these weights times log(1 + feature)."""
PLAIN = {"same_country": 0.4, "same_province": 0.4, "distance": -0.05}
"""And these times the feature itself; unknown counts nothing."""


class Ranking(Protocol):
    """Gives every row of a feature table its points; more is better."""

    @property
    def label(self) -> str:
        """What to call it on a page."""

    def points(self, table: Numbers) -> Numbers:
        """The points of each row."""


@dataclass(frozen=True, slots=True)
class PlainRanking:
    """The transparent default: a sum that anybody can add up again."""

    label: str = "plain"

    def points(self, table: Numbers) -> Numbers:
        """The sum of TERMS and PLAIN."""
        total = np.zeros(len(table))
        for name, weight in TERMS.items():
            total += weight * np.log1p(np.maximum(table[:, NAMES.index(name)], 0))
        for name, weight in PLAIN.items():
            total += weight * np.nan_to_num(table[:, NAMES.index(name)])
        return total.astype(np.float32)


@dataclass(frozen=True, slots=True)
class LearnedRanking:
    """Trees learned from real consortia, for each shape of need; in the points of the plain one.

    `scales` bring the trees' own scale to that of the transparent ranking, so that what is not
    learned (words of a profile, value chain) weighs the same beside either.
    """

    label: str
    trees: Mapping[Shape, Sequence["Booster"]]
    scales: Mapping[Shape, Sequence[float]]
    about: Mapping[str, Any] = field(default_factory=dict)

    def points(self, table: Numbers) -> Numbers:
        """The mean of the scaled trees for the shape of the need."""
        if not len(table):
            return np.zeros(0, np.float32)
        shape = shape_of(table)
        read = [
            scale * np.asarray(trees.predict(table, num_threads=1))
            for trees, scale in zip(self.trees[shape], self.scales[shape], strict=True)
        ]
        points: Numbers = np.mean(read, axis=0).astype(np.float32)
        return points

    def dumps(self) -> str:
        """The ranking as text, to be read back by `loads`."""
        return json.dumps(
            {
                "schema": SCHEMA,
                "features": NAMES,
                "label": self.label,
                "about": dict(self.about),
                "scales": {shape: list(scales) for shape, scales in self.scales.items()},
                "trees": {
                    shape: [one.model_to_string() for one in trees]
                    for shape, trees in self.trees.items()
                },
            }
        )

    @classmethod
    def loads(cls, text: str) -> "LearnedRanking":
        """Read a ranking. Raises RankingUnfit where it is broken or made for other features."""
        from lightgbm import Booster
        from lightgbm.basic import LightGBMError

        try:
            said = json.loads(text)
            if said["schema"] != SCHEMA or tuple(said["features"]) != NAMES:
                raise RankingUnfit(
                    f"The trained ranking was made for other features (version {said['schema']}; "
                    f"this program has version {SCHEMA}): train it again."
                )
            trees = {
                shape: [Booster(model_str=one) for one in said["trees"][shape]] for shape in SHAPES
            }
            scales = {shape: [float(one) for one in said["scales"][shape]] for shape in SHAPES}
            if any(not trees[shape] or len(trees[shape]) != len(scales[shape]) for shape in SHAPES):
                raise ValueError("trees are missing, or their scales")
            return cls(said["label"], trees, scales, said["about"])
        except (ValueError, KeyError, TypeError, AttributeError, LightGBMError) as error:
            raise RankingUnfit(
                f"The trained ranking cannot be read ({error}): train it again."
            ) from error


def shape_of(table: Numbers) -> Shape:
    """The shape of the need that a table was made for; all of its rows are of one need."""
    if table[0, NAMES.index("team_size")] > 0:
        return "team"
    return "short" if table[0, NAMES.index("terms")] < SHORT_TERMS else "long"
