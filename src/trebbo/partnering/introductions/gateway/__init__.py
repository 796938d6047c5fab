"""Hands the registry and the evidence to the search engine and brings its answers back."""

from trebbo.engine.search import (
    DistanceReason,
    Hit,
    IndexBroken,
    IndexBusy,
    IndexMissing,
    MatchReason,
    Query,
    Results,
    Understanding,
)
from trebbo.partnering.introductions.gateway.bodies import body_of
from trebbo.partnering.introductions.gateway.indexes import (
    expected,
    find,
    find_outside,
    outside_status,
    rebuild,
    rebuild_outside,
    refresh,
    refresh_evidence,
    status,
    total,
    total_outside,
)
from trebbo.partnering.introductions.gateway.parts import said_in
from trebbo.partnering.introductions.gateway.profiles import id_of
from trebbo.partnering.introductions.gateway.words import current_words, forget_words

__all__ = [
    "DistanceReason",
    "Hit",
    "IndexBroken",
    "IndexBusy",
    "IndexMissing",
    "MatchReason",
    "Query",
    "Results",
    "Understanding",
    "body_of",
    "current_words",
    "expected",
    "find",
    "find_outside",
    "forget_words",
    "id_of",
    "outside_status",
    "rebuild",
    "rebuild_outside",
    "refresh",
    "refresh_evidence",
    "said_in",
    "status",
    "total",
    "total_outside",
]
