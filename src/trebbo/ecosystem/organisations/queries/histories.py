"""A profile's audit lines in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet, TextChoices
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from trebbo.ecosystem.accounts.choices import MandateRole
from trebbo.ecosystem.organisations.choices import (
    FIELD_LABELS,
    VERB_LABELS,
    Kind,
    PointPrecision,
    SizeClass,
    Standing,
    UnitKind,
    Visibility,
)
from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel import audit
from trebbo.kernel.access import Viewer
from trebbo.kernel.models import AuditLine

# Closed lists by the field that takes its values from them.
LISTS: Mapping[str, tuple[type[TextChoices], ...]] = {
    "kind": (Kind, UnitKind),
    "visibility": (Visibility,),
    "standing": (Standing,),
    "size": (SizeClass,),
    "precision": (PointPrecision,),
    "role": (MandateRole,),
}
DATES = {"valid_from", "valid_until", "due_date"}


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One field before and after, in words; blank where there was nothing."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """What one person did at one moment."""

    at: datetime
    who: str
    did: str
    changes: tuple[ChangeLine, ...]


def audit_lines(profile: Profile, *, viewer: Viewer) -> QuerySet[AuditLine]:
    """The lines about a profile, newest first; the caller demands the right to edit it."""
    return audit.history_of(Profile(pk=profile.pk))


def history_lines(lines: Iterable[AuditLine], *, viewer: Viewer) -> list[HistoryLine]:
    """The lines in the words of the page's language."""
    return [
        HistoryLine(
            at=line.at,
            who=line.actor_label,
            did=str(VERB_LABELS.get(line.verb, line.verb.replace("_", " "))),
            changes=tuple(
                ChangeLine(field_label(name), in_words(name, old), in_words(name, new))
                for name, (old, new) in line.changes.items()
                if name != "version"
            ),
        )
        for line in lines
    ]


def field_label(name: str) -> str:
    """What a field is called on a page."""
    return str(FIELD_LABELS.get(name, name))


def in_words(name: str, value: Any) -> str:
    """A value of the audit trail as people read it, in the page's language."""
    value = audit.in_page_language(value)
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    for choices in LISTS.get(name, ()):
        if value in choices.values:
            return str(choices(value).label)
    if name in DATES:
        return date_format(date.fromisoformat(value), "DATE_FORMAT")
    return str(value)
