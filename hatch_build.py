"""Compiles the translations into the wheel, so that an installed Trebbo speaks Italian."""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Translations(BuildHookInterface):
    """The build hook; an editable installation compiles when it needs to."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile every catalogue before the files are gathered."""
        if version == "editable":
            return
        sys.path.insert(0, str(Path(self.root) / "src"))
        from trebbo.config import messages

        messages.compile_catalogues(messages.areas())
