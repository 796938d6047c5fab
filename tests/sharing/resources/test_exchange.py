"""Resources in and out: tables with bad rows, prices with a comma, formulas; CERIF both ways."""

import csv
import io
import json
import zipfile
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree as ET

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone, translation
from playwright.sync_api import Page, expect

from tests.factories.accounts import MandateFactory, PersonFactory
from tests.factories.organisations import (
    ConceptFactory,
    MunicipalityFactory,
    OrganisationFactory,
    ProvinceFactory,
    SchemeFactory,
    person,
)
from tests.factories.resources import PriceFactory, ResourceFactory
from trebbo.ecosystem.accounts.models import Person
from trebbo.ecosystem.organisations.models import Organisation
from trebbo.kernel.access import Viewer, visitor
from trebbo.kernel.models import AuditLine
from trebbo.sharing.resources import exporters, importers
from trebbo.sharing.resources.actions import ResourceRefused
from trebbo.sharing.resources.importers import RowOutcome, import_equipment, import_resources
from trebbo.sharing.resources.importers.cells import amount_of
from trebbo.sharing.resources.models import Price, Resource
from trebbo.sharing.resources.queries import COLUMNS, exported_resources

pytestmark = pytest.mark.django_db
CERIF = "{https://www.openaire.eu/cerif-profile/1.2/}"
HEAD = "profile,kind,name_it,identifier,price_member\n"


@pytest.fixture(autouse=True)
def _english() -> None:
    translation.activate("en")


@pytest.fixture
def lab() -> Organisation:
    """A laboratory."""
    body: Organisation = OrganisationFactory(slug="lab", name="Laboratorio")
    return body


@pytest.fixture
def owner(lab: Organisation) -> Viewer:
    """Who acts for it, now."""
    return person(now=timezone.now(), mandates={lab.pk: frozenset({"editor"})})


def read(owner: Viewer, table: str | bytes, *, write: bool = True) -> list[RowOutcome]:
    """What came of each row."""
    data = table.encode() if isinstance(table, str) else table
    return import_resources(actor=owner, data=data, write=write)


def test_what_fits_is_written_whatever_the_rest(owner: Viewer, lab: Organisation) -> None:
    OrganisationFactory(slug="other")
    rows = (
        'lab,equipment,Microscopio,10.1234/a,"40,00"\n'
        'lab,Service,Analisi,,"1.250,50 / day / plus"\n'
        "other,equipment,Altrui,,\nnobody,equipment,Nessuno,,\nlab,machine,Cosa,,\n"
        'lab,equipment,,,\nlab,equipment,Caro,,"quaranta"\nlab,equipment,Doppio,,1.234\n\n'
        "lab,equipment,Negativo,,-5\n"
    )
    outcomes = read(owner, HEAD + rows)
    assert [(one.line, one.fits) for one in outcomes] == [
        *((line, True) for line in (2, 3)),
        *((line, False) for line in (4, 5, 6, 7, 8, 9, 11)),
    ]
    assert all(one.words for one in outcomes)
    assert set(Resource.objects.values_list("name_it", "kind")) == {
        ("Microscopio", "equipment"),
        ("Analisi", "service"),
    }
    assert set(Price.objects.values_list("user_class", "unit", "amount", "vat")) == {
        ("member", "hour", Decimal("40.00"), "plus"),
        ("member", "day", Decimal("1250.50"), "plus"),
    }
    verbs = set(AuditLine.objects.values_list("verb", flat=True))
    assert verbs == {"add_resource", "set_prices", "import_resources"}


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"lead_days": "soon"}, "lead_days"),
        ({"commissioned_date": "yesterday"}, "commissioned_date"),
        ({"is_bookable": "perhaps"}, "is_bookable"),
        ({"municipality": "Atlantide"}, "municipality"),
        ({"fields": "alchemy"}, "fields"),
        ({"visibility": "everybody else"}, "visibility"),
        ({"price_member": "40 / fortnight"}, "price_member"),
        ({"price_member": "40 / hour / some"}, "price_member"),
        ({"price_member": "40 / hour / plus / more"}, "price_member"),
        ({"longest_minutes": "50"}, "longest_minutes"),
        ({"shortest_minutes": "480", "longest_minutes": "60"}, "longest_minutes"),
        ({"contact": "not an address"}, "contact"),
        ({"landing_page": "ftp://x"}, "landing_page"),
        ({"kind": "dataset", "is_bookable": "yes"}, "is_bookable"),
        ({"number": "999999"}, "number"),
        ({"timezone": "Europe/Nowhere"}, "timezone"),
        ({"late_fee_percent": "101"}, "late_fee_percent"),
        ({"commissioned_date": "2024-05-01", "decommissioned_date": "01/04/2024"}, "two dates"),
        ({"name_it": "a" * 301}, "name_it"),
    ],
)
def test_each_bad_cell_has_words(owner: Viewer, cells: dict[str, str], said: str) -> None:
    row = {"profile": "lab", "kind": "equipment", "name_it": "Microscopio", **cells}
    file = io.StringIO()
    writer = csv.DictWriter(file, list(row))
    writer.writeheader()
    writer.writerow(row)
    [outcome] = read(owner, file.getvalue())
    assert not outcome.fits
    assert said in outcome.words
    assert not Resource.objects.exists()


