"""Lists of a board: their first rows and how many there are, several read by one query."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, IntegerField, Q, QuerySet, Subquery
from django.utils.functional import Promise

from trebbo.kernel.access import Viewer

SHOWN = 20
MOST_COUNTED = 1_000
Condition = Callable[[Viewer], Q]


@dataclass(frozen=True, slots=True)
class ListKind:
    """A list of what waits: its name, heading, next action, condition and order."""

    name: str
    heading: Promise
    action: Promise
    condition: Condition
    order: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TodayList:
    """The first rows of a list, and how many there are, up to `MOST_COUNTED`."""

    name: str
    heading: Promise
    action: Promise
    rows: tuple[Any, ...]
    count: int

    @property
    def is_longer(self) -> bool:
        """Whether there are more rows than are shown."""
        return self.count > len(self.rows)

    @property
    def is_beyond_counting(self) -> bool:
        """Whether there are more than were counted."""
        return self.count > MOST_COUNTED


class Counted(Subquery):
    """How many rows a query gives, asked together with the rows; cut the query to bound it."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


def one_list(name: str, heading: Promise, action: Promise, rows: QuerySet[Any]) -> TodayList:
    """A list by a query of its own."""
    first = tuple(rows.annotate(counted=_count(rows))[:SHOWN])
    return TodayList(name, heading, action, first, first[0].counted if first else 0)


def lists_together(
    kinds: Sequence[ListKind], rows: QuerySet[Any], *, viewer: Viewer
) -> list[TodayList]:
    """Lists of rows of one kind by one query; a row may be in several of them."""
    each = {kind.name: rows.filter(kind.condition(viewer)).order_by(*kind.order) for kind in kinds}
    first = [Q(pk__in=one.values("pk")[:SHOWN]) for one in each.values()]
    told: dict[str, Any] = {f"counted_{name}": _count(one) for name, one in each.items()}
    for kind in kinds:
        condition = kind.condition(viewer)
        told[f"is_in_{kind.name}"] = ExpressionWrapper(condition, output_field=BooleanField())
    found = list(rows.filter(reduce(or_, first)).annotate(**told))
    return [_list(kind, found) for kind in kinds]


def _list(kind: ListKind, found: Sequence[Any]) -> TodayList:
    # Whoever is here because of another list comes after the first rows of this one.
    mine = [row for row in found if getattr(row, f"is_in_{kind.name}")]
    mine.sort(key=lambda row: tuple(getattr(row, name) for name in kind.order))
    count = getattr(mine[0], f"counted_{kind.name}") if mine else 0
    return TodayList(kind.name, kind.heading, kind.action, tuple(mine[:SHOWN]), count)


def _count(rows: QuerySet[Any]) -> Counted:
    # Beyond the first thousand nobody needs the number, and counting would take its time.
    return Counted(rows.order_by().values("pk")[: MOST_COUNTED + 1])
