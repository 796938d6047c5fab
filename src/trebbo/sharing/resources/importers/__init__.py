"""Rows in: calendars of owners, tables of resources, CERIF."""

from trebbo.sharing.resources.importers.cerif import LARGEST_XML, import_equipment
from trebbo.sharing.resources.importers.own_calendars import (
    LARGEST_CALENDAR,
    add_calendar_of_file,
    busy_times,
    read_own_calendar,
)
from trebbo.sharing.resources.importers.resources import RowOutcome, import_resources
from trebbo.sharing.resources.importers.tables import LARGEST_TABLE

__all__ = [
    "LARGEST_CALENDAR",
    "LARGEST_TABLE",
    "LARGEST_XML",
    "RowOutcome",
    "add_calendar_of_file",
    "busy_times",
    "import_equipment",
    "import_resources",
    "read_own_calendar",
]
