"""What may be said as words that mean the same: how long, how many, and said only once."""

from collections import defaultdict
from collections.abc import Iterable

from django.utils.translation import gettext as _

from trebbo.ecosystem.vocabularies import gateway
from trebbo.ecosystem.vocabularies.models import WordPair

LONGEST_PHRASE = 80
SIDES = (("italian", "it"), ("english", "en"))
Meaning = tuple[str, ...]


class KnownWords:
    """The pairs there are, by what their phrases mean to searches."""

    def __init__(self, pairs: Iterable[WordPair]) -> None:
        self.pairs: dict[str, WordPair] = {}
        self._meanings: dict[str, list[tuple[str, Meaning]]] = {}
        self._codes: dict[str, dict[Meaning, set[str]]] = {
            language: defaultdict(set) for _side, language in SIDES
        }
        for pair in pairs:
            self.enter(pair)

    def enter(self, pair: WordPair) -> None:
        """Know a pair, or know it again as it is now."""
        for language, meaning in self._meanings.get(pair.code, ()):
            self._codes[language][meaning].discard(pair.code)
        self.pairs[pair.code] = pair
        self._meanings[pair.code] = list(_meanings(pair))
        for language, meaning in self._meanings[pair.code]:
            self._codes[language][meaning].add(pair.code)

    def alike(self, pair: WordPair) -> set[str]:
        """The codes of the other pairs that share a phrase with this one in both languages."""
        shared: dict[str, set[str]] = {language: set() for _side, language in SIDES}
        for language, meaning in _meanings(pair):
            shared[language] |= self._codes[language].get(meaning, set())
        return (shared["it"] & shared["en"]) - {pair.code}

    def problems(self, pair: WordPair, before: WordPair | None = None) -> dict[str, str]:
        """Why a pair may not be so, in words, by "italian", "english" or "pair"; empty if it may.

        Refuses a side without phrases, a phrase of more than `LONGEST_PHRASE` characters or with
        nothing to look for, more phrases than a search tries, and what another pair says already;
        `before` is the pair as it was: what it shared with others then is not held against it.
        """
        found = {side: words for side, language in SIDES if (words := _side(pair, side, language))}
        if not found and (words := _too_many(pair) or self._said_by_another(pair, before)):
            found["pair"] = words
        return found

    def _said_by_another(self, pair: WordPair, before: WordPair | None) -> str:
        others = self.alike(pair) - (self.alike(before) if before else set())
        if not others:
            return ""
        other = self.pairs[min(others)]
        if other.is_left_out:
            return _(
                "The pair “%(pair)s” says so already, but is left out of searches: let them use it "
                "again."
            ) % {"pair": other.title}
        return _("The pair “%(pair)s” says so already: add your phrases there.") % {
            "pair": other.title
        }


def _meanings(pair: WordPair) -> Iterable[tuple[str, Meaning]]:
    for side, language in SIDES:
        for phrase in getattr(pair, side):
            if meaning := gateway.meaning_of(phrase, language):
                yield language, meaning


def _side(pair: WordPair, side: str, language: str) -> str:
    """What is wrong with one language's phrases."""
    phrases: tuple[str, ...] = getattr(pair, side)
    if not phrases:
        return _("Write at least one phrase.")
    long = [phrase for phrase in phrases if len(phrase) > LONGEST_PHRASE]
    if long:
        return _(
            "A phrase has at most %(most)d characters; this one has %(count)d: “%(start)s…”"
        ) % {
            "most": LONGEST_PHRASE,
            "count": len(long[0]),
            "start": long[0][:30],
        }
    for phrase in phrases:
        if not gateway.meaning_of(phrase, language):
            return _(
                "Searches pass over “%(phrase)s”: it has no word to look for, only such as “the” "
                "or “il”."
            ) % {"phrase": phrase}
    return ""


def _too_many(pair: WordPair) -> str:
    count = len(pair.italian) + len(pair.english)
    if count <= gateway.MOST_PHRASES:
        return ""
    return _(
        "A pair has at most %(most)d phrases in both languages together; this one has %(count)d."
    ) % {"most": gateway.MOST_PHRASES, "count": count}
