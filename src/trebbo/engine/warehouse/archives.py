"""Opens what people bring: zip, gzip or plain files, read as a stream and never trusted."""

import gzip
import io
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from trebbo.engine.warehouse.contracts import FileRefused, Problem, Settings

ALWAYS_ALLOWED_BYTES = 100_000_000
MOST_MEMBERS = 10_000
ZIP_MARKS = (b"PK\x03\x04", b"PK\x05\x06")
GZIP_MARK = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Member:
    """A file inside an archive. `size` in bytes unpacked as declared, 0 where nothing is."""

    name: str
    size: int

    @property
    def file_name(self) -> str:
        """The name without its folders."""
        return PurePosixPath(self.name).name


class Archive:
    """A zip, a gzip file or a plain file, seen as members that can be streamed.

    Opening refuses what climbs out of its folder, is encrypted or claims to unpack to far more
    than it holds; reading refuses what turns out so.
    """

    def __init__(self, path: Path, limits: Settings) -> None:
        if not path.is_file():
            raise FileRefused(Problem.NOT_FOUND, file=path.name)
        self.path = path
        self.size = path.stat().st_size
        self.most_bytes = min(
            limits.most_unpacked_bytes,
            max(ALWAYS_ALLOWED_BYTES, limits.most_expansion * self.size),
        )
        with path.open("rb") as file:
            mark = file.read(4)
        if not mark:
            raise FileRefused(Problem.EMPTY, file=path.name)
        self._kind = (
            "zip" if mark in ZIP_MARKS else "gzip" if mark.startswith(GZIP_MARK) else "plain"
        )
        self.members = self._listed()

    def _listed(self) -> tuple[Member, ...]:
        if self._kind == "plain":
            if self.path.suffix.lower() == ".zip":
                raise FileRefused(Problem.NOT_AN_ARCHIVE, file=self.path.name)
            return (Member(self.path.name, self.size),)
        if self._kind == "gzip":
            return (Member(self.path.name.removesuffix(".gz"), 0),)
        try:
            with zipfile.ZipFile(self.path) as opened:
                entries = opened.infolist()
        except (zipfile.BadZipFile, zipfile.LargeZipFile, OSError, ValueError) as error:
            raise FileRefused(Problem.TRUNCATED, file=self.path.name) from error
        for entry in entries:
            self._check(entry)
        if len(entries) > MOST_MEMBERS or sum(e.file_size for e in entries) > self.most_bytes:
            raise FileRefused(Problem.BOMB, file=self.path.name)
        return tuple(Member(e.filename, e.file_size) for e in entries if not e.is_dir())

    def _check(self, entry: zipfile.ZipInfo) -> None:
        name = entry.orig_filename.replace("\\", "/")
        path = PurePosixPath(name)
        is_link = stat.S_ISLNK(entry.external_attr >> 16)
        is_drive = len(name) > 1 and name[1] == ":"
        if path.is_absolute() or ".." in path.parts or is_link or is_drive or "\x00" in name:
            raise FileRefused(Problem.CLIMBING_PATH, file=self.path.name, member=entry.filename)
        if entry.flag_bits & 0x1:
            raise FileRefused(Problem.ENCRYPTED, file=self.path.name, member=entry.filename)

    @contextmanager
    def open(self, member: Member) -> Iterator["CheckedStream"]:
        """The bytes of a member, unpacked as they are read."""
        if self._kind == "zip":
            with zipfile.ZipFile(self.path) as opened:
                try:
                    stream = opened.open(member.name)
                except (zipfile.BadZipFile, NotImplementedError) as error:
                    raise FileRefused(
                        Problem.TRUNCATED, file=self.path.name, member=member.name
                    ) from error
                with stream:
                    yield CheckedStream(stream, self, member)
        elif self._kind == "gzip":
            with gzip.open(self.path) as unzipped:
                yield CheckedStream(unzipped, self, member)
        else:
            with self.path.open("rb") as file:
                yield CheckedStream(file, self, member)


class CheckedStream(io.RawIOBase):
    """Reads a member and counts: refuses damage and more bytes than the archive may hold."""

    def __init__(self, inner: IO[bytes] | gzip.GzipFile, archive: Archive, member: Member) -> None:
        super().__init__()
        self._inner = inner
        self._archive = archive
        self._member = member
        self.done = 0

    def readable(self) -> bool:
        """It can be read."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes, all that is left where it is negative; empty at the end."""
        try:
            chunk = self._inner.read(size)
        except (zipfile.BadZipFile, zlib.error, EOFError, gzip.BadGzipFile) as error:
            raise FileRefused(
                Problem.TRUNCATED, file=self._archive.path.name, member=self._member.name
            ) from error
        self.done += len(chunk)
        if self.done > self._archive.most_bytes:
            raise FileRefused(Problem.BOMB, file=self._archive.path.name, member=self._member.name)
        return chunk
