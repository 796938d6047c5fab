"""Who may see resources and bookings, look after them, answer, and read the ledger."""

from trebbo.sharing.resources.policies.bookings import answer_bookings, change_booking, view_booking
from trebbo.sharing.resources.policies.catalogue import (
    look_after_resource,
    offer_resources,
    read_ledger,
    set_ceiling,
    view_resource,
)
from trebbo.sharing.resources.policies.classes import user_class_of, user_classes_of

__all__ = [
    "answer_bookings",
    "change_booking",
    "look_after_resource",
    "offer_resources",
    "read_ledger",
    "set_ceiling",
    "user_class_of",
    "user_classes_of",
    "view_booking",
    "view_resource",
]
