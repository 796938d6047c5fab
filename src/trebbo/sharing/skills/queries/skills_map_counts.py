"""Counts the fields of a skills map in columns: who offers, who seeks, how strongly.

Nothing here asks the database, so that an obvious version can be held against it.
"""

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from trebbo.sharing.skills.queries.skills_map_rows import (
    CONFIRMED,
    FAMILIES,
    Flags,
    Members,
    Numbers,
    Rows,
)

TOP = 3
"""How many bodies are named for a field; the rest is counted."""

SOLID_FROM = 5
"""A body's offer is solid from as many points."""

STRONG_FROM = 2
"""A field is strong in a place with as many solid bodies."""

DEPTHS = (1, 2, 3, 4, 0)
"""To how many levels of a vocabulary competences are gathered; 0 is as they are stated."""

USUAL_DEPTH = 3


class Cover(StrEnum):
    """How a place covers a field."""

    STRONG = "strong"
    COVERED = "covered"
    ONE = "one"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class MapWishes:
    """How the map is drawn: to which depth, under which concept, and which rows count.

    `direction` is "offered", "sought" or blank for both; `kinds` are families of bodies.
    """

    depth: int = USUAL_DEPTH
    branch: int = 0
    direction: str = ""
    with_evidence: bool = False
    kinds: tuple[str, ...] = ()
    order: str = "strength"


@dataclass(frozen=True, slots=True)
class Offer:
    """What one body brings to a field: its best competence there speaks for it.

    Points say how strongly, from 1 to 7: the level (basic 1, good 2, expert 3, reference 4; not
    said counts as basic), one more for evidence behind it, one more where its people confirmed it
    and the confirmation has not run out, one more from three people on. What is only inferred and
    nobody confirmed is 1, whatever else is said of it. `people` are those of the body's best
    competence, added over its units.
    """

    body: int
    profile: int
    points: int
    people: int
    evidence: bool
    fresh: int
    inferred: bool


@dataclass(frozen=True, slots=True)
class FieldLine:
    """A field with what the place has and lacks in it; `kinds` counts offering bodies by family."""

    key: int
    label: str
    language: str
    group: str
    rank: int
    opens: bool
    bodies: int = 0
    solid: int = 0
    points: int = 0
    people: int = 0
    evidence: int = 0
    confirmed: int = 0
    inferred: int = 0
    sought: int = 0
    elsewhere: int = 0
    kinds: tuple[int, ...] = ()
    top: tuple[Offer, ...] = ()
    seekers: tuple[Offer, ...] = ()
    others: tuple[Offer, ...] = ()

    @property
    def cover(self) -> Cover:
        """Strong with two solid bodies or more; covered by several, by one, by none."""
        if self.solid >= STRONG_FROM:
            return Cover.STRONG
        if self.bodies > 1:
            return Cover.COVERED
        return Cover.ONE if self.bodies else Cover.GAP

    @property
    def confirmed_percent(self) -> int:
        """The share of offering bodies whose offer is confirmed today."""
        return round(100 * self.confirmed / self.bodies) if self.bodies else 0

    @property
    def more(self) -> int:
        """How many offering bodies are not among those named."""
        return self.bodies - len(self.top)

    @property
    def others_more(self) -> int:
        """The same for the network around the place."""
        return self.elsewhere - len(self.others)


@dataclass(frozen=True, slots=True)
class Match:
    """Something sought, in the words in which it is stated, and who offers it or a part of it."""

    key: int
    label: str
    language: str
    seekers: int
    offers: int
    elsewhere: int
    introduces: bool
    top_seekers: tuple[Offer, ...]
    top_offers: tuple[Offer, ...]
    top_elsewhere: tuple[Offer, ...]

    @property
    def seekers_more(self) -> int:
        """How many who seek it are not among those named."""
        return self.seekers - len(self.top_seekers)

    @property
    def offers_more(self) -> int:
        """How many who offer it are not among those named."""
        return self.offers - len(self.top_offers)

    @property
    def elsewhere_more(self) -> int:
        """The same for the network around the place."""
        return self.elsewhere - len(self.top_elsewhere)


# --- Which rows count, and for which field


