"""Suggests fields for a text, from examples that are known to be in them and from their names."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from trebbo.engine.fields.contracts import Example, Field, Reasons, Suggestion
from trebbo.engine.fields.joining import Signals, learned, probabilities
from trebbo.engine.fields.labels import Labels
from trebbo.engine.fields.reading import Reader, Reading, counted
from trebbo.engine.fields.voting import Votes
from trebbo.engine.fields.weighing import Weighing
from trebbo.engine.matching.contracts import Language
from trebbo.engine.matching.corpus import Numbers, Places
from trebbo.engine.matching.reading import read as language_of
from trebbo.engine.search.lexicon import Lexicon

SAMPLE = 1_500
"""Examples whose own fields the weights of the signals are learned from."""
MOST_REASONS = 3


@dataclass(frozen=True)
class Suggester:
    """Built once, asked by many threads; the same input gives the same answers.

    `seen` are the numbers of the fields that have examples, `votes` those examples' votes.
    """

    fields: tuple[Field, ...]
    keys: tuple[str, ...]
    reader: Reader
    weighing: Weighing
    texts: sp.csr_matrix
    truth: sp.csc_matrix
    seen: Places
    votes: Votes
    labels: Labels
    signals: Signals
    weights: Numbers

    @classmethod
    def of(
        cls,
        fields: Sequence[Field],
        examples: Sequence[Example] = (),
        lexicon: Lexicon | None = None,
    ) -> "Suggester":
        """Learn from examples, in any order; fields that are not among `fields` are passed over.

        Without examples the names of the fields decide alone. Memory is four bytes for each pair
        of examples while it learns (900 MB for 15,000).
        """
        fields = tuple({one.key: one for one in sorted(fields, key=lambda one: one.key)}.values())
        examples = sorted({one.key: one for one in examples}.values(), key=lambda one: one.key)
        reader = Reader.of(fields, examples, lexicon)
        counts = [counted(one.text, one.language) for one in examples]
        weighing = Weighing.of(counts)
        texts = weighing.rows(counts)
        truth = _truth(fields, examples)
        times = np.asarray(truth.sum(axis=0)).ravel()
        seen = np.flatnonzero(times)
        labels = Labels.of(fields, counts)
        signals = Signals.of(fields, times, len(examples))
        sample = np.arange(0, len(examples), max(1, -(-len(examples) // SAMPLE)))
        votes = Votes.of(texts, truth[:, seen].tocsr(), sample)
        names = labels.met([counts[at] for at in sample])
        left_out = _spread(votes.left_out, seen, len(fields))
        which = signals.candidates(left_out, names)
        known = truth[sample].toarray()[which]
        return cls(
            fields=fields,
            keys=tuple(one.key for one in examples),
            reader=reader,
            weighing=weighing,
            texts=texts,
            truth=truth.tocsc(),
            seen=seen,
            votes=votes,
            labels=labels,
            signals=signals,
            weights=learned(signals.of_candidates(left_out, names, which), known),
        )

    def suggest(
        self, text: str, language: Language | None = None, most: int = 10
    ) -> tuple[Suggestion, ...]:
        """The most probable fields, best first, equals by key; none for a text that says nothing.

        Without a language it is told from the text.
        """
        if not text.strip() or not self.fields:
            return ()
        if language is None:
            language = "it" if language_of(text).language == "it" else "en"
        reading = self.reader.read(text, language)
        row = self.weighing.rows([reading.counts])
        votes = _spread(self.votes.scores(row)[None], self.seen, len(self.fields))
        names = self.labels.met([reading.counts])
        which = self.signals.candidates(votes, names)
        scores = probabilities(self.signals.of_candidates(votes, names, which), self.weights)
        numbers = np.flatnonzero(which[0])
        order = np.argsort(-scores, kind="stable")[: max(most, 0)]
        alike = self.texts @ row.toarray().ravel()
        return tuple(
            Suggestion(
                self.fields[numbers[at]].key,
                float(scores[at]),
                self._reasons(int(numbers[at]), reading, row, alike),
            )
            for at in order
        )

    def _reasons(
        self, number: int, reading: Reading, row: sp.csr_matrix, alike: Numbers
    ) -> Reasons:
        label = self.labels.words_met(reading.counts, number)
        return Reasons(
            label=tuple(dict.fromkeys(reading.words[term] for term in label)),
            words=self._words(number, reading, row),
            examples=self._nearest(number, alike),
        )

    def _words(self, number: int, reading: Reading, row: sp.csr_matrix) -> tuple[str, ...]:
        place = int(np.searchsorted(self.seen, number))
        if place == len(self.seen) or self.seen[place] != number:
            return ()
        parts = row.data * self.votes.weights[row.indices, place]
        order = [
            at for at in np.argsort(-parts, kind="stable")[: 2 * MOST_REASONS] if parts[at] > 0
        ]
        words = (reading.words[self.weighing.terms[row.indices[at]]] for at in order)
        return tuple(dict.fromkeys(words))[:MOST_REASONS]

    def _nearest(self, number: int, alike: Numbers) -> tuple[str, ...]:
        own = self.truth.indices[self.truth.indptr[number] : self.truth.indptr[number + 1]]
        order = own[np.argsort(-alike[own], kind="stable")[:MOST_REASONS]]
        return tuple(self.keys[at] for at in order if alike[at] > 0)


def _spread(votes: Numbers, seen: Places, count: int) -> Numbers:
    """Votes for the fields that have examples, as votes for all."""
    found = np.zeros((len(votes), count), np.float32)
    found[:, seen] = votes
    return found


def _truth(fields: Sequence[Field], examples: Sequence[Example]) -> sp.csr_matrix:
    """Examples by fields, 1 where the example is in the field."""
    number = {one.key: at for at, one in enumerate(fields)}
    pairs = [
        (row, number[key])
        for row, one in enumerate(examples)
        for key in sorted(set(one.fields))
        if key in number
    ]
    rows, columns = np.array(pairs, int).reshape(-1, 2).T
    ones = np.ones(len(pairs), np.float32)
    return sp.csr_matrix((ones, (rows, columns)), shape=(len(examples), len(fields)))
