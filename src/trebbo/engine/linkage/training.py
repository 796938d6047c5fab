"""Learns a model from gold pairs: weights by logistic regression, calibration that never falls."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log2
from typing import Any

import numpy as np
import numpy.typing as npt

from trebbo.engine.linkage.comparisons import LEVELS
from trebbo.engine.linkage.contracts import Entity
from trebbo.engine.linkage.linker import FLOOR, Pair, StatisticalLinker, guarded
from trebbo.engine.linkage.model import (
    CLAIMS,
    DECLARED,
    RIVAL_LEVELS,
    Calibration,
    Model,
    levels_in_order,
)
from trebbo.engine.linkage.names import Rarity
from trebbo.engine.linkage.prepared import prepare

Floats = npt.NDArray[np.float64]
FOLDS = 5
WANTED_PRECISION = 0.994
"""A little above what is promised: the reporting part is not the tuning part."""
LIKELY = 0.15
FEWEST_LINKS = 100
"""On fewer links no precision of 0.99 can be seen: then there is no automatic zone."""
LEAST_CERTAIN = 0.95
"""No single link less probable than this is made without a person."""
BITS = 1 / np.log(2)
STILL = {"acronym": "unknown", "town": "unknown", "domain": "unknown", "part": "both_whole"}
"""The level of a comparison that says nothing: its weight is 0, the prior takes it in."""


@dataclass(frozen=True, slots=True)
class Gold:
    """What is known of a left entity: its right keys, or none where none of them is there."""

    left: str
    rights: frozenset[str]
    also: frozenset[str] = frozenset()
    """What a person found to be right although the gold says otherwise."""


def learn_rarity(entities: Iterable[Entity], *, least: int = 4) -> Rarity:
    """How much each word tells, from the names of many entities; rare words are left out."""
    seen: Counter[str] = Counter()
    total = 0
    for entity in entities:
        total += 1
        seen.update({word for form in prepare(entity).forms for word in form.bag})
    most = round(log2(total / least), 2)
    bits = {word: round(log2(total / count), 2) for word, count in seen.items() if count > least}
    return Rarity(bits, most)


def fit(columns: Floats, right: Floats, offset: Floats, *, ridge: float = 1.0) -> Floats:
    """Weights of a logistic regression, by Newton's method; the first column is not held back."""
    weights = np.zeros(columns.shape[1])
    hold = np.full(columns.shape[1], ridge)
    hold[0] = 1e-6
    for _ in range(60):
        chance = 1 / (1 + np.exp(-np.clip(columns @ weights + offset, -35, 35)))
        slope = columns.T @ (right - chance) - hold * weights
        spread = np.maximum(chance * (1 - chance), 1e-9)
        step = np.linalg.solve((columns.T * spread) @ columns + np.diag(hold), slope)
        weights += step
        if np.abs(step).max() < 1e-7:
            break
    return weights


