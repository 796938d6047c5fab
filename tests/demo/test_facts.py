"""The fact files hold together: keys, references, languages, closed lists, sums."""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from stdnum.it import iva

from trebbo.demo.personas import BY_KEY

Row = dict[str, str]
SOURCE = Path(__file__).parents[2] / "src/trebbo"
FACTS = SOURCE / "demo/facts"
VOCABULARIES = SOURCE / "ecosystem/vocabularies/data"
TABLES = sorted(entry.name for entry in FACTS.iterdir() if entry.name.endswith(".csv"))

STANDINGS = {"verified", "partly", "inferred", "memory", "candidate", "synthetic"}
CLOSED = {
    "accreditation": {"accredited", "reported", "unknown"},
    "member_type": {"organisation", "unit"},
    "qualifier": {"exactly", "about", "more_than"},
    "unit": {"count", "EUR", "percent"},
    "role": {"chair", "vice_chair"},
    "state": {"active", "candidate"},
    "category": {"unknown"},
}
DATE = re.compile(r"(\d{4}(-\d{2}(-\d{2})?)?)?")
DATED = ("as_of", "valid_from", "valid_until", "act_date", "accredited_from", "accredited_until")


def rows(name: str) -> list[Row]:
    """The rows of a fact file."""
    with (FACTS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def codes(name: str, column: str = "code") -> set[str]:
    """The values of one column of a vocabulary."""
    with (VOCABULARIES / name).open(encoding="utf-8", newline="") as file:
        return {row[column] for row in csv.DictReader(file)}


def keys(name: str, column: str = "key") -> set[str]:
    """The values of one column of a fact file."""
    return {row[column] for row in rows(name)}


PROFILES = set[str]().union(
    *map(keys, ("organisations.csv", "units.csv", "technopoles.csv", "clusters.csv"))
)


def cells(*columns: str) -> Iterator[tuple[str, str]]:
    """Every filled cell of the named columns in all files, list cells apart, with its file."""
    for name in TABLES:
        for row in rows(name):
            for column in columns:
                for value in filter(None, row.get(column, "").split("|")):
                    yield name, value


def test_profile_keys_are_unique_together() -> None:
    everything = [
        row["key"]
        for name in ("organisations.csv", "units.csv", "technopoles.csv", "clusters.csv")
        for row in rows(name)
    ]
    assert [key for key, times in Counter(everything).items() if times > 1] == []


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("value_chains.csv", ("cluster", "code")),
        ("value_chain_successions.csv", ("cluster", "predecessor", "successor")),
        ("value_chain_roles.csv", ("value_chain", "role")),
        ("memberships.csv", ("member", "cluster")),
        ("network_founders.csv", ("network", "organisation")),
        ("district_organisations.csv", ("district", "organisation")),
        ("recognitions.csv", ("cluster", "act", "act_date")),
        ("technopoles.csv", ("code",)),
        ("clusters.csv", ("code",)),
        ("asks.csv", ("key",)),
        ("ideas.csv", ("key",)),
        ("readiness_levels.csv", ("cluster", "number")),
        ("skills_sought.csv", ("profile", "field", "term_it")),
    ],
)
def test_rows_are_stated_once(name: str, columns: tuple[str, ...]) -> None:
    seen = Counter(tuple(row[column] for column in columns) for row in rows(name))
    assert [key for key, times in seen.items() if times > 1] == []


@pytest.mark.parametrize("column", ["vat_number", "tax_code", "pic", "ror"])
def test_an_identifier_belongs_to_one_body(column: str) -> None:
    seen = Counter(value for _, value in cells(column))
    assert [value for value, times in seen.items() if times > 1] == []


def test_rows_have_a_source_and_a_standing() -> None:
    wrong = [
        (name, row)
        for name in TABLES
        for row in rows(name)
        if not row["source"].strip() or row["verified"] not in STANDINGS
    ]
    assert wrong == []


def test_both_languages_are_present_and_aligned() -> None:
    wrong = [
        (name, column, row)
        for name in TABLES
        for row in rows(name)
        for column in row
        if column.endswith("_it")
        and [bool(part) for part in row[column].split("|")]
        != [bool(part) for part in row[column[:-3] + "_en"].split("|")]
    ]
    assert wrong == []


@pytest.mark.parametrize("column", sorted(CLOSED))
def test_closed_lists_are_respected(column: str) -> None:
    found = [(name, value) for name, value in cells(column) if value not in CLOSED[column]]
    assert found == []


def test_kinds_and_sizes_are_known() -> None:
    organisations = rows("organisations.csv")
    assert {row["kind"] for row in organisations} <= codes("kinds.csv")
    assert {row["size_class"] for row in organisations} <= codes("size_classes.csv") | {""}
    assert {row["kind_verified"] for row in organisations} <= STANDINGS
    assert {row["size_verified"] for row in organisations} <= STANDINGS | {""}
    assert {row["kind"] for row in rows("units.csv")} <= {"laboratory", "innovation_centre"}


