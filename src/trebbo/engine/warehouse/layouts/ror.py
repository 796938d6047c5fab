"""The data dump of ROR in its schema v2: one JSON array of organisations."""

import codecs
import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq

from trebbo.engine.warehouse import cells
from trebbo.engine.warehouse.archives import Archive, CheckedStream, Member
from trebbo.engine.warehouse.contracts import FileRefused, Problem, Progress
from trebbo.engine.warehouse.disk import written_whole
from trebbo.engine.warehouse.landing import Landed, Source, done_facts, note_done
from trebbo.engine.warehouse.layouts import left_out as why
from trebbo.engine.warehouse.layouts.contracts import Kept, Steps, step

CHUNK_BYTES = 1 << 20
LONGEST_RECORD = 1 << 24
ROWS_AT_ONCE = 5_000
V2 = "schema_v2"
BETWEEN = " \r\n\t,\ufeff"
PREFIX = "https://ror.org/"
NAME_KINDS = {"ror_display": "legal", "label": "label", "alias": "alias", "acronym": "acronym"}
TEXT, NUMBER, POINT = pa.string(), pa.int64(), pa.float64()
PARTS: dict[str, pa.Schema] = {
    "ror": pa.schema(
        {
            "row": NUMBER,
            "id": TEXT,
            "status": TEXT,
            "kind": TEXT,
            "country": TEXT,
            "town": TEXT,
            "latitude": POINT,
            "longitude": POINT,
            "website": TEXT,
        }
    ),
    "ror_names": pa.schema({"row": NUMBER, "name": TEXT, "kind": TEXT, "language": TEXT}),
    "ror_identifiers": pa.schema({"row": NUMBER, "register": TEXT, "value": TEXT}),
    "ror_ties": pa.schema({"row": NUMBER, "kind": TEXT, "other_key": TEXT}),
}


def chosen(archive: Archive) -> Member | None:
    """The member with the records, schema v2 before others; None where it is no dump of ROR.

    Refuses a dump that has only the first schema.
    """
    found = [member for member in archive.members if member.name.casefold().endswith(".json")]
    found.sort(key=lambda member: V2 not in member.name)
    for member in found:
        with archive.open(member) as stream:
            start = stream.read(1 << 16).decode("utf-8", errors="replace").lstrip("\ufeff \r\n\t")
        if not start.startswith("[") or PREFIX not in start:
            continue
        if '"names"' not in start:
            raise FileRefused(
                Problem.UNKNOWN_LAYOUT,
                file=archive.path.name,
                member=member.name,
                found="ROR schema v1",
                expected="ROR schema v2",
            )
        return member
    return None


class Ror:
    """Brings the records of ROR to the declared tables."""

    name = "ror"

    def land(self, source: Source) -> list[Landed]:
        """See `contracts.Layout`. A record becomes rows of several landing files."""
        member = chosen(source.archive)
        if member is None:
            raise FileRefused(Problem.MISSING_FILE, file=source.archive.path.name, member="*.json")
        files = {name: source.folder / f"{name}.parquet" for name in PARTS}
        done_file = source.folder / "ror.done"
        noted = done_facts(done_file, source.mark)
        if noted is None or not all(file.is_file() for file in files.values()):
            rows = _land(source, member, files)
            note_done(done_file, source.mark, member=member.file_name, rows=rows)
        else:
            rows = noted["rows"]
        return [
            Landed(name, member.file_name, file, file, rows, 0, is_counted=name == "ror")
            for name, file in files.items()
        ]

    def conform(self, landed: Mapping[str, ir.Table], kept: Kept) -> Steps:
        """See `contracts.Layout`. Withdrawn records are left out, inactive ones are kept."""
        yield step("checked_ror", _checked, landed["ror"])
        checked = kept("checked_ror")
        yield step("body", _bodies, landed["ror"], landed["ror_names"], checked)
        yield step("body_name", _names, landed["ror_names"], checked)
        yield step("body_identifier", _identifiers, landed, checked)
        yield step("body_tie", _ties, landed["ror_ties"], checked)
        yield step("left_out", _left_out, checked)


