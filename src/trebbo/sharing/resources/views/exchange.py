"""Resources in and out: tables, CERIF XML, PIDINST; the page on which a file is checked."""

from collections.abc import Callable, Mapping

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from trebbo.kernel.access import public, signed_in, viewer_of
from trebbo.kernel.errors import Refusal
from trebbo.kernel.pages import add_refusal, limited
from trebbo.kernel.tabular import XLSX
from trebbo.kernel.text import one_line
from trebbo.sharing.resources import exporters, importers, queries
from trebbo.sharing.resources.actions import ResourceRefused
from trebbo.sharing.resources.forms import ResourcesFileForm
from trebbo.sharing.resources.importers import RowOutcome

FORM_ROOM = 100_000
BEGINS_XML = (b"<", b"\xff\xfe<", b"\xfe\xff\x00<")
TEMPLATES: Mapping[str, tuple[str, Callable[[], bytes]]] = {
    "csv": (exporters.CSV, exporters.template_csv),
    "xlsx": (XLSX, exporters.template_xlsx),
}


@public
@require_safe
def resources_export(request: HttpRequest, ending: str) -> HttpResponse:
    """The resources that the viewer may see, as a file; of one body where `profile` names it."""
    viewer = viewer_of(request)
    body = one_line(request.GET.get("profile", ""))
    rows = queries.exported_resources(viewer=viewer, profile_slug=body)
    if ending == "csv":
        return _file("resources.csv", exporters.CSV, exporters.resources_csv(rows))
    if ending == "xlsx":
        return _file("resources.xlsx", XLSX, exporters.resources_xlsx(rows))
    if ending == "xml":
        told = exporters.equipment_xml(rows, viewer.now)
        return _file("equipment-cerif.xml", exporters.XML, told)
    if ending == "json":
        return _file("equipment-pidinst.json", exporters.JSON, exporters.pidinst_json(rows))
    raise Http404


@public
@require_safe
def resources_template(_request: HttpRequest, ending: str) -> HttpResponse:
    """The empty table with an example."""
    if ending not in TEMPLATES:
        raise Http404
    kind, make = TEMPLATES[ending]
    return _file(f"resources-template.{ending}", kind, make())


@limited(importers.LARGEST_TABLE + FORM_ROOM)
@signed_in
@require_http_methods(["GET", "POST"])
def resources_exchange(request: HttpRequest) -> HttpResponse:
    """Check a file of resources, or take in what fits of it, and say what came of each row."""
    owners = queries.owners_offered(viewer=viewer_of(request))
    posted = request.method == "POST"
    form = ResourcesFileForm(*(request.POST, request.FILES) if posted else (), owners=owners)
    context: dict[str, object] = {"form": form, "owners": owners, "columns": queries.COLUMNS}
    if posted and form.is_valid():
        try:
            rows = _taken(request, form)
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            wrong = [row for row in rows if not row.fits]
            context |= {"rows": rows, "wrong": len(wrong), "fits": len(rows) - len(wrong)}
            context["written"] = "write" in request.POST
    status = 400 if form.errors else 200
    return render(request, "resources/resources_exchange.html", context, status=status)


def _taken(request: HttpRequest, form: ResourcesFileForm) -> list[RowOutcome]:
    actor, write = viewer_of(request), "write" in request.POST
    data = form.cleaned_data["file"].read(importers.LARGEST_TABLE + 1)
    if not data.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(BEGINS_XML):
        return importers.import_resources(actor=actor, data=data, write=write)
    owner = form.cleaned_data["owner"]
    if not owner:
        told = _("Choose whose equipment this is.")
        raise ResourceRefused(told, {"owner": told})
    return importers.import_equipment(actor=actor, data=data, profile_slug=owner, write=write)


def _file(name: str, kind: str, content: bytes) -> HttpResponse:
    answer = HttpResponse(content, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "private, no-cache"
    return answer
