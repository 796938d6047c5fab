"""Keeps the search index in step with news from the registry and the clusters."""

from typing import Any

from django.db.models import Q
from django.dispatch import receiver

from trebbo.ecosystem.clusters.events import membership_changed
from trebbo.ecosystem.evidence.choices import Verdict
from trebbo.ecosystem.evidence.events import evidence_changed, evidence_published
from trebbo.ecosystem.evidence.models import Statement
from trebbo.ecosystem.organisations.choices import Visibility
from trebbo.ecosystem.organisations.events import profile_changed, profile_removed
from trebbo.ecosystem.organisations.models import Profile
from trebbo.ecosystem.vocabularies.events import vocabularies_loaded
from trebbo.kernel.access import installation
from trebbo.partnering.introductions import gateway
from trebbo.partnering.introductions.actions import GATHERED, close_asks_of_idea
from trebbo.partnering.introductions.tasks import (
    arrange_rebuild,
    refresh_evidence,
    refresh_index,
)
from trebbo.sharing.ideas.events import idea_stepped
from trebbo.sharing.resources.events import resource_changed
from trebbo.sharing.resources.models import Resource
from trebbo.sharing.skills.events import competences_changed, training_changed
from trebbo.sharing.skills.models import Competence, TrainingOffer


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


@receiver([competences_changed, training_changed], dispatch_uid="refresh_skills")
def index_skills(*, profile_id: int, **_: Any) -> None:
    """Have the body found by what it says now that it can do and teaches: by a job, or at once.

    At once where something is not for everybody: who says so expects it to hold from now on.
    What is sought is not what a body is found by.
    """
    narrow = Q(profile=profile_id) & ~Q(visibility=Visibility.PUBLIC)
    if GATHERED.get() is None and (
        Competence.objects.filter(narrow).exists() or TrainingOffer.objects.filter(narrow).exists()
    ):
        refresh_index.call(profile_ids=[profile_id])
    else:
        index_again(profile_id=profile_id)


@receiver(resource_changed, dispatch_uid="refresh_resources")
def index_resources(*, profile_id: int, **_: Any) -> None:
    """Have the body found by what of it can be used now: by a job, or at once.

    At once where something is not for everybody or was taken out: that is to hold from now on.
    """
    rows = Resource.objects.filter(profile=profile_id)
    narrow = ~Q(visibility=Visibility.PUBLIC) | Q(withdrawn_at__isnull=False)
    if GATHERED.get() is None and rows.filter(narrow).exists():
        refresh_index.call(profile_ids=[profile_id])
    else:
        index_again(profile_id=profile_id)


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


@receiver(idea_stepped, dispatch_uid="close_asks_of_idea")
def look_no_further(*, idea_id: int, **_: Any) -> None:
    """Nobody is looked for any more once an idea is closed."""
    close_asks_of_idea(actor=installation(), idea_id=idea_id)


@receiver(vocabularies_loaded, dispatch_uid="forget_words")
def read_words_again(**_: Any) -> None:
    """Understand the next question with the new words."""
    gateway.forget_words()
