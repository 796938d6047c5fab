"""Every index, empty and ready to be filled."""

import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from trebbo.engine.search import MemoryIndex, PostgresIndex, SearchIndex, TantivyIndex

ADDRESS = "TREBBO_TEST_POSTGRES_URL"


def postgres_address() -> str:
    """The address of the PostgreSQL server for tests; skips visibly without one."""
    address = os.environ.get(ADDRESS)
    if not address:
        pytest.skip(f"{ADDRESS} names no PostgreSQL server")
    return address


@pytest.fixture
def postgres() -> Iterator[PostgresIndex]:
    """An index in PostgreSQL tables of its own, removed afterwards."""
    index = PostgresIndex(postgres_address(), prefix=f"test_{uuid.uuid4().hex[:12]}")
    yield index
    index.drop()
    index.close()


@pytest.fixture(
    params=["memory", "tantivy", pytest.param("postgres", marks=pytest.mark.postgresql)]
)
def index(request: pytest.FixtureRequest, tmp_path: Path) -> SearchIndex:
    """Each of the three indexes in turn."""
    builders: dict[str, Callable[[], SearchIndex]] = {
        "memory": MemoryIndex,
        "tantivy": lambda: TantivyIndex(tmp_path / "index"),
        "postgres": lambda: request.getfixturevalue("postgres"),
    }
    return builders[request.param]()
