"""Keeps the search index in step with news from the registry and the clusters."""

from typing import Any

from django.dispatch import receiver

from trebbo.ecosystem.clusters.events import membership_changed
from trebbo.ecosystem.evidence.choices import Verdict
from trebbo.ecosystem.evidence.events import evidence_changed, evidence_published
from trebbo.ecosystem.evidence.models import Statement
from trebbo.ecosystem.organisations.choices import Visibility
from trebbo.ecosystem.organisations.events import profile_changed, profile_removed
from trebbo.ecosystem.organisations.models import Profile
from trebbo.ecosystem.vocabularies.events import vocabularies_loaded
from trebbo.partnering.introductions import gateway
from trebbo.partnering.introductions.actions import GATHERED
from trebbo.partnering.introductions.tasks import (
    arrange_rebuild,
    refresh_evidence,
    refresh_index,
)


@receiver([profile_changed, profile_removed, membership_changed], dispatch_uid="refresh_index")
def index_again(*, profile_id: int, **_: Any) -> None:
    """Have the profile refreshed in the search index: by a job, or at once if it is not public.

    Who narrows the circle of those who see a profile expects that to hold from now on, also for
    the numbers beside the filters, and does not wait for a worker.
    """
    gathered = GATHERED.get()
    if gathered is not None:
        gathered.add(profile_id)
    elif Profile.objects.filter(pk=profile_id).exclude(visibility=Visibility.PUBLIC).exists():
        refresh_index.call(profile_ids=[profile_id])
    else:
        refresh_index.enqueue(profile_ids=[profile_id])


@receiver(evidence_changed, dispatch_uid="refresh_evidence")
def read_evidence_again(*, profile_id: int, **_: Any) -> None:
    """Have the profile found by what open data says of it now: by a job, or at once.

    At once where the profile hid or corrected something: who does so expects it to hold from now
    on.
    """
    gathered = GATHERED.get()
    spoken = Statement.objects.filter(profile=profile_id).exclude(verdict=Verdict.CONFIRMED)
    if gathered is not None:
        gathered.add(profile_id)
    elif spoken.exists():
        refresh_evidence.call(profile_ids=[profile_id])
    else:
        refresh_evidence.enqueue(profile_ids=[profile_id])


@receiver(evidence_published, dispatch_uid="rebuild_for_evidence")
def read_all_evidence_again(**_: Any) -> None:
    """Have the whole index built anew, once, after an edition of open data came in."""
    if GATHERED.get() is None:
        arrange_rebuild()


@receiver(vocabularies_loaded, dispatch_uid="forget_words")
def read_words_again(**_: Any) -> None:
    """Understand the next question with the new words."""
    gateway.forget_words()
