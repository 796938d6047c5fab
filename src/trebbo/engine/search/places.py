"""Reads places out of a question: "vicino a Mirandola", "within 30 km of Modena"."""

from collections.abc import Iterable
from dataclasses import dataclass

from trebbo.engine.search.analysis import normalise, words_of
from trebbo.engine.search.contracts import Place, PlaceKind
from trebbo.engine.search.stopwords import STOP_WORDS

_LEADS = """
vicino a|vicino ad|vicino al|vicino alla|vicino all|vicino|vicini a|vicine a|vicina a
nei pressi di|nei pressi del|nei dintorni di|dintorni di|presso|presso il|presso la|intorno a
attorno a|accanto a|nella zona di|in zona|zona di|zona|nell area di|area di|a|ad|in
nel comune di|comune di|da queste parti di|near|near to|near the|nearby|close to|next to|around
at|in the area of|in the town of|based in|located in|con sede a|con sede in|situato a|situati a
"""
_PROVINCE_LEADS = """
in provincia di|nella provincia di|provincia di|in the province of|in province of|province of
"""
_RADIUS_LEADS = (
    "entro|within|nel raggio di|in un raggio di|a meno di|less than|up to|fino a|a|al massimo"
)
_UNITS = ("km", "kms", "chilometri", "chilometro", "kilometres", "kilometers", "kilometre")
_RADIUS_LINKS = "da|dal|dalla|dall|di|of|from|around|intorno a|attorno a|near|to"
_GENITIVES = frozenset(
    ("di", "de", "del", "della", "dello", "dell", "dei", "degli", "delle", "d", "of")
)
_PREFERENCE: dict[PlaceKind, int] = {"municipality": 0, "technopole": 1, "province": 2}


def _phrases(lines: str) -> tuple[tuple[str, ...], ...]:
    found = {
        tuple(phrase.split()) for line in lines.strip().splitlines() for phrase in line.split("|")
    }
    return tuple(sorted(found, key=lambda words: (-len(words), words)))


_PLAIN = _phrases(_LEADS)
_PROVINCE = _phrases(_PROVINCE_LEADS)
_RADIUS = _phrases(_RADIUS_LEADS)
_LINKS = _phrases(_RADIUS_LINKS)


@dataclass(frozen=True, slots=True)
class PlaceFound:
    """A place read out of a question; [start, end) is what to take out of the text.

    A name that stands alone stays in the text: start equals end.
    """

    place: Place
    start: int
    end: int
    radius_km: float | None = None


class Gazetteer:
    """The places questions can name. Built once, read by many threads."""

    def __init__(self, places: Iterable[Place] = ()) -> None:
        self._places: dict[tuple[str, ...], list[Place]] = {}
        for place in places:
            for name in dict.fromkeys(place.names):
                words = tuple(word for _, _, word in words_of(normalise(name)))
                if words:
                    self._places.setdefault(words, []).append(place)
        for found in self._places.values():
            found.sort(key=lambda place: _PREFERENCE[place.kind])
        self._longest = max(map(len, self._places), default=0)

    def find(self, text: str) -> PlaceFound | None:
        """The place a normalised text asks for: the first with a preposition, else the first name.

        "di X" and "of X" belong to a name (Università di Parma) and are never a place.
        """
        spans = words_of(text)
        words = [word for _, _, word in spans]
        if not self._longest:
            return None
        for start in range(len(words)):
            found = self._with_radius(words, start) or self._with_lead(words, start)
            if found:
                place, until, radius = found
                return PlaceFound(place, spans[start][0], spans[until - 1][1], radius)
        return self._alone(words)

    def _with_radius(self, words: list[str], at: int) -> tuple[Place, int, float] | None:
        for lead in (*_RADIUS, ()):
            number = at + len(lead)
            if tuple(words[at:number]) != lead:
                continue
            amount = _kilometres(words, number)
            if amount is None:
                continue
            for link in _LINKS:
                name = amount[1] + len(link)
                if tuple(words[amount[1] : name]) == link and (met := self._named(words, name)):
                    return met[0], met[1], amount[0]
        return None

    def _with_lead(self, words: list[str], at: int) -> tuple[Place, int, None] | None:
        for leads, kind in ((_PROVINCE, "province"), (_PLAIN, None)):
            for lead in leads:
                name = at + len(lead)
                if tuple(words[at:name]) != lead:
                    continue
                met = self._named(words, name, kind)
                if met and (lead != ("a",) or _closes(words, met[1])):
                    return met[0], met[1], None
        return None

    def _alone(self, words: list[str]) -> PlaceFound | None:
        for at in range(len(words)):
            if at and words[at - 1] in _GENITIVES:
                continue
            met = self._named(words, at)
            if met:
                return PlaceFound(met[0], 0, 0)
        return None

    def _named(
        self, words: list[str], at: int, kind: str | None = None
    ) -> tuple[Place, int] | None:
        """The longest name at a position, with the position after it."""
        for size in range(min(self._longest, len(words) - at), 0, -1):
            places = self._places.get(tuple(words[at : at + size]))
            if places:
                wanted = [place for place in places if place.kind == kind]
                return (wanted or places)[0], at + size
        return None


def _kilometres(words: list[str], at: int) -> tuple[float, int] | None:
    """ "30 km" or "30km" at a position, as (kilometres, position after)."""
    if at >= len(words):
        return None
    word = words[at]
    if word.isascii() and word.isdigit() and len(word) <= 4 and at + 1 < len(words):
        return (float(word), at + 2) if words[at + 1] in _UNITS else None
    digits = word.removesuffix("km")
    if digits != word and digits.isascii() and digits.isdigit() and len(digits) <= 4:
        return float(digits), at + 1
    return None


def _closes(words: list[str], at: int) -> bool:
    """Whether a place after "a" ends its phrase; "a Parma company" is the English article."""
    return at >= len(words) or words[at] in STOP_WORDS
