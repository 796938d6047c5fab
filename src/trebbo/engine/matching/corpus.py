"""Everything that is known, as sorted arrays: read once, cut at any day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from trebbo.engine.matching.contracts import Body, Evidence, Work
from trebbo.engine.matching.terms import counted_terms

Numbers = NDArray[np.floating[Any]]
Places = NDArray[Any]
"""Rows, columns or truth values."""
TEXTS = ("text", "title", "context")


@dataclass(frozen=True)
class Corpus:
    """Bodies and works as arrays; works are in the order of their days.

    `texts` holds, for each of TEXTS, term counts (works by terms). `members` is bodies by works
    with 1 for a part and 2 for the lead. Kinds, countries, provinces, programmes and areas are
    numbers into their lists of names; -1 stands for unknown.
    """

    bodies: tuple[str, ...]
    works: tuple[str, ...]
    days: Places
    vocabulary: dict[str, int]
    texts: dict[str, sp.csr_matrix]
    members: sp.csr_matrix
    kinds: Places
    is_sme: Numbers
    countries: Places
    provinces: Places
    degrees: Numbers
    programmes: Places
    areas: Places
    names: dict[str, tuple[str, ...]]

    @classmethod
    def of(cls, evidence: Evidence) -> "Corpus":
        """Read the evidence; the same evidence in another order gives the same corpus."""
        bodies = sorted(evidence.bodies, key=lambda body: body.key)
        works = sorted(evidence.works, key=lambda work: (work.day, work.key))
        vocabulary: dict[str, int] = {}
        texts = {name: _counts(works, name, vocabulary) for name in TEXTS}
        for matrix in texts.values():
            matrix.resize(len(works), len(vocabulary))
        numbers: dict[str, Places] = {}
        names: dict[str, tuple[str, ...]] = {}
        for column, values in (
            ("kind", [body.kind for body in bodies]),
            ("country", [body.country for body in bodies]),
            ("province", [body.province for body in bodies]),
            ("programme", [work.programme for work in works]),
            ("area", [work.area for work in works]),
        ):
            names[column], numbers[column] = _numbered(values)
        return cls(
            bodies=tuple(body.key for body in bodies),
            works=tuple(work.key for work in works),
            days=np.array([work.day.toordinal() for work in works], np.int64),
            vocabulary=vocabulary,
            texts=texts,
            members=_members(bodies, works),
            kinds=numbers["kind"],
            is_sme=np.array([_known(body.is_sme) for body in bodies], np.float32),
            countries=numbers["country"],
            provinces=numbers["province"],
            degrees=np.array(
                [(_known(body.latitude), _known(body.longitude)) for body in bodies], np.float32
            ).reshape(-1, 2),
            programmes=numbers["programme"],
            areas=numbers["area"],
            names=names,
        )

    @cached_property
    def terms(self) -> tuple[str, ...]:
        """The words of the vocabulary, by their numbers."""
        return tuple(self.vocabulary)

    @cached_property
    def number_of(self) -> dict[str, int]:
        """The row of each body."""
        return {key: row for row, key in enumerate(self.bodies)}

    @cached_property
    def work_number_of(self) -> dict[str, int]:
        """The column of each work."""
        return {key: column for column, key in enumerate(self.works)}

    def before(self, day: int) -> int:
        """How many works are older than the day (a proleptic ordinal)."""
        return int(np.searchsorted(self.days, day))


def _known(value: float | None) -> float:
    return np.nan if value is None else float(value)


def _numbered(values: Sequence[str]) -> tuple[tuple[str, ...], Places]:
    names = tuple(sorted({value for value in values if value}))
    number = {name: place for place, name in enumerate(names)}
    return names, np.array([number.get(value, -1) for value in values], np.int64)


def _counts(works: Iterable[Work], name: str, vocabulary: dict[str, int]) -> sp.csr_matrix:
    data: list[int] = []
    columns: list[int] = []
    starts = [0]
    for work in works:
        for term, count in counted_terms(getattr(work, name), work.language).items():
            columns.append(vocabulary.setdefault(term, len(vocabulary)))
            data.append(count)
        starts.append(len(columns))
    shape = (len(starts) - 1, len(vocabulary))
    return sp.csr_matrix(
        (np.array(data, np.float32), np.array(columns, np.int32), np.array(starts, np.int32)),
        shape=shape,
    )


def _members(bodies: Sequence[Body], works: Sequence[Work]) -> sp.csr_matrix:
    number = {body.key: row for row, body in enumerate(bodies)}
    parts: dict[tuple[int, int], float] = {}
    for column, work in enumerate(works):
        for member in work.members:
            row = number.get(member.body)
            if row is not None:
                value = 2.0 if member.leads else 1.0
                parts[row, column] = max(value, parts.get((row, column), 0.0))
    rows = np.array([row for row, _column in parts], np.int32)
    columns = np.array([column for _row, column in parts], np.int32)
    values = np.array(list(parts.values()), np.float32)
    matrix = sp.csr_matrix((values, (rows, columns)), shape=(len(bodies), len(works)))
    matrix.sort_indices()
    return matrix
