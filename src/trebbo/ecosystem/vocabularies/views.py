"""Pages of the vocabularies: which words the registry uses, from where, in which version."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from trebbo.ecosystem.vocabularies import queries
from trebbo.kernel.access import public, viewer_of

PAGE_SIZE = 50


@public
def vocabularies(request: HttpRequest) -> HttpResponse:
    """All vocabularies with their version, publisher and licence."""
    schemes = queries.schemes(viewer=viewer_of(request))
    return render(request, "vocabularies/vocabularies.html", {"schemes": schemes})


@public
def vocabulary(request: HttpRequest, slug: str) -> HttpResponse:
    """One vocabulary's concepts in both languages."""
    viewer = viewer_of(request)
    scheme = get_object_or_404(queries.schemes(viewer=viewer), code=slug)
    words = request.GET.get("q", "")
    concepts = queries.concepts_of(scheme, viewer=viewer, words=words)
    page = Paginator(concepts, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"scheme": scheme, "page_obj": page, "words": words}
    return render(request, "vocabularies/vocabulary.html", context)
