"""Chooses the funded projects of the demonstration out of the official Horizon Europe files.

Facts only: acronym, title, numbers, dates, money, fields, participants. No objectives, no street
addresses, no contacts; positions are rounded to about a kilometre.
"""

import argparse
import csv
import io
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

Row = dict[str, str]
csv.field_size_limit(10_000_000)

FACTS = Path("src/trebbo/demo/facts")
MEMBERS = ("project", "organization", "euroSciVoc", "topics", "legalBasis")
KEY = {"project": "id"}
# Columns that the excerpt leaves blank: texts, addresses, contacts, what nobody reads.
LEFT_BLANK = {
    "project": {"objective", "keywords", "contentUpdateDate", "nature"},
    "organization": {"street", "postCode", "contactForm", "contentUpdateDate"},
    "euroSciVoc": {"euroSciVocDescription"},
    "topics": set[str](),
    "legalBasis": set[str](),
}
HEALTH = "/21/"
CLUSTER = "clust-er-health"
POINT_DECIMALS = 2
MOST_PARTICIPANTS = 45  # a project of a hundred bodies would fill the excerpt by itself
AT_LEAST_EACH = 2
SHORTEST_NAME = 4


class Source:
    """The members of the official zip, streamed row by row."""

    def __init__(self, path: Path) -> None:
        self.archive = zipfile.ZipFile(path)

    def rows(self, member: str) -> Iterator[Row]:
        """The rows of one member."""
        with self.archive.open(f"{member}.csv") as file:
            text = io.TextIOWrapper(file, "utf-8-sig", newline="")
            yield from csv.DictReader(text, delimiter=";")


def our_bodies(facts: Path) -> tuple[dict[str, str], dict[str, str]]:
    """The demonstration's bodies by PIC and by VAT number."""
    by_pic, by_vat = {}, {}
    for name in ("organisations", "clusters"):
        with (facts / f"{name}.csv").open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                if row["pic"]:
                    by_pic[row["pic"]] = row["key"]
                if row["vat_number"]:
                    by_vat[row["vat_number"]] = row["key"]
    return by_pic, by_vat


def names_to_judge(facts: Path) -> tuple[set[str], tuple[str, ...]]:
    """Names that leave some links to be judged by a person.

    One-word names of bodies of which no PIC is known, and the whole names of the others: who is
    called so and more, under another PIC, may be a department.
    """
    with (facts / "organisations.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    unknown = {row["legal_name"].casefold() for row in rows if not row["pic"]}
    names = {row[name].casefold() for row in rows for name in ("legal_name", "name_en")}
    return (
        {name for name in unknown if " " not in name and len(name) >= SHORTEST_NAME},
        tuple(f"{name}," for name in names if " " in name),
    )


def choose(source: Source, facts: Path, wanted: int) -> set[str]:
    """The projects to take: all of the cluster's, some of each body's, then the fullest.

    Also one for each name that leaves something to be judged. Among equals, health first, then
    several of our bodies together, then the newest number.
    """
    by_pic, by_vat = our_bodies(facts)
    ours: dict[str, set[str]] = defaultdict(set)
    participants: Counter[str] = Counter()
    alike: dict[str, set[str]] = defaultdict(set)
    unknown, known = names_to_judge(facts)
    for row in source.rows("organization"):
        participants[row["projectID"]] += 1
        key = by_pic.get(row["organisationID"]) or by_vat.get(row["vatNumber"])
        if key:
            ours[row["projectID"]].add(key)
        name = row["name"].casefold()
        word = name.partition(" ")[0]
        if word in unknown:
            alike[word].add(row["projectID"])
        elif not key and name.startswith(known):
            alike[name].add(row["projectID"])
    health = {
        row["projectID"]
        for row in source.rows("euroSciVoc")
        if f"{row['euroSciVocCode']}/".startswith(HEALTH)
    }
    ordered = sorted(
        (number for number in ours if participants[number] <= MOST_PARTICIPANTS),
        key=lambda number: (number not in health, -len(ours[number]), -int(number)),
    )
    chosen = {number for number in ours if CLUSTER in ours[number]} | {
        min(numbers, key=lambda number: (participants[number], number))
        for numbers in alike.values()
    }
    each: Counter[str] = Counter(key for number in chosen for key in ours[number])
    for number in ordered:
        if any(each[key] < AT_LEAST_EACH for key in ours[number]) and number not in chosen:
            chosen.add(number)
            each.update(ours[number])
    for number in ordered:
        if len(chosen) >= wanted:
            break
        chosen.add(number)
    return chosen


def write(source: Source, chosen: set[str], out: Path) -> dict[str, int]:
    """Writes the five files in the official layout; returns their rows."""
    out.mkdir(parents=True, exist_ok=True)
    written = {}
    for member in MEMBERS:
        key = KEY.get(member, "projectID")
        rows = [_facts(member, row) for row in source.rows(member) if row[key] in chosen]
        rows.sort(key=lambda row: (int(row[key]), int(row.get("order") or 0), *row.values()))
        with (out / f"{member}.csv").open("w", encoding="utf-8", newline="") as file:
            lines = csv.DictWriter(
                file, list(rows[0]), delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\n"
            )
            lines.writeheader()
            lines.writerows(rows)
        written[member] = len(rows)
    return written


def _facts(member: str, row: Row) -> Row:
    facts = {name: "" if name in LEFT_BLANK[member] else value for name, value in row.items()}
    if facts.get("geolocation"):
        parts = facts["geolocation"].strip("()").split(",")
        facts["geolocation"] = ",".join(f"{float(part):.{POINT_DECIMALS}f}" for part in parts)
    return facts


def main() -> None:
    """Writes the excerpt anew."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cordis", type=Path, required=True, help="the Horizon Europe zip")
    parser.add_argument("--facts", type=Path, default=FACTS)
    parser.add_argument("--projects", type=int, default=64)
    options = parser.parse_args()
    source = Source(options.cordis)
    chosen = choose(source, options.facts, options.projects)
    for member, rows in write(source, chosen, options.facts / "cordis").items():
        print(f"{member}.csv: {rows} rows")


if __name__ == "__main__":
    main()
