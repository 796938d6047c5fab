"""Reads TopoJSON files into shapes."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shapely import make_valid
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

Line = list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Feature:
    """One shape with what the file says about it; longitudes and latitudes in degrees."""

    key: str
    properties: dict[str, Any]
    shape: BaseGeometry


def features(source: str | bytes | Path) -> list[Feature]:
    """Every polygon of the first object of a TopoJSON text or file.

    Arcs are delta-coded integers when the file has a `transform`
    (https://github.com/topojson/topojson-specification).
    """
    text = source.read_bytes() if isinstance(source, Path) else source
    topology = json.loads(text)
    arcs = _arcs(topology)
    geometries = next(iter(topology["objects"].values()))["geometries"]
    return [
        Feature(str(one.get("id", "")), one.get("properties") or {}, _shape(one, arcs))
        for one in geometries
        if one.get("arcs")
    ]


def _arcs(topology: dict[str, Any]) -> list[Line]:
    transform = topology.get("transform")
    if transform is None:
        return [[(point[0], point[1]) for point in arc] for arc in topology["arcs"]]
    (scale_x, scale_y), (move_x, move_y) = transform["scale"], transform["translate"]
    lines: list[Line] = []
    for arc in topology["arcs"]:
        x = y = 0
        line: Line = []
        for step_x, step_y in arc:
            x, y = x + step_x, y + step_y
            line.append((x * scale_x + move_x, y * scale_y + move_y))
        lines.append(line)
    return lines


def _shape(geometry: dict[str, Any], arcs: list[Line]) -> BaseGeometry:
    if geometry["type"] == "Polygon":
        return make_valid(_polygon(geometry["arcs"], arcs))
    if geometry["type"] == "MultiPolygon":
        return make_valid(MultiPolygon([_polygon(part, arcs) for part in geometry["arcs"]]))
    raise ValueError(f"a {geometry['type']} is not an area")


def _polygon(rings: list[list[int]], arcs: list[Line]) -> Polygon:
    outer, *holes = (_ring(ring, arcs) for ring in rings)
    return Polygon(outer, holes)


def _ring(indexes: list[int], arcs: list[Line]) -> Line:
    ring: Line = []
    for index in indexes:
        arc = arcs[index] if index >= 0 else arcs[~index][::-1]
        ring += arc[1:] if ring else arc
    return ring
