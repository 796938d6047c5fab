"""Holding slots: rows locked in one order, quarters written, and set free for who waits."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from trebbo.kernel import audit
from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import NotAllowed
from trebbo.kernel.policies import Rule
from trebbo.sharing.resources import gateway
from trebbo.sharing.resources.actions.slots import (
    demand_open,
    demand_qualified,
    demand_quota,
    held_with,
)
from trebbo.sharing.resources.actions.wording import ResourceRefused
from trebbo.sharing.resources.choices import HOLDING, BookingState, BookingStepKind, UserClass
from trebbo.sharing.resources.events import booking_stepped
from trebbo.sharing.resources.gateway import Slot
from trebbo.sharing.resources.models import BookedQuarter, Booking, BookingStep, Resource
from trebbo.sharing.resources.policies import answer_bookings, change_booking

ANSWER_WITHIN = timedelta(days=7)
FREE_AFTER_MOVING_UP = timedelta(days=1)


class SlotTaken(ResourceRefused):
    """Somebody else holds a part of the slot.

    `next_slots` are the next free ones of that length; one can also be put on the waiting list.
    """

    status = 409

    def __init__(self, next_slots: Iterable[Slot] = ()) -> None:
        words = _("Somebody else has this slot. Choose another, or join the waiting list.")
        super().__init__(words, {"starts_at": words})
        self.next_slots = tuple(next_slots)


class BookingChanged(ResourceRefused):
    """Something happened to the booking after the person read it; nothing was written."""

    status = 409

    def __init__(self, booking: Booking) -> None:
        facts = {"state": BookingState(booking.state).label}
        super().__init__(
            _("Somebody was faster: this booking has changed. It is now “%(state)s”.") % facts
        )
        self.booking = booking
        self.version = booking.version


def lock_resources(resource_ids: Iterable[int]) -> None:
    """Lock rows of resources, always in one order, so that nobody waits in a circle.

    Whoever changes what can be booked (holds, blocks, links) locks the resources first.
    """
    rows = Resource.objects.select_for_update(no_key=True).filter(pk__in=set(resource_ids))
    list(rows.order_by("pk").values_list("pk", flat=True))


def lock_around(resource_ids: Iterable[int]) -> None:
    """Lock resources, those that wait for them, and all that is booked together with these."""
    keys = set(resource_ids)
    linked = {other for others in gateway.linked_to(keys).values() for other in others}
    keys |= linked
    above = set(Resource.objects.filter(booked_with__in=keys).values_list("pk", flat=True))
    beside = {other for others in gateway.linked_to(above).values() for other in others}
    lock_resources(keys | above | beside)


def lock_booking(booking_id: int) -> Booking | None:
    """The booking, locked with the resources that it holds and those that wait for them."""
    seen = Booking.objects.filter(pk=booking_id).values_list("resource_id", flat=True).first()
    if seen is None:
        return None
    held = BookedQuarter.objects.filter(booking=booking_id).values_list("resource", flat=True)
    lock_around({seen, *held.distinct()})
    rows = Booking.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related("resource__profile").get(pk=booking_id)


def held_booking(
    actor: Viewer,
    booking_id: int,
    rule: Rule[Resource] | Rule[Booking],
    version: int | None = None,
) -> Booking:
    """The booking, locked with its resources, if the rule lets the actor at it.

    Raises `BookingChanged` where it is no longer in the version that was read.
    """
    booking = lock_booking(booking_id)
    if booking is None or not may(rule, actor, booking):
        raise NotAllowed(_("You may not do this with this booking."))
    if version is not None and version != booking.version:
        raise BookingChanged(booking)
    return booking


def may(rule: Rule[Resource] | Rule[Booking], actor: Viewer, booking: Booking) -> bool:
    """Whether a rule of resources or of bookings says yes to this booking."""
    if rule is answer_bookings:
        return answer_bookings.allows(actor, booking.resource)
    return change_booking.allows(actor, booking)


def demand_state(booking: Booking, *states: BookingState) -> None:
    """Refuse what a booking's state does not allow."""
    if booking.state not in states:
        facts = {"state": BookingState(booking.state).label}
        raise ResourceRefused(_("This cannot be done: the booking is “%(state)s”.") % facts)


def held_quarters(resource_ids: Iterable[int], slot: Slot) -> QuerySet[BookedQuarter]:
    """The quarters of a slot that bookings hold, of any of the resources."""
    quarters = gateway.quarters_between(slot.starts_at, slot.ends_at)
    return BookedQuarter.objects.filter(
        resource__in=list(resource_ids), quarter__gte=quarters.start, quarter__lt=quarters.stop
    )


def is_taken(resource_ids: Iterable[int], slot: Slot, *, but: Booking | None = None) -> bool:
    """Whether a booking other than `but` holds a quarter of the slot, of any of the resources."""
    rows = held_quarters(resource_ids, slot)
    return rows.exclude(booking=but.pk if but else 0).exists()


