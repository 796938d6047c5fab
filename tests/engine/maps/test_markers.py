"""Markers against the obvious way of drawing them, and by what people need of them."""

from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trebbo.engine.maps.contracts import AUDIENCE, Marker, Place, Selection, Window
from trebbo.engine.maps.markers import LISTED, MOST_CELLS, TOO_CLOSE, drawn, grid_for
from trebbo.engine.maps.table import PlaceTable

PUBLIC = frozenset({(AUDIENCE, "public")})
EVERYBODY = Selection(frozenset({"public"}))
REGION = (9.0, 43.7, 12.9, 45.2)

points = st.lists(
    st.one_of(
        st.tuples(st.floats(43.7, 45.2), st.floats(9.0, 12.9)),
        st.sampled_from([(44.49, 11.34), (44.65, 10.92), (44.6501, 10.9201)]),
    ),
    max_size=60,
)


def table_of(positions: list[tuple[float, float]]) -> PlaceTable:
    """A body at each position."""
    return PlaceTable.of(
        Place(number, number, f"{number:05}", latitude, longitude, PUBLIC)
        for number, (latitude, longitude) in enumerate(positions)
    )


def markers_of(table: PlaceTable, window: Window) -> tuple[Marker, ...]:
    """The markers of everything in the window."""
    return drawn(table, table.chosen(EVERYBODY, window), window)


def obvious_counts(table: PlaceTable, window: Window) -> list[int]:
    """Counts of a grid of cells, where the fullest cells take in those too close to them."""
    grid = grid_for(window)
    cells: dict[tuple[int, int], list[tuple[float, float]]] = defaultdict(list)
    for row in table.chosen(EVERYBODY, window):
        x, y = float(table.x[row]) * (1 / grid.size), float(table.y[row]) * (1 / grid.size)
        cells[int(x), int(y)].append((table.x[row] / grid.size, table.y[row] / grid.size))
    counts = []
    left = sorted(cells, key=lambda cell: (-len(cells[cell]), cell))
    centres = {
        cell: (sum(x for x, _y in found) / len(found), sum(y for _x, y in found) / len(found))
        for cell, found in cells.items()
    }
    while left:
        middle, *others = left
        joined = [
            cell
            for cell in others
            if abs(cell[0] - middle[0]) <= 1
            and abs(cell[1] - middle[1]) <= 1
            and (centres[cell][0] - centres[middle][0]) ** 2
            + (centres[cell][1] - centres[middle][1]) ** 2
            < TOO_CLOSE**2
        ]
        counts.append(len(cells[middle]) + sum(len(cells[cell]) for cell in joined))
        left = [cell for cell in others if cell not in joined]
    return sorted(counts)


@given(points, st.integers(0, 20))
def test_draws_what_the_obvious_way_draws(positions: list[tuple[float, float]], zoom: int) -> None:
    table, window = table_of(positions), Window(*REGION, zoom=zoom)
    markers = markers_of(table, window)
    assert sum(marker.count for marker in markers) == len(positions)
    assert sorted(marker.count for marker in markers) == obvious_counts(table, window)


@given(points, st.integers(0, 20))
def test_every_marker_stands_among_its_places(
    positions: list[tuple[float, float]], zoom: int
) -> None:
    for marker in markers_of(table_of(positions), Window(*REGION, zoom=zoom)):
        west, south, east, north = marker.window
        assert west - 1e-9 <= marker.longitude <= east + 1e-9
        assert south - 1e-9 <= marker.latitude <= north + 1e-9
        assert len(marker.keys) in {0, min(marker.count, LISTED)}


@given(
    st.floats(-180, 180),
    st.floats(-180, 180),
    st.floats(-90, 90),
    st.floats(-90, 90),
    st.integers(0, 20),
)
def test_a_window_however_wide_has_few_cells(
    one: float, other: float, up: float, bottom: float, zoom: int
) -> None:
    window = Window(min(one, other), min(up, bottom), max(one, other), max(up, bottom), zoom)
    assert 1 <= grid_for(window).cells <= MOST_CELLS


def test_bodies_at_one_spot_are_named_at_any_zoom() -> None:
    table = table_of([(44.49, 11.34)] * 20)
    (marker,) = markers_of(table, Window(*REGION, zoom=7))
    assert (marker.count, marker.one_spot) == (20, True)
    assert marker.keys == tuple(range(LISTED))
    assert (marker.latitude, marker.longitude) == (pytest.approx(44.49), pytest.approx(11.34))


def test_bodies_apart_are_only_counted_until_the_map_is_near_enough() -> None:
    table = table_of([(44.49, 11.34), (44.50, 11.35)])
    (far,) = markers_of(table, Window(*REGION, zoom=8))
    assert (far.count, far.keys, far.one_spot) == (2, (), False)
    near = markers_of(table, Window(11.3, 44.45, 11.4, 44.55, zoom=14))
    assert sorted(marker.keys for marker in near) == [(0,), (1,)]


def test_bodies_that_the_nearest_zoom_cannot_part_are_named() -> None:
    table = table_of([(44.49, 11.34), (44.490001, 11.340001)])
    (marker,) = markers_of(table, Window(11.339, 44.489, 11.341, 44.491, zoom=18))
    assert (marker.count, marker.keys, marker.one_spot) == (2, (0, 1), False)


def test_nothing_in_the_window_draws_nothing() -> None:
    assert markers_of(table_of([(44.49, 11.34)]), Window(9.0, 44.0, 9.1, 44.1, zoom=10)) == ()
