"""The critical review of a place's composition: what is strong, what lacks, what has changed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from trebbo.kernel.access import Viewer
from trebbo.kernel.text import fold
from trebbo.sharing.skills.queries.skills_map import Labels, SkillsMap, counted, counted_map
from trebbo.sharing.skills.queries.skills_map_counts import (
    FieldLine,
    MapWishes,
    Match,
)
from trebbo.sharing.skills.queries.skills_map_rows import (
    Members,
    Place,
    read_both,
    year_before,
)


@dataclass(frozen=True, slots=True)
class Change:
    """A field in which more or fewer bodies of the place offer something than a year ago."""

    key: int
    label: str
    language: str
    before: int
    now: int


@dataclass(frozen=True, slots=True)
class Review:
    """What the review says; `then` is the day a year earlier with which it compares.

    `joined` and `left` are members' profiles, one for each body. `gained` and `lost` are changes
    of fields, `opened` and `closed` gaps that were not there then, or are no longer.
    """

    map: SkillsMap
    made_at: datetime
    made_by: str
    then: date
    bodies_then: int
    joined: tuple[int, ...]
    left: tuple[int, ...]
    gained: tuple[Change, ...]
    lost: tuple[Change, ...]
    opened: tuple[Match, ...]
    closed: tuple[Match, ...]

    @property
    def place(self) -> Place:
        """What is reviewed."""
        return self.map.place

    @property
    def unconfirmed(self) -> tuple[FieldLine, ...]:
        """Fields on offer in which nothing is confirmed today."""
        return tuple(line for line in self.map.fields if line.bodies and not line.confirmed)


def skills_review(viewer: Viewer, place: Place, wishes: MapWishes | None = None) -> Review:
    """Review a place as the viewer may see it, today and a year ago; seven queries, or eight.

    Memberships whose first day is not known count in both; competences without a first day count
    from the day on which they were written down.
    """
    wishes = wishes or MapWishes()
    then = year_before(place.day)
    reading, before = read_both(place, then, viewer=viewer)
    now_lines, now_found = counted(reading.rows, reading.members, wishes)
    old_lines, old_found = counted(before.rows, before.members, wishes)
    lines, found = [*now_lines, *old_lines], [*now_found, *old_found]
    keys = {line.key for line in lines} | {one.key for one in found}
    labels = Labels.of(keys, viewer=viewer)
    drawn = counted_map(reading, wishes, viewer=viewer, labels=labels)
    changes = list(_changes(labels, _bodies(old_lines), _bodies(now_lines)))
    gaps_then = {one.key: one for one in old_found if not one.offers}
    gaps_now = {one.key for one in drawn.gaps}
    return Review(
        map=drawn,
        made_at=viewer.now,
        made_by=viewer.label,
        then=then,
        bodies_then=len(before.members.bodies),
        joined=_apart(reading.members, before.members),
        left=_apart(before.members, reading.members),
        gained=tuple(one for one in changes if one.now > one.before),
        lost=tuple(one for one in changes if one.now < one.before),
        opened=tuple(one for one in drawn.gaps if one.key not in gaps_then),
        closed=tuple(labels.named(one) for key, one in gaps_then.items() if key not in gaps_now),
    )


def _bodies(lines: Iterable[FieldLine]) -> dict[int, int]:
    return {line.key: line.bodies for line in lines}


def _changes(labels: Labels, before: Mapping[int, int], now: Mapping[int, int]) -> list[Change]:
    """The fields whose number of bodies is another, the largest change first."""
    found = []
    for key in {*before, *now}:
        old, new = before.get(key, 0), now.get(key, 0)
        if old != new:
            one = labels.one(key)
            found.append(Change(key, one.label, labels.language(key), old, new))
    return sorted(found, key=lambda one: (-abs(one.now - one.before), fold(one.label)))


def _apart(here: Members, there: Members) -> tuple[int, ...]:
    """The bodies that are only here: each by its organisation where that is a member."""
    named: dict[int, int] = {}
    for profile, body in sorted(here.whose.items()):
        if body not in there.bodies and (body not in named or profile == body):
            named[body] = profile
    return tuple(named.values())
