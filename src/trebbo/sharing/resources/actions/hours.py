"""When a resource can be booked: opening hours of the week, and spans in which it is closed."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from trebbo.kernel import audit
from trebbo.kernel.access import Viewer
from trebbo.sharing.resources.actions.catalogue import held_resource
from trebbo.sharing.resources.actions.values import one_of
from trebbo.sharing.resources.actions.wording import ResourceRefused, line, refused
from trebbo.sharing.resources.choices import HOLDING, QUARTER_MINUTES, BlockKind
from trebbo.sharing.resources.models import Block, Booking, OpeningHours, Resource

Hours = tuple[int, int, int]
"""Day of the week (0 is Monday), minute of the local day at which it opens, and closes."""
DAY = 1_440
MOST_SPANS = 6
LONGEST_BLOCK = timedelta(days=5 * 366)


class HoursChanged(ResourceRefused):
    """Somebody else saved other hours meanwhile; nothing was written. `present` are those kept."""

    status = 409

    def __init__(self, present: tuple[Hours, ...]) -> None:
        super().__init__(
            _("While you were writing, somebody else changed the opening hours: compare, and save.")
        )
        self.present = present


class BlockOverBookings(ResourceRefused):
    """Bookings stand in the span that was to be closed; `bookings` are they."""

    status = 409

    def __init__(self, bookings: list[Booking]) -> None:
        super().__init__(
            _(
                "%(count)s bookings stand in this time. They stay unless you cancel them: close it "
                "in spite of them, or choose another time."
            )
            % {"count": len(bookings)}
        )
        self.bookings = bookings


@transaction.atomic
def set_opening_hours(
    *,
    actor: Viewer,
    resource_id: int,
    hours: Iterable[Hours],
    before: Iterable[Hours] | None = None,
) -> tuple[Hours, ...]:
    """State the whole week; none at all is open round the clock. Bookings there are stay.

    Spans that touch become one. Refuses spans that overlap, that end before they start or are not
    at full quarters. `before` is what the person was shown: `HoursChanged` where it is otherwise.
    """
    resource = held_resource(actor, resource_id)
    wanted = _joined(hours)
    present = hours_of(resource)
    if before is not None and tuple(sorted(before)) != present:
        raise HoursChanged(present)
    if wanted == present:
        return present
    resource.opening_hours.all().delete()
    OpeningHours.objects.bulk_create(
        OpeningHours(resource=resource, weekday=weekday, opens=opens, closes=closes)
        for weekday, opens, closes in wanted
    )
    told = {"opening_hours": (_told(present), _told(wanted))}
    audit.record(actor=actor, verb="set_opening_hours", subject=resource, changes=told)
    return wanted


@transaction.atomic
def add_block(
    *,
    actor: Viewer,
    resource_id: int,
    kind: str,
    starts_at: datetime,
    ends_at: datetime,
    reason_it: str = "",
    reason_en: str = "",
    despite_bookings: bool = False,
) -> Block:
    """Close a resource between two aware moments, for maintenance or otherwise.

    Refuses a span that is over, has no length or lasts more than five years; and, unless
    `despite_bookings`, one in which bookings stand (`BlockOverBookings`): these are not touched.
    """
    resource = held_resource(actor, resource_id)
    one_of("kind", kind, (BlockKind.MAINTENANCE, BlockKind.CLOSED))
    _demand_span(actor, starts_at, ends_at)
    reasons = line("reason_it", reason_it, 300), line("reason_en", reason_en, 300)
    bookings = list(
        resource.bookings.filter(
            state__in=HOLDING, starts_at__lt=ends_at, ends_at__gt=starts_at
        ).order_by("starts_at", "pk")
    )
    if bookings and not despite_bookings:
        raise BlockOverBookings(bookings)
    block = Block.objects.create(
        resource=resource,
        kind=kind,
        starts_at=starts_at,
        ends_at=ends_at,
        reason_it=reasons[0],
        reason_en=reasons[1],
    )
    told = {"block": ("", _span(block))}
    audit.record(actor=actor, verb="add_block", subject=resource, changes=told)
    return block


@transaction.atomic
def remove_block(*, actor: Viewer, block_id: int) -> bool:
    """Open a resource again; whether the block was there.

    Refuses one that comes from the owner's own calendar: it goes with the calendar.
    """
    block = Block.objects.filter(pk=block_id).first()
    if block is None:
        return False
    resource = held_resource(actor, block.resource_id)
    if block.calendar_id is not None:
        raise ResourceRefused(_("This comes from the owner's own calendar: change it there."))
    told = {"block": (_span(block), "")}
    block.delete()
    audit.record(actor=actor, verb="remove_block", subject=resource, changes=told)
    return True


def hours_of(resource: Resource) -> tuple[Hours, ...]:
    """The opening hours that are kept, in order."""
    return tuple(resource.opening_hours.values_list("weekday", "opens", "closes"))


def _joined(hours: Iterable[Hours]) -> tuple[Hours, ...]:
    kept: list[Hours] = []
    for weekday, opens, closes in sorted(hours):
        _demand_hours(weekday, opens, closes)
        if kept and kept[-1][0] == weekday and kept[-1][2] >= opens:
            if kept[-1][2] > opens:
                raise refused(f"day_{weekday}", _("Two times of this day overlap."))
            kept[-1] = (weekday, kept[-1][1], closes)
        else:
            kept.append((weekday, opens, closes))
    for weekday in range(7):
        if sum(one[0] == weekday for one in kept) > MOST_SPANS:
            told = _("At most %(limit)s times a day fit here.") % {"limit": MOST_SPANS}
            raise refused(f"day_{weekday}", told)
    return tuple(kept)


def _demand_hours(weekday: int, opens: int, closes: int) -> None:
    if weekday not in range(7):
        raise ResourceRefused(_("Choose from the list."))
    if not 0 <= opens < closes <= DAY:
        raise refused(f"day_{weekday}", _("It closes before it opens: check the two times."))
    if opens % QUARTER_MINUTES or closes % QUARTER_MINUTES:
        told = _("Full quarters of an hour only, such as 8:30 or 12:45.")
        raise refused(f"day_{weekday}", told)


def _demand_span(actor: Viewer, starts_at: datetime, ends_at: datetime) -> None:
    if ends_at <= starts_at:
        raise refused("ends_at", _("It ends before it starts: check the two times."))
    if ends_at <= actor.now:
        raise refused("ends_at", _("This time is over."))
    if ends_at - starts_at > LONGEST_BLOCK:
        raise refused("ends_at", _("At most five years; withdraw the resource instead."))


def _told(hours: Iterable[Hours]) -> str:
    return "; ".join(f"{day + 1}: {_clock(opens)}–{_clock(ends)}" for day, opens, ends in hours)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _span(block: Block) -> str:
    return f"{block.kind}: {block.starts_at.isoformat()} – {block.ends_at.isoformat()}"
