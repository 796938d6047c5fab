"""Horizon 2020 participations by PIC, with and without the table of names."""

import gzip
from datetime import date
from decimal import Decimal
from pathlib import Path

from tests.engine.warehouse.conftest import Store
from trebbo.engine.warehouse import Counted, recognise

ROWS = """rcn,role,pic,type,contribution,country,start_date,end_date,max_contribution,total_cost
1,coordinator,900000001,HES,100.5,EL,2019-05-01,2022-04-30,250,300
1,participant,900000002,PRC,NA,IT,2019-05-01,2022-04-30,250,300
1,participant,900000002,PRC,149.5,IT,2019-05-01,2022-04-30,250,300
2,partner,900000001,HES,0,EL,2020-01-01,2021-01-01,NA,NA
"""
NAMES = """pic,source,name,country,city,nutsCode,vatNumber
900000001,x,PANEPISTIMIO,EL,ATHINA,EL303,EL1
"""


def _written(folder: Path) -> Path:
    path = folder / "h2020.csv.gz"
    path.write_bytes(gzip.compress(ROWS.encode()))
    return path


def test_every_declared_table(store: Store) -> None:
    """Projects without titles; bodies with names where the table beside has them."""
    path = _written(store.folder)
    (store.folder / "pic_names_union.csv.gz").write_bytes(gzip.compress(NAMES.encode()))
    assert recognise(path, store.settings).dataset == "participations-h2020"
    intake = store.take_in(path)
    assert intake.counted == (
        Counted("h2020.csv", 4, 3, 1),
        Counted("pic_names_union.csv", 1, 1, 0),
    )
    shown = ("key", "title", "start_date", "contribution", "total_cost", "programme")
    assert [[row[name] for name in shown] for row in store.kept(intake, "project")] == [
        ["1", None, date(2019, 5, 1), Decimal("250.00"), Decimal("300.00"), "H2020"],
        ["2", None, date(2020, 1, 1), None, None, "H2020"],
    ]
    shown = ("project_key", "body_key", "role", "contribution")
    assert [[row[name] for name in shown] for row in store.kept(intake, "participation")] == [
        ["1", "900000001", "coordinator", Decimal("100.50")],
        ["1", "900000002", "participant", None],
        ["2", "900000001", "associated", Decimal("0.00")],
    ]
    shown = ("key", "name", "country", "town", "nuts", "vat_number", "activity")
    assert [[row[name] for name in shown] for row in store.kept(intake, "body")] == [
        ["900000001", "PANEPISTIMIO", "GR", "ATHINA", "EL303", "EL1", "HES"],
        ["900000002", "900000002", "IT", None, None, None, "PRC"],
    ]
    assert [row["name"] for row in store.kept(intake, "body_name")] == ["PANEPISTIMIO"]
    assert [(r["row"], r["reason"]) for r in store.kept(intake, "left_out")] == [(4, "repeated")]


def test_without_names(duck: Store) -> None:
    """A body without a name goes by its key."""
    intake = duck.take_in(_written(duck.folder))
    assert [row["name"] for row in duck.kept(intake, "body")] == ["900000001", "900000002"]
    assert duck.kept(intake, "body_name") == []


def test_the_official_rows(duck: Store, open_data: Path) -> None:
    """All 144,726 participations as of 2020."""
    intake = duck.take_in(open_data / "cordis" / "h2020_participations_pic_2020-12.csv.gz")
    assert intake.counted[0].read == 144_726
    assert all(one.read == one.kept + one.left_out for one in intake.counted)
    assert intake.rows["participation"] == 144_726
    assert duck.kept(intake, "left_out") == []
