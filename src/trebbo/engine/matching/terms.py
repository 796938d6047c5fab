"""From text to weighted terms: the words of works and needs, the same for all of matching."""

from collections import Counter
from collections.abc import Iterable

from trebbo.engine.matching.contracts import Language
from trebbo.engine.search.analysis import normalise, stems_of, words_of
from trebbo.engine.search.lexicon import Lexicon
from trebbo.engine.search.stopwords import STOP_WORDS

MOST_TERMS = 400
"""Terms of a need that are looked for: a pasted page has fewer, a pasted book is cut to these."""
TRANSLATED = 0.8
"""A translation says the same, a little less surely than the word itself (as in search)."""
LONGEST_PHRASE = 6


def counted_terms(text: str, language: Language) -> Counter[str]:
    """The stems of a text with how often each stands there; stop words are left out."""
    return Counter(stem for _word, stem in _read(text, language))


def terms_of(text: str, language: Language, lexicon: Lexicon | None = None) -> dict[str, float]:
    """The terms of a need: its own stems, and those of the same concepts in the other language.

    A long text is cut to the MOST_TERMS that it says most often.
    """
    read = _read(text, language)
    own = Counter(stem for _word, stem in read)
    kept = dict(own.most_common(MOST_TERMS))
    weights = {stem: float(count) for stem, count in kept.items()}
    for stem, weight in _translated([word for word, _stem in read], lexicon):
        if stem not in kept:
            weights[stem] = max(weights.get(stem, 0.0), weight * TRANSLATED)
    return weights


def _read(text: str, language: Language) -> list[tuple[str, str]]:
    """The content words of a text with their stems."""
    words = (word for _start, _end, word in words_of(normalise(text)))
    return [
        (word, stems_of(word, language)[0])
        for word in words
        if len(word) > 1 and word not in STOP_WORDS
    ]


def _translated(words: list[str], lexicon: Lexicon | None) -> Iterable[tuple[str, float]]:
    """Stems of the other ways to say the concepts that the words name."""
    if lexicon is None:
        return
    italian = [stems_of(word, "it")[0] for word in words]
    english = [stems_of(word, "en")[0] for word in words]
    at = 0
    while at < len(words):
        reach = at + LONGEST_PHRASE
        match = lexicon.longest_match(italian[at:reach], english[at:reach])
        if match is None:
            at += 1
            continue
        size, concepts = match
        for concept in concepts:
            for phrase in lexicon.phrases(concept):
                for stem in phrase.stems:
                    yield stem, 1.0 / len(phrase.stems) ** 0.5
        at += size


def frequent_words(text: str, most: int) -> list[str]:
    """The words that a text says most often, one for each stem, as first written."""
    read = _read(text, "it")
    first: dict[str, str] = {}
    for word, stem in read:
        first.setdefault(stem, word)
    counts = Counter(stem for _word, stem in read)
    return [first[stem] for stem, _count in counts.most_common(most)]


def stems_by_way(words: str, lexicon: Lexicon) -> list[tuple[str, ...]]:
    """The stems of some words in both languages, and the stems of each phrase that means the same.

    The phrases are those of the concept that the words name as a whole, if they name one.
    """
    content = [word for word, _stem in _read(words, "it")]
    if not content:
        return []
    italian = tuple(stems_of(word, "it")[0] for word in content)
    english = tuple(stems_of(word, "en")[0] for word in content)
    ways = [italian, english]
    match = lexicon.longest_match(italian, english)
    if match and match[0] == len(content):
        ways += [phrase.stems for concept in match[1] for phrase in lexicon.phrases(concept)]
    return list(dict.fromkeys(ways))
