"""Takes a recognised file into a snapshot: landed as text, then brought to the declared tables."""

from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from trebbo.engine.warehouse.archives import Archive
from trebbo.engine.warehouse.contracts import (
    Counted,
    Intake,
    OnProgress,
    Progress,
    Recognised,
    Settings,
    Warehouse,
)
from trebbo.engine.warehouse.disk import refusing_full_disk
from trebbo.engine.warehouse.landing import Landed, Source
from trebbo.engine.warehouse.layouts import LAYOUTS
from trebbo.engine.warehouse.layouts import left_out as why
from trebbo.engine.warehouse.layouts.contracts import Layout
from trebbo.engine.warehouse.tables import TABLES


def take_in(
    found: Recognised,
    warehouse: Warehouse,
    snapshot: str,
    *,
    folder: Path,
    settings: Settings,
    on_progress: OnProgress,
    encoding: str = "utf-8",
) -> Intake:
    """Reads, checks and keeps a file as `snapshot`; `folder` is this import's own work folder.

    Called again after a stop or a kill it takes up where it was. Refuses (`FileRefused`) a file
    that is damaged or not in its layout, and a full disk; `on_progress` may raise `Stopped`.
    """
    with refusing_full_disk(folder):
        folder.mkdir(parents=True, exist_ok=True)
        layout = LAYOUTS[found.layout]
        archive = Archive(found.path, settings)
        mark = f"{found.sha256} {encoding}"
        landed = layout.land(Source(archive, folder, mark, encoding, on_progress))
        return _conform(layout, landed, warehouse, snapshot, on_progress)


def _conform(
    layout: Layout,
    landed: list[Landed],
    warehouse: Warehouse,
    snapshot: str,
    on_progress: OnProgress,
) -> Intake:
    if not all(warehouse.has(snapshot, name) for name in TABLES):
        sources = {sheet.sheet: warehouse.read_parquet(sheet.file) for sheet in landed}
        done: list[str] = []
        for name, make in layout.conform(sources, lambda name: warehouse.table(snapshot, name)):
            on_progress(Progress("check", len(set(done) & TABLES.keys()), len(TABLES), name))
            if not warehouse.has(snapshot, name):
                rows = make()
                if name == "left_out":
                    rows = _told_by_member(rows, landed, warehouse)
                warehouse.write(snapshot, name, rows)
            done.append(name)
        for name, schema in TABLES.items():
            if not warehouse.has(snapshot, name):
                warehouse.write(
                    snapshot, name, warehouse.read_arrow(pa.Table.from_batches([], schema))
                )
        for name in done:
            if name not in TABLES:
                warehouse.drop(snapshot, name)
    on_progress(Progress("check", len(TABLES), len(TABLES)))
    return Intake(snapshot, _counted(landed, warehouse, snapshot), _rows(warehouse, snapshot))


def _told_by_member(rows: ir.Table, landed: list[Landed], warehouse: Warehouse) -> ir.Table:
    """What was left out, with the broken rows, under the members' own names."""
    names = {sheet.sheet: sheet.member for sheet in landed}
    rows = rows.mutate(member=rows.member.substitute(names))
    broken = [
        why.told(lines.mutate(key=ibis.null("string")), sheet.member, why.BROKEN_ROW, lines.value)
        for sheet in landed
        if sheet.broken
        for lines in [warehouse.read_parquet(sheet.broken_file)]
    ]
    return ibis.union(rows, *broken) if broken else rows


def _counted(landed: list[Landed], warehouse: Warehouse, snapshot: str) -> tuple[Counted, ...]:
    """Of each member the rows read, kept and left out; read is always the sum of the others."""
    gone = warehouse.table(snapshot, "left_out")
    gone = gone.filter(~gone.reason.isin(sorted(why.NOTES)))
    gone = gone.group_by("member").aggregate(rows=gone.count())
    left_out: dict[str, int] = {
        row["member"]: row["rows"] for batch in warehouse.batches(gone) for row in batch.to_pylist()
    }
    return tuple(
        Counted(sheet.member, read, read - gone_rows, gone_rows)
        for sheet in landed
        if sheet.is_counted
        for read, gone_rows in [(sheet.rows + sheet.broken, left_out.get(sheet.member, 0))]
    )


def _rows(warehouse: Warehouse, snapshot: str) -> dict[str, int]:
    tables = {name: warehouse.table(snapshot, name) for name in TABLES}
    counts = ibis.union(
        *(
            table.aggregate(rows=table.count()).select("rows", table=ibis.literal(name))
            for name, table in tables.items()
        )
    )
    return {
        row["table"]: row["rows"]
        for batch in warehouse.batches(counts)
        for row in batch.to_pylist()
    }
