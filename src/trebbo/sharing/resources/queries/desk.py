"""What somebody needs in order to ask for a slot: for which bodies, at which price."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel.access import Viewer
from trebbo.sharing.resources import policies
from trebbo.sharing.resources.choices import PriceUnit, UserClass
from trebbo.sharing.resources.models import Booking, Resource
from trebbo.sharing.resources.queries.prices import Quote, price_for
from trebbo.sharing.resources.queries.wording import Told, price_words, told


@dataclass(frozen=True, slots=True)
class Desk:
    """A resource that the viewer may see, and the bodies for which the viewer can ask for it."""

    resource: Resource
    bodies: tuple[Profile, ...]

    @property
    def is_open(self) -> bool:
        """Whether requests are taken here at all."""
        return self.resource.is_bookable and self.resource.withdrawn_at is None


@dataclass(frozen=True, slots=True)
class QuoteInWords:
    """What a slot would cost, before it is asked for."""

    user_class: str
    price: str
    how: str
    mark: str
    """The same for the same price, so that nobody sends a request at a price not seen."""


def booking_desk(resource_id: int, *, viewer: Viewer) -> Desk | None:
    """The resource with the viewer's bodies by name; None where the viewer may not see it."""
    rows = Resource.objects.select_related("profile", "municipality", "qualification")
    resource = policies.view_resource.filter(viewer, rows).filter(pk=resource_id).first()
    if resource is None:
        return None
    bodies = Profile.objects.filter(pk__in=list(viewer.mandates)).order_by("sort_name", "pk")
    return Desk(resource, tuple(bodies) if viewer.mandates else ())


def quote_in_words(
    desk: Desk,
    profile_id: int | None,
    starts_at: datetime,
    ends_at: datetime,
    samples: int | None,
    *,
    viewer: Viewer,
) -> QuoteInWords:
    """What the slot costs for one of the bodies, or for who acts for none."""
    user_class = UserClass.EXTERNAL
    if profile_id is not None and profile_id in viewer.mandates:
        user_class = policies.user_class_of(viewer, desk.resource, profile_id)
    quote = price_for(desk.resource, user_class, starts_at, ends_at, samples)
    return QuoteInWords(
        str(user_class.label),
        price_words(quote.amount, quote.vat),
        _how(quote),
        f"{user_class}:{quote.amount}",
    )


def _how(quote: Quote) -> str:
    if not quote.unit or not quote.amount:
        return ""
    unit = str(PriceUnit(quote.unit).label)
    return f"{quote.quantity:g} × {price_words(quote.unit_price, '')} {unit}"


@dataclass(frozen=True, slots=True)
class BookingRow:
    """A booking of a list, with the words that say it."""

    booking: Booking
    told: Told


def in_words(bookings: Iterable[Any], *, viewer: Viewer) -> list[BookingRow]:
    """The bookings of a list, each with its words."""
    return [BookingRow(booking, told(booking, viewer=viewer)) for booking in bookings]
