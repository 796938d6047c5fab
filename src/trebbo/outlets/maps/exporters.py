"""Rows out: places as GeoJSON, and the provinces as outlines and as drawn shapes."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import asinh, degrees, radians, tan
from pathlib import Path
from typing import Any, cast

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from shapely.geometry import shape
from shapely.geometry.polygon import Polygon

from trebbo.ecosystem.organisations.choices import PointPrecision, ProfileType
from trebbo.ecosystem.organisations.models import Profile, Seat
from trebbo.kernel.access import Viewer
from trebbo.outlets.maps.gateway import Picture

DATA = Path(__file__).resolve().parent / "data"
WIDTH = 800
MARGIN = 10


@dataclass(frozen=True, slots=True)
class Drawing:
    """Shapes of provinces for an SVG of this size, in pixels."""

    width: int
    height: int
    shapes: tuple["ProvinceShape", ...]


@dataclass(frozen=True, slots=True)
class ProvinceShape:
    """A province: its outline as an SVG path, and where its name is written."""

    code: str
    name: str
    path: str
    x: float
    y: float


def collection(picture: Picture, seats: Mapping[int, Seat], viewer: Viewer) -> dict[str, Any]:
    """The picture as a GeoJSON FeatureCollection; words are in the page's language."""
    return {
        "type": "FeatureCollection",
        "places": picture.places,
        "bodies": picture.bodies,
        "features": [
            {
                "type": "Feature",
                "geometry": {
                    "type": "Point",
                    "coordinates": [round(marker.longitude, 5), round(marker.latitude, 5)],
                },
                "properties": {
                    "count": marker.count,
                    "label": _cluster_label(marker.count),
                    "window": [round(side, 5) for side in marker.window],
                    "listed": bool(marker.keys),
                    "bodies": [
                        described(seats[key], viewer) for key in marker.keys if key in seats
                    ],
                    "more": _more_label(marker.count - len(marker.keys)) if marker.keys else "",
                },
            }
            for marker in picture.markers
        ],
    }


def described(seat: Seat, viewer: Viewer) -> dict[str, str]:
    """What the map says about a body at one of its seats."""
    profile = seat.profile
    fresh = profile.freshness_on(viewer.today)
    confirmed = ""
    if profile.confirmed_at:
        confirmed = formats.date_format(
            timezone.localdate(profile.confirmed_at), "SHORT_DATE_FORMAT"
        )
    exact = seat.precision == PointPrecision.EXACT and seat.latitude is not None
    return {
        "type": profile.type,
        "name": profile.title,
        "what": identity(profile),
        "town": str(seat.municipality or ""),
        "address": seat.address,
        "precision": "" if exact else _("Position known only by municipality"),
        "freshness": fresh.value,
        "fresh": f"{fresh.label} ({confirmed})" if confirmed else str(fresh.label),
        "url": profile.get_absolute_url(),
    }


def identity(profile: Profile) -> str:
    """What a body is, in words: its kinds, or the unit's kind and its organisation."""
    if profile.type == ProfileType.UNIT:
        unit = profile.as_unit
        return f"{unit.get_kind_display()}, {unit.organisation.title}"
    if profile.type == ProfileType.ORGANISATION:
        kinds = [period.get_kind_display() for period in profile.as_organisation.kinds.all()]
        return ", ".join(kinds) or str(ProfileType.ORGANISATION.label)
    return str(ProfileType(profile.type).label)


@lru_cache(maxsize=1)
def outlines() -> str:
    """The provinces and the country's outline as one GeoJSON text."""
    features = [*_features("italy"), *_features("emilia_romagna")]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)


@lru_cache(maxsize=1)
def drawing() -> Drawing:
    """The provinces of the region in Web Mercator, as wide as WIDTH."""
    shapes = [
        (feature["properties"], shape(feature["geometry"]))
        for feature in _features("emilia_romagna")
    ]
    west, south, east, north = region_extent()
    scale = (WIDTH - 2 * MARGIN) / (east - west)

    def at(point: tuple[float, ...]) -> tuple[float, float]:
        x = (point[0] - west) * scale + MARGIN
        y = (_height(north) - _height(point[1])) * scale + MARGIN
        return round(x, 1), round(y, 1)

    drawn = []
    for about, outline in shapes:
        parts = cast("Iterable[Polygon]", getattr(outline, "geoms", (outline,)))
        rings = [ring for part in parts for ring in (part.exterior, *part.interiors)]
        path = "".join(
            "M" + "L".join(f"{x} {y}" for x, y in map(at, ring.coords)) + "Z" for ring in rings
        )
        middle = (
            outline.representative_point()
            if not outline.contains(outline.centroid)
            else outline.centroid
        )
        x, y = at((middle.x, middle.y))
        drawn.append(ProvinceShape(about["code"], about["name"], path, x, y))
    height = round((_height(north) - _height(south)) * scale) + 2 * MARGIN
    return Drawing(WIDTH, height, tuple(drawn))


@lru_cache(maxsize=1)
def region_extent() -> tuple[float, float, float, float]:
    """West, south, east and north of the region, in degrees."""
    bounds = [shape(feature["geometry"]).bounds for feature in _features("emilia_romagna")]
    west, south, east, north = zip(*bounds, strict=True)
    return min(west), min(south), max(east), max(north)


def _features(name: str) -> list[dict[str, Any]]:
    text = (DATA / f"{name}.geojson").read_text(encoding="utf-8")
    features: list[dict[str, Any]] = json.loads(text)["features"]
    return features


def _height(latitude: float) -> float:
    """Web Mercator's height in the units of degrees of longitude."""
    return degrees(asinh(tan(radians(latitude))))


def _cluster_label(count: int) -> str:
    return ngettext("%(count)s place", "%(count)s places", count) % {"count": count}


def _more_label(count: int) -> str:
    if not count:
        return ""
    return ngettext("and %(count)s more", "and %(count)s more", count) % {"count": count}
