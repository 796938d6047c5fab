"""A process and a database of its own for each size that a benchmark measures, and its times."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any


def in_a_process(command: Sequence[str], *, database_url: str = "") -> Any:
    """Run a Python command on an empty installation; what it printed last, as JSON."""
    with tempfile.TemporaryDirectory(prefix="trebbo-bench-") as folder:
        environment = {
            **os.environ,
            "TREBBO_DATA": folder,
            "TREBBO_DEMO": "1",
            "TREBBO_LOG_LEVEL": "ERROR",
            "DJANGO_SETTINGS_MODULE": "trebbo.config.settings",
        }
        environment.pop("TREBBO_DATABASE_URL", None)
        if database_url:
            environment["TREBBO_DATABASE_URL"] = database_url
        done = subprocess.run(
            [sys.executable, *command],
            env=environment,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        return json.loads(done.stdout.splitlines()[-1])


def databases_on(postgresql: str) -> Iterator[tuple[str, str]]:
    """What is measured: SQLite, and the PostgreSQL server whose address is given; name, address."""
    yield "SQLite", ""
    if postgresql:
        yield "PostgreSQL", postgresql.rstrip("/")


@contextmanager
def database_on(server: str, name: str) -> Iterator[str]:
    """The address of an empty database of that name on the server, dropped in the end.

    Blank, which is SQLite, where no server is given.
    """
    if not server:
        yield ""
        return
    drop = f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'
    _psql(server, drop)
    _psql(server, f'CREATE DATABASE "{name}"')
    try:
        yield f"{server}/{name}"
    finally:
        _psql(server, drop)


def timed(work: Callable[[], object], looks: int) -> dict[str, int]:
    """Milliseconds by the clock, and of the processor, which other programs do not lengthen."""
    work()
    spans, worked = [], []
    for _look in range(looks):
        begun, before = time.perf_counter(), time.process_time()
        work()
        spans.append((time.perf_counter() - begun) * 1_000)
        worked.append((time.process_time() - before) * 1_000)
    return {
        "p50": round(statistics.median(spans)),
        "p95": round(statistics.quantiles(spans, n=20)[-1]),
        "processor_p50": round(statistics.median(worked)),
        "processor_p95": round(statistics.quantiles(worked, n=20)[-1]),
    }


def prepare() -> None:
    """Inside the process: an empty database with all migrations, pages without built files."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    settings.STORAGES["staticfiles"]["BACKEND"] = (
        "django.contrib.staticfiles.storage.StaticFilesStorage"
    )
    settings.ALLOWED_HOSTS.append("testserver")
    call_command("migrate", verbosity=0)
    Path(settings.STATIC_ROOT).mkdir(exist_ok=True)


def _psql(server: str, statement: str) -> None:
    import psycopg

    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(statement)  # type: ignore[call-overload]