def test_an_identifier_is_for_one(owner: Viewer) -> None:
    ResourceFactory(identifier="10.1234/a")
    [outcome] = read(owner, f"{HEAD}lab,equipment,Microscopio,10.1234/a,\n")
    assert not outcome.fits
    assert "identifier" in outcome.words


def test_checking_writes_nothing(owner: Viewer) -> None:
    [outcome] = read(owner, f"{HEAD}lab,equipment,Microscopio,,\n", write=False)
    assert outcome.fits
    assert not Resource.objects.exists()
    assert not AuditLine.objects.exists()


def test_a_row_changes_what_it_means_and_only_what_it_has_columns_for(
    owner: Viewer, lab: Organisation
) -> None:
    by_number = ResourceFactory(profile=lab, name_it="Uno", name_en="One", room="B 12")
    ResourceFactory(profile=lab, identifier="10.1234/b", room="B 13")
    other = ResourceFactory(name_it="Altrui")
    table = (
        "profile,kind,number,identifier,name_it\n"
        f"lab,equipment,{by_number.pk},,Primo\nlab,equipment,,https://doi.org/10.1234/b,Secondo\n"
        f"lab,equipment,{other.pk},,Preso\n"
    )
    assert [one.fits for one in read(owner, table)] == [True, True, False]
    found = Resource.objects.order_by("pk").values_list("name_it", "room", "version")
    assert list(found) == [("Primo", "B 12", 2), ("Secondo", "B 13", 2), ("Altrui", "", 1)]
    assert [one.words for one in read(owner, table)][:2] == ["says nothing new"] * 2
    assert Resource.objects.filter(version=2).count() == 2


@pytest.fixture
def full(lab: Organisation) -> Resource:
    """An instrument of which everything is said."""
    town = MunicipalityFactory()
    resource: Resource = ResourceFactory(
        profile=lab,
        name_it="Microscopio; «elettronico», è",
        name_en='A "microscope"',
        description_it="Prima riga\nseconda riga",
        description_en="First line",
        measurements_it="Spessori",
        measurements_en="Thickness",
        standards="ISO 16700",
        municipality=town,
        room="=B12",
        operation="assisted",
        terms_it="Su richiesta",
        contact="lab@trebbo.example",
        lead_days=3,
        identifier="10.1234/a",
        landing_page="https://lab.example/m",
        manufacturer="+Maker",
        model_name="@M1",
        serial_number="-7",
        commissioned_date="2024-05-01",
        is_publicly_funded=True,
        fund="PR FESR",
        quota_hours=12,
    )
    resource.fields.add(ConceptFactory(code="23.5", scheme=SchemeFactory(code="euroscivoc")))
    PriceFactory(resource=resource, amount=Decimal("1234.50"))
    PriceFactory(resource=resource, user_class="external", unit="day", amount=Decimal(0))
    return resource


