"""`trebbo matching`: trains the ranking, measures it, and says which one is in use."""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trebbo.partnering.introductions.models import TrainedRanking

INTERRUPTED = 130
MODES = ("idea", "topic", "complete")
MOST_GROUPS = 12
SHOWN = ("ndcg@20", "recall@20", "mrr")


def main(arguments: list[str]) -> int:
    """Run `trebbo matching`: 0 when done, 1 when refused, 130 when stopped (nothing changed)."""
    options = _parser().parse_args(arguments)

    import django

    django.setup()
    from django.utils import translation

    from trebbo.kernel.errors import Refusal

    try:
        with translation.override(options.language):
            done: int = options.run(options)
    except Refusal as refusal:
        print(refusal.message, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped. The ranking in use is the same as before.", file=sys.stderr)
        return INTERRUPTED
    return done


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="trebbo matching",
        description="The ranking of asks: learn it from real consortia, measure it, see it.",
    )
    parser.add_argument("--language", choices=("it", "en"), default=_language())
    commands = parser.add_subparsers(required=True)
    trained = commands.add_parser("train", help="learn a ranking from the imported evidence")
    trained.add_argument("--day", type=date.fromisoformat, help="only what was signed before")
    trained.add_argument("--no-scores", action="store_true", help="do not measure it (faster)")
    trained.set_defaults(run=_train)
    evaluated = commands.add_parser("evaluate", help="measure how well partners are found")
    evaluated.add_argument(
        "--cordis", type=Path, action="extend", nargs="+", default=[], metavar="ZIP",
        help="official CORDIS zips; without one the imported evidence is used",
    )  # fmt: skip
    evaluated.add_argument("--split", type=date.fromisoformat, help="learn from before this day")
    evaluated.add_argument(
        "--mode", choices=MODES, action="append",
        help="a kind of need, repeatable (all three)",
    )  # fmt: skip
    evaluated.add_argument("--seed", type=int, default=20)
    evaluated.set_defaults(run=_evaluate)
    status = commands.add_parser("status", help="the works known and the ranking in use")
    status.set_defaults(run=_status)
    forgotten = commands.add_parser("forget", help="go back to the transparent ranking")
    forgotten.set_defaults(run=_forget)
    for command in (trained, evaluated, status):
        command.add_argument("--json", action="store_true", help="print JSON")
    return parser


def _language() -> str:
    return "it" if os.environ.get("LC_ALL", os.environ.get("LANG", "")).startswith("it") else "en"


def _train(options: argparse.Namespace) -> int:
    from trebbo.kernel.access import installation
    from trebbo.partnering.introductions.actions.training import train_ranking

    row = train_ranking(
        actor=installation(), day=options.day, with_scores=not options.no_scores, tell=_tell
    )
    if options.json:
        print(json.dumps(_as_json(row), indent=1, ensure_ascii=False))
        return 0
    for line in _told(row):
        print(line)
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    from trebbo.kernel.access import installation
    from trebbo.partnering.introductions.gateway import training

    today = installation().today
    try:
        report = training.evaluate(
            options.split,
            archives=options.cordis,
            today=today,
            modes=options.mode or training.MODES,
            seed=options.seed,
            tell=_tell,
        )
    except training.MatchingError as error:
        print(error.message, file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps(report, indent=1))
    else:
        for line in _scores(report):
            print(line)
    return 0


def _status(options: argparse.Namespace) -> int:
    from trebbo.partnering.introductions import gateway
    from trebbo.partnering.introductions.models import TrainedRanking

    state, works = gateway.matching_status()
    row = TrainedRanking.objects.filter(is_present=True).first()
    chosen = gateway.current_ranking()
    if options.json:
        said = {
            "table": state,
            "works": works,
            "ranking": chosen.ranking.label,
            "problem": chosen.problem,
            "trained": _as_json(row) if row else None,
        }
        print(json.dumps(said, indent=1, ensure_ascii=False))
        return 0
    remedy = "" if state == "ready" else ": run `trebbo index`"
    print(f"table of works: {works:,} works ({state}){remedy}")
    print(f"ranking in use: {chosen.ranking.label}")
    for line in _told(row) if row else ():
        print(line)
    if chosen.problem:
        print(f"problem: {chosen.problem}")
    return 0


def _as_json(row: "TrainedRanking") -> dict[str, Any]:
    return {
        "trained_at": row.trained_at.isoformat(),
        "data": row.data,
        "scores": row.scores,
        "weights": row.weights,
    }


def _told(row: "TrainedRanking") -> Iterator[str]:
    """A trained ranking in lines: when, from what, how good, and what people moved."""
    data = row.data
    yield f"{data.get('label', '?')}: trained {row.trained_at:%Y-%m-%d %H:%M}"
    if "reason" in data:
        yield f"  only the weights were learned: {data['reason']}"
    else:
        yield (
            f"  from {data.get('works', 0):,} works before {data.get('until', '?')}, "
            f"{data.get('consortia', 0):,} consortia asked about"
        )
    yield f"  from {data.get('judgements', 0):,} judgements of people"
    weights = ", ".join(f"{name} {value:.2f}" for name, value in row.weights.items())
    yield f"  weights: {weights}"
    yield from _scores(row.scores)


def _forget(options: argparse.Namespace) -> int:
    from trebbo.kernel.access import installation
    from trebbo.partnering.introductions.actions.training import forget_ranking

    found = forget_ranking(actor=installation())
    print("The transparent ranking is in use." if found else "No trained ranking was in use.")
    return 0


def _tell(words: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {words}…", file=sys.stderr, flush=True)


def _scores(report: dict[str, Any]) -> Iterator[str]:
    if "reason" in report:
        yield f"  not measured: {report['reason']}"
    if "split" in report:
        yield f"  asked about the consortia signed from {report['split']} on"
    for mode in filter(report.__contains__, MODES):
        told = report[mode]
        yield f"\n{mode}: {told['consortia']} consortia\n"
        yield f"{'method':<14}" + "".join(f"{name:>19}" for name in SHOWN) + "   (all, new)"
        for name, one in told["methods"].items():
            cells = (
                f"{one['all'].get(figure, 0):>12.4f} {one['new'].get(figure, 0):.4f}"
                for figure in SHOWN
            )
            yield f"{name:<14}" + "".join(cells)
        for one in told["fairness"][:MOST_GROUPS]:
            yield f"  {one['group']}: {one['shown']:.3f} shown, {one['right']:.3f} right"
