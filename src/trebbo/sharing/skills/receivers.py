"""Keeps suggestions in step with news from the evidence and the registry."""

from typing import Any

from django.dispatch import receiver

from trebbo.ecosystem.evidence.events import evidence_changed, evidence_published
from trebbo.ecosystem.organisations.events import profile_changed
from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel import audit
from trebbo.sharing.skills.tasks import ask_for_suggestions, suggest_to_all

SPOKEN = frozenset({"description_it", "description_en", "competence", "equipment", "service"})
"""What of a profile suggestions are made from."""
LATEST = 10


@receiver(evidence_changed, dispatch_uid="suggest_by_evidence")
def suggest_by_evidence(*, profile_id: int, **_: Any) -> None:
    """Suggest anew after a body's projects, or what it says of them, changed."""
    ask_for_suggestions(profile_id)


@receiver(profile_changed, dispatch_uid="suggest_by_text")
def suggest_by_text(*, profile_id: int, **_: Any) -> None:
    """Suggest anew after a body's text changed."""
    if _text_changed(profile_id):
        ask_for_suggestions(profile_id)


@receiver(evidence_published, dispatch_uid="suggest_after_import")
def suggest_after_import(**_: Any) -> None:
    """Suggest anew to all after an edition of open data came in."""
    suggest_to_all.enqueue()


def _text_changed(profile_id: int) -> bool:
    """Whether the profile's latest lines of the trail, all of one moment, tell of its text."""
    lines = list(audit.history_of(Profile(pk=profile_id))[:LATEST])
    return any(not SPOKEN.isdisjoint(line.changes) for line in lines if line.at == lines[0].at)
