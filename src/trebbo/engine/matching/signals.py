"""What a need says of every work: how near it is in words and meaning, and who is tied to it.

All signals are numbers for each work. A body's features are sums and maxima of them over its works,
so that taking a work away from a body changes exactly what that work added.
"""

from dataclasses import dataclass

import numpy as np

from trebbo.engine.matching.contracts import Need
from trebbo.engine.matching.corpus import Numbers, Places
from trebbo.engine.matching.history import History, unit

BEST_MEAN = 5
ALIKE = 0.5
"""The same by a sentence model, whose cosines are higher."""
MOST = 1.25
"""How far one work may stand out from the nearest few: among few works one is often alone."""
FITTING = 0.12
"""From this cosine on a work is told as being about the need; most pairs of works are below .05."""
LIKELY = 60
BLEND = {"words": 1.0, "vectors": 0.8, "meaning": 0.4, "context": 0.3, "ridge": 0.4}
"""What each way of reading a text adds to the nearness of a work."""
SUMMED = (
    "words", "words_sharp", "vectors", "meaning", "context", "title", "ridge",
    "near", "near_small", "near_recent", "near_broad",
    "programme", "area",
    "tied", "tied_recent", "tied_near", "tied_nearest",
    "second", "second_near", "likely", "likely_near",
    "team_tied", "team_near", "team_second_near",
    "consortia", "recent", "sizes", "works",
)  # fmt: skip
LED = ("near", "works")
HIGHEST = ("near", "vectors", "tied_near")


@dataclass(frozen=True, slots=True)
class Signals:
    """The signals of one need: `summed` is works by SUMMED; the rest is the need's own.

    `nearness` sets every work against the nearest few, `fits` says which are about the need at all.
    """

    summed: Numbers
    nearness: Numbers
    fits: Places
    asker: int
    team: Places
    votes: Numbers
    terms: int
    focus: float


def signals_of(history: History, need: Need) -> Signals:
    """Read a need against a history; an unknown asker or term simply says nothing."""
    number = history.corpus.number_of
    asker = number.get(need.asker, -1)
    team = np.array([number[key] for key in need.team if key in number], np.int64)
    columns: dict[str, Numbers] = {name: np.zeros(history.count, np.float32) for name in SUMMED}
    nearness, fits = _read(history, need, columns)
    votes = history.members @ columns["near"]
    focus = _grouped(history, columns)
    if asker >= 0:
        _tied(history, asker, nearness, columns)
    _likely(history, votes, asker, nearness, columns)
    if len(team):
        _with_team(history, team, nearness, columns)
    columns["consortia"] = history.is_team
    columns["recent"] = history.is_team * history.recency
    columns["sizes"] = np.log1p(history.sizes)
    columns["works"] = np.ones(history.count, np.float32)
    summed = np.column_stack([columns[name] for name in SUMMED])
    return Signals(
        summed, nearness, fits, asker, team, np.asarray(votes, np.float32), len(need.terms), focus
    )


def _read(history: History, need: Need, columns: dict[str, Numbers]) -> tuple[Numbers, Places]:
    """How near each work is to the need, and which fit it; fills the columns of its text."""
    corpus = history.corpus
    found = [(corpus.vocabulary.get(term, -1), weight) for term, weight in need.terms.items()]
    known = [(term, weight) for term, weight in found if term >= 0 and history.is_said[term]]
    if not (known or need.meaning) or not history.count:
        return np.zeros(history.count, np.float32), np.zeros(history.count, bool)
    terms = np.array([term for term, _weight in known], np.int64)
    weights = np.array([weight for _term, weight in known], np.float32)
    few = np.minimum(weights, 2)
    words = _scaled(history.words["text"][:, terms] @ weights)
    context = _scaled(history.words["context"][:, terms] @ few)
    title = _scaled(history.words["title"][:, terms] @ few)
    asked = (1 + np.log(np.maximum(weights, 0.1))).clip(0.1) * history.rarity["text"][terms]
    asked = (asked / max(float(np.linalg.norm(asked)), 1e-9)).astype(np.float32)
    cosines = history.vectors_by_term[:, terms] @ asked
    vectors = _scaled(cosines)
    point = unit(history.directions[:, terms] @ asked)
    alike = _alike(history, need)
    meaning = _scaled(np.maximum(history.meanings @ point, 0) if alike is None else alike)
    ridge = _scaled(np.maximum(history.meanings @ (history.ridge @ point), 0))
    read = {
        "words": words, "vectors": vectors, "meaning": meaning, "context": context, "ridge": ridge
    }  # fmt: skip
    # Where even the nearest work is hardly about the need, nothing is near.
    fits = cosines >= FITTING
    sure = min(1.0, float(cosines.max(initial=0)) / FITTING)
    if alike is not None:
        fits |= alike >= ALIKE
        sure = max(sure, min(1.0, float(alike.max(initial=0)) / ALIKE))
    blend = np.sum([weight * read[name] for name, weight in BLEND.items()], axis=0)
    near = np.float32(sure) * _scaled(blend)
    for name, values, most, power in (
        ("words", words, 100, 2), ("words_sharp", words, 1000, 4), ("vectors", vectors, 100, 2),
        ("meaning", meaning, 200, 4), ("context", context, 150, 2), ("title", title, 100, 2),
        ("ridge", ridge, 300, 2), ("near", near, 150, 3), ("near_broad", near, 600, 2),
    ):  # fmt: skip
        columns[name] = _votes(values, most, power)
    columns["near_small"] = columns["near"] / np.log1p(np.maximum(history.sizes, 2))
    columns["near_recent"] = columns["near"] * history.recency
    columns["near_broad"] *= history.is_team
    return near, fits


