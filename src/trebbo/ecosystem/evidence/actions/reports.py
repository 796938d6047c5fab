"""Writes an import's report: totals, then row by row what was left out, linked, changed, gone."""

import csv
import gzip
import io
import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from trebbo.ecosystem.evidence.actions.importing import folder_of
from trebbo.ecosystem.evidence.choices import BodyScheme, LinkState, ParticipationRole
from trebbo.ecosystem.evidence.gateway import warehouse
from trebbo.ecosystem.evidence.models import (
    FundedProject,
    Import,
    Link,
    Participation,
    RecordChange,
)
from trebbo.ecosystem.evidence.queries.imports import reason_label, report_name, table_labels
from trebbo.ecosystem.evidence.queries.reasons import told_reasons
from trebbo.ecosystem.vocabularies.actions import VocabularyReport
from trebbo.kernel.access import Viewer
from trebbo.kernel.tabular import harmless

CHUNK = 2_000

Line = tuple[str, ...]


def write_report(*, actor: Viewer, imported: Import) -> None:
    """Write the report into the import's folder, once in each language.

    Columns: what the line is about, which record, where it stands in the file, what became of it,
    the value or its old and new one, how sure. Streamed; it appears whole or not at all.
    """
    with warehouse.opened() as store:
        for language, _name in settings.LANGUAGES:
            with translation.override(language):
                left_out = warehouse.left_out(store, imported.snapshot)
                _write(imported, language, _lines(actor, imported, left_out))


def write_vocabulary_report(*, imported: Import, report: VocabularyReport) -> None:
    """The same for a vocabulary: totals, then what was left out and, as it was said, why."""
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            _write(imported, language, _vocabulary_lines(report))


def _write(imported: Import, language: str, lines: Iterable[Line]) -> None:
    folder = folder_of(imported)
    folder.mkdir(parents=True, exist_ok=True)
    name = report_name(language)
    part = folder / f"{name}.part"
    with (
        gzip.open(part, "wb", compresslevel=6) as packed,
        io.TextIOWrapper(packed, "utf-8-sig", newline="") as text,
    ):
        writer = csv.writer(text)
        head = (
            pgettext("report", "About"),
            _("Record"),
            _("Where"),
            _("What"),
            _("Value"),
            _("Probability"),
        )
        writer.writerow(head)
        writer.writerows([harmless(cell) for cell in line] for line in lines)
    part.replace(folder / name)


def _lines(actor: Viewer, imported: Import, left_out: Iterable[dict[str, Any]]) -> Iterator[Line]:
    yield from _totals(imported)
    for row in left_out:
        where = _("%(file)s, row %(row)s") % {"file": row["member"], "row": row["row"] or "…"}
        yield _("Row"), row["key"] or "", where, reason_label(row["reason"]), row["value"] or "", ""
    yield from _links(actor, imported)
    yield from _changes(imported)
    yield from _gone(imported)


def _totals(imported: Import) -> Iterator[Line]:
    counts, total = imported.counts, _("Total")
    for member, read, kept, out in counts.get("members", ()):
        for words, number in (
            (_("rows read"), read),
            (_("rows kept"), kept),
            (_("rows left out"), out),
        ):
            yield total, "", member, words, str(number), ""
    for code, number in counts.get("reasons", {}).items():
        yield total, "", "", reason_label(code), str(number), ""
    labels = table_labels()
    for name, one in counts.get("tables", {}).items():
        for words, number in (
            (pgettext("rows", "new"), one["added"]),
            (pgettext("rows", "changed"), one["changed"]),
            (pgettext("rows", "no longer there"), one["gone"]),
        ):
            yield total, "", labels.get(name, name), words, str(number), ""
    names = {
        "made": _("links made"),
        "proposed": _("links to be reviewed"),
        "kept": _("links as before"),
        "withdrawn": _("links that no longer hold"),
    }
    for name, number in counts.get("links", {}).items():
        yield total, "", "", names.get(name, name), str(number), ""


def _links(actor: Viewer, imported: Import) -> Iterator[Line]:
    """The links of the bodies that this import brought or changed, and those to ROR made now."""
    rows = (
        Link.objects.filter(Q(body__last_import=imported) | Q(same_body__last_import=imported))
        .select_related("body", "profile", "same_body")
        .order_by("-probability", "pk")
    )
    for link in rows.iterator(chunk_size=CHUNK):
        other = str(link.profile or link.same_body)
        why = "; ".join(
            f"{one.comparison}: {one.level} ({one.left} | {one.right})"
            for one in told_reasons(link.reasons, viewer=actor)
        )
        yield (
            _("Link"),
            _body(link.body.scheme, link.body.key, link.body.name),
            other,
            str(LinkState(link.state).label),
            why,
            f"{link.probability:.3f}",
        )


def _changes(imported: Import) -> Iterator[Line]:
    rows = RecordChange.objects.filter(made_by=imported).select_related("project", "body")
    for change in rows.order_by("project", "pk").iterator(chunk_size=CHUNK):
        body = change.body
        where = _body(body.scheme, body.key, body.name) if body else ""
        for name, (old, new) in change.changes.items():
            yield (
                _("Change"),
                f"{change.project.key} {change.project.acronym}".strip(),
                where,
                name,
                f"{_told(old)} → {_told(new)}",
                "",
            )


def _gone(imported: Import) -> Iterator[Line]:
    gone = _("no longer in the newer edition")
    projects = FundedProject.objects.filter(gone_import=imported).order_by("key")
    for key, acronym in projects.values_list("key", "acronym").iterator(chunk_size=CHUNK):
        yield _("Project"), f"{key} {acronym}".strip(), "", gone, "", ""
    parts = (
        Participation.objects.filter(gone_import=imported)
        .order_by("project", "position", "pk")
        .values_list(
            "project__key",
            "project__acronym",
            "role",
            "body__scheme",
            "body__key",
            "body__name",
        )
    )
    for key, acronym, role, scheme, number, name in parts.iterator(chunk_size=CHUNK):
        words = str(ParticipationRole(role).label)
        where = _body(scheme, number, name)
        yield _("Participation"), f"{key} {acronym}".strip(), where, gone, words, ""


def _body(scheme: str, key: str, name: str) -> str:
    return f"{BodyScheme(scheme).name} {key} {name}"


def _told(value: Any) -> str:
    return "—" if value is None else value if isinstance(value, str) else json.dumps(value)


def _vocabulary_lines(report: VocabularyReport) -> Iterator[Line]:
    names = "; ".join(report.names)
    for words, number in (
        (pgettext("rows", "new"), report.added),
        (pgettext("rows", "changed"), report.changed),
        (pgettext("rows", "no longer there"), report.gone),
        (pgettext("rows", "as before"), report.unchanged),
        (_("rows left out"), len(report.left_out)),
    ):
        yield _("Total"), "", names, words, str(number), ""
    for row in report.left_out:
        where = _("row %(row)s") % {"row": row.row}
        yield _("Row"), row.key, where, str(row.reason), "", ""
