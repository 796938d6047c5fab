"""What the registry tells, to each person what they may see."""

from trebbo.ecosystem.organisations.queries.choosing import (
    field_choices,
    legal_form_choices,
    municipality_choices,
    organisations_named,
    sector_choices,
    technopole_choices,
)
from trebbo.ecosystem.organisations.queries.dated import kinds_on, sizes_on
from trebbo.ecosystem.organisations.queries.histories import HistoryLine, audit_lines, history_lines
from trebbo.ecosystem.organisations.queries.pages import (
    ProfilePage,
    profile_page,
    technopole_rows,
    visible_profiles,
)

__all__ = [
    "HistoryLine",
    "ProfilePage",
    "audit_lines",
    "field_choices",
    "history_lines",
    "kinds_on",
    "legal_form_choices",
    "municipality_choices",
    "organisations_named",
    "profile_page",
    "sector_choices",
    "sizes_on",
    "technopole_choices",
    "technopole_rows",
    "visible_profiles",
]
