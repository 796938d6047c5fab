"""The words of resources and of who looks for one, as stems of both languages; distances."""

import time
from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
from django.utils import translation

from trebbo.ecosystem.vocabularies.models import phrases_of
from trebbo.ecosystem.vocabularies.queries import lexicon
from trebbo.engine.search.analysis import Token, normalise, tokens_of
from trebbo.engine.search.geography import distances_km
from trebbo.engine.search.lexicon import Lexicon
from trebbo.kernel.access import visitor
from trebbo.sharing.resources.models import Resource

WORDS_LAST_SECONDS = 15 * 60
MOST_ASKED = 12
MOST_WAYS = 16
IN_NAME = "="
"""Stands before the stems of the name, which count for more."""
LANGUAGES = ("it", "en")

Way = tuple[str, ...]
"""Stems that are all to be met."""


def words_of(resource: Resource) -> str:
    """What `Resource.words` keeps: stems between single blanks, those of the name marked as well.

    Of what the resource and its owner are called, what it does, its kind, make and fields, in both
    languages. Read when the resource, its fields or its owner were saved.
    """
    named = _stems((resource.name_it, resource.name_en))
    said = _stems(_texts(resource))
    marked = (f"{IN_NAME}{stem}" for stem in named)
    return f" {' '.join([*marked, *dict.fromkeys([*named, *said])])} "


def refill_words(resources: Iterable[Resource]) -> int:
    """Write the words of these resources anew where they changed; returns how many did."""
    changed = []
    for resource in resources:
        words = words_of(resource)
        if words != resource.words:
            resource.words = words
            changed.append(resource)
    Resource.objects.bulk_update(changed, ["words"], batch_size=200)
    return len(changed)


def ways_asked(words: str) -> list[list[Way]]:
    """For each thing that the words ask for, the ways in which a resource may say it.

    The words themselves by their stems, and the phrases of the concept that they name, in both
    languages. At most MOST_ASKED things; stop words ask for nothing.
    """
    tokens = [one for one in tokens_of(normalise(words), "any") if one.place is not None]
    tokens = tokens[:MOST_ASKED]
    if not tokens:
        return []
    known = _lexicon(int(time.monotonic() // WORDS_LAST_SECONDS))
    italian, english = [one.stems[0] for one in tokens], [one.stems[-1] for one in tokens]
    asked: list[list[Way]] = []
    at = 0
    while at < len(tokens):
        size, concepts = known.longest_match(italian[at:], english[at:]) or (1, [])
        until = at + size
        ways = [tuple(italian[at:until]), tuple(english[at:until])]
        ways += [phrase.stems for concept in concepts for phrase in known.phrases(concept)]
        asked.append(list(dict.fromkeys(ways))[:MOST_WAYS])
        at = until
    return asked


def forget_words() -> None:
    """Read the vocabularies afresh at the next search."""
    _lexicon.cache_clear()


def kilometres(
    latitude: float, longitude: float, points: Sequence[tuple[float | None, float | None]]
) -> list[float | None]:
    """How far each point is from one place; None where it is not known."""
    if not points:
        return []
    column = np.array(points, dtype=np.float64).reshape(-1, 2)
    found = distances_km(latitude, longitude, column[:, 0], column[:, 1]).tolist()
    return [None if one != one else one for one in found]  # noqa: PLR0124  (not a number)


@lru_cache(maxsize=1)
def _lexicon(_period: int) -> Lexicon:
    return lexicon(viewer=visitor())


def _texts(resource: Resource) -> Iterable[str]:
    yield from (resource.description_it, resource.description_en)
    yield from (resource.measurements_it, resource.measurements_en, resource.standards)
    yield from (resource.manufacturer, resource.model_name, resource.identifier)
    yield from (resource.fund, resource.room, resource.decided_by)
    for language in LANGUAGES:
        with translation.override(language):
            yield str(resource.get_kind_display())
    for owner in filter(None, (resource.profile, resource.operator)):
        yield from (owner.name, owner.name_en, owner.acronym)
    if resource.municipality:
        yield resource.municipality.name
    for field in resource.fields.all() if resource.pk else ():
        yield from (field.label_it, field.label_en)
        yield from phrases_of(f"{field.synonyms_it}|{field.synonyms_en}")


def _stems(texts: Iterable[str]) -> list[str]:
    found: dict[str, None] = {}
    for text in texts:
        found.update(dict.fromkeys(stem for one in _content(text) for stem in one.stems))
    return list(found)


def _content(text: str) -> list[Token]:
    return [one for one in tokens_of(normalise(text), "any") if not one.stop]
