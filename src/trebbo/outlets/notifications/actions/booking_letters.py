"""Says what happened to a booking, to one reader: who, what, when, at which price, what to do.

Times are those of the resource's own time zone, which is named. What the booking is for stands
only in letters to those who answer for the owner: they decide by it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from trebbo.outlets.notifications.actions.booking_readers import CALLS_ON_OWNER, Part
from trebbo.outlets.notifications.actions.letters import Letter
from trebbo.sharing.resources.choices import BookingStepKind
from trebbo.sharing.resources.models import Booking, BookingStep, Resource
from trebbo.sharing.resources.queries.wording import (
    day_words,
    moment_words,
    money,
    price_words,
    slot_words,
)


@dataclass(frozen=True, slots=True)
class BookingStory:
    """What a letter tells: the step, and on which side it is read."""

    step: BookingStep
    part: Part

    @property
    def booking(self) -> Booking:
        """What the step happened to."""
        return self.step.booking

    @property
    def resource(self) -> Resource:
        """What is booked."""
        return self.booking.resource

    @property
    def when(self) -> str:
        """The slot, in words."""
        return slot_words(self.booking.starts_at, self.booking.ends_at, self.resource.timezone)

    @property
    def who(self) -> str:
        """Who asked, for the owner's eyes: the person, and the body for which it is."""
        person, body = self.booking.person, self.booking.profile
        if person is None:
            return body.title if body else _("Somebody whose account is closed")
        return f"{person} ({body.title})" if body else str(person)

    @property
    def facts(self) -> dict[str, str]:
        """What the sentences are filled with."""
        zone = self.resource.timezone
        return {
            "who": self.who,
            "resource": self.resource.name,
            "owner": self.resource.profile.title,
            "when": self.when,
            "day": day_words(self.booking.starts_at, zone),
            "until": moment_words(self.booking.lapses_at, zone),
        }

    def was_before(self, *kinds: BookingStepKind) -> bool:
        """Whether the step just before was one of these."""
        earlier = self.booking.steps.filter(pk__lt=self.step.pk).order_by("pk").last()
        return earlier is not None and earlier.kind in kinds


def booking_letter(story: BookingStory) -> Letter:
    """The letter about a step, in the language that is active."""
    return LETTERS[BookingStepKind(story.step.kind)](story)


def calendar_title(story: BookingStory) -> str:
    """What the slot is called in the reader's calendar."""
    return pgettext("calendar", "%(resource)s (%(owner)s)") % story.facts


def place_of(resource: Resource) -> str:
    """Where a resource stands, as far as the catalogue says."""
    town = resource.municipality.name if resource.municipality else ""
    return ", ".join(filter(None, [resource.room, town]))


def _letter(subject: str, *paragraphs: str, quoted: str = "") -> Letter:
    return Letter(subject, tuple(filter(None, paragraphs)), quoted)


def _price(story: BookingStory) -> str:
    told = price_words(story.booking.price, story.booking.vat)
    return _("Price: %(price)s.") % {"price": told}


def _samples(story: BookingStory) -> str:
    booking = story.booking
    if booking.samples and booking.sample_count:
        facts = {"count": booking.sample_count, "samples": booking.samples}
        return _("Samples: %(count)s; %(samples)s") % facts
    told = booking.samples or booking.sample_count
    return _("Samples: %(samples)s") % {"samples": told} if told else ""


def _requested(story: BookingStory) -> Letter:
    return _to_answer(story, _("%(who)s asks for %(resource)s: %(when)s."))


def _moved_up(story: BookingStory) -> Letter:
    if story.part == Part.OWNER:
        first = _(
            "%(who)s was on the waiting list of %(resource)s, and the slot is free: %(when)s."
        )
        return _to_answer(story, first)
    return _letter(
        _("Free after all: %(resource)s, %(day)s") % story.facts,
        _(
            "The slot for which you were on the waiting list is free, and your request is with "
            "%(owner)s now: %(resource)s, %(when)s."
        )
        % story.facts,
        _price(story),
        _("If there is no answer by %(until)s, the request lapses.") % story.facts,
        _("Should you need it no longer, withdraw the request on its page:"),
    )


