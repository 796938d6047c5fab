"""Draws places as markers: a grid fixed to the world, near neighbours joined, single ones alone."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trebbo.engine.maps.contracts import Marker, Window
from trebbo.engine.maps.table import Floats, PlaceTable, Rows, across, down, latitude_at

WORLD = 256
CELL = 64
# At the nearest zoom nothing can be parted further: cells are as wide as a finger's tip.
NEAREST_ZOOM = 16
NEAREST_CELL = 24
# More cells than a wide screen has; a wider window is drawn as from farther away.
MOST_CELLS = 4_096
TOO_CLOSE = 0.6
LISTED = 8


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells of `size` (a share of the world's width); `left`, `top` is the first one."""

    size: float
    left: int
    top: int
    columns: int
    lines: int

    @property
    def cells(self) -> int:
        """How many cells there are."""
        return self.columns * self.lines


def grid_for(window: Window) -> Grid:
    """The grid of the window's zoom, or of the nearest one with at most MOST_CELLS cells.

    Cells are anchored to the world, so that moving the window does not shuffle the markers.
    """
    zoom = min(window.zoom, NEAREST_ZOOM)
    pixels = NEAREST_CELL if zoom == NEAREST_ZOOM else CELL
    while True:
        size = pixels / (WORLD * 2.0**zoom)
        left, right = (int(across(side) // size) for side in (window.west, window.east))
        top, bottom = (int(down(side) // size) for side in (window.north, window.south))
        grid = Grid(size, left, top, right - left + 1, bottom - top + 1)
        if grid.cells <= MOST_CELLS or zoom == 0:
            return grid
        zoom, pixels = zoom - 1, CELL


def drawn(table: PlaceTable, rows: Rows, window: Window) -> tuple[Marker, ...]:
    """The rows, all inside the window, as markers; their counts sum to the number of rows."""
    if not len(rows):
        return ()
    grid = grid_for(window)
    x, y = table.x.take(rows), table.y.take(rows)
    column = np.clip((x * (1 / grid.size)).astype(np.int64) - grid.left, 0, grid.columns - 1)
    line = np.clip((y * (1 / grid.size)).astype(np.int64) - grid.top, 0, grid.lines - 1)
    cell = column * grid.lines + line
    cell = _joined(cell, x, y, grid).astype(np.int16).take(cell)
    # Sixteen bits and a stable order let numpy sort by radix: the cost grows with the rows alone.
    order = np.argsort(cell, kind="stable")
    starts = np.flatnonzero(np.diff(cell[order], prepend=-1))
    apart = window.zoom < NEAREST_ZOOM
    return tuple(
        _markers(
            x.take(order), y.take(order), table.keys.take(rows.take(order)), starts, apart=apart
        )
    )


def _joined(cell: Rows, x: Floats, y: Floats, grid: Grid) -> npt.NDArray[np.int64]:
    """For each cell, the cell that it is drawn with: markers too close would cover each other."""
    counts = np.bincount(cell, minlength=grid.cells)
    full = np.flatnonzero(counts)
    mean_x = np.bincount(cell, x, grid.cells)[full] / counts[full] / grid.size
    mean_y = np.bincount(cell, y, grid.cells)[full] / counts[full] / grid.size
    centre = dict(
        zip(full.tolist(), zip(mean_x.tolist(), mean_y.tolist(), strict=True), strict=True)
    )
    joined = np.arange(grid.cells)
    taken: set[int] = set()
    for middle in full[np.argsort(-counts[full], kind="stable")].tolist():
        if middle in taken:
            continue
        taken.add(middle)
        for near in _around(middle, grid):
            if near in centre and near not in taken and _close(centre[middle], centre[near]):
                joined[near] = middle
                taken.add(near)
    return joined


def _around(cell: int, grid: Grid) -> Iterator[int]:
    column, line = divmod(cell, grid.lines)
    for other in range(max(0, column - 1), min(grid.columns, column + 2)):
        for beside in range(max(0, line - 1), min(grid.lines, line + 2)):
            yield other * grid.lines + beside


def _close(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return (one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2 < TOO_CLOSE**2


def _markers(x: Floats, y: Floats, keys: Rows, starts: Rows, *, apart: bool) -> Iterator[Marker]:
    """One marker for each stretch of rows; `apart` says that drawing nearer would part them."""
    counts = np.diff(starts, append=len(x))
    columns = (
        np.add.reduceat(x, starts) / counts,
        np.add.reduceat(y, starts) / counts,
        np.minimum.reduceat(x, starts),
        np.minimum.reduceat(y, starts),
        np.maximum.reduceat(x, starts),
        np.maximum.reduceat(y, starts),
        counts,
        starts,
    )
    for mean_x, mean_y, west, north, east, south, count, start in zip(
        *(column.tolist() for column in columns), strict=True
    ):
        one_spot = west == east and north == south
        listed = one_spot or not apart
        yield Marker(
            latitude=latitude_at(north if one_spot else mean_y),
            longitude=(west if one_spot else mean_x) * 360.0 - 180.0,
            count=count,
            window=(
                west * 360.0 - 180.0,
                latitude_at(south),
                east * 360.0 - 180.0,
                latitude_at(north),
            ),
            keys=tuple(keys[start : start + min(count, LISTED)].tolist()) if listed else (),
            one_spot=one_spot,
        )
