"""Rows out: the dossier of an ask, as a PDF to read and as a spreadsheet to work on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any, Literal

from django.template.defaultfilters import floatformat
from django.utils import timezone, translation
from django.utils.formats import date_format, number_format
from django.utils.text import slugify
from django.utils.translation import gettext as _

from trebbo.kernel.documents import (
    LONGEST_FOOTER,
    LONGEST_HEADING,
    REGIONS,
    link_to,
    printable,
    shortened,
    typeset,
)
from trebbo.kernel.tabular import Book, Linked, Sheet

NEED_SHOWN = 3_000
"""Characters of the need that a dossier holds; it says so when there are more."""
LONGEST_NAME = 60
TALLEST_KEPT = 25
"""Lines of a body that is not parted between two pages: less than half of one."""
CHARACTERS_A_LINE = 75
TEMPLATE = files("trebbo.partnering.introductions") / "data" / "dossier.typ"


@dataclass(frozen=True, slots=True)
class DossierReason:
    """One reason why a body is there; `links` are pairs of words and an absolute address."""

    words: str
    points: float
    is_stale: bool
    links: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class DossierRow:
    """One body of the shortlist; `what` is its kind and town, `standing` how it came there."""

    rank: int
    name: str
    address: str
    what: str
    points: float
    reasons: tuple[DossierReason, ...]
    missing: tuple[str, ...]
    note: str
    standing: str


@dataclass(frozen=True, slots=True)
class Dossier:
    """What was asked, the bodies that answer and why; already in words, in one language."""

    title: str
    need: str
    wishes: tuple[str, ...]
    asked_by: str
    made_at: datetime
    ranking: str
    rows: tuple[DossierRow, ...]
    left_out: tuple[str, ...]
    notice: str
    language: Literal["it", "en"]


def dossier_pdf(dossier: Dossier) -> bytes:
    """The dossier to read and print: tagged, with title, language, bookmarks and links."""
    with translation.override(dossier.language):
        return typeset(TEMPLATE, _told(dossier), dossier.made_at)


def dossier_xlsx(dossier: Dossier) -> bytes:
    """The dossier to sort and filter: the shortlist, the reasons one a row, what was asked."""
    book = Book(dossier.title, dossier.language)
    with translation.override(dossier.language):
        _write_shortlist(book.sheet(_("Shortlist")), dossier.rows)
        _write_reasons(book.sheet(_("Reasons")), dossier.rows)
        _write_asked(book.sheet(_("What was asked")), dossier)
    return book.content()


def file_name(dossier: Dossier, ending: str) -> str:
    """A name for the file in plain letters, such as "hydrogen-valves-2026-11-28.pdf"."""
    words = slugify(dossier.title)[:LONGEST_NAME].strip("-_") or "dossier"
    return f"{words}-{timezone.localtime(dossier.made_at):%Y-%m-%d}.{ending}"


def _need(dossier: Dossier) -> tuple[str, str]:
    """The need as far as it is shown, and the sentence that says it was cut (or blank)."""
    if len(dossier.need) <= NEED_SHOWN:
        return dossier.need, ""
    counts = {
        "shown": number_format(NEED_SHOWN, force_grouping=True),
        "count": number_format(len(dossier.need), force_grouping=True),
    }
    cut = _("The text was cut here: these are the first %(shown)s of %(count)s characters.")
    return f"{dossier.need[:NEED_SHOWN]}…", cut % counts


# --- The page


def _told(dossier: Dossier) -> dict[str, Any]:
    """All that the template sets, as data."""
    need, cut = _need(dossier)
    return {
        "heading": shortened(dossier.title, LONGEST_HEADING),
        "facts": _facts(dossier),
        "need": _lines(need),
        "cut": cut,
        "wishes": dossier.wishes,
        "rows": [_told_row(row, place) for place, row in enumerate(dossier.rows)],
        "left_out": dossier.left_out,
        "footer": shortened(dossier.notice, LONGEST_FOOTER),
        "language": dossier.language,
        "region": REGIONS[dossier.language],
        "words": _words(),
    }


def _facts(dossier: Dossier) -> list[tuple[str, str]]:
    """The lines under the title: what each is called, and what it says."""
    made = date_format(timezone.localtime(dossier.made_at), "DATETIME_FORMAT")
    facts = [
        (_("Asked by"), dossier.asked_by),
        (_("Made on"), made),
        (_("Ranking"), dossier.ranking),
        (_("Notice"), dossier.notice),
    ]
    return [(name, said) for name, said in facts if said.strip()]


def _told_row(row: DossierRow, place: int) -> dict[str, Any]:
    return {
        "place": f"body-{place}",
        "rank": row.rank,
        "name": row.name,
        "address": link_to(row.address),
        "what": row.what,
        "standing": row.standing,
        "points": floatformat(row.points, 1),
        "reasons": [_told_reason(reason) for reason in row.reasons],
        "missing": row.missing,
        "note": _lines(row.note),
        "short": _height(row) <= TALLEST_KEPT,
    }


def _height(row: DossierRow) -> int:
    """How many lines a body takes on the page, about; to measure would set everything twice."""
    texts = [row.name, row.what, *row.missing, *row.note.split("\n")]
    texts += [reason.words for reason in row.reasons]
    texts += [" ".join(words for words, _address in reason.links) for reason in row.reasons]
    return sum(1 + len(text) // CHARACTERS_A_LINE for text in texts)


def _told_reason(reason: DossierReason) -> dict[str, Any]:
    return {
        "words": reason.words,
        "points": floatformat(reason.points, 1),
        "stale": reason.is_stale,
        "links": [
            {"words": words or address, "address": link_to(address)}
            for words, address in reason.links
        ],
    }


def _words() -> dict[str, Any]:
    """The template's own words."""
    return {
        "need": _("Need"),
        "wishes": _("Wishes"),
        "shortlist": _("Shortlist"),
        "nobody": _("Nobody is on the shortlist."),
        "why": _("Why it is here"),
        "missing": _("What is missing"),
        "note": _("Note"),
        "points": _("points"),
        "stale": _("may be out of date"),
        "left_out": _("Why others are not here"),
        "columns": (_("Rank"), _("Name"), _("Points")),
    }


