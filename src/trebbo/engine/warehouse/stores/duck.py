"""The warehouse in one DuckDB file: a schema for each snapshot."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import duckdb
import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import pyarrow as pa

from trebbo.engine.warehouse.contracts import FileRefused, Problem, Settings
from trebbo.engine.warehouse.disk import refusing_full_disk, written_whole
from trebbo.engine.warehouse.stores.kept import check_name, declared, named

FILE = "warehouse.duckdb"
OWN_SCHEMAS = frozenset({"main", "information_schema", "pg_catalog"})


class DuckWarehouse:
    """See `contracts.Warehouse`. One process at a time holds the file."""

    def __init__(self, settings: Settings) -> None:
        self._folder = settings.folder
        file = self._folder / FILE
        with refusing_full_disk(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            if not file.exists():
                # A file that was cut off while it was made could never be opened again.
                with written_whole(file) as part:
                    duckdb.connect(part).close()
            try:
                self._connection = duckdb.connect(
                    file,
                    config={
                        "memory_limit": f"{settings.memory_mb}MB",
                        "temp_directory": str(self._folder / "passing"),
                        "preserve_insertion_order": False,
                        **settings.options,
                    },
                )
            except duckdb.IOException as error:
                if "lock" in str(error).lower():
                    raise FileRefused(Problem.WAREHOUSE_BUSY, file=FILE) from error
                raise
        # Nobody else writes while the file is held, so what is there is asked only once.
        self._tables = self._listed("table_schema, table_name", "tables")

    def read_parquet(self, *paths: Path) -> ir.Table:
        """Files as one table, not yet kept."""
        name = f"read_{uuid.uuid4().hex}"
        rows = self._connection.read_parquet([str(path) for path in paths])
        rows.create_view(name)
        return named(name, rows.limit(0).to_arrow_table().schema)

    def read_arrow(self, rows: pa.Table) -> ir.Table:
        """Rows in memory as a table, not yet kept."""
        name = f"read_{uuid.uuid4().hex}"
        self._connection.register(name, rows)
        return named(name, rows.schema)

    def write(self, snapshot: str, name: str, rows: ir.Table) -> int:
        """Keep an expression as the table `name`; returns its rows. Replaces an unfinished one."""
        place = f'"{check_name(snapshot)}"."{check_name(name)}"'
        asked = _sql(declared(name, rows))
        with refusing_full_disk(self._folder):
            self._connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{snapshot}"')
            made = self._connection.execute(f"CREATE OR REPLACE TABLE {place} AS {asked}")
        self._tables.add((snapshot, name))
        return int(made.fetchall()[0][0])

    def table(self, snapshot: str, name: str) -> ir.Table:
        """A table that was kept; raises KeyError where it is not there."""
        if not self.has(snapshot, name):
            raise KeyError(f"{snapshot}.{name}")
        place = f'"{snapshot}"."{name}"'
        first = self._connection.sql(f"SELECT * FROM {place} LIMIT 0")  # noqa: S608 - checked
        return named(name, first.to_arrow_table().schema, snapshot)

    def has(self, snapshot: str, name: str) -> bool:
        """Whether the table is there, whole: it is made in one transaction."""
        return (snapshot, name) in self._tables

    def snapshots(self) -> frozenset[str]:
        """The names of what is kept, complete or not."""
        return frozenset(name for (name,) in self._listed("schema_name", "schemata")) - OWN_SCHEMAS

    def _listed(self, columns: str, view: str) -> set[tuple[str, ...]]:
        asked = f"SELECT {columns} FROM information_schema.{view}"  # noqa: S608 - our own names
        return set(self._connection.execute(asked).fetchall())

    def drop(self, snapshot: str, name: str | None = None) -> None:
        """Forget a snapshot, or one table of it; what is unknown is ignored."""
        if name is not None and self.has(snapshot, name):
            self._connection.execute(f'DROP TABLE "{snapshot}"."{name}"')
            self._tables.discard((snapshot, name))
        elif name is None and snapshot in self.snapshots():
            self._connection.execute(f'DROP SCHEMA "{snapshot}" CASCADE')
            self._tables = {place for place in self._tables if place[0] != snapshot}
            self._connection.execute("CHECKPOINT")

    def batches(self, rows: ir.Table, size: int = 20_000) -> Iterator[pa.RecordBatch]:
        """The rows of an expression, streamed; other work may go on between the batches.

        What does not come from kept tables alone is held in memory.
        """
        asked = _sql(rows)
        if any(not source.namespace.database for source in rows.op().find(ops.UnboundTable)):
            yield from self._connection.sql(asked).to_arrow_table().to_batches(size)
            return
        # A cursor of its own, since the next statement on the connection would end the stream.
        with self._connection.cursor() as cursor:
            yield from cursor.sql(asked).to_arrow_reader(size)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()


def _sql(rows: ir.Table) -> str:
    return str(ibis.to_sql(rows, dialect="duckdb", pretty=False))
