"""Files that cannot be taken in are refused with what is wrong and where, and leave nothing."""

import gzip
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.engine.warehouse.conftest import Store
from tests.engine.warehouse.examples import (
    A_PART,
    A_PROJECT,
    ORGANISATION,
    PROJECT,
    cordis,
    rows,
    zipped,
)
from trebbo.engine.warehouse import FileRefused, Settings, open_warehouse, recognise

Refused = Callable[..., tuple[str, dict[str, Any]]]


def _with_members(path: Path, **members: str | bytes) -> Path:
    return zipped(path, {f"{name}.csv": content for name, content in members.items()})


def test_a_file_that_is_not_there(refused: Refused, tmp_path: Path) -> None:
    assert refused(tmp_path / "none.zip") == ("not_found", {"file": "none.zip"})


def test_an_empty_file(refused: Refused, tmp_path: Path) -> None:
    (tmp_path / "a.zip").touch()
    assert refused(tmp_path / "a.zip") == ("empty", {"file": "a.zip"})


def test_something_else_called_zip(refused: Refused, tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_text("<html>Not found</html>")
    assert refused(tmp_path / "a.zip") == ("not_an_archive", {"file": "a.zip"})


def test_a_file_of_no_known_layout(refused: Refused, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("name;age\nx;1\n")
    assert refused(tmp_path / "a.csv") == ("unknown_layout", {"file": "a.csv"})


@pytest.mark.parametrize("share", [0.2, 0.6, 0.99])
def test_a_truncated_zip(refused: Refused, tmp_path: Path, share: float) -> None:
    path = cordis(tmp_path / "a.zip")
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    assert refused(path) == ("truncated", {"file": "a.zip"})


def test_bytes_damaged_on_the_way(refused: Refused, tmp_path: Path) -> None:
    """The check sum of a member tells."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("project.csv", rows(PROJECT, A_PROJECT))
        archive.writestr("organization.csv", rows(ORGANISATION, A_PART))
    path.write_bytes(path.read_bytes().replace(b"UNIVERSITA", b"UNIVERSXTA"))
    assert refused(path) == ("truncated", {"file": "a.zip", "member": "organization.csv"})


def test_a_truncated_gzip(refused: Refused, tmp_path: Path) -> None:
    lines = "".join(f"{n},participant,{n * 7919},PRC,1,IT\n" for n in range(5000))
    path = tmp_path / "a.csv.gz"
    path.write_bytes(
        gzip.compress(f"rcn,role,pic,type,contribution,country\n{lines}".encode())[:-2000]
    )
    assert refused(path)[0] == "truncated"


def test_a_bomb_that_says_so(refused: Refused, tmp_path: Path) -> None:
    """A small zip that declares to unpack to far more than official files do."""
    path = _with_members(tmp_path / "a.zip", project=b"0" * 150_000_000)
    assert refused(path) == ("bomb", {"file": "a.zip"})


def test_a_bomb_that_does_not_say_so(refused: Refused, tmp_path: Path) -> None:
    """Bytes are counted as they come: gzip declares nothing that could be trusted."""
    path = tmp_path / "a.csv.gz"
    line = b"1,participant,900000001,PRC,1,IT\n"
    with gzip.open(path, "wb") as file:
        file.write(b"rcn,role,pic,type,contribution,country\n")
        for _ in range(110):
            file.write(line * 31_000)
    assert refused(path) == ("bomb", {"file": "a.csv.gz", "member": "a.csv"})


@pytest.mark.parametrize(
    "name",
    ["../project.csv", "csv/../../x.csv", "/etc/project.csv", "..\\project.csv", "C:\\project.csv"],
)
def test_a_path_that_climbs_out(refused: Refused, tmp_path: Path, name: str) -> None:
    path = zipped(tmp_path / "a.zip", {"project.csv": "x", name: "x"})
    assert refused(path) == ("climbing_path", {"file": "a.zip", "member": name})
    assert [file.name for file in tmp_path.rglob("*.csv")] == []


def test_a_link_in_a_zip(refused: Refused, tmp_path: Path) -> None:
    entry = zipfile.ZipInfo("project.csv")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(entry, "/etc/passwd")
    assert refused(tmp_path / "a.zip")[0] == "climbing_path"


def test_an_encrypted_zip(refused: Refused, tmp_path: Path) -> None:
    path = cordis(tmp_path / "a.zip")
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    assert refused(path) == ("encrypted", {"file": "a.zip", "member": "project.csv"})


def test_a_zip_without_its_participants(refused: Refused, tmp_path: Path) -> None:
    path = _with_members(tmp_path / "a.zip", project=rows(PROJECT, A_PROJECT))
    assert refused(path) == ("missing_file", {"file": "a.zip", "member": "organization.csv"})


def test_a_renamed_column(refused: Refused, tmp_path: Path) -> None:
    """The message names the column, and the one of the file that looks like it."""
    columns = ["projektID" if name == "projectID" else name for name in ORGANISATION]
    path = _with_members(
        tmp_path / "a.zip",
        project=rows(PROJECT, A_PROJECT),
        organization=rows(columns, A_PART),
    )
    assert refused(path) == (
        "missing_column",
        {
            "file": "a.zip",
            "member": "organization.csv",
            "column": "projectID",
            "found": "projektID",
        },
    )


def test_a_missing_column(refused: Refused, tmp_path: Path) -> None:
    columns = [name for name in PROJECT if name != "ecMaxContribution"]
    path = _with_members(tmp_path / "a.zip", project=rows(columns, A_PROJECT), organization="")
    problem, facts = refused(path)
    assert (problem, facts["column"], facts["member"]) == (
        "missing_column",
        "ecMaxContribution",
        "project.csv",
    )


@pytest.mark.parametrize(("delimiter", "name"), [(",", "comma"), ("\t", "tab")])
def test_another_delimiter(refused: Refused, tmp_path: Path, delimiter: str, name: str) -> None:
    path = _with_members(
        tmp_path / "a.zip",
        project=rows(PROJECT, A_PROJECT),
        organization=rows(ORGANISATION, A_PART, delimiter=delimiter),
    )
    assert refused(path) == (
        "wrong_delimiter",
        {"file": "a.zip", "member": "organization.csv", "found": name, "expected": "semicolon"},
    )


def test_bytes_of_another_encoding(refused: Refused, duck: Store) -> None:
    """The line is named, and what the bytes look like; told so, the file is read."""
    text = rows(ORGANISATION, A_PART, A_PART | {"name": "SOCIETÀ DI PROVA", "role": "participant"})
    path = _with_members(
        duck.folder / "a.zip",
        project=rows(PROJECT, A_PROJECT),
        organization=text.encode("windows-1252"),
    )
    assert refused(path, settings=Settings(duck.folder / "other")) == (
        "wrong_encoding",
        {
            "file": "a.zip",
            "member": "organization.csv",
            "line": 3,
            "expected": "utf-8",
            "found": "windows-1252",
        },
    )
    intake = duck.take_in(path, encoding="windows-1252")
    assert [row["name"] for row in duck.kept(intake, "body_name") if row["kind"] == "legal"] == [
        "SOCIETÀ DI PROVA",
        "UNIVERSITA DI PROVA",
    ]


def test_a_few_broken_rows_are_left_out(duck: Store) -> None:
    """With their numbers and their beginning; the rows after them keep theirs."""
    parts = [A_PART | {"organisationID": str(900_000_000 + n)} for n in range(60)]
    lines = rows(ORGANISATION, *parts).splitlines(keepends=True)
    lines.insert(10, '"101000001";"cut off"\n')
    lines.insert(30, lines[30].rstrip("\n") + ';"one too many"\n')
    lines.append('"999999999"' + lines[5][11:])
    path = _with_members(
        duck.folder / "a.zip", project=rows(PROJECT, A_PROJECT), organization="".join(lines)
    )
    intake = duck.take_in(path)
    told = [(r["row"], r["reason"], r["value"][:26]) for r in duck.kept(intake, "left_out")]
    assert sorted(told) == [
        (11, "broken_row", '"101000001";"cut off"'),
        (31, "broken_row", '"101000001";"";"900000028"'),
        (64, "no_project", "999999999"),
    ]
    counted = intake.counted[1]
    assert (counted.read, counted.kept, counted.left_out) == (63, 60, 3)


def test_mostly_broken_rows(refused: Refused, tmp_path: Path) -> None:
    text = rows(ORGANISATION, *[A_PART] * 30) + '"a";"b"\n' * 10
    path = _with_members(tmp_path / "a.zip", project=rows(PROJECT, A_PROJECT), organization=text)
    assert refused(path) == (
        "broken_rows",
        {"file": "a.zip", "member": "organization.csv", "line": 32, "rows": 10},
    )


def test_a_quote_that_never_ends(refused: Refused, tmp_path: Path) -> None:
    text = rows(ORGANISATION, A_PART) + '"101000001";"never ends\n' + rows([], *[{}] * 3) * 900_000
    path = _with_members(tmp_path / "a.zip", project=rows(PROJECT, A_PROJECT), organization=text)
    assert refused(path)[0] == "broken_rows"


def test_a_warehouse_that_is_busy(duck: Store) -> None:
    """Another process holds the file; within one process it may be opened again."""
    import subprocess
    import sys

    program = (
        "import sys; from pathlib import Path\n"
        "from trebbo.engine.warehouse import *\n"
        "try: open_warehouse(Settings(Path(sys.argv[1])))\n"
        "except FileRefused as error: print(error.problem.value)\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", program, duck.settings.folder],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout == "warehouse_busy\n"


def test_recognising_needs_no_warehouse(tmp_path: Path) -> None:
    """A bad file is refused before anything is opened or written."""
    settings = Settings(tmp_path / "warehouse")
    with pytest.raises(FileRefused):
        recognise(tmp_path / "none.zip", settings)
    assert not settings.folder.exists()
    open_warehouse(settings).close()
