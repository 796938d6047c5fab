"""What people type about resources, bookings and the ledger."""

from trebbo.sharing.resources.forms.bookings import (
    BookForm,
    ProposeForm,
    ReasonForm,
    SlotForm,
    UseForm,
    VoidForm,
)
from trebbo.sharing.resources.forms.calendars import (
    OwnCalendarForm,
)
from trebbo.sharing.resources.forms.exchange import (
    ResourcesFileForm,
)
from trebbo.sharing.resources.forms.ledger import (
    CapacityForm,
    CeilingForm,
    OwnUseForm,
)

__all__ = [
    "BookForm",
    "CapacityForm",
    "CeilingForm",
    "OwnCalendarForm",
    "OwnUseForm",
    "ProposeForm",
    "ReasonForm",
    "ResourcesFileForm",
    "SlotForm",
    "UseForm",
    "VoidForm",
]
