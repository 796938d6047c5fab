"""The section of `benchmarks.skills` on fields of funded projects."""

import csv
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.skills_vocabulary import TABLES, fields_in, lexicon
from trebbo.engine.fields import Example, Field, Suggester
from trebbo.engine.fields.baselines import LabelSearch, Majority, NearestVote
from trebbo.engine.fields.evaluation import FIGURES, measure

Report = dict[str, Any]


def measured(table: Path, before: Sequence[Example], after: Sequence[Example]) -> Report:
    """Figures of each method over the same projects (see `evaluation.measure`), and the ratios.

    A truth field that no earlier project has counts as any other: it can be found by its name
    only. Fields that are not in the table are no truth; a project without any other is left out.
    """
    fields = _published(table)
    known = {one.key for one in fields}
    asked = [one for one in after if known & set(one.fields)]
    seen = {key for one in before for key in one.fields}
    truths = [key for one in asked for key in one.fields if key in known]
    started = time.perf_counter()
    ours = Suggester.of(fields, before, lexicon())
    building = time.perf_counter() - started
    methods = {
        "majority": Majority(before).suggest,
        "BM25 over the names of the fields": LabelSearch(fields).suggest,
        "BM25, the nearest examples vote": NearestVote(before).suggest,
        "ours without examples": _keys(Suggester.of(fields, (), lexicon())),
        "ours": _keys(ours),
    }
    figures = {name: measure(asked, known, method) for name, method in methods.items()}
    return {
        "projects": len(asked),
        "truths": len(truths),
        "never_seen": sum(key not in seen for key in truths),
        "building_seconds": round(building, 1),
        "methods": figures,
        "ratios": {
            name: {what: round(figures["ours"][what] / max(one[what], 1e-9), 2) for what in FIGURES}
            for name, one in figures.items()
            if name != "ours"
        },
    }


def _published(table: Path) -> list[Field]:
    """The fields as published in English, with the Italian names of the project's own table."""
    italian = {one.key: one.names("it") for one in fields_in(TABLES / "fields.csv")}
    with table.open(encoding="utf-8-sig", newline="") as file:
        return [
            Field(
                row["code"],
                (*(("it", name) for name in italian.get(row["code"], ())), ("en", row["title_en"])),
                row["parent_code"] or None,
            )
            for row in csv.DictReader(file)
        ]


def _keys(suggester: Suggester) -> Any:
    def suggest(text: str, most: int) -> list[str]:
        return [one.key for one in suggester.suggest(text, "en", most)]

    return suggest


def table(report: Report) -> list[str]:
    """The section as Markdown."""
    lines = [
        "",
        f"## Fields of {report['projects']:,} projects",
        "",
        f"{report['truths']:,} fields, {report['never_seen']} of them never seen before",
        f"ours built in {report['building_seconds']} s",
        "",
        "| method | " + " | ".join(FIGURES) + " | ms |",
        "| --- |" + " ---: |" * (len(FIGURES) + 1),
    ]
    for name, one in report["methods"].items():
        cells = " | ".join(f"{one[what]:.3f}" for what in FIGURES)
        lines.append(f"| {name} | {cells} | {one['ms']:.1f} |")
    lines += ["", "| ours against | " + " | ".join(FIGURES) + " |"]
    lines += ["| --- |" + " ---: |" * len(FIGURES)]
    for name, one in report["ratios"].items():
        lines.append(f"| {name} | " + " | ".join(f"{one[what]:.2f}" for what in FIGURES) + " |")
    return lines
