"""How a document is written inside an index, and read back for the page of hits."""

import json
from datetime import date
from functools import lru_cache

from trebbo.engine.search.analysis import storable
from trebbo.engine.search.contracts import Document, Part, Point

SCHEMA_VERSION = 1  # raise when documents are stored or analysed differently
_SEPARATOR = "\x1f"


def dump(document: Document) -> str:
    """A document as ASCII JSON."""
    return json.dumps(
        [
            document.key,
            document.title,
            [[part.name, part.text, part.language, part.weight] for part in document.parts],
            sorted(document.facets),
            sorted(document.audiences),
            [[point.latitude, point.longitude, point.label] for point in document.points],
            _day(document.confirmed_on),
            _day(document.due_on),
        ],
        separators=(",", ":"),
    )


def load(text: str | bytes) -> Document:
    """The document written by `dump`."""
    key, title, parts, facets, audiences, points, confirmed, due = json.loads(text)
    return Document(
        key,
        title,
        tuple(Part(*part) for part in parts),
        frozenset((facet, value) for facet, value in facets),
        frozenset(audiences),
        tuple(Point(*point) for point in points),
        date.fromisoformat(confirmed) if confirmed else None,
        date.fromisoformat(due) if due else None,
    )


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def facet_term(facet: str, value: str) -> str:
    """A facet with its value as one term."""
    return storable(f"{facet}{_SEPARATOR}{value}")


@lru_cache(maxsize=100_000)
def facet_of(term: str) -> tuple[str, str]:
    """The facet and value of a term made by `facet_term`."""
    facet, _, value = term.partition(_SEPARATOR)
    return facet, value
