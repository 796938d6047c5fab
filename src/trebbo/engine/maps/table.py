"""The table of places in memory: columns sorted by name, and the rows that have each fact."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt

from trebbo.engine.maps.contracts import AUDIENCE, Place, Selection, Window

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
Fact = tuple[str, str]
NO_ROWS: Rows = np.zeros(0, dtype=np.int64)

# Beyond this latitude the square map of the web ends.
LAST_LATITUDE = 85.0511287


def across(longitude: Floats | float) -> Floats:
    """Longitude as a share of the world's width, from 0 in the west to 1 (Web Mercator)."""
    return np.asarray((np.asarray(longitude) + 180.0) / 360.0, dtype=np.float64)


def down(latitude: Floats | float) -> Floats:
    """Latitude as a share of the world's height, from 0 in the north to 1 (Web Mercator).

    y = (1 - ln(tan φ + sec φ) / π) / 2; see EPSG 3857.
    """
    angle = np.radians(np.clip(latitude, -LAST_LATITUDE, LAST_LATITUDE))
    return np.asarray((1.0 - np.arcsinh(np.tan(angle)) / np.pi) / 2.0, dtype=np.float64)


def latitude_at(height: float) -> float:
    """The latitude whose `down` is `height`."""
    return float(np.degrees(np.arctan(np.sinh(np.pi * (1.0 - 2.0 * height)))))


class PlaceTable:
    """Places that never change: a change makes a new table, so readers need no lock.

    Facts are kept as ascending row numbers per value: a choice costs a few writes into one column
    of yes and no, however many facets there are.
    """

    __slots__ = ("_facts", "_order", "bodies", "keys", "latitudes", "longitudes", "x", "y")

    def __init__(
        self,
        *,
        order: list[tuple[str, int, int]],
        latitudes: Floats,
        longitudes: Floats,
        facts: Mapping[Fact, Rows],
    ) -> None:
        self._order = order
        self._facts = facts
        self.keys: Rows = np.array([key for _name, _body, key in order], dtype=np.int64)
        self.bodies: Rows = np.array([body for _name, body, _key in order], dtype=np.int64)
        self.latitudes = latitudes
        self.longitudes = longitudes
        self.x = across(longitudes)
        self.y = down(latitudes)

    def __len__(self) -> int:
        return len(self._order)

    @classmethod
    def of(cls, places: Iterable[Place]) -> "PlaceTable":
        """A table of these places."""
        rows = sorted(places, key=_order_of)
        return cls(
            order=[_order_of(place) for place in rows],
            latitudes=_column(place.latitude for place in rows),
            longitudes=_column(place.longitude for place in rows),
            facts=_facts_of(enumerate(rows)),
        )

    def with_bodies(self, bodies: Iterable[int], places: Iterable[Place]) -> "PlaceTable":
        """A table in which `places` stand for all that was known of `bodies`."""
        kept = ~np.isin(self.bodies, np.array(sorted(bodies), dtype=np.int64))
        order = [line for line, stays in zip(self._order, kept.tolist(), strict=True) if stays]
        new = sorted(places, key=_order_of)
        before = np.array([bisect_left(order, _order_of(place)) for place in new], dtype=np.int64)
        new_at = before + np.arange(len(new))
        moved_to = _moved(kept, before)
        facts = {fact: moved_to[rows] for fact, rows in self._facts.items()}
        facts = {fact: rows[rows >= 0] for fact, rows in facts.items()}
        for fact, rows in _facts_of(zip(new_at.tolist(), new, strict=True)).items():
            facts[fact] = np.sort(np.concatenate([facts.get(fact, NO_ROWS), rows]))
        for at, place in zip(new_at.tolist(), new, strict=True):
            order.insert(at, _order_of(place))
        longitudes = _column(place.longitude for place in new)
        latitudes = _column(place.latitude for place in new)
        return PlaceTable(
            order=order,
            latitudes=np.insert(self.latitudes[kept], before, latitudes),
            longitudes=np.insert(self.longitudes[kept], before, longitudes),
            facts={fact: rows for fact, rows in facts.items() if len(rows)},
        )

    def chosen(self, selection: Selection, window: Window | None = None) -> Rows:
        """The rows selected, in the window if one is given, in the order of their names."""
        wanted = self._having(AUDIENCE, selection.audiences)
        for facet, values in selection.filters.items():
            if values:
                wanted &= self._having(facet, values)
        if window is not None:
            wanted &= (self.longitudes >= window.west) & (self.longitudes <= window.east)
            wanted &= (self.latitudes >= window.south) & (self.latitudes <= window.north)
        return np.asarray(np.flatnonzero(wanted), dtype=np.int64)

    def placed(self, rows: Rows) -> Rows:
        """Those of the rows whose position is known."""
        return np.asarray(rows[~np.isnan(self.latitudes[rows]) & ~np.isnan(self.longitudes[rows])])

    def extent(self, rows: Rows) -> tuple[float, float, float, float] | None:
        """West, south, east and north of the rows whose position is known; None if none is."""
        rows = self.placed(rows)
        if not len(rows):
            return None
        longitudes, latitudes = self.longitudes[rows], self.latitudes[rows]
        return (
            float(longitudes.min()),
            float(latitudes.min()),
            float(longitudes.max()),
            float(latitudes.max()),
        )

    def bodies_at(self, rows: Rows) -> Rows:
        """The bodies of these rows, each once, in the order of their names."""
        # Places of one body share its name, so they stand one after the other.
        bodies = self.bodies[rows]
        first = np.diff(bodies, prepend=bodies[:1] - 1) != 0
        return np.asarray(bodies[first], dtype=np.int64)

    def counted(self, facet: str, rows: Rows) -> dict[str, int]:
        """For each value of the facet, how many bodies of these rows have it; none is left out."""
        wanted = np.zeros(len(self), dtype=np.bool_)
        wanted[rows] = True
        counts: dict[str, int] = {}
        for value in self.values(facet):
            having = self._facts[facet, value]
            counts[value] = len(self.bodies_at(having[wanted[having]]))
        return {value: count for value, count in counts.items() if count}

    def values(self, facet: str) -> list[str]:
        """The values that any place has for the facet."""
        return sorted(value for name, value in self._facts if name == facet)

    def _having(self, facet: str, values: Iterable[str]) -> npt.NDArray[np.bool_]:
        wanted = np.zeros(len(self), dtype=np.bool_)
        for value in values:
            wanted[self._facts.get((facet, value), NO_ROWS)] = True
        return wanted


def _order_of(place: Place) -> tuple[str, int, int]:
    return place.name, place.body, place.key


def _column(values: Iterable[float | None]) -> Floats:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _facts_of(
    places: Iterable[tuple[int, Place]],
) -> dict[Fact, Rows]:
    rows: dict[Fact, list[int]] = defaultdict(list)
    for at, place in places:
        for fact in place.facts:
            rows[fact].append(at)
    return {fact: np.array(numbers, dtype=np.int64) for fact, numbers in rows.items()}


def _moved(kept: npt.NDArray[np.bool_], before: Rows) -> Rows:
    """For each old row its new number, or -1: what goes closes up, what comes pushes down."""
    rank = np.cumsum(kept) - 1
    pushed = np.searchsorted(before, rank, side="right")
    return np.where(kept, rank + pushed, -1)
