"""Has the engine learn a ranking from the database's evidence, and says how good it is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from trebbo.engine.matching.baselines import baselines_of
from trebbo.engine.matching.cases import MODES, Case, Consortia, Mode
from trebbo.engine.matching.contracts import Evidence, TooLittleToLearn
from trebbo.engine.matching.cordis import read_cordis
from trebbo.engine.matching.corpus import Corpus
from trebbo.engine.matching.evaluation import by_ranking, by_score, fairness, measure
from trebbo.engine.matching.features import SCHEMA
from trebbo.engine.matching.history import History
from trebbo.engine.matching.ranking import PlainRanking
from trebbo.engine.matching.training import Recipe, train
from trebbo.engine.matching.weighing import TERMS, Judged, as_dict, weights_from
from trebbo.partnering.introductions.gateway.works import evidence_on

__all__ = ["MODES", "SCHEMA", "TERMS", "Judged", "Recipe", "TooLittleToLearn"]

HELD_OUT_DAYS = 183
MOST_CASES = 300
COMPARED = ("bm25", "adamic-adar", "popularity")
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Learned:
    """A ranking as text, with what it was learned from."""

    label: str
    text: str
    about: Mapping[str, Any]


def learn(day: date, *, recipe: Recipe | None, tell: Tell) -> Learned:
    """Learn from what was done before the day. Raises TooLittleToLearn."""
    ranking = train(evidence_on(day), day, recipe=recipe, tell=tell)
    return Learned(ranking.label, ranking.dumps(), ranking.about)


def learned_weights(judged: Sequence[Judged]) -> dict[str, float]:
    """The weights that explain what people preferred; the default ones where nobody did."""
    return as_dict(weights_from(judged))


def evaluate(
    split: date,
    *,
    archives: Sequence[Path] = (),
    today: date,
    modes: Sequence[Mode] = MODES,
    recipe: Recipe | None = None,
    seed: int = 20,
    tell: Tell = lambda _words: None,
) -> dict[str, Any]:
    """How well partners of later consortia are found by what was known before `split`.

    On official zips where some are given, else on the database's evidence. For each mode the
    methods with their figures over all and over new partners, and the fairness table of ours.
    Raises TooLittleToLearn.
    """
    evidence: Evidence = read_cordis(archives) if archives else evidence_on(today)
    corpus = Corpus.of(evidence)
    ours = train(evidence, split, recipe=recipe, corpus=corpus, tell=tell)
    history = History.of(corpus, split.toordinal())
    rankers = {
        name: by_score(history, score)
        for name, score in baselines_of(history).items()
        if name in COMPARED
    }
    rankers |= {"plain": by_ranking(history, PlainRanking()), "ours": by_ranking(history, ours)}
    consortia = Consortia(corpus, {work.key: work for work in evidence.works})
    report: dict[str, Any] = {}
    for mode in modes:
        cases = list(consortia.cases(history, today.toordinal() + 1, mode, seed=seed))
        cases = cases[:: max(1, len(cases) // MOST_CASES)]
        tell(f"{mode}: {len(cases)} consortia")
        if cases:
            report[mode] = _measured(history, cases, rankers)
    return report


def _measured(history: History, cases: list[Case], rankers: Mapping[str, Any]) -> dict[str, Any]:
    methods = {name: measure(history, cases, ranker) for name, ranker in rankers.items()}
    shares = fairness(history, cases, methods["ours"].shown)
    return {
        "consortia": len(cases),
        "methods": {name: {"all": one.all, "new": one.new} for name, one in methods.items()},
        "fairness": [
            {"group": one.group, "shown": one.shown, "right": one.right} for one in shares
        ],
    }


def held_out(day: date) -> date:
    """The day before which a ranking is learned to be measured on what came after."""
    return day - timedelta(days=HELD_OUT_DAYS)
