"""Brings the present edition back into the warehouse where its snapshot is no longer there.

Somebody cleared the warehouse, or moved it to another engine: the registry's own rows say what the
edition held.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import F

from trebbo.ecosystem.evidence.gateway import warehouse
from trebbo.ecosystem.evidence.models import Body, FundedProject, Import, Participation

CHUNK = 5_000


def rebuilt_snapshot(store: "warehouse.Store", present: Import) -> str:
    """Write the rows of the edition's dataset as a snapshot, and give its name."""
    name = f"rebuilt_{present.pk}"
    store.drop(name)
    projects = FundedProject.objects.filter(dataset=present.dataset, gone_import=None)
    parts = Participation.objects.filter(project__in=projects, gone_import=None)
    bodies = Body.objects.filter(participations__in=parts).distinct()
    links = FundedProject.fields.through.objects.filter(fundedproject__in=projects)
    tables: dict[str, Any] = {
        "project": projects.values(*_columns("project")),
        "body": bodies.values(*(set(_columns("body")) - {"is_active"})),
        "participation": parts.values(
            "role",
            "position",
            "contribution",
            "total_cost",
            "is_ended",
            project_key=F("project__key"),
            scheme=F("body__scheme"),
            body_key=F("body__key"),
        ),
        "project_field": links.values(project_key=F("fundedproject__key"), code=F("concept__code")),
    }
    for table, rows in tables.items():
        warehouse.keep_rows(store, name, table, _blank_is_null(rows))
    return name


def _columns(name: str) -> tuple[str, ...]:
    return warehouse.columns(name)


def _blank_is_null(rows: Any) -> Iterator[Mapping[str, Any]]:
    for row in rows.iterator(chunk_size=CHUNK):
        yield {name: None if value == "" else value for name, value in row.items()}
