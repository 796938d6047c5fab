"""Lands a CSV member as Parquet: every cell as text, every row with its number."""

import codecs
import csv
import difflib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from trebbo.engine.warehouse.archives import Archive, CheckedStream, Member
from trebbo.engine.warehouse.contracts import FileRefused, OnProgress, Problem, Progress
from trebbo.engine.warehouse.disk import written_whole
from trebbo.engine.warehouse.sheets import Sheet

# The reader looks some thirty blocks ahead: small ones keep memory and a stop's delay small.
BLOCK_BYTES = 1 << 20
LONGEST_HEADER = 1 << 20
MOST_BROKEN = 0.05
FEW_ROWS = 20
DELIMITERS = (";", ",", "\t", "|")
DELIMITER_NAMES = {";": "semicolon", ",": "comma", "\t": "tab", "|": "bar"}
BROKEN = pa.schema([("row", pa.int64()), ("value", pa.string())])


@dataclass(frozen=True, slots=True)
class Landed:
    """A sheet on the disk. Its rows were read; `broken` of them had a wrong number of cells."""

    sheet: str
    member: str
    file: Path
    broken_file: Path
    rows: int
    broken: int
    is_counted: bool = True
    """Whether its rows are rows of the member, and not parts of them."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file on its way in: where it lands, its mark, and whom to tell how far it is."""

    archive: Archive
    folder: Path
    mark: str
    encoding: str
    on_progress: OnProgress


def land_sheets(source: Source, members: Mapping[Sheet, tuple[Archive, Member]]) -> list[Landed]:
    """Lands a member for each sheet, telling bytes out of all bytes where these are declared."""
    sizes = [member.size for _, member in members.values()]
    total = sum(sizes) if all(sizes) else 0
    before, landed = 0, []
    for sheet, (archive, member) in members.items():

        def tell(done: int, name: str = member.file_name, before: int = before) -> None:
            source.on_progress(Progress("read", before + done, total, name))

        tell(0)
        landed.append(
            land(
                archive,
                member,
                sheet,
                source.folder,
                mark=source.mark,
                encoding=source.encoding,
                on_bytes=tell,
            )
        )
        before += member.size
    source.on_progress(Progress("read", before, total))
    return landed


def header(archive: Archive, member: Member, encoding: str = "utf-8") -> str:
    """The first line of a member, without its end; empty where the member is."""
    with archive.open(member) as stream:
        start = b""
        while len(start) < LONGEST_HEADER and b"\n" not in start:
            chunk = stream.read(1 << 16)
            if not chunk:
                break
            start += chunk
    line = start.partition(b"\n")[0].rstrip(b"\r").removeprefix(codecs.BOM_UTF8)
    try:
        return line.decode(encoding)
    except UnicodeDecodeError as error:
        raise _wrong_encoding(archive, member, 1, line, encoding) from error


def cells(line: str, delimiter: str) -> list[str]:
    """The cells of a header line, without blanks around them."""
    return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), [])]


def found_columns(sheet: Sheet, names: list[str]) -> dict[str, str]:
    """Which declared column each name of the file is; case does not matter."""
    present = {name.casefold(): name for name in reversed(names)}
    found = {}
    for column in sheet.columns:
        for name in (column.name, *column.other_names):
            if name.casefold() in present:
                found[column.name] = present[name.casefold()]
                break
    return found


