"""Measures who is found for real consortia, against the rankings that a user would pick.

    python -m benchmarks.partners --cordis cordis-HORIZONprojects-csv.zip --split 2024-01-01

Learns and indexes only from grants signed before the split; asks about the consortia signed from it
on that have a coordinator and at least two other participants seen before. Modes: idea (title and
objective), topic (title of the call alone), complete (text and half of the team, drawn with the
seed). Figures over all partners, and over new ones (never together with this coordinator before).
"""

import argparse
import json
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from trebbo.engine.matching.baselines import baselines_of
from trebbo.engine.matching.cases import MODES, Case, Consortia
from trebbo.engine.matching.cordis import read_cordis, sha256_of
from trebbo.engine.matching.corpus import Corpus, Numbers
from trebbo.engine.matching.evaluation import (
    Figures,
    Measured,
    Ranker,
    by_ranking,
    by_score,
    fairness,
    measure,
)
from trebbo.engine.matching.history import History
from trebbo.engine.matching.ranking import PlainRanking
from trebbo.engine.matching.training import train

GOALS = {
    "idea": (("bm25", "all", 1.25), ("adamic-adar", "all", 2.0), ("bm25", "new", 1.15)),
    "topic": (("bm25", "all", 1.4), ("adamic-adar", "all", 1.4)),
    "complete": (("bm25", "all", 1.45),),
}
SHOWN = ("ndcg@10", "ndcg@20", "recall@10", "recall@20", "recall@50", "mrr")
GOAL_MINUTES, GOAL_MEMORY_MB = 15, 4_096
LARGEST_TABLES = 12


def main() -> None:
    """Train once, measure every mode, print the tables, or JSON."""
    options = _options()
    _tell("reading")
    evidence = read_cordis(options.cordis)
    corpus = Corpus.of(evidence)
    split = date.fromisoformat(options.split)
    until = date.fromisoformat(options.until).toordinal() if options.until else 10**7
    started = time.perf_counter()
    ours = train(evidence, split, corpus=corpus, tell=_tell)
    training = time.perf_counter() - started
    history = History.of(corpus, split.toordinal())
    consortia = Consortia(corpus, {work.key: work for work in evidence.works})
    rankers = dict(_rankers(history, options.seed, with_als=not options.without_als))
    rankers |= {
        "ours, untrained": by_ranking(history, PlainRanking()),
        "ours": by_ranking(history, ours),
    }
    report: dict[str, Any] = {
        "data": {file.name: sha256_of(file) for file in options.cordis},
        "split": options.split,
        "seed": options.seed,
        "works_before": history.count,
        "bodies_before": int(history.is_known.sum()),
        "training_seconds": round(training, 1),
        "modes": {},
    }
    for mode in options.mode:
        cases = list(consortia.cases(history, until, mode, seed=options.seed))[:: options.every]
        _tell(f"{mode}: {len(cases)} consortia")
        methods = {name: measure(history, cases, ranker) for name, ranker in rankers.items()}
        report["modes"][mode] = _told(history, cases, methods, mode)
    report["peak_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    first = report["modes"][options.mode[0]]
    report["methods"] = first["methods"]
    print(json.dumps(report, indent=1) if options.json else _table(report))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cordis", type=Path, action="append", required=True, metavar="ZIP")
    parser.add_argument("--split", required=True, metavar="DATE", help="learn from before this day")
    parser.add_argument("--until", default="", metavar="DATE", help="ask only about grants before")
    parser.add_argument(
        "--mode", choices=MODES, action="append", help="a mode, repeatable (all three)"
    )
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--every", type=int, default=1, help="ask only every n-th consortium")
    parser.add_argument("--without-als", action="store_true", help="leave implicit ALS out")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    options.mode = options.mode or list(MODES)
    return options


def _tell(words: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {words}…", file=sys.stderr, flush=True)


def _rankers(history: History, seed: int, *, with_als: bool) -> Iterator[tuple[str, Ranker]]:
    for name, score in baselines_of(history).items():
        yield name, by_score(history, score)
    if with_als:
        yield "implicit als", by_score(history, _als(history, seed))


def _als(history: History, seed: int) -> Any:
    """Implicit-feedback ALS (Hu, Koren and Volinsky, 2008) by the `implicit` library.

    Works are its users, bodies its items: a new work is folded in from those who are there.
    """
    from implicit.cpu.als import AlternatingLeastSquares

    model = AlternatingLeastSquares(
        factors=64, regularization=0.05, iterations=15, random_state=seed, num_threads=2
    )
    model.fit(history.by_work, show_progress=False)

    def score(case: Case) -> Numbers:
        number = history.corpus.number_of
        there = [number[key] for key in case.need.team] + ([case.asker] if case.asker >= 0 else [])
        point = model.item_factors[there].mean(axis=0)
        return np.asarray(model.item_factors @ point, np.float32)

    return score


def _told(
    history: History, cases: list[Case], methods: dict[str, Measured], mode: str
) -> dict[str, Any]:
    ours = methods["ours"]
    ratios = {
        f"{name} {scope}": {
            "ratio": _ratio(getattr(ours, scope), getattr(methods[name], scope)),
            "goal": goal,
        }
        for name, scope, goal in GOALS[mode]
    }  # fmt: skip
    return {
        "consortia": len(cases),
        "methods": {
            name: {
                "all": one.all,
                "new": one.new,
                "ms": round(1000 * one.seconds / max(len(cases), 1), 1),
            }
            for name, one in methods.items()
        },
        "ratios": ratios,
        "fairness": [asdict(share) | {"ratio": share.ratio}
                     for share in fairness(history, cases, ours.shown)],
    }  # fmt: skip


def _ratio(ours: Figures, other: Figures) -> float:
    return round(ours["ndcg@20"] / max(other["ndcg@20"], 1e-9), 3)


def _table(report: dict[str, Any]) -> str:
    lines = [
        *(f"{name} sha256 {digest}" for name, digest in report["data"].items()),
        f"split {report['split']}, seed {report['seed']}",
        f"{report['works_before']:,} works and {report['bodies_before']:,} bodies before it",
        f"training {report['training_seconds']} s (goal {GOAL_MINUTES * 60})",
        f"peak memory {report['peak_mb']:,} MB (goal {GOAL_MEMORY_MB:,})",
    ]
    for mode, told in report["modes"].items():
        lines += ["", f"## {mode}: {told['consortia']:,} consortia", ""]
        for scope in ("all", "new"):
            lines += [f"| {scope} partners | " + " | ".join(SHOWN) + " | ms |"]
            lines += ["| --- |" + " ---: |" * (len(SHOWN) + 1)]
            for name, one in told["methods"].items():
                cells = " | ".join(f"{one[scope].get(figure, 0):.4f}" for figure in SHOWN)
                lines.append(f"| {name} | {cells} | {one['ms']} |")
            lines.append("")
        lines += ["| nDCG@20 of ours against | ratio | goal |", "| --- | ---: | ---: |"]
        lines += [
            f"| {name} | {one['ratio']:.3f} | {one['goal']} |"
            for name, one in told["ratios"].items()
        ]
        lines += ["", "| group | of the first ten | of the right answers | ratio |"]
        lines += ["| --- | ---: | ---: | ---: |"]
        lines += [
            f"| {one['group']} | {one['shown']:.4f} | {one['right']:.4f} | "
            f"{one['ratio']:.2f} |" for one in told["fairness"][:LARGEST_TABLES]
        ]  # fmt: skip
    return "\n".join(lines)


if __name__ == "__main__":
    main()
