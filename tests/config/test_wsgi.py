"""The production server's application: ready at once, its charts soon after."""

import os
import subprocess
import sys
from pathlib import Path

BEGIN = """
import sys, threading
from trebbo.config.wsgi import application
assert callable(application)
for thread in threading.enumerate():
    if thread.name == "warm-up":  # it may be over already
        assert thread.daemon
        thread.join(60)
print("vl_convert" in sys.modules)
"""
BROKEN = "import sys; sys.modules['altair'] = None\n"


def started(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """What a fresh process says that loads the application."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "trebbo.config.settings",
        "TREBBO_DEMO": "1",
        "TREBBO_DATA": str(folder),
    }
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )


def test_the_server_draws_its_first_chart_before_anybody_asks(tmp_path: Path) -> None:
    assert started(BEGIN, tmp_path).stdout == "True\n"


def test_a_server_that_cannot_draw_starts_and_says_so(tmp_path: Path) -> None:
    process = started(BROKEN + BEGIN, tmp_path)
    assert process.stdout == "False\n"
    assert "The charts could not be made ready." in process.stderr
