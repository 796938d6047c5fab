"""Tables of resources, their calendars, bookings and use."""

from trebbo.sharing.resources.models.bookings import (
    BookedQuarter,
    Booking,
    BookingStep,
    QualifiedPerson,
    hours_between,
    uid_end,
)
from trebbo.sharing.resources.models.calendars import Block, Feed, OwnCalendar
from trebbo.sharing.resources.models.catalogue import (
    OpeningHours,
    Price,
    Qualification,
    Resource,
    ResourceFile,
)
from trebbo.sharing.resources.models.ledger import (
    CeilingWarning,
    UseCeiling,
    UseRecord,
    YearlyCapacity,
)

__all__ = [
    "Block",
    "BookedQuarter",
    "Booking",
    "BookingStep",
    "CeilingWarning",
    "Feed",
    "OpeningHours",
    "OwnCalendar",
    "Price",
    "Qualification",
    "QualifiedPerson",
    "Resource",
    "ResourceFile",
    "UseCeiling",
    "UseRecord",
    "YearlyCapacity",
    "hours_between",
    "uid_end",
]
