"""Charts: a small set, declared as data, drawn on the server as SVG with a table behind each.

Altair states the chart, vl-convert draws it without a browser. The drawing carries presentation
attributes only, so that a strict Content-Security-Policy lets it stand inside the page. Every mark
has its number beside it: colour alone says nothing.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from math import ceil, floor, sqrt
from typing import Any, Literal
from xml.sax.saxutils import escape, quoteattr

from django.core.cache import cache
from django.utils.safestring import SafeString

WIDTH = 420
"""Units across; at the width of a phone the letters are still about 11 pixels high."""

INK, BLUE, LINE, PAPER, LAND = "#17324d", "#0059b3", "#5d7083", "#ffffff", "#e6ecf2"
FONT = "Titillium Web, Helvetica, Arial, sans-serif"
LETTERS = 13
LABEL_ROOM, BAR_ROOM, GROUP_GAP = 20, 22, 8
VALUE_ROOM = 0.62
"""The share of the width that the longest bar takes; the rest is for the words beside it."""

LARGEST_RADIUS, SMALLEST_RADIUS, ROOM_FOR_WORDS = 20.0, 3.0, 9.5
"""Of circles on a map, in units; from the third on a number finds room inside."""

CACHED_SECONDS = 7 * 24 * 3600
DRAWING = "1"
"""Part of the cache's key: raise it when the same declaration is drawn in another way."""

Tone = Literal["solid", "outline"]
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its length, the words at its end, and whether it is filled or only outlined."""

    value: float
    words: str
    tone: Tone = "solid"


@dataclass(frozen=True, slots=True)
class BarGroup:
    """Bars that stand under one label, to be compared."""

    label: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """Something that lasts from a year until the end of a year; without an end it goes on."""

    key: str
    label: str
    start: int
    end: int | None
    words: str


@dataclass(frozen=True, slots=True)
class Point:
    """A number as of a year, with the words in which it is said."""

    year: int
    value: float
    words: str


@dataclass(frozen=True, slots=True)
class Spot:
    """A number at a place (degrees, WGS84); its words stand in the circle where there is room."""

    longitude: float
    latitude: float
    value: float
    words: str


@dataclass(frozen=True, slots=True)
class Frame:
    """What of the earth a map shows: its centre in degrees, units for a radian, units high."""

    longitude: float
    latitude: float
    scale: float
    height: int


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing with its title, and the table that says the same."""

    title: str
    svg: SafeString
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def bar_chart(
    *,
    title: str,
    description: str,
    groups: Sequence[BarGroup],
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
) -> Chart:
    """Horizontal bars under their labels, from zero, in the order given."""
    longest = max((bar.value for group in groups for bar in group.bars), default=0) or 1
    bars: list[Row] = []
    words: list[Row] = []
    top = 0
    for group in groups:
        words.append({"x": 0, "y": top + LABEL_ROOM / 2, "words": group.label})
        top += LABEL_ROOM
        for bar in group.bars:
            length = WIDTH * VALUE_ROOM * bar.value / longest
            if bar.value:
                end = max(length, 2)
                bars.append({"x": 0, "end": end, "y": top, "foot": top + 16, "tone": bar.tone})
            words.append({"x": length + 6 if bar.value else 0, "y": top + 9, "words": bar.words})
            top += BAR_ROOM
        top += GROUP_GAP
    svg = _drawn(title, description, {"bars": bars, "words": words, "height": max(top, 1)})
    return _chart(title, svg, head, rows)


def timeline_chart(
    *,
    title: str,
    description: str,
    spans: Sequence[Span],
    links: Sequence[tuple[str, str]],
    this_year: int,
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
) -> Chart:
    """Spans of years under each other; a line leads from each to what it became.

    What still goes on is outlined and reaches the end of this year.
    """
    first = min((span.start for span in spans), default=this_year)
    last = max([this_year, *(span.end for span in spans if span.end)]) + 1
    scale = WIDTH / (last - first)
    years = range(first, last, ceil((last - first) / 8))
    words: list[Row] = [{"x": (y - first) * scale, "y": 8, "words": str(y)} for y in years]
    rules: list[Row] = []
    bars: list[Row] = []
    ends: dict[str, tuple[float, float, float]] = {}
    top = 26
    for span in spans:
        start, end = (span.start - first) * scale, ((span.end or this_year) + 1 - first) * scale
        # Labels stand on the left, out of the way of the lines that lead to the successors.
        words.append({"x": 0, "y": top + 10, "words": span.label})
        foot = top + LABEL_ROOM
        tone = "solid" if span.end else "outline"
        bars.append({"x": start, "end": end, "y": foot, "foot": foot + 12, "tone": tone})
        ends[span.key] = (start, end, foot + 6)
        top = foot + 12 + GROUP_GAP
    for before, after in links:
        if before in ends and after in ends:
            old, new = ends[before], ends[after]
            rules.append({"x": old[1], "end": new[0], "y": old[2], "foot": new[2]})
    rules += [
        {"x": (y - first) * scale, "end": (y - first) * scale, "y": 16, "foot": 22} for y in years
    ]
    parts = {"bars": bars, "words": words, "rules": rules, "height": top}
    return _chart(title, _drawn(title, description, parts), head, rows)


