"""Pages of the vocabularies: which words the registry uses, from where, and what they lack."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from trebbo.ecosystem.vocabularies import actions, policies, queries
from trebbo.ecosystem.vocabularies.forms import LabelSearch, LabelsForm
from trebbo.kernel.access import office, public, viewer_of

PAGE_SIZE = 50
LABELS_SIZE = 20


@public
def vocabularies(request: HttpRequest) -> HttpResponse:
    """All vocabularies with their version, publisher and licence."""
    viewer = viewer_of(request)
    schemes = queries.schemes(viewer=viewer)
    context = {"schemes": schemes, "may_label": policies.keep_labels(viewer)}
    return render(request, "vocabularies/vocabularies.html", context)


@public
def vocabulary(request: HttpRequest, slug: str) -> HttpResponse:
    """One vocabulary's concepts in both languages."""
    viewer = viewer_of(request)
    scheme = get_object_or_404(queries.schemes(viewer=viewer), code=slug)
    words = request.GET.get("q", "")
    concepts = queries.concepts_of(scheme, viewer=viewer, words=words)
    page = Paginator(concepts, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "scheme": scheme,
        "page_obj": page,
        "words": words,
        "may_label": policies.keep_labels(viewer),
    }
    return render(request, "vocabularies/vocabulary.html", context)


@office
@require_http_methods(["GET", "POST"])
def labels(request: HttpRequest) -> HttpResponse:
    """The concepts of a vocabulary that lack an Italian label, and a field for each."""
    viewer = viewer_of(request)
    schemes = list(queries.schemes_to_label(viewer=viewer))
    asked = request.GET
    scheme = next((row for row in schemes if row.code == asked.get("scheme")), None) or next(
        iter(schemes), None
    )
    shown = asked["shown"] if asked.get("shown") in queries.LABEL_LISTS else "lacking"
    words = asked.get("words", "")
    search = LabelSearch(
        {"scheme": scheme.code if scheme else "", "shown": shown, "words": words}, schemes
    )
    context: dict[str, object] = {
        "search": search, "scheme": scheme, "shown": shown, "schemes": schemes,
    }  # fmt: skip
    status = 200
    if scheme is not None:
        rows = queries.labels_of(scheme, viewer=viewer, shown=shown, words=words)
        page = Paginator(rows, LABELS_SIZE).get_page(asked.get("page"))
        form = LabelsForm(request.POST if request.method == "POST" else None, page.object_list)
        if form.is_bound and form.is_valid():
            typed, seen = form.typed()
            try:
                saved = actions.keep_labels(actor=viewer, labels=typed, seen=seen)
            except actions.LabelRefused as refusal:
                form.add_error(None, refusal.message)
                for key, reason in refusal.fields.items():
                    form.add_error(f"label-{key}", reason)
            else:
                messages.success(request, _saved(saved))
                return redirect(request.get_full_path())
        if form.is_bound and form.errors:
            status = 400
        context |= {"page_obj": page, "form": form}
    return render(request, "vocabularies/labels.html", context, status=status)


@office
@require_POST
def choose_label(request: HttpRequest, concept_id: int) -> HttpResponse:
    """Settle one label: the publisher's or ours; then back to the list."""
    concept = actions.choose_label(
        actor=viewer_of(request), concept_id=concept_id, label=request.POST.get("label", "")
    )
    messages.success(request, _("The label is “%(label)s”.") % {"label": concept.label_it})
    response = redirect("labels")
    response["Location"] += f"?scheme={concept.scheme.code}&shown=choose"
    return response


def _saved(count: int) -> str:
    if not count:
        return _("Nothing was typed: nothing changed.")
    words = ngettext("One label is saved.", "%(count)d labels are saved.", count)
    return words % {"count": count}
