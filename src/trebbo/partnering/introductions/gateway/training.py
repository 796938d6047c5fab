"""Has the engine learn a ranking from the database's evidence, and says how good it is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from trebbo.engine.matching.baselines import baselines_of
from trebbo.engine.matching.cases import MODES, Case, Consortia, Mode
from trebbo.engine.matching.contracts import Evidence, MatchingError, TooLittleToLearn
from trebbo.engine.matching.cordis import read_cordis
from trebbo.engine.matching.corpus import Corpus
from trebbo.engine.matching.evaluation import by_ranking, by_score, fairness, measure
from trebbo.engine.matching.features import SCHEMA
from trebbo.engine.matching.history import TEAM, History
from trebbo.engine.matching.ranking import PlainRanking
from trebbo.engine.matching.training import Recipe, train
from trebbo.engine.matching.weighing import TERMS, Judged, as_dict, weights_from
from trebbo.partnering.introductions.gateway.works import evidence_on

__all__ = ["MODES", "SCHEMA", "TERMS", "Judged", "MatchingError", "Recipe", "TooLittleToLearn"]

HELD_OUT_DAYS = 183
HELD_OUT_SHARE = 0.2
FEWEST_HELD_OUT = 40
"""Consortia of the last half year, without which the last fifth of all is held out instead."""
MOST_CASES = 300
COMPARED = ("bm25", "adamic-adar", "popularity")
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Learned:
    """A ranking as text, with what it was learned from, and how good it was on a hold-out."""

    label: str
    text: str
    about: Mapping[str, Any]
    scores: Mapping[str, Any]


def learn(day: date, *, with_scores: bool, recipe: Recipe | None, tell: Tell) -> Learned:
    """Learn from what was done before the day. Raises TooLittleToLearn.

    Scores are those of a ranking learned in the same way from less, asked about what was held out;
    `{"reason": …}` where there is too little for that.
    """
    tell("reading the evidence")
    evidence = evidence_on(day)
    corpus = Corpus.of(evidence)
    ranking = train(evidence, day, recipe=recipe, corpus=corpus, tell=tell)
    scores: dict[str, Any] = {}
    if with_scores:
        try:
            scores = _evaluated(evidence, corpus, until=day, recipe=recipe, tell=tell)
        except TooLittleToLearn as error:
            scores = {"reason": error.message}
    return Learned(ranking.label, ranking.dumps(), ranking.about, scores)


def learned_weights(judged: Sequence[Judged]) -> dict[str, float]:
    """The weights that explain what people preferred; the default ones where nobody did."""
    return as_dict(weights_from(judged))


def evaluate(
    split: date | None = None,
    *,
    archives: Sequence[Path] = (),
    today: date,
    modes: Sequence[Mode] = MODES,
    recipe: Recipe | None = None,
    seed: int = 20,
    tell: Tell = lambda _words: None,
) -> dict[str, Any]:
    """How well partners of later consortia are found by what was known before `split`.

    On official zips where some are given, else on the database's evidence. By mode the methods with
    their figures over all and over new partners, and the fairness table of ours; `split` is the day
    (see `held_out` where none is given). Raises TooLittleToLearn, and MatchingError for a zip that
    is not as published.
    """
    tell("reading the evidence")
    evidence = read_cordis(archives) if archives else evidence_on(today)
    corpus = Corpus.of(evidence)
    until = today + timedelta(days=1)
    return _evaluated(
        evidence, corpus, split=split, until=until, modes=modes, recipe=recipe, seed=seed, tell=tell
    )


def _evaluated(
    evidence: Evidence,
    corpus: Corpus,
    *,
    until: date,
    split: date | None = None,
    modes: Sequence[Mode] = MODES,
    recipe: Recipe | None = None,
    seed: int = 20,
    tell: Tell,
) -> dict[str, Any]:
    """The scores over the consortia from the split until a day, that day left out."""
    split = split or held_out(evidence, until)
    tell(f"measuring: learning again from before {split.isoformat()}")
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
        cases = _spread(list(consortia.cases(history, until.toordinal(), mode, seed=seed)))
        tell(f"{mode}: asking about {len(cases)} consortia")
        if cases:
            report[mode] = _measured(history, cases, rankers)
    if not report:
        raise TooLittleToLearn(f"No consortium was signed from {split.isoformat()} on.")
    return {"split": split.isoformat(), **report}


def _spread(cases: list[Case]) -> list[Case]:
    """At most MOST_CASES, evenly over the time they are of."""
    many = len(cases)
    if many <= MOST_CASES:
        return cases
    return [cases[place * many // MOST_CASES] for place in range(MOST_CASES)]


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


def held_out(evidence: Evidence, day: date) -> date:
    """The day before which a ranking is learned, to be measured on what came after until `day`.

    Half a year earlier; where that would hold out too few consortia, or more than HELD_OUT_SHARE,
    the day from which on the last HELD_OUT_SHARE of them were signed.
    """
    half_year = day - timedelta(days=HELD_OUT_DAYS)
    days = sorted(
        work.day for work in evidence.works if work.day < day and len(work.members) >= TEAM
    )
    late = sum(one >= half_year for one in days)
    if not days or FEWEST_HELD_OUT <= late <= HELD_OUT_SHARE * len(days):
        return half_year
    return days[int((1 - HELD_OUT_SHARE) * len(days))]