def _land(source: Source, member: Member, files: dict[str, Path]) -> int:
    """Writes the landing files of a member, record by record; returns how many there are."""

    def tell(done: int) -> None:
        source.on_progress(Progress("read", done, member.size, member.file_name))

    waiting: dict[str, list[tuple[Any, ...]]] = {name: [] for name in PARTS}
    number = 0
    with ExitStack() as opened:
        writers = {
            name: opened.enter_context(
                pq.ParquetWriter(
                    opened.enter_context(
                        pa.OSFile(str(opened.enter_context(written_whole(files[name]))), "wb")
                    ),
                    schema,
                    compression="snappy",
                )
            )
            for name, schema in PARTS.items()
        }
        stream = opened.enter_context(source.archive.open(member))
        tell(0)
        for record in records(stream, source.archive, member, source.encoding):
            number += 1
            _spread(record, number, waiting)
            if number % ROWS_AT_ONCE == 0:
                _write(writers, waiting)
                tell(stream.done)
        _write(writers, waiting)
        tell(stream.done)
    return number


def _write(writers: dict[str, pq.ParquetWriter], waiting: dict[str, list[tuple[Any, ...]]]) -> None:
    for name, rows in waiting.items():
        if rows:
            columns = [
                pa.array(column, kind)
                for column, kind in zip(zip(*rows, strict=True), PARTS[name].types, strict=True)
            ]
            writers[name].write_batch(pa.RecordBatch.from_arrays(columns, schema=PARTS[name]))
            rows.clear()


def records(
    stream: CheckedStream, archive: Archive, member: Member, encoding: str = "utf-8"
) -> Iterator[dict[str, Any]]:
    """The objects of a JSON array, one by one; refuses what is cut off or no such array."""
    decoder = codecs.getincrementaldecoder(encoding)()
    text, is_open = "", False
    while True:
        chunk = stream.read(CHUNK_BYTES)
        try:
            text += decoder.decode(chunk, not chunk)
        except UnicodeDecodeError as error:
            raise _broken(Problem.WRONG_ENCODING, archive, member, encoding) from error
        if not is_open:
            text = text.lstrip(BETWEEN)
            if text and text[0] != "[":
                raise _broken(Problem.BROKEN_ROWS, archive, member)
            is_open, text = bool(text), text[1:]
        place = 0
        for record, after in _whole_values(text):
            if not isinstance(record, dict):
                raise _broken(Problem.BROKEN_ROWS, archive, member)
            place = after
            yield record
        text = text[place:].lstrip(BETWEEN)
        if is_open and text.startswith("]"):
            return
        if len(text) > LONGEST_RECORD:
            raise _broken(Problem.BROKEN_ROWS, archive, member)
        if not chunk:
            raise _broken(Problem.TRUNCATED, archive, member)


def _whole_values(text: str) -> Iterator[tuple[Any, int]]:
    """The JSON values that stand whole in a text, each with the place after it."""
    decode = json.JSONDecoder().raw_decode
    place = 0
    while place < len(text):
        if text[place] in BETWEEN:
            place += 1
            continue
        try:
            value, place = decode(text, place)
        except json.JSONDecodeError:
            return
        yield value, place


def _broken(problem: Problem, archive: Archive, member: Member, expected: str = "") -> FileRefused:
    facts = {"file": archive.path.name, "member": member.name, "expected": expected}
    return FileRefused(problem, **facts, found="", line=0, rows=0)


