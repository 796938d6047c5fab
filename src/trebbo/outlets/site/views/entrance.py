"""Home page, directory and component gallery."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.vary import vary_on_headers

from trebbo.kernel.access import public, viewer_of
from trebbo.kernel.errors import Refusal
from trebbo.outlets.site import exporters, queries
from trebbo.outlets.site.forms import GalleryForm
from trebbo.partnering.introductions.choices import EXAMPLES
from trebbo.partnering.introductions.queries import MOST_LISTED, Question, answer, listing


@public
def home(request: HttpRequest) -> HttpResponse:
    """What the network is, and the question with which everything starts."""
    context = {"entrance": queries.entrance(viewer=viewer_of(request)), "examples": EXAMPLES}
    return render(request, "site/home.html", context)


@public
@vary_on_headers("HX-Request", "HX-Target")
def directory(request: HttpRequest) -> HttpResponse:
    """All organisations, units, Technopoles and clusters, as cards or as a table, by facets."""
    question = Question.from_address(request.GET, browse=True)
    look = "table" if request.GET.get("look") == "table" else "cards"
    context: dict[str, object] = {"question": question, "look": look, "most": MOST_LISTED}
    status = 200
    try:
        context["answer"] = answer(question, viewer=viewer_of(request))
    except Refusal as refusal:
        context["refusal"], status = refusal, refusal.status
    part = bool(request.htmx) and request.htmx.target == "answer"  # type: ignore[attr-defined]
    template = "site/_swap.html" if part else "site/directory.html"
    return render(request, template, context, status=status)


@public
def directory_export(request: HttpRequest) -> HttpResponse:
    """What the directory shows with these words and filters, as a CSV file."""
    viewer = viewer_of(request)
    question = Question.from_address(request.GET, browse=True)
    listed = listing(question, viewer=viewer)
    table = exporters.directory_table(
        listed.found, viewer=viewer, absolute=request.build_absolute_uri
    )
    response = HttpResponse(table, content_type="text/csv; charset=utf-8")
    name = _("trebbo-directory-%(day)s.csv") % {"day": viewer.today.isoformat()}
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@public
def gallery(request: HttpRequest) -> HttpResponse:
    """Every component that the pages are made of, in each of its states."""
    form = GalleryForm(GalleryForm.EXAMPLE) if request.GET.get("errors") else GalleryForm()
    context = {
        "form": form,
        "facts": queries.example_facts(viewer=viewer_of(request)),
        "profiles": queries.example_profiles(viewer=viewer_of(request)),
        "page_obj": Paginator(range(240), 10).get_page(request.GET.get("page")),
    }
    return render(request, "site/gallery.html", context)
