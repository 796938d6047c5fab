"""Reads settings from the environment, each from `NAME` or from the file that `NAME_FILE` names."""

import os
from pathlib import Path


def text(name: str, default: str = "") -> str:
    """The value of `TREBBO_<name>`; a file named by `TREBBO_<name>_FILE` wins, for secrets."""
    file = os.environ.get(f"TREBBO_{name}_FILE")
    if file:
        return Path(file).read_text(encoding="utf-8").strip()
    return os.environ.get(f"TREBBO_{name}", default)


def flag(name: str, *, default: bool = False) -> bool:
    """Whether `TREBBO_<name>` says yes (1, true, yes, on)."""
    value = text(name)
    return value.lower() in {"1", "true", "yes", "on"} if value else default


def listing(name: str, default: str = "") -> list[str]:
    """The comma-separated values of `TREBBO_<name>`."""
    return [item.strip() for item in text(name, default).split(",") if item.strip()]


def number(name: str, default: int) -> int:
    """The whole number in `TREBBO_<name>`."""
    return int(text(name) or default)
