"""Pages of the registry."""

from trebbo.ecosystem.organisations.views.editing import profile_edit
from trebbo.ecosystem.organisations.views.pages import (
    organisation,
    profile_confirm,
    profile_history,
    technopole,
    technopoles,
    unit,
)
from trebbo.ecosystem.organisations.views.registration import (
    organisation_new,
    technopole_new,
    unit_new,
)

__all__ = [
    "organisation",
    "organisation_new",
    "profile_confirm",
    "profile_edit",
    "profile_history",
    "technopole",
    "technopole_new",
    "technopoles",
    "unit",
    "unit_new",
]
