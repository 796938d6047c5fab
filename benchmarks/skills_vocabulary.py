"""The project's own vocabularies for the sections of `benchmarks.skills`, without a database."""

import csv
from pathlib import Path

from trebbo.engine.fields import Field
from trebbo.engine.search.lexicon import Concept, Lexicon

SOURCES = Path(__file__).resolve().parents[1] / "src" / "trebbo"
TABLES = SOURCES / "ecosystem" / "vocabularies" / "data"
FACTS = SOURCES / "demo" / "facts"


def rows_in(table: Path) -> list[dict[str, str]]:
    """The rows of a table of the project."""
    with table.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def fields_in(table: Path) -> list[Field]:
    """The fields of the project's table, with both names."""
    return [
        Field(
            row["code"], (("it", row["label_it"]), ("en", row["label_en"])), row["parent"] or None
        )
        for row in rows_in(table)
    ]


def lexicon() -> Lexicon:
    """The words that mean the same in both languages."""
    return Lexicon(
        Concept(row["concept"], _phrases(row["phrases_it"]), _phrases(row["phrases_en"]))
        for row in rows_in(TABLES / "lexicon.csv")
    )


def _phrases(joined: str) -> tuple[str, ...]:
    return tuple(filter(None, joined.split("|")))
