"""What a slot has to be before it can be held: its times, hours, quota and qualification."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trebbo.sharing.resources import gateway
from trebbo.sharing.resources.actions.wording import ResourceRefused, refused
from trebbo.sharing.resources.choices import (
    HOLDING,
    MOST_QUARTERS,
    QUARTER_MINUTES,
    BookingState,
    QuotaPeriod,
)
from trebbo.sharing.resources.gateway import ObstacleKind, Slot
from trebbo.sharing.resources.models import Booking, QualifiedPerson, Resource, hours_between

COUNTED = (*HOLDING, BookingState.USED, BookingState.NO_SHOW)
"""States in which a booking counts against a quota."""
QUARTER = timedelta(minutes=QUARTER_MINUTES)


def held_with(resource: Resource) -> tuple[int, ...]:
    """The resource and what is booked together with it, each once, by id."""
    return held_by_id(resource.pk)


def held_by_id(resource_id: int) -> tuple[int, ...]:
    """`held_with`, where only the id is known."""
    linked = gateway.linked_to([resource_id]).get(resource_id, ())
    return (resource_id, *sorted(set(linked) - {resource_id}))


def slot_of(starts_at: datetime, ends_at: datetime) -> Slot:
    """The slot in UTC, where comparing two moments means time that really passes.

    Refuses moments without their time zone (ValueError).
    """
    if starts_at.tzinfo is None or ends_at.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return Slot(starts_at.astimezone(UTC), ends_at.astimezone(UTC))


def demand_slot(slot: Slot, now: datetime) -> None:
    """Refuse what is no slot: of no length, in the past, not at full quarters, far too long."""
    if slot.ends_at <= slot.starts_at:
        raise refused("ends_at", _("The end has to come after the start."))
    for field, moment in (("starts_at", slot.starts_at), ("ends_at", slot.ends_at)):
        if moment.timestamp() % QUARTER.total_seconds():
            words = _("Slots begin and end at full quarters of an hour, like 9:15.")
            raise refused(field, words)
    if slot.starts_at < now:
        raise refused("starts_at", _("This time has passed: choose one to come."))
    if slot.ends_at - slot.starts_at > MOST_QUARTERS * QUARTER:
        raise refused("ends_at", _("A booking lasts at most two weeks."))


def demand_length(resource: Resource, slot: Slot) -> None:
    """Refuse a slot that is shorter or longer than the resource's owner allows."""
    minutes = (slot.ends_at - slot.starts_at) // timedelta(minutes=1)
    if minutes < resource.shortest_minutes:
        facts = {"length": _length(resource.shortest_minutes)}
        raise refused("ends_at", _("This can be booked for at least %(length)s.") % facts)
    if minutes > resource.longest_minutes:
        facts = {"length": _length(resource.longest_minutes)}
        raise refused("ends_at", _("This can be booked for at most %(length)s.") % facts)


def demand_notice(resource: Resource, slot: Slot, now: datetime) -> None:
    """Refuse a slot that begins sooner than the owner can get ready for."""
    if slot.starts_at < now + timedelta(hours=resource.notice_hours):
        words = ngettext(
            "Book at least %(number)s hour ahead.",
            "Book at least %(number)s hours ahead.",
            resource.notice_hours,
        )
        raise refused("starts_at", words % {"number": resource.notice_hours})


def demand_horizon(resource: Resource, slot: Slot, now: datetime) -> None:
    """Refuse a slot that ends later than the last day for which bookings are taken."""
    latest = gateway.booking_window(resource, now).ends_at
    if slot.ends_at > latest:
        last_day = latest.astimezone(ZoneInfo(resource.timezone)) - timedelta(seconds=1)
        facts = {"day": date_format(last_day, "j F Y")}
        words = _("Bookings are taken until %(day)s for now: choose an earlier time.") % facts
        raise refused("starts_at", words)


