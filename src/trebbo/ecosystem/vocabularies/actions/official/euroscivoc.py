"""Reads EuroSciVoc, the fields of science, as a table of paths."""

from pathlib import Path

from django.utils.translation import gettext as _

from trebbo.ecosystem.vocabularies.actions.official.contents import (
    ConceptRow,
    Edition,
    LeftOut,
    OnProgress,
)
from trebbo.ecosystem.vocabularies.actions.official.reading import table

SCHEME = "euroscivoc"
NEEDED = ("code_path", "code", "title_en", "parent_code")


def read_table(path: Path, on_progress: OnProgress | None = None) -> list[Edition]:
    """The tree as a table: code, English title, code above."""
    edition = Edition(SCHEME)
    for line, row in table(path, NEEDED, on_progress=on_progress):
        code, title = row["code"].strip(), " ".join(row["title_en"].split())
        if not code or not title:
            edition.left_out.append(LeftOut(line, row["code_path"], _("without a code or a label")))
            continue
        above = tuple((SCHEME, part) for part in [row["parent_code"].strip()] if part)
        edition.concepts.append(ConceptRow(code, line, label_en=title, broader=above))
    return [edition]