def _to_answer(story: BookingStory, first: str) -> Letter:
    return _letter(
        _("To answer: %(who)s asks for %(resource)s") % story.facts,
        first % story.facts,
        _samples(story),
        _price(story),
        _("If nobody answers by %(until)s, the request lapses and the slot is free again.")
        % story.facts,
        _(
            "By this link you accept, decline with a reason or propose another slot, without "
            "signing in:"
        ),
        quoted=story.booking.purpose,
    )


def _accepted(story: BookingStory) -> Letter:
    return _letter(
        _("Accepted: %(resource)s, %(day)s") % story.facts,
        _("Your booking of %(resource)s at %(owner)s is accepted: %(when)s.") % story.facts,
        *_to_know(story),
        quoted=story.step.words,
    )


def _agreed(story: BookingStory) -> Letter:
    if story.part == Part.ASKER:
        return _accepted(story)
    return _letter(
        _("Agreed: %(resource)s, %(day)s") % story.facts,
        _("%(who)s agrees to the slot of %(resource)s that you proposed: %(when)s.") % story.facts,
        _price(story),
    )


def _to_know(story: BookingStory) -> tuple[str, ...]:
    booking, place = story.booking, place_of(story.resource)
    return (
        _("Where: %(place)s.") % {"place": place} if place else "",
        _price(story),
        _cancelling(booking),
        _("The date is enclosed for your calendar."),
    )


def _cancelling(booking: Booking) -> str:
    facts = {
        "until": moment_words(booking.free_until, booking.resource.timezone),
        "percent": booking.late_fee_percent,
    }
    if booking.late_fee_percent and booking.price:
        return (
            _(
                "If you cannot come, cancel it on its page: free of charge until %(until)s, later "
                "for %(percent)s %% of the price."
            )
            % facts
        )
    return _("If you cannot come, cancel it on its page, so that others find the slot free.")


def _declined(story: BookingStory) -> Letter:
    return _letter(
        _("Declined: %(resource)s, %(day)s") % story.facts,
        _("%(owner)s has declined your request for %(resource)s: %(when)s.") % story.facts,
        _("You can ask for another slot on the page of the resource, or find a similar one."),
        quoted=story.step.words,
    )


def _proposed(story: BookingStory) -> Letter:
    booking = story.booking
    asked = ""
    if booking.asked_from and booking.asked_until:
        asked = slot_words(booking.asked_from, booking.asked_until, story.resource.timezone)
    return _letter(
        _("Another slot is proposed: %(resource)s, %(day)s") % story.facts,
        _("%(owner)s proposes another slot of %(resource)s: %(when)s.") % story.facts,
        _("You had asked for: %(asked)s.") % {"asked": asked} if asked else "",
        _price(story),
        _("It is held for you. If you do not agree by %(until)s, the request lapses.")
        % story.facts,
        _("Agree to it, or withdraw the request, on its page:"),
        quoted=story.step.words,
    )


def _withdrawn(story: BookingStory) -> Letter:
    told = (
        _("The request for %(resource)s at %(owner)s was withdrawn by a colleague: %(when)s.")
        if story.part == Part.ASKER
        else _("%(who)s has withdrawn the request for %(resource)s: %(when)s.")
    )
    return _letter(
        _("Withdrawn: %(resource)s, %(day)s") % story.facts,
        told % story.facts,
        _("There is nothing left for you to do."),
        quoted=story.step.words,
    )


def _cancelled(story: BookingStory) -> Letter:
    is_asker = story.part == Part.ASKER
    told = (
        _("Your booking of %(resource)s at %(owner)s is cancelled: %(when)s.")
        if is_asker
        else _("%(who)s has cancelled the booking of %(resource)s: %(when)s. The slot is free.")
    )
    return _letter(
        _("Cancelled: %(resource)s, %(day)s") % story.facts,
        told % story.facts,
        _fee(story),
        _("The enclosed file takes the date out of your calendar.") if is_asker else "",
        quoted=story.step.words,
    )


