"""Writes and reads the audit trail that all areas share."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Model, QuerySet

from trebbo.kernel.access import Viewer
from trebbo.kernel.models import AuditLine

LONGEST_VALUE = 2_000


def record(
    *,
    actor: Viewer,
    verb: str,
    subject: Model,
    changes: Mapping[str, tuple[Any, Any]] | None = None,
) -> AuditLine:
    """Write what `actor` did to `subject`; `changes` maps a field to its old and new value.

    Call it inside the action's transaction, so that both stand or fall together.
    """
    return AuditLine.objects.create(
        at=actor.now,
        actor_id=actor.person_id,
        actor_label=actor.label or "—",
        verb=verb,
        subject_type=subject._meta.label_lower,
        subject_id=subject.pk,
        subject_label=str(subject)[:300],
        changes={name: [_plain(old), _plain(new)] for name, (old, new) in (changes or {}).items()},
    )


def history_of(subject: Model) -> QuerySet[AuditLine]:
    """The lines about one object, newest first."""
    return AuditLine.objects.filter(
        subject_type=subject._meta.label_lower, subject_id=subject.pk
    ).order_by("-at", "-pk")


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    words = str(value)
    return words if len(words) <= LONGEST_VALUE else f"{words[:LONGEST_VALUE]}…"
