"""Brings rows in bulk into tables of the database that last for one transaction."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

from django.db import connection
from django.db.models import CharField, Field, Model, TextField

from trebbo.ecosystem.evidence.gateway import warehouse

if TYPE_CHECKING:
    import pyarrow as pa


def execute(statement: str, *parameters: Any) -> int:
    """Carry out one statement; returns how many rows it changed."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return max(int(cursor.rowcount), 0)


def fetch(statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """The rows that a statement gives."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


def is_text(field: "Field[Any, Any]") -> bool:
    """Whether a column of the model holds text, for which nothing known is ''."""
    return isinstance(field, CharField | TextField)


def _column(model: type[Model], name: str) -> "Field[Any, Any]":
    return cast("Field[Any, Any]", model._meta.get_field(name))


def kinds_of(model: type[Model], names: Iterable[str]) -> dict[str, str]:
    """The database's types for these columns of the model; text without a limit."""
    kinds = {}
    for name in names:
        field = _column(model, name)
        kinds[name] = "text" if is_text(field) else str(field.db_type(connection))
    return kinds


def limits_of(model: type[Model], names: Iterable[str]) -> dict[str, int]:
    """How many letters these columns of the model take, for those that have a limit."""
    lengths = {name: getattr(model._meta.get_field(name), "max_length", None) for name in names}
    return {name: int(length) for name, length in lengths.items() if length}


def never_null(model: type[Model], name: str, of: str = "") -> str:
    """The column (`of` a table, as "t.") as SQL that gives the model's blank for what is null."""
    field = _column(model, name)
    if field.null:
        return f"{of}{name}"
    if is_text(field):
        return f"COALESCE({of}{name}, '')"
    blank = "FALSE" if field.get_internal_type() == "BooleanField" else "0"
    return f"COALESCE({of}{name}, {blank})"


def make_table(name: str, columns: Mapping[str, str]) -> None:
    """Make an empty table that only this connection sees."""
    drop_table(name)
    listed = ", ".join(f"{column} {kind}" for column, kind in columns.items())
    execute(f"CREATE TEMPORARY TABLE {name} ({listed})")


def drop_table(name: str) -> None:
    """Let go of such a table; one that is not there is ignored."""
    execute(f"DROP TABLE IF EXISTS {name}")


def load(name: str, batches: Iterable["pa.RecordBatch"]) -> int:
    """Put batches into such a table, whose columns they have in order; returns how many rows."""
    total = 0
    with connection.cursor() as cursor:
        for batch in batches:
            total += batch.num_rows
            if connection.vendor == "postgresql":
                with cursor.copy(f"COPY {name} FROM STDIN (FORMAT csv)") as copy:
                    copy.write(warehouse.as_csv(batch))
            elif batch.num_rows:
                marks = ", ".join(["%s"] * batch.num_columns)
                # The name is one of ours, the values are parameters.
                cursor.executemany(
                    f"INSERT INTO {name} VALUES ({marks})",  # noqa: S608
                    warehouse.tuples(batch),
                )
    return total
