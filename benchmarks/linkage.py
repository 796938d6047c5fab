"""Measures linkage on gold pairs against exact names, the best string distance and Splink.

    .venv/bin/python -m benchmarks.linkage --pic-ror FILE --ror ZIP --cordis ZIP
        [--strings FILE]… [--names FILE] [--checked FILE] [--seed N] [--retrain] [--json]

The gold is split into halves by the right body. What needs tuning is tuned on one, everything is
reported on the other. The seed must be the one the shipped model was trained with, or the model
has seen part of what is reported; `--retrain` learns a model for another seed first. Gold pairs
whose right body is not in the dump stay as questions whose only right answer is "nobody".
"""

import argparse
import json
import resource
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.linkage_baselines import (
    Links,
    exact,
    single_distance,
    splink_links,
    texts_exact,
    texts_single_distance,
)
from benchmarks.linkage_sources import (
    CHECKED,
    Parts,
    read_checked,
    read_cordis,
    read_pairs,
    read_ror,
    read_strings,
    split,
    taken_apart,
)
from trebbo.engine.linkage import (
    Entity,
    Gold,
    Match,
    Model,
    StatisticalLinker,
    Zone,
    learn_rarity,
    load,
    train,
)


@dataclass(frozen=True, slots=True)
class Line:
    """A method's figures on the reporting half.

    `checked` is the precision where contradictions to the gold judged by hand count as judged;
    `nobody` the links of bodies whose right one is not in the dump.
    """

    task: str
    method: str
    precision: float
    recall: float
    f1: float
    checked: float
    links: int
    wrong: int
    nobody: int
    seconds: float


def line(task: str, method: str, links: Links, gold: Sequence[Gold], seconds: float) -> Line:
    """The figures of one method: a link is right where the gold has it."""
    given = {item.left: links.get(item.left, set()) for item in gold}
    right = sum(len(given[item.left] & item.rights) for item in gold)
    accepted = sum(len(given[item.left] & (item.rights | item.also)) for item in gold)
    all_links = sum(map(len, given.values()))
    wanted = sum(len(item.rights) for item in gold)
    if task == "bodies":  # a body may have several heirs: one of them is enough
        wanted = sum(bool(item.rights) for item in gold)
    return Line(
        task=task,
        method=method,
        precision=round(right / all_links, 4) if all_links else 0.0,
        recall=round(right / wanted, 4),
        f1=round(2 * right / (all_links + wanted), 4),
        checked=round(accepted / all_links, 4) if all_links else 0.0,
        links=all_links,
        wrong=all_links - right,
        nobody=sum(len(given[item.left]) for item in gold if not item.rights),
        seconds=round(seconds, 1),
    )


def zones(matches: Iterable[Match], text_of: dict[str, str] | None = None) -> tuple[Links, Links]:
    """The links of the automatic zone, and those with the best likely one where that is empty."""
    certain: Links = {}
    best: dict[str, Match] = {}
    for match in matches:
        left = text_of[match.left] if text_of else match.left
        if match.zone is Zone.CERTAIN:
            certain.setdefault(left, set()).add(match.right)
        if left not in best or match.probability > best[left].probability:
            best[left] = match
    reviewed = {left: {match.right} for left, match in best.items()}
    return certain, {**reviewed, **certain}


def bodies_lines(
    model: Model, bodies: dict[str, Entity], records: list[Entity], parts: Parts, seed: int
) -> tuple[list[Line], dict[str, Any]]:
    """All methods on pairs of two registers."""
    gold = parts.reporting
    left = [bodies[item.left] for item in gold]
    lines = []
    start = time.perf_counter()
    found = exact(left, records)
    lines.append(line("bodies", "exact name", found, gold, time.perf_counter() - start))
    start = time.perf_counter()
    name, found = single_distance(bodies, records, parts.tuning, gold)
    lines.append(line("bodies", name, found, gold, time.perf_counter() - start))
    start = time.perf_counter()
    by_splink = splink_links(left, records, seed)
    if by_splink is not None:
        lines.append(line("bodies", "Splink", by_splink, gold, time.perf_counter() - start))
    start = time.perf_counter()
    linker = StatisticalLinker(model)
    pairs = list(linker.pairs(left, records))
    matches = [match for found in pairs for pair in found if (match := linker.judge(pair))]
    seconds = time.perf_counter() - start
    certain, reviewed = zones(matches)
    lines.append(line("bodies", "ours, automatic", certain, gold, seconds))
    lines.append(line("bodies", "ours, with review", reviewed, gold, seconds))
    compared = {(pair.left.key, pair.right.key) for found in pairs for pair in found}
    present = [item for item in gold if item.rights]
    blocking = sum(any((i.left, r) in compared for r in i.rights) for i in present) / len(present)
    contradictions = [
        {"left": left, "ours": right, "gold": sorted(item.rights), "judged": right in item.also}
        for item in gold
        for left in [item.left]
        for right in sorted(certain.get(left, set()) - item.rights)
    ]
    return lines, {
        "reported_pairs": len(gold),
        "with_both_sides": len(present),
        "blocking_recall": round(blocking, 4),
        "to_review": sum(match.zone is Zone.LIKELY for match in matches),
        "contradictions": contradictions,
    }