def told(resource: Resource) -> dict[str, Any]:
    """All that is kept of a resource, with its fields and prices."""
    left_out = {
        "id",
        "_state",
        "_prefetched_objects_cache",
        "prices_today",
        "version",
        "created_at",
        "changed_at",
        "words",
        "identifier",
    }
    kept = {name: value for name, value in vars(resource).items() if name not in left_out}
    prices = resource.prices.order_by("unit").values_list("user_class", "unit", "amount", "vat")
    return {**kept, "fields": list(resource.fields.all()), "prices": list(prices)}


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_what_went_out_comes_back_the_same(owner: Viewer, full: Resource, ending: str) -> None:
    rows = exported_resources(viewer=owner)
    data = exporters.resources_csv(rows) if ending == "csv" else exporters.resources_xlsx(rows)
    full.refresh_from_db()
    before = told(full)
    [outcome] = read(owner, data)
    assert (outcome.fits, outcome.words) == (True, "says nothing new")
    # And where it is not known yet, it becomes the same again.
    table = list(csv.reader(io.StringIO(exporters.resources_csv(rows).decode("utf-8-sig"))))
    table[1][COLUMNS.index("number")] = ""
    table[1][COLUMNS.index("identifier")] = ""
    file = io.StringIO()
    csv.writer(file).writerows(table)
    [outcome] = read(owner, file.getvalue())
    assert outcome.words == "is added"
    assert told(Resource.objects.latest("pk")) == before


def test_no_text_becomes_a_formula(owner: Viewer, full: Resource) -> None:
    rows = exported_resources(viewer=owner)
    table = list(csv.reader(io.StringIO(exporters.resources_csv(rows).decode("utf-8-sig"))))
    row = dict(zip(table[0], table[1], strict=True))
    assert [row[name] for name in ("room", "manufacturer", "model_name", "serial_number")] == [
        *("'=B12", "'+Maker", "'@M1", "'-7"),
    ]
    sheet = openpyxl.load_workbook(io.BytesIO(exporters.resources_xlsx(rows))).worksheets[0]
    assert {cell.data_type for line in sheet.iter_rows() for cell in line} <= {"s", "n"}
    assert sheet.cell(2, COLUMNS.index("room") + 1).value == "=B12"


def test_the_template_is_a_table_that_fits(owner: Viewer, lab: Organisation) -> None:
    province = ProvinceFactory(code="BO", istat_code="037", name_it="Bologna")
    MunicipalityFactory(istat_code="037006", name="Bologna", province=province)
    for data in (exporters.template_csv(), exporters.template_xlsx()):
        [outcome] = read(owner, data, write=False)
        assert outcome.words == "No profile has this address."
    text = exporters.template_csv().decode("utf-8-sig").replace("example-laboratory", "lab")
    [outcome] = read(owner, text)
    assert outcome.fits, outcome.words
    assert Price.objects.count() == 3


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        *(("40", "40"), ("40,5", "40.5"), ("40.50", "40.50"), ("1.234,50", "1234.50")),
        *(("1,234.50", "1234.50"), ("€ 40,00", "40.00"), ("1 250,00", "1250.00"), ("0", "0")),
    ],
)
def test_amounts_with_commas_and_points(typed: str, amount: str) -> None:
    assert amount_of(typed) == Decimal(amount)


@pytest.mark.parametrize("typed", ["", "1.234", "1,234", "-4", "4,005", "1e5", "NaN", "١٢", "4,,5"])
def test_what_is_no_amount(typed: str) -> None:
    with pytest.raises(ResourceRefused):
        amount_of(typed)


