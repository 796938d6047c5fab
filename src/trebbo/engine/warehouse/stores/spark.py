"""The warehouse on Spark: a folder of Parquet files for each table, whole when Spark says so.

The folder must be one that the driver and every executor see under the same path.
"""

import importlib.util
import logging
import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.dataset as pa_dataset
import pyarrow.parquet as pq

from trebbo.engine.warehouse.contracts import Settings
from trebbo.engine.warehouse.disk import refusing_full_disk
from trebbo.engine.warehouse.stores.kept import check_name, declared, named

WHOLE = "_SUCCESS"
# A logger without an appender counts as not set up, and gets the default one.
QUIET = """
appender.nothing.type = Null
appender.nothing.name = nothing
rootLogger.level = off
rootLogger.appenderRef.nothing.ref = nothing
"""
CONFIGURATION = {
    "spark.sql.session.timeZone": "UTC",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    # Adaptive execution merges what turns out small; the start is for what is large.
    "spark.sql.adaptive.enabled": "true",
    "spark.sql.parquet.compression.codec": "snappy",
}


class SparkWarehouse:
    """See `contracts.Warehouse`. `settings.engine` is the address of the master."""

    def __init__(self, settings: Settings) -> None:
        from pyspark.sql import SparkSession

        self._folder = settings.folder / "spark"
        self._passing = settings.folder / "passing" / uuid.uuid4().hex
        with refusing_full_disk(settings.folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            self._passing.mkdir(parents=True)
        if settings.engine.startswith("local-cluster") and "SPARK_HOME" not in os.environ:
            # The executors are processes of their own, started from the package.
            found = importlib.util.find_spec("pyspark")
            if found and found.origin:
                os.environ["SPARK_HOME"] = str(Path(found.origin).parent)
        logs = self._passing / "log4j2.properties"
        logs.write_text(QUIET, encoding="utf-8")
        builder = SparkSession.builder.master(settings.engine).appName("trebbo")
        for name, value in {
            **CONFIGURATION,
            "spark.driver.memory": f"{max(settings.memory_mb, 512)}m",
            "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile={logs.as_uri()}",
            "spark.local.dir": str(self._passing),
            "spark.sql.warehouse.dir": str(self._passing / "catalogue"),
            **settings.options,
        }.items():
            builder = builder.config(name, value)
        # Its farewell would be written when nobody listens any more.
        logging.getLogger("py4j").setLevel(logging.WARNING)
        self._session = builder.getOrCreate()
        # Naming the backend sets the options that its compiler reads; no connection is needed.
        self._backend = ibis.pyspark

    def read_parquet(self, *paths: Path) -> ir.Table:
        """Files as one table, not yet kept."""
        rows = self._session.read.parquet(*map(str, paths))
        name = f"read_{uuid.uuid4().hex}"
        rows.createOrReplaceTempView(name)
        return named(name, _schema(paths[0]))

    def read_arrow(self, rows: pa.Table) -> ir.Table:
        """Rows in memory as a table, not yet kept."""
        file = self._passing / f"{uuid.uuid4().hex}.parquet"
        with refusing_full_disk(self._folder):
            pq.write_table(rows, file)
        return self.read_parquet(file)

    def write(self, snapshot: str, name: str, rows: ir.Table) -> int:
        """Keep an expression as the table `name`; returns its rows. Replaces an unfinished one."""
        folder = self._folder / check_name(snapshot) / check_name(name)
        with refusing_full_disk(self._folder):
            self._save(declared(name, rows), folder)
        return int(sum(pq.read_metadata(file).num_rows for file in folder.glob("*.parquet")))

    def table(self, snapshot: str, name: str) -> ir.Table:
        """A table that was kept; raises KeyError where it is not there."""
        if not self.has(snapshot, name):
            raise KeyError(f"{snapshot}.{name}")
        return self.read_parquet(self._folder / snapshot / name)

    def has(self, snapshot: str, name: str) -> bool:
        """Whether the table is there, whole: Spark leaves its mark when all parts are written."""
        return (self._folder / snapshot / name / WHOLE).is_file()

    def snapshots(self) -> frozenset[str]:
        """The names of what is kept, complete or not."""
        return frozenset(folder.name for folder in self._folder.iterdir() if folder.is_dir())

    def drop(self, snapshot: str, name: str | None = None) -> None:
        """Forget a snapshot, or one table of it; what is unknown is ignored."""
        if snapshot in self.snapshots():
            folder = self._folder / snapshot
            shutil.rmtree(folder / check_name(name) if name else folder, ignore_errors=True)

    def batches(self, rows: ir.Table, size: int = 20_000) -> Iterator[pa.RecordBatch]:
        """The rows of an expression, streamed from files so that no process holds them all."""
        folder = self._passing / uuid.uuid4().hex
        with refusing_full_disk(self._folder):
            self._save(rows, folder)
        try:
            yield from pa_dataset.dataset(folder, format="parquet").to_batches(batch_size=size)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _save(self, rows: ir.Table, folder: Path) -> None:
        frame = self._session.sql(str(ibis.to_sql(rows, dialect="pyspark", pretty=False)))
        frame.write.mode("overwrite").parquet(str(folder))

    def close(self) -> None:
        """Stop the session, its executors and the Java process behind it."""
        from pyspark import SparkContext

        gateway = SparkContext._gateway
        self._session.stop()
        if gateway is not None:
            SparkContext._gateway = SparkContext._jvm = None
            gateway.shutdown()
            gateway.proc.stdin.close()
            gateway.proc.wait(timeout=60)
        shutil.rmtree(self._passing, ignore_errors=True)


def _schema(path: Path) -> pa.Schema:
    return pa_dataset.dataset(path, format="parquet").schema
