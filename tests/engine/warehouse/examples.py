"""Official files in small, made by the tests: all names and figures in them are invented."""

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tests.factories.official import ORGANISATION_COLUMNS as ORGANISATION
from tests.factories.official import PROJECT_COLUMNS as PROJECT

TOPIC = ["projectID", "topic", "title"]
LEGAL_BASIS = ["projectID", "legalBasis", "title", "uniqueProgrammePart"]
LINK = ["projectID", "type", "source", "title", "physUrl"]

A_PROJECT = {
    "id": "101000001",
    "acronym": "BONE",
    "status": "SIGNED",
    "title": "Bioactive scaffolds",
    "startDate": "2022-01-01",
    "endDate": "2025-12-31",
    "totalCost": "2500000.5",
    "ecMaxContribution": "2000000",
    "legalBasis": "HORIZON.2.1",
    "topics": "HORIZON-HLTH-2021",
    "ecSignatureDate": "2021-12-01",
    "frameworkProgramme": "HORIZON",
    "fundingScheme": "HORIZON-RIA",
    "objective": "Bones mend.\nAnd how.",
    "keywords": "bone, scaffold",
}
A_PART = {
    "projectID": "101000001",
    "organisationID": "900000001",
    "vatNumber": "IT00000000000",
    "name": "UNIVERSITA DI PROVA",
    "shortName": "UNIPRO",
    "SME": "false",
    "activityType": "HES",
    "street": "VIA  LUNGA 1",
    "postCode": "40100",
    "city": "BOLOGNA",
    "country": "IT",
    "nutsCode": "ITH55",
    "geolocation": "44.5,11.3",
    "organizationURL": "https://www.unipro.example/it",
    "order": "1",
    "role": "coordinator",
    "ecContribution": "1200000",
    "netEcContribution": "1100000.25",
    "totalCost": "1300000",
    "endOfParticipation": "false",
}


def rows(columns: Iterable[str], *given: Mapping[str, str], delimiter: str = ";") -> str:
    """CSV as CORDIS writes it: every cell in quotes."""
    names = list(columns)
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(names)
    for row in given:
        writer.writerow([row.get(name, "") for name in names])
    return text.getvalue()


def zipped(path: Path, members: Mapping[str, str | bytes]) -> Path:
    """A zip with these members."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def cordis(
    path: Path,
    projects: Iterable[Mapping[str, str]] = (A_PROJECT,),
    parts: Iterable[Mapping[str, str]] = (A_PART,),
    **others: str | bytes,
) -> Path:
    """A CORDIS zip; other members by keyword, `folder` for the one they lie in."""
    folder = str(others.pop("folder", ""))
    members = {
        "project.csv": rows(PROJECT, *projects),
        "organization.csv": rows(ORGANISATION, *parts),
        **{f"{name}.csv": content for name, content in others.items()},
    }
    return zipped(path, {folder + name: content for name, content in members.items()})


def many(path: Path, count: int) -> Path:
    """A CORDIS zip of `count` projects with three participants each."""
    projects = [A_PROJECT | {"id": str(101_000_000 + n), "acronym": f"P{n}"} for n in range(count)]
    parts = [
        A_PART
        | {
            "projectID": str(101_000_000 + n),
            "organisationID": str(900_000_000 + (n * 7 + place) % (count + 3)),
            "role": "coordinator" if place == 0 else "participant",
            "order": str(place + 1),
        }
        for n in range(count)
        for place in range(3)
    ]
    return cordis(path, projects, parts)


def ror(
    path: Path, records: list[dict[str, Any]], name: str = "v2-ror-data_schema_v2.json"
) -> Path:
    """A ROR zip with these records."""
    return zipped(path, {name: json.dumps(records)})


A_RECORD: dict[str, Any] = {
    "id": "https://ror.org/00test001",
    "status": "active",
    "types": ["funder", "education"],
    "established": 1200,
    "domains": ["unipro.example"],
    "names": [
        {"value": "Università di Prova", "types": ["label", "ror_display"], "lang": "it"},
        {"value": "University of Trial", "types": ["label"], "lang": "en"},
        {"value": "UNIPRO", "types": ["acronym"], "lang": None},
        {"value": "Studium", "types": ["alias"], "lang": None},
    ],
    "links": [
        {"type": "wikipedia", "value": "http://en.wikipedia.example/x"},
        {"type": "website", "value": "https://www.unipro.example"},
    ],
    "locations": [
        {
            "geonames_id": 1,
            "geonames_details": {
                "country_code": "IT",
                "name": "Bologna",
                "lat": 44.5,
                "lng": 11.3,
            },
        }
    ],
    "external_ids": [{"type": "grid", "all": ["grid.1.1"], "preferred": "grid.1.1"}],
    "relationships": [{"type": "child", "label": "Laboratory", "id": "https://ror.org/00test002"}],
}
