"""Resources as a table that can come back in, and instruments as PIDINST describes them."""

import csv
import io
import json
from collections.abc import Iterable
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from trebbo.kernel.documents import printable
from trebbo.kernel.tabular import Book, Cell, harmless
from trebbo.sharing.resources.choices import ResourceKind, UserClass
from trebbo.sharing.resources.models import Price, Resource
from trebbo.sharing.resources.queries import COLUMNS, ExportedResource

CSV = "text/csv; charset=utf-8"
JSON = "application/json; charset=utf-8"
EXAMPLE = {
    "profile": "example-laboratory",
    "kind": "equipment",
    "name_it": "Microscopio elettronico",
    "name_en": "Electron microscope",
    "municipality": "Bologna (BO)",
    "operation": "assisted",
    "identifier": "10.1234/example",
    "commissioned_date": "2024-05-01",
    "is_publicly_funded": "yes",
    "fund": "PR FESR",
    "is_bookable": "yes",
    "shortest_minutes": "60",
    "longest_minutes": "480",
    "price_member": "40,00 / hour / plus; 250,00 / day / plus",
    "price_external": "80,00 / hour / plus",
}


def resources_csv(rows: Iterable[ExportedResource]) -> bytes:
    """The resources as plain rows; no text begins as a formula does."""
    return _csv(_cells(row) for row in rows)


def resources_xlsx(rows: Iterable[ExportedResource]) -> bytes:
    """The resources as a spreadsheet with the same columns."""
    book = Book(_("Resources"), get_language() or "it")
    book.sheet(_("Resources")).fill(COLUMNS, (_cells(row) for row in rows))
    return book.content()


def template_csv() -> bytes:
    """The empty table with an example row."""
    return _csv([[EXAMPLE.get(name, "") for name in COLUMNS]])


def template_xlsx() -> bytes:
    """The same as a spreadsheet."""
    book = Book(_("Resources"), get_language() or "it")
    book.sheet(_("Resources")).fill(COLUMNS, [[EXAMPLE.get(name, "") for name in COLUMNS]])
    return book.content()


def pidinst_json(rows: Iterable[ExportedResource]) -> bytes:
    """Instruments with the properties of PIDINST 1.0, as far as they are given.

    See https://github.com/rdawg-pidinst/schema: what is not known is left out.
    """
    kept = [row.resource for row in rows if row.resource.kind == ResourceKind.EQUIPMENT]
    return json.dumps([_pidinst(one) for one in kept], ensure_ascii=False, indent=1).encode()


def _cells(row: ExportedResource) -> list[Cell]:
    resource = row.resource
    known: dict[str, Any] = {
        "profile": resource.profile.slug,
        "number": resource.pk,
        "fields": "; ".join(row.fields),
        "municipality": resource.municipality_id or "",
        **{f"price_{one}": _prices(row.prices, one) for one in UserClass.values},
    }
    return [_cell(known.get(name, getattr(resource, name, ""))) for name in COLUMNS]


def _cell(value: Any) -> str | int:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return value
    return "" if value is None else str(value)


def _prices(prices: Iterable[Price], user_class: str) -> str:
    return "; ".join(
        f"{one.amount:.2f} / {one.unit} / {one.vat}"
        for one in prices
        if one.user_class == user_class
    )


def _csv(rows: Iterable[Iterable[Cell]]) -> bytes:
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow(
            [harmless(printable(cell)) if isinstance(cell, str) else cell for cell in row]
        )
    return file.getvalue().encode("utf-8-sig")


def _pidinst(resource: Resource) -> dict[str, Any]:
    scheme = "DOI" if resource.identifier.startswith("10.") else "Handle"
    dates = (
        ("Commissioned", resource.commissioned_date),
        ("DeCommissioned", resource.decommissioned_date),
    )
    told: dict[str, Any] = {
        "Identifier": {"identifierValue": resource.identifier, "identifierType": scheme}
        if resource.identifier
        else None,
        "SchemaVersion": "1.0",
        "LandingPage": resource.landing_page,
        "Name": resource.name,
        "Owner": [{"ownerName": resource.profile.name, "ownerContact": resource.contact}],
        "Manufacturer": [{"manufacturerName": resource.manufacturer}]
        if resource.manufacturer
        else None,
        "Model": {"modelName": resource.model_name} if resource.model_name else None,
        "Description": resource.description,
        "MeasuredVariable": [{"measuredVariable": resource.measurements}]
        if resource.measurements
        else None,
        "Date": [{"dateValue": day.isoformat(), "dateType": kind} for kind, day in dates if day],
        "AlternateIdentifier": [
            {
                "alternateIdentifierValue": resource.serial_number,
                "alternateIdentifierType": "SerialNumber",
            }
        ]
        if resource.serial_number
        else None,
    }
    return {name: value for name, value in told.items() if value}
