"""Derives the country's outline with a margin of 10 km, against which seats are checked.

    python tools/country_margin.py OUTLINE.geojson RESULT.geojson

The outline is the one that `tools/outlines.py` makes; the margin forgives its coarseness at
borders and coasts. Distances are near enough: a degree of longitude is scaled by the cosine of
42.5 degrees.
"""

import json
import math
import sys
from pathlib import Path

from shapely import set_precision
from shapely.affinity import scale
from shapely.geometry import mapping, shape

KILOMETRES_PER_DEGREE = 111.2
MARGIN_KM = 10
SQUEEZE = math.cos(math.radians(42.5))


def with_margin(outline: dict[str, object]) -> dict[str, object]:
    """The outline widened on all sides, to two decimals, in degrees."""
    flat = scale(shape(outline), SQUEEZE, 1, origin=(0, 0))
    wide = flat.buffer(MARGIN_KM / KILOMETRES_PER_DEGREE, quad_segs=3).simplify(0.01)
    return mapping(set_precision(scale(wide, 1 / SQUEEZE, 1, origin=(0, 0)), 0.01))


def main(source: str, target: str) -> None:
    """Read the outline's first feature and write it with its margin."""
    outline = json.loads(Path(source).read_text(encoding="utf-8"))["features"][0]
    feature = {
        "type": "Feature",
        "properties": {"code": "IT", "margin_km": MARGIN_KM},
        "geometry": with_margin(outline["geometry"]),
    }
    Path(target).write_text(json.dumps(feature, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
