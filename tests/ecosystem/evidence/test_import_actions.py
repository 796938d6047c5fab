"""Starting, stopping, resuming and forgetting imports; files that cannot be taken in."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from tests.ecosystem.evidence.importing import bring_in, edition, everything
from tests.factories.accounts import ClusterRoleFactory, MandateFactory, acting
from tests.factories.evidence import ImportFactory
from tests.factories.official import CordisFile, cordis_file
from trebbo.ecosystem.evidence import actions
from trebbo.ecosystem.evidence.choices import Dataset, ImportStage, ImportState
from trebbo.ecosystem.evidence.gateway import warehouse
from trebbo.ecosystem.evidence.models import FundedProject, Import, Participation
from trebbo.kernel.access import installation, visitor
from trebbo.kernel.errors import NotAllowed
from trebbo.kernel.models import AuditLine

pytestmark = pytest.mark.django_db

NOTHING: dict[str, list[Any]] = {"projects": [], "bodies": [], "parts": [], "fields": []}


@pytest.fixture(autouse=True)
def _own_folders(settings: Any, tmp_path: Path) -> None:
    settings.WAREHOUSE_FOLDER = tmp_path / "warehouse"
    settings.IMPORTS_FOLDER = tmp_path / "imports"


@pytest.fixture
def first() -> CordisFile:
    """Three projects with three participants each."""
    return cordis_file(3)


def _refused(path: Path) -> Import:
    """What is left of an import that was refused: its row, and nothing that shows."""
    with pytest.raises(actions.ImportRefused) as refusal:
        bring_in(path)
    imported = Import.objects.latest("pk")
    assert imported.state == ImportState.FAILED
    assert not imported.is_present
    assert everything() == NOTHING
    imported.words = refusal.value.message  # type: ignore[attr-defined]
    return imported


# --- Who may.


def test_who_may_start(first: CordisFile, tmp_path: Path) -> None:
    """Offices and the installation; a member and a visitor are told why not, nothing is kept."""
    path = edition(first, tmp_path)
    for actor in (visitor(), acting(MandateFactory().person)):
        with pytest.raises(NotAllowed, match="Solo"):
            actions.start_import(actor=actor, file_name=path.name, path=path)
    assert not Import.objects.exists()
    manager = acting(ClusterRoleFactory().person)
    started = actions.start_import(actor=manager, file_name=path.name, path=path)
    assert (started.asked_by_id, started.state) == (manager.person_id, ImportState.WAITING)
    for act in (actions.stop_import, actions.resume_import, actions.forget_import):
        with pytest.raises(NotAllowed):
            act(actor=visitor(), import_id=started.pk)  # type: ignore[operator]


def test_a_vocabulary_is_the_agencys_to_import(tmp_path: Path) -> None:
    """A cluster's manager is told so, and the file that was sent is not kept."""
    path = tmp_path / "nace.csv"
    path.write_text(
        "Order,Level,Code,Parent,Description\n1,1,A,,AGRICULTURE\n2,2,01,A,Crops\n", "utf-8"
    )
    from trebbo.ecosystem.vocabularies.actions import recognise_vocabulary

    if not recognise_vocabulary(path):
        pytest.fail("the file should be recognised as NACE")
    content = SimpleUploadedFile("nace.csv", path.read_bytes())
    manager = acting(ClusterRoleFactory().person)
    with pytest.raises(NotAllowed):
        actions.start_import(actor=manager, file_name="nace.csv", content=content)
    assert not Import.objects.exists()
    assert not any((tmp_path / "imports").glob("*/*"))


# --- Idempotence, order of editions.


def test_the_same_file_again_changes_nothing(first: CordisFile, tmp_path: Path) -> None:
    """The second import of the very same bytes says so at once and touches no row."""
    path = edition(first, tmp_path)
    present = bring_in(path)
    before = everything()
    again = bring_in(path)
    assert (again.state, again.dataset) == (ImportState.UNCHANGED, Dataset.CORDIS_HORIZON)
    assert everything() == before
    assert list(Import.objects.filter(is_present=True)) == [present]
    assert not actions.forget_import(actor=installation(), import_id=again.pk)


def test_an_older_edition_is_refused_unless_allowed(first: CordisFile, tmp_path: Path) -> None:
    """It is told of which day both are; allowed, it takes the place of the newer one."""
    bring_in(edition(first, tmp_path, 7))
    first.projects[0]["title"] = "As it was"
    older = edition(first, tmp_path, 6)
    with pytest.raises(actions.ImportRefused, match=r"2025-12-06.*2025-12-07"):
        bring_in(older)
    assert not FundedProject.objects.filter(title="As it was").exists()
    assert bring_in(older, allow_older=True).is_present
    assert FundedProject.objects.filter(title="As it was").count() == 1


