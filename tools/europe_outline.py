"""Makes the outlines of the countries of Europe from the npm package `world-atlas`."""

import argparse
import json
import tarfile
from pathlib import Path
from typing import Any

from babel.core import get_global
from shapely import box, coverage_simplify, set_precision, union_all
from shapely.geometry import MultiPolygon, Polygon, mapping
from shapely.geometry.base import BaseGeometry
from shapely.geometry.polygon import orient
from topology import features

MEMBER = "package/countries-50m.json"
WITHOUT_NUMBER = {"Kosovo": "XK"}
# Degrees: west, south, east, north. Far enough for Iceland, Israel and the Caucasus.
FRAME = box(-25, 25, 50, 72)
FAR_WEST = box(-25, 60, -10, 80)
"""Where Russia is not."""
# Of the areas that a shared border may gain or lose, in degrees: neighbours keep meeting.
TOLERANCE = 0.15
SMALLEST = 0.02
"""Islands below this many square degrees are left out, unless a country has nothing larger."""


def outlines(package: Path) -> dict[str, Any]:
    """The countries inside the frame, two decimals (about 1 km), each with a point inside it."""
    with tarfile.open(package) as archive:
        member = archive.extractfile(MEMBER)
        if member is None:
            raise SystemExit(f"{package} holds no {MEMBER}")
        read = features(member.read())
    numbers = get_global("territory_aliases")
    by_code: dict[str, list[BaseGeometry]] = {}
    for one in read:
        code = WITHOUT_NUMBER.get(one.properties["name"], "")
        if one.key:
            code = next(iter(numbers.get(one.key, ())), "")
        shape = _without_band(one.shape) if code == "RU" else one.shape
        inside = shape.intersection(FRAME)
        if not inside.is_empty:
            by_code.setdefault(code, []).append(inside)
    codes = sorted(by_code)
    parts = [_large_parts(union_all(by_code[code])) for code in codes]
    simpler = coverage_simplify([MultiPolygon(large) for large in parts], TOLERANCE)
    return {
        "type": "FeatureCollection",
        "features": [
            _feature(code, large[0], shape)
            for code, large, shape in zip(codes, parts, simpler, strict=True)
        ],
    }


def _without_band(shape: BaseGeometry) -> BaseGeometry:
    """Russia, whose rings cross the date line, without the bands that these lay round the earth."""
    for band in _polygons(shape.intersection(FAR_WEST)):
        _west, south, _east, north = band.bounds
        shape = shape.symmetric_difference(box(-180, south, 180, north))
    return shape


def _large_parts(whole: BaseGeometry) -> list[Polygon]:
    """The largest first."""
    parts = sorted(_polygons(whole), key=lambda one: -one.area)
    return [one for one in parts if one.area >= SMALLEST] or parts[:1]


def _feature(code: str, largest: Polygon, outline: BaseGeometry) -> dict[str, Any]:
    shape = set_precision(outline, 0.01)
    if shape.is_empty:
        shape = set_precision(largest, 0.001)
    # The drawing library takes a ring that runs the other way round for the rest of the earth.
    clockwise = MultiPolygon([orient(one, sign=-1) for one in _polygons(shape)])
    point = largest.representative_point()
    properties = {"code": code, "longitude": round(point.x, 2), "latitude": round(point.y, 2)}
    return {"type": "Feature", "properties": properties, "geometry": mapping(clockwise)}


def _polygons(shape: BaseGeometry) -> list[Polygon]:
    parts = getattr(shape, "geoms", [shape])
    return [one for one in parts if isinstance(one, Polygon) and not one.is_empty]


def main() -> None:
    """Read the package and write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--package", type=Path, required=True, help="world-atlas-2.0.2.tgz")
    parser.add_argument(
        "--into",
        type=Path,
        default=Path(__file__).parents[1] / "src/trebbo/ecosystem/evidence/data/europe.geojson",
    )
    options = parser.parse_args()
    collection = outlines(options.package)
    options.into.write_text(json.dumps(collection, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{len(collection['features'])} countries in {options.into}")


if __name__ == "__main__":
    main()
