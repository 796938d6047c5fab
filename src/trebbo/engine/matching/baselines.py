"""The rankings that a user would pick instead, each in a few lines over the same history."""

from collections.abc import Callable

import numpy as np
import scipy.sparse as sp

from trebbo.engine.matching.cases import Case
from trebbo.engine.matching.corpus import Numbers
from trebbo.engine.matching.history import History

NEAREST_WORKS = 100
Baseline = Callable[[Case], Numbers]


def baselines_of(history: History) -> dict[str, Baseline]:
    """Each baseline by its name: a score for every body of the history."""
    met = _met(history)
    return {
        "popularity": lambda _case: history.teams,
        "repeat partners": lambda case: _repeat(history, case),
        "adamic-adar": lambda case: _adamic_adar(met, case),
        "bm25": lambda case: _bm25(history, case, power=1),
        "bm25 squared": lambda case: _bm25(history, case, power=2),
    }


def _known(case: Case) -> list[int]:
    """Rows of those who are there already."""
    return [case.asker] if case.asker >= 0 else []


def _repeat(history: History, case: Case) -> Numbers:
    """How often a body was together with those who are there; then how often at all."""
    together = np.zeros(history.count, np.float32)
    for row in _on_board(history, case):
        together[history.works_of(row)] += 1
    return np.asarray(history.members @ together + 1e-6 * history.teams)


def _on_board(history: History, case: Case) -> list[int]:
    number = history.corpus.number_of
    return [*_known(case), *(number[key] for key in case.need.team)]


def _met(history: History) -> tuple[History, sp.csr_matrix, Numbers]:
    """Who ever met whom, and how many others each met."""
    pairs = (history.members @ history.by_work).tocoo()
    pairs.data = (pairs.row != pairs.col).astype(np.float32)
    met = pairs.tocsr()
    met.eliminate_zeros()
    return history, met, np.diff(met.indptr)


def _adamic_adar(met: tuple[History, sp.csr_matrix, Numbers], case: Case) -> Numbers:
    """Common partners, each counting 1 / log(how many it met) (Adamic and Adar, 2003)."""
    history, matrix, many = met
    common = np.zeros(matrix.shape[0], np.float32)
    for row in _on_board(history, case):
        common[matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]]] += 1
    return np.asarray(matrix @ (common / np.log(np.maximum(many, 2))))


def _bm25(history: History, case: Case, *, power: int) -> Numbers:
    """The past works nearest by BM25 vote for their bodies with their score to a power."""
    vocabulary = history.corpus.vocabulary
    known = [(vocabulary[t], w) for t, w in case.need.terms.items() if t in vocabulary]
    if not known or not history.count:
        return np.zeros(len(history.teams), np.float32)
    terms, weights = zip(*known, strict=True)
    scores = np.asarray(history.words["text"][:, list(terms)] @ np.array(weights, np.float32))
    votes = np.zeros(history.count, np.float32)
    most = min(NEAREST_WORKS, len(scores))
    best = np.argpartition(-scores, most - 1)[:most]
    votes[best] = scores[best] ** power
    return np.asarray(history.members @ votes)
