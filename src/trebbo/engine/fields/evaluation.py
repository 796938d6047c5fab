"""Measures suggestions against the fields that texts are known to be in."""

import time
from collections.abc import Callable, Collection, Sequence

import numpy as np

from trebbo.engine.fields.contracts import Example

DEPTH = 10
FIGURES = ("precision@3", "precision@5", "recall@5", "MAP")
Figures = dict[str, float]
Method = Callable[[str, int], Sequence[str]]
"""From a text and a number to at most that many keys of fields, the best first."""


def measure(asked: Sequence[Example], known: Collection[str], method: Method) -> Figures:
    """Means over texts, and milliseconds a text; the method sees the text alone.

    The truth of a text are its fields among the `known` ones, at least one. Precision at k is the
    true among the first k over k, though fewer were suggested or fewer are true. Recall at 5 is the
    true among the first five over all true. MAP is the mean of average precision over the first
    ten: the sum of precision at the place of each true one found, over the true ones (ten at most).
    So a true field that is not among the ten, or that a method cannot know, counts as not found.
    """
    figures, seconds = [], 0.0
    for one in asked:
        started = time.perf_counter()
        suggested = list(method(one.text, DEPTH))[:DEPTH]
        seconds += time.perf_counter() - started
        figures.append(figures_of(suggested, set(one.fields) & set(known)))
    means = np.mean(figures, axis=0) if figures else np.zeros(len(FIGURES))
    told = dict(zip(FIGURES, map(float, means), strict=True))
    return told | {"ms": 1000 * seconds / max(len(asked), 1)}


def figures_of(suggested: Sequence[str], truth: Collection[str]) -> tuple[float, ...]:
    """The FIGURES of one text."""
    hits = [key in truth for key in suggested]
    precise = [sum(hits[: place + 1]) / (place + 1) for place, hit in enumerate(hits) if hit]
    return (
        sum(hits[:3]) / 3,
        sum(hits[:5]) / 5,
        sum(hits[:5]) / len(truth),
        sum(precise) / min(len(truth), DEPTH),
    )
