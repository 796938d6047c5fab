"""Resources in the catalogue: added, changed, withdrawn, put back."""

from collections.abc import Iterable, Mapping
from copy import copy
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from trebbo.ecosystem.organisations.choices import Standing
from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel import audit
from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import tidied
from trebbo.sharing.resources.actions.holding import end, lock_around
from trebbo.sharing.resources.actions.rules import (
    RULES,
    chosen_fields,
    chosen_links,
    demand_owner,
    demand_whole,
)
from trebbo.sharing.resources.actions.wording import ResourceRefused, demand_words, refused, text
from trebbo.sharing.resources.choices import OPEN, BookingState, BookingStepKind
from trebbo.sharing.resources.events import resource_changed
from trebbo.sharing.resources.gateway import refill_words
from trebbo.sharing.resources.models import BookedQuarter, Booking, Resource
from trebbo.sharing.resources.policies import look_after_resource, offer_resources

TOLD_AS = {
    "visibility": "shown_to",
    "municipality_id": "place",
    "room": "place",
    "measurements_it": "measurements",
    "measurements_en": "measurements",
    "terms_it": "terms",
    "terms_en": "terms",
    "qualification_id": "qualification",
}
"""Under which name the trail tells of a value, where it is not its own."""


class ResourceChanged(ResourceRefused):
    """Somebody else saved the resource meanwhile; nothing was written. `present` is kept now."""

    status = 409

    def __init__(self, resource: Resource) -> None:
        super().__init__(
            _(
                "While you were writing, somebody else changed this resource. "
                "Nothing is lost: compare and choose."
            )
        )
        self.version = resource.version
        self.present = present_resource(resource)


class BookingsOpen(ResourceRefused):
    """The resource still has bookings that go on; `count` says how many."""

    status = 409

    def __init__(self, count: int) -> None:
        super().__init__(
            _(
                "%(count)s bookings are still open. Take it out together with them, and say why: "
                "who booked is told."
            )
            % {"count": count}
        )
        self.count = count


@transaction.atomic
def add_resource(
    *,
    actor: Viewer,
    profile_id: int,
    field_ids: Iterable[int] = (),
    booked_with_ids: Iterable[int] = (),
    standing: str = Standing.VERIFIED,
    **said: Any,
) -> Resource:
    """Put a resource of an organisation or unit into the catalogue; `said` are `RULES`.

    Refuses one without a name or kind, an identifier that another has, lengths and dates in a wrong
    order, fields of no vocabulary, and booking of what is only described.
    """
    profile = Profile.objects.filter(pk=profile_id).first()
    if profile is None:
        raise ResourceRefused(_("This profile is no longer in the registry."))
    told = _("You do not look after this profile, so you cannot add resources to it.")
    offer_resources.demand(actor, profile, told)
    demand_owner(profile)
    values = tidied({"kind": "", **said}, RULES, ResourceRefused)
    resource = Resource(profile=profile, created_at=actor.now, changed_at=actor.now)
    resource.standing = Standing(standing)
    _set(resource, values)
    demand_whole(resource)
    fields, links = chosen_fields(field_ids), chosen_links(actor, booked_with_ids, profile)
    _save(resource)
    resource.fields.set(fields)
    resource.booked_with.set(links)
    refill_words([resource])
    audit.record(
        actor=actor, verb="add_resource", subject=resource, changes={"resource": ("", resource)}
    )
    announce(resource)
    return resource


@transaction.atomic
def change_resource(
    *,
    actor: Viewer,
    resource_id: int,
    version: int,
    field_ids: Iterable[int] | None = None,
    booked_with_ids: Iterable[int] | None = None,
    **changes: Any,
) -> Resource:
    """Change a resource that the person read in `version`; refuses as `add_resource`.

    Bookings keep the class, price and terms of their moment. Raises `ResourceChanged` where
    somebody else was faster.
    """
    before = held_resource(actor, resource_id)
    values = tidied(changes, RULES, ResourceRefused)
    fields = None if field_ids is None else chosen_fields(field_ids, before)
    links = None
    if booked_with_ids is not None:
        links = chosen_links(actor, booked_with_ids, before.profile, before)
    if before.version != version:
        raise ResourceChanged(before)
    resource = copy(before)
    told = _set(resource, values)
    if fields is not None:
        told |= _listed("fields", resource.fields.all(), fields)
    if links is not None:
        told |= _listed("booked_with", resource.booked_with.all(), links)
    demand_whole(resource)
    resource.version += 1
    resource.changed_at = actor.now
    _save(resource)
    if fields is not None:
        resource.fields.set(fields)
    if links is not None:
        resource.booked_with.set(links)
    refill_words([resource])
    audit.record(actor=actor, verb="change_resource", subject=resource, changes=told)
    announce(resource)
    return resource


