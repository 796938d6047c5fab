"""Hands official files to the warehouse and brings its snapshots back, ready for the database.

The engine is loaded where it is used: a page that only shows evidence never waits for it.
"""

import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings

if TYPE_CHECKING:
    import pyarrow as pa

    from trebbo.engine.linkage.contracts import Entity
    from trebbo.engine.warehouse.contracts import Settings, Warehouse

    Store = Warehouse

BATCH = 20_000
FIRST_YEAR = 2000
"""An earlier year in a zip is no day of publication but the calendar's own beginning."""
KEYS: dict[str, tuple[str, ...]] = {
    "project": ("key",),
    "body": ("scheme", "key"),
    "participation": ("project_key", "scheme", "body_key", "role"),
    "project_field": ("project_key", "code"),
}
"""The tables that are published, and what tells one row from another."""

Tell = Callable[[str, int, int, str], None]
"""Told the stage, how much is done, of how much (0: not known), in which member of the file."""


class FileProblem(Exception):
    """The warehouse refuses the file; `code` is a `Problem` of the engine, `facts` its details."""

    def __init__(self, code: str, facts: Mapping[str, str | int]) -> None:
        super().__init__(code)
        self.code = code
        self.facts = dict(facts)


class Interrupted(Exception):
    """The work was asked to stop, or is no longer ours; what is done stays."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a file is: its dataset, its bytes' SHA-256 and size, its day of edition if it says."""

    dataset: str
    sha256: str
    size: int
    edition: date | None
    engine: Any


@dataclass(frozen=True, slots=True)
class Brought:
    """What a snapshot holds: rows read, kept and left out by member of the file; rows by table."""

    members: tuple[tuple[str, int, int, int], ...]
    rows: Mapping[str, int]


def recognise(path: Path) -> Found:
    """Say what the file is, by its content; raises `FileProblem` where it is nothing we know."""
    from trebbo.engine import warehouse

    with _in_our_words():
        found = warehouse.recognise(path, _settings())
    edition = found.edition or _newest_day_in(path)
    return Found(found.dataset, found.sha256, found.size, edition, found)


def _newest_day_in(path: Path) -> date | None:
    """The day of the newest file in a zip, which publishers make on the day of the edition."""
    if not zipfile.is_zipfile(path):
        return None
    with zipfile.ZipFile(path) as archive:
        days = [entry.date_time[:3] for entry in archive.infolist()]
    try:
        newest = date(*max(days))
    except ValueError:
        return None
    return newest if newest.year >= FIRST_YEAR else None


@contextmanager
def opened() -> Iterator["Warehouse"]:
    """The warehouse of the settings, for as long as the block lasts; raises `FileProblem`."""
    from trebbo.engine import warehouse

    with _in_our_words():
        store = warehouse.open_warehouse(_settings())
    try:
        yield store
    finally:
        store.close()


def take_in(store: "Warehouse", found: Found, snapshot: str, folder: Path, tell: Tell) -> Brought:
    """Read and check the whole file into the snapshot; what an earlier call has done is kept.

    `folder` is where it may work. Raises `FileProblem`, and whatever `tell` raises.
    """
    from trebbo.engine import warehouse

    folder.mkdir(parents=True, exist_ok=True)
    with _in_our_words():
        intake = warehouse.take_in(
            found.engine,
            store,
            snapshot,
            folder=folder,
            settings=_settings(),
            on_progress=lambda told: tell(told.stage, told.done, told.total, told.member),
        )
    return Brought(
        tuple((one.member, one.read, one.kept, one.left_out) for one in intake.counted),
        dict(intake.rows),
    )


def forget(snapshot: str) -> None:
    """Drop a snapshot; an unknown one is ignored."""
    if snapshot:
        with opened() as store:
            store.drop(snapshot)


# --- What publishing reads.


@dataclass(frozen=True, slots=True)
class Difference:
    """How a table of a new snapshot differs from the old one's; without an old one all is added."""

    added: Any
    changed: Any
    removed: Any


def difference(store: "Warehouse", name: str, new: str, old: str | None) -> Difference:
    """Compare a table of two snapshots by its key; KeyError where the new one has no such table."""
    from trebbo.engine import warehouse

    known = old if old and store.has(old, name) else None
    found = warehouse.changes(store, name, KEYS[name], new, known)
    return Difference(found.added, found.changed, found.removed)


