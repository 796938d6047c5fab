"""Rows out: a skills map as a spreadsheet or plain rows, the review of a composition as a PDF."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any, Literal

from django.utils import translation
from django.utils.text import slugify
from django.utils.translation import gettext as _

from trebbo.kernel.documents import (
    LONGEST_FOOTER,
    LONGEST_HEADING,
    REGIONS,
    link_to,
    printable,
    shortened,
    typeset,
)
from trebbo.kernel.tabular import XLSX, Book, Linked, harmless
from trebbo.sharing.skills.queries import Cover, FieldLine, Match, Offer, Place, SkillsMap

LONGEST_NAME = 60
TEMPLATE = files("trebbo.sharing.skills") / "data" / "skills_map.typ"
TYPES = {"pdf": "application/pdf", "csv": "text/csv; charset=utf-8", "xlsx": XLSX}
MAP_TYPES = ("xlsx", "csv")

Value = str | int | datetime
Cell = tuple[Linked, ...]
"""What one cell of a table says; several are separated by commas."""


@dataclass(frozen=True, slots=True)
class ReviewPart:
    """A part of the review: sentences and a table; the columns `numbers` stand at the right."""

    key: str
    heading: str
    sentences: tuple[str, ...]
    head: tuple[str, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    numbers: frozenset[int] = frozenset()

    @property
    def table(self) -> list[list[tuple[str, Cell, bool]]]:
        """The rows, each cell with the name of its column and whether it is a number."""
        return [
            [
                (name, cell, place in self.numbers)
                for place, (name, cell) in enumerate(zip(self.head, row, strict=True))
            ]
            for row in self.rows
        ]


@dataclass(frozen=True, slots=True)
class ReviewTold:
    """The review of a composition, in words of one language; `facts` are names with what they say.

    `rules` say how it was counted.
    """

    title: str
    place: Place
    facts: tuple[tuple[str, str], ...]
    parts: tuple[ReviewPart, ...]
    rules: tuple[str, ...]
    notice: str
    made_at: datetime
    language: Literal["it", "en"]


@dataclass(frozen=True, slots=True)
class MapTold:
    """A map with the names of its bodies, who had it made and when."""

    map: SkillsMap
    names: Mapping[int, str]
    made_at: datetime
    made_by: str
    language: Literal["it", "en"]


def file_name(what: str, place: Place, ending: str) -> str:
    """A name in plain letters, such as "skills-map-health-2026-11-29.xlsx"."""
    words = slugify(f"{what} {place.name}")[:LONGEST_NAME].strip("-_")
    return f"{words}-{place.day:%Y-%m-%d}.{ending}"


def review_pdf(told: ReviewTold) -> bytes:
    """The review to read and print: tagged, with title, language, bookmarks and links."""
    with translation.override(told.language):
        return typeset(TEMPLATE, _for_template(told), told.made_at)


def map_xlsx(told: MapTold) -> bytes:
    """The map to sort and filter: fields, gaps, what is sought and offered, how it was made."""
    with translation.override(told.language):
        book = Book(_("Skills map: %(name)s") % {"name": told.map.place.name}, told.language)
        book.sheet(_("Fields")).fill(_field_head(told), _field_rows(told))
        gaps = (_match_row(one, told.names) for one in told.map.gaps)
        book.sheet(_("Gaps")).fill(_match_head(), gaps)
        found = (_match_row(one, told.names) for one in told.map.matches)
        book.sheet(_("Sought and offered")).fill(_match_head(), found)
        book.sheet(_("How it was made")).fill((_("Part"), _("Text")), _made(told))
        return book.content()


def map_csv(told: MapTold) -> bytes:
    """The fields of the map as plain rows; no text begins as a formula does."""
    file = io.StringIO()
    writer = csv.writer(file)
    with translation.override(told.language):
        for row in (_field_head(told), *_field_rows(told)):
            writer.writerow(
                [harmless(printable(cell)) if isinstance(cell, str) else cell for cell in row]
            )
    return file.getvalue().encode("utf-8-sig")


# --- The rows of a map


def _field_head(told: MapTold) -> tuple[str, ...]:
    return (
        *(_("Vocabulary"), _("Field"), _("How it is covered"), _("Bodies that offer it")),
        *(_("Solid"), _("Strength"), _("People"), _("With evidence"), _("Confirmed")),
        *(_("Only inferred"), _("Sought by"), _("Elsewhere in the network")),
        *(name for _key, name, _count in told.map.families),
        *(_("Strongest"), _("Who seeks it"), _("Who offers it elsewhere")),
    )


def _field_rows(told: MapTold) -> Iterable[tuple[Value, ...]]:
    for line in told.map.fields:
        yield (
            *(line.group, line.label, cover_name(line), line.bodies, line.solid, line.points),
            *(line.people, line.evidence, line.confirmed, line.inferred, line.sought),
            *(line.elsewhere, *line.kinds),
            *(_who(some, told.names) for some in (line.top, line.seekers, line.others)),
        )


def cover_name(line: FieldLine) -> str:
    """How a place covers a field, in a word or two."""
    names = {
        Cover.STRONG: _("strong"),
        Cover.COVERED: _("covered"),
        Cover.ONE: _("only one body"),
        Cover.GAP: _("sought, nobody offers it"),
    }
    return names[line.cover]


def _match_head() -> tuple[str, ...]:
    return (
        *(_("Sought"), _("Sought by"), _("Bodies that offer it"), _("Elsewhere in the network")),
        *(_("Who seeks it"), _("Who offers it"), _("Who offers it elsewhere")),
    )


def _match_row(one: Match, names: Mapping[int, str]) -> tuple[Value, ...]:
    some = (one.top_seekers, one.top_offers, one.top_elsewhere)
    counts = (one.seekers, one.offers, one.elsewhere)
    return (one.label, *counts, *(_who(offers, names) for offers in some))


def _who(offers: Iterable[Offer], names: Mapping[int, str]) -> str:
    return ", ".join(names[offer.profile] for offer in offers if offer.profile in names)


def _made(told: MapTold) -> Iterable[tuple[Value, ...]]:
    wishes = told.map.wishes
    families = [name for key, name, _count in told.map.families if key in wishes.kinds]
    yield _("Map of"), told.map.place.name
    yield _("As of"), _day(told.map.place)
    yield _("Made on"), told.made_at
    yield _("Made for"), told.made_by
    yield _("Levels"), str(wishes.depth or _("as stated"))
    for _key, label in told.map.path[-1:]:
        yield _("Branch"), label
    if wishes.direction:
        yield _("Shown"), _("offered") if wishes.direction == "offered" else _("sought")
    if wishes.with_evidence:
        yield _("Only with evidence"), _("Yes")
    if families:
        yield _("Kinds"), ", ".join(families)
    if told.map.synthetic:
        yield _("Notice"), _("Some of these competences are synthetic, for demonstration.")


def _day(place: Place) -> str:
    return f"{place.day:%Y-%m-%d}"


# --- The page


def _for_template(told: ReviewTold) -> dict[str, Any]:
    return {
        "heading": shortened(told.title, LONGEST_HEADING),
        "facts": told.facts,
        "parts": [
            {
                "heading": part.heading,
                "sentences": part.sentences,
                "head": part.head,
                "rows": [[_cell(cell) for cell in row] for row in part.rows],
                "numbers": sorted(part.numbers),
            }
            for part in told.parts
        ],
        "rules": told.rules,
        "notice": told.notice,
        "footer": shortened(told.notice or told.title, LONGEST_FOOTER),
        "language": told.language,
        "region": REGIONS[told.language],
        "words": {"rules": _("How this was counted")},
    }


def _cell(cell: Cell) -> list[dict[str, str]]:
    return [{"words": one.words, "address": link_to(one.address)} for one in cell]
