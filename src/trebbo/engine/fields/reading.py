"""From a text to weighted terms that texts of both languages share."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from trebbo.engine.fields.cognates import Cognates
from trebbo.engine.fields.contracts import Example, Field
from trebbo.engine.fields.dictionary import OTHER, Dictionary, content_words, term_of, terms_in
from trebbo.engine.matching.contracts import Language
from trebbo.engine.matching.terms import LONGEST_PHRASE, MOST_TERMS, TRANSLATED
from trebbo.engine.search.analysis import stems_of
from trebbo.engine.search.lexicon import Concept, Lexicon

LONGEST_TEXT = 60_000
"""Characters read: a long report; what a book says later, it says before as well."""
ALIKE = 0.7
"""A cognate says the same a little less surely than a translation."""

FIRST, LOOSELY = 1.0, 0.02
"""What the label of a concept in the other language counts, and its synonyms, before any of their
words answers one of the text: a twin of the text mostly says the label, or the same word."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The terms of a text with how often they are said, and the first words that say each."""

    counts: dict[str, float]
    words: dict[str, str]


def counted(text: str, language: Language) -> Counter[str]:
    """The terms of a text as it is, of an example or a label."""
    return Counter(terms_in(text[:LONGEST_TEXT], language))


class Reader:
    """Reads texts into the terms of both languages. Built once, used by many threads.

    A word is translated by the longest phrase of the lexicon it is a part of; where there is none,
    by the dictionary of single words; where that is silent too, by a word that looks alike.
    """

    def __init__(self, lexicon: Lexicon, cognates: Cognates) -> None:
        self._lexicon = lexicon
        self._dictionary = Dictionary(lexicon.concepts.values())
        self._cognates = cognates

    @classmethod
    def of(
        cls, fields: Sequence[Field], examples: Sequence[Example], lexicon: Lexicon | None
    ) -> "Reader":
        """Learn the words: names of fields in two languages are pairs of phrases as well."""
        concepts = list(lexicon.concepts.values()) if lexicon else []
        concepts += [
            Concept(f"field:{one.key}", one.names("it"), one.names("en")) for one in fields
        ]
        words: dict[Language, Counter[str]] = {"it": Counter(), "en": Counter()}
        for one in examples:
            words[one.language].update(set(content_words(one.text[:LONGEST_TEXT])))
        for concept in concepts:
            for phrase in concept.italian:
                words["it"].update(content_words(phrase))
            for phrase in concept.english:
                words["en"].update(content_words(phrase))
        return cls(Lexicon(concepts), Cognates(words))

    def read(self, text: str, language: Language) -> Reading:
        """The terms of a text; a long one is cut to the MOST_TERMS that it says most often."""
        words = content_words(text[:LONGEST_TEXT])
        own = [term_of(word, language) for word in words]
        kept = dict(Counter(own).most_common(MOST_TERMS))
        first: dict[str, str] = {}
        for word, term in zip(words, own, strict=True):
            first.setdefault(term, word)
        translated: dict[str, float] = {}
        for word, term, weight in self._translated(words, language):
            translated[term] = translated.get(term, 0.0) + weight
            first.setdefault(term, word)
        most = sorted(translated.items(), key=lambda one: (-one[1], one[0]))[:MOST_TERMS]
        return Reading({term: float(count) for term, count in kept.items()} | dict(most), first)

    def _translated(self, words: list[str], language: Language) -> Iterator[tuple[str, str, float]]:
        """(words, term of the other language, weight) for each phrase or word that stands there."""
        italian = [stems_of(word, "it")[0] for word in words]
        english = [stems_of(word, "en")[0] for word in words]
        at = 0
        while at < len(words):
            reach = at + LONGEST_PHRASE
            match = self._lexicon.longest_match(italian[at:reach], english[at:reach])
            size, concepts = match or (1, [])
            found = list(self._by_phrase(concepts, words[at : at + size], language))
            phrase = " ".join(words[at : at + size])
            yield from ((phrase, term, weight) for term, weight in found)
            for place in range(at, at + size if not found else at):
                alone = self._by_word(words[place], language)
                yield from ((words[place], term, weight) for term, weight in alone)
            at += size

    def _by_phrase(
        self, concepts: Iterable[str], words: list[str], language: Language
    ) -> Iterator[tuple[str, float]]:
        """Terms of the phrases of these concepts in the other language.

        The phrase that answers the words one by one says the same; the others less surely.
        """
        other = OTHER[language]
        alone = {term for word in words for term, _sure in self._by_word(word, language)}
        said = [self._lexicon.concepts[concept] for concept in concepts]
        phrases = [
            (terms, FIRST if place == 0 else LOOSELY)
            for one in said
            for place, phrase in enumerate(one.english if other == "en" else one.italian)
            if (terms := frozenset(terms_in(phrase, other)))
        ]
        answers = [start + len(terms & alone) / len(terms) for terms, start in phrases]
        best: dict[str, float] = {}
        for (terms, _start), answer in zip(phrases, answers, strict=True):
            for term in terms:
                best[term] = max(best.get(term, 0.0), answer)
        yield from ((term, TRANSLATED * best[term] / max(answers)) for term in sorted(best))

    def _by_word(self, word: str, language: Language) -> Iterable[tuple[str, float]]:
        said = self._dictionary.translations(term_of(word, language))
        if said:
            return [(other, TRANSLATED * sure) for other, sure in said]
        return [(other, ALIKE) for other in self._cognates.terms(word, OTHER[language])]