def archive(**parts: bytes) -> bytes:
    """A ZIP file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return file.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"\x00\x01", b"a,b\n1,2\n", b"x" * 5_000_001, b'profile,kind\n"lab\n'),
        *(b"PK\x03\x04nonsense", archive(a=b"b"), archive(a=b"0" * 60_000_000)),
        archive(**{"xl/workbook.xml": b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"}),
        (HEAD + "lab,equipment,A,,\n" * 1_001).encode(),
        (HEAD + "lab,equipment," + "a" * 20_001).encode(),
    ],
)
def test_what_is_no_table_is_refused(owner: Viewer, data: bytes) -> None:
    with pytest.raises(ResourceRefused):
        read(owner, data)
    assert not Resource.objects.exists()


def test_everybody_takes_out_what_they_may_see(lab: Organisation, owner: Viewer) -> None:
    ResourceFactory(profile=lab, name_en="Open")
    ResourceFactory(profile=lab, name_en="Hidden", visibility="private")
    ResourceFactory(name_en="Gone", withdrawn_at=timezone.now())
    assert [one.resource.name_en for one in exported_resources(viewer=visitor())] == ["Open"]
    assert [one.resource.name_en for one in exported_resources(viewer=owner)] == ["Open", "Hidden"]
    assert exported_resources(viewer=owner, profile_slug="nobody") == []


# --- CERIF


def test_equipment_goes_out_as_the_profile_says(owner: Viewer, full: Resource) -> None:
    ResourceFactory(kind="service")
    data = exporters.equipment_xml(exported_resources(viewer=owner), timezone.now())
    root = ET.fromstring(data)
    assert root.tag == "{http://www.openarchives.org/OAI/2.0/}OAI-PMH"
    [equipment] = root.iter(f"{CERIF}Equipment")
    assert equipment.get("id") == f"Equipments/{full.pk}"
    # The sequence of the schema: names, identifiers, descriptions, owner.
    assert [one.tag.removeprefix(CERIF) for one in equipment] == [
        *("Name", "Name", "Identifier", "Identifier", "Identifier", "Identifier"),
        *("Description", "Description", "Owner"),
    ]
    language = "{http://www.w3.org/XML/1998/namespace}lang"
    assert [one.get(language) for one in equipment.findall(f"{CERIF}Name")] == ["it", "en"]
    assert all(one.get("type") for one in equipment.findall(f"{CERIF}Identifier"))
    unit = equipment.find(f"{CERIF}Owner/{CERIF}OrgUnit")
    assert unit is not None
    assert [one.tag.removeprefix(CERIF) for one in unit][:2] == ["Name", "Identifier"]


def test_equipment_comes_back_the_same(owner: Viewer, full: Resource) -> None:
    data = exporters.equipment_xml(exported_resources(viewer=owner), timezone.now())
    full.refresh_from_db()
    before = told(full)
    [outcome] = bring(owner, data)
    assert outcome.words == "says nothing new"
    full.refresh_from_db()
    assert told(full) == before
    full.prices.all().delete()
    full.delete()
    elsewhere = data.replace(b"http://localhost:8000/resources/", b"https://other.example/r/")
    [outcome] = bring(owner, elsewhere)
    assert outcome.words == "is added"
    again = Resource.objects.get()
    for name in ("name_it", "name_en", "description_it", "description_en", "serial_number"):
        assert getattr(again, name) == before[name]
    assert (again.identifier, again.landing_page) == ("10.1234/a", "https://lab.example/m")
    assert [one.words for one in bring(owner, elsewhere)] == ["says nothing new"]


def bring(owner: Viewer, data: bytes, *, write: bool = True) -> list[RowOutcome]:
    """What came of the equipment of a file, for the laboratory."""
    return import_equipment(actor=owner, data=data, profile_slug="lab", write=write)


def test_equipment_of_another_system_is_known_again(owner: Viewer) -> None:
    """As in the example of the guidelines, version 1.1 and 1.2."""
    for version in ("1.1", "1.2"):
        data = (
            '<?xml version="1.0" encoding="UTF-8"?><records><Equipment '
            f'xmlns="https://www.openaire.eu/cerif-profile/{version}/" id="82394874">'
            '<Name xml:lang="de">Flugzeug</Name><Identifier type="Inventory">9/1999</Identifier>'
            f'<Description xml:lang="en">Version {version}</Description></Equipment></records>'
        )
        assert [one.fits for one in bring(owner, data.encode())] == [True]
    resource = Resource.objects.get()
    assert (resource.name_en, resource.description_en) == ("Flugzeug", "Version 1.2")
    assert (resource.source, resource.kind) == ("OpenAIRE CERIF: 82394874", "equipment")


BOMB = b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "x"><!ENTITY c "&b;&b;&b;">]>
<Equipment xmlns="https://www.openaire.eu/cerif-profile/1.2/"><Name>&c;</Name></Equipment>"""


@pytest.mark.parametrize(
    "data",
    [
        *(b"<", b"<a/>", b"<a>", b"", b"<?xml version='1.0' encoding='nonsense'?><a/>", BOMB),
        BOMB.replace(b'<!ENTITY b "x">', b'<!ENTITY b SYSTEM "file:///etc/hostname">'),
        b"<!DOCTYPE a SYSTEM 'http://127.0.0.1/a.dtd'><a/>",
        b"<a>" * 100_000,
        b"<a>" * 51 + b"</a>" * 51,
        b"<a>" + b" " * 5_000_000 + b"</a>",
        b"<a xmlns='https://www.openaire.eu/cerif-profile/1.2/'>"
        + b"<Equipment/>" * 1_001
        + b"</a>",
    ],
)
def test_xml_that_is_not_taken(owner: Viewer, data: bytes) -> None:
    with pytest.raises(ResourceRefused):
        bring(owner, data)
    assert not Resource.objects.exists()