def check_header(archive: Archive, member: Member, sheet: Sheet, line: str) -> list[str]:
    """The names of the file's columns; refuses another delimiter and a column that is missing."""
    names = cells(line, sheet.delimiter)
    if not any(names):
        raise FileRefused(Problem.EMPTY, file=archive.path.name, member=member.name)
    found = found_columns(sheet, names)
    if len(found) < 2:
        for other in DELIMITERS:
            if other != sheet.delimiter and len(found_columns(sheet, cells(line, other))) > 1:
                raise FileRefused(
                    Problem.WRONG_DELIMITER,
                    file=archive.path.name,
                    member=member.name,
                    found=DELIMITER_NAMES[other],
                    expected=DELIMITER_NAMES[sheet.delimiter],
                )
    for column in sheet.columns:
        if column.is_required and column.name not in found:
            strangers = [name for name in names if name not in found.values()]
            near = difflib.get_close_matches(column.name, strangers, 1, 0.5)
            raise FileRefused(
                Problem.MISSING_COLUMN,
                file=archive.path.name,
                member=member.name,
                column=column.name,
                found=near[0] if near else "",
            )
    return names


def land(
    archive: Archive,
    member: Member,
    sheet: Sheet,
    folder: Path,
    *,
    mark: str,
    encoding: str = "utf-8",
    on_bytes: Callable[[int], None] = lambda _done: None,
) -> Landed:
    """Writes a member as `<sheet>.parquet`, and `<sheet>.done` when it is whole.

    What is done already for the same `mark` is not done again. `on_bytes` is told how many bytes
    were read and may raise to stop. Refuses damaged, wrongly encoded and mostly broken members.
    """
    done_file = folder / f"{sheet.name}.done"
    if found := _done(done_file, mark, folder, sheet):
        return found
    names = check_header(archive, member, sheet, header(archive, member, encoding))
    broken: list[tuple[int, str]] = []
    file, broken_file = _files(folder, sheet)
    with written_whole(file) as part, archive.open(member) as stream:
        try:
            rows = _stream(stream, sheet, names, part, broken, encoding=encoding, on_bytes=on_bytes)
        except (pa.ArrowInvalid, UnicodeDecodeError) as error:
            raise _explained(error, archive, member, encoding) from error
        if len(broken) > max(FEW_ROWS * MOST_BROKEN, MOST_BROKEN * (rows + len(broken))):
            raise FileRefused(
                Problem.BROKEN_ROWS,
                file=archive.path.name,
                member=member.name,
                line=broken[0][0],
                rows=len(broken),
            )
    told = pa.Table.from_batches([], BROKEN)
    if broken:
        told = pa.Table.from_pylist([{"row": n, "value": text} for n, text in broken], BROKEN)
    with written_whole(broken_file) as part, pa.OSFile(str(part), "wb") as sink:
        pq.write_table(told, sink)
    landed = Landed(sheet.name, member.file_name, file, broken_file, rows, len(broken))
    note_done(done_file, mark, member=member.file_name, rows=rows, broken=len(broken))
    return landed


def note_done(done_file: Path, mark: str, **facts: str | int) -> None:
    """Notes that a sheet has landed whole from the file with this mark."""
    with written_whole(done_file) as part:
        part.write_text(json.dumps({"mark": mark, **facts}), encoding="utf-8")


