"""From text to terms: one token stream for questions and documents, in Italian and English."""

import re
import threading
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import Stemmer

from trebbo.engine.search.contracts import Language
from trebbo.engine.search.stopwords import STOP_WORDS

_COMPOUND = re.compile(r"[^\W_]+(?:[&.+\-][^\W_]+)*")
_SIMPLE = re.compile(r"[^\W_]+")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_INITIALS = re.compile(r"[^\W\d_](?:\.[^\W\d_])+")
_LONGEST = 64
# Snowball takes these plurals for agents (operatori) and cuts them away from their singulars.
_SINGULAR = {
    "laboratori": "laboratorio",
    "ambulatori": "ambulatorio",
    "osservatori": "osservatorio",
    "regolatori": "regolatorio",
}
_REACH = 2  # places between the words of a pair
PAIR = "_"  # never inside a word: the tokens leave it out


class _Fold(dict[int, str]):
    """One character for one character, so that positions in folded text hold in the text."""

    def __missing__(self, code: int) -> str:
        plain = unicodedata.normalize("NFD", chr(code))[0].lower()[0]
        self[code] = plain
        return plain


_FOLD = _Fold({0x2010: "-", 0x2011: "-", 0x2012: "-", 0x00AD: "-"})
_stemmers = threading.local()  # Snowball stemmers may not be shared between threads


@dataclass(frozen=True, slots=True)
class Token:
    """A word at [start, end) of the normalised text.

    `place` counts content words only; it is None for stop words and for joined forms (T&A,
    COVID-19) whose members have places of their own.
    """

    start: int
    end: int
    word: str
    stems: tuple[str, ...]
    place: int | None
    stop: bool = False


def normalise(text: str) -> str:
    """Compose accents, open ligatures and drop what no store can hold (NUL, lone surrogates)."""
    if text.isascii():
        return text.replace("\0", " ")
    return _UNSTORABLE.sub(" ", unicodedata.normalize("NFKC", text).replace("ß", "ss"))


@lru_cache(maxsize=8_192)
def read_plainly(text: str) -> tuple[str, str]:
    """A text normalised, and the same folded."""
    normalised = normalise(text)
    return normalised, fold(normalised)


def storable(text: str) -> str:
    """An identifier without the characters that no store can hold."""
    return _UNSTORABLE.sub(" ", text)


def fold(text: str) -> str:
    """Lower case without accents; the same length as the normalised text given."""
    return text.lower() if text.isascii() else text.translate(_FOLD)


def sort_key(title: str, key: str) -> str:
    """Alphabetical order of titles, without case, accents and punctuation; unique by key."""
    return " ".join(_SIMPLE.findall(fold(normalise(title)))) + "\x1f" + storable(key)


def words_of(text: str) -> list[tuple[int, int, str]]:
    """The plain words of a normalised text as (start, end, folded word)."""
    return [(m.start(), m.end(), m.group()) for m in _SIMPLE.finditer(fold(text))]


@lru_cache(maxsize=131_072)
def stems_of(word: str, language: Language) -> tuple[str, ...]:
    """The stems of a folded word: one for a known language, up to two for any."""
    if len(word) > _LONGEST:
        word = word[:_LONGEST]
    if not word.isalpha() or len(word) < 3:
        return (word,)
    if not hasattr(_stemmers, "it"):
        _stemmers.it = Stemmer.Stemmer("italian", 0)
        _stemmers.en = Stemmer.Stemmer("english", 0)
    english = _stemmers.en.stemWord(word)
    if language == "en":
        return (english,)
    italian = _stemmers.it.stemWord(_SINGULAR.get(word, word))
    return (italian,) if language == "it" or italian == english else (italian, english)


def beginning_of(stem: str) -> str:
    """What every word with this stem begins with, at the least.

    Snowball's stems are the word cut short, but for up to two letters at the end: therapy has
    therapi, stability has stabl, dying has die.
    """
    return stem[: max(1, len(stem) - 2)]


