"""The public pages of networks, clusters, value chains and specialisations."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from trebbo.ecosystem.clusters import queries
from trebbo.ecosystem.clusters.models import Cluster, Network, Specialisation, ValueChain
from trebbo.ecosystem.clusters.policies import manage_cluster, manage_value_chain
from trebbo.ecosystem.clusters.queries import kind_labels
from trebbo.ecosystem.clusters.views import charts
from trebbo.ecosystem.organisations.sections import sections_of
from trebbo.kernel.access import public, viewer_of
from trebbo.kernel.pages import PAGE_SIZE


class CountedPaginator(Paginator):  # type: ignore[type-arg]
    """A paginator that is told how many rows there are, where they have been counted already."""

    def __init__(self, rows: object, per_page: int, *, count: int) -> None:
        super().__init__(rows, per_page)  # type: ignore[arg-type]
        self.__dict__["count"] = count


@public
def network(request: HttpRequest, slug: str) -> HttpResponse:
    """The clusters of a network side by side."""
    try:
        page = queries.network_page(slug, viewer=viewer_of(request))
    except Network.DoesNotExist as error:
        raise Http404 from error
    context = {
        "page": page,
        "chart": charts.side_by_side_chart(page),
        "lines": charts.figure_lines(page.figures.lines),
    }
    return render(request, "clusters/network.html", context)


@public
def cluster(request: HttpRequest, slug: str) -> HttpResponse:
    """A cluster: what it is made of, its value chains, what is published and what is unknown."""
    viewer = viewer_of(request)
    try:
        page = queries.cluster_page(slug, viewer=viewer)
    except Cluster.DoesNotExist as error:
        raise Http404 from error
    counted = page.composition
    members = _part(request, "page", page.members, counted.members)
    candidates = _part(request, "candidates", page.candidates, counted.candidates)
    members.object_list, candidates.object_list = page.rows(
        members.object_list, candidates.object_list
    )
    context = {
        "page": page,
        "cluster": page.cluster,
        "charts": charts.composition_charts(page),
        "timeline": charts.chain_timeline(page.chains, this_year=viewer.today.year),
        "lines": charts.figure_lines(page.figures.lines),
        "members": members,
        "candidates": candidates,
        "kinds": kind_labels(),
        "may_manage": manage_cluster.allows(viewer, page.cluster),
        "sections": sections_of(request, page.cluster),
    }
    return render(request, "clusters/cluster.html", context)


@public
def value_chain(request: HttpRequest, slug: str) -> HttpResponse:
    """A value chain: its aim and period, where it comes from, who takes part."""
    viewer = viewer_of(request)
    try:
        page = queries.value_chain_page(slug, viewer=viewer)
    except ValueChain.DoesNotExist as error:
        raise Http404 from error
    context = {
        "page": page,
        "chain": page.chain,
        "chart": charts.bucket_chart(page),
        "lines": charts.figure_lines(page.figures.lines),
        "page_obj": _part(request, "page", page.places, page.participants),
        "kinds": kind_labels(),
        "may_manage": manage_value_chain.allows(viewer, page.chain),
    }
    return render(request, "clusters/value_chain.html", context)


@public
def specialisations(request: HttpRequest) -> HttpResponse:
    """The districts and sectors in which the territory is strong."""
    rows = queries.named_specialisations(viewer=viewer_of(request))
    return render(request, "clusters/specialisations.html", {"rows": rows})


@public
def specialisation(request: HttpRequest, slug: str) -> HttpResponse:
    """A district or sector: its towns, its bodies, its figures."""
    try:
        page = queries.specialisation_page(slug, viewer=viewer_of(request))
    except Specialisation.DoesNotExist as error:
        raise Http404 from error
    context = {
        "page": page,
        "specialisation": page.specialisation,
        "lines": charts.figure_lines(page.figures.lines),
        "page_obj": Paginator(page.places, PAGE_SIZE).get_page(request.GET.get("page")),
        "kinds": kind_labels(),
    }
    return render(request, "clusters/specialisation.html", context)


def _part(request: HttpRequest, name: str, rows: QuerySet[Any], count: int) -> Any:
    """The page of counted rows that the address asks for under a name."""
    return CountedPaginator(rows, PAGE_SIZE, count=count).get_page(request.GET.get(name))
