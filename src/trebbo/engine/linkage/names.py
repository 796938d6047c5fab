"""Brings names to a form in which two writings of one name are equal, whatever the language."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from trebbo.engine.linkage.contracts import Name
from trebbo.engine.linkage.vocabulary import (
    CYRILLIC,
    FILLERS,
    GREEK,
    LEGAL_FORMS,
    LEGAL_PHRASES,
    LETTERS,
    MEANINGS,
    TOWNS,
)

_NOT_WORDS = re.compile(r"[^\w]+|_+")
_BRACKETS = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_DASH = re.compile(r"\s+[-–—]\s+")
_DOTTED = re.compile(r"\b(?:\w\.\s?){2,}(?:\w\b)?")
_PHRASES_BY_FIRST: dict[str, list[tuple[str, ...]]] = {}
for _phrase in sorted(LEGAL_PHRASES, key=len, reverse=True):
    _PHRASES_BY_FIRST.setdefault(_phrase[0], []).append(_phrase)
_TWO_WORD_TOWNS = {tuple(name.split()): one for name, one in TOWNS.items() if " " in name}
_FIRST_OF_TOWNS = frozenset(name[0] for name in _TWO_WORD_TOWNS)
MOST_INITIALS = 10


@dataclass(frozen=True, slots=True)
class Form:
    """A name taken apart.

    `words` are its telling words, one for each meaning, in order; `bag` the same without order;
    `legal` the legal forms it carries; `initials` those of its words, fillers left out.
    """

    text: str
    kind: str
    words: tuple[str, ...]
    bag: frozenset[str]
    key: str
    compact: str
    legal: frozenset[str]
    initials: str


def fold(text: str) -> str:
    """Small Latin letters without accents; Greek and Cyrillic are written in Latin letters."""
    if text.isascii():
        return text.lower()
    if "√" in text or "≈" in text:
        text = _mended(text)
    plain = unicodedata.normalize("NFKD", text.casefold().translate(LETTERS))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter)).lower()
    if plain.isascii():
        return plain
    return plain.translate(GREEK).translate(CYRILLIC)


def _mended(text: str) -> str:
    """UTF-8 that was once read as Mac Roman ("ESPA√ëA"), read anew."""
    try:
        return text.encode("mac_roman").decode("utf-8")
    except UnicodeError:
        return text


def words_of(text: str) -> list[str]:
    """The folded words of a text, in order; dotted letters are one word ("S.r.l." → "srl")."""
    text = fold(text)
    if "." in text:
        text = _DOTTED.sub(lambda found: found[0].replace(".", "").replace(" ", "") + " ", text)
    return [word for word in _NOT_WORDS.split(text) if word]


@lru_cache(maxsize=200_000)
def meaning(word: str) -> str:
    """The word that stands for this one in all languages, or the word itself."""
    known = MEANINGS.get(word) or TOWNS.get(word)
    if known:
        return known
    plain = word.replace("ae", "a").replace("oe", "o").replace("ue", "u")
    if plain != word:
        return MEANINGS.get(plain) or TOWNS.get(plain) or word
    return word


def _without_legal(words: list[str]) -> tuple[list[str], set[str]]:
    kept: list[str] = []
    legal: set[str] = set()
    place = 0
    while place < len(words):
        word = words[place]
        for phrase in _PHRASES_BY_FIRST.get(word, ()):
            if tuple(words[place : place + len(phrase)]) == phrase:
                legal.add(" ".join(phrase))
                place += len(phrase)
                break
        else:
            if word in LEGAL_FORMS:
                legal.add(word)
            else:
                kept.append(word)
            place += 1
    return kept, legal


def _telling(words: list[str]) -> list[str]:
    found: list[str] = []
    place = 0
    while place < len(words):
        word = words[place]
        if word in _FIRST_OF_TOWNS:
            for length in (3, 2):
                town = _TWO_WORD_TOWNS.get(tuple(words[place : place + length]))
                if town:
                    found.append(town)
                    place += length
                    break
            else:
                if word not in FILLERS:
                    found.append(meaning(word))
                place += 1
            continue
        if word not in FILLERS:
            found.append(meaning(word))
        place += 1
    return found


@lru_cache(maxsize=4096)
def form_of(text: str, kind: str = "legal") -> Form:
    """A name taken apart; where nothing telling is left, all of its words are kept."""
    words = words_of(text)
    kept, legal = _without_legal(words)
    telling = _telling(kept) or _telling(words) or words
    if len(telling) == 1 and telling[0] not in words and len(words) > 1 and not legal:
        telling = [*telling, *(word for word in kept if word in FILLERS and len(word) > 1)][:1]
    once = tuple(dict.fromkeys(telling))
    initials = "".join(word[0] for word in kept if word not in FILLERS)
    return Form(
        text=text,
        kind=kind,
        words=once,
        bag=frozenset(once),
        key=" ".join(once),
        compact="".join(once),
        legal=frozenset(legal),
        initials=initials if 3 <= len(initials) <= MOST_INITIALS else "",
    )


def _split(name: Name) -> tuple[list[tuple[str, str]], list[str]]:
    """The writings hidden in a name, and what stands in brackets."""
    inside = [part.strip() for part in _BRACKETS.findall(name.text)]
    outside = _BRACKETS.sub(" ", name.text).strip(" -–,;/")
    writings = [(outside or name.text, name.kind)]
    for cut in (" / ", "|"):
        if cut in outside:
            writings += [(part.strip(), "part") for part in outside.split(cut) if len(part) > 3]
            break
    else:
        ends = _DASH.split(outside)
        if len(ends) == 2 and is_acronym(ends[0]) != is_acronym(ends[1]):
            short, long = sorted(ends, key=lambda end: not is_acronym(end))
            inside.append(short.upper() if len(short) < 9 else short)
            writings.append((long, "part"))
    return writings, inside


def is_acronym(text: str) -> bool:
    """Whether a text could be an acronym: one word of two to twelve letters and digits."""
    words = words_of(text)
    joined = "".join(words)
    return 2 <= len(joined) <= 12 and (len(words) == 1 or all(len(w) <= 4 for w in words))


def forms_of(names: Iterable[Name]) -> tuple[tuple[Form, ...], frozenset[str]]:
    """The different forms of a body's names, and its acronyms, folded.

    Acronyms come from names of that kind, short names of one word, and brackets.
    """
    forms: dict[str, Form] = {}
    acronyms: set[str] = set()
    for name in names:
        if name.kind in {"acronym", "short"} and is_acronym(name.text):
            acronyms.add("".join(words_of(name.text)))
            if name.kind == "acronym":
                continue
        writings, inside = _split(name)
        acronyms |= {"".join(words_of(t)) for t in inside if is_acronym(t) and t.upper() == t}
        for text, kind in writings:
            if kind == "part" and is_acronym(text):
                acronyms.add("".join(words_of(text)))
                continue
            form = form_of(text, kind)
            if form.key and (kind != "part" or len(form.words) > 1):
                forms.setdefault(form.key, form)
    acronyms.discard("")
    return tuple(forms.values()), frozenset(acronyms)


class Rarity:
    """How much a word tells, in bits: what it is worth that two names share it.

    Learned from many names; a word that was not seen is as rare as can be.
    """

    def __init__(self, bits: Mapping[str, float], most: float) -> None:
        self.bits = dict(bits)
        self.most = most

    def of(self, word: str) -> float:
        """The bits of one canonical word; words of one letter tell little."""
        known = self.bits.get(word)
        if known is not None:
            return known
        if len(word) == 1:
            return self.most / 3
        return self.most

    def total(self, words: Iterable[str]) -> float:
        """The bits of several words together."""
        get, of = self.bits.get, self.of
        return sum(get(word) or of(word) for word in words)
