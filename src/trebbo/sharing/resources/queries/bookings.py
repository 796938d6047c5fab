"""Bookings of the viewer's side, those that wait for an answer, and one booking's page."""

from dataclasses import dataclass
from enum import StrEnum

from django.db.models import QuerySet

from trebbo.kernel.access import Viewer
from trebbo.sharing.resources.choices import OPEN, UNDECIDED, BookingState
from trebbo.sharing.resources.models import Booking, BookingStep, Resource, UseRecord
from trebbo.sharing.resources.policies import answer_bookings, change_booking, view_booking

ROWS = 20


class BookingAct(StrEnum):
    """What can be done with a booking."""

    ACCEPT = "accept"
    DECLINE = "decline"
    PROPOSE = "propose"
    AGREE = "agree"
    WITHDRAW = "withdraw"
    CANCEL = "cancel"
    RECORD_USE = "record_use"
    RECORD_NO_SHOW = "record_no_show"
    VOID_USE = "void_use"


@dataclass(frozen=True, slots=True)
class BookingsFound:
    """A page of bookings, and whether there are more."""

    rows: list[Booking]
    more: bool


@dataclass(frozen=True, slots=True)
class BookingPage:
    """A booking as one side sees it, what happened to it, and what the viewer may do now.

    `place` is the place on the waiting list, from 1 on. `used` is the real use as it stands, whose
    time and price both sides see; `uses` are for the owner's side only,
    those struck out too.
    """

    booking: Booking
    steps: list[BookingStep]
    acts: frozenset[BookingAct]
    for_owner: bool
    for_asker: bool
    uses: list[UseRecord]
    used: UseRecord | None
    place: int | None


def my_bookings(*, viewer: Viewer, over: bool = False, offset: int = 0) -> BookingsFound:
    """What the viewer, or a body that they act for, asked for: what goes on, or what is over.

    What goes on comes by its start, what is over latest first.
    """
    rows = change_booking.filter(viewer, Booking.objects.all())
    going = rows.filter(state__in=OPEN, ends_at__gt=viewer.now)
    if not over:
        return _page(going.order_by("starts_at", "pk"), offset)
    return _page(rows.exclude(pk__in=going.values("pk")).order_by("-starts_at", "-pk"), offset)


def bookings_to_answer(*, viewer: Viewer, offset: int = 0) -> BookingsFound:
    """Requests for resources for whose owner the viewer acts, those that lapse first first."""
    rows = _of_owner(viewer).filter(state=BookingState.REQUESTED, lapses_at__gt=viewer.now)
    return _page(rows.order_by("lapses_at", "pk"), offset)


def bookings_to_record(*, viewer: Viewer, offset: int = 0) -> BookingsFound:
    """Accepted bookings that are over and of which the owner has recorded no use, oldest first."""
    rows = _of_owner(viewer).filter(state=BookingState.ACCEPTED, ends_at__lte=viewer.now)
    return _page(rows.order_by("starts_at", "pk"), offset)


def bookings_of_owner(*, viewer: Viewer, over: bool = False, offset: int = 0) -> BookingsFound:
    """All bookings of resources for whose owner the viewer acts: to come, or over."""
    rows = _of_owner(viewer)
    going = rows.filter(state__in=OPEN, ends_at__gt=viewer.now)
    if not over:
        return _page(going.order_by("starts_at", "pk"), offset)
    return _page(rows.exclude(pk__in=going.values("pk")).order_by("-starts_at", "-pk"), offset)


def booking_page(booking_id: int, *, viewer: Viewer) -> BookingPage | None:
    """A booking with its steps and what may be done; nothing for who may not see it."""
    booking = _with_names(Booking.objects.filter(pk=booking_id)).first()
    if booking is None or not view_booking.allows(viewer, booking):
        return None
    for_owner = answer_bookings.allows(viewer, booking.resource)
    for_asker = change_booking.allows(viewer, booking)
    uses = list(booking.uses.select_related("resource", "recorded_by").order_by("pk"))
    standing = [one for one in uses if one.voided_at is None]
    acts = acts_on(booking, for_owner=for_owner, for_asker=for_asker, viewer=viewer)
    return BookingPage(
        booking=booking,
        steps=list(booking.steps.select_related("person")),
        acts=acts,
        for_owner=for_owner,
        for_asker=for_asker,
        uses=uses if for_owner else [],
        used=next((one for one in standing if one.resource_id == booking.resource_id), None),
        place=_place(booking),
    )


def acts_on(
    booking: Booking, *, for_owner: bool, for_asker: bool, viewer: Viewer
) -> frozenset[BookingAct]:
    """What a side may do with a booking at the viewer's moment."""
    acts: set[BookingAct] = set()
    if for_owner:
        acts |= _acts_of_owner(booking, viewer)
    if for_asker:
        acts |= _acts_of_asker(booking, viewer)
    return frozenset(acts)


def _acts_of_owner(booking: Booking, viewer: Viewer) -> set[BookingAct]:
    acts: set[BookingAct] = set()
    begun, in_time = booking.starts_at <= viewer.now, booking.lapses_at > viewer.now
    if booking.state == BookingState.REQUESTED and in_time:
        acts.add(BookingAct.ACCEPT)
    if booking.state in UNDECIDED:
        acts |= {BookingAct.DECLINE, BookingAct.PROPOSE}
    if booking.state == BookingState.ACCEPTED:
        acts |= {BookingAct.RECORD_USE, BookingAct.RECORD_NO_SHOW} if begun else {BookingAct.CANCEL}
    if booking.state == BookingState.NO_SHOW:
        acts.add(BookingAct.RECORD_USE)
    if booking.state == BookingState.USED:
        acts.add(BookingAct.VOID_USE)
    return acts


def _acts_of_asker(booking: Booking, viewer: Viewer) -> set[BookingAct]:
    acts: set[BookingAct] = set()
    if booking.state == BookingState.PROPOSED and booking.lapses_at > viewer.now:
        acts.add(BookingAct.AGREE)
    if booking.state in UNDECIDED:
        acts.add(BookingAct.WITHDRAW)
    if booking.state == BookingState.ACCEPTED and booking.starts_at > viewer.now:
        acts.add(BookingAct.CANCEL)
    return acts


def _of_owner(viewer: Viewer) -> QuerySet[Booking]:
    resources = answer_bookings.filter(viewer, Resource.objects.all())
    return Booking.objects.filter(resource__in=resources.values("pk"))


def _with_names(rows: QuerySet[Booking]) -> QuerySet[Booking]:
    return rows.select_related("resource__profile", "profile", "person")


def _page(rows: QuerySet[Booking], offset: int) -> BookingsFound:
    found = list(_with_names(rows)[offset : offset + ROWS + 1])
    return BookingsFound(found[:ROWS], len(found) > ROWS)


def _place(booking: Booking) -> int | None:
    if booking.state != BookingState.WAITING:
        return None
    queue = Booking.objects.filter(
        resource=booking.resource_id,
        state=BookingState.WAITING,
        starts_at__lt=booking.ends_at,
        ends_at__gt=booking.starts_at,
    )
    before = queue.filter(created_at__lt=booking.created_at)
    alike = queue.filter(created_at=booking.created_at, pk__lt=booking.pk)
    return before.count() + alike.count() + 1
