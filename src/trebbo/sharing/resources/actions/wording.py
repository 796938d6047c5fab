"""Refusals about resources and bookings, and the checks of what people type."""

from collections.abc import Callable
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from trebbo.ecosystem.organisations.actions.wording import long_text, short_text
from trebbo.kernel.errors import Refusal
from trebbo.sharing.resources.choices import LONGEST_TEXT

LONGEST_LINE = 500
MOST_EURO = Decimal("9999999999.99")


class ResourceRefused(Refusal):
    """What was asked of a resource, a booking or the ledger cannot be done, or does not fit."""


def refused(field: str, words: str) -> ResourceRefused:
    """The refusal that ties `words` to `field`."""
    return ResourceRefused(words, {field: words})


def line(field: str, typed: str, limit: int = LONGEST_LINE) -> str:
    """One line of at most `limit` characters; refuses more, saying how many it has."""
    return _within(field, typed, limit, lambda text: short_text(field, text, limit=len(text)))


def text(field: str, typed: str, limit: int = LONGEST_TEXT) -> str:
    """Text with its line breaks, of at most `limit` characters; refuses more."""
    return _within(field, typed, limit, lambda text: long_text(field, text))


def demand_sum(amount: Decimal | None) -> None:
    """Refuse a sum that is too large to be kept."""
    if amount is not None and amount > MOST_EURO:
        words = _("The price makes a sum that cannot be right: check the number of samples.")
        raise refused("sample_count", words)


def demand_words(field: str, words: str, missing: str) -> str:
    """The words, or the refusal `missing` where there are none."""
    if not words:
        raise refused(field, missing)
    return words


def _within(field: str, typed: str, limit: int, tidy: Callable[[str], str]) -> str:
    words = (typed or "").strip()
    if len(words) > limit:
        facts = {"length": number_format(len(words)), "limit": number_format(limit)}
        raise refused(field, _("This text has %(length)s characters: %(limit)s fit.") % facts)
    return tidy(words)
