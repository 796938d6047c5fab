"""Closed lists of the resources: kinds, classes of user, states of bookings, uses."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

QUARTER_MINUTES = 15
"""Bookings begin and end at full quarters of an hour, and are held by the quarter."""
MOST_QUARTERS = 14 * 96
"""The longest booking there can be: two weeks."""
LONGEST_TEXT = 5_000
MOST_LINKED = 10


class ResourceKind(TextChoices):
    """What can be found, and mostly booked."""

    EQUIPMENT = "equipment", _("Equipment")
    SPACE = "space", _("Laboratory space")
    SERVICE = "service", _("Service")
    DATASET = "dataset", _("Data set")
    BIOBANK = "biobank", _("Biobank")
    TRAINING_PLACE = "training_place", _("Training place")
    EXPERT = "expert", _("Expert hours")


DESCRIBED_ONLY = (ResourceKind.DATASET, ResourceKind.BIOBANK)
"""Kinds of which the catalogue holds the description: who decides, by which ethics route."""


class Operation(TextChoices):
    """Who works with it."""

    SELF = "self", _("You work with it yourself")
    ASSISTED = "assisted", _("You work with it, an operator helps")
    OPERATOR = "operator", _("The owner's operator works for you")


class UserClass(TextChoices):
    """How near a user is to the owner; prices and the ledger go by it."""

    OWNER = "owner", _("The owner itself")
    MEMBER = "member", _("Members of the cluster")
    NETWORK = "network", _("Others of the network")
    EXTERNAL = "external", _("Everybody else")


class PriceUnit(TextChoices):
    """What a price is for."""

    HOUR = "hour", _("an hour")
    HALF_DAY = "half_day", _("half a day (4 hours)")
    DAY = "day", _("a day (8 hours)")
    BOOKING = "booking", _("a booking")
    SAMPLE = "sample", _("a sample")


class VatNote(TextChoices):
    """How a price stands to VAT."""

    PLUS = "plus", _("plus VAT")
    INCLUDED = "included", _("VAT included")
    EXEMPT = "exempt", _("exempt from VAT")
    OUTSIDE = "outside", _("outside the scope of VAT")


class QuotaPeriod(TextChoices):
    """For how long a body's quota of hours lasts."""

    WEEK = "week", _("a week")
    MONTH = "month", _("a month")
    YEAR = "year", _("a year")


class BlockKind(TextChoices):
    """Why nobody can book."""

    MAINTENANCE = "maintenance", _("Maintenance")
    CLOSED = "closed", _("Closed")
    OWN_CALENDAR = "own_calendar", _("Taken in the owner's own calendar")


class BookingState(TextChoices):
    """The life of a booking."""

    WAITING = "waiting", _("On the waiting list")
    REQUESTED = "requested", _("Requested")
    PROPOSED = "proposed", _("Another slot proposed")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", pgettext_lazy("booking", "Withdrawn")
    CANCELLED = "cancelled", _("Cancelled")
    LAPSED = "lapsed", _("Lapsed without an answer")
    USED = "used", _("Used")
    NO_SHOW = "no_show", _("Nobody came")


UNDECIDED = (BookingState.WAITING, BookingState.REQUESTED, BookingState.PROPOSED)
"""States in which somebody still has to answer."""
HOLDING = (BookingState.REQUESTED, BookingState.PROPOSED, BookingState.ACCEPTED)
"""States that hold the slot, so that nobody else gets it."""
OPEN = (*UNDECIDED, BookingState.ACCEPTED)
"""States from which a booking still goes on."""


class BookingStepKind(TextChoices):
    """What happened to a booking."""

    REQUESTED = "requested", _("Requested")
    QUEUED = "queued", _("Put on the waiting list")
    MOVED_UP = "moved_up", _("Moved up from the waiting list")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    PROPOSED = "proposed", _("Another slot proposed")
    AGREED = "agreed", _("Agreed to the slot proposed")
    WITHDRAWN = "withdrawn", pgettext_lazy("booking", "Withdrawn")
    CANCELLED = "cancelled", _("Cancelled")
    CANCELLED_BY_OWNER = "cancelled_by_owner", _("Cancelled by the owner")
    LAPSED = "lapsed", _("Lapsed without an answer")
    USED = "used", _("Use recorded")
    CORRECTED = "corrected", _("Use corrected")
    NO_SHOW = "no_show", _("Nobody came")


class CeilingLevel(TextChoices):
    """How near economic use of a year is to its ceiling."""

    NONE = "none", _("Far from the ceiling")
    NEAR = "near", _("Near the ceiling")
    PASSED = "passed", _("Above the ceiling")


class FileKind(TextChoices):
    """What a file of a resource is."""

    PICTURE = "picture", _("Picture")
    DOCUMENT = "document", _("Document")


VERB_LABELS = {
    "add_resource": _("added a resource"),
    "change_resource": _("changed a resource"),
    "withdraw_resource": _("took a resource out of the catalogue"),
    "restore_resource": _("put a resource back into the catalogue"),
    "set_prices": _("changed prices"),
    "set_opening_hours": _("changed opening hours"),
    "add_block": _("closed a resource for some time"),
    "remove_block": _("opened a resource again"),
    "add_resource_file": _("added a file of a resource"),
    "remove_resource_file": _("removed a file of a resource"),
    "add_calendar": _("had a calendar block slots"),
    "read_calendar": _("read a calendar that blocks slots"),
    "remove_calendar": _("stopped a calendar from blocking slots"),
    "open_feed": _("made a calendar feed"),
    "close_feed": _("closed a calendar feed"),
    "add_qualification": _("added a qualification"),
    "qualify_person": _("gave a person a qualification"),
    "disqualify_person": _("took a qualification back"),
    "request_booking": _("requested a booking"),
    "join_waiting_list": _("joined a waiting list"),
    "move_up": _("moved a booking up from the waiting list"),
    "accept_booking": _("accepted a booking"),
    "decline_booking": _("declined a booking"),
    "propose_slot": _("proposed another slot"),
    "agree_to_slot": _("agreed to the slot proposed"),
    "withdraw_booking": _("withdrew a booking"),
    "cancel_booking": _("cancelled a booking"),
    "lapse_booking": _("let a booking lapse"),
    "record_use": _("recorded a use"),
    "record_no_show": _("recorded that nobody came"),
    "void_use": _("struck a recorded use out"),
    "set_capacity": _("stated a yearly capacity"),
    "set_ceiling": _("stated the ceiling of economic use"),
    "import_resources": _("brought resources in from a file"),
}
"""What the verbs of the audit trail say about resources."""

FIELD_LABELS = {
    "resource": _("Resource"),
    "measurements": _("What it measures or makes"),
    "standards": _("Standards"),
    "terms": _("Terms of access"),
    "operation": _("Who works with it"),
    "place": _("Place"),
    "prices": _("Prices"),
    "opening_hours": _("Opening hours"),
    "block": _("Closed"),
    "calendar": _("Calendar"),
    "feed": _("Calendar feed"),
    "qualification": _("Qualification"),
    "booking": _("Booking"),
    "slot": _("Slot"),
    "use": _("Use"),
    "capacity": _("Hours of a year"),
    "ceiling": _("Ceiling of economic use"),
}
"""What the fields are called in the audit trail."""
