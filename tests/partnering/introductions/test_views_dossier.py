"""The dossier of a kept ask: who may take it along, and what it holds."""

import io
from datetime import date

import openpyxl
import pytest
from django.test import Client

from tests.factories.accounts import MandateFactory, PersonFactory
from tests.factories.evidence import FundedProjectFactory, ParticipationFactory
from tests.factories.introductions import AskFactory, EntryFactory
from tests.factories.organisations import ItemFactory, OrganisationFactory
from tests.searching import index_all
from trebbo.partnering.introductions.models import Ask

pytestmark = pytest.mark.django_db

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def ask() -> Ask:
    """An ask with a body that its own words and a funded project speak for."""
    person = PersonFactory()
    MandateFactory(person=person)
    body = OrganisationFactory(name="Valvole Alfa")
    ItemFactory(profile=body, text_it="valvole cardiache", text_en="heart valves")
    project = FundedProjectFactory(
        acronym="VALVE",
        title="Heart valves",
        objective="Heart valves",
        signature_date=date(2024, 1, 1),
    )
    ParticipationFactory(project=project, profile=body)
    kept = AskFactory(owner=person, text="heart valves", language="en")
    EntryFactory(ask=kept, profile=body, note="Chiamare martedì")
    index_all()
    return kept


@pytest.mark.parametrize("ending", ["pdf", "xlsx"])
def test_the_owner_takes_it_along(client: Client, ask: Ask, ending: str) -> None:
    """As a file of that kind, with a name."""
    assert ask.owner is not None
    client.force_login(ask.owner, backend=BACKEND)
    response = client.get(f"/it/asks/{ask.pk}/dossier.{ending}")
    assert response.status_code == 200
    assert response.content[:4] == {"pdf": b"%PDF", "xlsx": b"PK\x03\x04"}[ending]
    assert f".{ending}" in response["Content-Disposition"]


def test_the_spreadsheet_has_reasons_with_their_points(client: Client, ask: Ask) -> None:
    """Its own words, the project with its address, the note."""
    assert ask.owner is not None
    client.force_login(ask.owner, backend=BACKEND)
    content = client.get(f"/it/asks/{ask.pk}/dossier.xlsx").content
    book = openpyxl.load_workbook(io.BytesIO(content))
    cells = [
        str(cell)
        for sheet in book
        for row in sheet.iter_rows(values_only=True)
        for cell in row
        if cell
    ]
    said = " ".join(cells)
    for words in ("Valvole Alfa", "Chiamare martedì", "heart valves", "VALVE"):
        assert words in said


@pytest.mark.parametrize("ending", ["pdf", "xlsx", "docx"])
def test_nobody_else_does(client: Client, ask: Ask, ending: str) -> None:
    """A visitor signs in first; another person finds nothing."""
    assert client.get(f"/it/asks/{ask.pk}/dossier.{ending}").status_code == 302
    client.force_login(PersonFactory(), backend=BACKEND)
    assert client.get(f"/it/asks/{ask.pk}/dossier.{ending}").status_code == 404