def line_chart(
    *,
    title: str,
    description: str,
    points: Sequence[Point],
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
) -> Chart:
    """A number over the years, from zero, with each value in words at its point."""
    height, margin = 180, 34
    first = min((point.year for point in points), default=0)
    last = max((point.year for point in points), default=0)
    highest = max((point.value for point in points), default=0) or 1
    step = (WIDTH - 2 * margin) / ((last - first) or 1)
    dots: list[Row] = []
    words: list[Row] = []
    before = 0.0
    for point in sorted(points, key=lambda point: point.year):
        x = margin + (point.year - first) * step
        # The outer words lean inwards, so that none leaves the drawing.
        align = {first: "left", last: "right"}.get(point.year, "center")
        edge = {"left": x - 10, "right": x + 10}.get(align, x)
        y = height - 46 - (height - 82) * point.value / highest
        # Words stand above a rise and under a fall: the line never runs through them.
        lift = 16 if point.value < before else -16
        before = point.value
        dots.append({"x": x, "y": y})
        words.append({"x": edge, "y": y + lift, "words": point.words, "align": align})
        words.append({"x": x, "y": height - 8, "words": str(point.year), "align": "center"})
    rules = [{"x": 0, "end": WIDTH, "y": height - 22, "foot": height - 22}]
    parts = {"dots": dots, "words": words, "rules": rules, "height": height}
    return _chart(title, _drawn(title, description, parts), head, rows)


def map_chart(
    *,
    title: str,
    description: str,
    outlines: Sequence[Mapping[str, Any]],
    frame: Frame,
    spots: Sequence[Spot],
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
) -> Chart:
    """Circles over outlines (GeoJSON features), their areas as the values; equal-area projection.

    The larger are drawn first, so that none hides a smaller one. A circle too small for its
    number has it in the table only.
    """
    largest = max((spot.value for spot in spots), default=0) or 1
    circles: list[Row] = []
    words: list[Row] = []
    for spot in sorted(spots, key=lambda spot: (-spot.value, spot.longitude)):
        radius = max(LARGEST_RADIUS * sqrt(spot.value / largest), SMALLEST_RADIUS)
        place = {"longitude": spot.longitude, "latitude": spot.latitude}
        circles.append({**place, "size": round(4 * radius**2, 1)})
        if radius >= ROOM_FOR_WORDS:
            words.append({**place, "words": spot.words})
    parts = {
        "land": list(outlines),
        "circles": circles,
        "words": words,
        "height": frame.height,
        "projection": {
            "type": "azimuthalEqualArea",
            "rotate": [-frame.longitude, -frame.latitude],
            "scale": frame.scale,
            "translate": [WIDTH / 2, frame.height / 2],
        },
    }
    return _chart(title, _drawn(title, description, parts), head, rows)


def warm_up() -> None:
    """Draw a tiny chart, so that nobody waits for the libraries and their engine to start."""
    _converted({"words": [{"x": 0, "y": 8, "words": "0"}], "height": 16})


def _chart(
    title: str, svg: SafeString, head: Sequence[str], rows: Sequence[Sequence[str]]
) -> Chart:
    return Chart(title, svg, tuple(head), tuple(tuple(row) for row in rows))


def _drawn(title: str, description: str, parts: Mapping[str, Any]) -> SafeString:
    """The drawing as SVG; the same declaration is drawn once and then remembered."""
    declared = json.dumps([DRAWING, title, description, parts], sort_keys=True, default=str)
    key = f"chart:{hashlib.sha256(declared.encode()).hexdigest()}"
    svg: str | None = cache.get(key)
    if svg is None:
        svg = _accessible(_converted(parts), title, description)
        cache.set(key, svg, CACHED_SECONDS)
    return SafeString(svg)


