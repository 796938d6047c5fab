"""The `trebbo` command, run as people run it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


def run(*arguments: str, data: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, outside the demonstration unless told."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("TREBBO_", "DJANGO_")) and name != "PORT"
    }
    return subprocess.run(
        [sys.executable, "-m", "trebbo.config.command", *arguments],
        env={**clean, "TREBBO_DATA": str(data), **environment},
        cwd=data,
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_arguments_it_says_what_there_is(tmp_path: Path) -> None:
    """Every command of its own is named."""
    done = run(data=tmp_path)
    assert done.returncode == 0
    for name in ("demo", "serve", "worker", "migrate", "index", "doctor", "mail", "messages"):
        assert f"trebbo {name} " in done.stdout


@pytest.mark.parametrize("name", ["serve", "worker", "migrate", "index"])
def test_refuses_without_a_secret_key(tmp_path: Path, name: str) -> None:
    """Outside the demonstration nothing starts without a key; words, not a traceback."""
    done = run(name, data=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("No secret key is set.")
    assert "TREBBO_SECRET_KEY_FILE" in done.stderr
    assert "Traceback" not in done.stderr


def test_serve_refuses_a_database_that_is_behind(tmp_path: Path) -> None:
    """A fresh database has no tables: the server says what to run."""
    done = run("serve", data=tmp_path, TREBBO_SECRET_KEY="k" * 50)
    assert done.returncode == 1
    assert done.stderr.endswith("Run `trebbo migrate`.\n")


def test_a_port_that_is_none_is_refused(tmp_path: Path) -> None:
    """Words that name the value."""
    done = run("demo", data=tmp_path, PORT="eight")
    assert done.returncode == 1
    assert "“eight”" in done.stderr


def test_doctor_of_a_fresh_installation(tmp_path: Path) -> None:
    """It tells each fault and the remedy, and fails; nothing of it is a traceback."""
    done = run("doctor", data=tmp_path)
    assert done.returncode == 1
    assert done.stderr == ""
    assert "problem  secret key    none is set" in done.stdout
    assert "→ run `trebbo migrate`" in done.stdout
    assert "warning  mail" in done.stdout


def test_doctor_where_the_database_does_not_answer(tmp_path: Path) -> None:
    """What needs the database is left out; the rest is examined."""
    done = run(
        "doctor",
        data=tmp_path,
        TREBBO_SECRET_KEY="k" * 50,
        TREBBO_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none",
    )
    assert done.returncode == 1
    assert "problem  database      it does not answer" in done.stdout
    assert "search index" not in done.stdout
    assert "static files" in done.stdout
    assert done.stdout.count("problem  ") == 1
