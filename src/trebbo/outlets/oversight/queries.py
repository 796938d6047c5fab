"""Reads the audit trail, and whether the service is well."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import DatabaseError, connection
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from trebbo.ecosystem.clusters.models import Cluster
from trebbo.ecosystem.organisations.choices import FIELD_LABELS, VERB_LABELS
from trebbo.ecosystem.organisations.models import Profile
from trebbo.ecosystem.organisations.policies import view_profile
from trebbo.kernel import audit
from trebbo.kernel.access import Viewer
from trebbo.kernel.models import AuditLine
from trebbo.outlets.oversight.policies import view_audit_line

PROFILE_SUBJECTS = {model._meta.label_lower for model in (Profile, Cluster)}
UNTOLD = {"version"}


@dataclass(frozen=True, slots=True)
class Change:
    """One field's value before and after, in words."""

    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Told:
    """A line of the trail in words, with the profile it is about where there still is one."""

    line: AuditLine
    verb: str
    changes: tuple[Change, ...]
    profile: Profile | None


def audit_lines(
    *,
    viewer: Viewer,
    words: str = "",
    verb: str = "",
    since: date | None = None,
    until: date | None = None,
) -> QuerySet[AuditLine]:
    """The lines that the viewer may read, newest first, narrowed by what is given.

    `words` are sought in who did it and in what it was done to; both days are included.
    """
    lines = view_audit_line.filter(viewer, AuditLine.objects.order_by("-at", "-pk"))
    if words:
        lines = lines.filter(Q(subject_label__icontains=words) | Q(actor_label__icontains=words))
    if verb:
        lines = lines.filter(verb=verb)
    if since:
        lines = lines.filter(at__date__gte=since)
    if until:
        lines = lines.filter(at__date__lte=until)
    return lines


def told(lines: Iterable[AuditLine], *, viewer: Viewer) -> list[Told]:
    """The lines in the words of the page's language; one query for all their profiles."""
    found = list(lines)
    ids = {line.subject_id for line in found if line.subject_type in PROFILE_SUBJECTS}
    profiles = view_profile.filter(viewer, Profile.objects.all()).in_bulk(ids)
    return [
        Told(
            line,
            verb_label(line.verb),
            tuple(
                Change(str(FIELD_LABELS.get(name, name)), _shown(old), _shown(new))
                for name, (old, new) in line.changes.items()
                if name not in UNTOLD
            ),
            profiles.get(line.subject_id) if line.subject_type in PROFILE_SUBJECTS else None,
        )
        for line in found
    ]


def _shown(value: Any) -> str:
    value = audit.in_page_language(value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return "—" if value in (None, "") else str(value)


def verb_label(verb: str) -> str:
    """What a verb of the trail says in the page's language."""
    return str(VERB_LABELS.get(verb, verb.replace("_", " ")))


def verbs_used(*, viewer: Viewer) -> list[tuple[str, str]]:
    """The verbs among the lines that the viewer may read, with their words, in order of these."""
    verbs = audit_lines(viewer=viewer).order_by("verb").values_list("verb", flat=True).distinct()
    return sorted(((verb, verb_label(verb)) for verb in verbs), key=lambda pair: pair[1])


def database_answers() -> bool:
    """Whether the database can be asked at all."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True
