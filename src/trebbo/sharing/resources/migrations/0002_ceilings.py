"""The two ceilings of ancillary economic use that the Commission has stated so far."""

from datetime import date
from typing import Any

from django.db import migrations

CEILINGS = (
    (date(2014, 7, 1), "2014/C 198/01, point 20"),
    (date(2022, 10, 28), "2022/C 414/01, point 21"),
)


def state_ceilings(apps: Any, schema_editor: Any) -> None:
    """Write both, each from the day on which it applies."""
    ceilings = apps.get_model("resources", "UseCeiling").objects
    for day, source in CEILINGS:
        ceilings.get_or_create(valid_from=day, defaults={"percent": 20, "source": source})


class Migration(migrations.Migration):
    """Twenty per cent of the yearly capacity, in both frameworks."""

    dependencies = [("resources", "0001_initial")]
    operations = [migrations.RunPython(state_ceilings, migrations.RunPython.noop)]
