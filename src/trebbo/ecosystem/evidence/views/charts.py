"""Turns what the evidence counts into charts and maps, in the page's words and numbers."""

import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trebbo.ecosystem.evidence.queries import ClusterFigures, PartnerPlace, ProfileEvidence
from trebbo.kernel.charts import (
    Bar,
    BarGroup,
    Chart,
    Frame,
    Spot,
    bar_chart,
    map_chart,
)
from trebbo.kernel.countries import country_name

OUTLINES = Path(__file__).parents[1] / "data" / "europe.geojson"
EUROPE = Frame(longitude=13, latitude=51.5, scale=600, height=470)
ITALY = Frame(longitude=12.6, latitude=42.1, scale=2050, height=460)
AROUND_ITALY = {
    *("IT", "SM", "VA", "FR", "CH", "AT", "SI", "HR", "BA", "ME", "AL"),
    *("TN", "DZ", "DE", "LI", "HU", "RS", "XK", "GR", "MT", "MC"),
}
LONGEST_LABEL = 52


def number(value: float | Decimal) -> str:
    """A whole number as the page's language writes it."""
    whole = Decimal(value).quantize(Decimal(1), ROUND_HALF_UP)
    return number_format(whole, 0, force_grouping=True)


def euro(value: float | Decimal) -> str:
    """Money in words: "EUR 1,250,000"."""
    return _("EUR %(number)s") % {"number": number(value)}


def year_name(year: int | None) -> str:
    """The year, or that it is not known."""
    return str(year) if year else _("year not known")


def profile_charts(evidence: ProfileEvidence) -> list[Chart]:
    """Projects and money by year of start, and by programme."""
    if not evidence.parts:
        return []
    years = [(year_name(one.year), one.projects, one.contribution) for one in evidence.years]
    return [
        _two_bars(_("Projects and contribution by year of start"), _("Year"), years),
        _two_bars(_("Projects and contribution by programme"), _("Programme"), evidence.programmes),
    ]


def cluster_charts(figures: ClusterFigures) -> list[Chart]:
    """What the members began each year: all their projects, those of several, and the money."""
    if not figures.years:
        return []
    groups, money, rows = [], [], []
    for one in figures.years:
        name, amount = year_name(one.year), Decimal(one.contribution)
        all_of_them = ngettext("%(n)s project", "%(n)s projects", one.projects)
        all_of_them %= {"n": number(one.projects)}
        shared = _("%(n)s of several members") % {"n": number(one.together)}
        bars = (Bar(one.projects, all_of_them, "outline"), Bar(one.together, shared))
        groups.append(BarGroup(name, bars))
        money.append(BarGroup(name, (Bar(float(amount), euro(amount)),)))
        rows.append((name, number(one.projects), number(one.together), euro(amount)))
    head = (_("Year"), _("Projects"), _("Of several members"), _("Contribution to members"))
    described = "; ".join(f"{name}: {count} / {shared}" for name, count, shared, _m in rows)
    paid = "; ".join(f"{name}: {amount}" for name, _c, _s, amount in rows)
    return [
        bar_chart(
            title=_("Projects of members by year of start"),
            description=described,
            groups=groups,
            head=head,
            rows=rows,
        ),
        bar_chart(
            title=_("Contribution to members by year of start"),
            description=paid,
            groups=money,
            head=head,
            rows=rows,
        ),
    ]


def field_chart(fields: Sequence[tuple[str, int, Decimal]]) -> Chart | None:
    """Fields with their projects and the members' money."""
    if not fields:
        return None
    return _two_bars(_("Projects and contribution by field"), _("Field"), fields)


def europe_map(countries: Mapping[str, int]) -> Chart | None:
    """Partners by country; those off the map, or of no known country, are in the table."""
    if not countries:
        return None
    ordered = sorted(countries.items(), key=lambda row: (not row[0], -row[1], row[0]))
    rows = [(_place_name(code), number(many)) for code, many in ordered]
    points = _points()
    return map_chart(
        title=_("Partners by country"),
        description="; ".join(f"{name}: {many}" for name, many in rows),
        outlines=_outlines(),
        frame=EUROPE,
        spots=[Spot(*points[code], many, number(many)) for code, many in ordered if code in points],
        head=(_("Country"), _("Partners")),
        rows=rows,
    )


def italy_map(provinces: Sequence[PartnerPlace]) -> Chart | None:
    """Italian partners by province; those that cannot be placed are in the table."""
    if not any(place.code for place in provinces):
        return None
    rows = [(place.name or _("Province not known"), number(place.partners)) for place in provinces]
    around = [one for one in _outlines() if one["properties"]["code"] in AROUND_ITALY]
    return map_chart(
        title=_("Partners in Italy by province"),
        description="; ".join(f"{name}: {many}" for name, many in rows),
        outlines=around,
        frame=ITALY,
        spots=[
            Spot(place.longitude, place.latitude, place.partners, number(place.partners))
            for place in provinces
            if place.longitude is not None and place.latitude is not None
        ],
        head=(_("Province"), _("Partners")),
        rows=rows,
    )


def _two_bars(title: str, what: str, sums: Iterable[tuple[str, int, Decimal]]) -> Chart:
    """Projects as bars; the money is said beside them, and stands in the table."""
    rows = [(name, number(projects), euro(money)) for name, projects, money in sums]
    return bar_chart(
        title=title,
        description="; ".join(f"{name}: {projects}, {money}" for name, projects, money in rows),
        groups=[
            BarGroup(short(name), (Bar(projects, _said(projects, money)),))
            for name, projects, money in sums
        ],
        head=(what, _("Projects"), _("Contribution")),
        rows=rows,
    )


def _said(projects: int, money: Decimal) -> str:
    return f"{number(projects)} · {euro(money)}" if money else number(projects)


def short(label: str) -> str:
    """A label that fits over its bar."""
    return label if len(label) <= LONGEST_LABEL else f"{label[: LONGEST_LABEL - 1].rstrip()}…"


def _place_name(code: str) -> str:
    return country_name(code) if code else _("Country not known")


@cache
def _outlines() -> tuple[dict[str, Any], ...]:
    collection = json.loads(OUTLINES.read_text(encoding="utf-8"))
    return tuple(collection["features"])


@cache
def _points() -> dict[str, tuple[float, float]]:
    """Where the circle of each country stands: longitude and latitude."""
    found = (one["properties"] for one in _outlines())
    return {one["code"]: (one["longitude"], one["latitude"]) for one in found if one["code"]}
