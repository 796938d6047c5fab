"""What both stores agree on: names that are safe, rows brought to their declared columns."""

import re

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from trebbo.engine.warehouse.tables import TABLES

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


def check_name(name: str) -> str:
    """The name, if it may name a snapshot or a table; raises ValueError where it may not."""
    if not NAME.fullmatch(name):
        raise ValueError(f"not a name for a snapshot or a table: {name!r}")
    return name


def named(name: str, schema: pa.Schema, snapshot: str | None = None) -> ir.Table:
    """A table of the engine as an expression; it is the store that carries it out."""
    return ibis.table(ibis.Schema.from_pyarrow(schema), name=name, database=snapshot)


def declared(name: str, rows: ir.Table) -> ir.Table:
    """The rows with exactly the columns and types declared for the table `name`.

    A table that is not declared passes as it is; a declared column that is missing raises.
    """
    schema: pa.Schema | None = TABLES.get(name)
    if schema is None:
        return rows
    kinds = ibis.Schema.from_pyarrow(schema)
    return rows.select(**{column: rows[column].cast(kind) for column, kind in kinds.items()})
