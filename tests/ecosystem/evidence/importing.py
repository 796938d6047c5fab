"""What the tests of imports share: folders of their own, a file carried out, the rows there are."""

from pathlib import Path
from typing import Any

from django.db.models import F

from tests.factories.official import CordisFile
from trebbo.ecosystem.evidence.actions import carry_out_import, start_import
from trebbo.ecosystem.evidence.models import Body, FundedProject, Import, Participation
from trebbo.kernel.access import installation


def bring_in(path: Path, **options: Any) -> Import:
    """Import a file at once, as the command does."""
    started = start_import(actor=installation(), file_name=path.name, path=path, **options)
    return carry_out_import(actor=installation(), import_id=started.pk)


def edition(made: CordisFile, folder: Path, day: int = 6, **options: Any) -> Path:
    """The rows as a zip whose members bear a day of December 2025."""
    return made.write(folder / f"cordis-{day:02}.zip", day=(2025, 12, day), **options)


def everything() -> dict[str, list[dict[str, Any]]]:
    """What of the evidence is visible, by its keys rather than by its numbers."""
    untold = ("id", "first_import_id", "last_import_id")
    tables: dict[str, Any] = {
        "projects": FundedProject.objects.order_by("dataset", "key").values(),
        "bodies": Body.objects.order_by("scheme", "key").values(),
        "parts": Participation.objects.order_by("project__key", "position", "role").values(
            "role",
            "position",
            "contribution",
            "total_cost",
            "is_ended",
            "gone_import_id",
            project_key=F("project__key"),
            body_key=F("body__key"),
        ),
        "fields": FundedProject.fields.through.objects.order_by(
            "fundedproject__key", "concept__code"
        ).values(project_key=F("fundedproject__key"), code=F("concept__code")),
    }
    return {
        name: [{key: value for key, value in row.items() if key not in untold} for row in rows]
        for name, rows in tables.items()
    }
