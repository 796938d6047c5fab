"""Connections to PostgreSQL, kept for as long as their thread asks."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import psycopg

Connection = psycopg.Connection[Any]
Connect = Callable[[], AbstractContextManager[Connection]]


class OwnConnections:
    """Connections to an address, one for each thread, opened again after they break."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._kept = threading.local()

    @contextmanager
    def __call__(self) -> Iterator[Connection]:
        """Lend this thread's connection."""
        connection: Connection | None = getattr(self._kept, "connection", None)
        if connection is None or connection.closed:
            connection = self._kept.connection = psycopg.connect(self._address, autocommit=True)
        yield connection

    def close(self) -> None:
        """Close this thread's connection."""
        connection: Connection | None = getattr(self._kept, "connection", None)
        if connection is not None:
            connection.close()
