"""Reads the answer to a question: profiles with their reasons, and facets to narrow them by."""

from trebbo.partnering.introductions.queries.answers import (
    MOST_LISTED,
    Answer,
    Found,
    Listing,
    answer,
    listing,
)
from trebbo.partnering.introductions.queries.facets import FacetGroup, FacetValue
from trebbo.partnering.introductions.queries.kept import (
    KeptAsk,
    Row,
    Standing,
    kept_ask,
    my_asks,
    standing_of,
)
from trebbo.partnering.introductions.queries.outside import (
    FIRST_OUTSIDE,
    FoundOutside,
    Outside,
    outside,
)
from trebbo.partnering.introductions.queries.preferences import (
    Preferences,
    not_shown,
    preferences_of,
    visible_floors,
)
from trebbo.partnering.introductions.queries.questions import (
    AnswerUnavailable,
    Chip,
    Question,
    QuestionRefused,
)
from trebbo.partnering.introductions.queries.reasons import Excerpt, Met
from trebbo.partnering.introductions.queries.why import Why
from trebbo.partnering.introductions.queries.wishes import LeftOut, Relaxed, askers_to_choose

__all__ = [
    "FIRST_OUTSIDE",
    "MOST_LISTED",
    "Answer",
    "AnswerUnavailable",
    "Chip",
    "Excerpt",
    "FacetGroup",
    "FacetValue",
    "Found",
    "FoundOutside",
    "KeptAsk",
    "LeftOut",
    "Listing",
    "Met",
    "Outside",
    "Preferences",
    "Question",
    "QuestionRefused",
    "Relaxed",
    "Row",
    "Standing",
    "Why",
    "answer",
    "askers_to_choose",
    "kept_ask",
    "listing",
    "my_asks",
    "not_shown",
    "outside",
    "preferences_of",
    "standing_of",
    "visible_floors",
]
