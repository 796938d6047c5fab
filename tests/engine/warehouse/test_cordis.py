"""CORDIS files, as published and as they should not be, become the declared tables."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.engine.warehouse.conftest import Store
from tests.engine.warehouse.examples import (
    A_PART,
    A_PROJECT,
    LEGAL_BASIS,
    LINK,
    ORGANISATION,
    PROJECT,
    TOPIC,
    cordis,
    rows,
    zipped,
)
from tests.factories.official import FIELD_COLUMNS as FIELD
from trebbo.engine.warehouse import Counted, recognise


def test_every_declared_table(store: Store) -> None:
    """A project with its participants, fields, topic, legal basis and website, cell by cell."""
    path = cordis(
        store.folder / "a.zip",
        parts=[
            A_PART,
            A_PART
            | {
                "organisationID": "900000002",
                "vatNumber": "",
                "name": "FIRMA\u00a0 GRECA",
                "shortName": "",
                "SME": "true",
                "country": "EL",
                "geolocation": "(38.0, 23.7)",
                "organizationURL": "",
                "order": "2",
                "role": "associatedPartner",
                "ecContribution": "",
                "netEcContribution": "0",
                "totalCost": "0",
                "endOfParticipation": "true",
            },
        ],
        euroSciVoc=rows(
            FIELD,
            {
                "projectID": "101000001",
                "euroSciVocCode": "/23/53/373",
                "euroSciVocPath": "/natural sciences/chemical sciences/electrochemistry",
                "euroSciVocTitle": "electrochemistry",
            },
        ),
        topics=rows(
            TOPIC,
            {"projectID": "101000001", "topic": "HORIZON-HLTH-2021", "title": "Healthy bones"},
        ),
        legalBasis=rows(
            LEGAL_BASIS,
            {"projectID": "101000001", "legalBasis": "HORIZON.2", "title": "Challenges"},
            {"projectID": "101000001", "legalBasis": "HORIZON.2.1", "title": "Health"},
        ),
        webLink=rows(
            LINK,
            {"projectID": "101000001", "type": "socialMedia", "physUrl": "https://social.example"},
            {"projectID": "101000001", "type": "relatedWebsite", "physUrl": "https://b.example"},
        ),
    )
    intake = store.take_in(path)
    assert store.kept(intake, "project") == [
        {
            "key": "101000001",
            "acronym": "BONE",
            "title": "Bioactive scaffolds",
            "objective": "Bones mend.\nAnd how.",
            "status": "SIGNED",
            "start_date": date(2022, 1, 1),
            "end_date": date(2025, 12, 31),
            "signature_date": date(2021, 12, 1),
            "total_cost": Decimal("2500000.50"),
            "contribution": Decimal("2000000.00"),
            "programme": "HORIZON",
            "scheme": "HORIZON-RIA",
            "legal_basis": "HORIZON.2.1 Health",
            "topic": "HORIZON-HLTH-2021",
            "topic_title": "Healthy bones",
            "keywords": "bone, scaffold",
            "website": "https://b.example",
        }
    ]
    university, firm = store.kept(intake, "body")
    assert university == {
        "scheme": "pic",
        "key": "900000001",
        "name": "UNIVERSITA DI PROVA",
        "short_name": "UNIPRO",
        "vat_number": "IT00000000000",
        "tax_code": None,
        "activity": "HES",
        "is_sme": False,
        "country": "IT",
        "nuts": "ITH55",
        "town": "BOLOGNA",
        "postcode": "40100",
        "address": "VIA LUNGA 1",
        "website": "https://www.unipro.example/it",
        "latitude": 44.5,
        "longitude": 11.3,
        "is_active": None,
    }
    told = ("name", "country", "latitude", "longitude", "is_sme", "vat_number")
    assert [firm[name] for name in told] == ["FIRMA GRECA", "GR", 38.0, 23.7, True, None]
    assert store.kept(intake, "participation") == [
        {
            "project_key": "101000001",
            "scheme": "pic",
            "body_key": "900000001",
            "role": "coordinator",
            "position": 1,
            "contribution": Decimal("1100000.25"),
            "total_cost": Decimal("1300000.00"),
            "is_ended": False,
        },
        {
            "project_key": "101000001",
            "scheme": "pic",
            "body_key": "900000002",
            "role": "associated",
            "position": 2,
            "contribution": Decimal("0.00"),
            "total_cost": None,
            "is_ended": True,
        },
    ]
    assert store.kept(intake, "project_field") == [
        {
            "project_key": "101000001",
            "code": "373",
            "path": "/23/53/373",
            "title": "electrochemistry",
            "title_path": "/natural sciences/chemical sciences/electrochemistry",
        }
    ]
    assert [(r["key"], r["name"], r["kind"]) for r in store.kept(intake, "body_name")] == [
        ("900000001", "UNIPRO", "short"),
        ("900000001", "UNIVERSITA DI PROVA", "legal"),
        ("900000002", "FIRMA GRECA", "legal"),
    ]
    assert [(r["register"], r["value"]) for r in store.kept(intake, "body_identifier")] == [
        ("domain", "unipro.example"),
        ("vat", "IT00000000000"),
    ]
    assert store.kept(intake, "left_out") == []
    assert intake.counted == (
        Counted("project.csv", 1, 1, 0),
        Counted("organization.csv", 2, 2, 0),
        Counted("euroSciVoc.csv", 1, 1, 0),
        Counted("topics.csv", 1, 1, 0),
        Counted("legalBasis.csv", 2, 2, 0),
        Counted("webLink.csv", 2, 2, 0),
    )


def test_what_is_left_out_and_why(store: Store) -> None:
    """Row by row, with the row's number; a cell that cannot be read costs only the cell."""
    path = cordis(
        store.folder / "a.zip",
        [
            A_PROJECT,
            A_PROJECT | {"title": "The same again"},
            A_PROJECT | {"id": ""},
            A_PROJECT | {"id": "101000002", "totalCost": "12,5 million", "endDate": "2025-02-30"},
        ],
        [
            A_PART,
            A_PART | {"netEcContribution": "1"},
            A_PART | {"projectID": "999999999"},
            A_PART | {"organisationID": " "},
            A_PART | {"organisationID": "900000003", "country": "Italia", "geolocation": "here"},
            A_PART | {"organisationID": "900000004", "role": "principalInvestigator"},
        ],
        euroSciVoc=rows(FIELD, {"projectID": "999999999", "euroSciVocCode": "/23"}),
    )
    intake = store.take_in(path)
    assert [tuple(row.values()) for row in store.kept(intake, "left_out")] == [
        ("euroSciVoc.csv", 2, "999999999", "no_project", "/23"),
        ("organization.csv", 3, "900000001", "repeated", "101000001"),
        ("organization.csv", 4, "900000001", "no_project", "999999999"),
        ("organization.csv", 5, None, "no_key", "101000001"),
        ("organization.csv", 6, "900000003", "bad_code", "country: Italia"),
        ("organization.csv", 6, "900000003", "bad_place", "geolocation: here"),
        ("organization.csv", 7, "900000004", "natural_person", "101000001"),
        ("project.csv", 3, "101000001", "repeated", None),
        ("project.csv", 4, None, "no_key", None),
        ("project.csv", 5, "101000002", "bad_amount", "totalCost: 12,5 million"),
        ("project.csv", 5, "101000002", "bad_date", "endDate: 2025-02-30"),
        ("project.csv", 5, "101000002", "no_participants", None),
    ]
    assert intake.counted == (
        Counted("project.csv", 4, 2, 2),
        Counted("organization.csv", 6, 2, 4),
        Counted("euroSciVoc.csv", 1, 0, 1),
    )
    kept = {row["key"]: row for row in store.kept(intake, "project")}
    assert kept.keys() == {"101000001", "101000002"}
    assert kept["101000001"]["title"] == "Bioactive scaffolds"
    assert (kept["101000002"]["total_cost"], kept["101000002"]["end_date"]) == (None, None)