def _converted(parts: Mapping[str, Any]) -> str:
    # Both libraries take most of a second to load: only pages with charts pay for it.
    alt: Any = import_module("altair")
    vl_convert: Any = import_module("vl_convert")
    if "land" in parts:
        svg = str(vl_convert.vegalite_to_svg(_mapped(alt, parts).to_json()))
        # A tenth of a unit is finer than a screen: coasts need not be longer to load.
        return re.sub(r"\d+\.\d{2,}", lambda found: f"{float(found[0]):.1f}", svg)
    layers: list[Any] = []
    across = {"x": alt.X("x:Q", scale=None, axis=None), "x2": "end:Q"}
    down = {"y": alt.Y("y:Q", scale=None, axis=None), "y2": "foot:Q"}
    if parts.get("rules"):
        rules = alt.Chart(alt.Data(values=list(parts["rules"])))
        layers.append(rules.mark_rule(color=LINE, strokeWidth=1.5).encode(**across, **down))
    for tone, fill in (("solid", BLUE), ("outline", PAPER)):
        rows = [row for row in parts.get("bars", ()) if row["tone"] == tone]
        if rows:
            shape: dict[str, Any] = {"fill": fill, "stroke": BLUE, "strokeWidth": 0}
            if tone == "outline":
                shape |= {"strokeWidth": 2, "strokeDash": [5, 3]}
            chart = alt.Chart(alt.Data(values=rows))
            layers.append(chart.mark_rect(**shape).encode(**across, **down))
    if parts.get("dots"):
        dots = alt.Chart(alt.Data(values=list(parts["dots"]))).encode(
            x=alt.X("x:Q", scale=None, axis=None), y=alt.Y("y:Q", scale=None, axis=None)
        )
        layers.append(dots.mark_line(color=BLUE, strokeWidth=2))
        layers.append(dots.mark_point(fill=BLUE, color=BLUE, size=50, opacity=1))
    for align in ("left", "center", "right"):
        rows = [row for row in parts["words"] if row.get("align", "left") == align]
        if rows:
            chart = alt.Chart(alt.Data(values=rows))
            layers.append(
                chart.mark_text(
                    align=align, baseline="middle", fontSize=LETTERS, color=INK, limit=0
                ).encode(
                    x=alt.X("x:Q", scale=None, axis=None),
                    y=alt.Y("y:Q", scale=None, axis=None),
                    text="words:N",
                )
            )
    whole = _framed(alt.layer(*layers), parts["height"])
    return str(vl_convert.vegalite_to_svg(whole.to_json()))


def _mapped(alt: Any, parts: Mapping[str, Any]) -> Any:
    """The land, the circles and the numbers in them, as one drawing."""
    place = {"longitude": "longitude:Q", "latitude": "latitude:Q"}
    land = alt.Chart(alt.Data(values=parts["land"]))
    layers = [land.mark_geoshape(fill=LAND, stroke=LINE, strokeWidth=0.5)]
    if parts["circles"]:
        circles = alt.Chart(alt.Data(values=parts["circles"]))
        layers.append(
            circles.mark_point(
                filled=True, shape="circle", color=BLUE, opacity=1, stroke=PAPER, strokeWidth=1
            ).encode(**place, size=alt.Size("size:Q", scale=None, legend=None))
        )
    if parts["words"]:
        words = alt.Chart(alt.Data(values=parts["words"]))
        layers.append(
            words.mark_text(baseline="middle", fontSize=LETTERS - 1, color=PAPER).encode(
                **place, text="words:N"
            )
        )
    return _framed(alt.layer(*layers).project(**parts["projection"]), parts["height"])


def _framed(drawing: Any, height: float) -> Any:
    return (
        drawing.properties(width=WIDTH, height=ceil(height), padding=4, background="transparent")
        .configure(font=FONT)
        .configure_view(stroke=None)
    )


def _accessible(svg: str, title: str, description: str) -> str:
    """One image with a name for assistive technology, sized by its class."""
    inside = svg[svg.index(">") + 1 :]
    found = re.search(r'viewBox="([^"]+)"', svg)
    box = found.group(1) if found else f"0 0 {WIDTH} {floor(WIDTH / 2)}"
    inside = re.sub(r' (?:role|class|aria-[a-z]+|pointer-events)="[^"]*"', "", inside)
    # The element itself cuts at its edge; names of clipping paths would clash on one page.
    inside = re.sub(r' clip-path="[^"]*"', "", inside)
    inside = re.sub(r"<defs>.*?</defs>", "", inside, flags=re.DOTALL)
    name = quoteattr(f"{title}. {description}" if description else title)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="trebbo-chart" viewBox="{box}" role="img"'
        f" aria-label={name}><title>{escape(title)}</title><desc>{escape(description)}</desc>"
        f"{inside}"
    )