def texts_lines(model: Model, records: list[Entity], parts: Parts) -> list[Line]:
    """All methods that can, on affiliation texts."""
    gold = parts.reporting
    lines = []
    start = time.perf_counter()
    found = texts_exact([item.left for item in gold], records)
    lines.append(line("texts", "exact name", found, gold, time.perf_counter() - start))
    start = time.perf_counter()
    name, found = texts_single_distance(records, parts.tuning, gold)
    lines.append(line("texts", name, found, gold, time.perf_counter() - start))
    start = time.perf_counter()
    entities, _ = taken_apart(gold, records)
    text_of = {entity.key: entity.key.rpartition("#")[0] for entity in entities}
    matches = StatisticalLinker(model, shared=True).link(entities, records)
    certain, reviewed = zones(matches, text_of)
    seconds = time.perf_counter() - start
    lines.append(line("texts", "ours, automatic", certain, gold, seconds))
    lines.append(line("texts", "ours, with review", reviewed, gold, seconds))
    return lines


def main() -> int:
    """Read, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pic-ror", type=Path, required=True)
    parser.add_argument("--strings", type=Path, action="append", default=[])
    parser.add_argument("--ror", type=Path, required=True)
    parser.add_argument("--cordis", type=Path, required=True)
    parser.add_argument("--names", type=Path)
    parser.add_argument("--checked", type=Path, default=CHECKED)
    parser.add_argument("--seed", type=int, default=int(load().trained_on["seed"]))
    parser.add_argument("--retrain", action="store_true")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()

    all_bodies = read_cordis(given.cordis, given.names)
    bodies = {body.key: body for body in all_bodies}
    records, heirs = read_ror(given.ror)
    known = {record.key for record in records}
    everything = read_pairs(given.pic_ror, heirs)
    pairs = {pic: ids for pic, ids in everything.items() if pic in bodies}
    parts = split(pairs, known, given.seed, read_checked(given.checked))
    model = load()
    if given.seed != model.trained_on["seed"] and not given.retrain:
        print("the shipped model was trained with another seed: --retrain", file=sys.stderr)
        return 2
    if given.retrain:
        wanted = {item.left for item in parts.tuning}
        model = train(
            [body for body in all_bodies if body.key in wanted],
            records,
            parts.tuning,
            rarity=learn_rarity([*all_bodies, *records]),
            seed=given.seed,
            version="retrained",
            trained_on={},
        )
    lines, facts = bodies_lines(model, bodies, records, parts, given.seed)
    texts: dict[str, set[str]] = {}
    for path in given.strings:
        texts.update(read_strings(path, heirs))
    if texts:
        lines += texts_lines(load(of="strings"), records, split(texts, known, given.seed))
    report = {
        "seed": given.seed,
        "model": model.version,
        "files": {
            path.name: path.stat().st_size
            for path in (given.pic_ror, given.ror, given.cordis, given.names, *given.strings)
            if path
        },
        "bodies": len(bodies),
        "records": len(records),
        "gold_pairs": len(everything),
        "texts": len(texts),
        **facts,
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "lines": [asdict(one) for one in lines],
    }
    if given.json:
        print(json.dumps(report, indent=1))
        return 0
    print({key: value for key, value in report.items() if key not in {"lines", "contradictions"}})
    print(f"{'':38}{'precision':>10}{'recall':>8}{'F1':>8}{'checked':>9}{'links':>7}{'s':>7}")
    for one in lines:
        print(
            f"{one.task:7} {one.method:30}{one.precision:10.4f}{one.recall:8.4f}{one.f1:8.4f}"
            f"{one.checked:9.4f}{one.links:7}{one.seconds:7.1f}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
