"""The words and places that questions are understood with, from the vocabularies."""

import time
from collections.abc import Iterator
from functools import lru_cache

from trebbo.ecosystem.organisations.models import Technopole
from trebbo.ecosystem.vocabularies.models import Municipality, Province
from trebbo.ecosystem.vocabularies.queries import lexicon
from trebbo.engine.matching.terms import stems_by_way
from trebbo.engine.search import Gazetteer, Lexicon, Place
from trebbo.kernel.access import visitor
from trebbo.partnering.introductions.choices import Facet

WORDS_LAST_SECONDS = 15 * 60


def forget_words() -> None:
    """Read the vocabularies afresh at the next question."""
    _words.cache_clear()


def current_words() -> tuple[Lexicon, Gazetteer]:
    """The words and places that questions are understood with; read afresh every minute."""
    return _words(int(time.monotonic() // WORDS_LAST_SECONDS))


@lru_cache(maxsize=1)
def _words(_period: int) -> tuple[Lexicon, Gazetteer]:
    return lexicon(viewer=visitor()), Gazetteer(_places())


def _places() -> Iterator[Place]:
    # Of a town that came without a point only the province is known: nothing is near it.
    for town in Municipality.objects.filter(is_approximate=False):
        yield Place((town.name,), town.latitude, town.longitude, "municipality")
    for province in Province.objects.all():
        if province.latitude is not None and province.longitude is not None:
            names = tuple(dict.fromkeys((province.name_it, province.name_en)))
            facet = (Facet.PROVINCE.value, province.code)
            yield Place(names, province.latitude, province.longitude, "province", facet)
    for technopole in Technopole.objects.prefetch_related("seats", "other_names"):
        for seat in technopole.seats.all():
            if seat.latitude is not None and seat.longitude is not None:
                names = (technopole.name, *(other.name for other in technopole.other_names.all()))
                yield Place(names, seat.latitude, seat.longitude, "technopole")


def ways_to_say(words: str) -> list[tuple[str, ...]]:
    """The stems of some words, and of the same concept in its other ways and language.

    Each way is to be met whole: all of its stems.
    """
    lexicon, _places = current_words()
    return stems_by_way(words, lexicon)