def test_equipment_without_a_name_is_told(owner: Viewer) -> None:
    [outcome] = bring(owner, b'<Equipment xmlns="https://www.openaire.eu/cerif-profile/1.2/"/>')
    assert not outcome.fits
    assert outcome.words


def test_instruments_have_the_properties_of_pidinst(owner: Viewer, full: Resource) -> None:
    rows = exported_resources(viewer=owner)
    [instrument] = json.loads(exporters.pidinst_json(rows))
    assert instrument["Identifier"] == {"identifierValue": "10.1234/a", "identifierType": "DOI"}
    assert instrument["Date"] == [{"dateValue": "2024-05-01", "dateType": "Commissioned"}]
    assert instrument["Owner"][0]["ownerName"] == "Laboratorio"


# --- Pages


@pytest.mark.parametrize("ending", ["csv", "xlsx", "xml", "json"])
def test_files_are_there_for_everybody(client: Client, full: Resource, ending: str) -> None:
    answer = client.get(f"/en/resources/export.{ending}?profile=lab")
    assert answer.status_code == 200
    assert "attachment" in answer["Content-Disposition"]


def test_other_files_are_not_there(client: Client) -> None:
    assert client.get("/en/resources/export.exe").status_code == 404
    assert client.get("/en/resources/template.xml").status_code == 404
    assert client.get("/en/resources/template.xlsx").status_code == 200
    assert client.get("/en/resources/exchange/").status_code == 302


def test_a_table_is_checked_and_taken_in_on_the_page(
    sign_in: Callable[[Person], Client], lab: Organisation
) -> None:
    client, page = sign_in(MandateFactory(profile=lab).person), "/en/resources/exchange/"

    def post(data: bytes, **more: str) -> Any:
        return client.post(page, {"file": SimpleUploadedFile("a", data), **more})

    table = f"{HEAD}lab,equipment,Microscopio,,\nnobody,equipment,X,,\n".encode()
    assert "nothing was written" in post(table).content.decode()
    assert not Resource.objects.exists()
    assert "No profile has this address" in post(table, write="1").content.decode()
    assert Resource.objects.get().name_it == "Microscopio"
    xml = (
        b'<Equipment xmlns="https://www.openaire.eu/cerif-profile/1.2/"><Name>A</Name></Equipment>'
    )
    assert post(xml, write="1").status_code == 400
    assert post(xml, write="1", owner="lab").status_code == 200
    assert Resource.objects.count() == 2
    assert post(b"nonsense").status_code == 400
    assert post(b"").status_code == 400
    assert post(b"x" * 6_000_000).status_code == 413


def test_who_looks_after_nobody_can_take_out_only(sign_in: Callable[[Person], Client]) -> None:
    page = sign_in(PersonFactory()).get("/en/resources/exchange/").content.decode()
    assert "You look after no organisation" in page
    assert 'type="file"' not in page


@pytest.mark.browser
@pytest.mark.usefixtures("quiet_page")
@pytest.mark.parametrize("language", ["it", "en"])
def test_a_table_is_taken_in_in_the_browser(
    sign_in_browser: Callable[[Person], Page],
    live_server: object,
    assert_accessible: Callable[[Page], None],
    pictures: object,
    language: str,
) -> None:
    lab = OrganisationFactory(slug="lab")
    page = sign_in_browser(MandateFactory(profile=lab).person)
    page.goto(f"{live_server}/{language}/resources/exchange/")
    table = f"{HEAD}lab,equipment,Microscopio,,\nnobody,equipment,X,,\n".encode()
    file = {"name": "a.csv", "mimeType": "text/csv", "buffer": table}
    page.locator("[name=file]").set_input_files(file)  # type: ignore[arg-type]
    page.locator("button[name=write]").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert_accessible(page)
        page.screenshot(path=f"{pictures}/exchange-{language}-{width}.png", full_page=True)
    assert importers.LARGEST_TABLE == 5_000_000
