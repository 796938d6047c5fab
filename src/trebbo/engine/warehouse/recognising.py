"""Recognises official files by what is in them, whatever they are called."""

import csv
import hashlib
import io
import re
from datetime import date
from pathlib import Path

from trebbo.engine.warehouse import landing
from trebbo.engine.warehouse.archives import Archive, Member
from trebbo.engine.warehouse.contracts import FileRefused, Problem, Recognised, Settings
from trebbo.engine.warehouse.layouts import cordis, opencoesione, participations, ror

FIRST_BYTES = 1 << 18
ROWS_LOOKED_AT = 50
DAY_IN_NAME = re.compile(r"(?<!\d)(20\d{2})[-_]?(0[1-9]|1[0-2])[-_]?(0[1-9]|[12]\d|3[01])(?!\d)")
PROGRAMMES = (("HORIZON", "horizon"), ("H2020", "h2020"), ("FP7", "fp7"))


def recognise(path: Path, limits: Settings) -> Recognised:
    """What a file is, of which dataset and edition.

    Refuses (`FileRefused`) what is not there, damaged, dangerous or of no layout that is known.
    """
    archive = Archive(path, limits)
    layout, dataset, edition = _told(archive)
    return Recognised(layout, dataset, path, archive.size, _sha256(path), edition)


def _told(archive: Archive) -> tuple[str, str, date | None]:
    names = {member.file_name.casefold(): member for member in archive.members}
    if "project.csv" in names or "organization.csv" in names:
        member = names.get("project.csv")
        if member is None:
            raise FileRefused(Problem.MISSING_FILE, file=archive.path.name, member="project.csv")
        return "cordis", *_cordis(archive, member)
    if member_of_ror := ror.chosen(archive):
        return "ror", "ror", _day_in(member_of_ror.name) or _day_in(archive.path.name)
    for member in archive.members:
        if not member.file_name.casefold().endswith((".csv", ".txt")):
            continue
        for sheet in opencoesione.SHEETS:
            if opencoesione.looks_like(archive, member, sheet):
                return "opencoesione", "opencoesione", _day_in(member.name)
        if opencoesione.looks_like(archive, member, participations.PARTICIPATIONS):
            return "participations", "participations-h2020", _day_in(archive.path.name)
    raise FileRefused(Problem.UNKNOWN_LAYOUT, file=archive.path.name)


def _cordis(archive: Archive, member: Member) -> tuple[str, date | None]:
    """The programme that the first rows name, and the latest day on which one was updated."""
    with archive.open(member) as stream:
        first = stream.read(FIRST_BYTES)
    text = first.decode("utf-8", errors="replace").removeprefix("\ufeff")
    header = landing.check_header(
        archive, member, cordis.PROJECT, landing.header(archive, member, "latin-1")
    )
    found = landing.found_columns(cordis.PROJECT, header)
    rows = list(csv.reader(io.StringIO(text), delimiter=cordis.PROJECT.delimiter))[1:]
    told = [
        " ".join(
            row[header.index(found[name])]
            for name in ("frameworkProgramme", "legalBasis")
            if name in found
        )
        for row in rows[:ROWS_LOOKED_AT]
        if len(row) == len(header)
    ]
    for mark, dataset in PROGRAMMES:
        if any(mark in words.upper() for words in told):
            return f"cordis-{dataset}", _day_in(archive.path.name)
    raise FileRefused(
        Problem.UNKNOWN_LAYOUT if told else Problem.EMPTY,
        file=archive.path.name,
        member=member.name,
    )


def _day_in(name: str) -> date | None:
    if not (found := DAY_IN_NAME.search(name)):
        return None
    try:
        return date(*map(int, found.groups()))
    except ValueError:
        return None


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
