"""Reads the answer to a question: profiles with their reasons, and facets to narrow them by."""

from trebbo.partnering.introductions.queries.answers import (
    MOST_LISTED,
    PAGE_SIZE,
    Answer,
    AnswerUnavailable,
    Chip,
    Found,
    Listing,
    Question,
    QuestionRefused,
    answer,
    listing,
)
from trebbo.partnering.introductions.queries.facets import FacetGroup, FacetValue
from trebbo.partnering.introductions.queries.reasons import Excerpt, Met

__all__ = [
    "MOST_LISTED",
    "PAGE_SIZE",
    "Answer",
    "AnswerUnavailable",
    "Chip",
    "Excerpt",
    "FacetGroup",
    "FacetValue",
    "Found",
    "Listing",
    "Met",
    "Question",
    "QuestionRefused",
    "answer",
    "listing",
]
