"""What a link in a mail about a booking opens: the booking, and the person to whom it was sent."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _

from trebbo.ecosystem.accounts.models import Person
from trebbo.ecosystem.accounts.queries import viewer_for
from trebbo.kernel import signed_links
from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import Refusal
from trebbo.sharing.resources import policies
from trebbo.sharing.resources.choices import BookingState
from trebbo.sharing.resources.models import Booking
from trebbo.sharing.resources.queries.links import ANSWER

LONGEST_LIFE = timedelta(days=60)
"""A request lapses long before."""


class AnswerLinkOver(Refusal):
    """The link was good once; `booking` is how things stand, where the person may still know."""

    status = 410

    def __init__(self, words: str, booking: Booking | None = None) -> None:
        super().__init__(words)
        self.booking = booking


@dataclass(frozen=True, slots=True)
class OpenAnswer:
    """A booking that waits for an answer, and who answers by the link, as they are today."""

    booking: Booking
    person: Person
    by: Viewer


def open_answer_link(*, actor: Viewer, token: str) -> OpenAnswer:
    """What a link is about; changes nothing, since mail scanners open links.

    Refuses a link that is altered or too old (`LinkRefused`), and with `AnswerLinkOver` one whose
    request was answered, changed or lapsed meanwhile, or whose person acts for the owner no longer.
    """
    seconds = int(LONGEST_LIFE.total_seconds())
    booking_id, person_id, version = signed_links.read(ANSWER, token, max_age_seconds=seconds)
    rows = Booking.objects.select_related("resource__profile", "profile", "person")
    booking = rows.filter(pk=booking_id).first()
    person = Person.objects.filter(pk=person_id, is_active=True).first()
    if booking is None or person is None:
        raise AnswerLinkOver(_("The request, or your account, is no longer there."))
    by = viewer_for(person, now=actor.now, language=actor.language)
    if not policies.answer_bookings.allows(by, booking.resource):
        raise AnswerLinkOver(_("You no longer answer for this resource: somebody else does."))
    if booking.state != BookingState.REQUESTED or booking.version != version:
        raise AnswerLinkOver(_over(booking), booking)
    if booking.lapses_at <= actor.now:
        raise AnswerLinkOver(_("This request has lapsed: nobody waits for it any more."), booking)
    return OpenAnswer(booking, person, by)


def _over(booking: Booking) -> str:
    if booking.state == BookingState.REQUESTED:
        return _("This request has changed since the message was sent.")
    if booking.state == BookingState.WITHDRAWN:
        return _("This request was withdrawn: there is nothing left for you to do.")
    if booking.state == BookingState.LAPSED:
        return _("This request has lapsed: nobody waits for it any more.")
    return _("This request was answered already: one answer is enough.")
