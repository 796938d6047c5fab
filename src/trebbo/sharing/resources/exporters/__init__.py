"""Rows out: bookings as calendars, resources as tables, CERIF and PIDINST."""

from trebbo.sharing.resources.exporters.calendars import CALENDAR, calendar_of
from trebbo.sharing.resources.exporters.cerif import XML, equipment_xml
from trebbo.sharing.resources.exporters.ledger import (
    LedgerTold,
    ledger_csv,
    ledger_name,
    ledger_xlsx,
)
from trebbo.sharing.resources.exporters.resources import (
    CSV,
    JSON,
    pidinst_json,
    resources_csv,
    resources_xlsx,
    template_csv,
    template_xlsx,
)

__all__ = [
    "CALENDAR",
    "CSV",
    "JSON",
    "XML",
    "LedgerTold",
    "calendar_of",
    "equipment_xml",
    "ledger_csv",
    "ledger_name",
    "ledger_xlsx",
    "pidinst_json",
    "resources_csv",
    "resources_xlsx",
    "template_csv",
    "template_xlsx",
]
