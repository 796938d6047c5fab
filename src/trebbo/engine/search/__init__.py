"""Search: one face over an embedded index, PostgreSQL, and an obvious reference in memory."""

from trebbo.engine.search.contracts import (
    ConceptMatch,
    DistanceReason,
    Document,
    FreshnessReason,
    Hit,
    IndexStatus,
    MatchReason,
    Part,
    Place,
    Point,
    Query,
    Reason,
    Results,
    SearchIndex,
    Understanding,
)
from trebbo.engine.search.embedded import TantivyIndex
from trebbo.engine.search.errors import IndexBroken, IndexBusy, IndexMissing, SearchIndexError
from trebbo.engine.search.lexicon import Concept, Lexicon
from trebbo.engine.search.memory import MemoryIndex
from trebbo.engine.search.places import Gazetteer
from trebbo.engine.search.postgres import PostgresIndex
from trebbo.engine.search.settings import Settings

__all__ = [
    "Concept",
    "ConceptMatch",
    "DistanceReason",
    "Document",
    "FreshnessReason",
    "Gazetteer",
    "Hit",
    "IndexBroken",
    "IndexBusy",
    "IndexMissing",
    "IndexStatus",
    "Lexicon",
    "MatchReason",
    "MemoryIndex",
    "Part",
    "Place",
    "Point",
    "PostgresIndex",
    "Query",
    "Reason",
    "Results",
    "SearchIndex",
    "SearchIndexError",
    "Settings",
    "TantivyIndex",
    "Understanding",
]
