"""Notes news from below for the processes that hold the map's table."""

from datetime import timedelta
from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from trebbo.ecosystem.clusters.events import membership_changed
from trebbo.ecosystem.evidence.events import evidence_changed
from trebbo.ecosystem.organisations.events import profile_changed, profile_removed
from trebbo.outlets.maps.models import MapChange
from trebbo.sharing.skills.events import competences_changed

# A process reads everything afresh each day, so older notes tell nobody anything.
KEPT = timedelta(days=2)


@receiver(
    [profile_changed, profile_removed, membership_changed, evidence_changed, competences_changed],
    dispatch_uid="note_map_change",
)
def note_map_change(*, profile_id: int, **_: Any) -> None:
    """Note that the profile is to be read again; written at once, so that nobody sees it longer
    on the map than they may."""
    now = timezone.now()
    MapChange.objects.create(profile_id=profile_id, at=now)
    MapChange.objects.filter(at__lt=now - KEPT).delete()
