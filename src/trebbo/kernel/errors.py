"""Refusals: what an action says to a person when it cannot do what was asked."""

from collections.abc import Callable, Mapping
from typing import Any


class Refusal(Exception):
    """An action declined; the message is translated and fit for the person who asked.

    `fields` ties messages to form fields by name; `message` stands for the whole.
    """

    status = 400

    def __init__(self, message: str, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(str(message))
        self.message = str(message)
        self.fields = {name: str(words) for name, words in (fields or {}).items()}


class NotAllowed(Refusal):
    """The person may not do this."""

    status = 403


def tidied(
    typed: Mapping[str, Any],
    rules: Mapping[str, Callable[[Any], Any]],
    refusal: type[Refusal],
) -> dict[str, Any]:
    """What was typed, each value by its rule.

    Raises one `refusal` with the words of all fields whose rules refuse, so that nobody mends them
    one by one, and TypeError for a name that has no rule.
    """
    kept: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for name, value in typed.items():
        if name not in rules:
            raise TypeError(f"there is no {name} here")
        try:
            kept[name] = rules[name](value)
        except Refusal as refused:
            wrong[name] = refused.message
    if wrong:
        raise refusal(next(iter(wrong.values())), wrong)
    return kept
