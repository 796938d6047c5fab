"""Distances, cells and circles."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trebbo.engine.search import Point
from trebbo.engine.search.geography import cells_of, circle, distance_km, nearest


def test_distance_from_bologna_to_modena() -> None:
    assert distance_km(44.4939, 11.3428, 44.6471, 10.9252) == pytest.approx(37.2, abs=0.3)
    assert distance_km(44.5, 11.0, 44.5, 11.0) == 0.0


def test_nearest_of_none_is_none() -> None:
    assert nearest(44.5, 11.0, []) is None


@settings(deadline=None)
@given(
    st.floats(43.5, 45.5),
    st.floats(9.0, 13.0),
    st.floats(43.5, 45.5),
    st.floats(9.0, 13.0),
    st.sampled_from((1.0, 5.0, 30.0, 120.0, 500.0)),
)
def test_a_circle_holds_what_is_within_its_radius(
    north: float, east: float, to_north: float, to_east: float, radius: float
) -> None:
    away = distance_km(north, east, to_north, to_east)
    inside = not circle(north, east, radius).isdisjoint(cells_of([Point(to_north, to_east)]))
    blur = max(0.5, radius / 40)
    if away < radius - blur:
        assert inside
    if away > radius + blur:
        assert not inside
