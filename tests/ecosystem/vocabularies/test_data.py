"""The vocabulary tables are complete, bilingual and consistent."""

import csv
from collections import Counter
from pathlib import Path

import pytest

Row = dict[str, str]
DATA = Path(__file__).parents[3] / "src/trebbo/ecosystem/vocabularies/data"
TABLES = sorted(entry.name for entry in DATA.iterdir() if entry.name.endswith(".csv"))
CODED = [
    "fields.csv", "kinds.csv", "legal_forms.csv", "nuts.csv", "provinces.csv", "s3_themes.csv",
    "size_classes.csv",
]  # fmt: skip
HEALTH_ROOTS = {"33", "35", "37", "39"}


def rows(name: str) -> list[Row]:
    """The rows of a vocabulary table."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_tables_have_the_rows_expected() -> None:
    counted = {
        name: len(rows(name))
        for name in TABLES
        if name not in {"fields.csv", "lexicon.csv", "sources.csv", "kinds.csv"}
    }
    assert counted == {
        "legal_forms.csv": 80,
        "municipalities.csv": 331,
        "nace.csv": 218,
        "nuts.csv": 36,
        "provinces.csv": 107,
        "s3_themes.csv": 15,
        "size_classes.csv": 4,
    }


@pytest.mark.parametrize("name", CODED)
def test_codes_are_unique(name: str) -> None:
    seen = Counter(row["code"] for row in rows(name))
    assert [code for code, times in seen.items() if times > 1] == []


def test_labels_are_in_both_languages() -> None:
    wrong = [
        (name, column, row)
        for name in TABLES
        for row in rows(name)
        for column in row
        if column.startswith(
            ("label_", "name_", "plural_", "definition_", "phrases_", "publisher_")
        )
        and column.endswith(("_it", "_en"))
        and not row[column].strip()
    ]
    assert wrong == []


@pytest.mark.parametrize("name", ["fields.csv", "legal_forms.csv", "nuts.csv"])
def test_parents_resolve_one_level_up(name: str) -> None:
    level = {row["code"]: int(row["level"]) for row in rows(name)}
    wrong = [
        row
        for row in rows(name)
        if row["parent"] and level.get(row["parent"]) != int(row["level"]) - 1
    ]
    assert wrong == []
    assert {row["level"] for row in rows(name) if not row["parent"]} == {
        min(row["level"] for row in rows(name))
    }


@pytest.mark.parametrize(
    ("scheme", "version", "sections", "divisions"),
    [("nace", "2", 21, 88), ("ateco", "2025", 22, 87)],
)
def test_activities_hold_two_classifications_apart(
    scheme: str, version: str, sections: int, divisions: int
) -> None:
    found = [row for row in rows("nace.csv") if row["scheme"] == scheme]
    assert {row["version"] for row in found} == {version}
    assert Counter(row["level"] for row in found) == {"section": sections, "division": divisions}
    codes = [row["code"] for row in found]
    assert len(codes) == len(set(codes))
    assert [row for row in found if row["parent"] and row["parent"] not in codes] == []


def test_fields_hold_the_upper_levels_and_all_of_health() -> None:
    levels = Counter(row["level"] for row in rows("fields.csv"))
    assert (levels["1"], levels["2"], levels["3"]) == (6, 41, 245)
    below = Counter(row["code_path"].split("/")[1] for row in rows("fields.csv") if row["parent"])
    assert {root: below[root] for root in HEALTH_ROOTS} == {"33": 37, "35": 33, "37": 11, "39": 72}


def test_a_field_path_ends_with_its_parent_and_its_code() -> None:
    for row in rows("fields.csv"):
        assert row["code_path"].split("/")[-2:] == [
            part for part in (row["parent"], row["code"]) if part
        ]


def test_municipalities_lie_in_known_provinces_with_a_point_in_italy() -> None:
    known = {row["code"]: row["istat_code"] for row in rows("provinces.csv")}
    for row in rows("municipalities.csv"):
        assert row["istat_code"][:3] == known[row["province"]]
        assert 43.7 < float(row["lat"]) < 45.2
        assert 9.1 < float(row["lon"]) < 12.8


def test_municipalities_by_province() -> None:
    counted = Counter(row["province"] for row in rows("municipalities.csv"))
    assert counted == {
        "PC": 46, "PR": 44, "RE": 42, "MO": 47, "BO": 55, "FE": 21, "RA": 18, "FC": 30, "RN": 27,
        "MN": 1,
    }  # fmt: skip


def test_cadastral_and_istat_codes_are_unique() -> None:
    for column in ("istat_code", "cadastral_code"):
        values = [row[column] for row in rows("municipalities.csv")]
        assert len(values) == len(set(values))


def test_provinces_belong_to_known_regions() -> None:
    known = {row["code"] for row in rows("nuts.csv")}
    lost = [row for row in rows("provinces.csv") if row["nuts2"] not in known]
    assert lost == []
    own = {row["code"]: row["nuts3"] for row in rows("provinces.csv") if row["nuts2"] == "ITH5"}
    assert own == {
        "PC": "ITH51", "PR": "ITH52", "RE": "ITH53", "MO": "ITH54", "BO": "ITH55",
        "FE": "ITH56", "RA": "ITH57", "FC": "ITH58", "RN": "ITH59",
    }  # fmt: skip


def test_remembered_themes_say_so() -> None:
    standing = {row["code"]: row["verified"] for row in rows("s3_themes.csv")}
    assert {code for code, verified in standing.items() if verified == "memory"} == {
        "11", "12", "13", "14", "15",
    }  # fmt: skip


def test_size_classes_carry_the_limits_of_the_recommendation() -> None:
    limits = {
        row["code"]: (row["headcount_below"], row["turnover_max_eur"], row["balance_max_eur"])
        for row in rows("size_classes.csv")
    }
    assert limits == {
        "micro": ("10", "2000000", "2000000"),
        "small": ("50", "10000000", "10000000"),
        "medium": ("250", "50000000", "43000000"),
        "large": ("", "", ""),
    }


def test_the_word_table_is_large_and_says_each_phrase_once() -> None:
    table = rows("lexicon.csv")
    assert len(table) >= 250
    assert len({row["concept"] for row in table}) == len(table)
    for column in ("phrases_it", "phrases_en"):
        phrases = Counter(phrase.casefold() for row in table for phrase in row[column].split("|"))
        assert [phrase for phrase, times in phrases.items() if times > 1 or not phrase] == []


@pytest.mark.parametrize(
    ("italian", "english"),
    [
        ("rigenerazione ossea", "bone regeneration"),
        ("dispositivi medici", "medical devices"),
        ("biomateriali", "biomaterials"),
        ("camera bianca", "clean room"),
        ("oleodinamica", "fluid power"),
        ("norma ISO 10993", "ISO 10993"),
    ],
)
def test_words_of_the_trade_meet_in_both_languages(italian: str, english: str) -> None:
    meeting = [
        row["concept"]
        for row in rows("lexicon.csv")
        if italian in row["phrases_it"].split("|") and english in row["phrases_en"].split("|")
    ]
    assert len(meeting) == 1


def test_every_table_has_a_source() -> None:
    named = {name for row in rows("sources.csv") for name in row["files"].split("|")}
    assert set(TABLES) - named == {"sources.csv"}
    assert [
        row for row in rows("sources.csv") if not row["publisher_it"] or not row["publisher_en"]
    ] == []
