"""Reads official open-data files whole, checks them row by row and keeps them as tables."""

from trebbo.engine.warehouse.contracts import (
    Counted,
    FileRefused,
    Intake,
    OnProgress,
    Problem,
    Progress,
    Recognised,
    Settings,
    Stopped,
    Warehouse,
)
from trebbo.engine.warehouse.differences import Changed, changes
from trebbo.engine.warehouse.intake import take_in
from trebbo.engine.warehouse.layouts.left_out import NOTES
from trebbo.engine.warehouse.recognising import recognise
from trebbo.engine.warehouse.stores import open_warehouse
from trebbo.engine.warehouse.tables import TABLES

__all__ = [
    "NOTES",
    "TABLES",
    "Changed",
    "Counted",
    "FileRefused",
    "Intake",
    "OnProgress",
    "Problem",
    "Progress",
    "Recognised",
    "Settings",
    "Stopped",
    "Warehouse",
    "changes",
    "open_warehouse",
    "recognise",
    "take_in",
]
