"""What linkage takes and gives: bodies with all that identifies them, links with reasons."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class Zone(StrEnum):
    """What to do with a link: make it, ask a person, or leave it."""

    CERTAIN = "certain"
    LIKELY = "likely"
    UNLIKELY = "unlikely"


@dataclass(frozen=True, slots=True)
class Name:
    """A name as written. kind: legal, short, label, alias, former, acronym."""

    text: str
    kind: str = "legal"
    language: str = ""


@dataclass(frozen=True, slots=True)
class Entity:
    """A body of a registry, with all that may identify it.

    `identifiers` are (register, value): "pic", "ror", "vat", "tax_code", "grid"… `part_of` are
    names of the bodies it belongs to (a department's university). `is_part` marks a unit.
    `country` is ISO 3166-1 alpha-2 (Greece as "GR", the United Kingdom as "GB"); `region` a NUTS
    code; `domains` are web domains without "www.".
    """

    key: str
    names: tuple[Name, ...]
    country: str = ""
    region: str = ""
    town: str = ""
    domains: frozenset[str] = frozenset()
    identifiers: frozenset[tuple[str, str]] = frozenset()
    part_of: tuple[str, ...] = ()
    is_part: bool = False
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """One comparison: its name and level, what stood on both sides, its weight in bits.

    A positive weight speaks for the link. The names of comparisons and levels are codes.
    """

    comparison: str
    level: str
    left: str
    right: str
    weight: float


@dataclass(frozen=True, slots=True)
class Match:
    """Two entities that may be one. `probability` is calibrated; reasons come heaviest first."""

    left: str
    right: str
    probability: float
    zone: Zone
    reasons: tuple[Reason, ...] = field(default=())


class Linker(Protocol):
    """Links entities of one side to those of the other."""

    version: str

    def link(self, left: Iterable[Entity], right: Iterable[Entity]) -> Iterator[Match]:
        """The matches of the certain and the likely zone, the best first for each left entity.

        One right entity may match several left ones and the other way round; where two right
        entities are equally good, none is certain.
        """
