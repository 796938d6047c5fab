"""Published figures: what was said, when, and how it went on."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from trebbo.ecosystem.clusters.choices import FigureKind
from trebbo.ecosystem.clusters.models import Figure

MEMBERS = "members"
"""The measure under which the number of members is published."""


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures about one thing: the latest first; parts of a composition apart."""

    quoted: tuple[Figure, ...]
    parts: tuple[Figure, ...]

    def latest(self, measure: str) -> Figure | None:
        """The last published figure of a measure; an undated one only if there is no other."""
        found = [figure for figure in self.quoted if figure.measure == measure]
        return max(found, key=lambda figure: figure.as_of, default=None)

    @property
    def lines(self) -> tuple[tuple[Figure, ...], ...]:
        """Measures published for more than one year, each in order of time."""
        groups: dict[tuple[str, str], list[Figure]] = defaultdict(list)
        for figure in self.quoted:
            if year_of(figure) is not None:
                groups[figure.measure, figure.unit].append(figure)
        return tuple(
            tuple(sorted(group, key=lambda figure: figure.as_of))
            for group in groups.values()
            if len({year_of(figure) for figure in group}) > 1
        )


def year_of(figure: Figure) -> int | None:
    """The year as of which a figure was published, if it is known."""
    year = figure.as_of[:4]
    return int(year) if len(year) == 4 and year.isdigit() else None


def figures_where(condition: Q) -> Figures:
    """The figures of a condition, in one query."""
    return sorted_figures(Figure.objects.filter(condition).order_by("position", "pk"))


def sorted_figures(rows: Iterable[Figure]) -> Figures:
    """Figures told apart by their kind; quoted ones by date, the latest first, undated last."""
    figures = list(rows)
    quoted = [figure for figure in figures if figure.kind == FigureKind.FIGURE]
    quoted.sort(key=lambda figure: figure.as_of, reverse=True)
    parts = [figure for figure in figures if figure.kind == FigureKind.COMPOSITION]
    return Figures(tuple(quoted), tuple(parts))
