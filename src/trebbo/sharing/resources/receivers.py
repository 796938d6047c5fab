"""Keeps the words by which resources are found in step with news from below."""

from typing import Any

from django.db.models import Q
from django.dispatch import receiver

from trebbo.ecosystem.organisations.events import profile_changed
from trebbo.ecosystem.vocabularies.events import vocabularies_loaded
from trebbo.sharing.resources import gateway
from trebbo.sharing.resources.models import Resource


@receiver(vocabularies_loaded, dispatch_uid="forget_words_of_resources")
def read_words_again(**_: Any) -> None:
    """Understand the next search with the new words."""
    gateway.forget_words()


@receiver(profile_changed, dispatch_uid="rename_owners_of_resources")
def name_owner_again(*, profile_id: int, **_: Any) -> None:
    """Have resources found by what their owner and operator are called now."""
    named = Resource.objects.filter(Q(profile=profile_id) | Q(operator=profile_id))
    rows = named.select_related("profile", "operator", "municipality")
    gateway.refill_words(rows.prefetch_related("fields"))
