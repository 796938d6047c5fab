"""`trebbo evidence` as people run it: in processes of its own, killed, stopped, on a full disk."""

import contextlib
import csv
import io
import json
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.factories.official import cordis_file

# One worker makes the large file, and imports it undisturbed, for all of them.
pytestmark = pytest.mark.xdist_group("imports")

PATIENCE_SECONDS = 180
PROJECTS, PARTNERS = 1_500, 8
TOLD = {
    "projects": "SELECT key, acronym, title, start_date, total_cost, contribution,"
    " gone_import_id FROM evidence_fundedproject ORDER BY key",
    "bodies": "SELECT key, name, country, town, projects, first_year, last_year, contribution"
    " FROM evidence_body ORDER BY key",
    "parts": "SELECT f.key, b.key, p.role, p.position, p.contribution, p.is_ended"
    " FROM evidence_participation p JOIN evidence_fundedproject f ON f.id = p.project_id"
    " JOIN evidence_body b ON b.id = p.body_id ORDER BY 1, 4, 2",
    "fields": "SELECT f.key, c.code FROM evidence_fundedproject_fields t"
    " JOIN evidence_fundedproject f ON f.id = t.fundedproject_id"
    " JOIN vocabularies_concept c ON c.id = t.concept_id ORDER BY 1, 2",
}


def _environment(data: Path) -> dict[str, str]:
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("TREBBO_", "DJANGO_", "LC_", "LANG"))
    }
    return {**clean, "TREBBO_DATA": str(data), "TREBBO_SECRET_KEY": "k" * 50, "LC_ALL": "C.UTF-8"}


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "trebbo.config.command", *arguments]


def _run(data: Path, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        _command(*arguments),
        env=_environment(data),
        cwd=data,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
        **options,
    )


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an empty database."""
    data = tmp_path_factory.mktemp("empty")
    done = _run(data, "migrate", "--verbosity", "0")
    assert done.returncode == 0, done.stderr
    return data


@pytest.fixture
def data(empty: Path, tmp_path: Path) -> Path:
    """A copy of it for one test."""
    return Path(shutil.copytree(empty, tmp_path / "data"))


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that takes long enough to be disturbed."""
    made = cordis_file(PROJECTS, PARTNERS, bodies=2_000)
    return made.write(tmp_path_factory.mktemp("large") / "cordis-large.zip")


@pytest.fixture(scope="module")
def undisturbed(
    empty: Path, large: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[Any]]:
    """What an import brings that nobody disturbs."""
    data = Path(shutil.copytree(empty, tmp_path_factory.mktemp("undisturbed") / "data"))
    done = _run(data, "evidence", "import", str(large))
    assert done.returncode == 0, done.stderr
    found = _visible(data)
    counts = {name: len(rows) for name, rows in found.items()}
    assert counts["projects"] == counts["fields"] == PROJECTS
    assert counts["parts"] == PROJECTS * PARTNERS
    return found


@contextlib.contextmanager
def _database(data: Path) -> Iterator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect(data / "trebbo.sqlite3", timeout=20)) as database:
        yield database


def _visible(data: Path) -> dict[str, list[Any]]:
    with _database(data) as database:
        return {name: database.execute(query).fetchall() for name, query in TOLD.items()}


def _row(data: Path) -> tuple[str, str, str]:
    with _database(data) as database:
        query = "SELECT state, stage, problem FROM evidence_import ORDER BY id DESC"
        return database.execute(query).fetchone() or ("", "", "")


