"""Both stores of the warehouse, for tests that must pass on each."""

import importlib.util
import shutil
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa
import pytest

from trebbo.engine.warehouse import Intake, Settings, Warehouse, open_warehouse, recognise, take_in

SPARK = "local-cluster[2,1,1024]"


@dataclass(frozen=True)
class Store:
    """A warehouse with its settings, a passing folder, and short ways to use them."""

    warehouse: Warehouse
    settings: Settings
    folder: Path

    def take_in(self, path: Path, snapshot: str = "", **options: Any) -> Intake:
        """Recognises a file and takes it in, by default as a snapshot of its own."""
        found = recognise(path, self.settings)
        return take_in(
            found,
            self.warehouse,
            snapshot or self.new_name(),
            folder=options.pop("folder", self.folder / uuid.uuid4().hex),
            settings=self.settings,
            on_progress=options.pop("on_progress", lambda _progress: None),
            **options,
        )

    def new_name(self) -> str:
        """A snapshot that nobody has."""
        return f"s{uuid.uuid4().hex[:12]}"

    def rows(self, table: ir.Table) -> list[dict[str, Any]]:
        """All rows of an expression, sorted."""
        found = [row for batch in self.warehouse.batches(table) for row in batch.to_pylist()]
        return sorted(found, key=lambda row: [str(value) for value in row.values()])

    def kept(self, intake: Intake, name: str) -> list[dict[str, Any]]:
        """All rows of a kept table, sorted."""
        return self.rows(self.warehouse.table(intake.snapshot, name))

    def keep(self, name: str, rows: list[dict[str, Any]], schema: pa.Schema) -> str:
        """Keeps rows as the table of a new snapshot and returns its name."""
        snapshot = self.new_name()
        given = self.warehouse.read_arrow(pa.Table.from_pylist(rows, schema))
        self.warehouse.write(snapshot, name, given)
        return snapshot


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Warehouse, Settings]]:
    """Spark with two executors, started once: starting takes longer than all the tests."""
    if not importlib.util.find_spec("pyspark") or not shutil.which("java"):
        pytest.skip("pyspark or Java is not on this machine")
    # Small tables: what compiles for long runs costs more than it gives.
    options = {
        "spark.sql.shuffle.partitions": "4",
        "spark.default.parallelism": "2",
        "spark.sql.codegen.wholeStage": "false",
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
        "spark.executor.extraJavaOptions": "-XX:TieredStopAtLevel=1",
    }
    settings = Settings(tmp_path_factory.mktemp("spark"), engine=SPARK, options=options)
    warehouse = open_warehouse(settings)
    yield warehouse, settings
    warehouse.close()


# One worker starts Spark, for all tests on it.
@pytest.fixture(params=["duckdb", pytest.param("spark", marks=pytest.mark.xdist_group("spark"))])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Each of the two stores."""
    if request.param == "spark":
        yield Store(*request.getfixturevalue("spark"), tmp_path)
        return
    settings = Settings(tmp_path / "warehouse")
    warehouse = open_warehouse(settings)
    yield Store(warehouse, settings, tmp_path)
    warehouse.close()


@pytest.fixture
def duck(tmp_path: Path) -> Iterator[Store]:
    """DuckDB alone, where the store makes no difference."""
    settings = Settings(tmp_path / "warehouse")
    warehouse = open_warehouse(settings)
    yield Store(warehouse, settings, tmp_path)
    warehouse.close()


@pytest.fixture
def refused(tmp_path: Path) -> Callable[..., tuple[str, dict[str, Any]]]:
    """The problem, and the facts, for which a file is refused: `refused(path, encoding=…)`."""
    from trebbo.engine.warehouse import FileRefused

    def of(path: Path, **options: Any) -> tuple[str, dict[str, Any]]:
        settings = options.pop("settings", Settings(tmp_path / "warehouse"))
        warehouse = open_warehouse(settings)
        try:
            with pytest.raises(FileRefused) as caught:
                Store(warehouse, settings, tmp_path).take_in(path, "refused", **options)
            assert warehouse.snapshots() == frozenset(), "a refused file leaves no snapshot"
        finally:
            warehouse.close()
        return caught.value.problem.value, caught.value.facts

    return of
