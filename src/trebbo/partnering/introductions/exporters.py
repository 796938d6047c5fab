"""Rows out: the dossier of an ask, as a PDF to read and as a spreadsheet to work on."""

import io
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import typst
from django.template.defaultfilters import floatformat
from django.utils import timezone, translation
from django.utils.encoding import iri_to_uri
from django.utils.formats import date_format, number_format
from django.utils.text import Truncator, slugify
from django.utils.translation import gettext as _
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

NEED_SHOWN = 3_000
"""Characters of the need that a dossier holds; it says so when there are more."""
LONGEST_HEADING = 110
LONGEST_FOOTER = 240
LONGEST_NAME = 60
LONGEST_CELL = 16_000
"""Half of what a spreadsheet's cell holds: it counts an emoji as two."""
LONGEST_ADDRESS = 650
"""A third of what a spreadsheet's link holds: it may write a letter as three."""
LONGEST_WORD = 40
"""Longer words may be broken anywhere, so that they stay on the page."""
TALLEST_KEPT = 25
"""Lines of a body that is not parted between two pages: less than half of one."""
CHARACTERS_A_LINE = 75
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\n")
LINKED = ("https://", "http://")
TEMPLATE = files("trebbo.partnering.introductions") / "data" / "dossier.typ"
TYPEFACE = files("bootstrap_italia_template") / "static" / "fonts" / "Titillium_Web"
REGIONS = {"it": "IT", "en": "GB"}
DATE_CODES = {"it": "[$-410]d mmmm yyyy, hh:mm", "en": "[$-809]d mmmm yyyy, hh:mm"}

# What neither XML nor a font can hold, and the marks that turn the rest of a line around.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
_LINE_ENDS = re.compile("\r\n|[\r\x85\u2028\u2029]")
_LONG_WORD = re.compile(rf"\S{{{LONGEST_WORD + 1},}}")
_PIECE = re.compile(r"\S{20}(?=[^\u0300-\u036f\u200d\ufe00-\ufe0f])")


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
        told = json.dumps(_breakable(_told(dossier)))
    moment = dossier.made_at.astimezone(UTC)
    try:
        return _typeset(told, moment, standard="ua-1")
    except typst.TypstError:
        # PDF/UA wants a glyph for every letter; the machine may have no font with emoji or kanji.
        return _typeset(told, moment, standard=None)


def dossier_xlsx(dossier: Dossier) -> bytes:
    """The dossier to sort and filter: the shortlist, the reasons one a row, what was asked."""
    file = io.BytesIO()
    with translation.override(dossier.language), Workbook(file, {"in_memory": True}) as book:
        book.set_properties({"title": _short(dossier.title, LONGEST_HEADING)})
        looks = _Looks(book, dossier.language)
        _write_shortlist(_Sheet(book, looks, _("Shortlist")), dossier.rows)
        _write_reasons(_Sheet(book, looks, _("Reasons")), dossier.rows)
        _write_asked(_Sheet(book, looks, _("What was asked")), dossier)
    return file.getvalue()


def file_name(dossier: Dossier, ending: str) -> str:
    """A name for the file in plain letters, such as "hydrogen-valves-2026-11-28.pdf"."""
    words = slugify(dossier.title)[:LONGEST_NAME].strip("-_") or "dossier"
    return f"{words}-{timezone.localtime(dossier.made_at):%Y-%m-%d}.{ending}"


# --- What both hold


def _clean(text: str) -> str:
    """The text without what cannot be printed, and with one kind of line end."""
    return _UNPRINTABLE.sub(" ", _LINE_ENDS.sub("\n", text))


def _short(text: str, most: int) -> str:
    return Truncator(" ".join(_clean(text).split())).chars(most)


def _link(address: str) -> str:
    """The address if a reader may be sent there; else blank."""
    whole = iri_to_uri(_clean(address))
    return whole if whole.startswith(LINKED) and len(whole) <= LONGEST_ADDRESS else ""


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


@cache
def _fonts() -> typst.Fonts:
    """The typeface of the site; the machine's own fonts for letters that it lacks."""
    return typst.Fonts(font_paths=[str(TYPEFACE)])


def _typeset(told: str, moment: datetime, *, standard: Literal["ua-1"] | None) -> bytes:
    return typst.compile(
        str(TEMPLATE),
        format="pdf",
        font_paths=_fonts(),
        sys_inputs={"dossier": told},
        pdf_standards=standard,
        timestamp=moment,
    )