def _lines(text: str) -> list[str]:
    return [line for line in printable(text).split("\n") if line.strip()]


# --- The spreadsheet


def _write_shortlist(sheet: Sheet, rows: Iterable[DossierRow]) -> None:
    columns = (
        (_("Rank"), 7),
        (_("Name"), 36),
        (_("What it is"), 28),
        (_("Points"), 9),
        (_("Why it is here"), 60),
        (_("What is missing"), 32),
        (_("Note"), 40),
        (_("How it came here"), 20),
        (_("Page"), 40),
    )
    sheet.head(columns)
    for row in rows:
        reasons = "\n".join(reason.words for reason in row.reasons)
        missing = "\n".join(row.missing)
        page = Linked(row.address, row.address)
        told = (row.rank, row.name, row.what, float(row.points), reasons, missing)
        sheet.row(*told, row.note, row.standing, page)
    sheet.filtered(len(columns))


def _write_reasons(sheet: Sheet, rows: Sequence[DossierRow]) -> None:
    most = max((len(reason.links) for row in rows for reason in row.reasons), default=1)
    links = [_("Link")] if most <= 1 else [f"{_('Link')} {n}" for n in range(1, most + 1)]
    columns = (
        (_("Rank"), 7),
        (_("Name"), 36),
        (_("Reason"), 70),
        (_("Points"), 9),
        (_("May be out of date"), 14),
        *((name, 36) for name in links),
    )
    sheet.head(columns)
    for row in rows:
        for reason in row.reasons:
            stale = _("Yes") if reason.is_stale else _("No")
            told = (row.rank, row.name, reason.words, float(reason.points), stale)
            sheet.row(*told, *(Linked(words, address) for words, address in reason.links))
    sheet.filtered(len(columns))


def _write_asked(sheet: Sheet, dossier: Dossier) -> None:
    need, cut = _need(dossier)
    sheet.head(((_("Part"), 24), (_("Text"), 110)))
    sheet.row(_("Title"), dossier.title)
    sheet.row(_("Need"), need)
    if cut:
        sheet.row("", cut)
    for wish in dossier.wishes:
        sheet.row(_("Wish"), wish)
    sheet.row(_("Asked by"), dossier.asked_by)
    sheet.row(_("Made on"), dossier.made_at)
    sheet.row(_("Ranking"), dossier.ranking)
    for words in dossier.left_out:
        sheet.row(_("Left out"), words)
    sheet.row(_("Notice"), dossier.notice)