def _spread(record: dict[str, Any], number: int, rows: dict[str, list[tuple[Any, ...]]]) -> None:
    """Puts what a record says into the rows of each landing file."""
    places = record.get("locations") or [{}]
    place = places[0].get("geonames_details") or {}
    links = record.get("links") or []
    sites = [link["value"] for link in links if link.get("type") == "website"]
    kinds = [kind for kind in record.get("types") or [] if kind != "funder"]
    rows["ror"].append(
        (
            number,
            record.get("id"),
            record.get("status"),
            kinds[0] if kinds else next(iter(record.get("types") or []), None),
            place.get("country_code"),
            place.get("name"),
            place.get("lat"),
            place.get("lng"),
            sites[0] if sites else None,
        )
    )
    for name in record.get("names") or []:
        kind = next((ours for theirs, ours in NAME_KINDS.items() if theirs in name["types"]), None)
        if kind:
            rows["ror_names"].append((number, name["value"], kind, name.get("lang")))
    told = {
        (one["type"], value) for one in record.get("external_ids") or [] for value in one["all"]
    }
    told |= {("domain", domain) for domain in record.get("domains") or []}
    rows["ror_identifiers"] += [(number, *one) for one in sorted(told)]
    for tie in record.get("relationships") or []:
        rows["ror_ties"].append((number, tie["type"], tie["id"]))


def _key(address: ir.StringValue) -> ir.StringValue:
    return cells.last_step(address)


def _checked(landed: ir.Table) -> ir.Table:
    rows = why.again(landed.select("row", "status", key=_key(landed.id)), "key")
    return rows.select(
        "row",
        "key",
        reason=why.first_of(
            (rows.key.isnull(), why.NO_KEY),
            ((rows.status.lower() == "withdrawn").fill_null(cells.NO), why.WITHDRAWN),
            (rows.is_again, why.REPEATED),
        ),
    )


def _kept(landed: ir.Table, checked: ir.Table) -> ir.Table:
    found = checked.filter(checked.reason.isnull()).drop("reason")
    return landed.inner_join(found, "row")


def _first_name(names: ir.Table, kind: str, column: str) -> ir.Table:
    chosen = names.filter(names.kind == kind)
    chosen = chosen.select(named_row=chosen.row, text=cells.text(chosen.name))
    return chosen.group_by("named_row").aggregate(**{column: chosen.text.min()})


def _bodies(landed: ir.Table, names: ir.Table, checked: ir.Table) -> ir.Table:
    rows = _kept(landed, checked)
    for kind, column in (("legal", "name"), ("acronym", "short_name")):
        named = _first_name(names, kind, column)
        rows = rows.left_join(named, rows.row == named.named_row).drop("named_row")
    nothing = ibis.null("string")
    return rows.select(
        scheme=ibis.literal("ror"),
        key=rows.key,
        name=ibis.coalesce(rows.name, rows.key),
        short_name=rows.short_name,
        vat_number=nothing,
        tax_code=nothing,
        activity=cells.text(rows.kind),
        is_sme=ibis.null("boolean"),
        country=cells.country(rows.country),
        nuts=nothing,
        town=cells.text(rows.town),
        postcode=nothing,
        address=nothing,
        website=cells.text(rows.website),
        latitude=rows.latitude,
        longitude=rows.longitude,
        is_active=rows.status.lower() == "active",
    )


def _names(names: ir.Table, checked: ir.Table) -> ir.Table:
    rows = _kept(names, checked)
    return (
        rows.select(
            scheme=ibis.literal("ror"),
            key=rows.key,
            name=cells.text(rows.name),
            kind=rows.kind,
            language=cells.text(rows.language),
        )
        .filter(lambda t: t.name.notnull())
        .distinct()
    )


def _identifiers(landed: Mapping[str, ir.Table], checked: ir.Table) -> ir.Table:
    told = _kept(landed["ror_identifiers"], checked)
    told = told.select("key", "register", value=cells.text(told.value))
    sites = _kept(landed["ror"], checked)
    domains = sites.select(
        "key", register=ibis.literal("domain"), value=cells.domain(sites.website)
    )
    rows = told.union(domains)
    rows = rows.filter(rows.value.notnull()).distinct()
    return rows.mutate(scheme=ibis.literal("ror"))


def _ties(ties: ir.Table, checked: ir.Table) -> ir.Table:
    rows = _kept(ties, checked)
    return (
        rows.select(
            scheme=ibis.literal("ror"),
            key=rows.key,
            kind=rows.kind.lower(),
            other_key=_key(rows.other_key),
        )
        .filter(lambda t: t.other_key.notnull())
        .distinct()
    )


def _left_out(checked: ir.Table) -> ir.Table:
    return why.told(checked, "ror", checked.reason)
