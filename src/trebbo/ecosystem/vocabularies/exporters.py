"""Rows out: words that mean the same, as a table that Italian spreadsheets open as it is."""

import csv
import io
from collections.abc import Iterable

from trebbo.ecosystem.vocabularies.models import PHRASE_MARK, WordPair
from trebbo.kernel.tabular import harmless

BYTE_ORDER_MARK = "\ufeff"
SEPARATOR = ";"
HEADING = ("code", "phrases_it", "phrases_en", "version")


def words_table(pairs: Iterable[WordPair]) -> str:
    """The pairs as CSV, with a byte order mark and semicolons; `importers` reads it back.

    A cell that a spreadsheet would take for a formula begins with an apostrophe.
    """
    table = io.StringIO()
    table.write(BYTE_ORDER_MARK)
    writer = csv.writer(table, delimiter=SEPARATOR)
    writer.writerow(HEADING)
    for pair in pairs:
        cells = [pair.code, PHRASE_MARK.join(pair.italian), PHRASE_MARK.join(pair.english)]
        writer.writerow([*map(harmless, cells), pair.version])
    return table.getvalue()
