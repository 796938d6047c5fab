"""The audit trail for the offices, and the health of the service for machines."""

from importlib.metadata import version

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from trebbo.kernel.access import office, public, viewer_of
from trebbo.kernel.pages import paginate
from trebbo.outlets.oversight import queries
from trebbo.outlets.oversight.forms import AuditSearch


@public
@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """200 and "ok" when the service can work, 503 when its database does not answer."""
    well = queries.database_answers()
    body = {"status": "ok" if well else "database unreachable", "version": version("trebbo")}
    return JsonResponse(body, status=200 if well else 503)


@office
@require_safe
def audit(request: HttpRequest) -> HttpResponse:
    """Who did what and when, for whom the office looks after; newest first."""
    viewer = viewer_of(request)
    form = AuditSearch(request.GET, queries.verbs_used(viewer=viewer))
    narrowed = form.cleaned_data if form.is_valid() else {}
    page = paginate(queries.audit_lines(viewer=viewer, **narrowed), request)
    context = {"form": form, "page": page, "lines": queries.told(page, viewer=viewer)}
    return render(request, "oversight/audit.html", context)
