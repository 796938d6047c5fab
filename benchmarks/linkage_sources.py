"""Reads the official files that the linkage benchmark and training use, and splits the gold."""

import csv
import gzip
import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from trebbo.engine.linkage import Entity, Gold, Name, Towns, entities_of

CHECKED = Path(__file__).parent / "data" / "linkage_checked.csv"
"""Contradictions between the linker and the gold, judged by hand."""

_ROR_ID = re.compile(r"ror\.org/(0[a-z0-9]{8})")
COUNTRIES = {"EL": "GR", "UK": "GB"}


def _rows(path: Path) -> Iterator[dict[str, str]]:
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8-sig")
    yield from csv.DictReader(io.StringIO(text, newline=""))


def read_cordis(archive: Path, names: Path | None = None) -> list[Entity]:
    """The bodies of a CORDIS zip by PIC, with those of a table of names where one is given."""
    bodies: dict[str, dict[str, Any]] = {}

    def body(pic: str) -> dict[str, Any]:
        empty = {
            "names": {},
            "country": "",
            "town": "",
            "vat": "",
            "web": "",
            "region": "",
            "kind": "",
        }
        return bodies.setdefault(pic, empty)

    def add(found: dict[str, Any], **values: str) -> None:
        for name, value in values.items():
            found[name] = found[name] or value

    with zipfile.ZipFile(archive) as opened, opened.open("organization.csv") as raw:
        for row in csv.DictReader(io.TextIOWrapper(raw, "utf-8-sig"), delimiter=";"):
            found = body(row["organisationID"])
            found["names"].setdefault(Name(row["name"], "legal"))
            if row["shortName"]:
                found["names"].setdefault(Name(row["shortName"], "short"))
            add(
                found,
                country=row["country"],
                town=row["city"],
                vat=row["vatNumber"],
                web=row["organizationURL"],
                region=row["nutsCode"],
                kind=row["activityType"],
            )
    for row in _rows(names) if names else ():
        found = body(row["pic"])
        if row["name"].casefold() not in {name.text.casefold() for name in found["names"]}:
            found["names"].setdefault(Name(row["name"], "legal"))
        add(
            found,
            country=row["country"],
            town=row["city"],
            vat=row["vatNumber"],
            region=row["nutsCode"],
        )
    return [
        Entity(
            key=pic,
            names=tuple(found["names"]),
            country=COUNTRIES.get(found["country"], found["country"]),
            region=found["region"],
            town=found["town"],
            domains=frozenset({found["web"]} - {""}),
            identifiers=frozenset(
                {("pic", pic)} | ({("vat", found["vat"])} if found["vat"] else set())
            ),
            kind=found["kind"],
        )
        for pic, found in bodies.items()
    ]


def read_ror(archive: Path) -> tuple[list[Entity], dict[str, frozenset[str]]]:
    """The bodies of a ROR dump, by the last part of their address; and who succeeded whom.

    A record that is no longer active and names successors is not a body to link to: its names are
    former names of those.
    """
    with zipfile.ZipFile(archive) as opened:
        member = next(name for name in opened.namelist() if name.endswith(".json"))
        records = {_key(record["id"]): record for record in json.loads(opened.read(member))}
    heirs = {key: _heirs(records, key) for key, r in records.items() if r["status"] != "active"}
    former: dict[str, list[Name]] = {}
    for key, successors in heirs.items():
        for successor in successors:
            former.setdefault(successor, []).extend(
                replace(name, kind="former") for name in _names(records[key])
            )
    bodies = [
        _record(key, record, former.get(key, []))
        for key, record in records.items()
        if record["status"] == "active" or (record["status"] == "inactive" and not heirs[key])
    ]
    return bodies, {key: successors for key, successors in heirs.items() if successors}


def _key(address: str) -> str:
    return address.rpartition("/")[2]


def _heirs(records: dict[str, Any], key: str) -> frozenset[str]:
    """The active records that came after one, through as many steps as it takes."""
    found, open_, seen = set(), [key], set()
    while open_:
        one = open_.pop()
        if one in seen or one not in records:
            continue
        seen.add(one)
        if records[one]["status"] == "active":
            found.add(one)
            continue
        open_ += [
            _key(tie["id"]) for tie in records[one]["relationships"] if tie["type"] == "successor"
        ]
    return frozenset(found)


