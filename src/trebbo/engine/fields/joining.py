"""Joins what examples and names say of a field into one probability, learned where it can be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from trebbo.engine.fields.contracts import Field
from trebbo.engine.matching.corpus import Numbers, Places

SIGNALS = ("one", "vote", "log_vote", "prior", "name", "often", "narrower_vote", "narrower_name")
"""`one` is 1 for all; `vote` is what the examples say; `prior` how much more examples than others
the field has (logarithm); `name` how much of its name is said, `often` how often; `narrower_*` the
highest of any field below."""
DEFAULT = np.array([-8.5, 6.0, 0.5, 0.0, 6.0, 0.5, -1.5, 0.0])
TRUST = 30.0
"""How many judged fields it takes to move the weights away from where they start."""
Names = tuple[Numbers, Numbers]
"""How much of each name is said, and how often: see `labels.Labels.met`."""
DIGITS = 6
LEAST_VOTE = 0.03
LEAST_NAME = 0.5


@dataclass(frozen=True)
class Signals:
    """What does not depend on the text: each field's prior, and which fields are below which."""

    prior: Numbers
    broader: Places
    narrower: Places

    @classmethod
    def of(cls, fields: Sequence[Field], times: Numbers, examples: int) -> "Signals":
        """From how many times each field has an example."""
        number = {one.key: at for at, one in enumerate(fields)}
        pairs = [
            (number[above], at)
            for at, one in enumerate(fields)
            for above in _above(one, fields, number)
        ]
        broader, narrower = np.array(pairs, int).reshape(-1, 2).T
        prior = np.log((times + 1) * len(fields) / (examples + len(fields)))
        return cls(prior.astype(np.float32), broader, narrower)

    def candidates(self, votes: Numbers, names: Names) -> Places:
        """Which fields have anything to say for them."""
        found: Places = (votes > LEAST_VOTE) | (names[0] >= LEAST_NAME)
        return found

    def of_candidates(self, votes: Numbers, names: Names, which: Places) -> Numbers:
        """Rows of SIGNALS for the candidates of texts by fields, in their order."""
        votes = np.maximum(votes, 0)
        prior = np.broadcast_to(self.prior, votes.shape)
        columns = (
            np.ones(votes.shape, np.float32),
            votes,
            np.log(np.maximum(votes, 0.01)) - np.log(0.01),
            prior,
            *names,
            self._below(votes),
            self._below(names[0]),
        )
        return np.stack([column[which] for column in columns], axis=1).astype(np.float64)

    def _below(self, scores: Numbers) -> Numbers:
        highest = np.zeros_like(scores.T)
        np.maximum.at(highest, self.broader, scores.T[self.narrower])
        return highest.T


def _above(one: Field, fields: Sequence[Field], number: Mapping[str, int]) -> list[str]:
    """The fields above one, nearest first; a circle ends where it closes."""
    found: list[str] = []
    key = one.broader
    while key is not None and key in number and key != one.key and key not in found:
        found.append(key)
        key = fields[number[key]].broader
    return found


def learned(signals: Numbers, truth: Numbers) -> Numbers:
    """Weights of the SIGNALS by logistic regression, pulled towards the DEFAULT."""

    def regret(weights: Numbers) -> tuple[float, Numbers]:
        logits = signals @ weights
        moved = weights - DEFAULT
        loss = np.logaddexp(0, logits).sum() - logits @ truth + TRUST / 2 * (moved @ moved)
        return float(loss), (expit(logits) - truth) @ signals + TRUST * moved

    found: Numbers = minimize(regret, DEFAULT, jac=True, method="L-BFGS-B").x
    return found


def probabilities(signals: Numbers, weights: Numbers) -> Numbers:
    """How probable each candidate is, rounded: what says the same must be equal."""
    found: Numbers = np.round(expit(signals @ weights), DIGITS)
    return found
