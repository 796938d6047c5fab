"""Calendar feeds: a person opens one, gives its address to a calendar, and may close it."""

import secrets

from django.db import transaction
from django.utils.translation import gettext as _

from trebbo.ecosystem.accounts.models import Person
from trebbo.ecosystem.organisations.models import Profile
from trebbo.ecosystem.organisations.policies import view_profile
from trebbo.kernel import audit
from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import NotAllowed
from trebbo.sharing.resources.actions.wording import ResourceRefused
from trebbo.sharing.resources.models import Feed, Resource
from trebbo.sharing.resources.policies import view_resource

MOST_FEEDS = 50
"""How many a person can have open at a time."""


@transaction.atomic
def open_feed(
    *, actor: Viewer, resource_id: int | None = None, profile_id: int | None = None
) -> Feed:
    """An address from which the actor's calendar reads bookings; the one there is already, if any.

    Of one resource, of all resources of a body with its units, or, of neither, of the person's own
    bookings. Refuses visitors, what the person may not see, and more than MOST_FEEDS.
    """
    person = Person.objects.select_for_update().filter(pk=actor.person_id or 0).first()
    if person is None:
        raise NotAllowed(_("Sign in to read bookings in your calendar."))
    resource = _resource(actor, resource_id) if resource_id else None
    profile = _profile(actor, profile_id) if profile_id and not resource else None
    mine = Feed.objects.filter(person=person, closed_at__isnull=True)
    present = mine.filter(resource=resource, profile=profile).first()
    if present is not None:
        return present
    if mine.count() >= MOST_FEEDS:
        words = _("You have %(count)s calendar feeds: close one that you do not need.")
        raise ResourceRefused(words % {"count": MOST_FEEDS})
    feed = Feed.objects.create(
        person=person,
        resource=resource,
        profile=profile,
        key=secrets.token_urlsafe(24),
        created_at=actor.now,
    )
    subject = resource or profile or person
    audit.record(
        actor=actor, verb="open_feed", subject=subject, changes={"feed": ("", str(subject))}
    )
    return feed


@transaction.atomic
def close_feed(*, actor: Viewer, feed_id: int) -> bool:
    """End one of the actor's own feeds, whose address then answers nobody; whether it was open."""
    rows = Feed.objects.select_for_update(of=("self",))
    feed = rows.filter(pk=feed_id, closed_at__isnull=True).first()
    if feed is None:
        return False
    if not actor.signed_in or feed.person_id != actor.person_id:
        raise NotAllowed(_("This calendar feed is somebody else's."))
    Feed.objects.filter(pk=feed.pk).update(closed_at=actor.now)
    subject = feed.resource or feed.profile or feed.person
    audit.record(
        actor=actor, verb="close_feed", subject=subject, changes={"feed": (str(subject), "")}
    )
    return True


def _resource(actor: Viewer, resource_id: int) -> Resource:
    resource = Resource.objects.select_related("profile").filter(pk=resource_id).first()
    if resource is None or not view_resource.allows(actor, resource):
        raise NotAllowed(_("You may not see this resource."))
    return resource


def _profile(actor: Viewer, profile_id: int) -> Profile:
    profile = Profile.objects.filter(pk=profile_id).first()
    if profile is None or not view_profile.allows(actor, profile):
        raise NotAllowed(_("You may not see this profile."))
    return profile
