"""Checks and tidies what people type, before it becomes part of a profile."""

import unicodedata
from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from trebbo.ecosystem.organisations.choices import FIELD_LABELS
from trebbo.kernel.errors import Refusal
from trebbo.kernel.text import LONG_LIMIT, SHORT_LIMIT, one_line

WEBSITE_LIMIT = 500
KEPT_CONTROLS = "\n\t"


class WordsRefused(Refusal):
    """Something typed is missing, too long or not of its form."""


def refuse(field: str, message: str) -> WordsRefused:
    """The refusal that ties `message` to `field`."""
    return WordsRefused(message, {field: message})


def short_text(field: str, text: str, *, limit: int = SHORT_LIMIT, required: bool = False) -> str:
    """One line without control characters; markup stays as the letters that were typed.

    Refuses a blank one if `required`, and one above `limit` characters, saying how many it has.
    """
    words = one_line(text)
    if required and not words:
        raise refuse(field, _("%(field)s: it cannot be left blank.") % {"field": label(field)})
    _within(field, words, limit)
    return words


def long_text(field: str, text: str) -> str:
    """Text with its line breaks, without other control characters.

    Refuses more than `LONG_LIMIT` characters, saying how many it has.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    words = "".join(c for c in lines if c in KEPT_CONTROLS or unicodedata.category(c) != "Cc")
    words = words.strip()
    _within(field, words, LONG_LIMIT)
    return words


def website_address(text: str) -> str:
    """A web address with its scheme (https where none was typed); refuses anything else."""
    address = one_line(text)
    if not address:
        return ""
    _within("website", address, WEBSITE_LIMIT)
    if "://" not in address:
        address = f"https://{address}"
    try:
        URLValidator(schemes=["http", "https"])(address)
    except ValidationError as error:
        raise refuse(
            "website", _("This is not a web address: write it like https://www.example.it.")
        ) from error
    return address


def email_address(field: str, text: str) -> str:
    """An e-mail address in lower case; refuses anything else."""
    address = one_line(text).lower()
    if not address:
        return ""
    try:
        validate_email(address)
    except ValidationError as error:
        raise refuse(
            field, _("This is not an e-mail address: write it like name@example.it.")
        ) from error
    return address


def check_period(valid_from: date | None, valid_until: date | None) -> None:
    """Refuse a period that ends before it starts."""
    if valid_from and valid_until and valid_until < valid_from:
        raise refuse("valid_until", _("It ends before it starts: check the two dates."))


def label(field: str) -> str:
    """What a field is called, in the page's language."""
    return str(FIELD_LABELS.get(field, field))


def _within(field: str, words: str, limit: int) -> None:
    if len(words) > limit:
        message = _("%(field)s: %(count)s characters; at most %(limit)s fit.") % {
            "field": label(field),
            "count": number_format(len(words), force_grouping=True),
            "limit": number_format(limit, force_grouping=True),
        }
        raise refuse(field, message)
