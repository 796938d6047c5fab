"""Writes files that appear whole or not at all, and tells a full disk from other troubles."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from trebbo.engine.warehouse.contracts import FileRefused, Problem

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
FULL_WORDS = ("no space left", "disk quota exceeded", "file too large", "out of disk space")


def is_full(error: BaseException) -> bool:
    """Whether an error, from whichever library, says that nothing more can be written."""
    if isinstance(error, OSError) and error.errno in FULL:
        return True
    words = str(error).lower()
    return any(said in words for said in FULL_WORDS)


@contextmanager
def refusing_full_disk(folder: Path) -> Iterator[None]:
    """Turns the errors of a full disk into the refusal that people understand."""
    try:
        yield
    except FileRefused:
        raise
    except Exception as error:
        if is_full(error):
            raise FileRefused(Problem.DISK_FULL, folder=folder.name) from error
        raise


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """A path to write to; what was written takes its name when it is complete and on the disk."""
    part = path.with_name(path.name + ".part")
    try:
        yield part
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
