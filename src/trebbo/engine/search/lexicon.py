"""The bilingual lexicon: which phrases of Italian and English name the same concept."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from trebbo.engine.search.analysis import Token, normalise, tokens_of


@dataclass(frozen=True, slots=True)
class Concept:
    """One thing with its phrases in both languages; the first of each is its label."""

    id: str
    italian: tuple[str, ...]
    english: tuple[str, ...]

    @property
    def italian_label(self) -> str:
        """The Italian label, or the English one where there is none."""
        return (self.italian or self.english or (self.id,))[0]

    @property
    def english_label(self) -> str:
        """The English label, or the Italian one where there is none."""
        return (self.english or self.italian or (self.id,))[0]


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase reduced to the stems of its content words, in order."""

    text: str
    stems: tuple[str, ...]


class Lexicon:
    """Finds the longest phrases it knows in a question. Built once, read by many threads."""

    def __init__(self, concepts: Iterable[Concept] = ()) -> None:
        self.concepts: dict[str, Concept] = {concept.id: concept for concept in concepts}
        self._phrases: dict[str, tuple[Phrase, ...]] = {}
        self._italian: dict[tuple[str, ...], list[str]] = {}
        self._english: dict[tuple[str, ...], list[str]] = {}
        for concept in self.concepts.values():
            italian = [_phrase(text, english=False) for text in concept.italian]
            english = [_phrase(text, english=True) for text in concept.english]
            self._enter(self._italian, concept.id, italian)
            self._enter(self._english, concept.id, english)
            known = dict.fromkeys(phrase for phrase in italian + english if phrase.stems)
            self._phrases[concept.id] = tuple(known)
        longest = [len(stems) for table in (self._italian, self._english) for stems in table]
        self._longest = max(longest, default=0)

    @staticmethod
    def _enter(
        table: dict[tuple[str, ...], list[str]], concept: str, phrases: list[Phrase]
    ) -> None:
        for stems in {tuple(sorted(phrase.stems)) for phrase in phrases if phrase.stems}:
            table.setdefault(stems, []).append(concept)

    def phrases(self, concept: str) -> tuple[Phrase, ...]:
        """Every phrase of a concept, in both languages."""
        return self._phrases[concept]

    def longest_match(
        self, italian: Sequence[str], english: Sequence[str]
    ) -> tuple[int, list[str]] | None:
        """The longest phrase at the start of a question, as (number of words, concepts).

        Takes the stems of the same content words in each language. Words of a phrase may come in
        any order, as they do between the two languages.
        """
        for size in range(min(self._longest, len(italian)), 0, -1):
            concepts = list(self._italian.get(tuple(sorted(italian[:size])), ()))
            for concept in self._english.get(tuple(sorted(english[:size])), ()):
                if concept not in concepts:
                    concepts.append(concept)
            if concepts:
                return size, concepts
        return None


def _phrase(text: str, *, english: bool) -> Phrase:
    tokens = tokens_of(normalise(text), "en" if english else "it")
    return Phrase(text, tuple(token.stems[0] for token in tokens if _counts(token)))


def _counts(token: Token) -> bool:
    return token.place is not None
