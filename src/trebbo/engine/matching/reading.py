"""Tells in which language a need is written, and which of its words tell the most."""

from dataclasses import dataclass

from trebbo.engine.search.analysis import normalise, words_of
from trebbo.engine.search.stopwords import STOP_WORDS

FEWEST_WORDS = 5
"""A few words may be a name or a term of the trade in any language."""
CLEAR_MARGIN = 15.0
"""By how much (natural logarithm of likelihoods) another language must be ahead of both ours."""
READ = 4_000
OURS = ("it", "en")


@dataclass(frozen=True, slots=True)
class Reading:
    """The language of a need: the nearer of ours, and the code of another where it is clearly so.

    `content` is how many words are left without the stop words.
    """

    language: str
    other: str
    content: int


def read(text: str) -> Reading:
    """Read a need, its first characters where it is long."""
    words = [word for _start, _end, word in words_of(normalise(text[:READ]))]
    content = sum(word not in STOP_WORDS for word in words)
    if not words:
        return Reading("", "", 0)
    # Half a second to load its model: only when a need is read.
    from py3langid import rank

    likely: dict[str, float] = dict(rank(text[:READ]))
    language = max(OURS, key=lambda code: likely.get(code, float("-inf")))
    best = max(likely, key=lambda code: likely[code])
    clear = likely[best] - likely.get(language, float("-inf")) > CLEAR_MARGIN
    return Reading(language, best if clear and len(words) >= FEWEST_WORDS else "", content)
