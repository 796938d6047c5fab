"""Who is looked at closely: those near in words, tied by past works, or neighbours in the network.

A cheap first step; each signal brings its best, and the ranking then sorts them.
"""

from collections.abc import Iterable

import numpy as np

from trebbo.engine.matching.corpus import Places
from trebbo.engine.matching.history import History
from trebbo.engine.matching.signals import SUMMED, Signals

MOST_BY_SIGNAL = {
    "near": 500,
    "words": 250,
    "vectors": 250,
    "ridge": 200,
    "tied": 200,
    "tied_near": 200,
    "second_near": 300,
    "likely_near": 300,
    "area": 150,
    "team_tied": 250,
    "team_near": 250,
    "team_second_near": 200,
}


def candidates_of(
    history: History, signals: Signals, *, among: Places | None = None, also: Iterable[int] = ()
) -> Places:
    """The rows of the bodies to rank, in order; never the asker nor those already on board.

    `among` limits them (a truth value for each body); `also` adds some whatever the signals say.
    """
    names = list(MOST_BY_SIGNAL)
    columns = [SUMMED.index(name) for name in names]
    votes = np.asarray(history.members @ signals.summed[:, columns])
    may = history.is_known if among is None else history.is_known & among
    may = np.array(may)
    may[signals.team] = False
    if signals.asker >= 0:
        may[signals.asker] = False
    found = [_best(np.where(may, votes[:, at], 0), MOST_BY_SIGNAL[name])
             for at, name in enumerate(names)]  # fmt: skip
    chosen = np.zeros(len(may), bool)
    chosen[np.concatenate(found)] = True
    for row in also:
        chosen[row] = row != signals.asker and (among is None or bool(among[row]))
    chosen[signals.team] = False
    rows: Places = np.flatnonzero(chosen)
    return rows


def _best(values: Places, most: int) -> Places:
    best = np.argpartition(-values, most)[:most] if len(values) > most else np.arange(len(values))
    kept: Places = best[values[best] > 0]
    return kept
