"""The counting of a skills map against an obvious version: sets and loops over single rows."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from trebbo.sharing.skills.queries import MapWishes
from trebbo.sharing.skills.queries.skills_map_counts import (
    SOLID_FROM,
    count_fields,
    fields_of,
    kept_rows,
    matches,
)
from trebbo.sharing.skills.queries.skills_map_rows import CONFIRMED, FAMILIES, Members, Rows

BODIES = range(1, 6)
ABOVE = {1: 0, 2: 1, 3: 1, 4: 2, 5: 2, 6: 3, 7: 0, 8: 7, 9: 8, -1: 0, -2: 0}
"""What stands above each subject; 0 is nothing, own terms are below zero."""


@dataclass(frozen=True)
class Row:
    """One competence."""

    body: int
    unit: int
    subject: int
    offered: bool
    points: int
    people: int
    evidence: int
    fresh: int
    inside: bool

    @property
    def profile(self) -> int:
        """The organisation itself, or one of its units."""
        return self.body + 100 * self.unit


rows = st.lists(
    st.builds(
        Row,
        body=st.sampled_from(BODIES),
        unit=st.integers(0, 2),
        subject=st.sampled_from(sorted(ABOVE)),
        offered=st.booleans(),
        points=st.integers(1, 7),
        people=st.integers(0, 4),
        evidence=st.integers(0, 1),
        fresh=st.integers(0, 2),
        inside=st.booleans(),
    ),
    max_size=40,
    unique_by=lambda row: (row.profile, row.subject, row.offered),
)
wishes = st.builds(
    MapWishes,
    depth=st.integers(0, 4),
    branch=st.sampled_from([0, 0, 1, 2, 7]),
    with_evidence=st.booleans(),
    kinds=st.sampled_from([(), ("sme",), ("large", "health")]),
)
KINDS = {1: "sme", 2: "sme", 3: "large", 4: "health", 5: "unknown"}


def line_of(subject: int) -> tuple[int, ...]:
    """A subject with all above it, from the top."""
    return (*line_of(ABOVE[subject]), subject) if subject else ()


def in_columns(found: list[Row]) -> Rows:
    """The rows as the reader gives them."""

    def column(name: str) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
        return np.array([getattr(row, name) for row in found], dtype=np.int64)

    return Rows(
        **{name: column(name) for name in
           ("profile", "body", "subject", "points", "people", "evidence", "fresh")},
        inferred=column("evidence") * 0,
        offered=column("offered") == 1,
        inside=column("inside") == 1,
        line={row.subject: line_of(row.subject) for row in found},
    )  # fmt: skip


def field_of(subject: int, asked: MapWishes) -> int | None:
    """Under which field a subject counts."""
    line = line_of(subject)
    if asked.branch and asked.branch not in line:
        return None
    if not asked.depth:
        return subject
    level_of_branch = line.index(asked.branch) + 1 if asked.branch else 0
    return line[: max(asked.depth, level_of_branch + 1)][-1]


def kept(found: list[Row], asked: MapWishes) -> list[Row]:
    """The rows that are asked for."""
    return [
        row
        for row in found
        if (row.evidence or not row.offered or not asked.with_evidence)
        and (not row.inside or not asked.kinds or KINDS[row.body] in asked.kinds)
    ]


def people_of(some: list[Row]) -> int:
    """The most of each profile, added up."""
    most: dict[int, int] = defaultdict(int)
    for row in some:
        most[row.profile] = max(most[row.profile], row.people)
    return sum(most.values())


@settings(max_examples=300, deadline=None)
@given(rows, wishes)
def test_fields_are_those_of_the_obvious_version(found: list[Row], asked: MapWishes) -> None:
    columns = in_columns(found)
    members = Members(frozenset(BODIES), {body: body for body in BODIES}, KINDS)
    counted = {
        line.key: line
        for line in count_fields(
            columns, kept_rows(columns, members, asked), fields_of(columns, asked), members
        )
    }
    chosen = kept(found, asked)
    here = {field_of(row.subject, asked) for row in chosen if row.inside} - {None}
    assert set(counted) == here
    families = [key for key in FAMILIES if key in KINDS.values()]
    for key, line in counted.items():
        mine = [row for row in chosen if field_of(row.subject, asked) == key]
        offered = [row for row in mine if row.offered and row.inside]
        by_body = {body: [row for row in offered if row.body == body] for body in BODIES}
        by_body = {body: some for body, some in by_body.items() if some}
        best = {body: max(row.points for row in some) for body, some in by_body.items()}
        assert line.bodies == len(by_body)
        assert line.points == sum(best.values())
        assert line.solid == sum(points >= SOLID_FROM for points in best.values())
        assert line.people == sum(map(people_of, by_body.values()))
        assert line.evidence == sum(any(r.evidence for r in some) for some in by_body.values())
        assert line.confirmed == sum(
            any(row.fresh == CONFIRMED for row in some) for some in by_body.values()
        )
        assert line.sought == len({row.body for row in mine if not row.offered and row.inside})
        assert line.elsewhere == len({row.body for row in mine if row.offered and not row.inside})
        assert dict(zip(families, line.kinds, strict=True)) == {
            family: sum(KINDS[body] == family for body in by_body) for family in families
        }
        assert [one.points for one in line.top] == sorted(best.values(), reverse=True)[:3]
        assert line.opens == any(key in line_of(row.subject)[:-1] for row in found)


@settings(max_examples=300, deadline=None)
@given(rows, wishes)
def test_matches_are_those_of_the_obvious_version(found: list[Row], asked: MapWishes) -> None:
    columns = in_columns(found)
    members = Members(frozenset(BODIES), {body: body for body in BODIES}, KINDS)
    counted = {one.key: one for one in matches(columns, kept_rows(columns, members, asked))}
    chosen = kept(found, asked)
    seekers: dict[int, set[int]] = defaultdict(set)
    for row in chosen:
        if row.inside and not row.offered:
            seekers[row.subject].add(row.body)
    assert set(counted) == set(seekers)
    for key, one in counted.items():
        serving = [row for row in chosen if row.offered and key in line_of(row.subject)]
        here = {row.body for row in serving if row.inside}
        assert one.seekers == len(seekers[key])
        assert one.offers == len(here)
        assert one.elsewhere == len({row.body for row in serving if not row.inside})
        assert one.introduces == any(a != b for a in seekers[key] for b in here)
