"""The outlines are sound and agree with the municipalities' points."""

import csv
import json
import math
from pathlib import Path

from shapely.geometry import Point, shape
from shapely.geometry.base import BaseGeometry

SOURCE = Path(__file__).parents[3] / "src/trebbo"
DATA = SOURCE / "outlets/maps/data"
PLACES = SOURCE / "ecosystem/vocabularies/data"
KILOMETRES_PER_DEGREE = 111.0
# They joined Rimini in 2021, or lie on the border.
KNOWN_OUTSIDE = {"Montecopiolo", "Montegridolfo", "Sassofeltrio"}


def outlines(name: str) -> dict[str, BaseGeometry]:
    """The shapes of an outline file by code."""
    collection = json.loads((DATA / name).read_text(encoding="utf-8"))
    return {one["properties"]["code"]: shape(one["geometry"]) for one in collection["features"]}


def places() -> list[tuple[str, str, Point]]:
    """Name, province and point of every municipality."""
    with (PLACES / "municipalities.csv").open(encoding="utf-8", newline="") as file:
        return [
            (row["name"], row["province"], Point(float(row["lon"]), float(row["lat"])))
            for row in csv.DictReader(file)
        ]


def kilometres(area: BaseGeometry, point: Point) -> float:
    """An upper estimate of the distance of a point from an area."""
    return area.distance(point) * KILOMETRES_PER_DEGREE


def test_the_region_has_its_nine_provinces_and_they_are_sound() -> None:
    region = outlines("emilia_romagna.geojson")
    assert set(region) == {"PC", "PR", "RE", "MO", "BO", "FE", "RA", "FC", "RN"}
    assert [code for code, area in region.items() if not area.is_valid] == []


def test_provinces_do_not_overlap() -> None:
    areas = sorted(outlines("emilia_romagna.geojson").items())
    overlapping = [
        (one, other)
        for index, (one, area) in enumerate(areas)
        for other, neighbour in areas[index + 1 :]
        if area.intersection(neighbour).area > 1e-4
    ]
    assert overlapping == []


def test_municipalities_fall_in_their_province() -> None:
    region = outlines("emilia_romagna.geojson")
    outside = {
        name: kilometres(region[province], point)
        for name, province, point in places()
        if province in region and not region[province].covers(point)
    }
    assert set(outside) == KNOWN_OUTSIDE
    assert max(outside.values()) < 3


def test_the_country_is_one_sound_shape_that_holds_its_municipalities() -> None:
    (country,) = outlines("italy.geojson").values()
    assert country.is_valid
    assert [name for name, _, point in places() if not country.covers(point)] == []


def test_the_country_leaves_its_neighbours_out() -> None:
    (country,) = outlines("italy.geojson").values()
    cities = {"Nice": (7.26, 43.70), "Lugano": (8.95, 46.01), "Ljubljana": (14.51, 46.05)}
    assert [name for name, point in cities.items() if country.covers(Point(point))] == []


def test_areas_are_about_as_large_as_the_real_ones() -> None:
    region = outlines("emilia_romagna.geojson")
    (country,) = outlines("italy.geojson").values()
    assert math.isclose(_square_kilometres(list(region.values()), 44.5), 22_500, rel_tol=0.03)
    assert math.isclose(_square_kilometres([country], 42.5), 302_000, rel_tol=0.04)


def _square_kilometres(areas: list[BaseGeometry], latitude: float) -> float:
    degree = KILOMETRES_PER_DEGREE**2 * math.cos(math.radians(latitude))
    return float(sum(area.area for area in areas)) * degree