def has_tables(store: "Warehouse", snapshot: str) -> bool:
    """Whether the snapshot is there with the tables that are published."""
    return all(store.has(snapshot, name) for name in ("project", "body", "participation"))


def columns(name: str) -> tuple[str, ...]:
    """The columns of a declared table."""
    from trebbo.engine.warehouse.tables import TABLES

    return tuple(TABLES[name].names)


def with_latest_start(store: "Warehouse", bodies: Any, snapshot: str) -> Any:
    """The bodies with `latest`, the day on which their newest project in the snapshot starts."""
    parts = store.table(snapshot, "participation")
    projects = store.table(snapshot, "project").select("key", "start_date")
    starts = parts.join(projects.rename(project_key="key"), "project_key")
    latest = starts.group_by("scheme", "body_key").agg(latest=starts.start_date.max())
    return bodies.left_join(
        latest.rename(latest_scheme="scheme"),
        [bodies.scheme == latest.scheme, bodies.key == latest.body_key],
    ).drop("latest_scheme", "body_key")


def batches(
    store: "Warehouse", rows: Any, names: Sequence[str], limits: Mapping[str, int]
) -> Iterator["pa.RecordBatch"]:
    """The named columns, streamed, as the database takes them.

    Money and days as text; text without NUL and cut at `limits` (letters per column).
    """
    for batch in store.batches(rows.select(*names), BATCH):
        yield _plain(batch, limits)


def records(store: "Warehouse", rows: Any) -> Iterator[dict[str, Any]]:
    """The rows as dictionaries, streamed; for what is few."""
    for batch in store.batches(rows, BATCH):
        yield from batch.to_pylist()


def tuples(batch: "pa.RecordBatch") -> list[tuple[Any, ...]]:
    """The rows of a batch."""
    return list(zip(*(column.to_pylist() for column in batch.columns), strict=True))


def as_csv(batch: "pa.RecordBatch") -> bytes:
    """The rows of a batch as CSV without a head; what is null stands as nothing, unquoted."""
    import pyarrow as pa
    from pyarrow import csv

    sink = pa.BufferOutputStream()
    csv.write_csv(batch, sink, csv.WriteOptions(include_header=False))
    return bytes(sink.getvalue())


def batches_of(
    names: Sequence[str], rows: Iterable[tuple[str | None, ...]]
) -> Iterator["pa.RecordBatch"]:
    """Rows of text as batches with these columns."""
    import pyarrow as pa

    waiting = iter(rows)
    schema = pa.schema([(name, pa.string()) for name in names])
    while some := list(islice(waiting, BATCH)):
        columns = [pa.array(column, pa.string()) for column in zip(*some, strict=True)]
        yield pa.RecordBatch.from_arrays(columns, schema=schema)


def keep_rows(
    store: "Warehouse", snapshot: str, name: str, rows: Iterable[Mapping[str, Any]]
) -> None:
    """Keep rows of the database as a table of a snapshot; columns not given are null."""
    import pyarrow as pa

    from trebbo.engine.warehouse.tables import TABLES

    schema = TABLES[name]
    known = [{column: row.get(column) for column in schema.names} for row in rows]
    store.write(snapshot, name, store.read_arrow(pa.Table.from_pylist(known, schema=schema)))


def fields(store: "Warehouse", snapshot: str) -> list[dict[str, Any]]:
    """Each field that a project of the snapshot has, once: code, path, title, title_path."""
    if not store.has(snapshot, "project_field"):
        return []
    table = store.table(snapshot, "project_field")
    once = table.group_by("code").agg(
        path=table.path.min(), title=table.title.min(), title_path=table.title_path.min()
    )
    return list(records(store, once))


def left_out(store: "Warehouse", snapshot: str) -> Iterator[dict[str, Any]]:
    """The rows that were not kept, with the reason, in the order of the file."""
    if store.has(snapshot, "left_out"):
        table = store.table(snapshot, "left_out")
        yield from records(store, table.order_by("member", "row"))


def reasons(store: "Warehouse", snapshot: str) -> dict[str, int]:
    """How many rows were left out, or noted, for which reason."""
    if not store.has(snapshot, "left_out"):
        return {}
    table = store.table(snapshot, "left_out")
    counted = table.group_by("reason").agg(total=table.count())
    return {row["reason"]: row["total"] for row in records(store, counted)}


