"""Links by which somebody answers a request from a mail, without signing in."""

from django.urls import reverse

from trebbo.ecosystem.accounts.models import Person
from trebbo.kernel import signed_links
from trebbo.kernel.access import Viewer
from trebbo.sharing.resources.models import Booking

ANSWER = "booking.answer"
"""What the links are good for."""


def answer_address(booking: Booking, person: Person, *, viewer: Viewer) -> str:
    """Where this person answers this booking, as it stands now, without signing in.

    The link carries the booking's version: whatever happens to the booking ends it.
    """
    token = signed_links.sign(ANSWER, [booking.pk, person.pk, booking.version])
    return reverse("booking_by_mail", args=[token])
