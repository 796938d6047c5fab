"""What a slot costs: the price list of a class of users, and its sum for a booking."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from django.db.models import F

from trebbo.ecosystem.organisations.models import holding_on
from trebbo.kernel.access import Viewer
from trebbo.sharing.resources.choices import PriceUnit, UserClass
from trebbo.sharing.resources.models import Price, Resource, hours_between

CENT = Decimal("0.01")
HOURS_OF: dict[str, int] = {PriceUnit.HOUR: 1, PriceUnit.HALF_DAY: 4, PriceUnit.DAY: 8}


@dataclass(frozen=True, slots=True)
class Quote:
    """What a slot costs a class of users: `quantity` units at `unit_price`, `amount` in all.

    All are blank where the owner states no price that fits. `stated` is the price it follows from.
    """

    user_class: UserClass
    unit: str = ""
    unit_price: Decimal | None = None
    quantity: Decimal | None = None
    vat: str = ""
    amount: Decimal | None = None
    stated: Price | None = field(default=None, compare=False)


def price_for(
    resource: Resource,
    user_class: UserClass,
    starts_at: datetime,
    ends_at: datetime,
    samples: int | None = None,
    *,
    viewer: Viewer | None = None,
) -> Quote:
    """What the slot costs at the prices of the local day on which it begins.

    Where samples are counted, a price for a sample counts; else a price for a booking; else the one
    for hours, half days or days that makes the least. Hours count to the quarter, half days and
    days once begun. Halves of a cent go up. `viewer` changes nothing: prices are for everybody.
    """
    day = starts_at.astimezone(ZoneInfo(resource.timezone)).date()
    hours = hours_between(starts_at, ends_at)
    return cheapest(prices_on(resource, user_class, day), user_class, hours, samples)


def prices_on(
    resource: Resource, user_class: UserClass, day: date, *, viewer: Viewer | None = None
) -> list[Price]:
    """The prices of a class on a day, one a unit; where several were stated, the latest."""
    since = F("valid_from").asc(nulls_first=True)
    rows = Price.objects.filter(holding_on(day), resource=resource, user_class=user_class)
    return list({row.unit: row for row in rows.order_by(since, "pk")}.values())


def cheapest(
    prices: Iterable[Price], user_class: UserClass, hours: Decimal, samples: int | None = None
) -> Quote:
    """The sum that counts, among prices of one class; see `price_for`."""
    by_unit = {price.unit: price for price in prices}
    for unit in (PriceUnit.SAMPLE, PriceUnit.BOOKING):
        if unit in by_unit and (samples or unit == PriceUnit.BOOKING):
            return _quote(by_unit[unit], user_class, hours, samples)
    by_time = [by_unit[unit] for unit in HOURS_OF if unit in by_unit]
    quotes = [_quote(price, user_class, hours, samples) for price in by_time]
    return min(quotes, key=lambda quote: quote.amount or Decimal(0), default=Quote(user_class))


def quantity_of(unit: str, hours: Decimal, samples: int | None = None) -> Decimal:
    """How many units a length makes: hours to the quarter, begun half days and days."""
    if unit == PriceUnit.SAMPLE:
        return Decimal(samples or 0)
    if unit == PriceUnit.BOOKING:
        return Decimal(1)
    if unit == PriceUnit.HOUR:
        return hours
    return (hours / HOURS_OF[unit]).to_integral_value(ROUND_CEILING)


def cents(amount: Decimal) -> Decimal:
    """An amount in whole cents, halves up."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def _quote(price: Price, user_class: UserClass, hours: Decimal, samples: int | None) -> Quote:
    quantity = quantity_of(price.unit, hours, samples)
    amount = cents(price.amount * quantity)
    return Quote(user_class, price.unit, price.amount, quantity, price.vat, amount, price)
