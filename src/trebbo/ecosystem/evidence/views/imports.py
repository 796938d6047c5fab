"""Pages of the imports: the list with the upload, one import with its live progress, its report."""

from functools import partial

from django.contrib import messages
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from trebbo.ecosystem.evidence import actions
from trebbo.ecosystem.evidence.forms import ImportForm
from trebbo.ecosystem.evidence.models import Import
from trebbo.ecosystem.evidence.queries import imports as queries
from trebbo.ecosystem.evidence.tasks import carry_out_import
from trebbo.kernel.access import office, viewer_of
from trebbo.kernel.errors import Refusal
from trebbo.kernel.pages import paginate

EDITIONS_SHOWN = 20


@office
@require_http_methods(["GET", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    """What was imported and what is under way; an official file is brought in here."""
    viewer = viewer_of(request)
    sent = request.method == "POST"
    form = ImportForm(request.POST, request.FILES) if sent else ImportForm()
    if sent and form.is_valid():
        content = form.cleaned_data["file"]
        try:
            started = actions.start_import(
                actor=viewer,
                file_name=content.name,
                content=content,
                allow_older=form.cleaned_data["allow_older"],
            )
        except Refusal as refusal:
            form.add_error("file", refusal.message)
        else:
            _enqueue(started)
            messages.success(request, _("The file is here. The import has been put in line."))
            return redirect(started)
    page = paginate(queries.imports(viewer=viewer), request)
    context = {
        "form": form,
        "page": page,
        "rows": queries.told_together(page),
        "present": queries.told_together(queries.present_editions(viewer=viewer)),
    }
    return render(request, "evidence/imports.html", context, status=400 if form.errors else 200)


@office
@require_safe
@never_cache
def import_(request: HttpRequest, import_id: int) -> HttpResponse:
    """One import: how far it is, what it brought, what was left out and why."""
    imported = _found(request, import_id)
    viewer = viewer_of(request)
    head, lines = queries.first_lines(imported)
    editions = queries.editions_of(viewer=viewer, imported=imported)[:EDITIONS_SHOWN]
    context = {
        "told": queries.told(imported),
        "imported": imported,
        "publisher": queries.publisher_of(imported.dataset),
        "head": head,
        "lines": lines,
        "has_report": bool(head),
        "editions": editions,
    }
    return render(request, "evidence/import.html", context)


@office
@require_safe
@never_cache
def import_progress(request: HttpRequest, import_id: int) -> HttpResponse:
    """How far an import is, asked every two seconds; the whole page again once it is over."""
    imported = _found(request, import_id)
    told = queries.told(imported)
    if not told.is_open:
        # Whoever opens the address without script is led to the page itself.
        if not request.headers.get("HX-Request"):
            return redirect(imported)
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "evidence/_import_progress.html", {"told": told, "imported": imported})


@office
@require_POST
def import_stop(request: HttpRequest, import_id: int) -> HttpResponse:
    """Stop an import at its next step."""
    stopped = actions.stop_import(actor=viewer_of(request), import_id=import_id)
    messages.success(request, _("The import stops at its next step, and can be resumed."))
    return redirect(stopped)


@office
@require_POST
def import_resume(request: HttpRequest, import_id: int) -> HttpResponse:
    """Take up an import that was stopped, or failed."""
    resumed = actions.resume_import(actor=viewer_of(request), import_id=import_id)
    _enqueue(resumed)
    messages.success(request, _("The import has been put in line again."))
    return redirect(resumed)


@office
@require_POST
def import_forget(request: HttpRequest, import_id: int) -> HttpResponse:
    """Remove an import that brought nothing."""
    actions.forget_import(actor=viewer_of(request), import_id=import_id)
    messages.success(request, _("The import is removed."))
    return redirect("imports")


@office
@require_safe
def import_report(request: HttpRequest, import_id: int) -> HttpResponseBase:
    """The whole report as a compressed CSV file."""
    path = queries.report_of(_found(request, import_id))
    if path is None:
        raise Http404
    name = f"trebbo-import-{import_id}.csv.gz"
    return FileResponse(
        path.open("rb"), as_attachment=True, filename=name, content_type="application/gzip"
    )


def _found(request: HttpRequest, import_id: int) -> Import:
    imported = queries.import_of(viewer=viewer_of(request), import_id=import_id)
    if imported is None:
        raise Http404
    return imported


def _enqueue(imported: Import) -> None:
    transaction.on_commit(partial(carry_out_import.enqueue, import_id=imported.pk))
