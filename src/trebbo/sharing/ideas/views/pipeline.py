"""Pages of the office: the ideas that it follows, as a table, charts and a spreadsheet."""

from collections.abc import Sequence

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from trebbo.kernel.access import office, viewer_of
from trebbo.kernel.charts import Bar, BarGroup, Chart, bar_chart
from trebbo.kernel.tabular import XLSX
from trebbo.sharing.ideas.exporters import pipeline_xlsx
from trebbo.sharing.ideas.queries.pipeline import Pipeline, Tally, pipeline_of


@office
@require_safe
def ideas_pipeline(request: HttpRequest, slug: str) -> HttpResponse:
    """What the office follows: by state, by readiness, one a row."""
    pipeline = _pipeline(request, slug)
    charts = [
        _chart(_("Ideas by state"), _("State"), pipeline.states),
        _chart(_("Ideas by readiness level"), _("Readiness level"), pipeline.readiness),
        _chart(_("With what ideas were closed"), _("Outcome"), pipeline.outcomes),
    ]
    context = {"pipeline": pipeline, "charts": [chart for chart in charts if chart]}
    return render(request, "ideas/ideas_pipeline.html", context)


@office
@require_safe
def ideas_spreadsheet(request: HttpRequest, slug: str) -> HttpResponse:
    """The same as a spreadsheet."""
    pipeline = _pipeline(request, slug)
    response = HttpResponse(pipeline_xlsx(pipeline), content_type=XLSX)
    response.headers["Content-Disposition"] = f'attachment; filename="ideas-{slug}.xlsx"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _pipeline(request: HttpRequest, slug: str) -> Pipeline:
    pipeline = pipeline_of(slug, viewer=viewer_of(request))
    if pipeline is None:
        raise Http404
    return pipeline


def _chart(title: str, what: str, tallies: Sequence[Tally]) -> Chart | None:
    if not any(tally.count for tally in tallies):
        return None
    counted = [(tally.label, number_format(tally.count, force_grouping=True)) for tally in tallies]
    return bar_chart(
        title=title,
        description="; ".join(f"{label}: {count}" for label, count in counted),
        groups=[
            BarGroup(label, (Bar(tally.count, count),))
            for tally, (label, count) in zip(tallies, counted, strict=True)
        ],
        head=(what, _("Ideas")),
        rows=counted,
    )
