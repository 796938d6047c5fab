"""What the members of a cluster did together: the page, from figures that a job worked out."""

from collections.abc import Iterable
from decimal import Decimal

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from trebbo.ecosystem.evidence import queries
from trebbo.ecosystem.evidence.choices import PUBLISHERS, Dataset
from trebbo.ecosystem.evidence.queries.clusters import (
    RECENT_YEARS,
    WELL_FROM,
    BranchLines,
    ClusterFigures,
    day_of,
)
from trebbo.ecosystem.evidence.views import charts
from trebbo.kernel.access import public, viewer_of
from trebbo.kernel.pages import PAGE_SIZE

FIELDS_DRAWN = 12
OUTSIDE_SHOWN = 25


@public
def cluster_evidence(request: HttpRequest, slug: str) -> HttpResponse:
    """Shared projects, partners outside, and the fields that the cluster covers."""
    viewer = viewer_of(request)
    evidence = queries.cluster_evidence(slug, viewer=viewer)
    if evidence is None:
        raise Http404
    figures = evidence.figures
    page = Paginator(figures.shared, PAGE_SIZE).get_page(request.GET.get("page"))
    branches = queries.cover_lines(figures.branches, viewer=viewer)
    context = {
        "evidence": evidence,
        "cluster": evidence.cluster,
        "figures": figures,
        "contribution": Decimal(figures.contribution),
        "together_contribution": Decimal(figures.together_contribution),
        "page_obj": page,
        "shared": queries.shared_lines(list(page.object_list), viewer=viewer),
        "outside": queries.outside_lines(figures.outside[:OUTSIDE_SHOWN], viewer=viewer),
        "branches": branches,
        "cover": figures.cover(),
        "well_from": WELL_FROM,
        "recent_years": RECENT_YEARS,
        "charts": charts.cluster_charts(figures),
        "field_chart": charts.field_chart(_largest(branches)),
        "map": charts.europe_map(dict(figures.countries)),
        "credits": _credits(figures),
    }
    return render(request, "evidence/cluster_evidence.html", context)


def _largest(branches: Iterable[BranchLines]) -> list[tuple[str, int, Decimal]]:
    """The fields with the most projects."""
    lines = [line for branch in branches for line in branch.fields if line.figures.projects]
    lines.sort(key=lambda line: (-line.figures.projects, line.concept.label.casefold()))
    return [
        (line.concept.label, line.figures.projects, Decimal(line.figures.contribution))
        for line in lines[:FIELDS_DRAWN]
    ]


def _credits(figures: ClusterFigures) -> list[dict[str, object]]:
    return [
        {
            "name": Dataset(one.dataset).label,
            "publisher": PUBLISHERS[Dataset(one.dataset)],
            "edition": day_of(one.edition),
            "imported": day_of(one.imported),
        }
        for one in figures.editions
    ]
