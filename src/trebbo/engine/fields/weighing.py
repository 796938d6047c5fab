"""Weighs terms: how rare each is, how much its count says, texts as rows of length one."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse as sp

from trebbo.engine.matching.corpus import Numbers
from trebbo.engine.matching.history import K1

MANY = 1_000
"""From this many texts on, a word that only one of them says teaches nothing and costs memory."""


@dataclass(frozen=True)
class Weighing:
    """The terms that count, by their columns, and the rarity of each."""

    columns: dict[str, int]
    rarity: Numbers

    @cached_property
    def terms(self) -> tuple[str, ...]:
        """The terms, by their columns."""
        return tuple(self.columns)

    @classmethod
    def of(cls, texts: Sequence[Mapping[str, float]]) -> "Weighing":
        """Learn how rare each term is in these texts."""
        holding = Counter(term for text in texts for term in text)
        fewest = 2 if len(texts) >= MANY else 1
        kept = sorted(term for term, count in holding.items() if count >= fewest)
        rarity = [np.log((len(texts) + 1) / holding[term]) for term in kept]
        return cls({term: column for column, term in enumerate(kept)}, np.array(rarity, np.float32))

    def rows(self, texts: Iterable[Mapping[str, float]]) -> sp.csr_matrix:
        """Texts as rows of length 1, of saturated counts (as in BM25) times rarity."""
        counts = matrix_of(texts, self.columns)
        counts.data = counts.data * (K1 + 1) / (counts.data + K1) * self.rarity[counts.indices]
        norms = np.sqrt(np.asarray(counts.multiply(counts).sum(axis=1)).ravel())
        counts.data /= np.repeat(np.maximum(norms, 1e-9), np.diff(counts.indptr))
        return counts.astype(np.float32)


def matrix_of(texts: Iterable[Mapping[str, float]], columns: Mapping[str, int]) -> sp.csr_matrix:
    """Counts, texts by terms; terms without a column are left out."""
    data: list[float] = []
    indices: list[int] = []
    starts = [0]
    for text in texts:
        known = sorted((columns[term], count) for term, count in text.items() if term in columns)
        indices += [column for column, _count in known]
        data += [count for _column, count in known]
        starts.append(len(indices))
    shape = (len(starts) - 1, len(columns))
    arrays = (np.array(data, np.float32), np.array(indices, np.int32), np.array(starts, np.int32))
    return sp.csr_matrix(arrays, shape=shape)