def tokens_of(text: str, language: Language) -> list[Token]:
    """The tokens of a normalised text, in order.

    Joined forms come first as themselves, then as their members, so that "COVID-19" is found by
    "covid"; dotted initials (S.p.A., C.N.R.) are read as one acronym.
    """
    tokens: list[Token] = []
    place = 0
    for match in _COMPOUND.finditer(fold(text)):
        read, steps = _read(match.group(), language)
        tokens.extend(_moved(token, match.start(), place) for token in read)
        place += steps
    return tokens


def sightings(
    folded: str,
    language: Language,
    wanted: frozenset[str],
    memory: dict[tuple[str, Language], tuple[tuple[Token, ...], int]],
) -> list[Token]:
    """The tokens of a folded text that have one of the wanted stems; others are passed over.

    `memory` keeps what was decided for each word; share it between texts read for one question.
    """
    found: list[Token] = []
    place = 0
    for match in _COMPOUND.finditer(folded):
        word = match.group()
        known = memory.get((word, language))
        if known is None:
            read, steps = _read(word, language)
            kept = tuple(token for token in read if not wanted.isdisjoint(token.stems))
            known = memory[word, language] = (kept, steps)
        if known[0]:
            found.extend(_moved(token, match.start(), place) for token in known[0])
        place += known[1]
    return found


def _moved(token: Token, start: int, place: int) -> Token:
    """A token of a word, as one of the text the word stands in."""
    return Token(
        token.start + start,
        token.end + start,
        token.word,
        token.stems,
        None if token.place is None else token.place + place,
        token.stop,
    )


@lru_cache(maxsize=131_072)
def _read(word: str, language: Language) -> tuple[tuple[Token, ...], int]:
    """The tokens of one folded word or joined form, and how many places they take."""
    if word.isalnum():
        stop = word in STOP_WORDS
        stems = stems_of(word, language)
        return (Token(0, len(word), word, stems, None if stop else 0, stop),), int(not stop)
    members = _members(word)
    plain = word.replace(".", "") if _INITIALS.fullmatch(word) else word
    tokens = [Token(0, len(word), plain, (plain[:_LONGEST],), None if members else 0)]
    place = int(not members)
    for offset, member in members:
        stop = member in STOP_WORDS
        stems, end = stems_of(member, language), offset + len(member)
        tokens.append(Token(offset, end, member, stems, None if stop else place, stop))
        place += not stop
    return tuple(tokens), place


def _members(joined: str) -> list[tuple[int, str]]:
    """The members of a joined form, unless one is a single letter or digit (T&A, 4.0, S.p.A.)."""
    found = [(m.start(), m.group()) for m in _SIMPLE.finditer(joined)]
    return found if all(len(word) > 1 for _, word in found) else []


def pair_of(one: str, other: str) -> str:
    """The term for two stems that stand together, in either order."""
    return f"{one}{PAIR}{other}" if one <= other else f"{other}{PAIR}{one}"


def pairs_of(tokens: list[Token]) -> list[tuple[str, Token, Token]]:
    """Content words that stand together with at most one between, as (term, first, second).

    Unordered on purpose: "bone regeneration" and "regeneration of the bone" are the same thing.
    A word makes the same pair once, with the nearer of two equal neighbours.
    """
    content = [token for token in tokens if token.place is not None]
    found: list[tuple[str, Token, Token]] = []
    for index, first in enumerate(content):
        terms: dict[str, Token] = {}
        for second in content[index + 1 : index + 3]:
            if (second.place or 0) - (first.place or 0) > _REACH:
                break
            terms.setdefault(pair_of(first.stems[0], second.stems[0]), second)
            terms.setdefault(pair_of(first.stems[-1], second.stems[-1]), second)
        found.extend((term, first, second) for term, second in terms.items())
    return found
