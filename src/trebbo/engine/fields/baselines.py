"""The methods that a user would pick instead, each in a few lines."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
import scipy.sparse as sp

from trebbo.engine.fields.contracts import Example, Field
from trebbo.engine.fields.reading import counted
from trebbo.engine.fields.weighing import matrix_of
from trebbo.engine.matching.contracts import Language
from trebbo.engine.matching.corpus import Numbers
from trebbo.engine.matching.history import bm25_of

NEAREST = 60


class Majority:
    """The most frequent fields, whatever the text."""

    def __init__(self, examples: Iterable[Example]) -> None:
        times = Counter(key for one in examples for key in one.fields)
        self._keys = [key for key, _ in sorted(times.items(), key=lambda one: (-one[1], one[0]))]

    def suggest(self, _text: str, most: int) -> list[str]:
        """The same for every text."""
        return self._keys[:most]


class _Bm25:
    """Texts of one language, ranked by BM25."""

    def __init__(self, texts: Sequence[str], language: Language) -> None:
        self._language = language
        counts = [counted(text, language) for text in texts]
        terms = sorted({term for one in counts for term in one})
        self._columns = {term: column for column, term in enumerate(terms)}
        self._words: sp.csc_matrix = bm25_of(matrix_of(counts, self._columns))[0]

    def scores(self, text: str) -> Numbers:
        """A score for every text; a word asked twice counts twice."""
        asked = matrix_of([counted(text, self._language)], self._columns)
        found: Numbers = self._words[:, asked.indices] @ asked.data
        return found


class LabelSearch:
    """BM25 over the names of the fields in one language."""

    def __init__(self, fields: Sequence[Field], language: Language = "en") -> None:
        self._keys = [one.key for one in fields]
        self._search = _Bm25([" ".join(one.names(language)) for one in fields], language)

    def suggest(self, text: str, most: int) -> list[str]:
        """The fields whose names meet the text best."""
        scores = self._search.scores(text)
        order = np.argsort(-scores, kind="stable")[:most]
        return [self._keys[at] for at in order if scores[at] > 0]


class NearestVote:
    """The examples nearest by BM25 vote for their fields with their score."""

    def __init__(
        self, examples: Sequence[Example], language: Language = "en", nearest: int = NEAREST
    ) -> None:
        self._examples = examples
        self._nearest = nearest
        self._search = _Bm25([one.text for one in examples], language)

    def suggest(self, text: str, most: int) -> list[str]:
        """The fields with the most votes."""
        scores = self._search.scores(text)
        votes: dict[str, float] = defaultdict(float)
        for at in np.argsort(-scores, kind="stable")[: self._nearest]:
            for key in self._examples[at].fields:
                votes[key] += float(scores[at])
        best = sorted(votes.items(), key=lambda one: (-one[1], one[0]))
        return [key for key, vote in best[:most] if vote > 0]
