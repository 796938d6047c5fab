"""Reads the classifications of economic activities: ATECO in Italian, NACE in English."""

import re
from pathlib import Path

from django.utils.translation import gettext as _

from trebbo.ecosystem.vocabularies.actions.official.contents import (
    ConceptRow,
    Edition,
    LeftOut,
    OnProgress,
)
from trebbo.ecosystem.vocabularies.actions.official.reading import table

ATECO = ("code", "level", "parent", "title_it")
NACE = ("Level", "Code", "Parent", "Description")
NUMBER = re.compile(r"[A-Z]|\d{2}(\.\d{1,2}){0,3}")
LONGEST_LABEL = 300


def read_ateco(path: Path, on_progress: OnProgress | None = None) -> list[Edition]:
    """ATECO 2025: sections down to subcategories, with Italian titles."""
    return [_read(path, "ateco_2025", ATECO, ("code", "parent", "title_it", "it"), on_progress)]


def read_nace(path: Path, on_progress: OnProgress | None = None) -> list[Edition]:
    """NACE Rev. 2: sections down to classes, with English titles."""
    return [_read(path, "nace_rev2", NACE, ("Code", "Parent", "Description", "en"), on_progress)]


def _read(
    path: Path,
    scheme: str,
    needed: tuple[str, ...],
    columns: tuple[str, str, str, str],
    on_progress: OnProgress | None,
) -> Edition:
    code_column, parent_column, title_column, language = columns
    edition = Edition(scheme)
    for line, row in table(path, needed, on_progress=on_progress):
        code, title = row[code_column].strip(), _sentence(row[title_column])
        if not NUMBER.fullmatch(code):
            edition.left_out.append(LeftOut(line, code, _("not a code of this classification")))
        elif not title or len(title) > LONGEST_LABEL:
            edition.left_out.append(LeftOut(line, code, _("without a title, or with one too long")))
        else:
            parent = row[parent_column].strip()
            concept = ConceptRow(code, line, broader=((scheme, parent),) if parent else ())
            setattr(concept, f"label_{language}", title)
            edition.concepts.append(concept)
    return edition


def _sentence(title: str) -> str:
    """The title on one line; publishers shout those of sections."""
    title = " ".join(title.split())
    return title.capitalize() if title.isupper() else title
