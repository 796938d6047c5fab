"""Sees that groups that are easily passed over have a least share of the first places."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

SHOWN = 10


@dataclass(frozen=True, slots=True)
class Floor:
    """The least share of the first SHOWN places, 0 to 1, for the bodies of a group."""

    group: str
    share: float


def with_floors(
    order: Sequence[str],
    groups: Mapping[str, Collection[str]],
    floors: Sequence[Floor],
    *,
    worthy: Collection[str] | None = None,
) -> list[str]:
    """The order in which every floor holds among the first places, as far as there are bodies.

    A body moves up only where its group would fall short, the best of the group first; the others
    keep their order. Only `worthy` ones move: nobody is shown who does not fit. With floors that
    cannot all be met, those given first are.
    """
    movable = set(order if worthy is None else worthy)
    left = list(order)
    first: list[str] = []
    while left and len(first) < SHOWN:
        first.append(left.pop(left.index(_next(first, left, groups, floors, movable))))
    return first + left


def _next(
    first: Sequence[str],
    left: Sequence[str],
    groups: Mapping[str, Collection[str]],
    floors: Sequence[Floor],
    movable: Collection[str],
) -> str:
    """Who takes the next place: the best one, or the best of a group that would fall short."""
    place = len(first) + 1
    for floor in floors:
        due = int(floor.share * place + 1e-9)
        if sum(floor.group in groups.get(key, ()) for key in first) < due:
            for key in left:
                if key in movable and floor.group in groups.get(key, ()):
                    return key
    return left[0]