def kept_rows(rows: Rows, members: Members, wishes: MapWishes) -> Flags:
    """Rows of the families and with the evidence that are asked for."""
    keep = np.ones(len(rows.subject), dtype=np.bool_)
    if wishes.with_evidence:
        keep &= ~rows.offered | (rows.evidence == 1)
    if wishes.kinds:
        chosen = [body for body, family in members.kinds.items() if family in wishes.kinds]
        keep &= ~rows.inside | np.isin(rows.body, np.array(chosen, dtype=np.int64))
    return keep


def fields_of(rows: Rows, wishes: MapWishes) -> Numbers:
    """For each row the field under which it is counted; 0 where it is not under the branch."""
    subjects, places = np.unique(rows.subject, return_inverse=True)
    fields = [_field(line_of(rows, int(key)), wishes) for key in subjects]
    return np.array(fields, dtype=np.int64)[places] if fields else rows.subject


def line_of(rows: Rows, key: int) -> tuple[int, ...]:
    """The concept with all above it, from the top; of a branch, as far as the rows lead there."""
    if key in rows.line:
        return rows.line[key]
    holding = next((line for line in rows.line.values() if key in line), ())
    return holding[: holding.index(key) + 1] if holding else ()


def _field(line: tuple[int, ...], wishes: MapWishes) -> int:
    depth = wishes.depth or len(line)
    if wishes.branch:
        if wishes.branch not in line:
            return 0
        depth = max(depth, line.index(wishes.branch) + 2)
    return line[min(depth, len(line)) - 1]


# --- Counting


OFFER = ("body", "profile", "points", "people", "evidence", "fresh", "inferred")
"""The columns of an offer, in its order."""


@dataclass(frozen=True, slots=True, eq=False)
class _Entries:
    """One entry for each key and body, in columns, by key and then the strongest first."""

    columns: Mapping[str, Numbers]
    lists: Mapping[str, list[int]]
    """The same as lists: to take single numbers out of them is quicker."""
    starts: Mapping[int, tuple[int, int]]

    def count(self, key: int) -> int:
        """How many bodies have the key."""
        start, end = self.starts.get(key, (0, 0))
        return end - start

    def column(self, name: str, key: int) -> Numbers:
        """One column of a key's entries."""
        start, end = self.starts.get(key, (0, 0))
        return self.columns[name][start:end]

    def bodies(self, key: int) -> list[int]:
        """Those that have the key."""
        start, end = self.starts.get(key, (0, 0))
        return self.lists["body"][start:end]

    def top(self, key: int, most: int = TOP) -> tuple[Offer, ...]:
        """The strongest bodies of a key."""
        start, end = self.starts.get(key, (0, 0))
        columns = [self.lists[name][start : min(end, start + most)] for name in OFFER]
        return tuple(
            Offer(body, profile, points, people, bool(evidence), fresh, bool(inferred))
            for body, profile, points, people, evidence, fresh, inferred in zip(
                *columns, strict=True
            )
        )


def _entries(rows: Rows, at: Numbers, keys: Numbers) -> _Entries:
    """Group the rows `at` by their key and body."""
    if not len(at):
        nothing = np.array([], dtype=np.int64)
        return _Entries(dict.fromkeys(OFFER, nothing), {name: [] for name in OFFER}, {})
    body, profile, points = rows.body[at], rows.profile[at], rows.points[at]
    order = np.lexsort((profile, profile != body, -points, body, keys))
    starts = _starts(keys[order], body[order])
    first = order[starts]
    people = rows.people[at]
    by_profile = np.lexsort((profile, body, keys))
    inner = _starts(keys[by_profile], body[by_profile], profile[by_profile])
    most = np.maximum.reduceat(people[by_profile], inner)
    ones = by_profile[inner]
    columns = {
        "body": body[first],
        "profile": profile[first],
        "points": points[first],
        "people": np.add.reduceat(most, _starts(keys[ones], body[ones])),
        "evidence": np.maximum.reduceat(rows.evidence[at][order], starts),
        "fresh": np.maximum.reduceat(rows.fresh[at][order], starts),
        "inferred": np.minimum.reduceat(rows.inferred[at][order], starts),
    }
    key = keys[first]
    ranked = np.lexsort((columns["body"], -columns["people"], -columns["points"], key))
    key = key[ranked]
    bounds = [*_starts(key).tolist(), len(key)]
    spans = itertools.pairwise(bounds)
    columns = {name: column[ranked] for name, column in columns.items()}
    lists = {name: column.tolist() for name, column in columns.items()}
    return _Entries(columns, lists, {int(key[start]): (start, end) for start, end in spans})


