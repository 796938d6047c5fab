"""Words that look alike in Italian and English because they come from the same Latin or Greek."""

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

from trebbo.engine.fields.dictionary import term_of
from trebbo.engine.matching.contracts import Language

SHORTEST = 5
"""Shorter words are alike by chance."""
MOST = 2
# In this order: each line may make what the next one reads. The form in which two spellings meet
# is a word of neither language.
_SPELLINGS = tuple(
    (re.compile(pattern), plain)
    for pattern, plain in (
        # Letters that Italian writes as they sound.
        (r"ph", "f"),
        (r"th", "t"),
        (r"rh", "r"),
        (r"ch|ck|k|q", "c"),
        (r"y|j", "i"),
        (r"w", "v"),
        (r"ae|oe", "e"),
        (r"ous$", "os"),
        (r"ou", "u"),
        (r"^h", ""),
        (r"ex(?=[ptc])", "es"),
        (r"^es(?=[ptc])", "s"),
        (r"x", "s"),
        (r"(.)\1", r"\1"),
        # Endings that answer each other.
        (r"i[sz]a(?:tion|zion)", "izazion"),
        (r"(?:c|p)?tion|(?:c|p)?zion", "zion"),
        (r"ct|pt", "t"),
        (r"[ae]nc(?:e|es|i|ies)$|[ae]nz[ae]$", "nz"),
        (r"ibilit", "abilit"),
        (r"[ai]bil[ei]$|[ai]bles?$", "abl"),
        (r"[ai]ti(?:es)?$", "ita"),
        (r"ic(?:al|s|es)$", "ic"),
        (r"i?[zs](?:e|ed|ing|are|at[oaie])$", "iz"),
        (r"(?:ate|ated|ating|at[oaie]|are)$", "at"),
        (r"(?:ture|tures|tur[ae])$", "tur"),
        (r"(?:al|als|al[ei])$", "al"),
        (r"(?<=..)(?:es|is|s)$", ""),
        (r"(?<=..)[aeiou]+$", ""),
    )
)


@lru_cache(maxsize=131_072)
def spelling_of(word: str) -> str:
    """The form in which cognates meet: biocompatibilità and biocompatibility have the same."""
    for pattern, plain in _SPELLINGS:
        word = pattern.sub(plain, word)
    return word


class Cognates:
    """For a word of one language, terms of known words of the other that look the same."""

    def __init__(self, words: dict[Language, Counter[str]]) -> None:
        self._alike: dict[Language, dict[str, tuple[str, ...]]] = {
            language: _by_spelling(counts, language) for language, counts in words.items()
        }

    def terms(self, word: str, language: Language) -> tuple[str, ...]:
        """The terms, in this language, of words that look like a word of the other one."""
        return self._alike.get(language, {}).get(_form(word), ())


def _by_spelling(counts: Counter[str], language: Language) -> dict[str, tuple[str, ...]]:
    """The terms of each spelling, the most frequent first; words alike are few."""
    found: dict[str, Counter[str]] = {}
    for word, count in counts.items():
        found.setdefault(_form(word), Counter())[term_of(word, language)] += count
    return {spelling: tuple(_first(terms.items())) for spelling, terms in found.items()}


def _form(word: str) -> str:
    """Names, numbers and short words meet only as they are."""
    spelling = spelling_of(word) if word.isalpha() else ""
    return spelling if len(spelling) >= SHORTEST else word


def _first(terms: Iterable[tuple[str, int]]) -> list[str]:
    return [term for term, _count in sorted(terms, key=lambda one: (-one[1], one[0]))[:MOST]]