def _names(record: dict[str, Any]) -> list[Name]:
    names = []
    for name in record["names"]:
        kinds = name["types"]
        kind = "label" if "label" in kinds or "ror_display" in kinds else kinds[0]
        names.append(Name(name["value"], kind, name["lang"] or ""))
    return names


def _record(key: str, record: dict[str, Any], former: list[Name]) -> Entity:
    place = record["locations"][0]["geonames_details"] if record["locations"] else {}
    links = [link["value"] for link in record["links"] if link["type"] == "website"]
    return Entity(
        key=key,
        names=tuple(dict.fromkeys([*_names(record), *former])),
        country=place.get("country_code") or "",
        town=place.get("name") or "",
        domains=frozenset([*links, *record["domains"]]),
        identifiers=frozenset({("ror", key)}),
        part_of=tuple(r["label"] for r in record["relationships"] if r["type"] == "parent"),
        kind=record["types"][0] if record["types"] else "",
    )


@dataclass(frozen=True, slots=True)
class Parts:
    """Gold in two halves that share no right body."""

    tuning: tuple[Gold, ...]
    reporting: tuple[Gold, ...]
    missing: frozenset[str]
    """Left keys whose right body is not in the files at hand."""


def is_tuning(seed: int, group: str) -> bool:
    """The half of a group, by seed; the same on every machine."""
    return hashlib.sha256(f"{seed}:{group}".encode()).digest()[0] < 128


def split(
    pairs: dict[str, set[str]],
    known: set[str],
    seed: int,
    checked: dict[str, frozenset[str]] | None = None,
) -> Parts:
    """Halves of gold by the right body; those whose right body is not known have no right keys."""
    tuning, reporting, missing = [], [], set()
    for left, rights in sorted(pairs.items()):
        there = frozenset(rights & known)
        if rights and not there:
            missing.add(left)
        half = tuning if is_tuning(seed, min(rights, default=left)) else reporting
        half.append(Gold(left, there, (checked or {}).get(left, frozenset())))
    return Parts(tuple(tuning), tuple(reporting), frozenset(missing))


def read_pairs(path: Path, heirs: dict[str, frozenset[str]]) -> dict[str, set[str]]:
    """PIC → ROR ids; where a record has successors, they are meant."""
    pairs: dict[str, set[str]] = {}
    for row in _rows(path):
        key = _key(row["ror_id"])
        pairs.setdefault(row["pic"], set()).update(heirs.get(key, {key}))
    return pairs


def read_checked(path: Path | None) -> dict[str, frozenset[str]]:
    """What a person found right although the gold says otherwise: PIC → ROR ids."""
    right: dict[str, set[str]] = {}
    for row in _rows(path) if path else ():
        if row["verdict"] == "right":
            right.setdefault(row["pic"], set()).add(row["ror_id"])
    return {pic: frozenset(keys) for pic, keys in right.items()}


def read_strings(path: Path, heirs: dict[str, frozenset[str]]) -> dict[str, set[str]]:
    """Affiliation texts → ROR ids, none where the text names no body of the registry.

    Understands the layouts of S2AFF (`original_affiliation`, `labels`) and of the ROR matching logs
    (`affiliation`, `ror_id`); rows that S2AFF marks as wrongly labelled are left out.
    """
    found: dict[str, set[str]] = {}
    for row in _rows(path):
        text = row.get("original_affiliation") or row.get("affiliation") or ""
        keys = _ROR_ID.findall(row.get("labels") or row.get("ror_id") or "")
        if not text.strip() or ("labels" in row and not keys):
            continue
        rights = found.setdefault(text.strip(), set())
        for key in keys:
            rights.update(heirs.get(key, {key}))
    return found


def taken_apart(
    texts: Sequence[Gold], records: Sequence[Entity]
) -> tuple[list[Entity], list[Gold]]:
    """The bodies named in affiliation texts, each with the right keys of its text."""
    towns = Towns(records)
    entities: list[Entity] = []
    gold: list[Gold] = []
    for text in texts:
        for entity in entities_of(text.left, text.left, towns):
            entities.append(entity)
            gold.append(Gold(entity.key, text.rights))
    return entities, gold
