"""Measures bookings: the search for free time, and many who book at once.

    python -m benchmarks.bookings --resources 2000 --json

Each part stands in a file of its own and can be measured alone with `--part`. With `--postgresql
postgresql://user@host` everything is measured there as well, in a database made for it.
"""

import argparse
import json
import os
import platform
from typing import Any

from benchmarks import bookings_free, bookings_together

PARTS = {"free": bookings_free, "together": bookings_together}


def main() -> None:
    """Measure the parts asked for and print tables, or JSON."""
    options = _options()
    if options.one:
        PARTS[options.one].measure(options)
        return
    report: dict[str, Any] = {
        "machine": f"{os.cpu_count()} cores, Python {platform.python_version()}"
    }
    for name in options.part or PARTS:
        report |= PARTS[name].report(options)
    if options.json:
        print(json.dumps(report, indent=1))
        return
    print(report["machine"])
    for name in options.part or PARTS:
        print(PARTS[name].table(report))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--part", action="append", choices=sorted(PARTS))
    parser.add_argument("--postgresql", default="", help="a server's address")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--one", default="", help=argparse.SUPPRESS)
    for part in PARTS.values():
        part.add_options(parser)
    return parser.parse_args()


if __name__ == "__main__":
    main()
