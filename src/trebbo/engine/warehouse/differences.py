"""What is new, changed and gone between two snapshots of a table."""

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from trebbo.engine.warehouse import cells
from trebbo.engine.warehouse.contracts import Warehouse

OLD = "old_"


@dataclass(frozen=True, slots=True)
class Changed:
    """Rows by what became of them, as expressions.

    `added`: new rows. `changed`: the rows as they are now, each column again as `old_<column>` as
    it was. `removed`: the keys of what is no longer there.
    """

    added: ir.Table
    changed: ir.Table
    removed: ir.Table


def changes(
    warehouse: Warehouse, name: str, key: tuple[str, ...], new: str, old: str | None
) -> Changed:
    """Compares the table `name` of the snapshots `new` and `old`; all is added where old is None.

    `key` are columns without nulls that are unique together; nulls elsewhere equal each other.
    """
    now = warehouse.table(new, name)
    others = [column for column in now.columns if column not in key]
    if old is None:
        was = now.filter(cells.NO)
        return Changed(now, _beside(now, was, key), was.select(*key))
    was = warehouse.table(old, name)
    beside = _beside(now, was, key)
    is_same = [beside[column].identical_to(beside[OLD + column]) for column in others]
    differs = ~ibis.and_(*is_same) if is_same else cells.NO
    return Changed(
        now.anti_join(was.select(*key), list(key)),
        beside.filter(differs),
        was.select(*key).anti_join(now.select(*key), list(key)),
    )


def _beside(now: ir.Table, was: ir.Table, key: tuple[str, ...]) -> ir.Table:
    then = was.rename({OLD + column: column for column in was.columns})
    return now.inner_join(then, [now[column] == then[OLD + column] for column in key])
