"""Learns a ranking from real consortia: what was known before, and who then joined."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from trebbo.engine.matching.candidates import candidates_of
from trebbo.engine.matching.cases import Case, Consortia, Mode
from trebbo.engine.matching.contracts import Evidence, TooLittleToLearn
from trebbo.engine.matching.corpus import Corpus, Numbers
from trebbo.engine.matching.features import NAMES, features_of, rows_of, surroundings_of
from trebbo.engine.matching.history import History
from trebbo.engine.matching.ranking import LearnedRanking, PlainRanking, Shape
from trebbo.engine.matching.signals import signals_of

if TYPE_CHECKING:
    from lightgbm import Booster

FEWEST_CASES = 40
BLANK_EVERY = 7
MODE_OF: dict[Shape, Mode] = {"long": "idea", "short": "topic", "team": "complete"}
Progress = Callable[[str], None]


OBJECTIVES: Mapping[Shape, tuple[str, ...]] = {
    "long": ("lambdarank", "lambdarank", "rank_xendcg"),
    "short": ("lambdarank",),
    "team": ("lambdarank",),
}
"""What the trees of each shape are fitted to, each with a seed of its own; their mean counts.

XE-NDCG is better for new partners, LambdaMART for all."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a ranking is learned; the defaults were chosen on years before the one reported.

    `folds` are (months before the day, months that it asks about): what was known at the start of
    each is asked about the consortia that followed.
    """

    folds: tuple[tuple[int, int], ...] = ((7, 7), (12, 12))
    most_cases: int = 1_200
    trees: int = 160
    objectives: Mapping[Shape, tuple[str, ...]] = field(default_factory=lambda: OBJECTIVES)
    seed: int = 20
    learning_rate: float = 0.07
    leaves: int = 15
    fewest_in_leaf: int = 300


@dataclass(frozen=True, slots=True)
class Examples:
    """Feature tables with what came true, one group for each case."""

    table: Numbers
    truth: Numbers
    sizes: list[int]


def train(
    evidence: Evidence,
    day: date,
    *,
    recipe: Recipe | None = None,
    corpus: Corpus | None = None,
    tell: Progress = lambda _words: None,
) -> LearnedRanking:
    """Learn from what was done before `day`.

    Raises TooLittleToLearn with fewer than FEWEST_CASES consortia.
    """
    recipe = recipe or Recipe()
    corpus = corpus or Corpus.of(evidence)
    consortia = Consortia(corpus, {work.key: work for work in evidence.works})
    trees: dict[Shape, list[Booster]] = {}
    scales: dict[Shape, list[float]] = {}
    cases = 0
    histories = _histories(corpus, day, recipe)
    for shape, mode in MODE_OF.items():
        examples = _examples(consortia, histories, mode, recipe)
        cases = max(cases, len(examples.sizes))
        if len(examples.sizes) < FEWEST_CASES:
            raise TooLittleToLearn(
                f"Only {len(examples.sizes)} consortia with enough known partners were found; "
                f"at least {FEWEST_CASES} are needed to learn a ranking."
            )
        tell(f"{shape}: {len(examples.sizes)} consortia, {len(examples.truth)} candidates")
        trees[shape] = [
            _fitted(examples, name, recipe, recipe.seed + number)
            for number, name in enumerate(recipe.objectives[shape])
        ]
        scales[shape] = [_scale(tree, examples) for tree in trees[shape]]
    about = {
        "until": day.isoformat(),
        "works": int(corpus.before(day.toordinal())),
        "consortia": cases,
        "hash": hash_of(corpus, day),
        "seed": recipe.seed,
    }
    return LearnedRanking(f"learned-{day.isoformat()}", trees, scales, about)


def hash_of(corpus: Corpus, day: date) -> str:
    """Names the evidence that a ranking was learned from."""
    count = corpus.before(day.toordinal())
    digest = hashlib.sha256()
    for key in corpus.works[:count]:
        digest.update(key.encode())
    parts = corpus.members[:, :count].tocsr()
    for values in (parts.indptr, parts.indices):
        digest.update(np.ascontiguousarray(values, np.int64).tobytes())
    return digest.hexdigest()[:16]


def _histories(corpus: Corpus, day: date, recipe: Recipe) -> list[tuple[History, int]]:
    found = []
    for before, months in recipe.folds:
        start = day - timedelta(days=round(before * 30.44))
        end = min(day, start + timedelta(days=round(months * 30.44)))
        found.append((History.of(corpus, start.toordinal()), end.toordinal()))
    return found


def _examples(
    consortia: Consortia, histories: Sequence[tuple[History, int]], mode: Mode, recipe: Recipe
) -> Examples:
    tables, truths, sizes = [], [], []
    for history, until in histories:
        cases = list(
            consortia.cases(history, until, mode, seed=recipe.seed, blank_every=BLANK_EVERY)
        )
        for case in _drawn(cases, recipe.most_cases // len(histories), recipe.seed):
            table, truth = _table(history, case)
            if truth.any():
                tables.append(table)
                truths.append(truth)
                sizes.append(len(truth))
    if not sizes:
        return Examples(np.zeros((0, len(NAMES)), np.float32), np.zeros(0, np.float32), [])
    return Examples(np.concatenate(tables), np.concatenate(truths), sizes)


def _drawn(cases: list[Case], most: int, seed: int) -> Iterator[Case]:
    if len(cases) > most:
        chosen = np.random.default_rng(seed).choice(len(cases), most, replace=False)
        cases = [cases[at] for at in sorted(chosen)]
    yield from cases


def _table(history: History, case: Case) -> tuple[Numbers, Numbers]:
    signals = signals_of(history, case.need)
    bodies = candidates_of(history, signals)
    surroundings = surroundings_of(history, signals)
    table = features_of(history, signals, surroundings, rows_of(history, bodies))
    return table, np.isin(bodies, case.truth).astype(np.float32)


def _fitted(examples: Examples, objective: str, recipe: Recipe, seed: int) -> "Booster":
    import lightgbm

    data = lightgbm.Dataset(
        examples.table,
        examples.truth,
        group=examples.sizes,
        feature_name=list(NAMES),
        params={"max_bin": 63},
        free_raw_data=False,
    )
    settings = {
        "objective": objective,
        "lambdarank_truncation_level": 30,
        "learning_rate": recipe.learning_rate,
        "num_leaves": recipe.leaves,
        "min_data_in_leaf": min(recipe.fewest_in_leaf, max(5, len(examples.truth) // 200)),
        "feature_fraction": 0.4,
        "bagging_fraction": 0.7,
        "bagging_freq": 1,
        "lambda_l2": 20,
        "max_bin": 63,
        "verbose": -1,
        "seed": seed,
        "deterministic": True,
        "force_row_wise": True,
    }
    return lightgbm.train(settings, data, recipe.trees)


def _scale(tree: "Booster", examples: Examples) -> float:
    """The factor that brings the spread of the trees' points to that of the plain ranking."""
    most = 100_000
    own = np.std(np.asarray(tree.predict(examples.table[:most])))
    plain = np.std(PlainRanking().points(examples.table[:most]))
    return float(plain / max(float(own), 1e-9))
