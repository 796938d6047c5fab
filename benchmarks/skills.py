"""Measures which fields are suggested for texts, against the methods that a user would pick.

    python -m benchmarks.skills --cordis cordis-HORIZONprojects-csv.zip \
        --fields euroscivoc_tree_en.csv --split 2024-01-01 --twins

Learns from the funded projects signed before the split and asks title and objective of those signed
from it on. With `--twins`, the same suggester is asked the Italian and the English description of
each profile of the demonstration.
"""

import argparse
import json
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks import skills_fields, skills_twins
from trebbo.engine.fields.cordis import read_examples
from trebbo.engine.matching.cordis import sha256_of


def main() -> None:
    """Measure each section that is asked for and print its table, or JSON."""
    options = _options()
    _tell("reading")
    funded = read_examples(options.cordis)
    split = date.fromisoformat(options.split)
    before = [one.example for one in funded if one.day < split]
    after = [one.example for one in funded if one.day >= split][:: options.every]
    report: dict[str, Any] = {
        "data": {file.name: sha256_of(file) for file in [*options.cordis, options.fields]},
        "split": options.split,
        "examples": len(before),
    }
    _tell(f"fields of {len(after):,} projects, from {len(before):,} before")
    report["fields"] = skills_fields.measured(options.fields, before, after)
    if options.twins:
        _tell("twins of the demonstration")
        report["twins"] = skills_twins.measured(before)
    print(json.dumps(report, indent=1) if options.json else _table(report))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cordis", type=Path, action="append", required=True, metavar="ZIP")
    parser.add_argument("--fields", type=Path, required=True, metavar="CSV", help="EuroSciVoc")
    parser.add_argument("--split", required=True, metavar="DATE", help="learn from before this day")
    parser.add_argument("--every", type=int, default=1, help="ask only every n-th project")
    parser.add_argument("--twins", action="store_true", help="ask the demonstration's texts too")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser.parse_args()


def _tell(words: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {words}…", file=sys.stderr, flush=True)


def _table(report: dict[str, Any]) -> str:
    lines = [
        *(f"{name} sha256 {digest}" for name, digest in report["data"].items()),
        f"split {report['split']}; {report['examples']:,} examples before it",
        *skills_fields.table(report["fields"]),
    ]
    if "twins" in report:
        lines += skills_twins.table(report["twins"])
    return "\n".join(lines)


if __name__ == "__main__":
    main()