def demand_open(resource: Resource, slot: Slot) -> None:
    """Refuse a slot outside the opening hours, or blocked, of it or of what goes with it."""
    obstacle = gateway.obstacle_to(resource, slot.starts_at, slot.ends_at)
    if obstacle is None:
        return
    facts = {"resource": obstacle.resource}
    if obstacle.kind == ObstacleKind.CLOSED:
        if obstacle.resource.pk == resource.pk:
            raise refused("starts_at", _("It is not open for all of this time."))
        words = _("“%(resource)s”, which is booked together with it, is not open for all of it.")
        raise refused("starts_at", words % facts)
    if obstacle.resource.pk == resource.pk:
        raise refused("starts_at", _("Its owner has closed it in a part of this time."))
    words = _("“%(resource)s”, which is booked together with it, is closed in a part of it.")
    raise refused("starts_at", words % facts)


def demand_qualified(resource: Resource, person_id: int | None, slot: Slot) -> None:
    """Refuse who does not hold the qualification demanded, on every day of the slot."""
    if resource.qualification_id is None:
        return
    first, last = local_days(resource, slot)
    rows = QualifiedPerson.objects.filter(
        qualification=resource.qualification_id, person=person_id or 0
    )
    valid = Q(since__lte=first) & (Q(until__isnull=True) | Q(until__gte=last))
    if rows.filter(valid).exists():
        return
    facts = {"name": resource.qualification}
    if rows.filter(until__lt=last).exists():
        words = _("Your qualification “%(name)s” will have expired: ask the owner to renew it.")
    else:
        words = _("This needs the qualification “%(name)s”: ask the owner for the training.")
    raise ResourceRefused(words % facts)


def demand_quota(
    resource: Resource,
    slot: Slot,
    profile_id: int | None,
    person_id: int | None,
    but: Booking | None = None,
) -> None:
    """Refuse hours above the quota of the body, or of the person who acts for none.

    A booking counts in the week, month or year in which it begins, by the resource's own clock.
    """
    if resource.quota_hours is None:
        return
    first, until = quota_span(resource, slot.starts_at)
    who = Q(profile=profile_id) if profile_id else Q(profile__isnull=True, person=person_id)
    rows = Booking.objects.filter(
        who, resource=resource, state__in=COUNTED, starts_at__gte=first, starts_at__lt=until
    )
    spans = rows.exclude(pk=but.pk if but else 0).values_list("starts_at", "ends_at")
    booked = sum((hours_between(one, other) for one, other in spans), Decimal(0))
    if booked + hours_between(slot.starts_at, slot.ends_at) <= resource.quota_hours:
        return
    facts = {
        "quota": _length(60 * resource.quota_hours),
        "period": QuotaPeriod(resource.quota_period).label,
        "left": _length(max(0, int(60 * (resource.quota_hours - booked)))),
    }
    words = _("The quota is %(quota)s %(period)s; still left: %(left)s.")
    raise refused("starts_at", words % facts)


def quota_span(resource: Resource, moment: datetime) -> tuple[datetime, datetime]:
    """The local week, month or year of a moment, from midnight to midnight."""
    zone = ZoneInfo(resource.timezone)
    day = moment.astimezone(zone).date()
    if resource.quota_period == QuotaPeriod.WEEK:
        first = day - timedelta(days=day.weekday())
        after = first + timedelta(days=7)
    elif resource.quota_period == QuotaPeriod.MONTH:
        first = day.replace(day=1)
        after = (first + timedelta(days=31)).replace(day=1)
    else:
        first, after = date(day.year, 1, 1), date(day.year + 1, 1, 1)
    return datetime.combine(first, time(), zone), datetime.combine(after, time(), zone)


def local_days(resource: Resource, slot: Slot) -> tuple[date, date]:
    """The first and the last local day that a slot touches."""
    zone = ZoneInfo(resource.timezone)
    last = slot.ends_at - timedelta(microseconds=1)
    return slot.starts_at.astimezone(zone).date(), last.astimezone(zone).date()


def demand_bookable(resource: Resource) -> None:
    """Refuse what is not, or no longer, to be booked."""
    if resource.withdrawn_at is not None:
        raise ResourceRefused(_("The owner has taken this out of the catalogue."))
    if not resource.is_bookable:
        raise ResourceRefused(
            _("This cannot be booked here. Its page says whom to ask, and how access is given.")
        )


def _length(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    parts = []
    if hours or not rest:
        words = ngettext("%(number)s hour", "%(number)s hours", hours)
        parts.append(words % {"number": hours})
    if rest:
        words = ngettext("%(number)s minute", "%(number)s minutes", rest)
        parts.append(words % {"number": rest})
    return " ".join(parts)
