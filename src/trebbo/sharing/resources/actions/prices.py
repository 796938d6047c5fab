"""What classes of users pay: stated from a day, ended, never changed for bookings there are."""

from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from trebbo.ecosystem.organisations.choices import Standing
from trebbo.kernel import audit
from trebbo.kernel.access import Viewer
from trebbo.sharing.resources.actions.catalogue import announce, held_resource
from trebbo.sharing.resources.actions.values import one_of, period
from trebbo.sharing.resources.actions.wording import ResourceRefused, line, refused
from trebbo.sharing.resources.choices import PriceUnit, UserClass, VatNote
from trebbo.sharing.resources.models import Price

DEAREST = Decimal("99999999.99")
CENT = Decimal("0.01")


@transaction.atomic
def set_price(
    *,
    actor: Viewer,
    resource_id: int,
    user_class: str,
    unit: str,
    amount: Decimal,
    vat: str = VatNote.PLUS,
    valid_from: date | None = None,
    valid_until: date | None = None,
    source: str = "",
    standing: str = Standing.VERIFIED,
) -> Price:
    """State what a class of users pays for a unit, in euro, from a day on (today by default).

    What was paid before ends the day before; one that began on the same day is replaced; one
    already stated for a later day stays, and this one ends before it. Refuses an amount below zero
    or with parts of a cent, and an end that reaches into a later price.
    """
    resource = held_resource(actor, resource_id)
    one_of("user_class", user_class, UserClass.values)
    one_of("unit", unit, PriceUnit.values)
    one_of("vat", vat, VatNote.values)
    start = valid_from or actor.today
    period(start, valid_until)
    price = Price(resource=resource, user_class=user_class, unit=unit, vat=vat)
    price.amount, price.valid_from = _amount(amount), start
    price.source, price.standing = line("source", source, 1000), Standing(standing)
    price.valid_until = _end(price, valid_until)
    before = _make_room(price, start)
    price.save()
    audit.record(
        actor=actor, verb="set_prices", subject=resource, changes={"prices": (before, told(price))}
    )
    announce(resource)
    return price


@transaction.atomic
def end_price(
    *, actor: Viewer, price_id: int, last_day: date | None = None, mistake: bool = False
) -> None:
    """Say until when a price holds (until today by default); one stated by `mistake` goes away.

    Bookings keep the price of their moment. Refuses a last day before the first.
    """
    price = Price.objects.filter(pk=price_id).first()
    if price is None:
        raise ResourceRefused(_("This price is no longer there: somebody removed it."))
    resource = held_resource(actor, price.resource_id)
    before = told(price)
    if mistake:
        price.delete()
        after = ""
    else:
        day = last_day or actor.today
        if price.valid_from and day < price.valid_from:
            words = _("It began on a later day than this: choose another last day.")
            raise refused("last_day", words)
        price.valid_until = day if price.valid_until is None else min(day, price.valid_until)
        price.save(update_fields=["valid_until"])
        after = told(price)
    audit.record(
        actor=actor, verb="set_prices", subject=resource, changes={"prices": (before, after)}
    )
    announce(resource)


def told(price: Price) -> str:
    """A price as the trail tells it."""
    days = f"{price.valid_from or ''}–{price.valid_until or ''}"
    return f"{price.user_class}: {price.amount} € / {price.unit}, {price.vat}, {days}"


def _amount(amount: Decimal) -> Decimal:
    if not amount.is_finite() or not 0 <= amount <= DEAREST:
        raise refused("amount", _("An amount in euro, from 0 on; 0 is for free."))
    if amount != amount.quantize(CENT):
        raise refused("amount", _("At most two decimals: euro and cents."))
    return amount.quantize(CENT)


def _alike(price: Price) -> list[Price]:
    rows = Price.objects.filter(
        resource=price.resource_id, user_class=price.user_class, unit=price.unit
    )
    return list(rows.order_by("valid_from", "pk"))


def _end(price: Price, asked: date | None) -> date | None:
    later = [
        one.valid_from
        for one in _alike(price)
        if one.valid_from and price.valid_from and one.valid_from > price.valid_from
    ]
    if not later:
        return asked
    most = min(later) - timedelta(days=1)
    if asked is not None and asked > most:
        words = _("Another price for this begins before: end this one by %(day)s.")
        raise refused("valid_until", words % {"day": most.isoformat()})
    return asked or most


def _make_room(price: Price, start: date) -> str:
    """End what was paid before; what it was, for the trail."""
    before = ""
    for one in _alike(price):
        if one.valid_from is not None and one.valid_from > start:
            continue
        if one.valid_until is not None and one.valid_until < start:
            continue
        before = told(one)
        if one.valid_from == start:
            one.delete()
        else:
            one.valid_until = start - timedelta(days=1)
            one.save(update_fields=["valid_until"])
    return before