def never_falling(scores: Floats, right: Floats) -> Calibration:
    """Pools neighbours until the shares of right links never fall with the score."""
    order = np.argsort(scores, kind="stable")
    pooled: list[list[float]] = []  # sum of scores, right ones, all
    chunk = max(20, len(order) // 4000)
    for start in range(0, len(order), chunk):
        places = order[start : start + chunk]
        pooled.append([scores[places].sum(), right[places].sum(), float(len(places))])
        while len(pooled) > 1 and _share(pooled[-2]) >= _share(pooled[-1]):
            last = pooled.pop()
            pooled[-1] = [one + other for one, other in zip(pooled[-1], last, strict=True)]
    points = {
        round(float(block[0] / block[2]), 3): round(float(_share(block)), 5) for block in pooled
    }
    return Calibration(tuple(points), tuple(points.values()))


def _share(block: list[float]) -> float:
    return (block[1] + 0.2) / (block[2] + 0.4)


def _columns(pairs: Sequence[Pair]) -> Floats:
    places = {pair: place + 1 for place, pair in enumerate(levels_in_order())}
    columns = np.zeros((len(pairs), len(places) + 1))
    columns[:, 0] = 1
    for row, pair in enumerate(pairs):
        for name, level in pair.levels.items():
            columns[row, places[name, level]] = 1
    for name in DECLARED:
        for level in LEVELS[name]:
            columns[:, places[name, level]] = 0
    return columns


def _rival_columns(pairs: Sequence[Pair]) -> Floats:
    columns = np.zeros((len(pairs), 1 + len(RIVAL_LEVELS)))
    columns[:, 0] = 1
    for row, pair in enumerate(pairs):
        columns[row, 1 + RIVAL_LEVELS.index(pair.rival)] = 1
    return columns


def _model(rarity: Rarity, weights: Floats, rivals: Floats | None = None) -> Model:
    table: dict[str, dict[str, float]] = {}
    for place, (name, level) in enumerate(levels_in_order()):
        table.setdefault(name, {})[level] = float(weights[place + 1]) * BITS
    prior = float(weights[0]) * BITS
    for name, still in STILL.items():
        prior += table[name][still]
        table[name] = {level: bits - table[name][still] for level, bits in table[name].items()}
    table = {
        name: {lv: round(float(bits), 3) for lv, bits in row.items()} for name, row in table.items()
    }
    table.update(DECLARED)
    both = rivals if rivals is not None else np.zeros(1 + len(RIVAL_LEVELS))
    return Model(
        version="",
        prior=round(float(prior + both[0] * BITS), 3),
        weights=table,
        rivals={
            "rivals": {
                level: round(float(both[1 + place] * BITS), 3)
                for place, level in enumerate(RIVAL_LEVELS)
            },
            "claims": CLAIMS,
        },
        calibration=Calibration((0.0,), (0.5,)),
        certain=1.0,
        likely=0.0,
        rarity=rarity,
    )


def _flat(rarity: Rarity) -> Model:
    """A model that weighs nothing: its linker compares all candidates and drops none."""
    return _model(rarity, np.zeros(len(levels_in_order()) + 1))


def train(
    left: Sequence[Entity],
    right: Sequence[Entity],
    gold: Collection[Gold],
    *,
    rarity: Rarity,
    seed: int,
    version: str,
    trained_on: Mapping[str, Any],
    shared: bool = False,
    fold_of: Callable[[Gold], str] = lambda known: min(known.rights, default=known.left),
) -> Model:
    """A model from the gold of the tuning part; the same input and seed give the same model.

    Weights come from all of it. Calibration and thresholds come from folds whose scores were
    given by weights that had not seen them; entities of one fold share no right body.
    """
    known = {item.left: item for item in gold}
    lists = [
        pairs
        for pairs in StatisticalLinker(_flat(rarity), shared=shared).pairs(left, right)
        if pairs and pairs[0].left.key in known
    ]
    pairs = [pair for found in lists for pair in found]
    yes = np.array(
        [float(p.right.key in known[p.left.key].rights | known[p.left.key].also) for p in pairs]
    )
    groups = sorted({fold_of(item) for item in gold})
    order = np.random.default_rng(seed).permutation(len(groups))
    fold = {groups[place]: rank % FOLDS for rank, place in enumerate(order)}
    folds = np.array([fold[fold_of(known[pair.left.key])] for pair in pairs])
    columns = _columns(pairs)
    none = np.zeros(len(pairs))
    unseen = np.zeros(len(pairs))
    for part in range(FOLDS):
        learned = _model(
            rarity, fit(columns[folds != part], yes[folds != part], none[folds != part])
        )
        for row in np.flatnonzero(folds == part):
            unseen[row] = learned.score(pairs[row].levels)
    rivals = _fit_rivals(rarity, lists, unseen, yes, shared=shared)
    weights = fit(columns, yes, none)
    final = _model(rarity, weights, rivals)
    scores = (
        unseen
        + np.array(
            [final.rivals["rivals"][p.rival] + final.rivals["claims"][p.claim] for p in pairs]
        )
        + float(rivals[0]) * BITS
    )
    calibration = never_falling(scores, yes)
    chances = np.array([calibration.probability(float(score)) for score in scores])
    return Model(
        version=version,
        prior=final.prior,
        weights=final.weights,
        rivals=final.rivals,
        calibration=calibration,
        certain=certain_from(pairs, chances, yes),
        likely=LIKELY,
        rarity=rarity,
        trained_on={**trained_on, "seed": seed, "pairs": len(pairs), "right_pairs": int(yes.sum())},
    )


def _fit_rivals(
    rarity: Rarity, lists: list[list[Pair]], unseen: Floats, yes: Floats, *, shared: bool
) -> Floats:
    pairs = [pair for found in lists for pair in found]
    for pair, score in zip(pairs, unseen, strict=True):
        pair.base = float(score)
    linker = StatisticalLinker(_flat(rarity), shared=shared)
    linker.set_rivals(
        {found[0].left.key: [pair for pair in found if pair.base > FLOOR] for found in lists}
    )
    return fit(_rival_columns(pairs), yes, unseen / BITS)


def certain_from(pairs: Sequence[Pair], chances: Floats, yes: Floats) -> float:
    """The lowest probability above which the links that no guard holds back are right enough."""
    free = np.array(
        [not guarded(p) and not {"equal", "behind"} & {p.rival, p.claim} for p in pairs]
    )
    order = np.argsort(-chances[free], kind="stable")
    right = np.cumsum(yes[free][order])
    precision = right / np.arange(1, len(order) + 1)
    good = np.flatnonzero(precision >= WANTED_PRECISION)
    if not len(good) or good[-1] + 1 < FEWEST_LINKS:
        return 1.0
    return max(LEAST_CERTAIN, round(float(chances[free][order][good[-1]]), 5))
