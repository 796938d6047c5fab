"""A few laboratories and places, small enough to check an answer by hand."""

from collections.abc import Iterable
from datetime import date

from trebbo.engine.search import (
    Concept,
    Document,
    Gazetteer,
    Hit,
    Lexicon,
    MatchReason,
    Part,
    Place,
    Point,
    Query,
)

TODAY = date(2026, 6, 1)
PUBLIC = frozenset({"public"})

LEXICON = Lexicon(
    [
        Concept("biomaterial", ("biomateriali",), ("biomaterials",)),
        Concept(
            "bone-regeneration",
            ("rigenerazione ossea", "rigenerazione dell'osso"),
            ("bone regeneration",),
        ),
        Concept("medical-device", ("dispositivi medici",), ("medical devices",)),
        Concept("test", ("prova", "test", "collaudo"), ("test", "testing")),
        Concept("toxicity", ("tossicità", "tossicologia"), ("toxicity", "toxicology")),
        Concept("laboratory", ("laboratorio",), ("laboratory", "lab")),
    ]
)
MIRANDOLA = Place(("Mirandola",), 44.887, 11.066)
MODENA = Place(("Modena",), 44.647, 10.925)
MODENA_PROVINCE = Place(("Modena",), 44.55, 10.9, "province", ("province", "MO"))
GAZETTEER = Gazetteer(
    [
        MODENA_PROVINCE,
        MIRANDOLA,
        MODENA,
        Place(("Parma",), 44.801, 10.328),
        Place(("Bologna",), 44.494, 11.343),
        Place(("Reggio nell'Emilia", "Reggio Emilia"), 44.698, 10.631),
        Place(("Forlì",), 44.223, 12.041),
        Place(("Tecnopolo di Mirandola",), 44.883, 11.07, "technopole"),
    ]
)


def laboratory(
    key: str,
    title: str,
    town: Place,
    province: str,
    *,
    italian: str = "",
    english: str = "",
    confirmed_on: date | None = date(2026, 3, 1),
    due_on: date | None = date(2026, 12, 1),
) -> Document:
    """A laboratory with competences in one or both languages."""
    return Document(
        key=key,
        title=title,
        parts=(
            Part("name", title, "any", "A"),
            Part("competences", italian, "it", "B"),
            Part("competences", english, "en", "B"),
            Part("context", f"laboratorio {town.label}", "it", "D"),
        ),
        facets=frozenset({("kind", "laboratory"), ("province", province)}),
        audiences=PUBLIC,
        points=(Point(town.latitude, town.longitude, town.label),),
        confirmed_on=confirmed_on,
        due_on=due_on,
    )


BOLOGNA = Place(("Bologna",), 44.494, 11.343)
PARMA = Place(("Parma",), 44.801, 10.328)
LABORATORIES = (
    laboratory(
        "unit:top",
        "TOP Toxicology and Proteomics",
        MIRANDOLA,
        "MO",
        english="toxicology; proteomics; tests on medical devices",
    ),
    laboratory(
        "unit:mab",
        "MAB Microscopy and Cell Biology",
        MIRANDOLA,
        "MO",
        english="cell biology; biocompatibility; testing of medical devices",
    ),
    laboratory(
        "unit:bone",
        "Laboratorio Tessuti",
        BOLOGNA,
        "BO",
        italian="biomateriali; rigenerazione del tessuto osseo",
    ),
    laboratory(
        "unit:scaffold", "Scaffold Lab", PARMA, "PR", english="biomaterials for bone regeneration"
    ),
    laboratory("unit:pack", "CIPACK", PARMA, "PR", italian="imballaggio; prova dei materiali"),
    laboratory(
        "unit:device", "Device Test Centre", PARMA, "PR", english="tests on medical devices"
    ),
)


def asked(text: str = "", **more: object) -> Query:
    """A question on the day of the examples."""
    return Query(today=TODAY, text=text, **more)  # type: ignore[arg-type]


def keys(hits: Iterable[Hit]) -> list[str]:
    """The keys of hits, in order."""
    return [hit.key for hit in hits]


def matches(hit: Hit) -> list[MatchReason]:
    """The reasons of a hit that come from its text."""
    return [reason for reason in hit.reasons if isinstance(reason, MatchReason)]