def _fee(story: BookingStory) -> str:
    fee = story.booking.fee
    if not fee:
        return ""
    return _("Because it was cancelled late, %(fee)s is owed.") % {"fee": money(fee)}


def _cancelled_by_owner(story: BookingStory) -> Letter:
    return _letter(
        _("Cancelled by the owner: %(resource)s, %(day)s") % story.facts,
        _("%(owner)s had to cancel your booking of %(resource)s: %(when)s. You owe nothing.")
        % story.facts,
        _("You can ask for another slot on the page of the resource, or find a similar one."),
        _("The enclosed file takes the date out of your calendar."),
        quoted=story.step.words,
    )


def _lapsed(story: BookingStory) -> Letter:
    if story.part == Part.OWNER:
        told = (
            _(
                "%(who)s did not agree in time to the slot that you proposed: %(resource)s, "
                "%(when)s."
            )
            if story.was_before(BookingStepKind.PROPOSED)
            else _("The request of %(who)s for %(resource)s was not answered: %(when)s.")
        )
    elif story.was_before(BookingStepKind.PROPOSED):
        told = _("You did not agree in time to the slot of %(resource)s proposed to you: %(when)s.")
    elif story.was_before(*CALLS_ON_OWNER):
        told = _("%(owner)s did not answer your request for %(resource)s: %(when)s.")
    else:
        told = _("The slot of %(resource)s for which you waited did not become free: %(when)s.")
    return _letter(
        _("Lapsed: %(resource)s, %(day)s") % story.facts,
        told % story.facts,
        _("The request has ended by itself, and nobody owes anything."),
    )


def _used(story: BookingStory) -> Letter:
    use = story.booking.uses.filter(voided_at=None).select_related("resource").first()
    if use is None:
        told, price = _("The recorded use was struck out."), ""
    else:
        when = slot_words(use.starts_at, use.ends_at, story.resource.timezone)
        told = _("%(owner)s has recorded your use of %(resource)s: %(used)s.")
        told %= {**story.facts, "used": when}
        price = _("Price: %(price)s.") % {"price": price_words(use.amount, use.vat)}
    subject = (
        _("Use recorded: %(resource)s, %(day)s")
        if story.step.kind == BookingStepKind.USED
        else _("Use corrected: %(resource)s, %(day)s")
    )
    return _letter(
        subject % story.facts,
        told,
        price,
        _("If this is not how it was, tell %(owner)s.") % story.facts,
    )


def _no_show(story: BookingStory) -> Letter:
    return _letter(
        _("Nobody came: %(resource)s, %(day)s") % story.facts,
        _("%(owner)s has recorded that nobody came to %(resource)s: %(when)s.") % story.facts,
        _("Owed for it: %(fee)s.") % {"fee": money(story.booking.fee)} if story.booking.fee else "",
        _("If this is not how it was, tell %(owner)s.") % story.facts,
    )


LETTERS: dict[BookingStepKind, Callable[[BookingStory], Letter]] = {
    BookingStepKind.REQUESTED: _requested,
    BookingStepKind.MOVED_UP: _moved_up,
    BookingStepKind.ACCEPTED: _accepted,
    BookingStepKind.AGREED: _agreed,
    BookingStepKind.DECLINED: _declined,
    BookingStepKind.PROPOSED: _proposed,
    BookingStepKind.WITHDRAWN: _withdrawn,
    BookingStepKind.CANCELLED: _cancelled,
    BookingStepKind.CANCELLED_BY_OWNER: _cancelled_by_owner,
    BookingStepKind.LAPSED: _lapsed,
    BookingStepKind.USED: _used,
    BookingStepKind.CORRECTED: _used,
    BookingStepKind.NO_SHOW: _no_show,
}
