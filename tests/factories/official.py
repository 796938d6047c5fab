"""Makes official files in small: zips in the layout in which CORDIS publishes its projects."""

import csv
import io
import random
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

PROJECT_COLUMNS = [
    "id",
    "acronym",
    "status",
    "title",
    "startDate",
    "endDate",
    "totalCost",
    "ecMaxContribution",
    "legalBasis",
    "topics",
    "ecSignatureDate",
    "frameworkProgramme",
    "masterCall",
    "subCall",
    "fundingScheme",
    "nature",
    "objective",
    "contentUpdateDate",
    "rcn",
    "grantDoi",
    "keywords",
]
ORGANISATION_COLUMNS = [
    "projectID",
    "projectAcronym",
    "organisationID",
    "vatNumber",
    "name",
    "shortName",
    "SME",
    "activityType",
    "street",
    "postCode",
    "city",
    "country",
    "nutsCode",
    "geolocation",
    "organizationURL",
    "contactForm",
    "contentUpdateDate",
    "rcn",
    "order",
    "role",
    "ecContribution",
    "netEcContribution",
    "totalCost",
    "endOfParticipation",
    "active",
]
FIELD_COLUMNS = [
    "projectID",
    "euroSciVocCode",
    "euroSciVocPath",
    "euroSciVocTitle",
    "euroSciVocDescription",
]
FIELDS = (
    ("/23/53/373", "/natural sciences/chemical sciences/electrochemistry", "electrochemistry"),
    ("/29/117/725", "/medical and health sciences/clinical medicine/oncology", "oncology"),
)
TOWNS = (("Modena", "ITH54"), ("Mirandola", "ITH54"), ("Bologna", "ITH55"), ("Parma", "ITH52"))
Row = dict[str, str]


@dataclass(slots=True)
class CordisFile:
    """The rows of a CORDIS zip; change them, then `write` it."""

    projects: list[Row] = field(default_factory=list)
    organisations: list[Row] = field(default_factory=list)
    fields: list[Row] = field(default_factory=list)

    def write(
        self,
        path: Path,
        *,
        day: tuple[int, int, int] = (2025, 12, 6),
        encoding: str = "utf-8",
        delimiter: str = ";",
        compression: int = zipfile.ZIP_DEFLATED,
        edit: Callable[[str, str], str] = lambda _name, text: text,
    ) -> Path:
        """The zip; its members bear the day of the edition. `edit` changes a member's text."""
        members: Mapping[str, tuple[list[str], list[Row]]] = {
            "project.csv": (PROJECT_COLUMNS, self.projects),
            "organization.csv": (ORGANISATION_COLUMNS, self.organisations),
            "euroSciVoc.csv": (FIELD_COLUMNS, self.fields),
            "topics.csv": (["projectID", "topic", "title"], []),
            "legalBasis.csv": (["projectID", "legalBasis", "title", "uniqueProgrammePart"], []),
            "webLink.csv": (["projectID", "type", "source", "title", "physUrl"], []),
        }
        with zipfile.ZipFile(path, "w", compression) as archive:
            for name, (columns, rows) in members.items():
                text = io.StringIO()
                writer = csv.DictWriter(
                    text, columns, delimiter=delimiter, quoting=csv.QUOTE_ALL, restval=""
                )
                writer.writeheader()
                writer.writerows(rows)
                entry = zipfile.ZipInfo(name, (*day, 0, 0, 0))
                entry.compress_type = compression
                archive.writestr(entry, edit(name, text.getvalue()).encode(encoding))
        return path


def cordis_file(projects: int = 3, partners: int = 3, bodies: int = 0, seed: int = 3) -> CordisFile:
    """Horizon Europe projects with participants, drawn from `bodies` (twice the projects)."""
    draw = random.Random(seed)
    pool = bodies or 2 * projects + partners
    made = CordisFile()
    for number in range(projects):
        key = str(101_000_001 + number)
        year = 2021 + number % 4
        made.projects.append(
            {
                "id": key,
                "acronym": f"SINTESI{number}",
                "status": "SIGNED",
                "title": f"Synthetic project number {number}",
                "startDate": f"{year}-01-01",
                "endDate": f"{year + 3}-12-31",
                "totalCost": "1500000.50",
                "ecMaxContribution": "1200000",
                "legalBasis": "HORIZON.2.1",
                "topics": "HORIZON-HLTH-2021-TOOL-06-01",
                "ecSignatureDate": f"{year - 1}-11-30",
                "frameworkProgramme": "HORIZON",
                "fundingScheme": "HORIZON-RIA",
                "objective": "A purpose that nobody has, told at length. " * 8,
                "rcn": str(number),
                "grantDoi": f"10.3030/{key}",
                "keywords": "synthetic, test",
            }
        )
        for order, body in enumerate(draw.sample(range(pool), partners), 1):
            made.organisations.append(_part(key, number, order, body))
        path, title_path, title = FIELDS[number % len(FIELDS)]
        made.fields.append(
            {
                "projectID": key,
                "euroSciVocCode": path,
                "euroSciVocPath": title_path,
                "euroSciVocTitle": title,
            }
        )
    return made


def _part(key: str, number: int, order: int, body: int) -> Row:
    town, nuts = TOWNS[body % len(TOWNS)]
    return {
        "projectID": key,
        "projectAcronym": f"SINTESI{number}",
        "organisationID": str(900_000_001 + body),
        "name": f"CENTRO SINTETICO {body} SRL",
        "shortName": f"CS{body}",
        "SME": "true" if body % 2 else "false",
        "activityType": "PRC",
        "street": "VIA DI PROVA 1",
        "postCode": "41121",
        "city": town.upper(),
        "country": "IT",
        "nutsCode": nuts,
        "geolocation": "44.647,10.925",
        "organizationURL": f"https://cs{body}.example",
        "rcn": str(body),
        "order": str(order),
        "role": "coordinator" if order == 1 else "participant",
        "ecContribution": "400000",
        "netEcContribution": "400000",
        "totalCost": "500000.25",
        "endOfParticipation": "false",
    }
