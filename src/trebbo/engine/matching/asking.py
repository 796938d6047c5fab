"""Asks a history: candidates, their points, and by what the points fall without each fact."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import scipy.sparse as sp

from trebbo.engine.matching.candidates import candidates_of
from trebbo.engine.matching.contracts import EvidenceReason, Need, Ranked, ReasonKind
from trebbo.engine.matching.corpus import Numbers, Places
from trebbo.engine.matching.features import (
    Rows,
    Surroundings,
    distances_km,
    features_of,
    rows_of,
    surroundings_of,
)
from trebbo.engine.matching.history import History
from trebbo.engine.matching.ranking import Ranking
from trebbo.engine.matching.signals import SUMMED, Signals, signals_of

Told = tuple[ReasonKind, Places]


@dataclass(frozen=True, slots=True)
class Asked:
    """A need read against a history, to be asked several things."""

    history: History
    ranking: Ranking
    signals: Signals
    surroundings: Surroundings

    @classmethod
    def of(cls, history: History, ranking: Ranking, need: Need) -> "Asked":
        """Read the need once."""
        signals = signals_of(history, need)
        return cls(history, ranking, signals, surroundings_of(history, signals))

    def candidates(self, *, among: Places | None = None, also: Iterable[str] = ()) -> Places:
        """The rows of those to look at closely; see `candidates.candidates_of`."""
        number = self.history.corpus.number_of
        rows = [number[key] for key in also if key in number]
        return candidates_of(self.history, self.signals, among=among, also=rows)

    @property
    def fitting(self) -> Places:
        """Which bodies have a work about the need, as a truth value for each."""
        found: Places = (self.history.members @ self.signals.fits.astype(np.float32)) > 0
        return found

    def points(self, bodies: Places) -> Numbers:
        """The points of these rows over a body of which nothing is known."""
        return self._points(rows_of(self.history, bodies))

    def ranked(self, *, among: Places | None = None, also: Iterable[str] = ()) -> list[Ranked]:
        """The candidates with their points, the best first; equals in the order of their keys."""
        bodies = self.candidates(among=among, also=also)
        points = self.points(bodies)
        order = np.argsort(-points, kind="stable")
        keys = self.history.corpus.bodies
        return [Ranked(keys[bodies[at]], float(points[at])) for at in order]

    def explained(self, key: str) -> tuple[EvidenceReason, ...]:
        """Why the evidence speaks for a body; see `explained_all`."""
        return self.explained_all([key])[key]

    def explained_all(self, keys: Sequence[str]) -> dict[str, tuple[EvidenceReason, ...]]:
        """Why the evidence speaks for each body, the weightiest reason first.

        The points of each reason are what the body loses when the reason's facts are taken away,
        all else as it is. What changes nothing is left out.
        """
        number = self.history.corpus.number_of
        bodies = [number[key] for key in keys if key in number]
        if not bodies:
            return dict.fromkeys(keys, ())
        told = {body: self._told(body) for body in bodies}
        groups = [self._variants(body, told[body]) for body in bodies]
        points = self._points(_stacked([rows for group in groups for rows in group]))
        found: dict[str, tuple[EvidenceReason, ...]] = dict.fromkeys(keys, ())
        at = 0
        for body, group in zip(bodies, groups, strict=True):
            read = points[at : at + len(group)]
            found[self.history.corpus.bodies[body]] = self._reasons(body, told[body], read)
            at += len(group)
        return found

    def _variants(self, body: int, told: Sequence[Told]) -> list[Rows]:
        """The body as it is, without each reason's works, without its place, without its kind."""
        everything = rows_of(self.history, np.array([body]))
        return [
            everything,
            *(_without(everything, works) for _kind, works in told),
            replace(everything, is_placed=np.array([False])),
            replace(everything, has_kind=np.array([False])),
        ]

    def _reasons(
        self, body: int, told: Sequence[Told], points: Numbers
    ) -> tuple[EvidenceReason, ...]:
        falls = points[0] - points[1:]
        found = [
            self._reason(kind, works, float(fall))
            for (kind, works), fall in zip(told, falls, strict=False)
        ]
        found.append(EvidenceReason("place", float(falls[-2]), distance_km=self._distance(body)))
        found.append(EvidenceReason("kind", float(falls[-1])))
        return tuple(sorted((one for one in found if one.points), key=lambda one: -one.points))

    def _points(self, rows: Rows) -> Numbers:
        nobody = Rows(
            np.zeros(1, np.int64),
            sp.csr_matrix((1, self.history.count), dtype=np.float32),
            sp.csr_matrix((1, self.history.count), dtype=np.float32),
            np.array([False]),
            np.array([False]),
        )
        table = features_of(self.history, self.signals, self.surroundings, _stacked([rows, nobody]))
        points = self.ranking.points(table)
        over: Numbers = points[:-1] - points[-1]
        return over

    def _told(self, body: int) -> list[Told]:
        """The body's works, each under the first reason that it supports."""
        works = self.history.works_of(body)
        column = {name: self.signals.summed[works, SUMMED.index(name)] for name in SUMMED}
        tied = (column["tied"] > 0) | (column["team_tied"] > 0)
        near = self.signals.fits[works]
        second = column["second"] > self._own_second(body, works, column["tied"]) * (1 + 1e-4)
        groups: list[tuple[ReasonKind, Places]] = [
            ("partnership", tied),
            ("projects", near & ~tied),
            ("network", second & ~near & ~tied),
            ("experience", ~(second | near | tied)),
        ]
        return [(kind, works[mask]) for kind, mask in groups if mask.any()]

    def _own_second(self, body: int, works: Places, tied: Numbers) -> Numbers:
        """What the body itself, as a partner of the asker, adds to the works it stands in."""
        history = self.history
        share = float(tied.sum()) / float(np.log1p(1 + history.teams[body]))
        own: Numbers = share * history.sharing[works]
        return own

    def _reason(self, kind: ReasonKind, works: Places, points: float) -> EvidenceReason:
        corpus = self.history.corpus
        order = np.lexsort((-corpus.days[works], -self.signals.nearness[works]))
        keys = tuple(corpus.works[works[at]] for at in order)
        newest = date.fromordinal(int(corpus.days[works].max()))
        return EvidenceReason(kind, points, keys, newest=newest)

    def _distance(self, body: int) -> float | None:
        if self.signals.asker < 0:
            return None
        degrees = self.history.corpus.degrees
        distance = float(distances_km(degrees[self.signals.asker], degrees[[body]])[0])
        return None if np.isnan(distance) else distance


def _without(rows: Rows, works: Places) -> Rows:
    """A single row as if its body had no part in these works."""
    counts = np.ones(rows.parts.shape[1], bool)
    counts[works] = False
    return replace(rows, parts=_only(rows.parts, counts), leads=_only(rows.leads, counts))


def _only(row: sp.csr_matrix, counts: Places) -> sp.csr_matrix:
    kept = counts[row.indices]
    indices = row.indices[kept]
    return sp.csr_matrix((row.data[kept], indices, np.array([0, len(indices)])), shape=row.shape)


def _stacked(rows: Sequence[Rows]) -> Rows:
    """Several groups of rows as one."""
    return Rows(
        np.concatenate([one.bodies for one in rows]),
        sp.vstack([one.parts for one in rows], format="csr"),
        sp.vstack([one.leads for one in rows], format="csr"),
        np.concatenate([one.is_placed for one in rows]),
        np.concatenate([one.has_kind for one in rows]),
    )
