"""Calendars of owners that block slots: added, kept in step with what they say, removed."""

from collections.abc import Iterable
from datetime import datetime

from django.db import models, transaction
from django.utils.translation import gettext as _

from trebbo.ecosystem.organisations.actions.wording import short_text
from trebbo.kernel import audit
from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import NotAllowed, Refusal
from trebbo.kernel.fetching import FetchRefused, checked_address
from trebbo.sharing.resources.choices import BlockKind
from trebbo.sharing.resources.models import Block, OwnCalendar, Resource
from trebbo.sharing.resources.policies import look_after_resource

MOST_CALENDARS = 10
LONGEST_NAME, LONGEST_ADDRESS = 200, 500

Busy = tuple[datetime, datetime]


class CalendarRefused(Refusal):
    """The calendar cannot be taken, or cannot be read."""


@transaction.atomic
def add_own_calendar(
    *,
    actor: Viewer,
    resource_id: int,
    name: str,
    address: str = "",
    busy: Iterable[Busy] | None = None,
) -> OwnCalendar:
    """Have a calendar of the owner block slots of a resource.

    It is read at `address` again and again (the first time by a job), or was read from a file:
    `busy` are its times, and it stays as it is. Refuses neither or both of them, an address that is
    none, and more than MOST_CALENDARS for a resource. The trail does not hold the address, which is
    often secret.
    """
    resource = _demand(actor, Resource.objects.select_for_update(of=("self",)), resource_id)
    words = short_text("name", name, limit=LONGEST_NAME, required=True)
    where = _address(address) if address.strip() else ""
    if bool(where) == (busy is not None):
        told = _("Give either the address of the calendar or a file.")
        raise CalendarRefused(told, {"address": told})
    if resource.own_calendars.count() >= MOST_CALENDARS:
        told = _("At most %(limit)s calendars fit here.") % {"limit": MOST_CALENDARS}
        raise CalendarRefused(told)
    calendar = OwnCalendar.objects.create(
        resource=resource, name=words, address=where, added_at=actor.now
    )
    if busy is not None:
        _keep(calendar, busy, actor.now)
    audit.record(
        actor=actor, verb="add_calendar", subject=resource, changes={"calendar": ("", words)}
    )
    return calendar


@transaction.atomic
def remove_own_calendar(*, actor: Viewer, calendar_id: int) -> bool:
    """Stop a calendar from blocking slots, at once; whether it was there."""
    calendar = OwnCalendar.objects.select_related("resource").filter(pk=calendar_id).first()
    if calendar is None:
        return False
    resource = _demand(actor, Resource.objects.all(), calendar.resource_id)
    audit.record(
        actor=actor,
        verb="remove_calendar",
        subject=resource,
        changes={"calendar": (calendar.name, "")},
    )
    calendar.delete()
    return True


@transaction.atomic
def keep_busy_times(*, actor: Viewer, calendar_id: int, busy: Iterable[Busy]) -> bool:
    """Block what a calendar said just now instead of what it said before; whether it changed.

    A booking that was made for such a time stands: who answers for the owner sees it on the page.
    """
    calendar = _held(actor, calendar_id)
    if calendar is None:
        return False
    changed = _keep(calendar, busy, actor.now)
    if changed:
        told = {"calendar": ("", calendar.name)}
        audit.record(actor=actor, verb="read_calendar", subject=calendar.resource, changes=told)
    return changed


@transaction.atomic
def keep_problem(*, actor: Viewer, calendar_id: int, problem: str) -> None:
    """Note why a calendar could not be read, in English; what it said before goes on blocking."""
    calendar = _held(actor, calendar_id)
    if calendar is not None:
        calendar.problem, calendar.tried_at = problem[:500], actor.now
        calendar.save(update_fields=["problem", "tried_at"])


def _held(actor: Viewer, calendar_id: int) -> OwnCalendar | None:
    """The calendar, locked; nothing where somebody removed it meanwhile."""
    rows = OwnCalendar.objects.select_for_update(of=("self",)).select_related("resource__profile")
    calendar = rows.filter(pk=calendar_id).first()
    if calendar is not None and not actor.is_installation:
        look_after_resource.demand(actor, calendar.resource, _not_allowed())
    return calendar


def _keep(calendar: OwnCalendar, busy: Iterable[Busy], now: datetime) -> bool:
    wanted = set(busy)
    # What is over by now is neither here nor there: a later reading begins later.
    kept = {(one.starts_at, one.ends_at) for one in calendar.blocks.filter(ends_at__gt=now)}
    calendar.read_at = calendar.tried_at = now
    calendar.problem = ""
    calendar.save(update_fields=["read_at", "tried_at", "problem"])
    if wanted == kept:
        return False
    calendar.blocks.all().delete()
    Block.objects.bulk_create(
        Block(
            resource_id=calendar.resource_id,
            calendar=calendar,
            kind=BlockKind.OWN_CALENDAR,
            starts_at=start,
            ends_at=end,
        )
        for start, end in sorted(wanted)
    )
    return _later(wanted, now) != _later(kept, now)


def _later(spans: Iterable[Busy], now: datetime) -> set[Busy]:
    return {(max(start, now), end) for start, end in spans if end > now}


def _address(typed: str) -> str:
    try:
        address = checked_address(typed)
    except FetchRefused as refusal:
        raise CalendarRefused(refusal.message, {"address": refusal.message}) from refusal
    if len(address) > LONGEST_ADDRESS:
        told = _("This address is too long.")
        raise CalendarRefused(told, {"address": told})
    return address


def _demand(actor: Viewer, rows: models.QuerySet[Resource], resource_id: int) -> Resource:
    resource = rows.select_related("profile").filter(pk=resource_id).first()
    if resource is None or not look_after_resource.allows(actor, resource):
        raise NotAllowed(_not_allowed())
    return resource


def _not_allowed() -> str:
    return _("You do not look after this resource.")
