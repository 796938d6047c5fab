"""Carries an import out, step by step; one that was broken off goes on where it was."""

import hashlib
import secrets
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.db import DatabaseError, transaction
from django.utils import timezone

from trebbo.ecosystem.evidence.actions.importing import FULL, demand_office, folder_of
from trebbo.ecosystem.evidence.actions.linking import link_snapshot
from trebbo.ecosystem.evidence.actions.progress import OnProgress, Work, name_dataset, take_on
from trebbo.ecosystem.evidence.actions.publishing import publish
from trebbo.ecosystem.evidence.actions.refusals import ImportRefused, words_of
from trebbo.ecosystem.evidence.actions.reports import write_report, write_vocabulary_report
from trebbo.ecosystem.evidence.choices import ImportStage, ImportState
from trebbo.ecosystem.evidence.events import evidence_published
from trebbo.ecosystem.evidence.gateway import warehouse
from trebbo.ecosystem.evidence.models import Import
from trebbo.ecosystem.vocabularies.actions import import_vocabulary, recognise_vocabulary
from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import Refusal

HASHED_BYTES = 1 << 20


def carry_out_import(
    *, actor: Viewer, import_id: int, on_progress: OnProgress | None = None
) -> Import:
    """Carry out an import that waits, or take up one that was stopped, failed or died.

    Gives the import back published, unchanged (the present edition is of the very same file) or
    stopped. Refuses, in words, a file that cannot be taken in: the import is then `failed` and
    nothing of it is visible; and an import that another process carries out.
    """
    demand_office(actor)
    work = take_on(import_id, on_progress)
    try:
        _carry_out(actor, work)
    except warehouse.Interrupted:
        work.leave(ImportState.STOPPED)
    except KeyboardInterrupt:
        work.leave(ImportState.STOPPED)
        raise
    except warehouse.FileProblem as problem:
        work.leave(ImportState.FAILED, problem.code, **problem.facts)
        raise ImportRefused(words_of(problem.code, problem.facts)) from problem
    except Refusal as refusal:
        work.leave(ImportState.FAILED, "refused", words=refusal.message)
        raise
    except Exception as error:
        if not _is_full(error):
            work.leave(ImportState.FAILED, "unexpected", words=type(error).__name__)
            raise
        facts = {"folder": Path(folder_of(work.imported)).parent.name}
        work.leave(ImportState.FAILED, "disk_full", **facts)
        raise ImportRefused(words_of("disk_full", facts)) from error
    return work.imported


def _is_full(error: Exception) -> bool:
    if isinstance(error, DatabaseError):
        return "disk is full" in str(error) or "No space left" in str(error)
    return isinstance(error, OSError) and error.errno in FULL


def _carry_out(actor: Viewer, work: Work) -> None:
    imported = work.imported
    if not imported.is_present:
        path = Path(imported.path)
        digest = _checked(work, path)
        if _is_known(digest, imported):
            _finish(work, ImportState.UNCHANGED)
            return
        if recognise_vocabulary(path):
            _take_vocabulary(actor, work, path, digest)
            return
        found = warehouse.recognise(path)
        _start_snapshot(work, found)
        with warehouse.opened() as store:
            _read(work, found, store)
            work.tell(ImportStage.PUBLISH, 0, 0)
            publish(actor=actor, imported=imported, store=store)
            imported.is_present = True
    work.tell(ImportStage.LINK, 0, 0)
    links = link_snapshot(actor=actor, imported=imported)
    work.save(counts={**_counts(imported), "links": asdict(links)})
    write_report(actor=actor, imported=imported)
    _finish(work, ImportState.PUBLISHED)
    _tidy(imported)


def _checked(work: Work, path: Path) -> str:
    """The SHA-256 of the file; refuses one that is gone, or not what it was when it was begun."""
    work.tell(ImportStage.RECOGNISE, 0, 0)
    if not path.is_file():
        raise warehouse.FileProblem("not_found", {"file": path.name})
    sha256 = hashlib.sha256()
    total, done = path.stat().st_size, 0
    with path.open("rb") as file:
        while chunk := file.read(HASHED_BYTES):
            sha256.update(chunk)
            done += len(chunk)
            work.tell(ImportStage.RECOGNISE, done, total)
    digest = sha256.hexdigest()
    before = work.imported.sha256
    if before and before != digest:
        raise warehouse.FileProblem("file_changed", {"file": path.name})
    return digest