def test_a_body_is_as_its_latest_project_tells(store: Store) -> None:
    """The most recent project by start wins; all names it ever had are kept."""
    path = cordis(
        store.folder / "a.zip",
        [
            A_PROJECT | {"id": "1", "startDate": "2021-01-01"},
            A_PROJECT | {"id": "2", "startDate": "2023-01-01"},
            A_PROJECT | {"id": "3", "startDate": "2022-01-01"},
            A_PROJECT | {"id": "4", "startDate": ""},
        ],
        [
            A_PART | {"projectID": "1", "name": "OLD NAME"},
            A_PART | {"projectID": "2", "name": "NEW NAME", "shortName": "NN"},
            A_PART | {"projectID": "3", "name": "MIDDLE NAME"},
            A_PART | {"projectID": "4", "name": "UNDATED NAME"},
        ],
    )
    intake = store.take_in(path)
    assert [(r["name"], r["short_name"]) for r in store.kept(intake, "body")] == [
        ("NEW NAME", "NN")
    ]
    assert [r["name"] for r in store.kept(intake, "body_name")] == [
        "MIDDLE NAME",
        "NEW NAME",
        "NN",
        "OLD NAME",
        "UNDATED NAME",
        "UNIPRO",
    ]


@pytest.mark.parametrize(
    ("programme", "basis", "dataset"),
    [
        ("FP7", "FP7-HEALTH", "cordis-fp7"),
        ("H2020", "H2020-EU.3.1.", "cordis-h2020"),
        ("HORIZON", "HORIZON.2.1", "cordis-horizon"),
    ],
)
def test_the_editions_differ(duck: Store, programme: str, basis: str, dataset: str) -> None:
    """Older programmes: members in a folder, fewer columns, decimal commas, other spellings."""
    columns = [name for name in PROJECT if name not in {"keywords", "nature"}]
    parts = [name for name in ORGANISATION if name != "organizationURL"]
    parts[parts.index("organisationID")] = "organizationID"
    path = zipped(
        duck.folder / "edition.zip",
        {
            "csv/project.csv": "\ufeff"
            + rows(
                columns,
                A_PROJECT
                | {
                    "frameworkProgramme": programme,
                    "legalBasis": basis,
                    "totalCost": "1999965,75",
                    "startDate": "2012-01-01 00:00:00",
                },
            ),
            "csv/organization.csv": rows(
                parts, A_PART | {"organizationID": "900000001", "netEcContribution": "1.234,5"}
            ),
            "csv/webItem.csv": "whatever",
        },
    )
    assert recognise(path, duck.settings).dataset == dataset
    intake = duck.take_in(path)
    (project,) = duck.kept(intake, "project")
    assert (project["total_cost"], project["start_date"], project["keywords"]) == (
        Decimal("1999965.75"),
        date(2012, 1, 1),
        None,
    )
    (part,) = duck.kept(intake, "participation")
    assert part["contribution"] == Decimal("1234.50")
    assert duck.kept(intake, "left_out") == []


def test_the_official_file_of_horizon_europe(duck: Store, open_data: Path) -> None:
    """Every grant signed to the end of 2024; nothing is lost between what is read and kept."""
    intake = duck.take_in(open_data / "cordis" / "cordis-HORIZONprojects-csv.zip")
    counted = {one.member: one for one in intake.counted}
    assert counted["project.csv"] == Counted("project.csv", 15_188, 15_188, 0)
    assert counted["organization.csv"] == Counted("organization.csv", 101_535, 101_497, 38)
    assert counted["euroSciVoc.csv"] == Counted("euroSciVoc.csv", 31_968, 31_968, 0)
    assert all(one.read == one.kept + one.left_out for one in intake.counted)
    assert intake.rows["participation"] == 101_497
    assert intake.rows["body"] == 27_735
    reasons = [row["reason"] for row in duck.kept(intake, "left_out")]
    assert reasons == ["repeated"] * 38
    total = duck.warehouse.table(intake.snapshot, "project")
    assert duck.rows(total.aggregate(sum=total.contribution.sum())) == [
        {"sum": Decimal("42868154294.97")}
    ]
