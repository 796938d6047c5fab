"""Invented bodies for the tests of linkage, and short ways to link them."""

from collections.abc import Iterable
from typing import Any

from trebbo.engine.linkage import Entity, Match, Name, default_linker

LINKER = default_linker()


def body(key: str, *names: str, country: str = "IT", town: str = "", **more: Any) -> Entity:
    """A body with legal names; `short` is its short name, `vat` its number, `web` its domain."""
    short = more.pop("short", "")
    former = more.pop("former", ())
    web = more.pop("web", "")
    numbers = {
        (register, more.pop(register)) for register in ("vat", "pic", "ror") if register in more
    }
    return Entity(
        key=key,
        names=(
            *(Name(name) for name in names),
            *([Name(short, "short")] if short else []),
            *(Name(name, "former") for name in former),
        ),
        country=country,
        town=town,
        domains=frozenset({web} - {""}),
        identifiers=frozenset(numbers),
        **more,
    )


def links(left: Iterable[Entity], right: Iterable[Entity]) -> dict[tuple[str, str], str]:
    """The zone of each link the shipped model makes."""
    return {
        (match.left, match.right): match.zone.value
        for match in LINKER.link(list(left), list(right))
    }


def reason(match: Match, comparison: str) -> tuple[str, float]:
    """The level and the weight of a comparison in a match."""
    return next((r.level, r.weight) for r in match.reasons if r.comparison == comparison)
