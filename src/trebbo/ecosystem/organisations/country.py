"""Whether a point lies in the country, within a margin that forgives a coarse outline."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from shapely import prepare
from shapely.geometry import Point, shape

OUTLINE = Path(__file__).parent / "data" / "italy_with_margin.geojson"


def in_the_country(latitude: float, longitude: float) -> bool:
    """Whether the point (degrees, WGS84) is in Italy or within about 10 km of it.

    The outline is Natural Earth's (public domain), widened by `tools/country_margin.py`.
    """
    return bool(_outline().covers(Point(longitude, latitude)))


@cache
def _outline() -> Any:
    outline = shape(json.loads(OUTLINE.read_text(encoding="utf-8"))["geometry"])
    prepare(outline)
    return outline