# --- What linkage reads.


def bodies(snapshot: str, keys: Sequence[str]) -> list[dict[str, Any]]:
    """The rows of these bodies, as the declared table has them."""
    with opened() as store:
        table = store.table(snapshot, "body")
        return list(records(store, table.filter(table.key.isin(list(keys)))))


def entities(snapshot: str) -> Iterator["Entity"]:
    """Every body of the snapshot with all its names, identifiers and domains, to be linked."""
    with opened() as store:
        others = _Others(
            _by_key(store, snapshot, "body_name", ("name", "kind", "language")),
            _by_key(store, snapshot, "body_identifier", ("register", "value")),
            _by_key(store, snapshot, "body_tie", ("kind", "other_key")),
        )
        rows = list(records(store, store.table(snapshot, "body")))
    titles = {row["key"]: row["name"] or "" for row in rows}
    for row in rows:
        yield _entity(row, others, titles)


Many = dict[str, list[tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class _Others:
    names: Many
    identifiers: Many
    ties: Many


def _entity(row: Mapping[str, Any], others: _Others, titles: Mapping[str, str]) -> "Entity":
    from trebbo.engine.linkage.contracts import Entity, Name

    key = row["key"]
    names = {(name, kind): language for name, kind, language in others.names.get(key, ())}
    names.setdefault((row["name"], "legal"), None)
    if row["short_name"]:
        names.setdefault((row["short_name"], "short"), None)
    elsewhere = others.identifiers.get(key, [])
    numbers = {(register, value) for register, value in elsewhere if register != "domain"}
    numbers.add((row["scheme"], key))
    for register, column in (("vat", "vat_number"), ("tax_code", "tax_code")):
        if row[column]:
            numbers.add((register, row[column]))
    above = [other for kind, other in others.ties.get(key, ()) if kind == "parent"]
    return Entity(
        key=key,
        names=tuple(Name(text, kind, language or "") for (text, kind), language in names.items()),
        country=row["country"] or "",
        region=row["nuts"] or "",
        town=row["town"] or "",
        domains=frozenset(_domains(row["website"], elsewhere)),
        identifiers=frozenset(numbers),
        part_of=tuple(titles[other] for other in above if other in titles),
        kind=row["activity"] or "",
    )


def _by_key(store: "Warehouse", snapshot: str, name: str, columns: tuple[str, ...]) -> Many:
    found: Many = {}
    if store.has(snapshot, name):
        table = store.table(snapshot, name).select("key", *columns)
        for batch in store.batches(table, BATCH):
            for key, *rest in tuples(batch):
                found.setdefault(key, []).append(tuple(rest))
    return found


def _domains(website: str | None, identifiers: Iterable[tuple[Any, ...]]) -> Iterator[str]:
    for register, value in identifiers:
        if register == "domain":
            yield str(value).lower().removeprefix("www.")
    if website:
        address = website if "//" in website else f"//{website}"
        try:
            host = urlsplit(address).hostname
        except ValueError:
            host = None
        if host:
            yield host.removeprefix("www.")


def _plain(batch: "pa.RecordBatch", limits: Mapping[str, int]) -> "pa.RecordBatch":
    import pyarrow as pa
    import pyarrow.compute as pc

    made = []
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        kind = column.type
        if pa.types.is_decimal(kind) or pa.types.is_temporal(kind):
            made.append(column.cast(pa.string()))
        elif pa.types.is_string(kind) or pa.types.is_large_string(kind):
            text = pc.replace_substring(column, "\0", "")
            made.append(pc.utf8_slice_codeunits(text, 0, limits[name]) if name in limits else text)
        else:
            made.append(column)
    return pa.RecordBatch.from_arrays(made, names=batch.schema.names)


def _settings() -> "Settings":
    from trebbo.engine.warehouse.contracts import Settings

    return Settings(
        folder=Path(settings.WAREHOUSE_FOLDER),
        engine=settings.WAREHOUSE,
        memory_mb=settings.WAREHOUSE_MEMORY_MB,
    )


@contextmanager
def _in_our_words() -> Iterator[None]:
    from trebbo.engine.warehouse.contracts import FileRefused

    try:
        yield
    except FileRefused as refused:
        raise FileProblem(str(refused.problem), refused.facts) from refused
