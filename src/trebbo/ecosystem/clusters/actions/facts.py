"""What every fact of the area is held to: periods in order, words that fit."""

from datetime import date
from typing import Any

from django.db.models import CharField, Model, TextField
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trebbo.kernel.errors import Refusal
from trebbo.kernel.text import LONG_LIMIT, one_line


class FactRefused(Refusal):
    """A fact cannot be recorded as it was given."""

    @classmethod
    def unless_ordered(cls, valid_from: date | None, valid_until: date | None) -> None:
        """Refuse, tied to the end, a period that ends before it starts."""
        if valid_from and valid_until and valid_until < valid_from:
            message = _("The end date comes before the start date.")
            raise cls(message, {"valid_until": message})

    @classmethod
    def unless_fitting(cls, model: type[Model], /, **words: Any) -> dict[str, Any]:
        """The words as they will be kept: names on one line; refuse those that are too long."""
        kept: dict[str, Any] = {}
        complaints: dict[str, str] = {}
        for name, value in words.items():
            field = model._meta.get_field(name)
            if not isinstance(field, CharField | TextField) or value is None:
                kept[name] = value
                continue
            long = isinstance(field, TextField)
            kept[name] = _lines(str(value)) if long else one_line(str(value))
            limit = field.max_length or LONG_LIMIT
            if len(kept[name]) > limit:
                complaints[name] = _too_long(len(kept[name]), limit)
            elif not kept[name] and not field.blank:
                complaints[name] = _("This is needed.")
        if complaints:
            raise cls(_("Some of the text cannot be kept as it is."), complaints)
        return kept


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _too_long(length: int, limit: int) -> str:
    return ngettext(
        "The text has %(length)s character; at most %(limit)s fit.",
        "The text has %(length)s characters; at most %(limit)s fit.",
        length,
    ) % {"length": length, "limit": limit}
