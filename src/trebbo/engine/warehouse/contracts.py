"""What the warehouse takes and gives: files, progress, snapshots of declared tables."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

import ibis.expr.types as ir
import pyarrow as pa


class Problem(StrEnum):
    """Why a file cannot be taken in; the words are the caller's."""

    NOT_FOUND = "not_found"
    UNKNOWN_LAYOUT = "unknown_layout"
    NOT_AN_ARCHIVE = "not_an_archive"
    TRUNCATED = "truncated"
    BOMB = "bomb"
    CLIMBING_PATH = "climbing_path"
    ENCRYPTED = "encrypted"
    MISSING_FILE = "missing_file"
    MISSING_COLUMN = "missing_column"
    WRONG_DELIMITER = "wrong_delimiter"
    WRONG_ENCODING = "wrong_encoding"
    BROKEN_ROWS = "broken_rows"
    EMPTY = "empty"
    DISK_FULL = "disk_full"
    WAREHOUSE_BUSY = "warehouse_busy"
    OLDER_EDITION = "older_edition"


class FileRefused(Exception):
    """The file, or the place for it, does not allow an import; nothing was written that shows.

    `facts` are what the words for `problem` need: file, member, line, column, expected, found…
    """

    def __init__(self, problem: Problem, **facts: str | int) -> None:
        super().__init__(f"{problem}: {facts}")
        self.problem = problem
        self.facts = facts


class Stopped(Exception):
    """The work was asked to stop; what is done stays and is taken up at the next start."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """A file that can be taken in. `dataset` as "cordis-horizon", `layout` as "cordis".

    `edition` is the day of publication where the file says it; `sha256` is of the file's bytes.
    """

    layout: str
    dataset: str
    path: Path
    size: int
    sha256: str
    edition: date | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the work is: bytes or rows of this stage, `total` 0 where it is not known."""

    stage: str
    done: int
    total: int
    member: str = ""


OnProgress = Callable[[Progress], None]
"""Told now and then, at least once a second of work; may raise `Stopped`."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What became of the rows of one source table."""

    member: str
    read: int
    kept: int
    left_out: int


@dataclass(frozen=True, slots=True)
class Intake:
    """A snapshot in the warehouse, complete; its tables are those of `tables.TABLES`."""

    snapshot: str
    counted: tuple[Counted, ...]
    rows: Mapping[str, int] = field(default_factory=dict)


class Warehouse(Protocol):
    """One face over DuckDB and Spark: immutable tables, grouped in named snapshots.

    A table appears whole or not at all. Nothing here is visible to people: what pages show is
    published from a complete snapshot by the caller.
    """

    def read_parquet(self, *paths: Path) -> ir.Table:
        """Files as one table, not yet kept."""

    def read_arrow(self, rows: pa.Table) -> ir.Table:
        """Rows in memory as a table, not yet kept."""

    def write(self, snapshot: str, name: str, rows: ir.Table) -> int:
        """Keep an expression as the table `name`; returns its rows. Replaces an unfinished one."""

    def table(self, snapshot: str, name: str) -> ir.Table:
        """A table that was kept; raises KeyError where it is not there."""

    def has(self, snapshot: str, name: str) -> bool:
        """Whether the table is there, whole."""

    def snapshots(self) -> frozenset[str]:
        """The names of what is kept, complete or not."""

    def drop(self, snapshot: str, name: str | None = None) -> None:
        """Forget a snapshot, or one table of it; what is unknown is ignored."""

    def batches(self, rows: ir.Table, size: int = 20_000) -> Iterator[pa.RecordBatch]:
        """The rows of an expression, streamed."""

    def close(self) -> None:
        """Let go of files and processes."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where and with what the warehouse works.

    `engine` is "duckdb", or the address of a Spark master ("spark://…", "local-cluster[2,1,1024]").
    """

    folder: Path
    engine: str = "duckdb"
    memory_mb: int = 512
    most_unpacked_bytes: int = 20_000_000_000
    most_expansion: int = 200
    options: Mapping[str, Any] = field(default_factory=dict)
