"""Pages of resources and their bookings."""

from trebbo.sharing.resources.views.bookings import booking, bookings, bookings_answering
from trebbo.sharing.resources.views.calendars import booking_feed, my_feeds, resource_calendars
from trebbo.sharing.resources.views.exchange import (
    resources_exchange,
    resources_export,
    resources_template,
)
from trebbo.sharing.resources.views.finding import resources, resources_calendar
from trebbo.sharing.resources.views.keeping import (
    profile_resources,
    resource_edit,
    resource_new,
    resource_withdraw,
)
from trebbo.sharing.resources.views.keeping_parts import (
    profile_qualifications,
    resource_files,
    resource_hours,
    resource_prices,
)
from trebbo.sharing.resources.views.ledger import resource_use, resources_use, use_ceilings
from trebbo.sharing.resources.views.ledger_files import resource_use_export
from trebbo.sharing.resources.views.links import booking_by_mail
from trebbo.sharing.resources.views.requests import resource_book
from trebbo.sharing.resources.views.resource import resource, resource_file

__all__ = [
    "booking",
    "booking_by_mail",
    "booking_feed",
    "bookings",
    "bookings_answering",
    "my_feeds",
    "profile_qualifications",
    "profile_resources",
    "resource",
    "resource_book",
    "resource_calendars",
    "resource_edit",
    "resource_file",
    "resource_files",
    "resource_hours",
    "resource_new",
    "resource_prices",
    "resource_use",
    "resource_use_export",
    "resource_withdraw",
    "resources",
    "resources_calendar",
    "resources_exchange",
    "resources_export",
    "resources_template",
    "resources_use",
    "use_ceilings",
]
