"""Writes and reads the audit trail that all areas share."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Model, QuerySet
from django.utils import translation
from django.utils.formats import date_format
from django.utils.timezone import localtime

from trebbo.kernel.access import Viewer
from trebbo.kernel.models import AuditLine
from trebbo.kernel.text import in_language

LONGEST_VALUE = 2_000


def record(
    *,
    actor: Viewer,
    verb: str,
    subject: Model,
    changes: Mapping[str, tuple[Any, Any]] | None = None,
) -> AuditLine:
    """Write what `actor` did to `subject`; `changes` maps a field to its old and new value.

    A value that reads differently in each language (a concept, a list of them, a moment, an
    identifier with its register) is kept in all of them; see `in_page_language`. Words that were
    translated before cannot be: give the label of a choice, not its display.
    Call it inside the action's transaction, so that both stand or fall together.
    """
    line = _line(actor, verb, subject)
    line.changes = {
        name: [_plain(old), _plain(new)] for name, (old, new) in (changes or {}).items()
    }
    line.save()
    return line


def record_all(*, actor: Viewer, verb: str, subjects: Sequence[Model]) -> None:
    """Write that `actor` did the same to many objects, as `record` but in one statement."""
    AuditLine.objects.bulk_create(_line(actor, verb, subject) for subject in subjects)


def history_of(subject: Model) -> QuerySet[AuditLine]:
    """The lines about one object, newest first."""
    return AuditLine.objects.filter(
        subject_type=subject._meta.label_lower, subject_id=subject.pk
    ).order_by("-at", "-pk")


def in_page_language(value: Any) -> Any:
    """A value of an audit line, in the page's language where it was kept in each."""
    if isinstance(value, dict):
        return in_language(value.get("it", ""), value.get("en", ""))
    return value


def _line(actor: Viewer, verb: str, subject: Model) -> AuditLine:
    return AuditLine(
        at=actor.now,
        actor_id=actor.person_id,
        actor_label=actor.label or "—",
        verb=verb,
        subject_type=subject._meta.label_lower,
        subject_id=subject.pk,
        subject_label=str(subject)[:300],
    )


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return _shortened(value)
    versions = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            versions[language] = _shortened(_words(value))
    alike = set(versions.values())
    return alike.pop() if len(alike) == 1 else versions


def _words(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(str(one) for one in value)
    if isinstance(value, datetime):
        return date_format(localtime(value), "SHORT_DATETIME_FORMAT")
    return str(value)


def _shortened(text: str) -> str:
    words = str(text)  # a choice becomes its value
    return words if len(words) <= LONGEST_VALUE else f"{words[:LONGEST_VALUE]}…"
