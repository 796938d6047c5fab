"""The use ledger of a resource as a file for an auditor."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from trebbo.kernel.access import signed_in, viewer_of
from trebbo.kernel.pages import key_of
from trebbo.kernel.tabular import XLSX
from trebbo.sharing.resources import exporters, queries

YEARS = range(2000, 2201)


@signed_in
@require_safe
def resource_use_export(request: HttpRequest, resource_id: int, ending: str) -> HttpResponse:
    """The ledger of the year that `year` names, this year's by default."""
    viewer = viewer_of(request)
    year = key_of(request.GET.get("year", "")) or viewer.today.year
    ledger = queries.ledger_of(resource_id, year, viewer=viewer) if year in YEARS else None
    if ledger is None or ending not in ("csv", "xlsx"):
        raise Http404
    language = (get_language() or "it")[:2]
    told = exporters.LedgerTold(ledger, viewer.label, viewer.now, language)
    if ending == "csv":
        answer = HttpResponse(exporters.ledger_csv(told), content_type=exporters.CSV)
    else:
        answer = HttpResponse(exporters.ledger_xlsx(told), content_type=XLSX)
    name = exporters.ledger_name(told, ending)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "private, no-store"
    return answer
