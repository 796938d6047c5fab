"""The dump of ROR, schema v2, record by record."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.engine.warehouse.conftest import Store
from tests.engine.warehouse.examples import A_RECORD, ror, zipped
from trebbo.engine.warehouse import Counted, recognise

Refused = Callable[..., tuple[str, dict[str, Any]]]


def test_every_declared_table(store: Store) -> None:
    """Names with kind and language, identifiers, web domains, ties; withdrawn ones left out."""
    path = ror(
        store.folder / "ror.zip",
        [
            A_RECORD,
            A_RECORD
            | {
                "id": "https://ror.org/00test002",
                "status": "inactive",
                "types": ["facility"],
                "names": [{"value": "Laboratory {1}, [x]", "types": ["ror_display"], "lang": None}],
                "domains": [],
                "links": [],
                "locations": [],
                "external_ids": [],
                "relationships": [],
            },
            A_RECORD | {"id": "https://ror.org/00test003", "status": "withdrawn"},
            A_RECORD,
        ],
        "v1.50-2024-07-29-ror-data_schema_v2.json",
    )
    found = recognise(path, store.settings)
    assert (found.layout, found.dataset, str(found.edition)) == ("ror", "ror", "2024-07-29")
    intake = store.take_in(path)
    member = "v1.50-2024-07-29-ror-data_schema_v2.json"
    assert intake.counted == (Counted(member, 4, 2, 2),)
    assert [(r["row"], r["key"], r["reason"]) for r in store.kept(intake, "left_out")] == [
        (3, "00test003", "withdrawn"),
        (4, "00test001", "repeated"),
    ]
    university, laboratory = store.kept(intake, "body")
    shown = ("key", "name", "short_name", "activity", "country", "town", "website", "is_active")
    assert [university[name] for name in shown] == [
        "00test001",
        "Università di Prova",
        "UNIPRO",
        "education",
        "IT",
        "Bologna",
        "https://www.unipro.example",
        True,
    ]
    assert (university["latitude"], university["longitude"]) == (44.5, 11.3)
    assert [laboratory[name] for name in shown] == [
        "00test002",
        "Laboratory {1}, [x]",
        None,
        "facility",
        None,
        None,
        None,
        False,
    ]
    assert [tuple(r.values())[1:] for r in store.kept(intake, "body_name")] == [
        ("00test001", "Studium", "alias", None),
        ("00test001", "UNIPRO", "acronym", None),
        ("00test001", "University of Trial", "label", "en"),
        ("00test001", "Università di Prova", "legal", "it"),
        ("00test002", "Laboratory {1}, [x]", "legal", None),
    ]
    assert [tuple(r.values())[1:] for r in store.kept(intake, "body_identifier")] == [
        ("00test001", "domain", "unipro.example"),
        ("00test001", "grid", "grid.1.1"),
    ]
    assert [tuple(r.values())[1:] for r in store.kept(intake, "body_tie")] == [
        ("00test001", "child", "00test002")
    ]


def test_the_second_schema_is_preferred(duck: Store) -> None:
    """A dump holds both; the first schema alone is refused in so many words."""
    path = zipped(
        duck.folder / "ror.zip",
        {
            "a-ror-data.json": '[{"id": "https://ror.org/00test001", "name": "Trial"}]',
            "a-ror-data_schema_v2.json": '[{"id": "https://ror.org/00test001", "names": []}]',
            "readme.txt": "x",
        },
    )
    assert duck.take_in(path).counted[0].member == "a-ror-data_schema_v2.json"


def test_the_first_schema_is_refused(refused: Refused, tmp_path: Path) -> None:
    """It says which schema was found and which is wanted."""
    path = ror(tmp_path / "ror.zip", [{"id": "https://ror.org/00test001", "name": "x"}], "a.json")
    assert refused(path) == (
        "unknown_layout",
        {
            "file": "ror.zip",
            "member": "a.json",
            "found": "ROR schema v1",
            "expected": "ROR schema v2",
        },
    )


def test_an_array_that_is_cut_off(refused: Refused, tmp_path: Path) -> None:
    """The zip is whole, what is in it is not."""
    text = '[{"id": "https://ror.org/00test001", "names": []}, {"id": "https://ror'
    path = zipped(tmp_path / "ror.zip", {"ror-data_schema_v2.json": text})
    problem, facts = refused(path)
    assert (problem, facts["member"]) == ("truncated", "ror-data_schema_v2.json")


def test_the_official_dump(duck: Store, open_data: Path) -> None:
    """All 51,370 records; nothing is lost between what is read and kept."""
    intake = duck.take_in(open_data / "ror" / "ror-data.zip")
    (counted,) = intake.counted
    assert (counted.read, counted.kept, counted.left_out) == (51_370, 49_996, 1_374)
    assert {row["reason"] for row in duck.kept(intake, "left_out")} == {"withdrawn"}
    assert intake.rows["body"] == 49_996
