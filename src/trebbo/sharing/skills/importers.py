"""Reads competences from a table (CSV): checks row by row, and writes those that fit."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from trebbo.ecosystem.organisations.queries import visible_profiles
from trebbo.ecosystem.vocabularies.models import Concept
from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import Refusal
from trebbo.kernel.tabular import meant
from trebbo.kernel.text import fold, one_line
from trebbo.sharing.skills.actions import SkillsRefused, state_competence
from trebbo.sharing.skills.choices import VOCABULARIES, Direction, Level

COLUMNS = (
    "profile",
    "direction",
    "concept",
    "term_it",
    "term_en",
    "level",
    "people",
    "note_it",
    "note_en",
)
NEEDED = ("profile", "direction")
LONGEST_CELL = 20_000
LARGEST_FILE = 2_000_000
MOST_ROWS = 2_000
DELIMITERS = ",;\t"


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """What came of a row: `words` say what is wrong with it, or what it states."""

    line: int
    profile: str
    words: str
    fits: bool


def import_competences(*, actor: Viewer, data: bytes, write: bool) -> list[RowOutcome]:
    """State the competences of a table, row by row; without `write` nothing is kept.

    The columns are `COLUMNS`; `profile` is the end of the profile's address, `concept` a code or a
    label of a vocabulary. A row that does not fit is told and does not keep the others from being
    written. Refuses a file that is no such table.
    """
    outcomes = []
    rows = list(_rows(data))
    with transaction.atomic():
        for number, row in rows:
            try:
                with transaction.atomic():
                    label = _state(actor, row)
            except Refusal as refusal:
                outcomes.append(RowOutcome(number, row["profile"], refusal.message, fits=False))
            else:
                outcomes.append(RowOutcome(number, row["profile"], label, fits=True))
        if not write:
            transaction.set_rollback(True)
    return outcomes


def template() -> str:
    """An empty table with an example row."""
    head = ",".join(COLUMNS)
    return f"{head}\r\nexample-laboratory,offered,biomaterials,,,3,12,,\r\n"


def _rows(data: bytes) -> Iterator[tuple[int, Mapping[str, str]]]:
    if len(data) > LARGEST_FILE:
        raise SkillsRefused(_("The file is too large: at most 2 MB fit."))
    text = _decoded(data)
    first = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    table = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        head = [fold(name) for name in next(table, [])]
        if any(len(name) > LONGEST_CELL for name in head):
            raise SkillsRefused(_("This is not a table in CSV."))
        lacking = [name for name in NEEDED if name not in head]
        if lacking:
            words = _("The first row must name the columns; these are lacking: %(names)s.")
            raise SkillsRefused(words % {"names": ", ".join(lacking)})
        for count, cells in enumerate(table, start=1):
            if count > MOST_ROWS:
                raise SkillsRefused(_("At most %(limit)s rows fit.") % {"limit": MOST_ROWS})
            if any(len(cell) > LONGEST_CELL for cell in cells):
                raise SkillsRefused(_("This is not a table in CSV."))
            if any(cell.strip() for cell in cells):
                named = dict(zip(head, map(one_line, cells), strict=False))
                yield table.line_num, {name: named.get(name, "") for name in COLUMNS}
    except csv.Error as error:
        raise SkillsRefused(_("This is not a table in CSV.")) from error


def _decoded(data: bytes) -> str:
    """The text, as spreadsheets write it; a binary file is no text."""
    if b"\x00" in data:
        raise SkillsRefused(_("This is not a table in CSV."))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _state(actor: Viewer, row: Mapping[str, str]) -> str:
    profile = visible_profiles(viewer=actor).filter(slug=row["profile"].strip("/ ")).first()
    if profile is None:
        raise SkillsRefused(_("No profile has this address."))
    competence = state_competence(
        actor=actor,
        profile_id=profile.pk,
        direction=_direction(row["direction"]),
        concept_id=_concept(row["concept"]) if row["concept"] else None,
        term_it=row["term_it"],
        term_en=row["term_en"],
        level=_level(row["level"]),
        people=_people(row["people"]),
        note_it=row["note_it"],
        note_en=row["note_en"],
        source=_("Table imported by an office"),
        confirm=False,
    )
    return f"{competence.label} ({competence.get_direction_display()})"


def _direction(typed: str) -> str:
    found = meant(typed, Direction)
    if found is None:
        raise SkillsRefused(_("“%(words)s”: write offered or sought.") % {"words": typed})
    return str(found)


def _level(typed: str) -> int | None:
    if not typed:
        return None
    found = meant(typed, Level)
    if found is None:
        raise SkillsRefused(_("“%(words)s”: a level is a number from 1 to 4.") % {"words": typed})
    return int(found)


def _people(typed: str) -> int | None:
    if not typed:
        return None
    if not (typed.isascii() and typed.isdigit() and len(typed) < 10):
        raise SkillsRefused(_("“%(words)s” is not a number of people.") % {"words": typed})
    return int(typed)


def _concept(typed: str) -> int:
    rows = Concept.objects.filter(scheme__code__in=VOCABULARIES, is_gone=False)
    rows = rows.select_related("scheme")
    found = list(rows.filter(code__iexact=typed)[:5])
    found = found or list(rows.filter(label_it__iexact=typed)[:5])
    found = found or list(rows.filter(label_en__iexact=typed)[:5])
    if not found:
        words = _("No vocabulary has “%(words)s”: write it as a term of your own.")
        raise SkillsRefused(words % {"words": typed})
    found.sort(key=lambda one: (VOCABULARIES.index(one.scheme.code), one.pk))
    return found[0].pk
