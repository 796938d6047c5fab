"""The demonstration as a person starts and stops it."""

import contextlib
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.request
from collections import Counter
from pathlib import Path

import pytest
from django_tasks_db.models import DBTaskResult

from trebbo.config.demonstration import taken

PATIENCE_SECONDS = 180
COMING_AGAIN = (
    "catch_up_on_steps",
    "forget_old_mail",
    "read_own_calendars",
    "rebuild_index",
    "remind_people",
    "run_booking_clock",
    "run_clock",
    "run_idea_clock",
)
ARRANGED_BY_WORK = ("refresh_cluster_summaries", "send_mail")
"""Jobs that the first count, or the first mail, arranges."""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _start(data: Path, port: int) -> subprocess.Popen[str]:
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("TREBBO_", "DJANGO_"))
    }
    return subprocess.Popen(
        [sys.executable, "-m", "trebbo.config.command", "demo"],
        env={**clean, "TREBBO_DATA": str(data), "PORT": str(port)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _until_ready(demonstration: subprocess.Popen[str]) -> str:
    """What it says until it gives its address."""
    said = ""
    assert demonstration.stdout is not None
    for line in demonstration.stdout:
        said += line
        if "is ready" in line:
            return said
    pytest.fail(f"it never became ready:\n{said}")


def _healthy(port: int) -> bool:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as answer:
        return bool(json.load(answer)["status"] == "ok")


def _stop(demonstration: subprocess.Popen[str], farewell: signal.Signals) -> int:
    with demonstration:
        demonstration.send_signal(farewell)
        return demonstration.wait(timeout=PATIENCE_SECONDS)


def _jobs_of_the_night(data: Path) -> list[str]:
    """What waits for a later hour; what is simply next goes on at the next start."""
    with contextlib.closing(sqlite3.connect(data / "trebbo.sqlite3")) as database:
        waiting = (
            f"SELECT task_path FROM {DBTaskResult._meta.db_table}"
            " WHERE status = 'READY' AND run_after BETWEEN datetime('now') AND '9000-01-01'"
        )
        return sorted(path.rpartition(".")[2] for (path,) in database.execute(waiting))


def test_starts_answers_and_leaves_nothing_behind(tmp_path: Path) -> None:
    """It fills an empty folder, prints its address in both languages, stops with all its parts.

    Another on the same port is refused; a second start finds everything in place.
    """
    port = _free_port()
    demonstration = _start(tmp_path, port)
    try:
        said = _until_ready(demonstration)
        assert "Filling the demonstration" in said
        assert f"Trebbo è pronto:  http://localhost:{port}/it/" in said
        assert f"Trebbo is ready:  http://localhost:{port}/en/" in said
        assert _healthy(port)
        refused, _nothing = (second := _start(tmp_path, port)).communicate()
        assert (second.returncode, refused.startswith(f"Port {port} is in use.")) == (1, True)
    finally:
        assert _stop(demonstration, signal.SIGTERM) == 0
    assert not taken("127.0.0.1", port)
    waiting = Counter(_jobs_of_the_night(tmp_path))
    assert {name: waiting[name] for name in COMING_AGAIN} == dict.fromkeys(COMING_AGAIN, 1)
    assert set(waiting) <= {*COMING_AGAIN, *ARRANGED_BY_WORK}
    assert max(waiting.values()) == 1
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0
    again = _start(tmp_path, port)
    try:
        assert "…" not in _until_ready(again)
        assert _healthy(port)
    finally:
        assert _stop(again, signal.SIGINT) == 0
    assert not taken("127.0.0.1", port)


def test_a_taken_port() -> None:
    """A port on which somebody listens is taken, until they leave."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert taken("127.0.0.1", port)
    assert not taken("127.0.0.1", port)
