"""Takes in a table of words: all of it or, once that is confirmed, what is right in it."""

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, field
from hashlib import sha256

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import transaction
from django.utils.translation import gettext as _

from trebbo.ecosystem.vocabularies.actions.word_checks import KnownWords
from trebbo.ecosystem.vocabularies.actions.words import (
    LONGEST_CODE,
    changed_meanwhile,
    demand,
    free_code,
    is_alike,
    keep,
    lock_words,
    save_change,
    save_new,
    tell,
)
from trebbo.ecosystem.vocabularies.models import WordPair
from trebbo.kernel.access import Viewer


@dataclass(frozen=True, slots=True)
class WordRow:
    """A row of a table of words, and where it stands; `problem` if it could not be read.

    Without `code` it is a new pair. `version` is that of the pair when the table was made.
    """

    line: int
    code: str = ""
    italian: str = ""
    english: str = ""
    version: int | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that cannot be taken, and why, in words."""

    line: int
    words: str
    reason: str


@dataclass(slots=True)
class WordsReport:
    """What a table brings. `seen` stands for the words as they were when it was read."""

    seen: str
    added: int = 0
    changed: int = 0
    same: int = 0
    refused: list[RefusedRow] = field(default_factory=list)
    is_saved: bool = False

    @property
    def brings(self) -> int:
        """How many rows change something."""
        return self.added + self.changed


@transaction.atomic
def import_words(*, actor: Viewer, rows: Iterable[WordRow], confirmed: str = "") -> WordsReport:
    """Add the pairs of a table, and write the office's phrases anew of those whose code is there.

    Pairs that the table does not have stay. Where a row is refused nothing is saved, unless the
    person has seen the report and confirms it: `confirmed` is its `seen`, and counts as long as
    nobody changed words meanwhile. Refuses anybody but an office.
    """
    demand(actor)
    known = lock_words()
    report = WordsReport(seen=_fingerprint(known))
    lines: dict[str, int] = {}
    writes: list[tuple[WordPair, WordPair | None]] = []
    for row in rows:
        before = known.pairs.get(row.code)
        pair = copy(before) if before else WordPair(code=row.code or free_code(row.english, known))
        keep(pair, row.italian, row.english)
        is_again = row.code in lines
        if before and is_alike(before, pair) and not (row.problem or is_again):
            lines[pair.code] = row.line
            report.same += 1
            continue
        reason = row.problem or _code_problem(row, before, lines)
        reason = reason or _in_words(known.problems(pair, before))
        if reason:
            words = pair.title if row.italian or row.english else row.code
            report.refused.append(RefusedRow(row.line, words, reason))
            continue
        lines[pair.code] = row.line
        if before is None:
            report.added += 1
        else:
            report.changed += 1
        known.enter(pair)
        writes.append((pair, before))
    report.is_saved = not report.refused or confirmed == report.seen
    if report.is_saved and writes:
        for pair, before in writes:
            if before is None:
                save_new(actor, pair)
            else:
                save_change(actor, pair, before)
        tell()
    return report


def _code_problem(row: WordRow, before: WordPair | None, lines: dict[str, int]) -> str:
    """What is wrong with a row's code: not one, said before, of a pair gone or changed."""
    if row.code in lines:
        return _("The code “%(code)s” stands on line %(line)d already.") % {
            "code": row.code,
            "line": lines[row.code],
        }
    if before is not None:
        stale = row.version is not None and row.version != before.version
        return changed_meanwhile(before) if stale else ""
    if row.version is not None:
        return _("Meanwhile somebody removed this pair. To add it again, leave its version blank.")
    if not row.code or _is_code(row.code):
        return ""
    return _("A code is of lower-case letters, digits and hyphens, at most %(most)d, or blank.") % {
        "most": LONGEST_CODE
    }


def _is_code(code: str) -> bool:
    try:
        validate_slug(code)
    except ValidationError:
        return False
    return len(code) <= LONGEST_CODE and code == code.lower()


def _in_words(problems: dict[str, str]) -> str:
    names = {"italian": _("Italian"), "english": _("English"), "pair": ""}
    return " ".join(
        f"{names[side]}: {words}" if names[side] else words for side, words in problems.items()
    )


def _fingerprint(known: KnownWords) -> str:
    versions = sorted(f"{code}:{pair.version}" for code, pair in known.pairs.items())
    return sha256("\n".join(versions).encode()).hexdigest()[:16]
