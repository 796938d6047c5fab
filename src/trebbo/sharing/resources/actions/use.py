"""What really happened in a slot: used, longer or shorter, or nobody came; struck out if wrong."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from trebbo.kernel import audit
from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import NotAllowed
from trebbo.sharing.resources import gateway
from trebbo.sharing.resources.actions import slots
from trebbo.sharing.resources.actions.answers import late_fee
from trebbo.sharing.resources.actions.holding import (
    demand_state,
    held_booking,
    held_quarters,
    keep,
    lock_resources,
    release,
    write_step,
)
from trebbo.sharing.resources.actions.wording import (
    ResourceRefused,
    demand_sum,
    demand_words,
    line,
    refused,
)
from trebbo.sharing.resources.choices import (
    MOST_QUARTERS,
    QUARTER_MINUTES,
    BookingState,
    BookingStepKind,
    CeilingLevel,
    UserClass,
)
from trebbo.sharing.resources.events import ceiling_neared
from trebbo.sharing.resources.gateway import Slot
from trebbo.sharing.resources.models import (
    Booking,
    CeilingWarning,
    Resource,
    UseRecord,
    hours_between,
)
from trebbo.sharing.resources.policies import answer_bookings
from trebbo.sharing.resources.queries.ledger import figures
from trebbo.sharing.resources.queries.prices import HOURS_OF, cents, quantity_of


@transaction.atomic
def record_use(
    *,
    actor: Viewer,
    booking_id: int,
    starts_at: datetime,
    ends_at: datetime,
    is_economic: bool,
    note: str = "",
    version: int | None = None,
) -> UseRecord:
    """Write the real use of a booking into the ledger, for the owner; to the minute.

    It may be shorter or longer than the slot: where the price is by time, the real time is paid,
    and what is left of a slot that still runs is free for others. What is booked together is
    recorded too, without an amount. Refuses times to come, and hours that are recorded already.
    """
    booking = held_booking(actor, booking_id, answer_bookings, version)
    demand_state(booking, BookingState.ACCEPTED, BookingState.NO_SHOW)
    span = _demand_past(actor, starts_at, ends_at)
    if span.ends_at <= booking.starts_at or span.starts_at >= booking.ends_at:
        words = _("This time has nothing of the slot: record it as a use of your own instead.")
        raise refused("starts_at", words)
    keys = list(booking.quarters.values_list("resource_id", flat=True).distinct())
    keys = sorted({booking.resource_id, *(keys or slots.held_with(booking.resource))})
    _demand_not_recorded(keys, span)
    said = line("note", note)
    uses = [
        UseRecord(
            resource_id=key,
            booking=booking,
            profile_id=booking.profile_id,
            user_class=booking.user_class,
            amount=_amount(booking, span) if key == booking.resource_id else None,
            vat=booking.vat if key == booking.resource_id else "",
            **_columns(actor, span, is_economic=is_economic, note=said),
        )
        for key in keys
    ]
    for use in uses:
        use.save()
    _used(booking, actor, span, said)
    for use in uses:
        _tell_of_ceiling(use, actor)
    return next(use for use in uses if use.resource_id == booking.resource_id)


@transaction.atomic
def record_no_show(
    *, actor: Viewer, booking_id: int, note: str = "", version: int | None = None
) -> Booking:
    """Record for the owner that nobody came; the late fee is owed, and the rest is free.

    Refuses a slot that has not begun.
    """
    booking = held_booking(actor, booking_id, answer_bookings, version)
    demand_state(booking, BookingState.ACCEPTED)
    if booking.starts_at > actor.now:
        raise ResourceRefused(_("The slot has not begun: whoever booked can still come."))
    said = line("note", note)
    fee = late_fee(booking, actor.now)
    keep(booking, actor, state=BookingState.NO_SHOW, fee=fee)
    changes = {"booking": (BookingState.ACCEPTED.label, BookingState.NO_SHOW.label)}
    audit.record(actor=actor, verb="record_no_show", subject=booking, changes=changes)
    write_step(booking, BookingStepKind.NO_SHOW, actor, said)
    release(booking, actor, _next_quarter(actor.now))
    return booking


@transaction.atomic
def record_own_use(
    *,
    actor: Viewer,
    resource_id: int,
    starts_at: datetime,
    ends_at: datetime,
    is_economic: bool,
    note: str = "",
) -> UseRecord:
    """Write a use of the owner without a booking into the ledger.

    Refuses times to come, hours that are recorded already, and those of a booking of which it is
    not recorded yet what came of it.
    """
    resource = _held_resource(actor, resource_id)
    span = _demand_past(actor, starts_at, ends_at)
    _demand_not_recorded([resource.pk], span)
    _demand_not_booked(resource, span)
    use = UseRecord.objects.create(
        resource=resource,
        profile_id=resource.profile_id,
        user_class=UserClass.OWNER,
        **_columns(actor, span, is_economic=is_economic, note=line("note", note)),
    )
    changes = {"use": ("", _span_line(span))}
    audit.record(actor=actor, verb="record_use", subject=resource, changes=changes)
    _tell_of_ceiling(use, actor)
    return use


@transaction.atomic
def void_use(*, actor: Viewer, use_id: int, reason: str) -> UseRecord:
    """Strike a record out, with the reason; it stays readable and counts no longer.

    What a booking wrote for all that is booked together is struck out together; its use can then be
    recorded anew. Refuses what is struck out already.
    """
    use = UseRecord.objects.select_related("resource").filter(pk=use_id).first()
    if use is None:
        raise NotAllowed(_("You may not do this with this record."))
    booking = None
    if use.booking_id is None:
        _held_resource(actor, use.resource_id)
    else:
        booking = held_booking(actor, use.booking_id, answer_bookings)
    missing = _("Say why: the reason stays in the ledger, for whoever checks it.")
    said = demand_words("reason", line("reason", reason), missing)
    rows = UseRecord.objects.filter(voided_at__isnull=True)
    rows = rows.filter(booking=booking) if booking else rows.filter(pk=use.pk)
    if not rows.filter(pk=use.pk).exists():
        raise ResourceRefused(_("This record is struck out already."))
    rows.update(voided_at=actor.now, voided_by=actor.person_id, void_reason=said)
    if booking:
        keep(booking, actor, state=BookingState.ACCEPTED)
        write_step(booking, BookingStepKind.CORRECTED, actor, said)
    span = Slot(use.starts_at, use.ends_at)
    changes = {"use": (_span_line(span), said)}
    audit.record(actor=actor, verb="void_use", subject=booking or use.resource, changes=changes)
    use.refresh_from_db()
    return use


def _held_resource(actor: Viewer, resource_id: int) -> Resource:
    lock_resources([resource_id])
    resource = Resource.objects.select_related("profile").filter(pk=resource_id).first()
    if resource is None or not answer_bookings.allows(actor, resource):
        raise NotAllowed(_("You do not act for the owner of this resource."))
    return resource


def _demand_past(actor: Viewer, starts_at: datetime, ends_at: datetime) -> Slot:
    span = slots.slot_of(
        starts_at.replace(second=0, microsecond=0), ends_at.replace(second=0, microsecond=0)
    )
    if span.ends_at <= span.starts_at:
        raise refused("ends_at", _("The end has to come after the start."))
    if span.ends_at > actor.now:
        raise refused("ends_at", _("This time is still to come: record what has taken place."))
    if span.ends_at - span.starts_at > MOST_QUARTERS * slots.QUARTER:
        raise refused("ends_at", _("A record covers at most two weeks: write several."))
    return span


def _demand_not_recorded(resource_ids: list[int], span: Slot) -> None:
    rows = UseRecord.objects.filter(resource__in=resource_ids, voided_at__isnull=True)
    if rows.filter(starts_at__lt=span.ends_at, ends_at__gt=span.starts_at).exists():
        words = _("A part of this time is in the ledger already; no hour counts twice.")
        raise refused("starts_at", words)


def _demand_not_booked(resource: Resource, span: Slot) -> None:
    """An hour of which the booking is still to be recorded would count as used and as booked."""
    if held_quarters([resource.pk], span).filter(booking__state=BookingState.ACCEPTED).exists():
        words = _("This time is booked: record first what came of the booking.")
        raise refused("starts_at", words)


def _columns(actor: Viewer, span: Slot, *, is_economic: bool, note: str) -> dict[str, Any]:
    return {
        "starts_at": span.starts_at,
        "ends_at": span.ends_at,
        "is_economic": is_economic,
        "note": note,
        "recorded_at": actor.now,
        "recorded_by_id": actor.person_id,
    }


def _amount(booking: Booking, span: Slot) -> Decimal | None:
    if booking.unit_price is None or booking.price_unit not in HOURS_OF:
        return booking.price
    hours = hours_between(span.starts_at, span.ends_at)
    amount = cents(booking.unit_price * quantity_of(booking.price_unit, hours))
    demand_sum(amount)
    return amount


def _used(booking: Booking, actor: Viewer, span: Slot, said: str) -> None:
    """The booking is used; the rest of a slot that still runs is set free."""
    old = BookingState(booking.state)
    rest = _next_quarter(actor.now) if old == BookingState.ACCEPTED else _held_until(booking)
    columns: dict[str, Any] = {"state": BookingState.USED, "fee": Decimal(0)}
    shortened = rest < booking.ends_at
    if shortened:
        columns["ends_at"] = rest
        if booking.asked_until is None:
            columns |= {"asked_from": booking.starts_at, "asked_until": booking.ends_at}
    keep(booking, actor, **columns)
    changes = {"booking": (old.label, BookingState.USED.label), "use": ("", _span_line(span))}
    audit.record(actor=actor, verb="record_use", subject=booking, changes=changes)
    write_step(booking, BookingStepKind.USED, actor, said)
    if shortened:
        release(booking, actor, rest)


def _held_until(booking: Booking) -> datetime:
    """When what the booking still holds ends: where nobody came, the rest is others'."""
    last = booking.quarters.order_by("quarter").last()
    if last is None:
        return booking.ends_at
    return datetime.fromtimestamp((last.quarter + 1) * slots.QUARTER.total_seconds(), UTC)