def _start(data: Path, large: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        _command("evidence", "import", str(large)),
        env=_environment(data),
        cwd=data,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _until(data: Path, process: subprocess.Popen[str], stage: str) -> None:
    """Wait until the import has come to the stage; nothing is visible before it is published."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if _row(data)[1] == stage and _row(data)[0] == "running":
            return
        if process.poll() is not None:
            pytest.fail(f"it ended before “{stage}”: {process.communicate()}")
        time.sleep(0.005)
    pytest.fail(f"it never came to “{stage}”")


NOTHING: dict[str, list[Any]] = {name: [] for name in TOLD}


@pytest.mark.parametrize(
    ("stage", "pause"), [("read", 0.05), ("check", 0.2), ("publish", 0.1), ("publish", 0.3)]
)
def test_killed_and_resumed(
    data: Path, large: Path, undisturbed: dict[str, list[Any]], stage: str, pause: float
) -> None:
    """Killed outright, it has shown nothing or all; resumed, the result is the undisturbed one."""
    process = _start(data, large)
    _until(data, process, stage)
    time.sleep(pause)
    process.kill()
    process.communicate()
    shown = _visible(data)
    assert shown in (NOTHING, undisturbed)
    if stage != "publish":
        assert shown == NOTHING
    status = json.loads(_run(data, "evidence", "status", "--json").stdout)
    assert [one["state"] for one in status] in (["running"], ["published"])
    resumed = _run(data, "evidence", "resume", str(status[0]["id"]))
    if status[0]["state"] == "running":
        assert resumed.returncode == 0, resumed.stderr
    assert _visible(data) == undisturbed
    assert _row(data)[0] == "published"


def test_nothing_is_ever_half_visible(
    data: Path, large: Path, undisturbed: dict[str, list[Any]]
) -> None:
    """Somebody who looks all the time sees no row, then all of them."""
    process = _start(data, large)
    seen = set()
    while process.poll() is None:
        with _database(data) as database:
            database.execute("BEGIN")
            tables = ("fundedproject", "participation", "fundedproject_fields")
            seen.add(
                tuple(
                    database.execute(f"SELECT COUNT(*) FROM evidence_{name}").fetchone()[0]
                    for name in tables
                )
            )
        time.sleep(0.02)
    process.communicate()
    assert seen <= {(0, 0, 0), (PROJECTS, PROJECTS * PARTNERS, PROJECTS)}
    assert _visible(data) == undisturbed


@pytest.mark.parametrize("farewell", [signal.SIGINT, signal.SIGTERM])
def test_stopped_politely(
    data: Path, large: Path, undisturbed: dict[str, list[Any]], farewell: signal.Signals
) -> None:
    """Ctrl-C stops at the next step, says how to go on, and nothing is visible."""
    process = _start(data, large)
    _until(data, process, "read")
    process.send_signal(farewell)
    _out, said = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 130
    assert "`trebbo evidence resume 1` goes on from here." in said
    assert "Traceback" not in said
    assert (_row(data)[0], _visible(data)) == ("stopped", NOTHING)
    assert _run(data, "evidence", "resume").returncode == 0
    assert _visible(data) == undisturbed


def _files_up_to(size: int) -> Callable[[], None]:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    return limit


def test_a_full_disk(data: Path, large: Path, undisturbed: dict[str, list[Any]]) -> None:
    """Where no file may grow any more it says so in words; with room again it goes on."""
    # The database has its place already; what the import writes does not fit.
    full = _run(data, "evidence", "import", str(large), preexec_fn=_files_up_to(600_000))
    assert full.returncode == 1
    assert "There is no room left on the disk." in full.stderr
    assert "Traceback" not in full.stderr
    assert _visible(data) == NOTHING
    resumed = _run(data, "evidence", "resume")
    assert resumed.returncode == 0, resumed.stderr
    assert _visible(data) == undisturbed


def test_two_at_once(data: Path, large: Path, undisturbed: dict[str, list[Any]]) -> None:
    """The second is told; the first comes to its end."""
    first = _start(data, large)
    _until(data, first, "read")
    first.send_signal(signal.SIGSTOP)  # so that it cannot be done before the second begins
    second = _run(data, "evidence", "import", str(large))
    first.send_signal(signal.SIGCONT)
    first.communicate(timeout=PATIENCE_SECONDS)
    assert (first.returncode, second.returncode) == (0, 1)
    assert "being imported already" in second.stderr or "Another import" in second.stderr
    assert _visible(data) == undisturbed


def test_what_it_says(data: Path, tmp_path: Path) -> None:
    """A summary in plain lines, the report, the second import of the same file, JSON, refusals."""
    path = cordis_file(3).write(tmp_path / "cordis.zip")
    done = _run(data, "evidence", "import", str(path))
    assert done.returncode == 0, done.stderr
    assert "CORDIS, Horizon Europe projects, published" in done.stdout
    assert "Projects: +3 ~0 -0" in done.stdout
    assert "\r" not in done.stderr
    report = list(csv.reader(io.StringIO(_run(data, "evidence", "report", "1").stdout)))
    assert report[0] == ["About", "Record", "Where", "What", "Value", "Probability"]
    assert ["Total", "", "Projects", "new", "3", ""] in report
    [again] = json.loads(_run(data, "evidence", "import", "--json", str(path)).stdout)
    assert (again["state"], again["dataset"]) == ("unchanged", "cordis-horizon")
    absent = _run(data, "evidence", "import", "absent.zip", "--json")
    assert absent.returncode == 1
    assert json.loads(absent.stdout)[0]["state"] == "refused"
    assert _run(data, "evidence", "forget", "1").returncode == 1
    assert _run(data, "evidence", "forget", "2").returncode == 0
    listed = _run(data, "evidence", "status").stdout.splitlines()
    assert len(listed) == 1
    assert listed[0].endswith("cordis.zip *")
    italian = _run(data, "evidence", "--language", "it", "import", "absent.zip")
    assert "Non c'è nessun file «absent.zip»." in italian.stderr


def test_without_a_file_or_a_key(data: Path) -> None:
    """It says what it takes; without a secret key it says that."""
    assert _run(data, "evidence").returncode == 2
    environment = _environment(data)
    del environment["TREBBO_SECRET_KEY"]
    bare = subprocess.run(
        _command("evidence", "status"),
        env=environment,
        cwd=data,
        capture_output=True,
        text=True,
        check=False,
    )
    assert bare.returncode == 1
    assert bare.stderr.startswith("No secret key is set.")
