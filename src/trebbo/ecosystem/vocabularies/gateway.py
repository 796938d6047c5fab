"""Asks the engine how searches would read a phrase."""

from trebbo.engine.search import Concept, Lexicon, Settings

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