@transaction.atomic
def withdraw_resource(
    *, actor: Viewer, resource_id: int, cancel_bookings: bool = False, reason: str = ""
) -> Resource:
    """Take a resource out of the catalogue; its history and ledger stay.

    Bookings that have not ended yet stand in the way (`BookingsOpen`), unless they are to be
    cancelled by the owner: then `reason` is what those who booked are told, and nobody owes a fee.
    """
    _lock_held(resource_id)
    resource = held_resource(actor, resource_id)
    if resource.withdrawn_at is not None:
        return resource
    bookings = open_bookings(resource, actor)
    if bookings and not cancel_bookings:
        raise BookingsOpen(len(bookings))
    if bookings:
        missing = _("Say why, for those who booked.")
        words = demand_words("reason", text("reason", reason), missing)
        _cancel(actor, bookings, words)
    resource.withdrawn_at = actor.now
    _touch(resource, actor)
    audit.record(actor=actor, verb="withdraw_resource", subject=resource)
    announce(resource)
    return resource


@transaction.atomic
def restore_resource(*, actor: Viewer, resource_id: int) -> Resource:
    """Put a resource back into the catalogue, as it was."""
    resource = held_resource(actor, resource_id)
    if resource.withdrawn_at is None:
        return resource
    resource.withdrawn_at = None
    _touch(resource, actor)
    audit.record(actor=actor, verb="restore_resource", subject=resource)
    announce(resource)
    return resource


def present_resource(resource: Resource) -> dict[str, Any]:
    """What is kept of a resource, under the names of the arguments of `change_resource`."""
    return {
        **{name: getattr(resource, name) for name in RULES},
        "field_ids": tuple(resource.fields.order_by("pk").values_list("pk", flat=True)),
        "booked_with_ids": tuple(resource.booked_with.order_by("pk").values_list("pk", flat=True)),
    }


def held_resource(actor: Viewer, resource_id: int) -> Resource:
    """The resource, held until the transaction ends; refuses who does not look after it."""
    rows = Resource.objects.select_for_update(of=("self",), no_key=True).select_related("profile")
    resource = rows.filter(pk=resource_id).first()
    if resource is None:
        raise ResourceRefused(_("This resource is not in the catalogue."))
    told = _("You do not look after this resource, so you cannot change it.")
    look_after_resource.demand(actor, resource, told)
    return resource


def open_bookings(resource: Resource, actor: Viewer) -> list[Booking]:
    """The bookings of a resource that go on and have not ended, earliest first.

    Not a use that has begun: it takes place, and is recorded.
    """
    rows = resource.bookings.filter(state__in=OPEN, ends_at__gt=actor.now)
    rows = rows.exclude(state=BookingState.ACCEPTED, starts_at__lte=actor.now)
    rows = rows.select_related("resource", "person")
    return list(rows.order_by("starts_at", "pk"))


def announce(resource: Resource) -> None:
    """Tell, once it is written, that the catalogue says something else of the owner."""
    send = partial(resource_changed.send, sender=Resource, profile_id=resource.profile_id)
    transaction.on_commit(send)


def _cancel(actor: Viewer, bookings: list[Booking], words: str) -> None:
    """Cancel what stands; who waits goes first, so that nobody moves up to be cancelled then."""
    for booking in sorted(bookings, key=lambda one: one.state != BookingState.WAITING):
        state, kind = BookingState.CANCELLED, BookingStepKind.CANCELLED_BY_OWNER
        end(booking, actor, state, kind, verb="cancel_booking", words=words, answer=words)


def _lock_held(resource_id: int) -> None:
    """Lock all that bookings of it hold, in the order of all actions: what is freed moves up."""
    held = BookedQuarter.objects.filter(booking__resource=resource_id)
    lock_around({resource_id, *held.values_list("resource_id", flat=True).distinct()})


def _touch(resource: Resource, actor: Viewer) -> None:
    resource.version += 1
    resource.changed_at = actor.now
    resource.save(update_fields=["withdrawn_at", "version", "changed_at"])


def _save(resource: Resource) -> None:
    try:
        with transaction.atomic():
            resource.save()
    except IntegrityError as error:  # another took the identifier at this very moment
        told = _("Another resource has this identifier already: each has its own.")
        raise refused("identifier", told) from error


def _set(resource: Resource, values: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    changes: dict[str, tuple[Any, Any]] = {}
    for name, new in values.items():
        old = getattr(resource, name)
        if old != new:
            shown = name.removesuffix("_id")
            before = getattr(resource, shown)
            setattr(resource, name, new)
            changes[TOLD_AS.get(name, name)] = (before, getattr(resource, shown))
    return changes


def _listed(name: str, before: QuerySet[Any], after: Iterable[Any]) -> dict[str, tuple[Any, Any]]:
    old, new = (sorted(str(one) for one in rows) for rows in (before, after))
    return {name: ("; ".join(old), "; ".join(new))} if old != new else {}
