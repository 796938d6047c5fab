"""The dossier of a kept ask: its shortlist with the reasons, as PDF or XLSX."""

from collections.abc import Iterable, Iterator
from typing import Literal

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from trebbo.ecosystem.organisations.choices import Standing
from trebbo.kernel.access import signed_in, viewer_of
from trebbo.kernel.tabular import XLSX
from trebbo.partnering.introductions.choices import EntryStanding
from trebbo.partnering.introductions.exporters import (
    Dossier,
    DossierReason,
    DossierRow,
    dossier_pdf,
    dossier_xlsx,
    file_name,
)
from trebbo.partnering.introductions.queries import Found, kept
from trebbo.sharing.ideas.actions import note_idea_reading

TYPES = {
    "pdf": "application/pdf",
    "xlsx": XLSX,
}
CREDIT = "CORDIS, Publications Office of the European Union"


@signed_in
@require_GET
def ask_dossier(request: HttpRequest, ask_id: int, ending: str) -> HttpResponse:
    """The shortlist of an ask as it stands now, to print or to send on."""
    viewer = viewer_of(request)
    page = kept.kept_ask(ask_id, viewer=viewer)
    if page is None or ending not in TYPES:
        raise Http404
    if page.ask.idea is not None:
        note_idea_reading(actor=viewer, idea=page.ask.idea)
    standing = kept.standing_of(page.ask, viewer=viewer)
    rows = tuple(_rows(request, standing.rows))
    dossier = Dossier(
        title=page.ask.title,
        need=page.ask.text,
        wishes=tuple(_wishes(page)),
        asked_by=str(page.ask.asker or page.ask.owner or ""),
        made_at=viewer.now.replace(microsecond=0),
        ranking=page.ask.ranking,
        rows=rows,
        left_out=(standing.refusal.message,) if standing.refusal else (),
        notice=_notice(standing.rows),
        language=_language(),
    )
    content = dossier_pdf(dossier) if ending == "pdf" else dossier_xlsx(dossier)
    name = file_name(dossier, ending)
    return HttpResponse(
        content,
        content_type=TYPES[ending],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _language() -> Literal["it", "en"]:
    return "en" if (get_language() or "it").startswith("en") else "it"


def _wishes(page: kept.KeptAsk) -> Iterator[str]:
    for group in page.wishes:
        yield f"{group.label}: {', '.join(value.label for value in group.chosen)}"
    yield from page.extras


def _rows(request: HttpRequest, rows: Iterable[kept.Row]) -> Iterator[DossierRow]:
    shown = (row for row in rows if row.is_shown)
    for rank, row in enumerate(shown, start=1):
        entry, found = row.entry, row.found
        subject = entry.profile or entry.body
        address = subject.get_absolute_url() if subject else ""
        yield DossierRow(
            rank=rank,
            name=entry.name,
            address=request.build_absolute_uri(address) if address else "",
            what=_what(found) if found else "",
            points=found.score if found else entry.score or 0.0,
            reasons=tuple(_reasons(request, found)) if found else (),
            missing=found.missing if found else (_("not among the present answers"),),
            note=entry.note,
            standing="" if entry.standing == EntryStanding.PROPOSED
            else str(EntryStanding(entry.standing).label),
        )  # fmt: skip


def _what(found: Found) -> str:
    return " · ".join(filter(None, (found.kind, *found.towns[:2])))


def _reasons(request: HttpRequest, found: Found) -> Iterator[DossierReason]:
    if found.words:
        said = "; ".join(f"{one.part}: {one.excerpt.text}" for one in found.met[:3])
        yield DossierReason(said or _("what it says of itself"), found.words, found.is_stale, ())
    for why in found.why:
        links = tuple(
            (str(project), request.build_absolute_uri(project.get_absolute_url()))
            for project in why.projects
        )
        yield DossierReason(why.words, why.points, why.is_stale, links)


def _notice(rows: Iterable[kept.Row]) -> str:
    """Whose facts these are, and whether any body is made up."""
    shown = list(rows)
    synthetic = any(
        row.entry.profile and row.entry.profile.standing == Standing.SYNTHETIC for row in shown
    )
    funded = any(why.projects for row in shown if row.found for why in row.found.why)
    notices = (
        _("Some of these bodies are synthetic, for demonstration.") if synthetic else "",
        _("Funded projects: %(credit)s.") % {"credit": CREDIT} if funded else "",
    )
    return " ".join(filter(None, notices))
