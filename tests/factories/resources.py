"""Resources, bookings and what belongs to them."""

from datetime import timedelta
from decimal import Decimal

import factory
from django.utils import timezone

from tests.factories.organisations import OrganisationFactory
from trebbo.sharing.resources.choices import BlockKind, BookingState, ResourceKind, UserClass
from trebbo.sharing.resources.models import (
    Block,
    BookedQuarter,
    Booking,
    OpeningHours,
    OwnCalendar,
    Price,
    Resource,
)


class ResourceFactory(factory.django.DjangoModelFactory[Resource]):
    """A bookable instrument of an organisation, open round the clock."""

    class Meta:
        model = Resource

    profile = factory.SubFactory(OrganisationFactory)
    kind = ResourceKind.EQUIPMENT
    name_it = factory.Sequence(lambda number: f"Strumento {number}")
    name_en = factory.Sequence(lambda number: f"Instrument {number}")
    is_bookable = True
    notice_hours = 0
    created_at = factory.LazyFunction(timezone.now)
    changed_at = factory.LazyFunction(timezone.now)


class OpeningHoursFactory(factory.django.DjangoModelFactory[OpeningHours]):
    """Monday from 9 to 17."""

    class Meta:
        model = OpeningHours

    resource = factory.SubFactory(ResourceFactory)
    weekday = 0
    opens = 540
    closes = 1020


class PriceFactory(factory.django.DjangoModelFactory[Price]):
    """What members pay for an hour."""

    class Meta:
        model = Price

    resource = factory.SubFactory(ResourceFactory)
    user_class = UserClass.MEMBER
    unit = "hour"
    amount = Decimal("40.00")


class BookingFactory(factory.django.DjangoModelFactory[Booking]):
    """A requested hour, tomorrow; it holds no quarters."""

    class Meta:
        model = Booking

    resource = factory.SubFactory(ResourceFactory)
    starts_at = factory.LazyFunction(
        lambda: timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=1)
    )
    ends_at = factory.LazyAttribute(lambda booking: booking.starts_at + timedelta(hours=1))
    purpose = "Misura di prova"
    user_class = UserClass.EXTERNAL
    state = BookingState.REQUESTED
    free_until = factory.LazyAttribute(lambda booking: booking.starts_at)
    lapses_at = factory.LazyAttribute(lambda booking: booking.starts_at)
    created_at = factory.LazyFunction(timezone.now)
    changed_at = factory.LazyFunction(timezone.now)


class BlockFactory(factory.django.DjangoModelFactory[Block]):
    """Maintenance, for an hour of tomorrow."""

    class Meta:
        model = Block

    resource = factory.SubFactory(ResourceFactory)
    kind = BlockKind.MAINTENANCE
    starts_at = factory.LazyFunction(
        lambda: timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=1)
    )
    ends_at = factory.LazyAttribute(lambda block: block.starts_at + timedelta(hours=1))


def holding(booking: Booking) -> Booking:
    """The booking, which now holds the quarters of its resource and of what goes with it."""
    first, until = (int(at.timestamp()) // 900 for at in (booking.starts_at, booking.ends_at))
    BookedQuarter.objects.bulk_create(
        BookedQuarter(resource=resource, quarter=quarter, booking=booking)
        for resource in [booking.resource, *booking.resource.booked_with.all()]
        for quarter in range(first, until)
    )
    return booking


class OwnCalendarFactory(factory.django.DjangoModelFactory[OwnCalendar]):
    """A calendar at an address, which nobody has read."""

    class Meta:
        model = OwnCalendar

    resource = factory.SubFactory(ResourceFactory)
    name = factory.Sequence(lambda number: f"Calendario {number}")
    address = "https://calendar.example/lab.ics"
    added_at = factory.LazyFunction(timezone.now)
