"""A database and a process of its own for each size that a benchmark of pages measures."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def in_a_process(command: Sequence[str], *, database_url: str = "") -> Any:
    """Run a Python command on an empty installation; what it printed last, as JSON."""
    with tempfile.TemporaryDirectory(prefix="trebbo-bench-") as folder:
        environment = {
            **os.environ,
            "TREBBO_DATA": folder,
            "TREBBO_DEMO": "1",
            "TREBBO_LOG_LEVEL": "ERROR",
            "DJANGO_SETTINGS_MODULE": "trebbo.config.settings",
        }
        environment.pop("TREBBO_DATABASE_URL", None)
        if database_url:
            environment["TREBBO_DATABASE_URL"] = database_url
        done = subprocess.run(
            [sys.executable, *command],
            env=environment,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        return json.loads(done.stdout.splitlines()[-1])


def prepare() -> None:
    """Inside the process: an empty database with all migrations, pages without built files."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    settings.STORAGES["staticfiles"]["BACKEND"] = (
        "django.contrib.staticfiles.storage.StaticFilesStorage"
    )
    settings.ALLOWED_HOSTS.append("testserver")
    call_command("migrate", verbosity=0)
    Path(settings.STATIC_ROOT).mkdir(exist_ok=True)
