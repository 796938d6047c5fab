"""Pages of the vocabularies: which words the registry uses, from where, and what they lack."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from trebbo.ecosystem.vocabularies import actions, exporters, importers, policies, queries
from trebbo.ecosystem.vocabularies.choices import VERB_LABELS
from trebbo.ecosystem.vocabularies.forms import (
    LabelSearch,
    LabelsForm,
    WordsConfirmForm,
    WordsFileForm,
    WordsForm,
    WordsSearch,
)
from trebbo.ecosystem.vocabularies.models import WordPair, phrases_of
from trebbo.kernel.access import Viewer, office, public, viewer_of
from trebbo.kernel.pages import paginate

PAGE_SIZE = 50
LABELS_SIZE = 20
REFUSED_SHOWN = 200


@public
def vocabularies(request: HttpRequest) -> HttpResponse:
    """All vocabularies with their version, publisher and licence."""
    viewer = viewer_of(request)
    schemes = queries.schemes(viewer=viewer)
    context = {
        "schemes": schemes,
        "may_label": policies.keep_labels(viewer),
        "may_keep_words": policies.keep_words(viewer),
    }
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
        "may_keep_words": policies.keep_words(viewer),
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


@office
@require_safe
def words(request: HttpRequest) -> HttpResponse:
    """The words that searches understand, in both languages, and the ways to add some."""
    shown, sought = _words_asked(request)
    pairs = queries.word_pairs(viewer=viewer_of(request), shown=shown, words=sought)
    context = {
        "search": WordsSearch({"shown": shown, "words": sought}),
        "page_obj": paginate(pairs, request, size=PAGE_SIZE),
        "shown": shown,
        "words": sought,
    }
    return render(request, "vocabularies/words.html", context)


@office
@require_http_methods(["GET", "POST"])
def words_new(request: HttpRequest) -> HttpResponse:
    """Add a pair."""
    form = WordsForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            pair = actions.add_words(
                actor=viewer_of(request),
                italian=form.cleaned_data["italian"],
                english=form.cleaned_data["english"],
            )
        except actions.WordsRefused as refusal:
            _mark(form, refusal)
        else:
            messages.success(request, _("“%(pair)s” is saved.") % {"pair": pair.title})
            return redirect("words")
    return _words_form(request, form)


@office
@require_http_methods(["GET", "POST"])
def words_change(request: HttpRequest, pair_id: int) -> HttpResponse:
    """Change a pair, or add the office's phrases to one of the product's."""
    viewer = viewer_of(request)
    pair = queries.word_pair(viewer=viewer, pair_id=pair_id)
    if request.method != "POST":
        if pair is None:
            raise Http404
        return _words_form(request, WordsForm(pair=pair), pair)
    form = WordsForm(request.POST, pair=pair)
    if form.is_valid():
        try:
            pair = actions.change_words(
                actor=viewer,
                pair_id=pair_id,
                italian=form.cleaned_data["italian"],
                english=form.cleaned_data["english"],
                version=form.cleaned_data["version"] or 0,
            )
        except actions.WordsChanged as refusal:
            pair, form = refusal.pair, form.shown_again(refusal.pair)
            _mark(form, refusal)
        except actions.WordsRefused as refusal:
            _mark(form, refusal)
        else:
            messages.success(request, _("“%(pair)s” is saved.") % {"pair": pair.title})
            return redirect("words")
    return _words_form(request, form, pair)


@office
@require_POST
def words_remove(request: HttpRequest, pair_id: int) -> HttpResponse:
    """Remove a pair of the offices, or leave one of the product's out of searches."""
    pair = actions.remove_words(
        actor=viewer_of(request), pair_id=pair_id, version=_version(request)
    )
    said = _("“%(pair)s” is removed.") if pair.is_own else _("“%(pair)s” is left out of searches.")
    messages.success(request, said % {"pair": pair.title})
    return redirect("words")


@office
@require_POST
def words_again(request: HttpRequest, pair_id: int) -> HttpResponse:
    """Let searches understand a pair of the product's again."""
    pair = actions.use_words_again(
        actor=viewer_of(request), pair_id=pair_id, version=_version(request)
    )
    messages.success(request, _("Searches understand “%(pair)s” again.") % {"pair": pair.title})
    return redirect("words_change", pair_id)


