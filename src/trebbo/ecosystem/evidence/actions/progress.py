"""Who carries an import out, how far they are, and whether they are still there."""

import os
import secrets
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from trebbo.ecosystem.evidence.actions.refusals import ImportRefused, words_of
from trebbo.ecosystem.evidence.choices import ImportStage, ImportState
from trebbo.ecosystem.evidence.gateway.warehouse import Interrupted
from trebbo.ecosystem.evidence.models import Import

SILENT_ELSEWHERE = timedelta(seconds=60)
SILENT_HERE = timedelta(minutes=30)
"""After how long without a sign a process is taken for dead: on another machine; on this one,
where it still has its number, for it may be writing a long transaction."""
SAVED_EVERY = 1.0
SHOWN_EVERY = 0.1

OnProgress = Callable[[ImportStage, int, int, str], None]
"""Told the stage, how much is done, of how much (0: not known), in which member of the file."""


def is_alive(imported: Import, now: datetime) -> bool:
    """Whether somebody is carrying the import out, as far as can be told from here."""
    if imported.state != ImportState.RUNNING or imported.seen_at is None:
        return False
    machine, _colon, rest = imported.process.partition(":")
    if machine != socket.gethostname():
        return now - imported.seen_at < SILENT_ELSEWHERE
    return _runs(int(rest.partition(":")[0] or 0)) and now - imported.seen_at < SILENT_HERE


def _runs(number: int) -> bool:
    if number <= 0:
        return False
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


@dataclass(slots=True)
class Work:
    """An import in the hands of this process."""

    imported: Import
    on_progress: OnProgress | None = None
    _saved: float = field(default=0.0)
    _shown: float = field(default=0.0)

    def tell(self, stage: str, done: int, total: int, member: str = "") -> None:
        """Save and show how far the work is; raises `Interrupted` where it shall not go on."""
        now = time.monotonic()
        new_stage = stage != self.imported.stage
        self.imported.stage = stage
        if self.on_progress is not None and (new_stage or now - self._shown >= SHOWN_EVERY):
            self._shown = now
            self.on_progress(ImportStage(stage), done, total, member)
        if new_stage or now - self._saved >= SAVED_EVERY:
            self._saved = now
            self.save(stage=stage, done=done, total=total)
            if Import.objects.filter(pk=self.imported.pk, stop_asked=True).exists():
                raise Interrupted

    def save(self, **values: Any) -> None:
        """Write columns of the import, with a sign of life; raises where it is no longer ours."""
        ours = Import.objects.filter(
            pk=self.imported.pk, process=self.imported.process, state=ImportState.RUNNING
        )
        if not ours.update(seen_at=timezone.now(), **values):
            raise Interrupted
        for name, value in values.items():
            setattr(self.imported, name, value)

    def leave(self, state: ImportState, problem: str = "", **facts: str | int) -> None:
        """Let go of the import in this state; where even that cannot be written, others will see
        that nobody carries it out."""
        try:
            with transaction.atomic():
                Import.objects.filter(pk=self.imported.pk, process=self.imported.process).update(
                    state=state,
                    problem=problem,
                    problem_facts=facts,
                    stop_asked=False,
                    finished_at=timezone.now(),
                )
        except DatabaseError:
            return
        self.imported.refresh_from_db()


def take_on(import_id: int, on_progress: OnProgress | None) -> Work:
    """Make this process the one that carries the import out.

    Refuses an import that is over, and one that another process is carrying out; takes it over
    where that one gives no sign of life.
    """
    now = timezone.now()
    with transaction.atomic():
        imported = Import.objects.select_for_update().filter(pk=import_id).first()
        if imported is None:
            raise ImportRefused(_("This import is no longer there."))
        if imported.state in {ImportState.PUBLISHED, ImportState.UNCHANGED}:
            raise ImportRefused(_("This import is finished."))
        if is_alive(imported, now):
            raise ImportRefused(_("This import is under way already, in another process."))
        imported.state = ImportState.RUNNING
        imported.process = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"[:120]
        imported.seen_at = now
        imported.stop_asked = False
        imported.finished_at = None
        imported.problem, imported.problem_facts = "", {}
        _alone(imported, now)
    return Work(imported, on_progress)


def name_dataset(work: Work, **values: Any) -> None:
    """Say which dataset the file is of; refuses while another process imports the same dataset."""
    with transaction.atomic():
        for name, value in values.items():
            setattr(work.imported, name, value)
        _alone(work.imported, timezone.now())


def _alone(imported: Import, now: datetime) -> None:
    """Save, unless another import of the dataset is running; a dead one is set aside."""
    if imported.dataset:
        others = Import.objects.filter(dataset=imported.dataset, state=ImportState.RUNNING)
        for other in others.exclude(pk=imported.pk):
            if not is_alive(other, now):
                Import.objects.filter(pk=other.pk, process=other.process).update(
                    state=ImportState.STOPPED
                )
    try:
        with transaction.atomic():
            imported.save()
    except IntegrityError as error:
        raise ImportRefused(words_of("running_already", {})) from error
