"""The office's page on which a table of competences is checked and taken in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from trebbo.kernel.access import office, viewer_of
from trebbo.kernel.errors import Refusal
from trebbo.kernel.pages import add_refusal
from trebbo.sharing.skills import importers
from trebbo.sharing.skills.forms import TableForm


@office
@require_http_methods(["GET", "POST"])
def skills_import(request: HttpRequest) -> HttpResponse:
    """Check a table, or take in what fits of it, and say what came of each row."""
    if "template" in request.GET:
        answer = HttpResponse(importers.template(), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = 'attachment; filename="competences.csv"'
        return answer
    posted = request.method == "POST"
    form = TableForm(request.POST, request.FILES) if posted else TableForm()
    context: dict[str, object] = {"form": form, "columns": importers.COLUMNS}
    if posted and form.is_valid():
        write = "write" in request.POST
        file = form.cleaned_data["file"]
        try:
            data = file.read(importers.LARGEST_FILE + 1)
            rows = importers.import_competences(actor=viewer_of(request), data=data, write=write)
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            wrong = [row for row in rows if not row.fits]
            context |= {"rows": rows, "wrong": len(wrong), "fits": len(rows) - len(wrong)}
            context["written"] = write
    return render(request, "skills/skills_import.html", context, status=400 if form.errors else 200)
