"""The section of `benchmarks.skills` on texts that say the same in Italian and in English."""

from collections.abc import Sequence
from statistics import mean
from typing import Any

from benchmarks.skills_vocabulary import FACTS, TABLES, fields_in, lexicon, rows_in
from trebbo.engine.fields import Example, Suggester

TEXTS = {
    "organisations": ("description",),
    "units": ("competences", "equipment", "services"),
    "technopoles": ("focus",),
    "clusters": ("description",),
    "value_chains": ("aim",),
    "networks": ("description",),
    "district": ("description",),
    "sectors": ("description",),
}
"""What each profile of the demonstration says of itself, in columns that end in _it and _en."""
FIRST = 5
Twin = tuple[str, str]
Report = dict[str, Any]


def measured(examples: Sequence[Example]) -> Report:
    """How much the first FIRST suggestions for the Italian text overlap those for the English one.

    `jaccard` is common over all of both, `common` is common over the longer of the two, both means
    over profiles; `first` is how often the very first is the same. Of the project's own table of
    fields; a profile for which neither text finds anything is counted apart.
    """
    suggester = Suggester.of(fields_in(TABLES / "fields.csv"), examples, lexicon())
    pairs = [
        (_first(suggester, italian, "it"), _first(suggester, english, "en"))
        for italian, english in twins()
    ]
    found = [pair for pair in pairs if any(pair)]
    return {
        "profiles": len(pairs),
        "nothing_found": len(pairs) - len(found),
        "jaccard": round(mean(len({*a} & {*b}) / len({*a} | {*b}) for a, b in found), 3),
        "common": round(mean(len({*a} & {*b}) / max(len(a), len(b)) for a, b in found), 3),
        "first": round(mean(a[:1] == b[:1] for a, b in found), 3),
    }


def twins() -> list[Twin]:
    """The Italian and the English text of every profile that has both."""
    found = []
    for table, columns in TEXTS.items():
        for row in rows_in(FACTS / f"{table}.csv"):
            italian, english = (
                ". ".join(row[f"{column}_{code}"].replace("|", ", ") for column in columns)
                for code in ("it", "en")
            )
            if italian.strip(". ") and english.strip(". "):
                found.append((italian, english))
    return found


def _first(suggester: Suggester, text: str, language: Any) -> list[str]:
    return [one.key for one in suggester.suggest(text, language, FIRST)]


def table(report: Report) -> list[str]:
    """The section as Markdown."""
    figures = " | ".join(f"{report[name]:.3f}" for name in ("jaccard", "common", "first"))
    return [
        "",
        f"## Twins: {report['profiles']} profiles in two languages",
        "",
        f"| Jaccard of the first {FIRST} | in common | the first is the same | nothing found |",
        "| ---: | ---: | ---: | ---: |",
        f"| {figures} | {report['nothing_found']} |",
    ]
