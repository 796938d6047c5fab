"""Adds what a body says of itself to what the evidence says of it: a sum of named terms."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from math import exp

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from trebbo.engine.matching.corpus import Numbers

FRESHNESS = {"confirmed": 1.0, "due": 0.9, "stale": 0.6, "never": 0.7}
"""What a statement counts by when it was last confirmed; what nobody ever confirmed may be true."""
NEAR_KM = 40.0


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a body beside the evidence, each from 0 (nothing) to 1 (all).

    `words`: how far its own words meet the need; `place`: how near it is to the place asked for;
    `chain`, `cluster`: shares a value chain or cluster with the asker; `accredited` now; `fresh`:
    confirmed. `freshness` is the factor on the words.
    """

    words: float = 0.0
    freshness: float = 1.0
    place: float = 0.0
    chain: float = 0.0
    cluster: float = 0.0
    accredited: float = 0.0
    fresh: float = 0.0


@dataclass(frozen=True, slots=True)
class Weights:
    """Points for each fact at its fullest; set by hand, then moved by feedback."""

    evidence: float = 0.5
    words: float = 30.0
    place: float = 12.0
    chain: float = 1.0
    cluster: float = 0.3
    accredited: float = 0.5
    fresh: float = 0.3

    @classmethod
    def of(cls, said: Mapping[str, float]) -> "Weights":
        """The weights named; others as they are by default, unknown names passed over."""
        known = {one.name for one in fields(cls)}
        return cls(**{name: float(value) for name, value in said.items() if name in known})


DEFAULT_WEIGHTS = Weights()
TERMS = tuple(one.name for one in fields(Weights))


def terms_of(evidence: float, facts: Facts, weights: Weights = DEFAULT_WEIGHTS) -> dict[str, float]:
    """The points of each term; their sum is the score. Terms of nothing are left out."""
    values = {
        "evidence": evidence,
        "words": facts.words * facts.freshness,
        "place": facts.place,
        "chain": facts.chain,
        "cluster": facts.cluster,
        "accredited": facts.accredited,
        "fresh": facts.fresh,
    }
    return {name: getattr(weights, name) * value for name, value in values.items() if value}


def nearness(kilometres: float | None) -> float:
    """1 at the place itself, falling to 1/e after NEAR_KM; 0 where the distance is not known."""
    return exp(-max(kilometres, 0.0) / NEAR_KM) if kilometres is not None else 0.0


@dataclass(frozen=True, slots=True)
class Judged:
    """A person preferred one body over another for one need: the values of both, by term."""

    better: Mapping[str, float]
    worse: Mapping[str, float]


def weights_from(
    judged: Sequence[Judged], *, start: Weights = DEFAULT_WEIGHTS, trust: float = 20.0
) -> Weights:
    """The weights that explain what people preferred, not far from where they started.

    Pairwise logistic regression with a pull towards the start (a normal prior on the logarithm of
    each weight, worth `trust` judgements), so that few judgements move little and no weight turns
    negative.
    """
    if not judged:
        return start
    base = np.array([getattr(start, name) for name in TERMS])
    gaps = np.array(
        [[one.better.get(n, 0.0) - one.worse.get(n, 0.0) for n in TERMS] for one in judged]
    )

    def regret(moved: Numbers) -> tuple[float, Numbers]:
        weights = base * np.exp(moved)
        margins = gaps @ weights
        wrong = expit(-margins)
        loss = float(np.logaddexp(0, -margins).sum() + trust / 2 * (moved @ moved))
        return loss, -(wrong @ gaps) * weights + trust * moved

    moved = minimize(regret, np.zeros(len(TERMS)), jac=True, method="L-BFGS-B").x
    learned = base * np.exp(moved)
    return Weights(**dict(zip(TERMS, map(float, learned), strict=True)))


def as_dict(weights: Weights) -> dict[str, float]:
    """The weights by name."""
    return asdict(weights)
