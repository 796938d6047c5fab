"""Reads the evidence of matching from CORDIS zips as they are published."""

import csv
import hashlib
import io
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from trebbo.engine.matching.contracts import Body, Evidence, MatchingError, Member, Work, area_of

csv.field_size_limit(10_000_000)
COUNTRIES = {"EL": "GR", "UK": "GB"}
Row = dict[str, str]


def sha256_of(file: Path) -> str:
    """The hash by which a run says what it was given."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def read_cordis(archives: Sequence[Path]) -> Evidence:
    """Bodies by PIC and works by project of all zips; a project without a signature is left out.

    Raises MatchingError for a file that is not there, or not a zip as CORDIS publishes it.
    """
    bodies: dict[str, Body] = {}
    works: dict[str, Work] = {}
    for archive in archives:
        try:
            with zipfile.ZipFile(archive) as opened:
                members = _members(opened, bodies)
                works |= _works(opened, members)
        except (OSError, zipfile.BadZipFile) as error:
            raise MatchingError(f"{archive} cannot be read: {error}") from error
        except (KeyError, ValueError, csv.Error) as error:
            raise MatchingError(
                f"{archive} is not as CORDIS publishes its zips: {error}"
            ) from error
    return Evidence(tuple(bodies.values()), tuple(works.values()))


def rows_of(archive: zipfile.ZipFile, name: str) -> Iterator[Row]:
    """The rows of one table of an opened zip; none where it has no such table."""
    found = [entry for entry in archive.namelist() if entry.rsplit("/", 1)[-1] == name]
    for entry in found[:1]:
        with archive.open(entry) as raw:
            text = io.TextIOWrapper(raw, "utf-8-sig", errors="replace", newline="")
            yield from csv.DictReader(text, delimiter=";")


def _members(archive: zipfile.ZipFile, bodies: dict[str, Body]) -> dict[str, list[Member]]:
    members: dict[str, list[Member]] = defaultdict(list)
    for row in rows_of(archive, "organization.csv"):
        pic = row["organisationID"]
        members[row["projectID"]].append(Member(pic, row["role"] == "coordinator"))
        if pic not in bodies:
            bodies[pic] = _body(pic, row)
    return members


def _body(pic: str, row: Row) -> Body:
    latitude, longitude = _degrees(row.get("geolocation") or "")
    return Body(
        key=pic,
        kind=row.get("activityType") or "",
        is_sme={"true": True, "false": False}.get(row.get("SME") or ""),
        country=COUNTRIES.get(row["country"], row["country"]),
        province=row.get("nutsCode") or "",
        latitude=latitude,
        longitude=longitude,
    )


def _degrees(text: str) -> tuple[float | None, float | None]:
    try:
        latitude, longitude = (float(part) for part in text.strip("()").split(","))
    except ValueError:
        return None, None
    return latitude, longitude


def _works(archive: zipfile.ZipFile, members: dict[str, list[Member]]) -> dict[str, Work]:
    calls = {row["projectID"]: row["title"] for row in rows_of(archive, "topics.csv")}
    fields: dict[str, list[str]] = defaultdict(list)
    for row in rows_of(archive, "euroSciVoc.csv"):
        fields[row["projectID"]].append(row["euroSciVocTitle"])
    works = {}
    for row in rows_of(archive, "project.csv"):
        key, signed = row["id"], row["ecSignatureDate"]
        if not signed or key not in members:
            continue
        call = calls.get(key, "")
        works[key] = Work(
            key=key,
            day=date.fromisoformat(signed[:10]),
            title=row["title"],
            text=f"{row['title']}. {row['objective']}",
            context=" . ".join(filter(None, (call, *fields[key], row.get("keywords") or ""))),
            programme=row.get("legalBasis") or "",
            area=area_of(row.get("topics") or ""),
            call=call,
            members=tuple(members[key]),
        )
    return works
