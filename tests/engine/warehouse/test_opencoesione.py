"""OpenCoesione's layout, on a small synthetic file made to the official dictionary."""

import gzip
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.engine.warehouse.conftest import Store
from tests.engine.warehouse.examples import zipped
from trebbo.engine.warehouse import Counted, recognise

# Synthetic: no row of these is real.
PROJECTS = """COD_LOCALE_PROGETTO;CUP;OC_TITOLO_PROGETTO;OC_LINK;OC_TEMA_SINTETICO;\
FINANZ_TOTALE_PUBBLICO;FINANZ_PRIVATO;OC_FINANZ_TOT_PUB_NETTO;OC_DATA_INIZIO_PREVISTA;\
OC_DATA_INIZIO_EFFETTIVA;OC_DATA_FINE_PREVISTA;OC_DATA_FINE_EFFETTIVA;OC_STATO_PROGETTO;\
OC_DESCRIZIONE_PROGRAMMA
1SYN1;E00;PROGETTO SINTETICO UNO;https://example.it/1;Ricerca e innovazione;\
1000000,50;500000;990000,25;20150101;20150301;20171231;;in corso;POR SINTETICO
1SYN2;E01;PROGETTO SINTETICO DUE;;Trasporti;abc;;;20150101;;20171231;20180131;concluso;
"""
SUBJECTS = """COD_LOCALE_PROGETTO;SOGG_COD_RUOLO;SOGG_DESCR_RUOLO;SOGG_PROGR_RUOLO;\
OC_CODICE_FISCALE_SOGG;OC_DENOMINAZIONE_SOGG;COD_FORMA_GIURIDICA_SOGG;COD_COMUNE_SEDE_SOGG;\
CAP_SOGG;DESCR_DIMENSIONE_SOGG
1SYN1;1;Programmatore del progetto;1;00000000001;REGIONE SINTETICA;2;;;
1SYN1;2;Attuatore;1;00000000002;IMPRESA SINTETICA SRL;1320;008037006;40100;Piccola impresa
1SYN1;2;Attuatore;2;RSSMRA00A01A000A;PERSONA SINTETICA;;;;
1SYN1;2;Attuatore;3;;ALTRA PERSONA SINTETICA;;;;
1SYN9;3;;1;00000000002;IMPRESA SINTETICA SRL;1320;008037006;40100;Piccola impresa
"""
PLACES = """COD_LOCALE_PROGETTO;COD_REGIONE;DEN_REGIONE;COD_PROVINCIA;COD_COMUNE;DEN_COMUNE
1SYN1;008;EMILIA-ROMAGNA;037;006;BOLOGNA
1SYN9;008;EMILIA-ROMAGNA;037;006;BOLOGNA
"""


def test_every_declared_table(store: Store) -> None:
    """Decimal commas, compact days, the effective day before the planned one; never a person."""
    path = zipped(
        store.folder / "a.zip",
        {
            "Soggetti_oc_20151231.csv": SUBJECTS,
            "Progetti_oc_20151231.csv": PROJECTS,
            "Localizzazioni_oc_20151231.csv": PLACES,
        },
    )
    found = recognise(path, store.settings)
    assert (found.dataset, found.edition) == ("opencoesione", date(2015, 12, 31))
    intake = store.take_in(path)
    one, two = store.kept(intake, "project")
    shown = ("key", "title", "start_date", "end_date", "total_cost", "contribution", "status")
    assert [one[name] for name in shown] == [
        "1SYN1",
        "PROGETTO SINTETICO UNO",
        date(2015, 3, 1),
        date(2017, 12, 31),
        Decimal("1500000.50"),
        Decimal("990000.25"),
        "in corso",
    ]
    assert [two[name] for name in shown] == [
        "1SYN2",
        "PROGETTO SINTETICO DUE",
        date(2015, 1, 1),
        date(2018, 1, 31),
        None,
        None,
        "concluso",
    ]
    shown = ("body_key", "role", "position")
    assert [[row[name] for name in shown] for row in store.kept(intake, "participation")] == [
        ["00000000001", "programmer", 1],
        ["00000000002", "implementer", 1],
    ]
    shown = ("key", "name", "tax_code", "activity", "is_sme", "town", "postcode", "country")
    assert [[row[name] for name in shown] for row in store.kept(intake, "body")] == [
        ["00000000001", "REGIONE SINTETICA", "00000000001", "2", None, None, None, "IT"],
        [
            "00000000002",
            "IMPRESA SINTETICA SRL",
            "00000000002",
            "1320",
            True,
            "BOLOGNA",
            "40100",
            "IT",
        ],
    ]
    assert [tuple(row.values()) for row in store.kept(intake, "left_out")] == [
        ("Localizzazioni_oc_20151231.csv", 3, "1SYN9", "no_project", None),
        ("Progetti_oc_20151231.csv", 3, "1SYN2", "bad_amount", "FINANZ_TOTALE_PUBBLICO: abc"),
        ("Progetti_oc_20151231.csv", 3, "1SYN2", "no_participants", None),
        ("Soggetti_oc_20151231.csv", 4, "1SYN1", "natural_person", None),
        ("Soggetti_oc_20151231.csv", 5, "1SYN1", "natural_person", None),
        ("Soggetti_oc_20151231.csv", 6, "1SYN9", "no_project", None),
    ]
    assert sorted(intake.counted, key=lambda one: one.member) == [
        Counted("Localizzazioni_oc_20151231.csv", 2, 1, 1),
        Counted("Progetti_oc_20151231.csv", 2, 2, 0),
        Counted("Soggetti_oc_20151231.csv", 5, 2, 3),
    ]


def test_no_person_stands_in_any_table(duck: Store) -> None:
    """Neither the name nor the tax code, not even where it says what was left out."""
    path = zipped(duck.folder / "a.zip", {"soggetti.csv": SUBJECTS, "progetti.csv": PROJECTS})
    intake = duck.take_in(path)
    everything = str([duck.kept(intake, name) for name in intake.rows])
    assert "IMPRESA SINTETICA" in everything
    assert "PERSONA SINTETICA" not in everything
    assert "RSSMRA" not in everything


def test_a_file_completed_by_those_beside_it(duck: Store) -> None:
    """The official site publishes the sheets one by one, compressed or not."""
    path = duck.folder / "progetti_esteso_20151231.csv.gz"
    path.write_bytes(gzip.compress(PROJECTS.encode()))
    (duck.folder / "soggetti_20151231.csv").write_text(SUBJECTS)
    intake = duck.take_in(path)
    assert [one.member for one in intake.counted] == [
        "progetti_esteso_20151231.csv",
        "soggetti_20151231.csv",
    ]
    assert intake.rows["participation"] == 2


def test_a_sheet_that_is_missing(
    refused: Callable[..., tuple[str, dict[str, Any]]], tmp_path: Path
) -> None:
    """Projects without those behind them say nothing of anybody."""
    path = tmp_path / "a.csv"
    path.write_text(PROJECTS)
    assert refused(path) == ("missing_file", {"file": "a.csv", "member": "soggetti.csv"})
