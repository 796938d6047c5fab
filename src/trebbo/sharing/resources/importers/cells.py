"""What cells of a table mean: words of closed lists in either language, days, amounts, prices."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from trebbo.ecosystem.organisations.choices import Visibility
from trebbo.ecosystem.vocabularies.models import Concept, Municipality
from trebbo.kernel.tabular import meant
from trebbo.kernel.text import fold
from trebbo.sharing.resources.actions import ResourceRefused
from trebbo.sharing.resources.choices import (
    Operation,
    PriceUnit,
    QuotaPeriod,
    ResourceKind,
    UserClass,
    VatNote,
)

VOCABULARIES = ("euroscivoc", "esco_skills", "s3_themes")
YES = ("yes", "si", "true", "vero", "1", "x")
NO = ("no", "false", "falso", "0")
DAY_FORMATS = ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y")
AMOUNT = re.compile(r"\d{1,8}(?:[.,]\d{1,2})?", re.ASCII)
ITALIAN = re.compile(r"\d{1,3}(?:\.\d{3})+,\d{1,2}", re.ASCII)
ENGLISH = re.compile(r"\d{1,3}(?:,\d{3})+\.\d{1,2}", re.ASCII)
UNCLEAR = re.compile(r"\d{1,3}(?:[.,]\d{3})+", re.ASCII)
PRICES: Mapping[str, str] = {f"price_{one}": one for one in UserClass.values}
LISTS: Mapping[str, Any] = {
    "kind": ResourceKind,
    "visibility": Visibility,
    "operation": Operation,
    "quota_period": QuotaPeriod,
}
NUMBERS = (
    *("lead_days", "shortest_minutes", "longest_minutes", "notice_hours", "horizon_days"),
    *("quota_hours", "free_cancellation_hours", "late_fee_percent"),
)
CAN_BE_BLANK = ("lead_days", "quota_hours")
DAYS = ("commissioned_date", "decommissioned_date")
FLAGS = ("is_publicly_funded", "is_bookable")
KEPT_IF_BLANK = (
    *("kind", "visibility", "quota_period", "timezone", "source"),
    *(name for name in NUMBERS if name not in CAN_BE_BLANK),
)
"""Columns in which a blank cell leaves what is there."""


@dataclass(frozen=True, slots=True)
class PriceSaid:
    """A price as a cell says it."""

    user_class: str
    unit: str
    amount: Decimal
    vat: str


def value_of(column: str, cell: str) -> Any:
    """What a cell of a column of the resource means; refuses, in words, what means nothing."""
    for names, read in READERS:
        if column in names:
            return read(cell)
    return cell


def chosen(cell: str, choices: Any) -> str:
    """The value of a closed list that was meant, by itself or by its label in either language."""
    value = meant(cell, choices)
    if value is None:
        words = _("“%(words)s” is not in the list: write one of %(values)s.")
        raise ResourceRefused(words % {"words": cell, "values": ", ".join(choices.values)})
    return str(value)


def amount_of(cell: str) -> Decimal:
    """An amount in euro, with a comma or a point before the cents and marks between thousands.

    Refuses 1.234 and 1,234, which mean one thing in Italian and another in English.
    """
    bare = "".join(cell.replace("€", "").split())
    if UNCLEAR.fullmatch(bare):
        words = _("“%(words)s” can be read in two ways: write it with two decimals.")
        raise ResourceRefused(words % {"words": cell})
    if ITALIAN.fullmatch(bare):
        bare = bare.replace(".", "")
    elif ENGLISH.fullmatch(bare):
        bare = bare.replace(",", "")
    if not AMOUNT.fullmatch(bare):
        words = _("“%(words)s” is not an amount in euro: write it like 40,00.")
        raise ResourceRefused(words % {"words": cell})
    return Decimal(bare.replace(",", "."))


def prices_of(column: str, cell: str) -> list[PriceSaid]:
    """The prices of a cell: “40,00 / hour / plus; 250,00 / day”; else for an hour, plus VAT."""
    said = []
    for part in filter(None, (one.strip() for one in cell.split(";"))):
        amount, *more = (one.strip() for one in part.split("/"))
        if len(more) > 2:
            words = _("“%(words)s”: write a price as amount / unit / VAT.")
            raise ResourceRefused(words % {"words": part})
        unit = chosen(more[0], PriceUnit) if more else str(PriceUnit.HOUR)
        vat = chosen(more[1], VatNote) if len(more) > 1 else str(VatNote.PLUS)
        said.append(PriceSaid(PRICES[column], unit, amount_of(amount), vat))
    return said


def fields_of(cell: str) -> list[int]:
    """The concepts of a cell: codes or labels of the vocabularies, separated by semicolons."""
    return [_concept(one) for one in filter(None, (part.strip() for part in cell.split(";")))]


def municipality_of(cell: str) -> str | None:
    """The Istat code of a municipality, by its code, its name, or its name and province."""
    if not cell:
        return None
    rows = Municipality.objects.filter(is_gone=False).select_related("province")
    name, _mark, province = cell.rstrip(")").partition("(")
    found = list(rows.filter(istat_code=cell)) or list(rows.filter(name__iexact=name.strip())[:9])
    if province:
        wanted = fold(province)
        found = [one for one in found if wanted in (fold(one.province_id), fold(str(one.province)))]
    if len(found) != 1:
        words = _("“%(words)s” is no municipality, or several: write its Istat code.")
        raise ResourceRefused(words % {"words": cell})
    return found[0].istat_code


def _number(cell: str) -> int | None:
    if not cell:
        return None
    if not (cell.isascii() and cell.isdigit() and len(cell) < 10):
        raise ResourceRefused(_("“%(words)s” is not a whole number.") % {"words": cell})
    return int(cell)


def _day(cell: str) -> date | None:
    if not cell:
        return None
    for form in DAY_FORMATS:
        try:
            return datetime.strptime(cell, form).date()  # noqa: DTZ007 (a day has no zone)
        except ValueError:
            continue
    raise ResourceRefused(_("“%(words)s” is no day: write it like 2026-11-29.") % {"words": cell})


def _flag(cell: str) -> bool:
    if not cell or fold(cell) in NO:
        return False
    if fold(cell) in YES:
        return True
    raise ResourceRefused(_("“%(words)s”: write yes or no.") % {"words": cell})


def _concept(typed: str) -> int:
    rows = Concept.objects.filter(scheme__code__in=VOCABULARIES, is_gone=False)
    rows = rows.select_related("scheme")
    for match in ("code__iexact", "label_it__iexact", "label_en__iexact"):
        found = list(rows.filter(**{match: typed})[:9])
        if found:
            found.sort(key=lambda one: (VOCABULARIES.index(one.scheme.code), one.pk))
            return found[0].pk
    raise ResourceRefused(_("No vocabulary has “%(words)s”.") % {"words": typed})


def _of_list(column: str) -> Callable[[str], str]:
    return lambda cell: chosen(cell, LISTS[column]) if cell else ""


READERS: tuple[tuple[tuple[str, ...], Callable[[str], Any]], ...] = (
    *(((column,), _of_list(column)) for column in LISTS),
    (NUMBERS, _number),
    (DAYS, _day),
    (FLAGS, _flag),
    (("municipality",), municipality_of),
)
