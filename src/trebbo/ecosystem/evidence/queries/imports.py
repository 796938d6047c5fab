"""Reads imports: the list, one of them, and what became of its rows, in words."""

import csv
import gzip
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from trebbo.ecosystem.evidence.choices import (
    DELIMITERS,
    PROBLEM_WORDS,
    PUBLISHERS,
    REASON_LABELS,
    Dataset,
    ImportStage,
    ImportState,
    Publisher,
)
from trebbo.ecosystem.evidence.models import Import
from trebbo.ecosystem.evidence.policies import import_evidence
from trebbo.ecosystem.vocabularies.models import Scheme
from trebbo.kernel.access import Viewer

SHOWN_LINES = 50


def report_name(language: str) -> str:
    """The name of a report's file in one language; both lie in the import's folder."""
    return f"report.{language[:2]}.csv.gz"


def imports(*, viewer: Viewer) -> QuerySet[Import]:
    """All imports, newest first, for those who may import."""
    rows = Import.objects.select_related("asked_by").order_by("-created_at", "-pk")
    return import_evidence.filter(viewer, rows)


def present_editions(*, viewer: Viewer) -> list[Import]:
    """The present edition of each dataset, by its name."""
    rows = imports(viewer=viewer).filter(is_present=True)
    return sorted(rows, key=lambda imported: imported.dataset)


def import_of(*, viewer: Viewer, import_id: int) -> Import | None:
    """One import, where the viewer may see it."""
    return imports(viewer=viewer).filter(pk=import_id).first()


def editions_of(*, viewer: Viewer, imported: Import) -> QuerySet[Import]:
    """The other imports of the same dataset, newest first; none while it is not known."""
    others = imports(viewer=viewer).filter(dataset=imported.dataset).exclude(pk=imported.pk)
    return others if imported.dataset else others.none()


def name_of(dataset: str, names: Mapping[str, str] | None = None) -> str:
    """The name of a dataset, or of a vocabulary, in the page's language; blank where unknown.

    `names` are of vocabularies that were read before.
    """
    if dataset in Dataset.values:
        return str(Dataset(dataset).label)
    if not dataset or names is not None:
        return (names or {}).get(dataset, dataset)
    scheme = Scheme.objects.filter(code=dataset).first()
    return scheme.name if scheme else dataset


def publisher_of(dataset: str) -> Publisher | None:
    """Who publishes the dataset; None where it is a vocabulary or not known yet."""
    return PUBLISHERS[Dataset(dataset)] if dataset in Dataset.values else None


# --- What happened, in words.


class _Known(defaultdict[str, object]):
    """Facts for a message; what is not known reads as an ellipsis."""

    def __init__(self, facts: Mapping[str, object]) -> None:
        super().__init__(lambda: "…", {name: value for name, value in facts.items() if value != ""})


def words_of_problem(code: str, facts: Mapping[str, Any]) -> str:
    """What a problem says to people, with its facts, in the page's language."""
    if code == "refused":
        return str(facts.get("words", ""))
    known = dict(facts)
    for name in ("found", "expected"):
        if known.get(name) in DELIMITERS:
            known[name] = str(DELIMITERS[known[name]])
    variant = f"{code}:found" if known.get("found") else code
    words = PROBLEM_WORDS.get(variant) or PROBLEM_WORDS.get(code) or PROBLEM_WORDS["unexpected"]
    return str(words) % _Known(known)


def reason_label(code: str) -> str:
    """Why a row was left out, or what was noted about it."""
    return str(REASON_LABELS.get(code, code.replace("_", " ")))


@dataclass(frozen=True, slots=True)
class Step:
    """A stage of an import, whether it is done or under way."""

    label: str
    is_done: bool
    is_now: bool


@dataclass(frozen=True, slots=True)
class Told:
    """An import in words: dataset, what went wrong, stages, how far, what it brought."""

    imported: Import
    dataset: str
    problem: str
    steps: tuple[Step, ...]
    percent: int | None
    is_open: bool
    is_silent: bool
    members: tuple[tuple[str, int, int, int], ...]
    reasons: tuple[tuple[str, int], ...]
    tables: tuple[tuple[str, int, int, int], ...]
    links: Mapping[str, int]
    vocabulary: Mapping[str, Any]

    @property
    def is_vocabulary(self) -> bool:
        """Whether the file is a vocabulary rather than a dataset of projects or bodies."""
        return bool(self.vocabulary)


SILENT_SECONDS = 60
OPEN = (ImportState.WAITING, ImportState.RUNNING)


def told(imported: Import, names: Mapping[str, str] | None = None) -> Told:
    """The import in words of the page's language; `names` are of vocabularies read before."""
    counts = imported.counts
    stages = list(ImportStage)
    here = stages.index(ImportStage(imported.stage))
    over = imported.state in {ImportState.PUBLISHED, ImportState.UNCHANGED}
    seen = imported.seen_at
    silent = (
        imported.state == ImportState.RUNNING
        and seen is not None
        and (timezone.now() - seen).total_seconds() > SILENT_SECONDS
    )
    labels = table_labels()
    return Told(
        imported,
        name_of(imported.dataset, names),
        words_of_problem(imported.problem, imported.problem_facts) if imported.problem else "",
        tuple(
            Step(str(stage.label), over or number < here, not over and number == here)
            for number, stage in enumerate(stages)
        ),
        min(100, 100 * imported.done // imported.total) if imported.total else None,
        imported.state in OPEN,
        silent,
        tuple((str(m), int(r), int(k), int(o)) for m, r, k, o in counts.get("members", ())),
        tuple(
            (reason_label(code), total)
            for code, total in sorted(counts.get("reasons", {}).items(), key=lambda one: -one[1])
        ),
        tuple(
            (labels[name], one["added"], one["changed"], one["gone"])
            for name, one in counts.get("tables", {}).items()
            if name in labels
        ),
        counts.get("links", {}),
        counts.get("vocabulary", {}),
    )


def told_together(rows: Iterable[Import]) -> list[Told]:
    """Several imports in words; the names of vocabularies are read together."""
    found = list(rows)
    codes = {one.dataset for one in found} - {"", *Dataset.values}
    schemes = Scheme.objects.filter(code__in=codes) if codes else ()
    names = {scheme.code: scheme.name for scheme in schemes}
    return [told(one, names) for one in found]


def table_labels() -> dict[str, str]:
    """What the published tables hold, in words."""
    return {
        "project": _("Projects"),
        "body": _("Bodies"),
        "participation": _("Participations"),
        "project_field": _("Fields of projects"),
    }


# --- The report.


def report_of(imported: Import) -> Path | None:
    """The file of the import's report in the page's language, where there is one."""
    name = report_name(get_language() or "it")
    path = Path(settings.IMPORTS_FOLDER) / str(imported.pk) / name
    return path if path.is_file() else None


def report_lines(imported: Import) -> Iterator[list[str]]:
    """The report line by line, its head first; nothing where there is none."""
    path = report_of(imported)
    if path is None:
        return
    with gzip.open(path, "rb") as packed, io.TextIOWrapper(packed, "utf-8-sig", newline="") as text:
        yield from csv.reader(text)


def first_lines(imported: Import) -> tuple[list[str], list[list[str]]]:
    """The report's head and its first lines, for the page."""
    lines = report_lines(imported)
    return next(lines, []), list(islice(lines, SHOWN_LINES))