def hold(booking: Booking) -> None:
    """Write the quarters of the booking's slot, of its resource and of those that go with it.

    Raises `SlotTaken` where the database already knows another booking there.
    """
    slot = Slot(booking.starts_at, booking.ends_at)
    keys = held_with(booking.resource)
    quarters = gateway.quarters_between(slot.starts_at, slot.ends_at)
    rows = (
        BookedQuarter(resource_id=key, quarter=quarter, booking=booking)
        for key in keys
        for quarter in quarters
    )
    try:
        with transaction.atomic():
            BookedQuarter.objects.bulk_create(rows)
    except IntegrityError as error:
        raise SlotTaken from error


def slot_taken(resource: Resource, slot: Slot, actor: Viewer) -> SlotTaken:
    """The refusal, with the next free slots of the same length."""
    minutes = int((slot.ends_at - slot.starts_at).total_seconds()) // 60
    free = gateway.next_free(resource, minutes, slot.starts_at, viewer=actor)
    return SlotTaken(free)


def release(booking: Booking, actor: Viewer, since: datetime | None = None) -> None:
    """Set the slot free, from a moment on or all of it, and move up who waits for it."""
    rows = booking.quarters.all()
    if since is not None:
        rows = rows.filter(quarter__gte=gateway.quarters_between(since, since).start)
    freed = list(rows.values_list("resource_id", "quarter"))
    rows.delete()
    if freed:
        move_up({key for key, _quarter in freed}, actor)


def move_up(resource_ids: Iterable[int], actor: Viewer) -> None:
    """Let those who wait for these resources have what is free now, who came first first.

    Nobody chose that moment: however near the slot is, it can be given back for free for a day.
    """
    keys = set(resource_ids)
    above = Resource.objects.filter(booked_with__in=keys).values("pk")
    waiting = Booking.objects.select_for_update(no_key=True, of=("self",)).filter(
        state=BookingState.WAITING, starts_at__gt=actor.now
    )
    waiting = waiting.filter(resource__in=keys) | waiting.filter(resource__in=above)
    for booking in waiting.select_related("resource", "person").order_by("created_at", "pk"):
        if _fits(booking, actor) and _held(booking):
            free_until = min(actor.now + FREE_AFTER_MOVING_UP, booking.starts_at)
            keep(
                booking,
                actor,
                state=BookingState.REQUESTED,
                lapses_at=lapse(booking, actor),
                free_until=max(booking.free_until, free_until),
            )
            audit.record(actor=actor, verb="move_up", subject=booking)
            write_step(booking, BookingStepKind.MOVED_UP, actor)


def _held(booking: Booking) -> bool:
    """Whether it got its slot; who waits loses nothing where somebody was faster."""
    try:
        hold(booking)
    except SlotTaken:
        return False
    return True


def _fits(booking: Booking, actor: Viewer) -> bool:
    resource, slot = booking.resource, Slot(booking.starts_at, booking.ends_at)
    if resource.withdrawn_at or not resource.is_bookable:
        return False
    if is_taken(held_with(resource), slot):
        return False
    try:
        demand_open(resource, slot)
        demand_qualified(resource, booking.person_id, slot)
        if booking.user_class != UserClass.OWNER:
            demand_quota(resource, slot, booking.profile_id, booking.person_id)
    except ResourceRefused:
        return False
    return True


def lapse(booking: Booking, actor: Viewer) -> datetime:
    """Until when somebody has to answer: seven days from now, and before the slot begins."""
    return min(actor.now + ANSWER_WITHIN, booking.starts_at)


def keep(booking: Booking, actor: Viewer, **columns: Any) -> None:
    """Save some columns, and with them a new version."""
    for name, value in columns.items():
        setattr(booking, name, value)
    booking.version += 1
    booking.changed_at = actor.now
    booking.save(update_fields=[*columns, "version", "changed_at"])


def write_step(
    booking: Booking, kind: BookingStepKind, actor: Viewer, words: str = ""
) -> BookingStep:
    """Write down what happened, by whom, and tell of it once it is certain."""
    step = BookingStep.objects.create(
        booking=booking, kind=kind, at=actor.now, person_id=actor.person_id, words=words
    )
    send = partial(booking_stepped.send, sender=BookingStep, step_id=step.pk)
    transaction.on_commit(send)
    return step


def end(
    booking: Booking,
    actor: Viewer,
    state: BookingState,
    kind: BookingStepKind,
    *,
    verb: str,
    words: str = "",
    **columns: Any,
) -> Booking:
    """Bring a booking to an end that sets its slot free, with the step and the line of it."""
    old = BookingState(booking.state)
    keep(booking, actor, state=state, **columns)
    changes = {"booking": (old.label, state.label)}
    audit.record(actor=actor, verb=verb, subject=booking, changes=changes)
    write_step(booking, kind, actor, words)
    if old in HOLDING:
        release(booking, actor)
    return booking
