"""What an import makes visible: the first edition, a newer one, several datasets together."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.ecosystem.evidence.importing import bring_in, edition, everything
from tests.factories.evidence import (
    BodyFactory,
    FundedProjectFactory,
    ImportFactory,
    LinkFactory,
    ParticipationFactory,
)
from tests.factories.official import CordisFile, cordis_file
from tests.factories.organisations import OrganisationFactory
from trebbo.ecosystem.evidence.choices import Dataset, ImportState, LinkState
from trebbo.ecosystem.evidence.events import evidence_published
from trebbo.ecosystem.evidence.models import (
    Body,
    FundedProject,
    Import,
    Participation,
    RecordChange,
)
from trebbo.ecosystem.evidence.queries.imports import report_lines
from trebbo.ecosystem.vocabularies.models import Concept
from trebbo.kernel.models import AuditLine

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_folders(settings: Any, tmp_path: Path) -> None:
    settings.WAREHOUSE_FOLDER = tmp_path / "warehouse"
    settings.IMPORTS_FOLDER = tmp_path / "imports"


@pytest.fixture
def news() -> Iterator[list[int]]:
    """The imports of which it was said that they are visible."""
    heard: list[int] = []

    def listen(import_id: int, **_more: Any) -> None:
        heard.append(import_id)

    evidence_published.connect(listen)
    yield heard
    evidence_published.disconnect(listen)


@pytest.fixture
def first() -> CordisFile:
    """Three projects with three participants each."""
    return cordis_file(3)


def _counts(imported: Import) -> dict[str, tuple[int, int, int]]:
    return {
        name: (one["added"], one["changed"], one["gone"])
        for name, one in imported.counts["tables"].items()
    }


def test_a_first_edition(
    first: CordisFile, tmp_path: Path, news: list[int], django_capture_on_commit_callbacks: Any
) -> None:
    """Every row is there, with its money, days, places, fields; the trail and the news say so."""
    with django_capture_on_commit_callbacks(execute=True):
        imported = bring_in(edition(first, tmp_path))
    bodies = len({row["organisationID"] for row in first.organisations})
    assert (imported.state, imported.dataset) == (ImportState.PUBLISHED, Dataset.CORDIS_HORIZON)
    assert imported.is_present
    assert imported.edition_date == date(2025, 12, 6)
    assert _counts(imported) == {
        "project": (3, 0, 0),
        "body": (bodies, 0, 0),
        "participation": (9, 0, 0),
        "project_field": (3, 0, 0),
    }
    project = FundedProject.objects.get(key="101000001")
    assert (project.acronym, project.start_date) == ("SINTESI0", date(2021, 1, 1))
    assert (project.total_cost, project.contribution) == (
        Decimal("1500000.50"),
        Decimal("1200000.00"),
    )
    assert [str(concept.code) for concept in project.fields.all()] == ["373"]
    part = project.participations.get(position=1)
    assert (part.role, part.contribution, part.total_cost, part.is_ended) == (
        "coordinator",
        Decimal("400000.00"),
        Decimal("500000.25"),
        False,
    )
    assert (part.body.country, part.body.latitude) == ("IT", 44.647)
    assert {part.first_import, part.last_import, part.gone_import} == {imported, None}
    assert news == [imported.pk]
    assert AuditLine.objects.filter(verb="publish_import", subject_id=imported.pk).count() == 1


def test_bodies_are_summed_up(first: CordisFile, tmp_path: Path) -> None:
    """Projects, years and money of each body equal those of its participations."""
    bring_in(edition(first, tmp_path))
    for body in Body.objects.all():
        parts = body.participations.select_related("project")
        years = [part.project.start_date.year for part in parts if part.project.start_date]
        assert body.projects == len({part.project_id for part in parts})
        assert (body.first_year, body.last_year) == (min(years), max(years))
        assert body.contribution == sum(part.contribution or 0 for part in parts)


def test_unknown_fields_become_concepts(first: CordisFile, tmp_path: Path) -> None:
    """With those above them, in English; the Italian label is left to be written."""
    bring_in(edition(first, tmp_path))
    found = Concept.objects.get(scheme__code="euroscivoc", code="373")
    assert (found.label_en, found.label_it, found.standing) == ("electrochemistry", "", "verified")
    assert found.broader is not None
    assert found.broader.broader is not None
    above = (found.broader.label_en, found.broader.broader.label_en)
    assert above == ("chemical sciences", "natural sciences")


def test_the_same_rows_in_a_newer_file_change_nothing(first: CordisFile, tmp_path: Path) -> None:
    """A newer edition with the same rows becomes the present one; no row is touched."""
    old = bring_in(edition(first, tmp_path, 6))
    before = everything()
    new = bring_in(edition(first, tmp_path, 7))
    assert (new.state, _counts(new)) == (
        ImportState.PUBLISHED,
        dict.fromkeys(("project", "body", "participation", "project_field"), (0, 0, 0)),
    )
    assert everything() == before
    assert not RecordChange.objects.exists()
    assert list(Import.objects.filter(is_present=True)) == [new]
    assert not FundedProject.objects.exclude(last_import=old).exists()


def test_a_newer_edition_updates_and_keeps_history(first: CordisFile, tmp_path: Path) -> None:
    """Changed values are told as they were; what is gone is marked; what is new is added."""
    bring_in(edition(first, tmp_path, 6))
    first.projects[0] |= {"endDate": "2025-06-30", "objective": "Another purpose."}
    changed = next(row for row in first.organisations if row["projectID"] == "101000001")
    changed["netEcContribution"] = "410000"
    gone = first.organisations.pop()
    first.projects.append({**first.projects[0], "id": "101999999", "acronym": "NUOVO"})
    first.organisations.append({**changed, "projectID": "101999999"})
    first.fields[1] |= {"euroSciVocCode": first.fields[0]["euroSciVocCode"]}
    new = bring_in(edition(first, tmp_path, 7))
    assert _counts(new) == {
        "project": (1, 1, 0),
        "body": (0, 0, int(not Body.objects.get(key=gone["organisationID"]).projects)),
        "participation": (1, 1, 1),
        "project_field": (1, 0, 1),
    }
    told = {
        (change.project.key, change.body.key if change.body else ""): change.changes
        for change in RecordChange.objects.filter(made_by=new)
    }
    assert told["101000001", ""]["end_date"] == ["2024-12-31", "2025-06-30"]
    assert told["101000001", ""]["objective"][1] == "Another purpose."
    assert told["101000001", changed["organisationID"]] == {
        "contribution": ["400000.00", "410000.00"]
    }
    assert len(told) == 2
    lost = Participation.objects.get(
        project__key=gone["projectID"], body__key=gone["organisationID"]
    )
    assert lost.gone_import == new
    assert FundedProject.objects.get(key="101000002").fields.get().code == "373"
    body = Body.objects.get(key=changed["organisationID"])
    assert body.contribution == sum(
        part.contribution or 0 for part in body.participations.filter(gone_import=None)
    )


def test_what_comes_back_is_no_longer_gone(first: CordisFile, tmp_path: Path) -> None:
    """A project that a newer edition lacks is marked, with its parts; the next brings all back."""
    bring_in(edition(first, tmp_path, 6))
    before = everything()
    without = CordisFile(
        first.projects[1:],
        [row for row in first.organisations if row["projectID"] != "101000001"],
        first.fields[1:],
    )
    second = bring_in(edition(without, tmp_path, 7))
    project = FundedProject.objects.get(key="101000001")
    assert project.gone_import == second
    assert {part.gone_import for part in project.participations.all()} == {second}
    only_there = Body.objects.filter(gone_import=second)
    assert {body.projects for body in only_there} <= {0}
    bring_in(edition(first, tmp_path, 8))
    assert everything() == before


def test_a_lost_warehouse_is_rebuilt_from_the_registry(
    first: CordisFile, tmp_path: Path, settings: Any
) -> None:
    """The next edition is compared with what the registry holds."""
    bring_in(edition(first, tmp_path, 6))
    settings.WAREHOUSE_FOLDER = tmp_path / "another"
    first.projects[0]["title"] = "Another title"
    gone = first.organisations.pop()
    new = bring_in(edition(first, tmp_path, 7))
    assert _counts(new)["project"] == (0, 1, 0)
    assert _counts(new)["participation"] == (0, 0, 1)
    [change] = RecordChange.objects.all()
    assert change.changes == {"title": ["Synthetic project number 0", "Another title"]}
    lost = Participation.objects.get(gone_import=new)
    assert lost.body.key == gone["organisationID"]


def test_a_body_is_described_by_its_newest_project(first: CordisFile, tmp_path: Path) -> None:
    """Of two datasets that know it, the one with the newer project says what it is called."""
    other = ImportFactory(dataset=Dataset.CORDIS_H2020, is_present=True)
    keys = sorted({row["organisationID"] for row in first.organisations})
    for key, day in ((keys[0], date(2030, 1, 1)), (keys[1], date(2016, 1, 1))):
        ParticipationFactory(
            body=BodyFactory(key=key, name="NOME DI PRIMA", first_import=other),
            project=FundedProjectFactory(
                dataset=Dataset.CORDIS_H2020, start_date=day, first_import=other
            ),
        )
    bring_in(edition(first, tmp_path))
    names = dict(Body.objects.filter(key__in=keys[:2]).values_list("key", "name"))
    assert names[keys[0]] == "NOME DI PRIMA"
    assert names[keys[1]].startswith("CENTRO SINTETICO")
    both = Body.objects.get(key=keys[0])
    own = {row["projectID"] for row in first.organisations if row["organisationID"] == keys[0]}
    assert both.projects == len(own) + 1


def test_new_projects_of_a_linked_body_are_its_profiles_at_once(
    first: CordisFile, tmp_path: Path
) -> None:
    """A decision made before the import holds for what it brings."""
    bring_in(edition(first, tmp_path, 6))
    body = Body.objects.order_by("key").first()
    assert body is not None
    profile = OrganisationFactory(name="Ditta che si chiama altrimenti")
    LinkFactory(body=body, profile=profile, state=LinkState.ACCEPTED)
    first.projects.append({**first.projects[0], "id": "101999999", "acronym": "NUOVO"})
    first.organisations.append(
        {**first.organisations[0], "projectID": "101999999", "organisationID": body.key}
    )
    bring_in(edition(first, tmp_path, 7))
    parts = Participation.objects.filter(body=body)
    assert {part.profile_id for part in parts} == {profile.pk}


def test_the_report_says_who_is_who(first: CordisFile, tmp_path: Path) -> None:
    """A link that the import made, or proposes, stands there with its reasons and probability."""
    body = first.organisations[0]
    body |= {"name": "ISTITUTO SINTETICO DI BIOMATERIALI", "vatNumber": "IT01114601006"}
    OrganisationFactory(name="Istituto sintetico di biomateriali", vat_number="01114601006")
    imported = bring_in(edition(first, tmp_path))
    links = [line for line in report_lines(imported) if line[0] == "Collegamento"]
    assert len(links) == sum(imported.counts["links"][name] for name in ("made", "proposed")) == 1
    [[_about, record, profile, _state, why, probability]] = links
    assert record == f"PIC {body['organisationID']} ISTITUTO SINTETICO DI BIOMATERIALI"
    assert profile == "Istituto sintetico di biomateriali"
    assert "|" in why
    assert 0.5 < float(probability) <= 1
