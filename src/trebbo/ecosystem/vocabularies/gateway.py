"""Gives the engine the words of two languages, and asks it how searches would read a phrase."""

from collections.abc import Iterator

from trebbo.ecosystem.vocabularies import models
from trebbo.engine.search import Concept, Lexicon, Settings

__all__ = ["MOST_PHRASES", "Lexicon", "meaning_of", "read_lexicon"]

LEXICON_SCHEMES = ("euroscivoc", "kinds", "s3_themes")
"""The schemes whose labels and synonyms a search understands."""

MOST_PHRASES = Settings().max_alternatives
"""Phrases of one pair, in both languages together, that a search tries; it cuts off the rest."""


def meaning_of(phrase: str, language: str) -> tuple[str, ...]:
    """The stems by which searches recognise a phrase ("it" or "en"), in alphabetical order.

    The order of words, their endings, accents, capitals and stop words make no difference. Empty
    for a phrase that has nothing to look for.
    """
    side = ((phrase,), ()) if language == "it" else ((), (phrase,))
    read = Lexicon([Concept("", *side)]).phrases("")
    return tuple(sorted(read[0].stems)) if read else ()


def read_lexicon() -> Lexicon:
    """The word pairs, and the labels and synonyms of `LEXICON_SCHEMES`, read in two queries."""
    return Lexicon(_entries())


def _phrases(joined: str) -> tuple[str, ...]:
    """The phrases of a text in which "|" separates them."""
    return tuple(phrase.strip() for phrase in joined.split("|") if phrase.strip())


def _entries() -> Iterator[Concept]:
    for pair in models.WordPair.objects.all():
        yield Concept(pair.code, _phrases(pair.phrases_it), _phrases(pair.phrases_en))
    for concept in models.Concept.objects.filter(scheme__code__in=LEXICON_SCHEMES):
        yield Concept(
            f"concept-{concept.pk}",
            _phrases(f"{concept.label_it}|{concept.synonyms_it}"),
            _phrases(f"{concept.label_en}|{concept.synonyms_en}"),
        )
