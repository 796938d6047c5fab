"""The pages of the imports: who opens them, uploading, progress, buttons, the report."""

import csv
import gzip
import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page

from tests.ecosystem.evidence.importing import edition
from tests.factories.accounts import ClusterRoleFactory, MandateFactory, PersonFactory
from tests.factories.evidence import ImportFactory
from tests.factories.official import CordisFile, cordis_file
from trebbo.ecosystem.accounts.models import Person
from trebbo.ecosystem.evidence.choices import ImportStage, ImportState
from trebbo.ecosystem.evidence.models import FundedProject, Import

pytestmark = pytest.mark.django_db

SignIn = Callable[[Person], Client]


@pytest.fixture(autouse=True)
def _own_folders(settings: Any, tmp_path: Path) -> None:
    settings.WAREHOUSE_FOLDER = tmp_path / "warehouse"
    settings.IMPORTS_FOLDER = tmp_path / "imports"


@pytest.fixture
def office(sign_in: SignIn) -> Client:
    """Somebody of a cluster's office, signed in."""
    return sign_in(ClusterRoleFactory().person)


@pytest.fixture
def first() -> CordisFile:
    """Three projects, one without participants, one row with a formula for a key."""
    made = cordis_file(3)
    made.organisations = [row for row in made.organisations if row["projectID"] != "101000003"]
    made.organisations.append({**made.organisations[0], "projectID": "=1+1"})
    return made


def _upload(client: Client, path: Path) -> Any:
    content = SimpleUploadedFile(path.name, path.read_bytes(), "application/zip")
    return client.post("/it/evidence/imports/", {"file": content})


def _waiting(**values: Any) -> Import:
    imported: Import = ImportFactory(is_present=False, finished_at=None, **values)
    return imported


def test_only_offices_open_them(client: Client, sign_in: SignIn) -> None:
    """A visitor is led to the sign-in; members and others are refused; posts as well."""
    imported = ImportFactory()
    pages = ["", f"{imported.pk}/", f"{imported.pk}/progress/", f"{imported.pk}/report/"]
    for page in pages:
        assert client.get(f"/it/evidence/imports/{page}").status_code == 302
    for person in (PersonFactory(), MandateFactory().person):
        for page in pages:
            assert sign_in(person).get(f"/it/evidence/imports/{page}").status_code == 403
        for act in ("stop", "resume", "forget"):
            address = f"/it/evidence/imports/{imported.pk}/{act}/"
            assert sign_in(person).post(address).status_code == 403
    assert Import.objects.get() == imported


def test_the_navigation_leads_there(office: Client) -> None:
    """An entry for offices, beside the audit trail."""
    page = office.get("/it/").content.decode()
    assert 'href="/it/evidence/imports/"' in page


def test_an_upload_is_imported(
    office: Client,
    first: CordisFile,
    tmp_path: Path,
    django_capture_on_commit_callbacks: Any,
) -> None:
    """The file is moved, put in line, carried out by the worker; the page tells what it brought."""
    with django_capture_on_commit_callbacks(execute=True):
        answer = _upload(office, edition(first, tmp_path))
    imported = Import.objects.get()
    assert answer["Location"] == f"/it/evidence/imports/{imported.pk}/"
    assert imported.state == ImportState.PUBLISHED, imported.problem
    assert FundedProject.objects.count() == 3
    page = office.get(answer["Location"]).content.decode()
    assert "CORDIS, Publications Office of the EU" in page
    assert "Prime righe del resoconto" in page
    assert "segnalata: un progetto senza partecipanti: 1" in page
    files = {path.name for path in (tmp_path / "imports" / str(imported.pk)).iterdir()}
    assert files == {"report.it.csv.gz", "report.en.csv.gz"}, (
        "the file itself is not needed any more"
    )


def test_the_report_is_whole_and_harmless(
    office: Client,
    first: CordisFile,
    tmp_path: Path,
    django_capture_on_commit_callbacks: Any,
) -> None:
    """Row by row, in the person's language; no cell is taken for a formula."""
    with django_capture_on_commit_callbacks(execute=True):
        _upload(office, edition(first, tmp_path))
    imported = Import.objects.get()
    answer = office.get(f"/it/evidence/imports/{imported.pk}/report/")
    packed = b"".join(answer.streaming_content)
    assert "attachment" in answer["Content-Disposition"]
    lines = list(csv.reader(io.StringIO(gzip.decompress(packed).decode("utf-8-sig"))))
    assert lines[0] == ["Riguarda", "Scheda ufficiale", "Dove", "Che cosa", "Valore", "Probabilità"]
    strays = [line for line in lines if line[3] == "esclusa: il suo progetto non è nel file"]
    rows = [line for line in strays if line[0] == "Riga"]
    assert len(rows) == 1
    assert any("'=1+1" in cell for cell in rows[0])
    assert not [cell for line in lines for cell in line if cell.startswith(("=", "+", "-", "@"))]
    assert [line[1] for line in lines if line[0] == "Riga" and "senza partecipanti" in line[3]] == [
        "101000003"
    ]


