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
from trebbo.partnering.introductions.queries.outside import (
    FIRST_OUTSIDE,
    FoundOutside,
    Outside,
    outside,
)
from trebbo.partnering.introductions.queries.questions import (
    PAGE_SIZE,
    AnswerUnavailable,
    Chip,
    Question,
    QuestionRefused,
)
from trebbo.partnering.introductions.queries.reasons import Excerpt, Met

__all__ = [
    "FIRST_OUTSIDE",
    "MOST_LISTED",
    "PAGE_SIZE",
    "Answer",
    "AnswerUnavailable",
    "Chip",
    "Excerpt",
    "FacetGroup",
    "FacetValue",
    "Found",
    "FoundOutside",
    "Listing",
    "Met",
    "Outside",
    "Question",
    "QuestionRefused",
    "answer",
    "listing",
    "outside",
]