def _starts(*sorted_columns: Numbers) -> Numbers:
    """Where a new group begins in columns that are sorted together."""
    new = np.ones(len(sorted_columns[0]), dtype=np.bool_)
    new[1:] = False
    for column in sorted_columns:
        new[1:] |= column[1:] != column[:-1]
    return np.flatnonzero(new)


def count_fields(rows: Rows, keep: Flags, fields: Numbers, members: Members) -> Iterator[FieldLine]:
    """The fields in which a body of the place offers or seeks anything, without labels."""
    under = keep & (fields != 0)
    chosen = (
        under & rows.inside & rows.offered,
        under & rows.inside & ~rows.offered,
        under & ~rows.inside & rows.offered,
    )
    offers, seekers, others = (_entries(rows, at, fields[at]) for at in map(np.flatnonzero, chosen))
    families = [key for key in FAMILIES if key in set(members.kinds.values())]
    place_of = {body: families.index(kind) for body, kind in members.kinds.items()}
    above = {key for line in rows.line.values() for key in line[:-1]}
    for key in sorted({*offers.starts, *seekers.starts}):
        kinds = Counter(place_of[body] for body in offers.bodies(key))
        points = offers.column("points", key)
        yield FieldLine(
            key=key,
            label="",
            language="",
            group="",
            rank=0,
            opens=key in above,
            bodies=offers.count(key),
            solid=int((points >= SOLID_FROM).sum()),
            points=int(points.sum()),
            people=int(offers.column("people", key).sum()),
            evidence=int(offers.column("evidence", key).sum()),
            confirmed=int((offers.column("fresh", key) == CONFIRMED).sum()),
            inferred=int(offers.column("inferred", key).sum()),
            sought=seekers.count(key),
            elsewhere=others.count(key),
            kinds=tuple(kinds[place] for place in range(len(families))),
            top=offers.top(key),
            seekers=seekers.top(key),
            others=others.top(key),
        )


def matches(rows: Rows, keep: Flags) -> list[Match]:
    """For all that a body of the place seeks: who offers just that or something narrower.

    Two can be introduced where another body than the one that seeks offers it.
    """
    seeking = np.flatnonzero(keep & rows.inside & ~rows.offered)
    seekers = _entries(rows, seeking, rows.subject[seeking])
    wanted = set(seekers.starts)
    offers, others = (
        _entries(rows, *_for_each(rows, np.flatnonzero(keep & rows.offered & side), wanted))
        for side in (rows.inside, ~rows.inside)
    )
    found = []
    for key in wanted:
        bodies = set(offers.bodies(key))
        apart = bodies | set(seekers.bodies(key))
        found.append(
            Match(
                key=key,
                label="",
                language="",
                seekers=seekers.count(key),
                offers=len(bodies),
                elsewhere=others.count(key),
                introduces=bool(bodies) and len(apart) > 1,
                top_seekers=seekers.top(key),
                top_offers=offers.top(key),
                top_elsewhere=others.top(key),
            )
        )
    return sorted(found, key=lambda one: (-one.seekers, -one.offers, one.key))


def _for_each(rows: Rows, at: Numbers, wanted: set[int]) -> tuple[Numbers, Numbers]:
    """The rows at these places, once for each wanted subject that they are under, with its key."""
    subjects = rows.subject[at]
    order = np.argsort(subjects, kind="stable")
    ordered = subjects[order]
    bounds = [*_starts(ordered).tolist(), len(ordered)] if len(at) else [0]
    rows_at: list[Numbers] = [np.array([], dtype=np.int64)]
    keys: list[Numbers] = [np.array([], dtype=np.int64)]
    for start, end in itertools.pairwise(bounds):
        for above in rows.line.get(int(ordered[start]), ()):
            if above in wanted:
                rows_at.append(at[order[start:end]])
                keys.append(np.full(end - start, above, dtype=np.int64))
    return np.concatenate(rows_at), np.concatenate(keys)