def done_facts(done_file: Path, mark: str) -> dict[str, Any] | None:
    """What was noted when the sheet landed; None where it has not, or from another file."""
    try:
        noted: dict[str, Any] = json.loads(done_file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return noted if noted.get("mark") == mark else None


def _files(folder: Path, sheet: Sheet) -> tuple[Path, Path]:
    return folder / f"{sheet.name}.parquet", folder / f"{sheet.name}.broken.parquet"


def _done(done_file: Path, mark: str, folder: Path, sheet: Sheet) -> Landed | None:
    noted = done_facts(done_file, mark)
    file, broken_file = _files(folder, sheet)
    if noted is None or not file.is_file() or not broken_file.is_file():
        return None
    return Landed(sheet.name, noted["member"], file, broken_file, noted["rows"], noted["broken"])


def _stream(
    stream: CheckedStream,
    sheet: Sheet,
    names: list[str],
    part: Path,
    broken: list[tuple[int, str]],
    *,
    encoding: str,
    on_bytes: Callable[[int], None],
) -> int:
    """Rows written to `part`; the broken ones are noted with their numbers, header as row 1."""

    def note(row: pa_csv.InvalidRow) -> str:
        broken.append((row.number, row.text[:200]))
        return "skip"

    # Names are made unique, so that a column given twice does not matter.
    places = [f"{place}" for place in range(len(names))]
    place_of = {
        column: places[names.index(name)] for column, name in found_columns(sheet, names).items()
    }
    schema = pa.schema(
        [("row", pa.int64()), *((column.name, pa.string()) for column in sheet.columns)]
    )
    # One thread: only then does the reader know the numbers of broken rows.
    reader = pa_csv.open_csv(
        pa.PythonFile(stream, mode="r"),
        read_options=pa_csv.ReadOptions(
            use_threads=False,
            block_size=BLOCK_BYTES,
            skip_rows=1,
            column_names=places,
            encoding=encoding,
        ),
        parse_options=pa_csv.ParseOptions(
            delimiter=sheet.delimiter, newlines_in_values=True, invalid_row_handler=note
        ),
        convert_options=pa_csv.ConvertOptions(
            column_types=dict.fromkeys(place_of.values(), pa.string()),
            include_columns=list(place_of.values()),
            strings_can_be_null=False,
        ),
    )
    rows, number, told = 0, 2, 0
    with (
        pa.OSFile(str(part), "wb") as sink,
        pq.ParquetWriter(sink, schema, compression="snappy", use_dictionary=False) as writer,
    ):
        for batch in reader:
            count = batch.num_rows
            skipped = [row for row, _ in broken[told:]]
            told = len(broken)
            numbers = _numbers(number, count, skipped)
            number += count + len(skipped)
            absent = pa.nulls(count, pa.string())
            columns = [
                batch.column(place_of[c.name]) if c.name in place_of else absent
                for c in sheet.columns
            ]
            writer.write_batch(pa.RecordBatch.from_arrays([numbers, *columns], schema=schema))
            rows += count
            on_bytes(stream.done)
    return rows


def _numbers(first: int, count: int, skipped: list[int]) -> pa.Array:
    """The numbers of `count` rows from `first` on, without the skipped ones."""
    numbers = np.arange(first, first + count + len(skipped), dtype=np.int64)
    if skipped:
        numbers = np.delete(numbers, np.array(skipped) - first)
    # From the bytes, since making an array of anything else looks for pandas and loads it.
    return pa.Array.from_buffers(pa.int64(), count, [None, pa.py_buffer(numbers)])


def _explained(error: Exception, archive: Archive, member: Member, encoding: str) -> FileRefused:
    """What is wrong with a member that the reader gave up on."""
    number, unread = 1, b""
    decoder = codecs.getincrementaldecoder(encoding)()
    with archive.open(member) as stream:
        while chunk := stream.read(1 << 20):
            held = unread
            try:
                text = decoder.decode(chunk)
            except UnicodeDecodeError as bad:
                before = bad.object[: bad.start]
                line = before.rpartition(b"\n")[2] + bad.object[bad.start :].partition(b"\n")[0]
                return _wrong_encoding(
                    archive, member, number + before.count(b"\n"), held + line, encoding
                )
            number += text.count("\n")
            unread = b""
    if "straddling" in str(error) or "CSV" in str(error):
        return FileRefused(
            Problem.BROKEN_ROWS, file=archive.path.name, member=member.name, line=0, rows=0
        )
    return FileRefused(Problem.TRUNCATED, file=archive.path.name, member=member.name)


def _wrong_encoding(
    archive: Archive, member: Member, line: int, text: bytes, encoding: str
) -> FileRefused:
    looks_like = ""
    for other in ("utf-8", "windows-1252"):
        if other != encoding:
            try:
                text.decode(other)
            except UnicodeDecodeError:
                continue
            looks_like = other
            break
    return FileRefused(
        Problem.WRONG_ENCODING,
        file=archive.path.name,
        member=member.name,
        line=line,
        expected=encoding,
        found=looks_like,
    )
