"""An intake that is stopped, killed or runs out of disk is taken up again, and ends the same."""

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.engine.warehouse.conftest import Store
from tests.engine.warehouse.examples import cordis, many
from trebbo.engine.warehouse import (
    TABLES,
    FileRefused,
    Intake,
    Problem,
    Progress,
    Settings,
    Stopped,
    open_warehouse,
)

PROJECTS = 800
PROGRAM = """
import sys, time
from pathlib import Path
from trebbo.engine.warehouse import FileRefused, Settings, open_warehouse, recognise, take_in

path, folder, slow_at = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
settings = Settings(folder / "warehouse")

def tell(progress):
    print(progress.stage, progress.member, flush=True)
    if progress.member == slow_at:
        time.sleep(60)

try:
    warehouse = open_warehouse(settings)
    found = recognise(path, settings)
    take_in(found, warehouse, "s", folder=folder / "work", settings=settings, on_progress=tell)
except FileRefused as error:
    print("refused", error.problem.value, flush=True)
"""


def _all(store: Store, intake: Intake) -> dict[str, list[dict[str, Any]]]:
    return {name: store.kept(intake, name) for name in TABLES}


def test_twice_is_once(store: Store) -> None:
    """A second call for the same snapshot reads nothing and changes nothing."""
    path = cordis(store.folder / "a.zip")
    snapshot, folder = store.new_name(), store.folder / "work"
    first = store.take_in(path, snapshot, folder=folder)
    before = _all(store, first)
    files = {file: file.stat().st_mtime_ns for file in folder.iterdir()}
    assert store.take_in(path, snapshot, folder=folder) == first
    assert _all(store, first) == before
    assert {file: file.stat().st_mtime_ns for file in folder.iterdir()} == files


@pytest.mark.parametrize("where", ["organization.csv", "participation", "body_name", "left_out"])
def test_stopped_and_resumed(duck: Store, where: str) -> None:
    """Wherever it was asked to stop, what is done stays and the end is the same."""

    def stop(progress: Progress) -> None:
        if progress.member == where:
            raise Stopped

    path = many(duck.folder / "a.zip", 50)
    whole = duck.take_in(path)
    snapshot, folder = duck.new_name(), duck.folder / "work"
    with pytest.raises(Stopped):
        duck.take_in(path, snapshot, folder=folder, on_progress=stop)
    assert not list(folder.glob("*.part"))
    assert (folder / "project.done").is_file()
    landed = (folder / "project.parquet").stat().st_mtime_ns
    resumed = duck.take_in(path, snapshot, folder=folder)
    assert (folder / "project.parquet").stat().st_mtime_ns == landed
    assert _all(duck, resumed) == _all(duck, whole)
    assert resumed.counted == whole.counted


def test_another_file_in_the_same_folder(duck: Store) -> None:
    """What landed from one file never stands for another."""
    folder = duck.folder / "work"
    duck.take_in(many(duck.folder / "a.zip", 3), folder=folder)
    intake = duck.take_in(many(duck.folder / "b.zip", 5), folder=folder)
    assert intake.rows["project"] == 5


@pytest.mark.parametrize("where", ["organization.csv", "checked_organization", "body_name"])
def test_killed_and_resumed(tmp_path: Path, where: str) -> None:
    """A process killed with no time to say goodbye loses at most the table in its hands."""
    path = many(tmp_path / "a.zip", PROJECTS)
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, path, tmp_path, where],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.split()[-1] == where:
            break
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    process.stdout.close()
    settings = Settings(tmp_path / "warehouse")
    warehouse = open_warehouse(settings)
    store = Store(warehouse, settings, tmp_path)
    resumed = store.take_in(path, "s", folder=tmp_path / "work")
    whole = store.take_in(path, "whole")
    assert _all(store, resumed) == _all(store, whole)
    assert resumed.counted == whole.counted
    warehouse.close()


def test_killed_at_any_moment(tmp_path: Path) -> None:
    """Killed again and again, each time a little later, it still comes to the right end."""
    path = many(tmp_path / "a.zip", PROJECTS)
    for tenths in (12, 16, 20):
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, path, tmp_path, "nowhere"], stdout=subprocess.DEVNULL
        )
        time.sleep(tenths / 10)
        process.kill()
        process.wait()
    settings = Settings(tmp_path / "warehouse")
    warehouse = open_warehouse(settings)
    store = Store(warehouse, settings, tmp_path)
    resumed = store.take_in(path, "s", folder=tmp_path / "work")
    assert _all(store, resumed) == _all(store, store.take_in(path, "whole"))
    assert resumed.rows["participation"] == PROJECTS * 3
    warehouse.close()


@pytest.mark.parametrize("most_bytes", [1_000, 20_000, 100_000])
def test_a_full_disk(tmp_path: Path, most_bytes: int) -> None:
    """Whatever could not be written any more, the refusal says so, and nothing half stays."""
    path = many(tmp_path / "a.zip", PROJECTS)

    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))

    told = subprocess.run(
        [sys.executable, "-c", PROGRAM, path, tmp_path, "nowhere"],
        preexec_fn=small_files,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert told.stdout.splitlines()[-1:] == ["refused disk_full"], told.stderr[-2000:]
    assert not list(tmp_path.rglob("*.part"))
    settings = Settings(tmp_path / "warehouse")
    warehouse = open_warehouse(settings)
    store = Store(warehouse, settings, tmp_path)
    resumed = store.take_in(path, "s", folder=tmp_path / "work")
    assert resumed.rows["participation"] == PROJECTS * 3
    warehouse.close()


def test_a_device_that_is_full(duck: Store) -> None:
    """The word that a device itself has for it is understood: here one that is always full."""
    from trebbo.engine.warehouse.disk import refusing_full_disk

    with pytest.raises(FileRefused) as caught, refusing_full_disk(duck.folder):  # noqa: SIM117
        with Path("/dev/full").open("w") as full:
            full.write("x")
    assert caught.value.problem == Problem.DISK_FULL
