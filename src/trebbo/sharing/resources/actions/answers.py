"""What both sides answer: accepted, declined, another slot, agreed, withdrawn, cancelled."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from trebbo.kernel import audit
from trebbo.kernel.access import Viewer
from trebbo.sharing.resources.actions import slots
from trebbo.sharing.resources.actions.bookings import free_until, priced, slot_line
from trebbo.sharing.resources.actions.holding import (
    demand_state,
    end,
    held_booking,
    hold,
    is_taken,
    keep,
    lapse,
    move_up,
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
from trebbo.sharing.resources.choices import UNDECIDED, BookingState, BookingStepKind, UserClass
from trebbo.sharing.resources.gateway import Slot
from trebbo.sharing.resources.models import Booking
from trebbo.sharing.resources.policies import answer_bookings, change_booking
from trebbo.sharing.resources.queries.prices import cents, price_for


@transaction.atomic
def accept_booking(*, actor: Viewer, booking_id: int, version: int, words: str = "") -> Booking:
    """Accept a request for the owner, perhaps with words to who asked.

    Refuses what is not waiting for the owner's answer, or has waited too long.
    """
    booking = held_booking(actor, booking_id, answer_bookings, version)
    demand_state(booking, BookingState.REQUESTED)
    _demand_in_time(booking, actor)
    said = text("answer", words)
    return _accepted(booking, actor, BookingStepKind.ACCEPTED, said, verb="accept_booking")


@transaction.atomic
def decline_booking(*, actor: Viewer, booking_id: int, version: int, reason: str) -> Booking:
    """Decline for the owner, with a reason that who asked will read; the slot is free again."""
    booking = held_booking(actor, booking_id, answer_bookings, version)
    demand_state(booking, *UNDECIDED)
    missing = _("Say why: whoever asked can then look for something that fits.")
    said = demand_words("reason", text("reason", reason), missing)
    return end(
        booking,
        actor,
        BookingState.DECLINED,
        BookingStepKind.DECLINED,
        verb="decline_booking",
        words=said,
        answer=said,
    )


@transaction.atomic
def propose_slot(
    *,
    actor: Viewer,
    booking_id: int,
    version: int,
    starts_at: datetime,
    ends_at: datetime,
    words: str = "",
) -> Booking:
    """Propose another slot for the owner; it is held instead, until who asked answers.

    Refuses times that are no slot, closed or taken (`SlotTaken`). Length, notice and horizon are
    the owner's own rules, from which the owner may depart.
    """
    booking = held_booking(actor, booking_id, answer_bookings, version)
    demand_state(booking, *UNDECIDED)
    slot = slots.slot_of(starts_at, ends_at)
    slots.demand_slot(slot, actor.now)
    if (booking.starts_at, booking.ends_at) == (slot.starts_at, slot.ends_at):
        raise refused("starts_at", _("This is the slot that was asked for: accept it instead."))
    slots.demand_open(booking.resource, slot)
    if is_taken(slots.held_with(booking.resource), slot, but=booking):
        raise slot_taken(booking.resource, slot, actor)
    said = text("answer", words)
    before = slot_line(booking)
    _move(booking, actor, slot, said)
    changes = {"slot": (before, slot_line(booking))}
    audit.record(actor=actor, verb="propose_slot", subject=booking, changes=changes)
    write_step(booking, BookingStepKind.PROPOSED, actor, said)
    return booking


@transaction.atomic
def agree_to_slot(*, actor: Viewer, booking_id: int, version: int) -> Booking:
    """Agree to the slot that the owner proposed, for who asked: it is accepted.

    Refuses what has waited too long, and who is not qualified on that day.
    """
    booking = held_booking(actor, booking_id, change_booking, version)
    demand_state(booking, BookingState.PROPOSED)
    _demand_in_time(booking, actor)
    slot = Slot(booking.starts_at, booking.ends_at)
    slots.demand_qualified(booking.resource, booking.person_id, slot)
    kind = BookingStepKind.AGREED
    return _accepted(booking, actor, kind, booking.answer, verb="agree_to_slot")


@transaction.atomic
def withdraw_booking(*, actor: Viewer, booking_id: int, version: int) -> Booking:
    """Take a request back before it is accepted, for who asked; it costs nothing."""
    booking = held_booking(actor, booking_id, change_booking, version)
    demand_state(booking, *UNDECIDED)
    state, kind = BookingState.WITHDRAWN, BookingStepKind.WITHDRAWN
    return end(booking, actor, state, kind, verb="withdraw_booking")


@transaction.atomic
def cancel_booking(*, actor: Viewer, booking_id: int, version: int, reason: str = "") -> Booking:
    """Cancel an accepted booking before it begins; the slot is free again.

    Who asked owes the late fee after the booking's `free_until`; the owner cancels with a reason,
    and then nobody owes anything. Refuses what has begun: that is a use, or nobody came.
    """
    booking = _cancellable(actor, booking_id, version)
    demand_state(booking, BookingState.ACCEPTED)
    if booking.starts_at <= actor.now:
        raise ResourceRefused(_("It has begun: the owner records how it was used."))
    said = text("reason", reason)
    if change_booking.allows(actor, booking):
        kind, fee = BookingStepKind.CANCELLED, late_fee(booking, actor.now)
    else:
        missing = _("Say why: whoever booked was counting on it.")
        said = demand_words("reason", said, missing)
        kind, fee = BookingStepKind.CANCELLED_BY_OWNER, Decimal(0)
    state = BookingState.CANCELLED
    return end(booking, actor, state, kind, verb="cancel_booking", words=said, fee=fee)


def late_fee(booking: Booking, now: datetime) -> Decimal:
    """What is owed for setting a booking free at a moment, in whole cents, halves up."""
    if now <= booking.free_until or booking.price is None:
        return Decimal(0)
    if booking.user_class == UserClass.OWNER:
        return Decimal(0)
    return cents(booking.price * booking.late_fee_percent / 100)


def _cancellable(actor: Viewer, booking_id: int, version: int) -> Booking:
    booking = Booking.objects.select_related("resource").filter(pk=booking_id).first()
    asked = booking is not None and change_booking.allows(actor, booking)
    if asked:
        return held_booking(actor, booking_id, change_booking, version)
    return held_booking(actor, booking_id, answer_bookings, version)


def _demand_in_time(booking: Booking, actor: Viewer) -> None:
    if booking.lapses_at <= actor.now:
        raise ResourceRefused(
            _("It waited too long for an answer and has lapsed: it has to be asked for again.")
        )


def _accepted(
    booking: Booking, actor: Viewer, kind: BookingStepKind, said: str, *, verb: str
) -> Booking:
    old = BookingState(booking.state)
    keep(booking, actor, state=BookingState.ACCEPTED, answer=said)
    changes = {"booking": (old.label, BookingState.ACCEPTED.label)}
    audit.record(actor=actor, verb=verb, subject=booking, changes=changes)
    write_step(booking, kind, actor, "" if kind == BookingStepKind.AGREED else said)
    return booking


def _move(booking: Booking, actor: Viewer, slot: Slot, said: str) -> None:
    """Hold the new slot instead of the old one, which may be somebody's who waits."""
    freed = set(booking.quarters.values_list("resource_id", flat=True))
    booking.quarters.all().delete()
    first = {"asked_from": booking.starts_at, "asked_until": booking.ends_at}
    booking.starts_at, booking.ends_at = slot.starts_at, slot.ends_at
    quote = price_for(
        booking.resource,
        UserClass(booking.user_class),
        slot.starts_at,
        slot.ends_at,
        booking.sample_count,
    )
    demand_sum(quote.amount)
    keep(
        booking,
        actor,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        state=BookingState.PROPOSED,
        answer=said,
        lapses_at=lapse(booking, actor),
        free_until=free_until(booking.resource, slot.starts_at),
        **({} if booking.asked_from else first),
        **priced(quote),
    )
    hold(booking)
    if freed:
        move_up(freed, actor)
