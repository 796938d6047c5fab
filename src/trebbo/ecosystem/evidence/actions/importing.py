"""What a person does with an import: start it, stop it, take it up again, forget it."""

import errno
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import ProtectedError
from django.utils.text import get_valid_filename
from django.utils.translation import gettext as _

from trebbo.ecosystem.accounts.models import Person
from trebbo.ecosystem.evidence.actions.progress import is_alive
from trebbo.ecosystem.evidence.actions.refusals import ImportRefused, words_of
from trebbo.ecosystem.evidence.choices import ImportState
from trebbo.ecosystem.evidence.gateway import warehouse
from trebbo.ecosystem.evidence.models import Import
from trebbo.ecosystem.evidence.policies import may_import
from trebbo.ecosystem.vocabularies import policies as vocabularies
from trebbo.ecosystem.vocabularies.actions import recognise_vocabulary
from trebbo.kernel.access import Viewer
from trebbo.kernel.audit import record
from trebbo.kernel.errors import NotAllowed

LONGEST_NAME = 200
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def start_import(
    *,
    actor: Viewer,
    file_name: str,
    path: Path | None = None,
    content: "UploadedFile[Any] | None" = None,
    allow_older: bool = False,
) -> Import:
    """Put a file in line to be imported; carry it out with `carry_out_import`.

    The file is either at `path`, where it stays, or the `content` that a person sent, which is
    moved into the import's folder. Refuses: a person of no office; a path at which there is no
    file; a vocabulary from anybody but the agency; a full disk (nothing stays behind).
    """
    demand_office(actor)
    if content is None and not (path and path.is_file()):
        raise ImportRefused(words_of("not_found", {"file": path.name if path else file_name}))
    imported = Import(
        file_name=file_name[-LONGEST_NAME:], allow_older=allow_older, created_at=actor.now
    )
    imported.asked_by = Person.objects.filter(pk=actor.person_id or 0).first()
    try:
        with transaction.atomic():
            imported.save()
            place = _received(imported, content) if content else Path(path or "").resolve()
            if recognise_vocabulary(place) and not vocabularies.load_vocabularies(actor):
                raise NotAllowed(_("Only the coordinating agency may import a vocabulary."))
            imported.path, imported.size = str(place), place.stat().st_size
            imported.save(update_fields=["path", "size"])
            record(actor=actor, verb="start_import", subject=imported)
    except BaseException:
        if imported.pk is not None:
            shutil.rmtree(folder_of(imported), ignore_errors=True)
        raise
    return imported


def stop_import(*, actor: Viewer, import_id: int) -> Import:
    """Ask an import to stop at its next step; what is done stays, and it can be resumed.

    One that waits, or whose process is gone, stops at once. Refuses a person of no office, and an
    import that is over.
    """
    with transaction.atomic():
        imported = _held(actor, import_id)
        if imported.state not in {ImportState.WAITING, ImportState.RUNNING}:
            raise ImportRefused(_("This import is not under way."))
        if is_alive(imported, actor.now):
            imported.stop_asked = True
        else:
            imported.state, imported.process = ImportState.STOPPED, ""
        imported.save(update_fields=["stop_asked", "state", "process"])
        record(actor=actor, verb="stop_import", subject=imported)
    return imported


def resume_import(*, actor: Viewer, import_id: int) -> Import:
    """Put an import in line again, that was stopped, that failed, or whose process died.

    Refuses a person of no office, and an import that is over or under way.
    """
    with transaction.atomic():
        imported = _held(actor, import_id)
        if imported.state in {ImportState.PUBLISHED, ImportState.UNCHANGED}:
            raise ImportRefused(_("This import is finished."))
        if imported.state == ImportState.WAITING or is_alive(imported, actor.now):
            raise ImportRefused(_("This import is under way already, in another process."))
        imported.state, imported.process, imported.stop_asked = ImportState.WAITING, "", False
        imported.save(update_fields=["state", "process", "stop_asked"])
        record(actor=actor, verb="resume_import", subject=imported)
    return imported


def forget_import(*, actor: Viewer, import_id: int) -> None:
    """Remove an import that brought nothing, with what it left in the warehouse and on the disk.

    Refuses a person of no office, an import under way, and one whose rows the registry has.
    """
    with transaction.atomic():
        imported = _held(actor, import_id)
        if is_alive(imported, actor.now):
            raise ImportRefused(_("This import is under way: stop it first."))
        if imported.is_present or imported.state == ImportState.PUBLISHED:
            raise ImportRefused(_("This import is part of the registry's history."))
        snapshot, folder = imported.snapshot, folder_of(imported)
        record(actor=actor, verb="forget_import", subject=imported)
        try:
            imported.delete()
        except ProtectedError as error:
            message = _("This import is part of the registry's history.")
            raise ImportRefused(message) from error
    shutil.rmtree(folder, ignore_errors=True)
    # A warehouse that is busy keeps the tables until the next import of the dataset tidies up.
    with suppress(warehouse.FileProblem):
        warehouse.forget(snapshot)


def demand_office(actor: Viewer) -> None:
    """Refuse anybody who may not import."""
    if not may_import(actor):
        raise NotAllowed(_("Only the office of a cluster or the agency may import open data."))


def folder_of(imported: Import) -> Path:
    """Where the import keeps its file, its passing files and its report."""
    return Path(settings.IMPORTS_FOLDER) / str(imported.pk)


def _held(actor: Viewer, import_id: int) -> Import:
    demand_office(actor)
    imported = Import.objects.select_for_update().filter(pk=import_id).first()
    if imported is None:
        raise ImportRefused(_("This import is no longer there."))
    return imported


def _received(imported: Import, content: "UploadedFile[Any]") -> Path:
    folder = folder_of(imported)
    name = get_valid_filename(Path(content.name or "file").name)[-LONGEST_NAME:]
    try:
        folder.mkdir(parents=True)
        with (folder / name).open("wb") as file:
            for chunk in content.chunks():
                file.write(chunk)
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise ImportRefused(words_of("disk_full", {"folder": folder.parent.name})) from error
    return folder / name
