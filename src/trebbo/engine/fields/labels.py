"""Fields whose names a text says: how much of each name, rare words counting more."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import log

import numpy as np
import scipy.sparse as sp

from trebbo.engine.fields.contracts import Field
from trebbo.engine.fields.dictionary import language_in
from trebbo.engine.fields.reading import counted
from trebbo.engine.fields.weighing import matrix_of
from trebbo.engine.matching.corpus import Numbers, Places
from trebbo.engine.matching.history import K1


@dataclass(frozen=True)
class Labels:
    """Names as rows of shares that add up to 1; the rows of a field stand together.

    `starts` are the first rows of the fields that have names, `named` their numbers.
    """

    columns: dict[str, int]
    shares: sp.csr_matrix
    starts: Places
    named: Places
    count: int

    @cached_property
    def terms(self) -> tuple[str, ...]:
        """The terms of all names, by their columns."""
        return tuple(self.columns)

    @classmethod
    def of(cls, fields: Sequence[Field], examples: Sequence[Mapping[str, float]] = ()) -> "Labels":
        """Read the names; one without a word that names something is left out.

        How rare a word is, examples tell where there are some.
        """
        texts: list[Mapping[str, float]] = []
        starts: list[int] = []
        named: list[int] = []
        for number, one in enumerate(fields):
            said = [stems for language, text in one.labels if (stems := counted(text, language))]
            if said:
                starts.append(len(texts))
                named.append(number)
                texts += said
        rarity = _rarity(texts, examples)
        columns = {term: column for column, term in enumerate(sorted(rarity))}
        shares = matrix_of(texts, columns)
        shares.data = np.array([rarity[term] for term in columns], np.float32)[shares.indices]
        totals = np.asarray(shares.sum(axis=1)).ravel()
        shares.data /= np.repeat(totals, np.diff(shares.indptr))
        return cls(columns, shares, np.array(starts, int), np.array(named, int), len(fields))

    def met(self, texts: Sequence[Mapping[str, float]]) -> tuple[Numbers, Numbers]:
        """Texts by fields: the share of the name that the text says most of, and how often it does.

        The second is the same share with saturated counts in place of said or not said.
        """
        said = matrix_of(texts, self.columns)
        often = said.copy()
        often.data = often.data * (K1 + 1) / (often.data + K1)
        said.data = np.minimum(said.data, 1)
        return self._by_field(said), self._by_field(often)

    def _by_field(self, said: sp.csr_matrix) -> Numbers:
        found = np.zeros((said.shape[0], self.count), np.float32)
        if len(self.named):
            by_name = (said @ self.shares.T).toarray()
            found[:, self.named] = np.maximum.reduceat(by_name, self.starts, axis=1)
        return found

    def words_met(self, text: Mapping[str, float], number: int) -> list[str]:
        """The terms of the text in the name of a field that it says most of."""
        place = int(np.searchsorted(self.named, number))
        if place == len(self.named) or self.named[place] != number:
            return []
        end = self.starts[place + 1] if place + 1 < len(self.starts) else self.shares.shape[0]
        best, most = [], 0.0
        for name in range(self.starts[place], end):
            row = slice(*self.shares.indptr[name : name + 2])
            terms = [self.terms[column] for column in self.shares.indices[row]]
            said = [min(text.get(term, 0.0), 1.0) for term in terms]
            share = float(np.dot(said, self.shares.data[row]))
            if share > most:
                best, most = [term for term in terms if term in text], share
        return best


def _rarity(
    names: Sequence[Mapping[str, float]], examples: Sequence[Mapping[str, float]]
) -> dict[str, float]:
    """How rare each term of the names is among texts of its language, names included."""
    texts = [*names, *examples]
    holding = Counter(term for text in texts for term in text)
    totals = Counter(language_in(next(iter(text))) for text in texts if text)
    return {
        term: log((totals[language_in(term)] + 1) / holding[term])
        for term in {term for text in names for term in text}
    }
