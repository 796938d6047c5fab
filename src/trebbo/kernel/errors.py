"""Refusals: what an action says to a person when it cannot do what was asked."""

from collections.abc import Mapping


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