def test_a_bad_file_is_told_on_its_page(
    office: Client, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    """In words, with a button to remove it; nothing else stays."""
    path = tmp_path / "cordis.zip"
    path.write_bytes(b"PK\x03\x04 cut off")
    with django_capture_on_commit_callbacks(execute=True):
        answer = _upload(office, path)
    imported = Import.objects.get()
    page = office.get(answer["Location"]).content.decode()
    assert (imported.state, imported.problem) == (ImportState.FAILED, "truncated")
    assert "è danneggiato o incompleto" in page
    office.post(f"/it/evidence/imports/{imported.pk}/forget/")
    assert not Import.objects.exists()
    assert not any((tmp_path / "imports").iterdir())


def test_an_upload_without_a_file(office: Client) -> None:
    """The form says so."""
    answer = office.post("/it/evidence/imports/", {})
    assert (answer.status_code, Import.objects.count()) == (400, 0)
    assert "Prima va scelto il file." in answer.content.decode()


def test_progress_is_live(office: Client) -> None:
    """A part that asks again every two seconds; once it is over, the whole page comes again."""
    imported = _waiting(
        state=ImportState.RUNNING,
        stage=ImportStage.READ,
        done=30,
        total=40,
        seen_at=timezone.now(),
        process="elsewhere:1:x",
    )
    address = f"/it/evidence/imports/{imported.pk}/progress/"
    part = office.get(address, headers={"HX-Request": "true"}).content.decode()
    assert 'value="75"' in part
    assert 'hx-trigger="every 2s"' in part
    assert "segno di vita" not in part
    Import.objects.update(seen_at=timezone.now() - timedelta(seconds=90))
    assert "segno di vita" in office.get(address).content.decode()
    Import.objects.update(state=ImportState.PUBLISHED)
    assert office.get(address, headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    assert office.get(address)["Location"] == f"/it/evidence/imports/{imported.pk}/"


def test_stop_and_resume(
    office: Client, first: CordisFile, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    """One that waits stops at once; resumed, it is carried out."""
    _upload(office, edition(first, tmp_path))
    imported = Import.objects.get()
    here = f"/it/evidence/imports/{imported.pk}/"
    page = office.post(f"{here}stop/", follow=True).content.decode()
    assert "Riprendi" in page
    imported.refresh_from_db()
    assert imported.state == ImportState.STOPPED
    assert "non è in corso" in office.post(f"{here}stop/").content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        office.post(f"{here}resume/")
    imported.refresh_from_db()
    assert imported.state == ImportState.PUBLISHED
    assert office.post(f"{here}resume/").status_code == 400
    assert office.post(f"{here}forget/").status_code == 400


def test_the_same_number_of_queries(office: Client) -> None:
    """At one row and at three, and no more than twelve."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert office.get("/it/evidence/imports/").status_code == 200
        return len(queries)

    ImportFactory(is_present=True)
    office.get("/it/evidence/imports/")
    one = count()
    ImportFactory(state=ImportState.FAILED, problem="empty", problem_facts={"file": "x.zip"})
    ImportFactory(dataset="esco", state=ImportState.STOPPED)
    three = count()
    # The name of a vocabulary is one question more, however many there are.
    assert (three - one, three <= 12) == (1, True)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [375, 1280])
def test_pages_are_accessible(  # noqa: PLR0917 - fixtures, by name
    quiet_page: Page,
    live_server: Any,
    sign_in_browser: Callable[[Person], Page],
    assert_accessible: Callable[[Page], None],
    pictures: Path,
    width: int,
) -> None:
    """List, an import under way, a failed one, a published one: on a phone and on a desk."""
    counts = {
        "members": [["project.csv", 3, 3, 0]],
        "reasons": {"repeated": 2},
        "tables": {"project": {"added": 3, "changed": 1, "gone": 0}},
        "links": {"made": 4, "proposed": 2},
    }
    published = ImportFactory(is_present=True, counts=counts)
    running = _waiting(
        dataset="ror",
        state=ImportState.RUNNING,
        stage="check",
        done=1,
        total=4,
        seen_at=timezone.now(),
        process="elsewhere:1:x",
    )
    failed = _waiting(
        dataset="opencoesione",
        state=ImportState.FAILED,
        problem="wrong_delimiter",
        problem_facts={"member": "progetti.csv", "found": "comma", "expected": "semicolon"},
    )
    page = sign_in_browser(ClusterRoleFactory().person)
    page.set_viewport_size({"width": width, "height": 900})
    for name, address in {
        "list": "",
        "published": f"{published.pk}/",
        "running": f"{running.pk}/",
        "failed": f"{failed.pk}/",
    }.items():
        page.goto(f"{live_server.url}/it/evidence/imports/{address}")
        assert_accessible(page)
        overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert overflow <= 0, name
        page.screenshot(path=pictures / f"imports-{name}-{width}.png", full_page=True)