def _alike(history: History, need: Need) -> Numbers | None:
    """The cosines of a sentence model, whatever the languages; None where there is none."""
    if history.sentences is None or len(need.meaning) != history.sentences.shape[1]:
        return None
    cosines: Numbers = np.maximum(history.sentences @ np.array(need.meaning, np.float32), 0)
    return cosines


def _scaled(values: Numbers) -> Numbers:
    """Divided by the mean of the highest few: a yardstick that hangs on works, not on bodies."""
    values = np.asarray(values, np.float32).ravel()
    most = min(BEST_MEAN, len(values))
    highest = float(np.partition(values, -most)[-most:].mean()) if most else 0.0
    if highest <= 1e-9:
        return np.zeros_like(values)
    scaled: Numbers = np.minimum(values / np.float32(highest), np.float32(MOST))
    return scaled


def _votes(values: Numbers, most: int, power: int) -> Numbers:
    """The `most` highest values to a power; the others are silent."""
    votes = np.zeros_like(values)
    best = np.argpartition(-values, most)[:most] if len(values) > most else np.arange(len(values))
    votes[best] = np.maximum(values[best], 0) ** power
    return votes


def _grouped(history: History, columns: dict[str, Numbers]) -> float:
    """Votes for all works of the programmes and areas that the near works stand in."""
    focus = 0.0
    weights = columns["near"] * history.is_team
    total = max(float(weights.sum()), 1e-9)
    for name, groups, most in history.groups:
        placed = groups >= 0
        if not placed.any():
            continue
        shares = np.bincount(groups[placed], weights[placed], minlength=most) / total
        fair = shares / np.maximum(history.group_sizes[name], 1)
        columns[name] = (np.where(placed, fair[groups], 0) * history.is_team * 1000).astype(
            np.float32
        )
        focus = float(np.square(shares).sum())
    return focus


def _tied(history: History, asker: int, nearness: Numbers, columns: dict[str, Numbers]) -> None:
    """Works shared with the asker, and works of those it worked with."""
    own = history.works_of(asker)
    tie = np.zeros(history.count, np.float32)
    tie[own] = history.tie_weights[own]
    columns["tied"] = tie
    columns["tied_recent"] = tie * history.recency
    columns["tied_near"] = np.where(tie > 0, nearness, 0)
    columns["tied_nearest"] = np.where(tie > 0, nearness**3, 0)
    partners = np.asarray(history.members @ tie)
    partners[asker] = 0
    # What everybody shares with the much-travelled says little.
    through = history.by_work @ (partners / np.log1p(1 + history.teams))
    columns["second"] = np.asarray(through * history.sharing, np.float32)
    columns["second_near"] = columns["second"] * nearness


def _likely(
    history: History, votes: Numbers, asker: int, nearness: Numbers, columns: dict[str, Numbers]
) -> None:
    """Works of those who are likely to be in the team by the text alone."""
    votes = np.array(votes, np.float32)
    if asker >= 0:
        votes[asker] = 0
    most = min(LIKELY, len(votes))
    best = np.argpartition(-votes, most - 1)[:most] if most else np.zeros(0, np.int64)
    likely = np.zeros_like(votes)
    likely[best] = votes[best] / np.sqrt(history.teams[best] + 1)
    through = np.asarray(history.by_work @ likely, np.float32) * history.sharing
    columns["likely"] = through
    columns["likely_near"] = through * nearness


def _with_team(
    history: History, team: Places, nearness: Numbers, columns: dict[str, Numbers]
) -> None:
    """Works shared with those already on board, each body counting by how seldom it is met."""
    aboard = np.zeros(len(history.teams), np.float32)
    aboard[team] = 1 / np.sqrt(history.teams[team] + 1)
    shared = np.asarray(history.by_work @ aboard, np.float32)
    columns["team_tied"] = shared * history.tie_weights
    columns["team_near"] = shared * nearness**2
    partners = np.asarray(history.members @ columns["team_tied"])
    partners[team] = 0
    through = np.asarray(history.by_work @ (partners / np.log1p(1 + history.teams)), np.float32)
    columns["team_second_near"] = through * history.sharing * nearness