# --- Stopping and resuming.


@pytest.mark.parametrize("stage", [ImportStage.READ, ImportStage.CHECK, ImportStage.PUBLISH])
def test_stopped_and_resumed(first: CordisFile, tmp_path: Path, stage: ImportStage) -> None:
    """Nothing is visible while it is stopped; resumed, the result is that of an undisturbed one."""
    path = edition(first, tmp_path)
    started = actions.start_import(actor=installation(), file_name=path.name, path=path)

    def stop(now: ImportStage, _done: int, _total: int, _member: str) -> None:
        if now == stage:
            raise actions.ImportInterrupted

    stopped = actions.carry_out_import(actor=installation(), import_id=started.pk, on_progress=stop)
    assert stopped.state == ImportState.STOPPED
    assert everything() == NOTHING
    actions.resume_import(actor=installation(), import_id=started.pk)
    done = actions.carry_out_import(actor=installation(), import_id=started.pk)
    assert (done.state, FundedProject.objects.count()) == (ImportState.PUBLISHED, 3)
    assert Participation.objects.count() == 9


def test_asking_to_stop(first: CordisFile, tmp_path: Path) -> None:
    """Somebody else's wish is heeded at the next step."""
    path = edition(first, tmp_path)
    started = actions.start_import(actor=installation(), file_name=path.name, path=path)

    def ask(now: ImportStage, _done: int, _total: int, _member: str) -> None:
        if now == ImportStage.READ:
            actions.stop_import(actor=installation(), import_id=started.pk)

    stopped = actions.carry_out_import(actor=installation(), import_id=started.pk, on_progress=ask)
    assert (stopped.state, stopped.stop_asked) == (ImportState.STOPPED, False)
    assert everything() == NOTHING
    verbs = AuditLine.objects.filter(subject_id=started.pk).order_by("pk")
    assert [line.verb for line in verbs] == ["start_import", "stop_import"]


def test_a_file_that_changed_meanwhile(first: CordisFile, tmp_path: Path) -> None:
    """A resumed import is of the file with which it began, or it is refused."""
    path = edition(first, tmp_path)
    started = actions.start_import(actor=installation(), file_name=path.name, path=path)

    def stop(now: ImportStage, _done: int, _total: int, _member: str) -> None:
        if now == ImportStage.CHECK:
            raise actions.ImportInterrupted

    actions.carry_out_import(actor=installation(), import_id=started.pk, on_progress=stop)
    first.projects[0]["title"] = "Another"
    edition(first, tmp_path)
    with pytest.raises(actions.ImportRefused, match="non è più il file"):
        actions.carry_out_import(actor=installation(), import_id=started.pk)


def _running(**values: Any) -> Import:
    imported: Import = ImportFactory(
        state=ImportState.RUNNING, is_present=False, seen_at=timezone.now(), **values
    )
    return imported


def test_one_import_of_a_dataset_at_a_time(first: CordisFile, tmp_path: Path) -> None:
    """The second is told; the first is not disturbed."""
    other = _running(process=f"elsewhere:{os.getpid()}:x")
    with pytest.raises(actions.ImportRefused, match="altro processo"):
        bring_in(edition(first, tmp_path))
    other.refresh_from_db()
    assert (other.state, everything()) == (ImportState.RUNNING, NOTHING)
    with pytest.raises(actions.ImportRefused):
        actions.resume_import(actor=installation(), import_id=other.pk)
    with pytest.raises(actions.ImportRefused, match="prima"):
        actions.forget_import(actor=installation(), import_id=other.pk)


def test_the_database_itself_holds_to_it() -> None:
    """Two running imports of one dataset cannot be written, whoever tries."""
    _running()
    with pytest.raises(IntegrityError), transaction.atomic():
        _running()


@pytest.mark.parametrize("how", ["silent elsewhere", "gone here"])
def test_a_dead_import_is_set_aside(first: CordisFile, tmp_path: Path, how: str) -> None:
    """One whose process gives no sign, or is no more, does not stand in the way."""
    import socket

    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    other = _running(process=f"{socket.gethostname()}:{ended.pid}:x")
    if how == "silent elsewhere":
        other.process, other.seen_at = "elsewhere:1:x", timezone.now() - timedelta(seconds=61)
        other.save()
    imported = bring_in(edition(first, tmp_path))
    other.refresh_from_db()
    assert (imported.state, other.state) == (ImportState.PUBLISHED, ImportState.STOPPED)


