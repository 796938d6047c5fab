"""The office's pages of terms in members' own words: what each may be, and merging it."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from trebbo.kernel.access import office, viewer_of
from trebbo.kernel.pages import key_of, paginate
from trebbo.sharing.skills import actions, queries

MOST_MERGED = 10


@office
@require_http_methods(["GET", "POST"])
def skills_terms(request: HttpRequest) -> HttpResponse:
    """The terms that wait, each with the concept that it most likely is."""
    viewer = viewer_of(request)
    if request.method == "POST":
        _merge(request, key_of(request.POST.get("term", "")))
        return redirect("skills_terms")
    page = paginate(queries.waiting_terms(viewer=viewer), request)
    context = {
        "page_obj": page,
        "lines": queries.with_likely_concepts(list(page), viewer=viewer),
        "merged": queries.merged_terms(viewer=viewer)[:MOST_MERGED],
    }
    return render(request, "skills/skills_terms.html", context)


@office
@require_http_methods(["GET", "POST"])
def skills_term(request: HttpRequest, term_id: int) -> HttpResponse:
    """One term, and a search for the concept that it is."""
    viewer = viewer_of(request)
    if request.method == "POST":
        done = _merge(request, term_id)
        return redirect("skills_terms") if done else redirect(request.get_full_path())
    term = queries.waiting_terms(viewer=viewer).filter(pk=term_id).first()
    if term is None:
        raise Http404
    words = request.GET.get("words", "")[:100]
    (line,) = queries.with_likely_concepts([term], viewer=viewer)
    likely = [line.likely.pk] if line.likely else []
    context = {
        "term": term,
        "words": words,
        "likely": line.likely,
        "choices": queries.concept_choices(viewer=viewer, chosen=likely, words=words),
    }
    return render(request, "skills/skills_term.html", context)


def _merge(request: HttpRequest, term_id: int) -> bool:
    concept_id = key_of(request.POST.get("concept", ""))
    try:
        term = actions.merge_term(actor=viewer_of(request), term_id=term_id, concept_id=concept_id)
    except actions.SkillsRefused as refusal:
        messages.error(request, refusal.message)
        return False
    told = {"term": term.label, "concept": term.merged_into}
    messages.success(request, _("“%(term)s” is now “%(concept)s” wherever it was said.") % told)
    return True
