"""Who is told of what happened to a booking, and in which part: only who may read it by now."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from django.utils import timezone

from trebbo.ecosystem.accounts.choices import MandateRole
from trebbo.ecosystem.accounts.models import Mandate, Person
from trebbo.ecosystem.accounts.queries import held_on, viewer_for
from trebbo.ecosystem.organisations.models import Profile, Unit
from trebbo.kernel.access import Viewer
from trebbo.sharing.resources import policies
from trebbo.sharing.resources.choices import BookingStepKind
from trebbo.sharing.resources.models import Booking, BookingStep, Resource


class Part(Enum):
    """On which side somebody is told."""

    ASKER = "asker"
    OWNER = "owner"


BOTH = (Part.ASKER, Part.OWNER)
READERS: dict[BookingStepKind, tuple[Part, ...]] = {
    BookingStepKind.REQUESTED: (Part.OWNER,),
    BookingStepKind.QUEUED: (),
    BookingStepKind.MOVED_UP: BOTH,
    BookingStepKind.ACCEPTED: (Part.ASKER,),
    BookingStepKind.DECLINED: (Part.ASKER,),
    BookingStepKind.PROPOSED: (Part.ASKER,),
    BookingStepKind.AGREED: BOTH,
    BookingStepKind.WITHDRAWN: BOTH,
    BookingStepKind.CANCELLED: BOTH,
    BookingStepKind.CANCELLED_BY_OWNER: (Part.ASKER,),
    BookingStepKind.LAPSED: BOTH,
    BookingStepKind.USED: (Part.ASKER,),
    BookingStepKind.CORRECTED: (Part.ASKER,),
    BookingStepKind.NO_SHOW: (Part.ASKER,),
}
"""Who is told of each step; who stands on both sides is told as who asked."""
FOR_THE_CALENDAR = (
    BookingStepKind.ACCEPTED,
    BookingStepKind.AGREED,
    BookingStepKind.CANCELLED,
    BookingStepKind.CANCELLED_BY_OWNER,
)
"""Steps that go to who asked also where they made them: the slot enters or leaves a calendar."""
CALLS_ON_OWNER = (BookingStepKind.REQUESTED, BookingStepKind.MOVED_UP)
"""Steps after which the owner has to answer."""


@dataclass(frozen=True, slots=True)
class BookingReader:
    """Somebody who is told, on which side."""

    person: Person
    part: Part


def readers_of(step: BookingStep, now: datetime) -> Iterator[BookingReader]:
    """Who is told of a step at a moment, each once; of what they did themselves mostly nobody."""
    told: set[int] = set()
    for part in READERS[BookingStepKind(step.kind)]:
        if part == Part.OWNER and not _owner_knows(step):
            continue
        for person in _people(step.booking, part, now):
            if person.pk in told or (person.pk == step.person_id and _knows(step, part)):
                continue
            told.add(person.pk)
            if may_read(person, step.booking, now):
                yield BookingReader(person, part)


def may_read(person: Person, booking: Booking, now: datetime) -> bool:
    """Whether the person may read what the booking is for, as things stand."""
    return person.is_active and policies.view_booking.allows(_viewer(person, now), booking)


def may_read_ledger(person: Person, resource: Resource, now: datetime) -> bool:
    """Whether the person may read how much a resource is used, as things stand."""
    return person.is_active and policies.read_ledger.allows(_viewer(person, now), resource)


def people_of_owner(profile: Profile, now: datetime) -> list[Person]:
    """Who acts for an owner; where nobody acts for a unit, who represents its organisation."""
    people = _acting_for(profile.pk, now)
    if people:
        return people
    unit = Unit.objects.filter(pk=profile.pk).first()
    return _acting_for(unit.organisation_id, now, MandateRole.REPRESENTATIVE) if unit else []


def _knows(step: BookingStep, part: Part) -> bool:
    """Whether who made the step needs no telling of it.

    Who sets a slot free moves somebody up, without knowing whom.
    """
    to_calendar = part == Part.ASKER and step.kind in FOR_THE_CALENDAR
    return not to_calendar and step.kind != BookingStepKind.MOVED_UP


def _people(booking: Booking, part: Part, now: datetime) -> list[Person]:
    if part == Part.OWNER:
        return people_of_owner(booking.resource.profile, now)
    if booking.person is not None and may_read(booking.person, booking, now):
        return [booking.person]
    # Who asked has left: those who act for the body are told instead.
    return _acting_for(booking.profile_id, now) if booking.profile_id else []


def _owner_knows(step: BookingStep) -> bool:
    """Whether the owner was asked before: a waiting list is no news to it."""
    if step.kind in CALLS_ON_OWNER:
        return True
    known = (*CALLS_ON_OWNER, BookingStepKind.PROPOSED)
    return step.booking.steps.filter(kind__in=known, pk__lt=step.pk).exists()


def _acting_for(profile_id: int, now: datetime, *roles: MandateRole) -> list[Person]:
    held = held_on(timezone.localtime(now).date())
    rows = Mandate.objects.filter(held, profile=profile_id, person__is_active=True)
    if roles:
        rows = rows.filter(role__in=roles)
    return [mandate.person for mandate in rows.select_related("person").order_by("pk")]


def _viewer(person: Person, now: datetime) -> Viewer:
    return viewer_for(person, now=now, language=person.language)
