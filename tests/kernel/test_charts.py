"""Charts: pictures that say what they show, let the policy stand and are drawn once."""

import re
import sys
from xml.etree import ElementTree as ET

import pytest
from django.core.cache import cache
from hypothesis import given, settings
from hypothesis import strategies as st

from trebbo.kernel import charts
from trebbo.kernel.charts import Bar, BarGroup, Chart, Point, Span, bar_chart, line_chart

SVG = "{http://www.w3.org/2000/svg}"


def bars(*values: float, title: str = "Soci per tipo") -> Chart:
    """A chart with these bars."""
    return bar_chart(
        title=title,
        description="descrizione",
        groups=[BarGroup(f"gruppo {i}", (Bar(v, f"{v:g} soci"),)) for i, v in enumerate(values)],
        head=("Tipo", "Soci"),
        rows=[(f"gruppo {i}", f"{v:g}") for i, v in enumerate(values)],
    )


def widths(chart: Chart) -> list[float]:
    """How long the filled bars are, in the order drawn."""
    paths = re.findall(r'd="M0,[\d.]+h([\d.]+)v16[^"]*" fill="#0059b3"', chart.svg)
    return [float(width) for width in paths]


def test_a_chart_is_one_image_with_a_name_and_the_words_beside_each_bar() -> None:
    root = ET.fromstring(bars(4, 2).svg)
    assert (root.get("role"), root.get("aria-label")) == ("img", "Soci per tipo. descrizione")
    assert root.get("width") is None
    assert root.get("viewBox", "").startswith("0 0 4")
    assert [root.findtext(f"{SVG}title"), root.findtext(f"{SVG}desc")] == [
        "Soci per tipo",
        "descrizione",
    ]
    words = [text.text for text in root.iter(f"{SVG}text")]
    assert words == ["gruppo 0", "4 soci", "gruppo 1", "2 soci"]


def test_nothing_in_a_chart_needs_leave_from_the_policy() -> None:
    root = ET.fromstring(bars(1, 2, 3).svg)
    for element in root.iter():
        assert element.tag.removeprefix(SVG) in {
            "svg", "title", "desc", "g", "path", "text", "line",
        }  # fmt: skip
        assert not {
            name for name in element.attrib if name.startswith(("style", "on", "class"))
        } - ({"class"} if element is root else set())
        assert element is root or "role" not in element.attrib


def test_bars_are_as_long_as_their_values_from_zero() -> None:
    longest, half, quarter = widths(bars(8, 4, 2))
    assert (half, quarter) == (pytest.approx(longest / 2), pytest.approx(longest / 4))


def test_a_zero_has_words_but_no_bar() -> None:
    chart = bars(5, 0)
    assert len(widths(chart)) == 1
    assert "0 soci" in chart.svg


def test_words_are_escaped_wherever_they_stand() -> None:
    chart = bar_chart(
        title='<script>alert("x")</script>',
        description="a & b",
        groups=[BarGroup("<b>grande</b>", (Bar(1, "<i>1</i>"),))],
        head=(),
        rows=(),
    )
    assert "<script" not in chart.svg
    assert "<b>" not in chart.svg
    assert "<i>" not in chart.svg
    words = [text.text for text in ET.fromstring(chart.svg).iter(f"{SVG}text")]
    assert words == ["<b>grande</b>", "<i>1</i>"]


def test_the_same_declaration_is_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first = bars(3, 1)

    def never(_parts: object) -> str:
        raise AssertionError("drawn again")

    monkeypatch.setattr(charts, "_converted", never)
    assert bars(3, 1) == first
    with pytest.raises(AssertionError):
        bars(3, 2)
    cache.clear()
    with pytest.raises(AssertionError):
        bars(3, 1)


def test_warming_up_draws() -> None:
    charts.warm_up()
    assert {"altair", "vl_convert"} <= set(sys.modules)


def test_a_line_puts_each_value_in_words_at_its_year() -> None:
    chart = line_chart(
        title="Soci",
        description="",
        points=[Point(2022, 112, "112"), Point(2017, 23, "23"), Point(2019, 80, "circa 80")],
        head=("Anno", "Soci"),
        rows=[("2017", "23")],
    )
    words = {text.text for text in ET.fromstring(chart.svg).iter(f"{SVG}text")}
    assert words == {"2017", "2019", "2022", "23", "circa 80", "112"}
    assert chart.rows == (("2017", "23"),)


def test_a_timeline_outlines_what_goes_on_and_leads_to_the_successor() -> None:
    chart = charts.timeline_chart(
        title="Filiere",
        description="",
        spans=[
            Span("A", "MedReR", 2017, 2024, "2017-2024"),
            Span("B", "POSERR", 2017, 2024, "2017-2024"),
            Span("C", "Pharma", 2025, None, "2025-"),
        ],
        links=[("A", "C"), ("B", "C"), ("B", "nowhere")],
        this_year=2026,
        head=(),
        rows=(),
    )
    root = ET.fromstring(chart.svg)
    fills = [path.get("fill") for path in root.iter(f"{SVG}path") if path.get("fill")]
    assert fills.count("#0059b3") == 2
    assert sum(1 for path in root.iter(f"{SVG}path") if path.get("stroke-dasharray")) == 1
    leading = [line for line in root.iter(f"{SVG}line") if float(line.get("y2", "0")) > 10]
    assert len(leading) == 2


@settings(max_examples=15, deadline=None)
@given(st.lists(st.floats(min_value=0, max_value=1e9), min_size=0, max_size=6))
def test_any_numbers_make_a_drawing(values: list[float]) -> None:
    root = ET.fromstring(bars(*values).svg)
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert len(texts) == 2 * len(values)


def test_a_map_draws_larger_circles_for_larger_values_and_says_all_in_its_table() -> None:
    land = {
        "type": "Feature",
        "properties": {},
        "geometry": {"type": "Polygon", "coordinates": [[[6, 44], [6, 47], [14, 47], [6, 44]]]},
    }
    chart = charts.map_chart(
        title="Partner",
        description="Italia: 100; Malta: 1",
        outlines=[land],
        frame=charts.Frame(12, 45, 600, 300),
        spots=[charts.Spot(12, 45, 100, "100"), charts.Spot(14, 44, 1, "1")],
        head=("Paese", "Partner"),
        rows=[("Italia", "100"), ("Malta", "1")],
    )
    root = ET.fromstring(chart.svg)
    assert [text.text for text in root.iter(f"{SVG}text")] == ["100"]
    circles = [path for path in root.iter(f"{SVG}path") if path.get("fill") == charts.BLUE]
    radii = [float(re.findall(r"A([\d.]+)", path.get("d", ""))[0]) for path in circles]
    assert radii == [charts.LARGEST_RADIUS, charts.SMALLEST_RADIUS]
    assert "clip-path" not in chart.svg
    assert "style=" not in chart.svg
    assert chart.rows == (("Italia", "100"), ("Malta", "1"))
