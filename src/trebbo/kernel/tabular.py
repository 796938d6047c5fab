"""Tables: cells that no spreadsheet runs, books of sheets, and what a cell that came in means."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils import timezone, translation
from xlsxwriter import Workbook
from xlsxwriter.format import Format

from trebbo.kernel.documents import LONGEST_HEADING, link_to, printable, shortened
from trebbo.kernel.text import fold

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST_CELL = 16_000
"""Half of what a spreadsheet's cell holds: it counts an emoji as two."""
NARROWEST, WIDEST = 12, 48
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
MOMENT_CODES = {"it": "[$-410]d mmmm yyyy, hh:mm", "en": "[$-809]d mmmm yyyy, hh:mm"}
DAY_CODES = {"it": "[$-410]d mmmm yyyy", "en": "[$-809]d mmmm yyyy"}


@dataclass(frozen=True, slots=True)
class Linked:
    """Words that may lead somewhere."""

    words: str
    address: str = ""


Cell = str | int | float | Decimal | date | Linked | None
"""Moments are written in local time, decimals to the hundredth; nothing is a blank cell."""


def harmless(cell: str) -> str:
    """The cell of a plain table as text, whatever it begins with.

    See OWASP, CSV Injection: a spreadsheet runs what begins with one of `FORMULA_STARTS`.
    """
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell


def meant(cell: str, choices: Any) -> Any:
    """The value of a closed list that a cell names, itself or by its label in either language.

    Nothing where it names none.
    """
    wanted = fold(cell)
    for choice in choices:
        names = {str(choice.value)}
        for language, _name in settings.LANGUAGES:
            with translation.override(language):
                names.add(str(choice.label))
        if wanted in {fold(name) for name in names}:
            return choice.value
    return None


class Book:
    """A spreadsheet in one language, to be filled sheet by sheet."""

    def __init__(self, title: str, language: str) -> None:
        self._file = io.BytesIO()
        self._book = Workbook(self._file, {"in_memory": True})
        self._book.set_properties({"title": shortened(title, LONGEST_HEADING)})
        self._looks = _Looks(self._book, language[:2])

    def sheet(self, name: str) -> "Sheet":
        """One more sheet."""
        return Sheet(self._book.add_worksheet(name), self._looks)

    def content(self) -> bytes:
        """The whole file; nothing can be added afterwards."""
        self._book.close()
        return self._file.getvalue()


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
        self.hundredths = self._look(book, num_format="#,##0.00")
        self.moment = self._look(book, num_format=MOMENT_CODES[language], align="left")
        self.day = self._look(book, num_format=DAY_CODES[language], align="left")

    @staticmethod
    def _look(book: Workbook, **properties: Any) -> Format:
        return book.add_format({"text_wrap": True, "valign": "top", **properties})


class Sheet:
    """One sheet of a book, written row by row; text is always written as text."""

    def __init__(self, sheet: Any, looks: _Looks) -> None:
        self._sheet, self._looks, self._row = sheet, looks, 0
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("&C&P / &N")

    def head(self, columns: Sequence[tuple[str, int]]) -> None:
        """The first row, names with widths: bold, always in sight, on every printed page."""
        for column, (name, width) in enumerate(columns):
            self._sheet.set_column(column, column, width)
            self._sheet.write_string(0, column, name, self._looks.head)
        self._sheet.freeze_panes(1, 0)
        self._sheet.repeat_rows(0)
        self._row = 1

    def row(self, *cells: Cell) -> None:
        """One more row."""
        for column, cell in enumerate(cells):
            self._write(column, cell)
        self._row += 1

    def filtered(self, columns: int) -> None:
        """Let the reader filter by every column."""
        self._sheet.autofilter(0, 0, max(self._row - 1, 0), columns - 1)

    def fill(self, names: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
        """A whole table, to be filtered, its columns as wide as what they hold."""
        kept = list(rows)
        widths = [max(NARROWEST, len(name) + 2) for name in names]
        for row in kept:
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    widths[column] = max(widths[column], len(cell) + 2)
        self.head([(name, min(width, WIDEST)) for name, width in zip(names, widths, strict=True)])
        for row in kept:
            self.row(*row)
        self.filtered(len(names))

    def _write(self, column: int, cell: Cell) -> None:
        looks, sheet, row = self._looks, self._sheet, self._row
        if isinstance(cell, Linked):
            self._link(column, cell)
        elif isinstance(cell, str):
            text = _fitting(cell)
            look = looks.quoted if text.startswith(FORMULA_STARTS) else looks.text
            sheet.write_string(row, column, text, look)
        elif isinstance(cell, datetime):
            naive = timezone.localtime(cell).replace(tzinfo=None)
            sheet.write_datetime(row, column, naive, looks.moment)
        elif isinstance(cell, date):
            sheet.write_datetime(row, column, cell, looks.day)
        elif isinstance(cell, Decimal):
            sheet.write_number(row, column, cell, looks.hundredths)
        elif cell is not None:
            look = looks.number if isinstance(cell, int) else looks.points
            sheet.write_number(row, column, cell, look)

    def _link(self, column: int, cell: Linked) -> None:
        address, words = link_to(cell.address), _fitting(cell.words or cell.address)
        if address:
            self._sheet.write_url(self._row, column, address, self._looks.link, words)
        else:
            self._write(column, words)


def _fitting(text: str) -> str:
    clean = printable(text)
    return clean if len(clean) <= LONGEST_CELL else f"{clean[: LONGEST_CELL - 1]}…"
