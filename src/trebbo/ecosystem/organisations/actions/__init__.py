"""What a person can do in the registry."""

from trebbo.ecosystem.organisations.actions.changes import ProfileConflict, save_profile
from trebbo.ecosystem.organisations.actions.facts import (
    FactRefused,
    accredit,
    add_parent,
    end_accreditation,
    end_parent,
    set_kind,
    state_size,
)
from trebbo.ecosystem.organisations.actions.identifiers import (
    IdentifierRefused,
    TaxCodeRefused,
    VatNumberRefused,
    add_identifier,
    remove_identifier,
)
from trebbo.ecosystem.organisations.actions.profiles import (
    ItemText,
    ProfileChanges,
    add_other_name,
    confirm_profile,
    edit_profile,
    remove_other_name,
    replace_items,
    replace_lists,
    set_fields,
)
from trebbo.ecosystem.organisations.actions.registration import (
    ProfileWords,
    RegistrationRefused,
    register_organisation,
    register_technopole,
    register_unit,
)
from trebbo.ecosystem.organisations.actions.seats import (
    SeatRefused,
    add_seat,
    change_seat,
    end_seat,
)
from trebbo.ecosystem.organisations.actions.wording import WordsRefused

__all__ = [
    "FactRefused",
    "IdentifierRefused",
    "ItemText",
    "ProfileChanges",
    "ProfileConflict",
    "ProfileWords",
    "RegistrationRefused",
    "SeatRefused",
    "TaxCodeRefused",
    "VatNumberRefused",
    "WordsRefused",
    "accredit",
    "add_identifier",
    "add_other_name",
    "add_parent",
    "add_seat",
    "change_seat",
    "confirm_profile",
    "edit_profile",
    "end_accreditation",
    "end_parent",
    "end_seat",
    "register_organisation",
    "register_technopole",
    "register_unit",
    "remove_identifier",
    "remove_other_name",
    "replace_items",
    "replace_lists",
    "save_profile",
    "set_fields",
    "set_kind",
    "state_size",
]
