"""Blocking rules: which pairs are worth comparing, found by an index of the smaller side."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations

from trebbo.engine.linkage.contracts import Entity
from trebbo.engine.linkage.names import Rarity
from trebbo.engine.linkage.prepared import (
    FISCAL,
    Prepared,
    country_of,
    domain_of,
    host_of,
    number_of,
)

Key = tuple[str, ...]

RARE_BITS = 8.5
MOST_WORDS = 6


def by_identifier(side: Prepared, rarity: Rarity) -> Iterator[Key]:
    """They share a number; tax codes and VAT numbers are one register here."""
    for register, value in side.numbers:
        yield _number_key(register, value)


def _number_key(register: str, value: str) -> Key:
    return ("fiscal" if register in FISCAL else register, value)


def by_domain(side: Prepared, rarity: Rarity) -> Iterator[Key]:
    """They share a web domain."""
    for domain in side.domains:
        yield ("domain", domain)


def by_whole_name(side: Prepared, rarity: Rarity) -> Iterator[Key]:
    """They share a whole name and the country."""
    for form in side.forms:
        yield ("name", side.country, form.compact)


def by_rare_word(side: Prepared, rarity: Rarity) -> Iterator[Key]:
    """They share a rare word and the country."""
    for word in {word for form in side.forms for word in form.bag}:
        if rarity.of(word) >= RARE_BITS and len(word) > 2:
            yield ("word", side.country, word)


def by_two_words(side: Prepared, rarity: Rarity) -> Iterator[Key]:
    """They share two words, among the rarest of each, and the country."""
    pairs = set()
    for form in side.forms:
        words = sorted(form.bag, key=lambda word: (-rarity.of(word), word))[:MOST_WORDS]
        pairs |= set(combinations(sorted(words), 2))
    for one, other in pairs:
        yield ("words", side.country, one, other)


def by_acronym(side: Prepared, rarity: Rarity) -> Iterator[Key]:
    """The acronym of one is the acronym, the initials, the name or the domain of the other."""
    for short in side.acronyms | side.initials | {label.replace("-", "") for label in side.labels}:
        if len(short) > 2:
            yield ("acronym", side.country, short)
    for form in side.forms:
        if len(form.words) <= 2 and 3 <= len(form.compact) <= 14:
            yield ("acronym", side.country, form.compact)


def by_first_letters(side: Prepared, rarity: Rarity) -> Iterator[Key]:
    """Their names begin with the same twelve letters."""
    for form in side.forms:
        if len(form.compact) >= 9:
            yield ("letters", side.country, form.compact[:12])


Rule = Callable[[Prepared, Rarity], Iterator[Key]]

RULES: dict[str, Rule] = {
    "identifier": by_identifier,
    "domain": by_domain,
    "whole_name": by_whole_name,
    "rare_word": by_rare_word,
    "two_words": by_two_words,
    "acronym": by_acronym,
    "first_letters": by_first_letters,
}
"""Every rule by its name."""

OF_A_COUNTRY = frozenset({"name", "word", "words", "acronym", "letters"})
"""Keys with a country in the second place; a body without one is compared across all countries."""

ANYWHERE = "*"

LARGEST_BLOCK = 60
"""A key that more entities share says too little to compare them all."""


class Blocks:
    """An index of one side by the keys of all rules."""

    def __init__(
        self,
        side: Sequence[Prepared],
        rarity: Rarity,
        *,
        largest: int = LARGEST_BLOCK,
        rules: Iterable[str] = tuple(RULES),
    ) -> None:
        self.rarity = rarity
        self.rules = [RULES[name] for name in rules]
        self.has_unplaced = any(not entity.country for entity in side)
        self.countries = {entity.country for entity in side}
        index: defaultdict[Key, list[int]] = defaultdict(list)
        for place, entity in enumerate(side):
            for key in self.keys(entity):
                index[key].append(place)
                if key[0] in OF_A_COUNTRY and entity.country:
                    index[key[0], ANYWHERE, *key[2:]].append(place)
        self.index = {key: places for key, places in index.items() if len(places) <= largest}

    def keys(self, entity: Prepared) -> set[Key]:
        """All keys of an entity."""
        return {key for rule in self.rules for key in rule(entity, self.rarity)}

    def may_have(self, entity: Entity) -> bool:
        """A quick look: False only where no entity of this side shares a key with this one."""
        country = country_of(entity.country)
        if not country or self.has_unplaced or country in self.countries:
            return True
        index = self.index
        for register, value in entity.identifiers:
            number = number_of(register, value, country)
            if number and _number_key(*number) in index:
                return True
        return any(("domain", domain_of(host_of(web))) in index for web in entity.domains)

    def candidates(self, entity: Prepared) -> list[int]:
        """The places of the entities that share a key with this one, in order."""
        found: set[int] = set()
        get = self.index.get
        for rule in self.rules:
            for key in rule(entity, self.rarity):
                found.update(get(key, ()))
                if key[0] not in OF_A_COUNTRY:
                    continue
                if not entity.country:
                    found.update(get((key[0], ANYWHERE, *key[2:]), ()))
                elif self.has_unplaced:
                    found.update(get((key[0], "", *key[2:]), ()))
        return sorted(found)
