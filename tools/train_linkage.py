"""Learns the linkage model from the tuning half of gold pairs and writes it.

    .venv/bin/python -m tools.train_linkage --pic-ror FILE --ror ZIP --cordis ZIP
        [--strings FILE]… [--names FILE] [--seed N] [--out FILE]

The same files and seed give the same model, byte for byte.
"""

import argparse
import sys
from pathlib import Path

from benchmarks.linkage_sources import (
    CHECKED,
    read_checked,
    read_cordis,
    read_pairs,
    read_ror,
    read_strings,
    split,
    taken_apart,
)
from trebbo.engine.linkage import learn_rarity, train
from trebbo.engine.linkage.model import SHIPPED, save

SEED = 20261122
VERSION = "1"
DAY = "2026-11-22"


def main() -> int:
    """Read, split, learn, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pic-ror", type=Path, required=True)
    parser.add_argument("--strings", type=Path, action="append", default=[])
    parser.add_argument("--ror", type=Path, required=True)
    parser.add_argument("--cordis", type=Path, required=True)
    parser.add_argument("--names", type=Path)
    parser.add_argument("--checked", type=Path, default=CHECKED)
    parser.add_argument("--day", default=DAY, help="the day to write into the model")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--out", type=Path, default=SHIPPED)
    given = parser.parse_args()

    bodies = read_cordis(given.cordis, given.names)
    records, heirs = read_ror(given.ror)
    rarity = learn_rarity([*bodies, *records])
    known = {record.key for record in records}
    named = {body.key for body in bodies}
    pairs = {pic: ids for pic, ids in read_pairs(given.pic_ror, heirs).items() if pic in named}
    tuning = split(pairs, known, given.seed, read_checked(given.checked)).tuning
    wanted = {gold.left for gold in tuning}
    models = {
        "bodies": train(
            [body for body in bodies if body.key in wanted],
            records,
            tuning,
            rarity=rarity,
            seed=given.seed,
            version=VERSION,
            trained_on={
                "day": given.day,
                "bodies": len(bodies),
                "records": len(records),
                "gold": len(tuning),
            },
        )
    }
    strings: dict[str, set[str]] = {}
    for path in given.strings:
        strings.update(read_strings(path, heirs))
    if strings:
        texts = split(strings, known, given.seed).tuning
        entities, gold = taken_apart(texts, records)
        models["strings"] = train(
            entities,
            records,
            gold,
            rarity=rarity,
            seed=given.seed,
            version=VERSION,
            trained_on={"day": given.day, "texts": len(texts), "records": len(records)},
            shared=True,
        )
    save(given.out, models, rarity)
    for name, model in models.items():
        print(f"{name}: certain from {model.certain}, {dict(model.trained_on)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