@office
@require_http_methods(["GET", "POST"])
def words_upload(request: HttpRequest) -> HttpResponse:
    """Take in a table of words; where rows are wrong, say which, and ask before saving the rest."""
    if request.method != "POST":
        return render(request, "vocabularies/words_upload.html", {"form": WordsFileForm()})
    form = WordsFileForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            table = importers.text_of(form.cleaned_data["file"].read(importers.MOST_BYTES + 1))
            return _take_in(request, table)
        except actions.WordsRefused as refusal:
            form.add_error("file", refusal.message)
    return render(request, "vocabularies/words_upload.html", {"form": form}, status=400)


@office
@require_POST
def words_confirm(request: HttpRequest) -> HttpResponse:
    """Save what is right in a table that was looked at."""
    form = WordsConfirmForm(request.POST)
    if not form.is_valid():
        return redirect("words_upload")
    return _take_in(request, form.cleaned_data["table"], form.cleaned_data["confirmed"])


@office
@require_safe
def words_download(request: HttpRequest) -> HttpResponse:
    """The words that the list shows, as a CSV file that can be uploaded again."""
    viewer = viewer_of(request)
    shown, sought = _words_asked(request)
    pairs = queries.word_pairs(viewer=viewer, shown=shown, words=sought)
    response = HttpResponse(exporters.words_table(pairs), content_type="text/csv; charset=utf-8")
    name = _("trebbo-words-%(day)s.csv") % {"day": viewer.today.isoformat()}
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _words_asked(request: HttpRequest) -> tuple[str, str]:
    """Which list of words, and what to find in it."""
    shown = request.GET.get("shown", "")
    return shown if shown in queries.WORD_LISTS else "all", request.GET.get("words", "")


def _words_form(
    request: HttpRequest, form: WordsForm, pair: WordPair | None = None
) -> HttpResponse:
    viewer: Viewer = viewer_of(request)
    context: dict[str, object] = {"form": form, "pair": pair}
    if pair is None:
        page = "vocabularies/words_new.html"
    else:
        page = "vocabularies/words_change.html"
        context["published_it"] = phrases_of(pair.phrases_it_published)
        context["published_en"] = phrases_of(pair.phrases_en_published)
        context["history"] = [
            (line, VERB_LABELS.get(line.verb, line.verb))
            for line in queries.history_of_words(pair, viewer=viewer)
        ]
    return render(request, page, context, status=400 if form.errors else 200)


def _mark(form: WordsForm, refusal: actions.WordsRefused) -> None:
    """Say at each field what was refused there."""
    if not refusal.fields:
        form.add_error(None, refusal.message)
    for name, reason in refusal.fields.items():
        form.add_error(name, reason)


def _take_in(request: HttpRequest, table: str, confirmed: str = "") -> HttpResponse:
    """Save the table and go to the list, or show what is wrong in it."""
    report = actions.import_words(
        actor=viewer_of(request), rows=importers.word_rows(table), confirmed=confirmed
    )
    if report.is_saved:
        messages.success(request, _brought(report))
        return redirect("words")
    context = {
        "form": WordsFileForm(),
        "report": report,
        "refused": report.refused[:REFUSED_SHOWN],
        "unshown": max(0, len(report.refused) - REFUSED_SHOWN),
        "is_outdated": bool(confirmed),
        "confirm": WordsConfirmForm(initial={"table": table, "confirmed": report.seen}),
    }
    return render(request, "vocabularies/words_upload.html", context, status=400)


def _version(request: HttpRequest) -> int:
    typed = request.POST.get("version", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0


def _brought(report: actions.WordsReport) -> str:
    if not report.brings:
        return _("Everything in the file is there already: nothing changed.")
    added = ngettext("One pair is added", "%(count)d pairs are added", report.added)
    changed = ngettext("one pair is changed", "%(count)d pairs are changed", report.changed)
    return _("%(added)s, %(changed)s.") % {
        "added": added % {"count": report.added},
        "changed": changed % {"count": report.changed},
    }


def _saved(count: int) -> str:
    if not count:
        return _("Nothing was typed: nothing changed.")
    words = ngettext("One label is saved.", "%(count)d labels are saved.", count)
    return words % {"count": count}
