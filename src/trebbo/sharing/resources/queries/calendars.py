"""Calendars that block slots, as who looks after a resource reads them."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from trebbo.kernel.access import Viewer
from trebbo.sharing.resources.choices import OPEN
from trebbo.sharing.resources.models import Block, Booking, OwnCalendar, Resource
from trebbo.sharing.resources.policies import look_after_resource, view_resource
from trebbo.sharing.resources.queries.feeds import FeedRow, my_feeds


@dataclass(frozen=True, slots=True)
class OwnCalendarRow:
    """A calendar: from which host, how many times it blocks, what is wrong, which bookings clash.

    `host` is blank for one that was read from a file.
    """

    calendar: OwnCalendar
    host: str
    upcoming: int
    until: Block | None
    problem: str
    clashes: tuple[Booking, ...]


@dataclass(frozen=True, slots=True)
class CalendarsPage:
    """What there is of calendars at a resource.

    `own` are those that block its slots, for who looks after it (`may_change`); `feed` is the
    viewer's own feed of its bookings, if one is open.
    """

    resource: Resource
    may_change: bool
    own: tuple[OwnCalendarRow, ...]
    feed: FeedRow | None


def calendars_page(resource_id: int, *, viewer: Viewer) -> CalendarsPage | None:
    """The calendars of a resource that the viewer may see; nothing where there is none."""
    resource = Resource.objects.select_related("profile").filter(pk=resource_id).first()
    if resource is None or not view_resource.allows(viewer, resource):
        return None
    may_change = look_after_resource.allows(viewer, resource)
    own = own_calendars(resource, viewer=viewer) if may_change else []
    feeds = [one for one in my_feeds(viewer=viewer) if one.feed.resource_id == resource.pk]
    return CalendarsPage(resource, may_change, tuple(own), feeds[0] if feeds else None)


def own_calendars(resource: Resource, *, viewer: Viewer) -> list[OwnCalendarRow]:
    """The calendars that block a resource; refuses whoever does not look after it."""
    look_after_resource.demand(viewer, resource, _("You do not look after this resource."))
    calendars = list(resource.own_calendars.order_by("name", "pk"))
    blocks: dict[int, list[Block]] = {one.pk: [] for one in calendars}
    for block in Block.objects.filter(calendar__in=blocks, ends_at__gt=viewer.now).order_by(
        "starts_at"
    ):
        blocks[block.calendar_id or 0].append(block)
    held = resource.bookings.filter(state__in=OPEN, ends_at__gt=viewer.now).order_by("starts_at")
    bookings = list(held) if calendars else []
    return [_row(one, blocks[one.pk], bookings) for one in calendars]


def _row(calendar: OwnCalendar, blocks: list[Block], bookings: list[Booking]) -> OwnCalendarRow:
    return OwnCalendarRow(
        calendar=calendar,
        host=urlsplit(calendar.address).hostname or "",
        upcoming=len(blocks),
        until=blocks[-1] if blocks else None,
        problem=_(calendar.problem) if calendar.problem else "",
        clashes=tuple(one for one in bookings if _clashes(one, blocks)),
    )


def _clashes(booking: Booking, blocks: list[Block]) -> bool:
    return any(
        block.starts_at < booking.ends_at and booking.starts_at < block.ends_at for block in blocks
    )
