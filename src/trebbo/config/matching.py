"""`trebbo matching`: trains the ranking, measures it, and says which one is in use."""

import argparse
import json
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

INTERRUPTED = 130
SHOWN = ("ndcg@20", "recall@20", "mrr")


def main(arguments: list[str]) -> int:
    """Run `trebbo matching`: 0 when done, 1 when refused, 130 when stopped (nothing changed)."""
    options = _parser().parse_args(arguments)

    import django

    django.setup()
    from trebbo.kernel.errors import Refusal

    try:
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
    commands = parser.add_subparsers(required=True)
    trained = commands.add_parser("train", help="learn a ranking from the imported evidence")
    trained.add_argument("--day", type=date.fromisoformat, help="only what was signed before")
    trained.add_argument("--no-scores", action="store_true", help="do not measure it (faster)")
    trained.set_defaults(run=_train)
    evaluated = commands.add_parser("evaluate", help="measure how well partners are found")
    evaluated.add_argument(
        "--cordis", type=Path, action="append", default=[], metavar="ZIP",
        help="an official CORDIS zip; without one the imported evidence is used",
    )  # fmt: skip
    evaluated.add_argument("--split", type=date.fromisoformat, help="learn from before this day")
    evaluated.add_argument("--mode", choices=("idea", "topic", "complete"), action="append")
    evaluated.add_argument("--seed", type=int, default=20)
    evaluated.set_defaults(run=_evaluate)
    status = commands.add_parser("status", help="the works known and the ranking in use")
    status.set_defaults(run=_status)
    forgotten = commands.add_parser("forget", help="go back to the transparent ranking")
    forgotten.set_defaults(run=_forget)
    for command in (trained, evaluated, status):
        command.add_argument("--json", action="store_true", help="print JSON")
    return parser


def _train(options: argparse.Namespace) -> int:
    from trebbo.kernel.access import installation
    from trebbo.partnering.introductions.actions.training import train_ranking

    row = train_ranking(
        actor=installation(), day=options.day, with_scores=not options.no_scores, tell=_tell
    )
    if options.json:
        print(json.dumps({"data": row.data, "scores": row.scores, "weights": row.weights}))
        return 0
    print(f"{row.data['label']} is in use: {row.data.get('consortia', 0)} consortia")
    _print_scores(row.scores)
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    from trebbo.kernel.access import installation
    from trebbo.partnering.introductions.gateway import training

    today = installation().today
    try:
        report = training.evaluate(
            options.split or training.held_out(today),
            archives=options.cordis,
            today=today,
            modes=options.mode or training.MODES,
            seed=options.seed,
            tell=_tell,
        )
    except training.TooLittleToLearn as error:
        print(error.message, file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps(report, indent=1))
    else:
        _print_scores(report)
    return 0


def _status(options: argparse.Namespace) -> int:
    from trebbo.partnering.introductions import gateway
    from trebbo.partnering.introductions.models import TrainedRanking

    state, works = gateway.matching_status()
    row = TrainedRanking.objects.filter(is_present=True).first()
    chosen = gateway.current_ranking()
    said = {
        "works": works,
        "table": state,
        "ranking": chosen.ranking.label,
        "trained_at": row.trained_at.isoformat() if row else None,
        "data": row.data if row else {},
        "problem": chosen.problem,
    }
    if options.json:
        print(json.dumps(said))
        return 0
    print(f"{works} works in the table ({state})")
    print(f"ranking in use: {said['ranking']}")
    if row:
        print(f"trained {row.trained_at:%Y-%m-%d %H:%M} on {row.data}")
    if chosen.problem:
        print(f"problem: {chosen.problem}")
    return 0


def _forget(options: argparse.Namespace) -> int:
    from trebbo.kernel.access import installation
    from trebbo.partnering.introductions.actions.training import forget_ranking

    found = forget_ranking(actor=installation())
    print("The transparent ranking is in use." if found else "No trained ranking was in use.")
    return 0


def _tell(words: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {words}…", file=sys.stderr, flush=True)


def _print_scores(report: dict[str, Any]) -> None:
    if "reason" in report:
        print(f"not measured: {report['reason']}")
        return
    for mode, told in report.items():
        print(f"\n{mode}: {told['consortia']} consortia\n")
        print("method        " + "".join(f"{name:>20}" for name in SHOWN) + "   (all / new)")
        for name, one in told["methods"].items():
            cells = "".join(
                f"{one['all'].get(figure, 0):>12.4f} {one['new'].get(figure, 0):.4f} "
                for figure in SHOWN
            )
            print(f"{name:<14}{cells}")
        for one in told["fairness"][:12]:
            print(f"  {one['group']}: {one['shown']:.3f} shown, {one['right']:.3f} right")
