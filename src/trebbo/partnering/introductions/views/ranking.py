"""The page on which offices read how asks are ranked, and how fairly."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from trebbo.kernel.access import office, viewer_of
from trebbo.partnering.introductions.queries.ranking import FIGURES, ranking_report

COMMAND = "trebbo matching train"


@office
@require_GET
def ask_ranking(request: HttpRequest) -> HttpResponse:
    """Which ranking is in use, its scores and weights, and who is shown how often."""
    report = ranking_report(viewer=viewer_of(request))
    context = {"report": report, "figures": list(FIGURES.values()), "command": COMMAND}
    return render(request, "introductions/ranking.html", context)
