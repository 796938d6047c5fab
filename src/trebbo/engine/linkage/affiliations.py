"""Takes a text of affiliation apart into bodies, as "Dept. of Physics, Univ. of Parma, Italy"."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache

from babel import Locale

from trebbo.engine.linkage.contracts import Entity, Name
from trebbo.engine.linkage.names import fold, words_of
from trebbo.engine.linkage.prepared import towns_of
from trebbo.engine.linkage.vocabulary import MEANINGS, PART_WORDS

MOST_SEGMENTS = 8
_ADDRESSES = re.compile(r"\s*;\s*")
_SEGMENTS = re.compile(r"\s*,\s*|\s+[-–—]\s+|(?<=\w{3})\.\s+(?=[A-Z])|#TAB#|\s{2,}")
_AND = re.compile(r"\s+(?:and|&|e|et|und|y)\s+", re.IGNORECASE)
_BODY_WORDS = frozenset(
    [
        "university",
        "polytechnic",
        "institute",
        "hospital",
        "college",
        "academy",
        "council",
        "foundation",
        "school",
        "laboratory",
        "center",
        "agency",
        "ministry",
        "clinic",
        "museum",
        "company",
        "society",
    ]
)
_MORE_COUNTRIES = {
    "usa": "US",
    "u s a": "US",
    "uk": "GB",
    "u k": "GB",
    "england": "GB",
    "scotland": "GB",
    "wales": "GB",
    "great britain": "GB",
    "northern ireland": "GB",
    "pr china": "CN",
    "p r china": "CN",
    "peoples republic of china": "CN",
    "people s republic of china": "CN",
    "republic of korea": "KR",
    "korea": "KR",
    "ussr": "RU",
    "russian federation": "RU",
    "viet nam": "VN",
    "the netherlands": "NL",
    "holland": "NL",
    "czech republic": "CZ",
    "deutschland": "DE",
    "italia": "IT",
    "brasil": "BR",
    "espana": "ES",
}


@cache
def countries() -> dict[str, str]:
    """The folded names of countries in English, Italian, French, German and Spanish → codes."""
    named = {}
    for language in ("es", "de", "fr", "it", "en"):
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha():
                named[" ".join(words_of(name))] = code
    return {**named, **_MORE_COUNTRIES}


class Towns:
    """Which towns there are, and in which country most bodies of that name of a town lie."""

    def __init__(self, bodies: Iterable[Entity]) -> None:
        seen: dict[str, Counter[str]] = {}
        for body in bodies:
            for town in towns_of(body.town):
                seen.setdefault(town, Counter())[body.country] += 1
        self.country = {
            town: found.most_common(1)[0][0]
            for town, found in seen.items()
            if found.most_common(1)[0][1] >= 0.8 * found.total()
        }
        self.names = frozenset(seen)

    def __contains__(self, town: str) -> bool:
        return town in self.names


def entities_of(text: str, key: str, towns: Towns) -> list[Entity]:
    """The bodies a text may name, their keys `key` with "#" and a number.

    Neighbouring segments are tried together too ("University of California, Berkeley"). A
    department is marked as a part.
    """
    found: list[Entity] = []
    for address in _ADDRESSES.split(text):
        names, country, town = _place_of(address, towns)
        for writing in _writings([name for name in names if name != town] or names, town):
            found.append(
                Entity(
                    key=f"{key}#{len(found)}",
                    names=(Name(writing, "label"),),
                    country=country,
                    town=town,
                    is_part=is_part(writing),
                )
            )
    return found


def _place_of(address: str, towns: Towns) -> tuple[list[str], str, str]:
    """The segments of an address that may be names, its country and its town."""
    country, town = "", ""
    names: list[str] = []
    for part in _SEGMENTS.split(address)[:MOST_SEGMENTS]:
        segment = part.strip(" .:")
        words = words_of(segment)
        plain = " ".join(word for word in words if not any(map(str.isdigit, word)))
        if not plain:
            continue
        if plain in countries():
            country = countries()[plain]
            continue
        if names and len(words) <= 4 and towns_of(plain) & towns.names:
            town = town or segment
        names.append(segment)
    if not country and town:
        country = next((towns.country.get(name, "") for name in towns_of(town)), "")
    return names, country, town


def _writings(bodies: Sequence[str], town: str) -> list[str]:
    found: dict[str, None] = {}
    for place, body in enumerate(bodies):
        found.setdefault(body)
        pieces = _AND.split(body)
        if len(pieces) > 1 and all(_names_a_body(piece) for piece in pieces):
            for piece in pieces:
                found.setdefault(piece)
        if town and _names_a_body(body):
            found.setdefault(f"{body} {town}")
        if place + 1 < len(bodies) and _names_a_body(body) and len(bodies[place + 1].split()) < 4:
            found.setdefault(f"{body} {bodies[place + 1]}")
    return list(found)


def _names_a_body(text: str) -> bool:
    return any(MEANINGS.get(word) in _BODY_WORDS for word in words_of(text))


def is_part(text: str) -> bool:
    """Whether a text names a department or the like."""
    return any(MEANINGS.get(word, word) in PART_WORDS for word in words_of(fold(text)))
