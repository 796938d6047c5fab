"""Times the import of a CORDIS zip against DuckDB merely scanning the same CSV files into tables.

    python benchmarks/imports.py --cordis cordis-HORIZONprojects-csv.zip --repeat 3
    python benchmarks/imports.py --cordis … --engine duckdb --engine 'local-cluster[2,1,1024]'

Each import runs as people run it, in a process of its own on a fresh database with a registry (the
demonstration's facts, or --registry N generated organisations): read, check, publish, link, report.
Memory is the peak of the process and all its children together. The goals are those of the project:
at most 6 times the scan for the whole, at most 0.3 of the first for the same file again, 1 GB.
"""

import argparse
import contextlib
import json
import os
import platform
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

GOAL_RATIO, GOAL_AGAIN, GOAL_MEMORY_MB = 6.0, 0.3, 1_000
LONGEST = 900
PROCESS = Path("/proc")
STAGES = ("recognise", "read", "check", "publish", "link")

SCAN = """
import sys
from pathlib import Path
import duckdb
database = duckdb.connect(sys.argv[1])
for file in sorted(Path(sys.argv[2]).glob("*.csv")):
    database.execute(
        f"CREATE TABLE {file.stem} AS SELECT * FROM "
        f"read_csv('{file}', delim=';', quote='\\"', header=true, all_varchar=true)"
    )
database.close()
"""

REGISTRY = """
import os, random, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trebbo.config.settings")
sys.path.insert(0, sys.argv[2])
import django
django.setup()
from generated import fill
fill(int(sys.argv[1]), random.Random(20))
"""


@dataclass(slots=True)
class Measured:
    """One import: seconds by the clock, peak memory in MB, seconds by stage, rows, links."""

    seconds: float
    peak_mb: float
    stages: dict[str, float] = field(default_factory=dict)
    state: str = ""
    rows: dict[str, int] = field(default_factory=dict)
    links: dict[str, int] = field(default_factory=dict)