def test_what_was_taken_over_is_let_go(first: CordisFile, tmp_path: Path) -> None:
    """A process that lost its import to another publishes nothing."""
    path = edition(first, tmp_path)
    started = actions.start_import(actor=installation(), file_name=path.name, path=path)

    def lose(now: ImportStage, _done: int, _total: int, _member: str) -> None:
        if now == ImportStage.PUBLISH:
            Import.objects.filter(pk=started.pk).update(process="elsewhere:1:x")

    actions.carry_out_import(actor=installation(), import_id=started.pk, on_progress=lose)
    started.refresh_from_db()
    assert (started.state, started.process) == (ImportState.RUNNING, "elsewhere:1:x")
    assert everything() == NOTHING


def test_forgetting(first: CordisFile, tmp_path: Path) -> None:
    """What a failed import left is removed; one that the registry rests on stays."""
    path = edition(first, tmp_path, edit=lambda name, text: text.replace('"title"', '"titolo"', 1))
    failed = _refused(path)
    actions.forget_import(actor=installation(), import_id=failed.pk)
    assert not Import.objects.exists()
    assert not (tmp_path / "imports" / str(failed.pk)).exists()
    with warehouse.opened() as store:
        assert store.snapshots() == frozenset()
    present = bring_in(edition(first, tmp_path))
    with pytest.raises(actions.ImportRefused, match="storia"):
        actions.forget_import(actor=installation(), import_id=present.pk)


# --- Files that cannot be taken in.


def _renamed(name: str, text: str) -> str:
    return text.replace('"title"', '"titolo"', 1) if name == "project.csv" else text


def _climbing(path: Path) -> None:
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("../../outside.csv", "x")


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


BAD: dict[str, tuple[str, dict[str, Any], Callable[[Path], None] | None, str]] = {
    "column": ("missing_column", {"edit": _renamed}, None, "title"),
    "delimiter": ("wrong_delimiter", {"delimiter": ","}, None, "virgole"),
    "truncated": ("truncated", {}, _cut, "danneggiato"),
    "climbing": ("climbing_path", {}, _climbing, "outside.csv"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_files_are_told_and_leave_nothing(first: CordisFile, tmp_path: Path, case: str) -> None:
    """The message names what is wrong; nothing is visible, nor written outside the folder."""
    code, options, damage, words = BAD[case]
    path = edition(first, tmp_path, **options)
    if damage:
        damage(path)
    imported = _refused(path)
    assert imported.problem == code
    assert words in imported.words  # type: ignore[attr-defined]
    assert not list(tmp_path.parent.glob("outside.csv"))


def test_windows_letters(first: CordisFile, tmp_path: Path) -> None:
    """The message names the line, and what the file looks like."""
    first.projects[1]["title"] = "Qualità della cura"
    imported = _refused(edition(first, tmp_path, encoding="windows-1252"))
    assert imported.problem == "wrong_encoding"
    assert imported.problem_facts["line"] == 3
    assert "windows-1252" in imported.words  # type: ignore[attr-defined]


def test_a_bomb(first: CordisFile, tmp_path: Path) -> None:
    """A small file that unpacks to hundreds of megabytes is not read to its end."""
    path = edition(first, tmp_path)
    with zipfile.ZipFile(path) as archive:
        head = archive.read("project.csv")
    bomb = tmp_path / "bomb.zip"
    with (
        zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("project.csv", "w") as member,
    ):
        member.write(head)
        for _ in range(150):
            member.write(b"0" * 1_000_000)
    assert bomb.stat().st_size < 500_000
    assert _refused(bomb).problem == "bomb"


def test_what_is_neither_zip_nor_table(tmp_path: Path) -> None:
    """A file of something else is refused in words that say what is taken."""
    path = tmp_path / "letter.txt"
    path.write_text("Dear all,\nnothing here.\n")
    assert _refused(path).problem in {"unknown_layout", "not_an_archive"}


def test_odd_rows_are_left_out_and_told(first: CordisFile, tmp_path: Path) -> None:
    """Decimal commas are read; duplicates and strays are left out, row by row, in the report."""
    first.projects[0]["totalCost"] = "1234567,89"
    first.projects.append(dict(first.projects[1]))
    first.projects.append({**first.projects[0], "id": "101777777", "acronym": "SOLO"})
    first.organisations.append({**first.organisations[0], "projectID": "999"})
    imported = bring_in(edition(first, tmp_path))
    assert str(FundedProject.objects.get(key="101000001").total_cost) == "1234567.89"
    assert FundedProject.objects.count() == 4
    assert imported.counts["reasons"] == {"repeated": 1, "no_project": 1, "no_participants": 1}
    members = {
        name.split("/")[-1].split(".")[0]: rest for name, *rest in imported.counts["members"]
    }
    assert members["project"] == [5, 4, 1]
    assert members["organization"] == [10, 9, 1]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """It is refused before anything is written."""
    with pytest.raises(actions.ImportRefused, match="nessun file"):
        actions.start_import(actor=installation(), file_name="x.zip", path=tmp_path / "absent.zip")
    assert not Import.objects.exists()
