"""Real consortia as questions: who asked, about what, and who then was in the team."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from trebbo.engine.matching.contracts import Need, Work
from trebbo.engine.matching.corpus import Corpus, Places
from trebbo.engine.matching.history import History
from trebbo.engine.matching.terms import terms_of

Mode = Literal["idea", "topic", "complete"]
MODES: tuple[Mode, ...] = ("idea", "topic", "complete")
FEWEST_OTHERS = 2


@dataclass(frozen=True, slots=True)
class Case:
    """A consortium as a question; `truth` are the rows of those to be found."""

    work: int
    asker: int
    need: Need
    truth: Places


@dataclass(frozen=True, slots=True)
class Consortia:
    """A corpus with the words of its works, to make cases of."""

    corpus: Corpus
    works: dict[str, Work]

    def cases(
        self, history: History, until: int, mode: Mode, *, seed: int, blank_every: int = 0
    ) -> Iterator[Case]:
        """The consortia from the day of the history until a day, as questions.

        Those with a coordinator and at least FEWEST_OTHERS other bodies known by then. In mode
        `complete` half of the others, drawn with the seed, are given. Every `blank_every`-th case
        is asked by nobody in particular, and the coordinator is then to be found too.
        """
        corpus = self.corpus
        by_work, leads = corpus.members.T.tocsr(), (corpus.members == 2).T.tocsr()
        for place, work in enumerate(range(corpus.before(history.day), corpus.before(until))):
            coordinators = _row(leads, work)
            if not len(coordinators) or not history.is_known[coordinators[0]]:
                continue
            asker = int(coordinators[0])
            bodies = _row(by_work, work)
            others = bodies[(bodies != asker) & history.is_known[bodies]]
            if len(others) < FEWEST_OTHERS:
                continue
            blank = bool(blank_every) and place % blank_every == 0
            yield self._case(work, asker, others, mode, seed, blank=blank)

    def _case(
        self, work: int, asker: int, others: Places, mode: Mode, seed: int, *, blank: bool
    ) -> Case:
        said = self.works[self.corpus.works[work]]
        team, truth = others[:0], others
        if mode == "complete":
            drawn = np.random.default_rng((seed, work)).permutation(others)
            team, truth = drawn[: len(others) // 2], drawn[len(others) // 2 :]
        text = said.call or said.title if mode == "topic" else said.text
        keys = self.corpus.bodies
        need = Need(
            terms_of(text, said.language),
            "" if blank else keys[asker],
            tuple(keys[row] for row in team),
        )
        return Case(work, -1 if blank else asker, need, np.append(truth, asker) if blank else truth)


def _row(matrix: object, row: int) -> Places:
    start, end = matrix.indptr[row : row + 2]  # type: ignore[attr-defined]
    found: Places = matrix.indices[start:end]  # type: ignore[attr-defined]
    return found


def partners_of(history: History, body: int) -> Places:
    """The bodies that ever were in a work with this one, itself among them."""
    if body < 0:
        return np.zeros(0, np.int64)
    found = [history.bodies_of(work) for work in history.works_of(body)]
    return np.unique(np.concatenate(found)) if found else np.zeros(0, np.int64)
