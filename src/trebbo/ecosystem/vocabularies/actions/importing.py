"""Takes in an official file of a vocabulary: what is new, what changed, what is gone."""

import hashlib
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from trebbo.ecosystem.vocabularies import policies
from trebbo.ecosystem.vocabularies.actions.concepts import write_concepts
from trebbo.ecosystem.vocabularies.actions.municipalities import write_municipalities
from trebbo.ecosystem.vocabularies.actions.official import (
    READERS,
    Edition,
    LeftOut,
    OnProgress,
    VocabularyRefused,
    places,
    recognise,
)
from trebbo.ecosystem.vocabularies.actions.official.schemes import ABOUT
from trebbo.ecosystem.vocabularies.events import vocabularies_loaded
from trebbo.ecosystem.vocabularies.models import Scheme
from trebbo.kernel import audit
from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import NotAllowed

HASHED_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    sha256: str


@dataclass(frozen=True, slots=True)
class VocabularyReport:
    """What a file brought, over all the vocabularies in it, and what was left out, row by row."""

    vocabulary: str
    names: tuple[str, ...]
    added: int = 0
    changed: int = 0
    gone: int = 0
    unchanged: int = 0
    left_out: tuple[LeftOut, ...] = ()

    @property
    def is_new(self) -> bool:
        """Whether the file changed anything."""
        return bool(self.added or self.changed or self.gone)


def recognise_vocabulary(path: Path) -> str:
    """The code of the vocabulary that a file holds, blank where it holds none; never refuses."""
    return recognise(Path(path))


def import_vocabulary(
    *, actor: Viewer, path: Path, on_progress: OnProgress | None = None
) -> VocabularyReport:
    """Take in an official file, whole or not at all; the same file again changes nothing.

    Concepts are known by their codes, which stay; those that the file no longer has stay too,
    marked. Labels that an office wrote are left alone. `on_progress` is told rows done and total
    (0 while unknown) and may raise to stop. Refuses anybody but the agency and the installation,
    a file that is no vocabulary, and one that is damaged or lacks a column.
    """
    if not policies.load_vocabularies(actor):
        raise NotAllowed(_("Only the coordinating agency may import a vocabulary."))
    path = Path(path)
    code = recognise_vocabulary(path)
    if not code:
        raise VocabularyRefused(_("The file is none of the vocabularies that are known."))
    file = _File(path, _sha256(path))
    known = Scheme.objects.filter(file_sha256=file.sha256).order_by("code")
    if known:
        return VocabularyReport(code, tuple(scheme.name for scheme in known))
    if code == "municipalities":
        return _import_municipalities(actor, file, on_progress)
    editions = READERS[code](path, on_progress)
    if not any(edition.concepts for edition in editions):
        raise VocabularyRefused(_("The file has no rows."))
    with transaction.atomic():
        parts = [_import_edition(actor, edition, file) for edition in editions]
    return _together(code, parts)


def _import_edition(actor: Viewer, edition: Edition, file: _File) -> VocabularyReport:
    scheme = _scheme(edition.scheme)
    _refuse_older(scheme, edition.version, file.path)
    counts, left_out = write_concepts(scheme, edition)
    report = VocabularyReport(
        edition.scheme, (scheme.name,), *counts, left_out=(*edition.left_out, *left_out)
    )
    _close(actor, scheme, file, edition.version, report)
    return report


def _import_municipalities(
    actor: Viewer, file: _File, on_progress: OnProgress | None
) -> VocabularyReport:
    rows = list(places.read(file.path, on_progress))
    towns = [row for row in rows if isinstance(row, places.TownRow)]
    if not towns:
        raise VocabularyRefused(_("The file has no rows."))
    day = places.edition_of(file.path)
    with transaction.atomic():
        scheme = _scheme("municipalities")
        present = "".join(filter(str.isdigit, scheme.version_it))[:4]
        is_older = bool(day and present and str(day.year) < present)
        counts, left_out = write_municipalities(towns, is_older=is_older)
        wrong = tuple(row for row in rows if isinstance(row, LeftOut))
        report = VocabularyReport(
            "municipalities", (scheme.name,), *counts, left_out=(*wrong, *left_out)
        )
        version = "" if is_older or day is None else day.isoformat()
        _close(actor, scheme, file, version, report)
    return report


def _scheme(code: str) -> Scheme:
    """The scheme, locked until the import is done, so that two imports follow each other."""
    scheme, _is_new = Scheme.objects.get_or_create(
        code=code, defaults={name: ABOUT[code][name] for name in ("name_it", "name_en")}
    )
    return Scheme.objects.select_for_update().get(pk=scheme.pk)


def _refuse_older(scheme: Scheme, version: str, path: Path) -> None:
    if scheme.imported_at and _numbers(version) and _numbers(version) < _numbers(scheme.version_it):
        raise VocabularyRefused(
            _("%(file)s is edition %(old)s; %(name)s is already at %(new)s.")
            % {
                "file": path.name,
                "old": version,
                "name": scheme.name,
                "new": scheme.version_it,
            }
        )


def _numbers(version: str) -> tuple[int, ...]:
    """(1, 1, 1) of "1.1.1"; nothing of a version in words."""
    parts = version.split(".")
    return tuple(map(int, parts)) if all(part.isdigit() for part in parts) else ()


def _close(
    actor: Viewer, scheme: Scheme, file: _File, version: str, report: VocabularyReport
) -> None:
    """Say on the scheme where it comes from; a line in the trail only where something changed."""
    about = {**ABOUT[scheme.code]}
    if version:
        about |= {"version_it": version, "version_en": version}
    elif not scheme.imported_at and "version_it" not in about:
        about |= {"version_it": scheme.version_it, "version_en": scheme.version_en}
    for name, value in about.items():
        setattr(scheme, name, value)
    scheme.file_name, scheme.file_sha256 = file.path.name[:255], file.sha256
    scheme.imported_at, scheme.retrieved_date = actor.now, actor.today
    scheme.save()
    if not report.is_new:
        return
    audit.record(
        actor=actor,
        verb="import_vocabulary",
        subject=scheme,
        changes={
            "edition": ("", file.path.name),
            "added": (0, report.added),
            "changed": (0, report.changed),
            "gone": (0, report.gone),
            "left_out": (0, len(report.left_out)),
        },
    )
    transaction.on_commit(partial(vocabularies_loaded.send, sender=Scheme))


def _together(code: str, parts: list[VocabularyReport]) -> VocabularyReport:
    return VocabularyReport(
        code,
        tuple(name for part in parts for name in part.names),
        added=sum(part.added for part in parts),
        changed=sum(part.changed for part in parts),
        gone=sum(part.gone for part in parts),
        unchanged=sum(part.unchanged for part in parts),
        left_out=tuple(row for part in parts for row in part.left_out),
    )


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(HASHED_BYTES):
            digest.update(block)
    return digest.hexdigest()
