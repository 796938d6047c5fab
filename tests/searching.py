"""A search index of its own for each test, and what tests do with it."""

import fcntl
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from tests.factories.organisations import NOW
from trebbo.kernel.access import Viewer, installation, visitor
from trebbo.partnering.introductions import gateway
from trebbo.partnering.introductions.actions import rebuild_index
from trebbo.partnering.introductions.queries import Answer, Question, answer


@pytest.fixture(autouse=True)
def search_folder(settings: Any, tmp_path: Path) -> Iterator[Path]:
    """An empty folder for the index, and vocabularies that no other test has read."""
    settings.SEARCH_FOLDER = tmp_path / "search"
    gateway.forget_words()
    gateway.forget_matching()
    yield settings.SEARCH_FOLDER
    gateway.forget_words()
    gateway.forget_matching()


def index_all(now: datetime | None = None) -> int:
    """Build the index from the rows there are, as of a moment."""
    return rebuild_index(actor=installation(now))


def ask(text: str, viewer: Viewer | None = None) -> Answer:
    """The answer to somebody, a visitor by default."""
    return answer(Question(text), viewer=viewer or visitor(NOW))


def names(found: Answer) -> list[str]:
    """Who was found, in order."""
    return [one.profile.name for one in found.found]


def reasons(found: Answer) -> list[tuple[str, str]]:
    """The part and the words of each reason of the first that was found."""
    return [(met.part, met.excerpt.text) for met in found.found[0].met]


@contextmanager
def another_writer() -> Iterator[None]:
    """While inside, another process writes the index."""
    if connection.vendor == "postgresql":
        known = connection.get_connection_params()
        wanted = {name: known[name] for name in ("dbname", "user", "password", "host", "port")
                  if known.get(name)}  # fmt: skip
        with psycopg.connect(**wanted) as other:
            other.execute("SELECT pg_advisory_lock(%s)", [zlib.crc32(b"trebbo_search")])
            yield
        return
    folder = Path(settings.SEARCH_FOLDER)
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder / "write.lock", os.O_CREAT | os.O_WRONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
