"""Size classes of enterprises by Commission Recommendation 2003/361/EC."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Size(StrEnum):
    """The classes of Annex, article 2, and what is beyond them, in order."""

    MICRO = "micro"
    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


@dataclass(frozen=True, slots=True)
class Ceiling:
    """What an enterprise of a class stays under: people strictly, money at most (euro)."""

    size: Size
    headcount: Decimal
    turnover: Decimal
    balance: Decimal


MILLION = Decimal(1_000_000)
CEILINGS = (
    Ceiling(Size.MICRO, Decimal(10), 2 * MILLION, 2 * MILLION),
    Ceiling(Size.SMALL, Decimal(50), 10 * MILLION, 10 * MILLION),
    Ceiling(Size.MEDIUM, Decimal(250), 50 * MILLION, 43 * MILLION),
)


def size_class(
    headcount: Decimal, turnover: Decimal | None, balance: Decimal | None
) -> Size | None:
    """The size class of an enterprise, or None where an unknown figure could change the answer.

    `headcount` is in annual work units (article 5), `turnover` and `balance` (annual balance sheet
    total) in euro; None is a figure that is not known. An enterprise is in the smallest class
    whose headcount it stays under and of whose two money ceilings it keeps at least ONE: article 2
    asks for turnover "and/or" balance. The figures must already hold those of partner and linked
    enterprises (articles 3 and 6), and the two-years rule of article 4 is for the caller.

    Refuses (ValueError) figures below zero.

    Source: Recommendation 2003/361/EC of 6 May 2003, Annex, Title I, article 2 (OJ L 124,
    20.5.2003, p. 36).
    """
    if any(figure is not None and figure < 0 for figure in (headcount, turnover, balance)):
        raise ValueError("figures of an enterprise cannot be below zero")
    best = _class(headcount, turnover or Decimal(0), balance or Decimal(0))
    worst = _class(headcount, turnover, balance)
    return worst if best is worst else None


def _class(headcount: Decimal, turnover: Decimal | None, balance: Decimal | None) -> Size:
    """The class when an unknown amount counts as too high."""
    for ceiling in CEILINGS:
        turnover_fits = turnover is not None and turnover <= ceiling.turnover
        balance_fits = balance is not None and balance <= ceiling.balance
        if headcount < ceiling.headcount and (turnover_fits or balance_fits):
            return ceiling.size
    return Size.LARGE
