"""Checks and tidies what people type about competences and training."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from trebbo.ecosystem.organisations.actions import WordsRefused
from trebbo.ecosystem.organisations.actions.wording import (
    check_period,
    long_text,
    short_text,
    website_address,
)
from trebbo.kernel.errors import Refusal
from trebbo.sharing.skills.choices import LARGEST_NUMBER

EARLIEST, LATEST = date(1900, 1, 1), date(2200, 12, 31)
BY_WORD_PROCESSORS = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
"""Marks inside words that nobody sees: where a line may break, which way to write."""


class SkillsRefused(Refusal):
    """What was asked of competences or training cannot be done, or does not fit."""


def refused(field: str, words: str) -> SkillsRefused:
    """The refusal that ties `words` to `field`."""
    return SkillsRefused(words, {field: words})


def line(field: str, typed: str, limit: int) -> str:
    """One line of at most `limit` characters, as it was meant where it was pasted."""
    return short_text(field, BY_WORD_PROCESSORS.sub("", typed or ""), limit=limit)


def text(field: str, typed: str) -> str:
    """Text with its line breaks."""
    return long_text(field, BY_WORD_PROCESSORS.sub("", typed or ""))


def link(field: str, typed: str) -> str:
    """A web address, or nothing."""
    try:
        return website_address(typed or "")
    except WordsRefused as refusal:
        raise refused(field, refusal.message) from refusal


def number(field: str, typed: int | None, *, least: int = 1) -> int | None:
    """A whole number that can be, or nothing where none is known."""
    if typed is None:
        return None
    if not least <= typed <= LARGEST_NUMBER:
        words = _("A whole number from %(least)s to %(most)s; leave it blank if not known.")
        raise refused(field, words % {"least": least, "most": LARGEST_NUMBER})
    return typed


def one_of(field: str, typed: Any, values: Iterable[Any]) -> Any:
    """A value of a closed list."""
    if typed not in list(values):
        raise refused(field, _("Choose from the list."))
    return typed


def period(valid_from: date | None, valid_until: date | None) -> None:
    """Refuse days that cannot be, and an end before the start."""
    for field, day in (("valid_from", valid_from), ("valid_until", valid_until)):
        demand_day(field, day)
    check_period(valid_from, valid_until)


def demand_day(field: str, day: date | None) -> None:
    """Refuse a day that is no plausible one."""
    if day is not None and not EARLIEST <= day <= LATEST:
        raise refused(field, _("Check the year of this date."))
