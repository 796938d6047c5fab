"""The model of who is who: weights in bits for each level, calibration, thresholds; as JSON."""

import json
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trebbo.engine.linkage.comparisons import LEVELS, Levels
from trebbo.engine.linkage.names import Rarity

SHIPPED = Path(__file__).parent / "data" / "model.json"

RIVAL_LEVELS = ("alone", "ahead", "near", "equal", "behind")
"""How a match stands against the best other one that contradicts it."""

DECLARED: dict[str, dict[str, float]] = {
    # Gold pairs between two registers share no numbers and no regions: these weights are set by
    # hand. Two bodies share a fiscal number by chance about never; a wrong or inherited one is met.
    "identifier": {
        "same": 24.0,
        "same_other": 6.0,
        "contradicts": -10.0,
        "other": -1.0,
        "unknown": 0.0,
    },
    "region": {"same": 1.0, "same_wide": 0.5, "different": -1.0, "unknown": 0.0},
}
"""Weights in bits that no gold pair can teach."""

CLAIMS = {"alone": 0.0, "ahead": 0.0, "near": -1.0, "equal": -3.0, "behind": -6.0}
"""Weights in bits of how a match stands against others that claim the same right body; gold pairs
of registers that give one body several keys cannot teach them."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Score in bits → probability: straight lines between points, never falling."""

    scores: tuple[float, ...]
    probabilities: tuple[float, ...]

    def probability(self, score: float) -> float:
        """The share of links with this score that are right."""
        scores, values = self.scores, self.probabilities
        place = bisect_right(scores, score)
        if place == 0:
            return values[0]
        if place == len(scores):
            return values[-1]
        before, after = scores[place - 1], scores[place]
        way = (score - before) / (after - before)
        return values[place - 1] + way * (values[place] - values[place - 1])


@dataclass(frozen=True, slots=True)
class Model:
    """What is learned, once. `certain` and `likely` are the lowest probabilities of those zones."""

    version: str
    prior: float
    weights: Mapping[str, Mapping[str, float]]
    rivals: Mapping[str, Mapping[str, float]]
    calibration: Calibration
    certain: float
    likely: float
    rarity: Rarity
    trained_on: Mapping[str, Any] = field(default_factory=dict)

    def score(self, levels: Levels) -> float:
        """The sum of the prior and the weights of all levels, in bits."""
        weights = self.weights
        return self.prior + sum(weights[name][level] for name, level in levels.items())

    def dump(self) -> dict[str, Any]:
        """The model as JSON takes it."""
        return {
            "version": self.version,
            "trained_on": dict(self.trained_on),
            "prior": self.prior,
            "certain": self.certain,
            "likely": self.likely,
            "weights": {name: dict(levels) for name, levels in self.weights.items()},
            "rivals": {name: dict(levels) for name, levels in self.rivals.items()},
            "calibration": {
                "scores": list(self.calibration.scores),
                "probabilities": list(self.calibration.probabilities),
            },
        }


def load(path: Path = SHIPPED, *, of: str = "bodies") -> Model:
    """The model kept in a file; `of` is "bodies" or "strings"."""
    whole = json.loads(path.read_text(encoding="utf-8"))
    kept = whole[of]
    rarity = Rarity(whole["rarity"]["bits"], whole["rarity"]["most"])
    return Model(
        version=kept["version"],
        prior=kept["prior"],
        weights=kept["weights"],
        rivals=kept["rivals"],
        calibration=Calibration(
            tuple(kept["calibration"]["scores"]), tuple(kept["calibration"]["probabilities"])
        ),
        certain=kept["certain"],
        likely=kept["likely"],
        rarity=rarity,
        trained_on=kept["trained_on"],
    )


def save(path: Path, models: Mapping[str, Model], rarity: Rarity) -> None:
    """Write models that share one table of rare words, in an order that is always the same."""
    whole = {
        **{name: model.dump() for name, model in models.items()},
        "rarity": {"most": rarity.most, "bits": dict(sorted(rarity.bits.items()))},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8"
    )


def rival_level(margin: float | None) -> str:
    """How far ahead of its best rival a match is, by the difference of their scores in bits."""
    if margin is None or margin >= 12:
        return "alone"
    if margin >= 5:
        return "ahead"
    if margin > 1.5:
        return "near"
    return "equal" if margin >= -1.5 else "behind"


def levels_in_order() -> Sequence[tuple[str, str]]:
    """Every comparison with every level, in one fixed order."""
    return [(name, level) for name, levels in LEVELS.items() for level in levels]
