"""Reads Istat's list of the municipalities of Italy."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.utils.translation import gettext as _

from trebbo.ecosystem.vocabularies.actions.official.contents import LeftOut, OnProgress
from trebbo.ecosystem.vocabularies.actions.official.reading import header, table

CODE = "Codice Comune formato alfanumerico"
NAME = "Denominazione in italiano"
PLATE = "Sigla automobilistica"
CADASTRE = "Codice Catastale del comune"
NEEDED = (CODE, NAME, PLATE, CADASTRE)
DAY = re.compile(
    r"(?<!\d)(?:(?P<y>20\d\d)[-_.]?(?P<m>[01]\d)[-_.]?(?P<d>[0-3]\d)"
    r"|(?P<dd>[0-3]\d)[-_.](?P<mm>[01]\d)[-_.](?P<yy>20\d\d))(?!\d)"
)


@dataclass(frozen=True, slots=True)
class TownRow:
    """A municipality as Istat lists it; `province` is its plate, such as "MO"."""

    row: int
    istat_code: str
    name: str
    province: str
    cadastral_code: str


def is_list_of_towns(path: Path) -> bool:
    """Whether the file has the columns by which Istat's list is known."""
    names = set(header(path, delimiter=";")) | set(header(path))
    return len(names & set(NEEDED)) >= 2


def edition_of(path: Path) -> date | None:
    """The day that the file's name holds, such as "20200101"; Istat writes it nowhere else."""
    found = DAY.search(path.name)
    if found is None:
        return None
    year, month, day = (
        (found["y"], found["m"], found["d"])
        if found["y"]
        else (found["yy"], found["mm"], found["dd"])
    )
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def read(path: Path, on_progress: OnProgress | None = None) -> Iterator[TownRow | LeftOut]:
    """The municipalities, line by line; a line without a code or a name is given as left out."""
    delimiter = max(";,", key=lambda mark: len(header(path, delimiter=mark)))
    lines = table(
        path,
        NEEDED,
        delimiter=delimiter,
        encodings=("utf-8-sig", "cp1252", "latin-1"),
        on_progress=on_progress,
    )
    for line, row in lines:
        code, name = row[CODE].strip(), " ".join(row[NAME].split())
        if not code and not name:
            continue  # Istat pads the list with empty lines
        if not (len(code) == 6 and code.isdigit()) or not name:
            yield LeftOut(line, code or name, _("without a code of six digits or a name"))
        else:
            cadastre = row[CADASTRE].strip()[:4]
            yield TownRow(line, code, name[:120], row[PLATE].strip(), cadastre)
