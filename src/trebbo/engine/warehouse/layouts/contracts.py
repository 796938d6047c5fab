"""What a layout does: finds and lands its sheets, and brings them to the declared tables."""

from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

import ibis.expr.types as ir

from trebbo.engine.warehouse.archives import Archive, Member
from trebbo.engine.warehouse.contracts import FileRefused, Problem
from trebbo.engine.warehouse.landing import Landed, Source
from trebbo.engine.warehouse.sheets import Sheet

Kept = Callable[[str], ir.Table]
"""A table of the snapshot that was kept already."""

Steps = Iterator[tuple[str, Callable[[], ir.Table]]]
"""Tables by name, in the order in which they are made; some are only steps to others."""


class Layout(Protocol):
    """An official layout. `name` is that of `Recognised.layout`."""

    name: str

    def land(self, source: Source) -> list[Landed]:
        """Lands what the source holds; refuses one without a sheet that is required."""

    def conform(self, landed: Mapping[str, ir.Table], kept: Kept) -> Steps:
        """The tables; each may build on those before it."""


def named_members(
    archive: Archive, sheets: tuple[Sheet, ...]
) -> dict[Sheet, tuple[Archive, Member]]:
    """Which member is which sheet, by name; refuses an archive without a required one."""
    found = {}
    for sheet in sheets:
        for member in archive.members:
            if member.file_name.casefold() in sheet.files:
                found[sheet] = (archive, member)
                break
        else:
            if sheet.is_required:
                raise FileRefused(
                    Problem.MISSING_FILE, file=archive.path.name, member=sheet.files[0]
                )
    return found


def step(
    name: str, make: Callable[..., ir.Table], *given: object
) -> tuple[str, Callable[[], ir.Table]]:
    """A table that is made when its turn comes."""
    return name, lambda: make(*given)
