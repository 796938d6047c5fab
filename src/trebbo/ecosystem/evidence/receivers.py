"""Keeps links and summaries in step with news from the registry and the clusters."""

from typing import Any

from django.db.models import Q
from django.dispatch import receiver

from trebbo.ecosystem.clusters.events import membership_changed
from trebbo.ecosystem.clusters.models import Membership
from trebbo.ecosystem.evidence.events import evidence_changed, evidence_published
from trebbo.ecosystem.evidence.models import Body
from trebbo.ecosystem.evidence.tasks import (
    ask_for_summary,
    link_profiles,
    refresh_cluster_summaries,
)
from trebbo.ecosystem.organisations.events import profile_changed
from trebbo.ecosystem.organisations.models import Profile, Unit
from trebbo.kernel import audit

IDENTIFYING = frozenset(
    {
        "name",
        "name_en",
        "acronym",
        "other_name",
        "website",
        "vat_number",
        "tax_code",
        "identifier",
        "kind",
        "seat",
        "municipality",
        "valid_until",
    }
)
"""Fields by which a body is known: only a change of these asks again who it is."""

OWN_VERBS = frozenset({"give_identifier", "take_identifier_back"})
"""What a link itself writes about a profile."""

LATEST = 20


@receiver(profile_changed, dispatch_uid="link_changed_profile")
def link_again(*, profile_id: int, **_: Any) -> None:
    """Have a profile linked again by a job, if what identifies it changed."""
    if _identity_changed(profile_id) and Body.objects.exists():
        link_profiles.enqueue(profile_ids=[profile_id])


@receiver([evidence_changed, membership_changed], dispatch_uid="sum_up_clusters_of_profile")
def sum_up_again(*, profile_id: int, **_: Any) -> None:
    """Have the clusters counted anew to which the profile, or its organisation, belongs."""
    owners = Unit.objects.filter(pk=profile_id).values("organisation")
    memberships = Membership.objects.filter(Q(profile=profile_id) | Q(profile__in=owners))
    for cluster_id in memberships.order_by().values_list("cluster", flat=True).distinct():
        ask_for_summary(cluster_id)


@receiver(evidence_published, dispatch_uid="sum_up_all_clusters")
def sum_up_everything(**_: Any) -> None:
    """Have every cluster counted anew after an import."""
    refresh_cluster_summaries.enqueue()


def _identity_changed(profile_id: int) -> bool:
    """Whether the profile's latest lines of the trail, all of one moment, tell of such a change."""
    profile = Profile.objects.filter(pk=profile_id).first()
    lines = [] if profile is None else list(audit.history_of(profile)[:LATEST])
    if not lines or lines[0].verb in OWN_VERBS:
        return False
    return any(
        line.verb == "register_profile" or not IDENTIFYING.isdisjoint(line.changes)
        for line in lines
        if line.at == lines[0].at and line.verb not in OWN_VERBS
    )
