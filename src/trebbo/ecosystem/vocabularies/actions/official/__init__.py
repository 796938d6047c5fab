"""Reads the official files of the vocabularies, as published, into rows of one shape."""

from trebbo.ecosystem.vocabularies.actions.official.contents import (
    ConceptRow,
    Edition,
    LeftOut,
    OnProgress,
    VocabularyRefused,
)
from trebbo.ecosystem.vocabularies.actions.official.recognising import READERS, recognise

__all__ = [
    "READERS",
    "ConceptRow",
    "Edition",
    "LeftOut",
    "OnProgress",
    "VocabularyRefused",
    "recognise",
]
