"""Turns what is kept into what a form shows and back, and compares two people's changes."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from django.http import QueryDict
from django.utils.functional import Promise

from trebbo.kernel.pages import THEIRS, Difference

Values = Mapping[str, Any]
Told = Callable[[str, Any], str]


def marks(values: Values) -> dict[str, str]:
    """A mark of each value as it is shown, by which it is known later whether it was changed."""
    return {name: _mark(value) for name, value in values.items()}


def changed(typed: QueryDict, values: Values) -> dict[str, Any]:
    """Only what the person changed since the form was shown."""
    return {
        name: value
        for name, value in values.items()
        if _mark(value) != typed.get(f"seen-{name}", "")
    }


def taken(typed: QueryDict, values: Values, present: Values) -> dict[str, Any]:
    """The values, with what the others wrote where the person chose to take it."""
    return {
        name: present[name] if typed.get(f"{THEIRS}{name}") else value
        for name, value in values.items()
    }


def differences(
    typed: QueryDict,
    mine: Values,
    theirs: Values,
    labels: Mapping[str, str | Promise],
    told: Told,
) -> list[Difference]:
    """The fields that both changed since the form was shown, each in another way."""
    return [
        Difference(name, str(labels[name]), told(name, theirs[name]), told(name, value))
        for name, value in mine.items()
        if _mark(theirs[name]) not in (_mark(value), typed.get(f"seen-{name}", ""))
    ]


def _mark(value: Any) -> str:
    words = "" if value is None else str(value).replace("\r\n", "\n").strip()
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:16]
