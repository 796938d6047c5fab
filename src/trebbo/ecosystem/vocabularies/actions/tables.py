"""Reads the vocabulary tables that come with the product, as rows ready to be written."""

import csv
from collections.abc import Iterator
from datetime import date
from importlib.resources import files

from trebbo.ecosystem.vocabularies.models import (
    Concept,
    Municipality,
    Province,
    Scheme,
    Territory,
    WordPair,
)

DATA = files("trebbo.ecosystem.vocabularies") / "data"
Row = dict[str, str]

# The table of each scheme of concepts, and the value of its column `scheme` where two share one.
TABLES = {
    "kinds": ("kinds", ""),
    "size_classes": ("size_classes", ""),
    "s3_themes": ("s3_themes", ""),
    "euroscivoc": ("fields", ""),
    "nace_rev2": ("nace", "nace"),
    "ateco_2025": ("nace", "ateco"),
    "legal_forms": ("legal_forms", ""),
}


def schemes() -> Iterator[Scheme]:
    """Every vocabulary with its version, publisher, licence and source."""
    for row in _rows("sources"):
        yield Scheme(
            code=row["scheme"],
            name_it=row["name_it"],
            name_en=row["name_en"],
            version_it=row["version_it"],
            version_en=row["version_en"],
            publisher_it=row["publisher_it"],
            publisher_en=row["publisher_en"],
            licence_it=row["licence_it"],
            licence_en=row["licence_en"],
            source=row["address"],
            credit_it=row["credit"],
            credit_en=row["credit"],
            retrieved_date=date.fromisoformat(row["retrieved"]) if row["retrieved"] else None,
        )


def concepts(scheme: Scheme) -> Iterator[Concept]:
    """The concepts of a scheme, without their place in the tree."""
    for position, row in enumerate(_concept_rows(scheme)):
        yield Concept(
            scheme=scheme,
            code=row["code"],
            label_it=row["label_it"],
            label_it_published=row["label_it"],
            label_en=row["label_en"],
            synonyms_it=_phrases(row, "plural_it", "synonyms_it"),
            synonyms_en=_phrases(row, "plural_en", "synonyms_en"),
            label_source=row.get("label_it_source", ""),
            standing=row.get("verified") or "verified",
            position=position,
        )


def broader_codes(scheme: Scheme) -> Iterator[tuple[str, str]]:
    """For each concept of a scheme, its code and the code above it (blank at the top)."""
    for row in _concept_rows(scheme):
        yield row["code"], row.get("parent", "")


def territories() -> Iterator[Territory]:
    """The territories of NUTS; below the regions, the Italian provinces by their own names."""
    known = set()
    for row in [*_rows("nuts"), *({**row, "code": row["nuts3"]} for row in _rows("provinces"))]:
        if row["code"] and row["code"] not in known:
            known.add(row["code"])
            yield Territory(code=row["code"], name_it=row["name_it"], name_en=row["name_en"])


def provinces() -> Iterator[Province]:
    """The Italian provinces; load the territories first."""
    territories = {territory.code: territory for territory in Territory.objects.all()}
    for row in _rows("provinces"):
        yield Province(
            code=row["code"],
            istat_code=row["istat_code"],
            territory=territories.get(row["nuts3"]),
            name_it=row["name_it"],
            name_en=row["name_en"],
            latitude=float(row["lat"]) if row["lat"] else None,
            longitude=float(row["lon"]) if row["lon"] else None,
        )


def municipalities() -> Iterator[Municipality]:
    """The municipalities, each with a point inside it."""
    for row in _rows("municipalities"):
        yield Municipality(
            istat_code=row["istat_code"],
            name=row["name"],
            province_id=row["province"],
            cadastral_code=row["cadastral_code"],
            latitude=float(row["lat"]),
            longitude=float(row["lon"]),
        )


def word_pairs() -> Iterator[WordPair]:
    """Words that mean the same in Italian and in English."""
    for row in _rows("lexicon"):
        yield WordPair(
            code=row["concept"],
            phrases_it_published=row["phrases_it"],
            phrases_en_published=row["phrases_en"],
        )


def _rows(name: str) -> Iterator[Row]:
    with (DATA / f"{name}.csv").open(encoding="utf-8") as table:
        yield from csv.DictReader(table)


def _concept_rows(scheme: Scheme) -> Iterator[Row]:
    table, part = TABLES.get(scheme.code, ("", ""))
    if table:
        for row in _rows(table):
            if not part or row["scheme"].startswith(part):
                yield row


def _phrases(row: Row, *columns: str) -> str:
    return "|".join(row[column] for column in columns if row.get(column))
