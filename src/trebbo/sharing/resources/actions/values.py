"""Checks values that people type about resources: links, numbers, days."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from trebbo.ecosystem.organisations.actions import WordsRefused
from trebbo.ecosystem.organisations.actions.wording import (
    check_period,
    email_address,
    website_address,
)
from trebbo.sharing.resources.actions.wording import refused

EARLIEST, LATEST = date(1900, 1, 1), date(2200, 12, 31)


def link(field: str, typed: str) -> str:
    """A web address, or nothing."""
    try:
        return website_address(typed or "")
    except WordsRefused as refusal:
        raise refused(field, refusal.message) from refusal


def email(field: str, typed: str) -> str:
    """An e-mail address, or nothing."""
    return email_address(field, typed or "")


def number(field: str, typed: int | None, least: int, most: int) -> int:
    """A whole number from `least` to `most`."""
    if typed is None or not least <= typed <= most:
        words = _("A whole number from %(least)s to %(most)s.")
        raise refused(field, words % {"least": least, "most": most})
    return typed


def number_or_blank(field: str, typed: int | None, least: int, most: int) -> int | None:
    """A whole number from `least` to `most`, or nothing."""
    if typed is not None and not least <= typed <= most:
        words = _("A whole number from %(least)s to %(most)s, or leave it blank.")
        raise refused(field, words % {"least": least, "most": most})
    return typed


def one_of(field: str, typed: Any, values: Iterable[Any]) -> Any:
    """A value of a closed list."""
    if typed not in list(values):
        raise refused(field, _("Choose from the list."))
    return typed


def day(field: str, typed: date | None) -> date | None:
    """A day that can be, or nothing."""
    if typed is not None and not EARLIEST <= typed <= LATEST:
        raise refused(field, _("Check the year of this date."))
    return typed


def period(valid_from: date | None, valid_until: date | None) -> None:
    """Refuse days that cannot be, and an end before the start."""
    day("valid_from", valid_from)
    day("valid_until", valid_until)
    check_period(valid_from, valid_until)
