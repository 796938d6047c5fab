"""Real projects of Horizon Europe: their fields are found better than by the usual methods."""

import csv
from datetime import date
from pathlib import Path

from trebbo.engine.fields import Field, Suggester
from trebbo.engine.fields.baselines import LabelSearch, Majority, NearestVote
from trebbo.engine.fields.cordis import read_examples
from trebbo.engine.fields.evaluation import measure

SPLIT = date(2024, 1, 1)
EVERY_BEFORE, EVERY_AFTER = 8, 40


def test_fields_of_real_projects_are_found(open_data: Path) -> None:
    funded = read_examples([open_data / "cordis" / "cordis-HORIZONprojects-csv.zip"])
    assert len(funded) > 10_000
    with (open_data / "vocabularies" / "euroscivoc_tree_en.csv").open(encoding="utf-8") as file:
        fields = [
            Field(row["code"], (("en", row["title_en"]),), row["parent_code"] or None)
            for row in csv.DictReader(file)
        ]
    known = {one.key for one in fields}
    assert {key for one in funded for key in one.example.fields} <= known

    before = [one.example for one in funded if one.day < SPLIT][::EVERY_BEFORE]
    after = [one.example for one in funded if one.day >= SPLIT][::EVERY_AFTER]
    suggester = Suggester.of(fields, before)
    ours = measure(
        after, known, lambda text, most: [one.key for one in suggester.suggest(text, "en", most)]
    )
    nearest = measure(after, known, NearestVote(before).suggest)
    names = measure(after, known, LabelSearch(fields).suggest)
    majority = measure(after, known, Majority(before).suggest)
    assert ours["MAP"] > 1.3 * nearest["MAP"]
    assert ours["MAP"] > 3 * names["MAP"]
    assert ours["MAP"] > 5 * majority["MAP"]
    assert ours["precision@3"] > 1.3 * nearest["precision@3"]