@pytest.mark.parametrize(
    ("columns", "known"),
    [
        (("istat_code", "municipalities"), codes("municipalities.csv", "istat_code")),
        (("fields",), codes("fields.csv")),
        (("kinds",), codes("kinds.csv")),
        (("territory", "nuts3"), codes("nuts.csv")),
        (("province",), codes("provinces.csv")),
        (("cluster",), keys("clusters.csv", "code")),
        (("network",), keys("networks.csv")),
        (("ask",), keys("asks.csv", "key")),
        (("idea",), keys("ideas.csv")),
        (("broker",), keys("clusters.csv", "code")),
        (("field",), codes("fields.csv")),
        (("persona",), set(BY_KEY)),
        (("asker", "profile", "kept_apart_from", "body"), PROFILES),
        (("laboratory",), keys("units.csv")),
        (("technopole",), keys("technopoles.csv", "code")),
        (
            ("organisation", "manager", "parents", "coordinator", "authority"),
            keys("organisations.csv"),
        ),
        (("district",), keys("district.csv")),
        (("sector",), keys("sectors.csv")),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else "",
)
def test_references_resolve(columns: tuple[str, ...], known: set[str]) -> None:
    found = list(cells(*columns))
    assert found
    assert [(name, value) for name, value in found if value not in known] == []


def test_members_and_chairs_resolve_by_their_type() -> None:
    known = {"organisation": keys("organisations.csv"), "unit": keys("units.csv")}
    lost = [
        row
        for name in ("memberships.csv", "value_chain_roles.csv")
        for row in rows(name)
        if row["member"] not in known[row["member_type"]]
    ]
    assert lost == []


def test_value_chains_resolve_within_their_cluster() -> None:
    known = {(row["cluster"], row["code"]) for row in rows("value_chains.csv")}
    named = {
        (row["cluster"], row[column])
        for name in TABLES
        for row in rows(name)
        for column in ("value_chain", "predecessor", "successor")
        if row.get(column)
    }
    assert named - known == set()


def test_towns_lie_in_the_province_named() -> None:
    with (VOCABULARIES / "municipalities.csv").open(encoding="utf-8", newline="") as file:
        province = {row["istat_code"]: row["province"] for row in csv.DictReader(file)}
    wrong = [
        row
        for name in ("organisations.csv", "units.csv", "technopoles.csv", "clusters.csv")
        for row in rows(name)
        if row["province"] != province.get(row["istat_code"], "")
        or bool(row["town"]) != bool(row["istat_code"])
    ]
    assert wrong == []


def test_dates_are_dates_and_periods_run_forward() -> None:
    assert [(name, value) for name, value in cells(*DATED) if not DATE.fullmatch(value)] == []
    backwards = [
        row
        for name in TABLES
        for row in rows(name)
        if row.get("valid_until") and row["valid_from"] and row["valid_until"] < row["valid_from"]
    ]
    assert backwards == []


@pytest.mark.parametrize(("value_chain", "total"), [("MEDTECH", 62), ("PHARMA", 71)])
def test_published_compositions_add_up(value_chain: str, total: int) -> None:
    counts = [
        int(row["count"])
        for row in rows("value_chain_composition.csv")
        if row["value_chain"] == value_chain
    ]
    assert sum(counts) == total


def test_health_has_sixteen_proven_members_and_nine_candidates() -> None:
    states = Counter(row["state"] for row in rows("memberships.csv") if row["cluster"] == "HEALTH")
    assert states == {"active": 16, "candidate": 9}


def test_candidates_are_marked_as_candidates_and_only_they() -> None:
    for row in rows("memberships.csv"):
        assert (row["state"] == "candidate") == (row["verified"] == "candidate")


def test_numbers_of_the_world_shown() -> None:
    counted = {name: len(rows(name)) for name in ("clusters.csv", "units.csv", "technopoles.csv")}
    assert counted == {"clusters.csv": 11, "units.csv": 32, "technopoles.csv": 13}


def test_vat_numbers_and_tax_codes_pass_their_check_digit() -> None:
    found = [value for _, value in cells("vat_number", "tax_code")]
    assert found
    assert [value for value in found if not iva.is_valid(value)] == []


def test_identifiers_name_where_they_were_found() -> None:
    silent = [
        row
        for name in ("organisations.csv", "clusters.csv")
        for row in rows(name)
        if bool(row["pic"] or row["vat_number"] or row["tax_code"])
        != bool(row["identifiers_source"])
    ]
    assert silent == []


def test_an_accreditation_of_unknown_state_has_no_date() -> None:
    for row in rows("units.csv"):
        if row["accreditation"] == "unknown":
            assert (row["accredited_from"], row["accredited_until"]) == ("", "")


def test_doubt_is_told_in_its_own_columns() -> None:
    marked = [
        (name, column, value)
        for name in TABLES
        for row in rows(name)
        for column, value in row.items()
        if re.search(r"\((memory|memoria)\)|from memory", value)
    ]
    assert marked == []
