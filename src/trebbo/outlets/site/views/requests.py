"""What came of a member's requests, for the member and for its office."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from trebbo.kernel.access import signed_in, viewer_of
from trebbo.kernel.pages import paginate
from trebbo.outlets.site.queries import ideas as idea_queries
from trebbo.outlets.site.queries import requests as queries


@require_safe
@signed_in
def my_requests(request: HttpRequest) -> HttpResponse:
    """What came of one's own requests, and what waits at one's own challenges and ideas."""
    viewer = viewer_of(request)
    ideas = {
        "idea_points": idea_queries.my_open_points(viewer=viewer),
        "reviews": idea_queries.my_reviews(viewer=viewer),
    }
    return _show(request, queries.my_requests(viewer=viewer), **ideas)


@require_safe
@signed_in
def requests_of(request: HttpRequest, slug: str) -> HttpResponse:
    """What came of the requests of a body that the viewer looks after."""
    found = queries.requests_of(slug, viewer=viewer_of(request))
    if found is None:
        raise Http404
    return _show(request, found)


def _show(request: HttpRequest, found: queries.Requests, **more: Any) -> HttpResponse:
    context = {
        **more,
        "requests": found,
        "page_obj": paginate(found.asks, request),
        "asked": paginate(found.asked, request, name="asked"),
    }
    return render(request, "site/my_requests.html", context)
