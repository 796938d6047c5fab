"""Measures rankings on real consortia: how much of the true team is found, and who is shown."""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from trebbo.engine.matching.asking import Asked
from trebbo.engine.matching.cases import Case, partners_of
from trebbo.engine.matching.corpus import Corpus, Numbers, Places
from trebbo.engine.matching.history import History
from trebbo.engine.matching.ranking import Ranking

CUTS = (10, 20, 50)
GAIN_CUTS = (10, 20)
DEPTH = 50
SHOWN = 10
Ranker = Callable[[Case], Places]
Figures = dict[str, float]


@dataclass(slots=True)
class Measured:
    """One method: means over all partners and over new ones, seconds, and who it showed."""

    all: Figures
    new: Figures
    seconds: float
    shown: Counter[str] = field(default_factory=Counter)


def by_score(history: History, score: Callable[[Case], Numbers]) -> Ranker:
    """A ranker that sorts every known body but those who are there already by a score."""

    def ranked(case: Case) -> Places:
        scores = np.where(history.is_known, score(case), -np.inf)
        number = history.corpus.number_of
        there = [number[key] for key in case.need.team] + ([case.asker] if case.asker >= 0 else [])
        scores[there] = -np.inf
        return np.argsort(-scores, kind="stable")

    return ranked


def by_ranking(history: History, ranking: Ranking) -> Ranker:
    """A ranker that asks as the product does: candidates, then their points."""

    def ranked(case: Case) -> Places:
        asked = Asked.of(history, ranking, case.need)
        bodies = asked.candidates()
        order: Places = bodies[np.argsort(-asked.points(bodies), kind="stable")]
        return order

    return ranked


def measure(history: History, cases: Sequence[Case], ranker: Ranker) -> Measured:
    """Rank every case; figures are means over cases, new partners those never met before."""
    everyone: list[Figures] = []
    strangers: list[Figures] = []
    shown: Counter[str] = Counter()
    started = time.perf_counter()
    spent = 0.0
    for case in cases:
        started = time.perf_counter()
        order = ranker(case)
        spent += time.perf_counter() - started
        everyone.append(figures(order[:DEPTH], case.truth))
        shown.update(groups_of(history.corpus, history, order[:SHOWN]))
        met = partners_of(history, case.asker)
        new = case.truth[~np.isin(case.truth, met)]
        if len(new):
            strangers.append(figures(order[~np.isin(order, met)][:DEPTH], new))
    return Measured(_means(everyone), _means(strangers), spent, shown)


def figures(order: Places, truth: Places) -> Figures:
    """Recall, nDCG and the reciprocal rank of one ranking; each right body counts one.

    nDCG after Järvelin and Kekäläinen (2002) with the discount 1 / log2(1 + rank).
    """
    right = np.isin(order, truth)
    discounts = 1 / np.log2(np.arange(2, max(len(order), len(truth)) + 2))
    found = np.flatnonzero(right)
    result = {f"recall@{cut}": float(right[:cut].sum() / len(truth)) for cut in CUTS}
    for cut in GAIN_CUTS:
        gained = float((right[:cut] * discounts[: len(right)][:cut]).sum())
        result[f"ndcg@{cut}"] = gained / float(discounts[: min(len(truth), cut)].sum())
    result["mrr"] = float(1 / (found[0] + 1)) if len(found) else 0.0
    return result


def _means(rows: Sequence[Figures]) -> Figures:
    sums: dict[str, float] = defaultdict(float)
    for row in rows:
        for name, value in row.items():
            sums[name] += value
    return {name: value / len(rows) for name, value in sums.items()}


def groups_of(corpus: Corpus, history: History, bodies: Iterable[int]) -> Iterable[str]:
    """The groups by which fairness is told of these bodies, one entry for each membership.

    Small and medium enterprises; newcomers, who took part in at most one work before; Italian
    provinces by their NUTS code.
    """
    provinces = corpus.names["province"]
    for body in bodies:
        yield "all"
        if corpus.is_sme[body] == 1:
            yield "sme"
        if history.members.indptr[body + 1] - history.members.indptr[body] <= 1:
            yield "newcomer"
        place = corpus.provinces[body]
        if place >= 0 and provinces[place].startswith("IT"):
            yield f"province {provinces[place]}"


@dataclass(frozen=True, slots=True)
class Share:
    """A group's share of the first ten places against its share of the right answers."""

    group: str
    shown: float
    right: float
    answers: int

    @property
    def ratio(self) -> float | None:
        """Shown over right; None where the group is never right."""
        return self.shown / self.right if self.right else None


def fairness(
    history: History, cases: Sequence[Case], shown: Mapping[str, int]
) -> tuple[Share, ...]:
    """SMEs, newcomers and each province: how often shown, how often right; most answers first."""
    right: Counter[str] = Counter()
    for case in cases:
        right.update(groups_of(history.corpus, history, case.truth))
    places, answers = max(shown.get("all", 0), 1), max(right["all"], 1)
    names = [name for name in right if name != "all"]
    names.sort(key=lambda name: (name.startswith("province"), -right[name], name))
    return tuple(
        Share(name, shown.get(name, 0) / places, right[name] / answers, right[name])
        for name in names
    )