def main() -> None:
    """Run the scan and the imports, and print the table, or JSON."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="trebbo-imports-") as place:
        folder = Path(place)
        prepared = _prepared(folder / "prepared", options.registry)
        scans = [_scan(options.cordis, folder / f"scan-{n}") for n in range(options.repeat)]
        scan = min(scans)
        engines = {}
        for engine in options.engine or ["duckdb"]:
            runs = []
            for number in range(options.repeat):
                data = folder / f"data-{engine[:5]}-{number}"
                shutil.copytree(prepared, data)
                first = _import(options.cordis, data, engine)
                runs.append((first, _import(options.cordis, data, engine)))
                shutil.rmtree(data)
            engines[engine] = _judged(runs, scan)
    report = {
        "machine": f"{os.cpu_count()} cores, Python {platform.python_version()}",
        "file": {"name": options.cordis.name, "bytes": options.cordis.stat().st_size},
        "registry": options.registry or "the demonstration's",
        "load": os.getloadavg()[0],
        "scan_seconds": scans,
        "engines": engines,
    }
    print(json.dumps(report, indent=1) if options.json else _table(report, scan))
    counts = [one["rows"] for one in engines.values()]
    if any(found != counts[0] for found in counts):
        sys.exit("The engines do not agree on the rows.")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cordis", type=Path, required=True, help="a zip as CORDIS publishes it")
    parser.add_argument("--repeat", type=int, default=1, help="how often each is run")
    parser.add_argument("--registry", type=int, default=0, help="generated organisations, if any")
    parser.add_argument(
        "--engine", action="append", help="duckdb, or a Spark master; may be given several times"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser.parse_args()


def _environment(data: Path, engine: str) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TREBBO_")}
    return {
        **clean,
        "TREBBO_DATA": str(data),
        "TREBBO_DEMO": "1",
        "TREBBO_LOG_LEVEL": "ERROR",
        "TREBBO_WAREHOUSE": engine,
    }


def _trebbo(data: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "trebbo.config.command", *arguments]
    subprocess.run(command, env=_environment(data, "duckdb"), check=True, stdout=sys.stderr)


def _prepared(data: Path, registry: int) -> Path:
    """A database with a registry and without evidence, to be copied for each run."""
    data.mkdir()
    if registry:
        _trebbo(data, "migrate", "--verbosity", "0")
        here = str(Path(__file__).parent)
        command = [sys.executable, "-c", REGISTRY, str(registry), here]
        subprocess.run(command, env=_environment(data, "duckdb"), check=True)
    else:
        _trebbo(data, "demo", "--prepare")
    shutil.rmtree(data / "warehouse", ignore_errors=True)
    with contextlib.closing(sqlite3.connect(data / "trebbo.sqlite3")) as database:
        for table in (
            "link",
            "statement",
            "recordchange",
            "participation",
            "fundedproject_fields",
            "fundedproject",
            "body",
            "import",
        ):
            database.execute(f"DELETE FROM evidence_{table}")
        database.commit()
        database.execute("VACUUM")
    return data


def _scan(cordis: Path, folder: Path) -> float:
    """Seconds in which DuckDB reads the unpacked CSV files into tables of a file, as text.

    As of the import, the whole process is timed, its start included.
    """
    folder.mkdir()
    with zipfile.ZipFile(cordis) as archive:
        for entry in archive.infolist():
            if entry.filename.endswith(".csv"):
                (folder / Path(entry.filename).name).write_bytes(archive.read(entry))
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", SCAN, str(folder / "scan.duckdb"), str(folder)], check=True
    )
    seconds = time.perf_counter() - began
    shutil.rmtree(folder)
    return seconds


def _import(cordis: Path, data: Path, engine: str) -> Measured:
    command = [sys.executable, "-m", "trebbo.config.command"]
    command += ["evidence", "import", "--json", str(cordis)]
    stages: dict[str, float] = {}
    began = time.perf_counter()
    process = subprocess.Popen(
        command, env=_environment(data, engine), stdout=subprocess.PIPE, text=True
    )
    watch = _Watch(process.pid, data / "trebbo.sqlite3", stages)
    watch.start()
    try:
        told, _nothing = process.communicate(timeout=LONGEST)
    finally:
        process.kill()
        watch.is_over.set()
        watch.join()
    seconds = time.perf_counter() - began
    if process.returncode:
        sys.exit(f"The import failed ({engine}): {told}")
    [result] = json.loads(told)
    tables = result["counts"].get("tables", {})
    return Measured(
        seconds,
        watch.peak / 1e6,
        {name: round(stages[name], 2) for name in STAGES if name in stages},
        result["state"],
        {name: one["added"] for name, one in tables.items()},
        result["counts"].get("links", {}),
    )


class _Watch(threading.Thread):
    """Adds up the memory of a process and its children, and sees which stage the import is in."""

    def __init__(self, root: int, database: Path, stages: dict[str, float]) -> None:
        super().__init__(daemon=True)
        self.root, self.database, self.stages = root, database, stages
        self.peak = 0
        self.is_over = threading.Event()

    def run(self) -> None:
        """Look twenty times a second."""
        before = time.perf_counter()
        while not self.is_over.wait(0.05):
            self.peak = max(self.peak, sum(_resident(number) for number in _tree(self.root)))
            now = time.perf_counter()
            if stage := self._stage():
                self.stages[stage] = self.stages.get(stage, 0.0) + now - before
            before = now

    def _stage(self) -> str:
        query = "SELECT stage FROM evidence_import WHERE state = 'running'"
        with (
            contextlib.suppress(sqlite3.Error),
            contextlib.closing(sqlite3.connect(self.database, timeout=0)) as database,
        ):
            row = database.execute(query).fetchone()
            return str(row[0]) if row else ""
        return ""


def _tree(root: int) -> Iterator[int]:
    waiting = [root]
    while waiting:
        number = waiting.pop()
        yield number
        with contextlib.suppress(OSError):
            for file in (PROCESS / str(number) / "task").glob("*/children"):
                waiting += map(int, file.read_text().split())


def _resident(number: int) -> int:
    with contextlib.suppress(OSError, IndexError, ValueError):
        pages = int((PROCESS / str(number) / "statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    return 0


def _judged(runs: list[tuple[Measured, Measured]], scan: float) -> dict[str, Any]:
    best = min((first for first, _again in runs), key=lambda one: one.seconds)
    again = min(again.seconds for _first, again in runs)
    return {
        **asdict(best),
        "peak_mb": max(first.peak_mb for first, _again in runs),
        "median_seconds": statistics.median(first.seconds for first, _again in runs),
        "ratio_to_scan": best.seconds / scan,
        "again_seconds": again,
        "again_state": runs[0][1].state,
        "again_ratio": again / best.seconds,
    }


def _table(report: dict[str, Any], scan: float) -> str:
    told = f"{report['machine']}, load {report['load']:.1f}; {report['file']['name']}"
    lines = [f"{told}, registry: {report['registry']}"]
    lines.append(f"DuckDB scans the CSV files in {scan:.2f} s")
    for engine, one in report["engines"].items():
        stages = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in one["stages"].items())
        first = f"{one['seconds']:8.2f} s   {one['ratio_to_scan']:5.1f} × the scan"
        again = f"{one['again_seconds']:8.2f} s   {one['again_ratio']:5.2f} of the first"
        lines += ["", engine]
        lines.append(f"  import       {first} (goal at most {GOAL_RATIO:.0f})")
        lines.append(f"  same again   {again} (goal at most {GOAL_AGAIN}), {one['again_state']}")
        lines.append(f"  peak memory  {one['peak_mb']:8.0f} MB (goal at most {GOAL_MEMORY_MB})")
        lines.append(f"  by stage     {stages}")
        lines.append(f"  rows         {one['rows']}")
        lines.append(f"  links        {one['links']}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
