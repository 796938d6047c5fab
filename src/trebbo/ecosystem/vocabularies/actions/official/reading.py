"""Opens official files with care: plain, gzip or a member of a zip, as rows of a checked table."""

import csv
import gzip
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import zip_longest
from pathlib import Path
from typing import Protocol

from django.utils.translation import gettext as _

from trebbo.ecosystem.vocabularies.actions.official.contents import OnProgress, VocabularyRefused

GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"
MOST_BYTES = 1_000_000_000
MOST_EXPANSION = 200
FLOOR_BYTES = 100_000_000
TOLD_EVERY = 1_000
LONGEST_CELL = 5_000_000
Row = dict[str, str]


class _Source(Protocol):
    def read(self, size: int, /) -> bytes: ...


class _Counted(io.RawIOBase):
    """A stream that stops at what an honest file would unpack to."""

    def __init__(self, source: _Source, packed: int) -> None:
        self._source = source
        self._left = min(MOST_BYTES, max(FLOOR_BYTES, packed * MOST_EXPANSION))

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """The next bytes."""
        data = self._source.read(len(buffer))
        self._left -= len(data)
        if self._left < 0:
            raise VocabularyRefused(
                _("The file unpacks to far more than a vocabulary holds: it was not read.")
            )
        buffer[: len(data)] = data
        return len(data)


@contextmanager
def opened(path: Path, member: str = "") -> Iterator[io.BufferedReader]:
    """The bytes of a file, unpacked where it is gzip, or of a member of a zip.

    Refuses what is truncated, encrypted, or unpacks to more than 200 times its size.
    """
    try:
        with path.open("rb") as probe:
            packed = probe.read(2) == GZIP
        if member:
            with zipfile.ZipFile(path) as archive, archive.open(member) as inside:
                size = archive.getinfo(member).compress_size
                yield io.BufferedReader(_Counted(inside, size))
        elif packed:
            with gzip.open(path, "rb") as inside:
                yield io.BufferedReader(_Counted(inside, path.stat().st_size))
        else:
            with path.open("rb") as inside:
                yield io.BufferedReader(_Counted(inside, path.stat().st_size))
    except (zipfile.BadZipFile, zlib.error, EOFError, gzip.BadGzipFile) as error:
        raise VocabularyRefused(
            _("The file is damaged or incomplete: download it again.")
        ) from error
    except (RuntimeError, NotImplementedError) as error:
        raise VocabularyRefused(_("The zip is encrypted or of an unknown kind.")) from error
    except OSError as error:
        raise VocabularyRefused(_("The file cannot be read.")) from error


def is_zip(path: Path) -> bool:
    """Whether the file begins as a zip does."""
    return beginning(path, len(ZIP)) == ZIP


def beginning(path: Path, size: int) -> bytes:
    """The first bytes of a file as it lies there; nothing where it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(size)
    except OSError:
        return b""


def members(path: Path) -> list[str]:
    """The names inside a zip; refuses one that is truncated or whose paths climb out."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError) as error:
        raise VocabularyRefused(
            _("The file is damaged or incomplete: download it again.")
        ) from error
    for name in names:
        if name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/"):
            raise VocabularyRefused(_("A path in the zip leaves its folder: it was not read."))
    return names


def table(
    path: Path,
    needed: Iterable[str],
    *,
    member: str = "",
    delimiter: str = ",",
    encodings: tuple[str, ...] = ("utf-8-sig",),
    on_progress: OnProgress | None = None,
) -> Iterator[tuple[int, Row]]:
    """The rows of a table with their line numbers, checked against the columns it must have.

    Names of columns lose line breaks and doubled spaces. Refuses a missing column, broken quotes
    and bytes that are in none of the encodings.
    """
    encoding = _encoding(path, member, encodings)
    csv.field_size_limit(LONGEST_CELL)
    with opened(path, member) as raw:
        text = io.TextIOWrapper(raw, encoding, newline="")
        lines = csv.reader(text, delimiter=delimiter, strict=True)
        try:
            header = [" ".join(name.split()) for name in next(lines, [])]
            missing = [name for name in needed if name not in header]
            if missing:
                raise VocabularyRefused(_missing(missing[0], member or path.name, header))
            for done, cells in enumerate(lines, 1):
                if on_progress and done % TOLD_EVERY == 0:
                    on_progress(done, 0)
                if cells:
                    yield (
                        lines.line_num,
                        dict(zip_longest(header, cells[: len(header)], fillvalue="")),
                    )
        except csv.Error as error:
            raise VocabularyRefused(
                _("%(file)s is broken near line %(line)d: a quote that never closes.")
                % {"file": member or path.name, "line": lines.line_num}
            ) from error


def header(path: Path, member: str = "", delimiter: str = ",") -> list[str]:
    """The names of the columns, as far as they can be read; no refusal, at worst nothing."""
    try:
        with opened(path, member) as raw:
            text = raw.read(20_000).decode("latin-1").removeprefix("\xef\xbb\xbf")
        csv.field_size_limit(LONGEST_CELL)
        names = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
    except (csv.Error, VocabularyRefused):
        return []
    return [" ".join(name.split()) for name in names]


def _encoding(path: Path, member: str, encodings: tuple[str, ...]) -> str:
    """The first encoding in which the whole file can be read; files of vocabularies are small."""
    line = 0
    for encoding in encodings:
        with opened(path, member) as raw:
            line = 0
            try:
                for line, _text in enumerate(io.TextIOWrapper(raw, encoding), 1):  # noqa: B007
                    pass
            except UnicodeDecodeError:
                continue
            return encoding
    raise VocabularyRefused(
        _("%(file)s is not in UTF-8 (after line %(line)d): download it again, or save it so.")
        % {"file": member or path.name, "line": line}
    )


def _missing(column: str, file: str, found: list[str]) -> str:
    return _("%(file)s has no column “%(column)s”. It has: %(found)s.") % {
        "file": file,
        "column": column,
        "found": ", ".join(found[:20]) or "–",
    }