def _is_known(digest: str, imported: Import) -> bool:
    """Whether the present edition came from the very same bytes."""
    present = Import.objects.filter(is_present=True, sha256=digest).exclude(pk=imported.pk).first()
    if present is None or present.state != ImportState.PUBLISHED:
        return False
    imported.dataset, imported.edition_date = present.dataset, present.edition_date
    Import.objects.filter(pk=imported.pk).update(
        dataset=present.dataset, edition_date=present.edition_date, sha256=digest
    )
    return True


def _start_snapshot(work: Work, found: warehouse.Found) -> None:
    imported = work.imported
    snapshot = imported.snapshot or (
        f"{found.dataset.replace('-', '_')[:20]}_{imported.pk}_{secrets.token_hex(3)}"
    )
    name_dataset(
        work,
        dataset=found.dataset,
        sha256=found.sha256,
        size=found.size,
        edition_date=found.edition,
        snapshot=snapshot,
    )
    present = Import.objects.filter(dataset=found.dataset, is_present=True).first()
    older = (
        present is not None
        and present.edition_date is not None
        and found.edition is not None
        and found.edition < present.edition_date
    )
    if older and present is not None and not imported.allow_older:
        facts = {"found": str(found.edition), "expected": str(present.edition_date)}
        raise warehouse.FileProblem("older_edition", facts)


def _read(work: Work, found: warehouse.Found, store: Any) -> None:
    imported = work.imported
    brought = warehouse.take_in(
        store, found, imported.snapshot, folder_of(imported) / "passing", work.tell
    )
    counts = {
        **_counts(imported),
        "members": [list(member) for member in brought.members],
        "rows": dict(brought.rows),
        "reasons": warehouse.reasons(store, imported.snapshot),
    }
    work.save(counts=counts)


def _counts(imported: Import) -> Mapping[str, Any]:
    counts: Mapping[str, Any] = Import.objects.values_list("counts", flat=True).get(pk=imported.pk)
    return counts


def _take_vocabulary(actor: Viewer, work: Work, path: Path, digest: str) -> None:
    """Vocabularies go straight into their tables, whole or not at all."""
    imported = work.imported
    name_dataset(work, dataset=recognise_vocabulary(path)[:40], sha256=digest)

    def tell(done: int, total: int) -> None:
        if work.on_progress is not None:
            work.on_progress(ImportStage.PUBLISH, done, total, "")

    work.tell(ImportStage.PUBLISH, 0, 0)
    with transaction.atomic():
        report = import_vocabulary(actor=actor, path=path, on_progress=tell)
        Import.objects.filter(dataset=imported.dataset, is_present=True).update(is_present=False)
        counts = {
            "vocabulary": {
                "names": list(report.names),
                "added": report.added,
                "changed": report.changed,
                "gone": report.gone,
                "unchanged": report.unchanged,
                "left_out": len(report.left_out),
            }
        }
        work.save(counts=counts, is_present=True)
    write_vocabulary_report(imported=imported, report=report)
    _finish(work, ImportState.PUBLISHED if report.is_new else ImportState.UNCHANGED)
    _tidy(imported)


def _finish(work: Work, state: ImportState) -> None:
    with transaction.atomic():
        work.save(state=state, finished_at=timezone.now(), problem="", problem_facts={})
        if state == ImportState.PUBLISHED:
            number = work.imported.pk
            transaction.on_commit(lambda: evidence_published.send(Import, import_id=number))
    if state == ImportState.UNCHANGED:
        shutil.rmtree(folder_of(work.imported), ignore_errors=True)


def _tidy(imported: Import) -> None:
    """Let go of what only the import itself needed, and of snapshots that nobody needs."""
    folder = folder_of(imported)
    shutil.rmtree(folder / "passing", ignore_errors=True)
    if Path(imported.path).is_relative_to(folder):
        Path(imported.path).unlink(missing_ok=True)
    if not imported.snapshot:
        return
    # Read first, so that a snapshot begun meanwhile is among those that are needed.
    with suppress(warehouse.FileProblem), warehouse.opened() as store:
        there = store.snapshots()
        needed = set(
            Import.objects.exclude(state=ImportState.PUBLISHED, is_present=False)
            .exclude(snapshot="")
            .values_list("snapshot", flat=True)
        )
        for name in there - needed:
            store.drop(name)
