"""The demonstration's evidence: an excerpt of CORDIS, valid, of facts only, imported like any."""

import csv
import re
from collections import Counter
from pathlib import Path

from trebbo.demo import evidence

Row = dict[str, str]
FACTS = Path(__file__).parents[2] / "src/trebbo/demo/facts"
EXCERPT = FACTS / "cordis"
LARGEST_BYTES = 400_000
LEFT_BLANK = {
    "project": ("objective", "keywords", "contentUpdateDate", "nature"),
    "organization": ("street", "postCode", "contactForm", "contentUpdateDate"),
    "euroSciVoc": ("euroSciVocDescription",),
}


def rows(member: str) -> list[Row]:
    """The rows of one member of the excerpt."""
    with (EXCERPT / f"{member}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";", strict=True))


def bodies(column: str) -> set[str]:
    """The identifiers of the demonstration's organisations and clusters."""
    found = set()
    for name in ("organisations", "clusters"):
        with (FACTS / f"{name}.csv").open(encoding="utf-8") as file:
            found |= {row[column] for row in csv.DictReader(file) if row[column]}
    return found


def test_some_tens_of_projects_in_little_space() -> None:
    """Each once, with a number, a name and a title; the whole stays small."""
    numbers = [row["id"] for row in rows("project")]
    assert 50 <= len(numbers) == len(set(numbers)) <= 70
    assert all(re.fullmatch(r"\d{6,9}", number) for number in numbers)
    assert all(row["acronym"] and row["title"] and row["startDate"] for row in rows("project"))
    assert sum(file.stat().st_size for file in EXCERPT.iterdir()) < LARGEST_BYTES


def test_every_project_has_all_its_participants() -> None:
    """One coordinator each, nobody twice in a role, and no row of a project that is not there."""
    numbers = {row["id"] for row in rows("project")}
    taking_part = rows("organization")
    assert {row["projectID"] for row in taking_part} == numbers
    coordinators = Counter(row["projectID"] for row in taking_part if row["role"] == "coordinator")
    assert set(coordinators.values()) == {1}
    assert len(coordinators) == len(numbers)
    places = Counter((row["projectID"], row["organisationID"], row["role"]) for row in taking_part)
    assert [place for place, times in places.items() if times > 1] == []
    for member in ("euroSciVoc", "topics", "legalBasis"):
        assert {row["projectID"] for row in rows(member)} <= numbers


def test_facts_only() -> None:
    """No texts of others, no streets, no contacts; positions to about a kilometre."""
    filled = [
        (member, column, row)
        for member, columns in LEFT_BLANK.items()
        for row in rows(member)
        for column in columns
        if row[column]
    ]
    assert filled == []
    positions = {row["geolocation"] for row in rows("organization")} - {""}
    assert {
        position
        for position in positions
        if not re.fullmatch(r"-?\d+\.\d{2},-?\d+\.\d{2}", position)
    } == set()


def test_they_are_about_the_demonstration() -> None:
    """A body of the demonstration takes part in nearly each; the cluster itself in several."""
    by_number = bodies("pic"), bodies("vat_number")
    ours = {
        row["projectID"]
        for row in rows("organization")
        if row["organisationID"] in by_number[0] or row["vatNumber"] in by_number[1]
    }
    assert len(ours) >= 0.9 * len(rows("project"))
    with (FACTS / "clusters.csv").open(encoding="utf-8") as file:
        pic = next(row["pic"] for row in csv.DictReader(file) if row["key"] == "clust-er-health")
    health = [row for row in rows("organization") if row["organisationID"] == pic]
    assert len(health) >= 3


def test_the_zip_is_always_the_same(tmp_path: Path) -> None:
    """The same facts make the same bytes, so that importing them again is no news."""
    first = evidence.pack(tmp_path / "first").read_bytes()
    assert evidence.pack(tmp_path / "second").read_bytes() == first


def test_fields_are_paths_of_numbers() -> None:
    """Each ends in the number that is the field's code in the registry."""
    codes = [row["euroSciVocCode"] for row in rows("euroSciVoc")]
    assert [code for code in codes if not re.fullmatch(r"(/\d+)+", code)] == []