def _next_quarter(now: datetime) -> datetime:
    """The first full quarter from a moment on, in UTC."""
    moment = now.astimezone(UTC)
    past = timedelta(
        minutes=moment.minute % QUARTER_MINUTES,
        seconds=moment.second,
        microseconds=moment.microsecond,
    )
    return moment if not past else moment - past + slots.QUARTER


def _span_line(span: Slot) -> str:
    form = "%Y-%m-%d %H:%M"
    return f"{span.starts_at.strftime(form)} – {span.ends_at.strftime(form)}"


def _tell_of_ceiling(use: UseRecord, actor: Viewer) -> None:
    """Tell once of each level that economic use reaches in a year; a lower one was reached too."""
    resource = Resource.objects.get(pk=use.resource_id)
    if not (use.is_economic and resource.is_publicly_funded):
        return
    zone = gateway.zone_of(resource.timezone)
    last = use.ends_at - timedelta(minutes=1)
    for year in sorted({moment.astimezone(zone).year for moment in (use.starts_at, last)}):
        [found] = figures([resource], year, viewer=actor, records=False)
        if found.level == CeilingLevel.NONE:
            continue
        is_new = _note_level(resource, year, found.level, actor)
        if is_new:
            send = partial(
                ceiling_neared.send,
                sender=Resource,
                resource_id=resource.pk,
                year=year,
                level=found.level.value,
            )
            transaction.on_commit(send)


def _note_level(resource: Resource, year: int, level: CeilingLevel, actor: Viewer) -> bool:
    key = {"resource": resource, "year": year}
    told = CeilingWarning.objects
    _row, is_new = told.get_or_create(**key, level=level, defaults={"at": actor.now})
    if level == CeilingLevel.PASSED:
        told.get_or_create(**key, level=CeilingLevel.NEAR, defaults={"at": actor.now})
    return is_new
