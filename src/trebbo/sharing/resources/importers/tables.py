"""Rows of a table that somebody hands in: CSV as spreadsheets write it, or a spreadsheet (XLSX)."""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import openpyxl
from django.utils.translation import gettext as _

from trebbo.kernel.text import fold
from trebbo.sharing.resources.actions import ResourceRefused

LARGEST_TABLE = 5_000_000
LARGEST_UNPACKED = 50_000_000
MOST_PARTS = 500
MOST_ROWS = 1_000
MOST_COLUMNS = 200
LONGEST_CELL = 20_000
DELIMITERS = ",;\t"
ZIP = b"PK\x03\x04"
DAMAGED = (KeyError, ValueError, TypeError, OSError, EOFError, IndexError, AttributeError)
"""What reading a spreadsheet that is none, or is damaged, comes to."""

Row = Mapping[str, str]


def read_table(data: bytes, needed: Sequence[str]) -> Iterator[tuple[int, Row]]:
    """The rows with their number in the file, cells by folded name of the column, without blanks.

    The first row names the columns. Refuses what is no table, is too large (also when unpacked), or
    lacks a column that is `needed`.
    """
    if len(data) > LARGEST_TABLE:
        raise ResourceRefused(_("The file is too large: at most 5 MB fit here."))
    rows = _spreadsheet(data) if data.startswith(ZIP) else _plain(data)
    _number, first = next(rows, (0, []))
    head = [fold(name) for name in first]
    lacking = [name for name in needed if name not in head]
    if lacking:
        words = _("The first row must name the columns; these are lacking: %(names)s.")
        raise ResourceRefused(words % {"names": ", ".join(lacking)})
    count = 0
    for number, cells in rows:
        if not any(cells):
            continue
        count += 1
        if count > MOST_ROWS:
            raise ResourceRefused(_("At most %(limit)s rows fit.") % {"limit": MOST_ROWS})
        yield number, {name: cell for name, cell in zip(head, cells, strict=False) if name}


def _plain(data: bytes) -> Iterator[tuple[int, list[str]]]:
    if b"\x00" in data:
        raise _no_table()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    first = text.partition("\n")[0]
    table = csv.reader(
        io.StringIO(text, newline=""), delimiter=max(DELIMITERS, key=first.count), strict=True
    )
    try:
        for cells in table:
            yield table.line_num, _tidied(cells)
    except csv.Error as error:
        raise _no_table() from error


def _spreadsheet(data: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            swells = sum(part.file_size for part in parts) > LARGEST_UNPACKED
            if swells or len(parts) > MOST_PARTS or any(_declares(archive, one) for one in parts):
                raise _no_table()
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        try:
            sheet: Any = book.worksheets[0]
            for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
                if number > MOST_ROWS * 10:
                    break
                yield number, _tidied(map(_words, cells[:MOST_COLUMNS]))
        finally:
            book.close()
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, SyntaxError, *DAMAGED) as error:
        raise _no_table() from error


def _declares(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    """Whether a part declares a document type, and so perhaps entities that swell or reach out."""
    with archive.open(part) as file:
        return b"<!DOCTYPE" in file.read(4_096).upper()


def _words(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _tidied(cells: Iterable[str]) -> list[str]:
    """Cells without the mark that keeps a spreadsheet from running them as a formula."""
    tidy = []
    for cell in cells:
        if len(cell) > LONGEST_CELL:
            raise _no_table()
        text = cell.strip()
        tidy.append(text[1:] if text[:1] == "'" and text[1:2] in ("=", "+", "-", "@") else text)
    if len(tidy) > MOST_COLUMNS:
        raise _no_table()
    return tidy


def _no_table() -> ResourceRefused:
    return ResourceRefused(_("This is not a table that can be read: CSV and XLSX can."))