def _told(dossier: Dossier) -> dict[str, Any]:
    """All that the template sets, as data."""
    need, cut = _need(dossier)
    return {
        "heading": _short(dossier.title, LONGEST_HEADING),
        "facts": _facts(dossier),
        "need": _lines(need),
        "cut": cut,
        "wishes": dossier.wishes,
        "rows": [_told_row(row, place) for place, row in enumerate(dossier.rows)],
        "left_out": dossier.left_out,
        "footer": _short(dossier.notice, LONGEST_FOOTER),
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
        "address": _link(row.address),
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
            {"words": words or address, "address": _link(address)}
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
    return [line for line in _clean(text).split("\n") if line.strip()]


def _breakable(told: Any) -> Any:
    """The data with every text printable, and with places to break where a word is too long."""
    if isinstance(told, str):
        return _LONG_WORD.sub(lambda word: _PIECE.sub("\\g<0>\u200b", word[0]), _clean(told))
    if isinstance(told, dict):
        return {
            name: value if name == "address" else _breakable(value) for name, value in told.items()
        }
    return [_breakable(one) for one in told] if isinstance(told, list | tuple) else told


# --- The spreadsheet


class _Looks:
    """How cells look."""

    def __init__(self, book: Workbook, language: str) -> None:
        self.head = self._look(book, bold=True, bottom=1, bg_color="#F2F6FA")
        self.text = self._look(book)
        # Somebody who edits the cell does not make a formula of it either.
        self.quoted = self._look(book, quote_prefix=True)
        self.link = self._look(book, font_color="#0059B3", underline=1)
        self.number = self._look(book, num_format="0")
        self.points = self._look(book, num_format="0.0")
        self.moment = self._look(book, num_format=DATE_CODES[language], align="left")

    @staticmethod
    def _look(book: Workbook, **properties: Any) -> Format:
        return book.add_format({"text_wrap": True, "valign": "top", **properties})


class _Sheet:
    """One sheet of the book, written row by row; text is always written as text."""

    def __init__(self, book: Workbook, looks: _Looks, name: str) -> None:
        self._looks = looks
        self._row = 0
        self._sheet: Worksheet = book.add_worksheet(name)
        self._sheet.set_landscape()
        self._sheet.set_paper(9)  # A4
        self._sheet.fit_to_pages(1, 0)
        self._sheet.set_footer("&C&P / &N")

    def head(self, columns: Sequence[tuple[str, int]]) -> None:
        """The first row: bold, always in sight, on every printed page."""
        for column, (name, width) in enumerate(columns):
            self._sheet.set_column(column, column, width)
            self._sheet.write_string(0, column, name, self._looks.head)
        self._sheet.freeze_panes(1, 0)
        self._sheet.repeat_rows(0)
        self._row = 1

    def row(self, *cells: "str | int | float | datetime | _Linked") -> None:
        """One more row."""
        for column, cell in enumerate(cells):
            self._cell(column, cell)
        self._row += 1

    def filtered(self, columns: int) -> None:
        """Let the reader filter by every column."""
        self._sheet.autofilter(0, 0, max(self._row - 1, 0), columns - 1)

    def _cell(self, column: int, cell: "str | int | float | datetime | _Linked") -> None:
        looks = self._looks
        if isinstance(cell, _Linked):
            self._link(column, cell)
        elif isinstance(cell, str):
            text = _cell_text(cell)
            look = looks.quoted if text.startswith(FORMULA_STARTS) else looks.text
            self._sheet.write_string(self._row, column, text, look)
        elif isinstance(cell, datetime):
            naive = timezone.localtime(cell).replace(tzinfo=None)
            self._sheet.write_datetime(self._row, column, naive, looks.moment)
        else:
            look = looks.number if isinstance(cell, int) else looks.points
            self._sheet.write_number(self._row, column, cell, look)

    def _link(self, column: int, cell: "_Linked") -> None:
        address, words = _link(cell.address), _cell_text(cell.words or cell.address)
        if address:
            self._sheet.write_url(self._row, column, address, self._looks.link, words)
        else:
            self._cell(column, words)


@dataclass(frozen=True, slots=True)
class _Linked:
    """A cell that leads somewhere."""

    words: str
    address: str


def _cell_text(text: str) -> str:
    clean = _clean(text)
    return clean if len(clean) <= LONGEST_CELL else f"{clean[: LONGEST_CELL - 1]}…"


def _write_shortlist(sheet: _Sheet, rows: Iterable[DossierRow]) -> None:
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
        page = _Linked(row.address, row.address)
        told = (row.rank, row.name, row.what, float(row.points), reasons, missing)
        sheet.row(*told, row.note, row.standing, page)
    sheet.filtered(len(columns))


def _write_reasons(sheet: _Sheet, rows: Sequence[DossierRow]) -> None:
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
            sheet.row(*told, *(_Linked(words, address) for words, address in reason.links))
    sheet.filtered(len(columns))


def _write_asked(sheet: _Sheet, dossier: Dossier) -> None:
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
