"""Asking for a slot: held at once, or put on the waiting list where it is taken."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from trebbo.kernel import audit
from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import NotAllowed
from trebbo.sharing.resources import policies
from trebbo.sharing.resources.actions import slots
from trebbo.sharing.resources.actions.holding import (
    SlotTaken,
    hold,
    is_taken,
    keep,
    lapse,
    lock_resources,
    slot_taken,
    write_step,
)
from trebbo.sharing.resources.actions.wording import (
    ResourceRefused,
    demand_sum,
    demand_words,
    refused,
    text,
)
from trebbo.sharing.resources.choices import OPEN, BookingState, BookingStepKind, UserClass
from trebbo.sharing.resources.gateway import Slot
from trebbo.sharing.resources.models import Booking, Resource
from trebbo.sharing.resources.queries.prices import Quote, price_for

MOST_SAMPLES = 1_000_000


@dataclass(frozen=True, slots=True)
class _Wish:
    """What is asked for, and for whom."""

    resource_id: int
    slot: Slot
    profile_id: int | None
    waiting: bool


def request_booking(
    *,
    actor: Viewer,
    resource_id: int,
    starts_at: datetime,
    ends_at: datetime,
    purpose: str,
    samples: str = "",
    sample_count: int | None = None,
    profile_id: int | None = None,
    is_economic: bool | None = None,
    waiting: bool = False,
) -> Booking:
    """Ask for a slot, for a body that the person acts for or for none; it is held at once.

    Who acts for the owner, and asks for the owner, has it accepted at once. Refuses, in words and
    by field, what the rules of the resource do not allow; raises `SlotTaken` where somebody else
    has the slot, unless one asks for the waiting list (`waiting`).
    """
    wish = _Wish(resource_id, slots.slot_of(starts_at, ends_at), profile_id, waiting)
    said = _said(purpose, samples, sample_count)
    said["is_economic"] = is_economic
    try:
        quote = _judge(actor, wish, sample_count)
        with transaction.atomic():
            return _request(actor, wish, quote, said)
    except SlotTaken as refusal:
        resource = Resource.objects.get(pk=resource_id)
        raise slot_taken(resource, wish.slot, actor) from refusal


def _judge(actor: Viewer, wish: _Wish, sample_count: int | None) -> Quote:
    """Refuse without a lock what is to be refused, so that it keeps nobody waiting; the price."""
    resource = _demand_resource(actor, wish.resource_id)
    user_class = _class(actor, resource, wish.profile_id)
    slots.demand_slot(wish.slot, actor.now)
    slots.demand_length(resource, wish.slot)
    if user_class != UserClass.OWNER:  # the owner needs no notice of its own
        slots.demand_notice(resource, wish.slot, actor.now)
    slots.demand_horizon(resource, wish.slot, actor.now)
    slots.demand_qualified(resource, actor.person_id, wish.slot)
    _taken(actor, resource, wish, user_class)
    slot = wish.slot
    quote = price_for(resource, user_class, slot.starts_at, slot.ends_at, sample_count)
    demand_sum(quote.amount)
    return quote


def _taken(actor: Viewer, resource: Resource, wish: _Wish, user_class: UserClass) -> bool:
    """Whether the slot is taken and the actor would wait; refuses what others may have changed."""
    slots.demand_bookable(resource)
    slots.demand_open(resource, wish.slot)
    if user_class != UserClass.OWNER:
        slots.demand_quota(resource, wish.slot, wish.profile_id, actor.person_id)
    taken = is_taken(slots.held_with(resource), wish.slot)
    if taken and not wish.waiting:
        raise SlotTaken
    if taken:
        _demand_not_waiting(actor, resource, wish.slot, wish.profile_id)
    return taken


def _request(actor: Viewer, wish: _Wish, quote: Quote, said: dict[str, Any]) -> Booking:
    """Look again under the lock of the resource and of what goes with it, and write the rows."""
    lock_resources(slots.held_by_id(wish.resource_id))
    resource = Resource.objects.select_related("profile").get(pk=wish.resource_id)
    taken = _taken(actor, resource, wish, quote.user_class)
    booking = _booking(actor, resource, wish, quote, **said)
    booking.state = BookingState.WAITING if taken else BookingState.REQUESTED
    booking.lapses_at = wish.slot.starts_at if taken else lapse(booking, actor)
    booking.save()
    if not taken:
        hold(booking)
    _tell(actor, booking, taken=taken)
    is_owner = quote.user_class == UserClass.OWNER
    if is_owner and not taken and policies.answer_bookings.allows(actor, resource):
        keep(booking, actor, state=BookingState.ACCEPTED)
        write_step(booking, BookingStepKind.ACCEPTED, actor)
    return booking


def _demand_resource(actor: Viewer, resource_id: int) -> Resource:
    """The resource, if the actor may see and book it."""
    if not actor.signed_in:
        raise NotAllowed(_("Sign in to book."))
    rows = Resource.objects.select_related("profile", "qualification")
    resource = rows.filter(pk=resource_id).first()
    if resource is None or not policies.view_resource.allows(actor, resource):
        raise NotAllowed(_("This is not in the catalogue, or not open to you."))
    slots.demand_bookable(resource)
    return resource


def _class(actor: Viewer, resource: Resource, profile_id: int | None) -> UserClass:
    if profile_id is None:
        if actor.mandates:
            raise refused("profile", _("Say for which body you book."))
        return UserClass.EXTERNAL
    if profile_id not in actor.mandates:
        raise refused("profile", _("You do not act for this body: choose one of yours."))
    return policies.user_class_of(actor, resource, profile_id)


def _said(purpose: str, samples: str, sample_count: int | None) -> dict[str, Any]:
    if sample_count is not None and not 1 <= sample_count <= MOST_SAMPLES:
        words = _("A whole number from 1 on; leave it blank where there are no samples.")
        raise refused("sample_count", words)
    missing = _("Say briefly what you need it for, so that the owner can judge.")
    return {
        "purpose": demand_words("purpose", text("purpose", purpose), missing),
        "samples": text("samples", samples),
        "sample_count": sample_count,
    }


def _demand_not_waiting(
    actor: Viewer, resource: Resource, slot: Slot, profile_id: int | None
) -> None:
    same = Booking.objects.filter(
        resource=resource,
        person=actor.person_id,
        profile=profile_id,
        state__in=OPEN,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
    )
    if same.exists():
        raise ResourceRefused(_("You have asked for this slot already."))


def _booking(actor: Viewer, resource: Resource, wish: _Wish, quote: Quote, **said: Any) -> Booking:
    return Booking(
        resource=resource,
        person_id=actor.person_id,
        profile_id=wish.profile_id,
        starts_at=wish.slot.starts_at,
        ends_at=wish.slot.ends_at,
        user_class=quote.user_class,
        late_fee_percent=resource.late_fee_percent,
        free_until=free_until(resource, wish.slot.starts_at),
        created_at=actor.now,
        changed_at=actor.now,
        **priced(quote),
        **said,
    )


def free_until(resource: Resource, starts_at: datetime) -> datetime:
    """Until when a booking of this start can be cancelled for free."""
    return starts_at - timedelta(hours=resource.free_cancellation_hours)


def priced(quote: Quote) -> dict[str, Any]:
    """The columns of a booking that keep its price."""
    return {
        "unit_price": quote.unit_price,
        "price_unit": quote.unit,
        "vat": quote.vat,
        "price": quote.amount,
    }


def _tell(actor: Viewer, booking: Booking, *, taken: bool) -> None:
    changes = {"slot": ("", slot_line(booking))}
    if taken:
        audit.record(actor=actor, verb="join_waiting_list", subject=booking, changes=changes)
        write_step(booking, BookingStepKind.QUEUED, actor)
    else:
        audit.record(actor=actor, verb="request_booking", subject=booking, changes=changes)
        write_step(booking, BookingStepKind.REQUESTED, actor)


def slot_line(booking: Booking) -> str:
    """A slot as the audit trail keeps it: two moments in UTC, to the minute."""
    form = "%Y-%m-%d %H:%M"
    return f"{booking.starts_at.strftime(form)} – {booking.ends_at.strftime(form)}"
