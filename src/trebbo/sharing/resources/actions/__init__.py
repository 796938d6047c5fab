"""Changes: one function per thing a person can do with resources, bookings and the ledger."""

from trebbo.sharing.resources.actions.answers import (
    accept_booking,
    agree_to_slot,
    cancel_booking,
    decline_booking,
    propose_slot,
    withdraw_booking,
)
from trebbo.sharing.resources.actions.bookings import (
    request_booking,
)
from trebbo.sharing.resources.actions.catalogue import (
    BookingsOpen,
    ResourceChanged,
    add_resource,
    change_resource,
    restore_resource,
    withdraw_resource,
)
from trebbo.sharing.resources.actions.clock import (
    tick,
)
from trebbo.sharing.resources.actions.feeds import (
    MOST_FEEDS,
    close_feed,
    open_feed,
)
from trebbo.sharing.resources.actions.files import (
    add_resource_file,
    remove_resource_file,
)
from trebbo.sharing.resources.actions.holding import (
    BookingChanged,
    SlotTaken,
)
from trebbo.sharing.resources.actions.hours import (
    BlockOverBookings,
    HoursChanged,
    add_block,
    remove_block,
    set_opening_hours,
)
from trebbo.sharing.resources.actions.ledger import (
    set_capacity,
    set_ceiling,
)
from trebbo.sharing.resources.actions.links import (
    AnswerLinkOver,
    OpenAnswer,
    open_answer_link,
)
from trebbo.sharing.resources.actions.own_calendars import (
    MOST_CALENDARS,
    Busy,
    CalendarRefused,
    add_own_calendar,
    keep_busy_times,
    keep_problem,
    remove_own_calendar,
)
from trebbo.sharing.resources.actions.prices import (
    end_price,
    set_price,
)
from trebbo.sharing.resources.actions.qualifications import (
    add_qualification,
    disqualify_person,
    qualify_person,
)
from trebbo.sharing.resources.actions.use import (
    record_no_show,
    record_own_use,
    record_use,
    void_use,
)
from trebbo.sharing.resources.actions.wording import (
    ResourceRefused,
)

__all__ = [
    "MOST_CALENDARS",
    "MOST_FEEDS",
    "AnswerLinkOver",
    "BlockOverBookings",
    "BookingChanged",
    "BookingsOpen",
    "Busy",
    "CalendarRefused",
    "HoursChanged",
    "OpenAnswer",
    "ResourceChanged",
    "ResourceRefused",
    "SlotTaken",
    "accept_booking",
    "add_block",
    "add_own_calendar",
    "add_qualification",
    "add_resource",
    "add_resource_file",
    "agree_to_slot",
    "cancel_booking",
    "change_resource",
    "close_feed",
    "decline_booking",
    "disqualify_person",
    "end_price",
    "keep_busy_times",
    "keep_problem",
    "open_answer_link",
    "open_feed",
    "propose_slot",
    "qualify_person",
    "record_no_show",
    "record_own_use",
    "record_use",
    "remove_block",
    "remove_own_calendar",
    "remove_resource_file",
    "request_booking",
    "restore_resource",
    "set_capacity",
    "set_ceiling",
    "set_opening_hours",
    "set_price",
    "tick",
    "void_use",
    "withdraw_booking",
    "withdraw_resource",
]
