"""Reads examples from CORDIS zips as they are published: projects and their EuroSciVoc fields."""

import csv
import zipfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from trebbo.engine.fields.contracts import Example
from trebbo.engine.matching.contracts import MatchingError
from trebbo.engine.matching.cordis import rows_of


@dataclass(frozen=True, slots=True)
class Funded:
    """A funded project as an example, with the day it was signed."""

    day: date
    example: Example


def read_examples(archives: Sequence[Path]) -> tuple[Funded, ...]:
    """Projects that have a signature and a field, by day and key; of two editions the later zip's.

    CORDIS names the finest fields only (`23/53/363/1099` means 1099). Raises MatchingError for a
    file that is not there, or not a zip as CORDIS publishes it.
    """
    found: dict[str, Funded] = {}
    for archive in archives:
        try:
            with zipfile.ZipFile(archive) as opened:
                found |= _funded(opened)
        except (OSError, zipfile.BadZipFile, KeyError, ValueError, csv.Error) as error:
            raise MatchingError(f"{archive} cannot be read as a CORDIS zip: {error}") from error
    return tuple(sorted(found.values(), key=lambda one: (one.day, one.example.key)))


def _funded(opened: zipfile.ZipFile) -> dict[str, Funded]:
    fields: dict[str, set[str]] = defaultdict(set)
    for row in rows_of(opened, "euroSciVoc.csv"):
        fields[row["projectID"]].add(row["euroSciVocCode"].rsplit("/", 1)[-1])
    return {
        row["id"]: Funded(
            date.fromisoformat(row["ecSignatureDate"][:10]),
            Example(
                row["id"],
                f"{row['title']}. {row['objective']}",
                "en",
                tuple(sorted(fields[row["id"]])),
            ),
        )
        for row in rows_of(opened, "project.csv")
        if row["ecSignatureDate"] and row["id"] in fields
    }
