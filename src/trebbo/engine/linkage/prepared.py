"""An entity made ready for comparison: names taken apart, town, web and numbers in one form."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from trebbo.engine.linkage.contracts import Entity, Name
from trebbo.engine.linkage.names import Form, fold, forms_of, words_of
from trebbo.engine.linkage.vocabulary import (
    COMPANY_FORMS,
    KIND_CODES,
    KIND_WORDS,
    PART_WORDS,
    TOWNS,
)

EXCLUSIVE = frozenset({"vat", "tax_code", "ror", "grid"})
"""Registers in which one body has one number: two different ones are two bodies."""

FISCAL = frozenset({"vat", "tax_code"})
COUNTRIES = {"EL": "GR", "UK": "GB"}
_SECOND_LEVEL = frozenset(
    [
        "ac",
        "co",
        "com",
        "edu",
        "gov",
        "gob",
        "gouv",
        "go",
        "net",
        "org",
        "mil",
        "sch",
        "nhs",
        "gv",
        "or",
        "ne",
    ]
)
_SHARED_HOSTS = frozenset(
    [
        "google.com",
        "facebook.com",
        "linkedin.com",
        "wordpress.com",
        "github.io",
        "wixsite.com",
        "europa.eu",
        "blogspot.com",
        "twitter.com",
        "x.com",
        "instagram.com",
        "youtube.com",
        "wikipedia.org",
    ]
)
_TOWN_NOISE = re.compile(r"\b(cedex|ville|city|municipality of|comune di)\b|\d+")
_HOST = re.compile(r"^(?:[a-z][a-z0-9+.-]*://)?(?:[^/@]*@)?([^/:?#]+)")


@dataclass(frozen=True, slots=True)
class Prepared:
    """What comparisons read of an entity. `numbers` are its identifiers brought to one form."""

    entity: Entity
    forms: tuple[Form, ...]
    acronyms: frozenset[str]
    initials: frozenset[str]
    towns: frozenset[str]
    hosts: frozenset[str]
    domains: frozenset[str]
    labels: frozenset[str]
    numbers: frozenset[tuple[str, str]]
    kinds: frozenset[str]
    country: str
    is_part: bool
    wholes: frozenset[str]

    @property
    def key(self) -> str:
        """The entity's key."""
        return self.entity.key


def country_of(code: str) -> str:
    """A country's code as ISO has it, also where the Union writes "EL" and "UK"."""
    code = code.upper()
    return COUNTRIES.get(code, code)


def number_of(register: str, value: str, country: str = "") -> tuple[str, str] | None:
    """An identifier in one form, or None for a placeholder. Fiscal numbers lose their country."""
    plain = "".join(fold(value).split()) if register not in FISCAL else ""
    if register not in FISCAL:
        plain = plain.removeprefix("https://ror.org/") if register == "ror" else plain
        return (register, plain) if plain else None
    plain = re.sub(r"[^0-9A-Z]", "", value.upper())
    for prefix in {country, "EL" if country == "GR" else country, "IT"} - {""}:
        if plain.startswith(prefix) and len(plain) > 7:
            plain = plain.removeprefix(prefix)
            break
    if sum(letter.isdigit() for letter in plain) < 5 or len(set(plain)) < 3:
        return None
    return register, plain


def host_of(address: str) -> str:
    """The host of a web address, small letters, without "www."; "" where there is none."""
    found = _HOST.match(address.strip().lower())
    host = found[1].strip(".") if found else ""
    while host.startswith("www"):
        head, dot, rest = host.partition(".")
        if not dot or not (head == "www" or head[3:].isdigit()):
            break
        host = rest
    return host if "." in host else ""


def domain_of(host: str) -> str:
    """The part of a host that somebody registered: "unibo.it", "ox.ac.uk"; "" for shared hosts."""
    labels = host.split(".")
    keep = 3 if len(labels) > 2 and labels[-2] in _SECOND_LEVEL and len(labels[-1]) == 2 else 2
    domain = ".".join(labels[-keep:])
    return "" if domain in _SHARED_HOSTS else domain


def towns_of(text: str) -> frozenset[str]:
    """The names of a town, in one form; a text may give several, as "Bruxelles / Brussel"."""
    found = set()
    for part in re.split(r"[/,;()]| - ", text):
        plain = _TOWN_NOISE.sub(" ", fold(part))
        words = words_of(plain)
        name = " ".join(words)
        if len(name) > 1:
            found.add(TOWNS.get(name, name))
        if len(words) > 1 and words[0] in TOWNS:
            found.add(TOWNS[words[0]])
    return frozenset(found)


def _kinds(entity: Entity, forms: Iterable[Form]) -> frozenset[str]:
    kinds = set()
    known = KIND_CODES.get(fold(entity.kind))
    if known:
        kinds.add(known)
    for form in forms:
        for word in form.bag & KIND_WORDS.keys():
            kind = KIND_WORDS[word]
            kinds.add("education" if kind == "university" else kind)
        if form.legal & COMPANY_FORMS:
            kinds.add("company")
    return frozenset(kinds)


def prepare(entity: Entity) -> Prepared:
    """Everything that comparisons need, worked out once for each entity."""
    forms, acronyms = forms_of(entity.names)
    named = [form for form in forms if form.kind not in {"part", "short", "acronym"}]
    country = country_of(entity.country)
    hosts = frozenset(filter(None, map(host_of, entity.domains)))
    domains = frozenset(filter(None, map(domain_of, hosts)))
    return Prepared(
        entity=entity,
        forms=forms,
        acronyms=acronyms,
        initials=frozenset(form.initials for form in forms if form.initials),
        towns=towns_of(entity.town),
        hosts=hosts,
        domains=domains,
        labels=frozenset(domain.partition(".")[0] for domain in domains),
        numbers=frozenset(filter(None, (number_of(r, v, country) for r, v in entity.identifiers))),
        kinds=_kinds(entity, forms),
        country=country,
        is_part=entity.is_part or bool(named and all(form.bag & PART_WORDS for form in named)),
        wholes=frozenset(
            form.key for form in forms_of(_named(entity.part_of))[0] if entity.part_of
        ),
    )


def _named(texts: Iterable[str]) -> Iterable[Name]:
    return (Name(text) for text in texts)
