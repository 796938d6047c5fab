"""Distances and the grid that lets any store answer "within so many kilometres"."""

from collections.abc import Iterable
from functools import lru_cache
from math import asin, cos, floor, radians, sin, sqrt

import numpy as np
from numpy.typing import NDArray

from trebbo.engine.search.contracts import Point

Floats = NDArray[np.float64]

_EARTH_KM = 6371.0088  # mean radius, IUGG
_STEP = 0.005  # degrees: a cell of the finest level is some 550 m high
_LEVELS = 4  # each level four times as coarse as the one before
_KM_PER_DEGREE = 111.2


def distance_km(
    latitude: float, longitude: float, to_latitude: float, to_longitude: float
) -> float:
    """Great-circle distance in kilometres between two points in degrees (haversine)."""
    north = sin(radians(to_latitude - latitude) / 2) ** 2
    east = sin(radians(to_longitude - longitude) / 2) ** 2
    half = north + cos(radians(latitude)) * cos(radians(to_latitude)) * east
    return 2 * _EARTH_KM * asin(min(1.0, sqrt(half)))


def distances_km(
    latitude: float, longitude: float, latitudes: Floats, longitudes: Floats
) -> Floats:
    """The distances from one point to each of many, as `distance_km` measures them."""
    north = np.sin(np.radians(latitudes - latitude) / 2) ** 2
    east = np.sin(np.radians(longitudes - longitude) / 2) ** 2
    half = north + cos(radians(latitude)) * np.cos(np.radians(latitudes)) * east
    kilometres: Floats = 2 * _EARTH_KM * np.arcsin(np.minimum(1.0, np.sqrt(half)))
    return kilometres


def nearest(
    latitude: float, longitude: float, points: Iterable[Point]
) -> tuple[float, Point] | None:
    """The nearest of the points with its distance in kilometres; None when there are none."""
    measured = [
        (distance_km(latitude, longitude, point.latitude, point.longitude), point)
        for point in points
    ]
    return min(measured, key=lambda pair: pair[0], default=None)


def cells_of(points: Iterable[Point]) -> set[str]:
    """The grid cells, of every level, that hold the points."""
    cells = set()
    for point in points:
        row, column = floor(point.latitude / _STEP), floor(point.longitude / _STEP)
        cells |= {f"{level}:{row >> 2 * level}:{column >> 2 * level}" for level in range(_LEVELS)}
    return cells


@lru_cache(maxsize=1024)
def circle(latitude: float, longitude: float, radius_km: float, detail: int = 40) -> frozenset[str]:
    """The cells that make up a circle.

    The edge is drawn with cells of at most radius/detail, or of the finest level: the limit is
    sharp to about half a cell. A point lies inside when one of its cells is among these.
    """
    found: set[str] = set()
    finest = _finest(radius_km / detail)
    top = _LEVELS - 1
    size = _STEP * 4**top
    high = radius_km / _KM_PER_DEGREE
    wide = high / max(0.05, cos(radians(min(89.0, abs(latitude) + high))))
    for row in range(floor((latitude - high) / size), floor((latitude + high) / size) + 1):
        for column in range(floor((longitude - wide) / size), floor((longitude + wide) / size) + 1):
            _fill(found, (latitude, longitude, radius_km), (top, row, column), finest)
    return frozenset(found)


def _finest(size_km: float) -> int:
    """The coarsest level whose cells are no larger than asked."""
    level = 0
    while level < _LEVELS - 1 and _STEP * 4 ** (level + 1) * _KM_PER_DEGREE <= size_km:
        level += 1
    return level


def _fill(
    found: set[str],
    round_: tuple[float, float, float],
    cell: tuple[int, int, int],
    finest: int,
) -> None:
    """Add the cell, or those of its sixteenths, that the circle covers."""
    level, row, column = cell
    size = _STEP * 4**level
    middle = (row + 0.5) * size
    away = distance_km(round_[0], round_[1], middle, (column + 0.5) * size)
    if level == finest:
        if away <= round_[2]:
            found.add(f"{level}:{row}:{column}")
        return
    half = size * _KM_PER_DEGREE * 0.71
    if away - half > round_[2]:
        return
    if away + half <= round_[2]:
        found.add(f"{level}:{row}:{column}")
        return
    for down in range(4):
        for right in range(4):
            _fill(found, round_, (level - 1, row * 4 + down, column * 4 + right), finest)
