"""The directory as a file for spreadsheets."""

import csv
import io
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.utils import timezone

from tests.factories.organisations import KindFactory, OrganisationFactory, SeatFactory, UnitFactory
from tests.searching import index_all
from trebbo.kernel.tabular import harmless

HEADING = "Nome;Sigla;Che cos'è;Tipo;Organizzazione;Tecnopolo;Luoghi;Sito web;Aggiornamento;"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(start: str) -> None:
    """A spreadsheet must not run what somebody typed as a name."""
    assert harmless(f"{start}1+1") == f"'{start}1+1"


def test_other_cells_stay_as_they_are() -> None:
    """Also those with such a letter further on."""
    assert [harmless(cell) for cell in ("", "A=1", "Rossi - Bianchi")] == [
        "",
        "A=1",
        "Rossi - Bianchi",
    ]


@pytest.mark.django_db
def test_the_file_holds_what_the_directory_shows(client: Client) -> None:
    """The same words and filters, the whole answer, in the page's language, for Italian Excel."""
    owner = OrganisationFactory(name="=Azienda; srl", slug="azienda", website="https://example.org")
    KindFactory(organisation=owner)
    SeatFactory(profile=owner, is_main=True)
    UnitFactory(
        name="Laboratorio Ü",
        slug="laboratorio",
        organisation=owner,
        acronym="LÜ",
        confirmed_at=datetime(2026, 1, 2, 12, tzinfo=UTC),
        due_date=datetime(2999, 1, 2, tzinfo=UTC).date(),
        source="Sito",
        standing="partly",
    )
    OrganisationFactory(name="Nascosta", visibility="hidden")
    index_all()
    response = client.get("/it/directory/export/")
    text = response.content.decode("utf-8")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    day = timezone.localdate().isoformat()
    assert response["Content-Disposition"] == f'attachment; filename="trebbo-elenco-{day}.csv"'
    assert text.startswith("\ufeff" + HEADING)
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))[1:]
    assert rows == [
        ["'=Azienda; srl", "", "Organizzazione", "Piccola o media impresa", "", "",
         "Mirandola (MO)", "https://example.org", "Mai confermato", "", "Verificato", "",
         "http://testserver/it/organisations/azienda/"],
        ["Laboratorio Ü", "LÜ", "Unità", "Laboratorio", "'=Azienda; srl", "", "", "",
         "Confermato", "2026-01-02", "Verificato in parte", "Sito",
         "http://testserver/it/units/laboratorio/"],
    ]  # fmt: skip
    narrowed = client.get("/en/directory/export/?type=unit").content.decode("utf-8")
    assert [line.split(";")[0] for line in narrowed.splitlines()] == [
        "\ufeffName",
        "Laboratorio Ü",
    ]
