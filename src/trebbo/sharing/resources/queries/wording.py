"""How slots and prices are said, on pages and in mail, in the language that is active."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils.formats import date_format, number_format, time_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from trebbo.kernel.access import Viewer
from trebbo.sharing.resources.choices import UserClass, VatNote
from trebbo.sharing.resources.models import Booking, UseRecord

DAY = "l j F Y"


def slot_words(starts_at: datetime, ends_at: datetime, zone_name: str) -> str:
    """When a slot is, in its own time zone, which is named.

    Where the clock changes in between, and where a time exists twice, its distance to UTC is said.
    """
    zone = ZoneInfo(zone_name)
    start, end = starts_at.astimezone(zone), ends_at.astimezone(zone)
    exact = start.utcoffset() != end.utcoffset() or is_twice(start) or is_twice(end)
    facts = {
        "day": _day(start),
        "start": _clock(start, exact=exact),
        "end": _clock(end, exact=exact),
        "last_day": _day(end),
        "zone": zone_name,
    }
    if start.date() == end.date():
        return _("%(day)s, from %(start)s to %(end)s (%(zone)s)") % facts
    return _("from %(day)s, %(start)s, to %(last_day)s, %(end)s (%(zone)s)") % facts


def day_words(moment: datetime, zone_name: str) -> str:
    """The day of a moment in a time zone, briefly."""
    return date_format(moment.astimezone(ZoneInfo(zone_name)), "j F Y")


def moment_words(moment: datetime, zone_name: str) -> str:
    """A moment in a time zone, by day and clock; to whoever reads the zone was named before."""
    local = moment.astimezone(ZoneInfo(zone_name))
    facts = {"day": _day(local), "time": _clock(local, exact=is_twice(local))}
    return _("%(day)s, %(time)s") % facts


def price_words(amount: Decimal | None, vat: str) -> str:
    """A price with its note on VAT; nothing to pay, and no price stated, in words."""
    if amount is None:
        return _("no price is stated; ask the owner")
    if amount == 0:
        return _("free of charge")
    facts = {"amount": money(amount), "vat": str(VatNote(vat).label) if vat else ""}
    return (_("%(amount)s, %(vat)s") if vat else "%(amount)s") % facts


def money(amount: Decimal) -> str:
    """An amount in euro, with cents."""
    return f"€ {number_format(amount, 2, use_l10n=True, force_grouping=True)}"


def _day(local: datetime) -> str:
    """The day within a sentence: Italian writes its days of the week small."""
    told = date_format(local, DAY)
    return told.lower() if (get_language() or "").startswith("it") else told


def clock_words(local: datetime) -> str:
    """What a clock shows, with its distance to UTC where it shows the same twice that day."""
    return _clock(local, exact=is_twice(local))


def _clock(local: datetime, *, exact: bool) -> str:
    told = time_format(local.time(), "H:i")
    offset = local.utcoffset()
    if not exact or offset is None:
        return told
    hours, minutes = divmod(int(offset.total_seconds()) // 60, 60)
    return f"{told} UTC{hours:+d}" + (f":{minutes:02}" if minutes else "")


def is_twice(local: datetime) -> bool:
    """Whether the clock shows this time twice that day."""
    other = local.replace(fold=1 - local.fold)
    return other.utcoffset() != local.utcoffset() and (
        other.astimezone(UTC).astimezone(local.tzinfo).time() == local.time()
    )


@dataclass(frozen=True, slots=True)
class Told:
    """A booking in words: when it is, what was asked first, its price and its dates."""

    when: str
    asked: str
    price: str
    fee: str
    lapses: str
    free_until: str


def told(booking: Booking, *, viewer: Viewer) -> Told:
    """What a page or a mail says of a booking, times in the time zone of its resource."""
    zone = booking.resource.timezone
    asked = ""
    if booking.asked_from and booking.asked_until:
        asked = slot_words(booking.asked_from, booking.asked_until, zone)
    return Told(
        slot_words(booking.starts_at, booking.ends_at, zone),
        asked,
        _price_of(booking),
        money(booking.fee) if booking.fee else "",
        moment_words(booking.lapses_at, zone),
        moment_words(booking.free_until, zone),
    )


def _price_of(booking: Booking) -> str:
    if booking.price is None and booking.user_class == UserClass.OWNER:
        return _("none: the owner's own use")
    return price_words(booking.price, booking.vat)


def use_words(use: UseRecord) -> str:
    """When a recorded use took place, and what it cost."""
    when = slot_words(use.starts_at, use.ends_at, use.resource.timezone)
    return f"{when} · {price_words(use.amount, use.vat)}" if use.amount is not None else when
