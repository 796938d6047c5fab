"""What time does to bookings: requests lapse, and who waits has what has become free."""

from django.db import transaction
from django.db.models import Q

from trebbo.kernel.access import Viewer
from trebbo.kernel.policies import demand_installation
from trebbo.sharing.resources.actions.holding import end, lock_around, lock_booking, move_up
from trebbo.sharing.resources.choices import UNDECIDED, BookingState, BookingStepKind
from trebbo.sharing.resources.models import Booking, Resource


def tick(*, actor: Viewer) -> tuple[int, int]:
    """Let lapse what nobody answered in time, and move up who waits; how many of each.

    Running it twice, or in two processes, does nothing more.
    """
    demand_installation(actor)
    due = Booking.objects.filter(state__in=UNDECIDED, lapses_at__lte=actor.now)
    keys = list(due.order_by("pk").values_list("pk", flat=True))
    lapsed = sum(_lapse(actor, key) for key in keys)
    waited_for = Resource.objects.filter(bookings__state=BookingState.WAITING).distinct()
    ids = list(waited_for.order_by("pk").values_list("pk", flat=True))
    return lapsed, sum(_move_up(actor, key) for key in ids)


@transaction.atomic
def _lapse(actor: Viewer, booking_id: int) -> bool:
    booking = lock_booking(booking_id)
    if booking is None or booking.state not in UNDECIDED or booking.lapses_at > actor.now:
        return False  # answered meanwhile
    end(booking, actor, BookingState.LAPSED, BookingStepKind.LAPSED, verb="lapse_booking")
    return True


@transaction.atomic
def _move_up(actor: Viewer, resource_id: int) -> int:
    """A block taken away, or a resource that was withdrawn, may have set something free."""
    lock_around([resource_id])
    waiting = Q(state=BookingState.WAITING, resource=resource_id)
    before = Booking.objects.filter(waiting).count()
    move_up([resource_id], actor)
    return before - Booking.objects.filter(waiting).count()
