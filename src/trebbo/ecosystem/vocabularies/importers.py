"""Rows in: a table of words as a spreadsheet saves it, with semicolons or commas."""

import csv
import io
from collections.abc import Iterator

from django.utils.translation import gettext as _

from trebbo.ecosystem.vocabularies.actions import WordRow, WordsRefused
from trebbo.kernel.text import fold, one_line

MOST_BYTES = 1_000_000
MOST_ROWS = 5_000
SEPARATORS = (";", ",", "\t")
COLUMNS = {
    "code": "code",
    "codice": "code",
    "concept": "code",
    "phrases_it": "italian",
    "italiano": "italian",
    "italian": "italian",
    "phrases_en": "english",
    "inglese": "english",
    "english": "english",
    "version": "version",
    "versione": "version",
}
"""What a column may be called, and what it holds."""


def text_of(content: bytes) -> str:
    """The text of an uploaded table, which is UTF-8 with or without a byte order mark.

    Refuses other encodings and more than `MOST_BYTES`.
    """
    if len(content) > MOST_BYTES:
        raise WordsRefused(
            _("The file is larger than %(most)d kB: upload it in parts.")
            % {"most": MOST_BYTES // 1000}
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise WordsRefused(
            _("The file is not in UTF-8: in the spreadsheet, save it as “CSV UTF-8”.")
        )
    return text


def word_rows(text: str) -> list[WordRow]:
    """The rows of a table of words, blank ones left out; a row that cannot be read says why.

    Refuses a table without the columns for both languages, one that breaks off, and more than
    `MOST_ROWS` rows.
    """
    text = text.lstrip("\ufeff")
    first = 1
    if text[:4].lower() == "sep=":
        text, first = text.partition("\n")[2], 2
    separator, names = _heading(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows: list[WordRow] = []
    try:
        next(reader)
        line = reader.line_num + first
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append(_row(line, names, cells))
            line = reader.line_num + first
            if len(rows) > MOST_ROWS:
                raise WordsRefused(
                    _("The file has more than %(most)d rows: upload it in parts.")
                    % {"most": MOST_ROWS}
                )
    except csv.Error:
        raise WordsRefused(
            _("The file breaks off near line %(line)d: quotes are not closed there.")
            % {"line": reader.line_num + first - 1}
        ) from None
    if not rows:
        raise WordsRefused(_("The file has no rows."))
    return rows


def _heading(text: str) -> tuple[str, list[str]]:
    """The separator under which the heading has both languages, and what each column holds."""
    line = next(iter(text.splitlines()), "")
    found: list[str] = []
    for separator in SEPARATORS:
        cells = next(csv.reader([line], delimiter=separator), [])
        names = [COLUMNS.get(fold(one_line(cell)), "") for cell in cells]
        if {"italian", "english"} <= set(names):
            return separator, names
        found = max(found, cells, key=len)
    raise WordsRefused(
        _(
            "The first row must name the columns “phrases_it” and “phrases_en”, or “italiano” and "
            "“inglese”. It has: %(found)s."
        )
        % {"found": ", ".join(one_line(cell)[:40] for cell in found[:8]) or "–"}
    )


def _row(line: int, names: list[str], cells: list[str]) -> WordRow:
    values = dict(_values(names, cells))
    italian, english = values.get("italian", ""), values.get("english", "")
    code, typed = one_line(values.get("code", "")), values.get("version", "").strip()
    problem = ""
    if any(cell.strip() for cell in cells[len(names) :]):
        problem = _("More cells than the heading has: separate the phrases by “|”.")
    elif typed and not (typed.isascii() and typed.isdigit() and len(typed) < 10):
        problem = _("The version is a number, or blank.")
    version = int(typed) if typed and not problem else None
    return WordRow(line, code, italian, english, version, problem)


def _values(names: list[str], cells: list[str]) -> Iterator[tuple[str, str]]:
    for name, cell in zip(names, cells, strict=False):
        if name:
            # The apostrophe that keeps a spreadsheet from running the cell; see `exporters`.
            is_kept_text = cell[:1] == "'" and cell[1:2] in {"=", "+", "-", "@"}
            yield name, cell[1:] if is_kept_text else cell
