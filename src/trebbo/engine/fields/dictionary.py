"""A dictionary of single words, learned from phrases that mean the same in both languages."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from trebbo.engine.matching.contracts import Language
from trebbo.engine.search.analysis import normalise, stems_of, words_of
from trebbo.engine.search.lexicon import Concept
from trebbo.engine.search.stopwords import STOP_WORDS

ROUNDS = 6
SURE = 0.4
"""A translation less probable than this says too little."""
OTHER: Mapping[Language, Language] = {"it": "en", "en": "it"}
Pair = tuple[tuple[str, ...], tuple[str, ...], float]
Translations = dict[str, tuple[tuple[str, float], ...]]


def content_words(text: str) -> list[str]:
    """The words of a text that name something, folded, in order."""
    words = (word for _start, _end, word in words_of(normalise(text)))
    return [word for word in words if len(word) > 1 and word not in STOP_WORDS]


def term_of(word: str, language: Language) -> str:
    """The stem of a folded word, marked with its language: the same letters may mean two things."""
    return f"{language}:{stems_of(word, language)[0]}"


def language_in(term: str) -> str:
    """The language that a term is marked with."""
    return term.partition(":")[0]


def terms_in(text: str, language: Language) -> tuple[str, ...]:
    """The terms of the words of a text that name something, in order."""
    return tuple(term_of(word, language) for word in content_words(text))


class Dictionary:
    """Terms of the other language for a term, with how sure each is. Learned once, read by many.

    Word alignment by expectation maximisation (IBM model 1: Brown and others, 1993), from each
    language to the other, over the phrases of concepts as pairs.
    """

    def __init__(self, concepts: Iterable[Concept] = ()) -> None:
        pairs = [pair for concept in concepts for pair in _pairs(concept)]
        back = [(english, italian, share) for italian, english, share in pairs]
        self._translations = _aligned(pairs) | _aligned(back)

    def translations(self, term: str) -> tuple[tuple[str, float], ...]:
        """The terms of the other language that say this one, with their probabilities."""
        return self._translations.get(term, ())


def _pairs(concept: Concept) -> Iterable[Pair]:
    """Each Italian phrase with each English one; a concept with many counts no more than one."""
    share = 1 / max(len(concept.italian) * len(concept.english), 1)
    for italian in concept.italian:
        for english in concept.english:
            source, target = terms_in(italian, "it"), terms_in(english, "en")
            if source and target:
                yield source, target, share


def _aligned(pairs: list[Pair]) -> Translations:
    table: dict[tuple[str, str], float] = defaultdict(lambda: 1.0)
    for _round in range(ROUNDS):
        counts: dict[tuple[str, str], float] = defaultdict(float)
        for source, target, share in pairs:
            for word in target:
                total = sum(table[stem, word] for stem in source)
                for stem in source:
                    counts[stem, word] += share * table[stem, word] / total
        totals: dict[str, float] = defaultdict(float)
        for (stem, _word), count in counts.items():
            totals[stem] += count
        table = defaultdict(float, {key: n / totals[key[0]] for key, n in counts.items()})
    found: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for (stem, word), sure in table.items():
        if sure >= SURE:
            found[stem].append((word, sure))
    return {stem: tuple(sorted(words)) for stem, words in found.items()}
