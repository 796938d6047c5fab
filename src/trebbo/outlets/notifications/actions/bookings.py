"""Tells people what happens to bookings, and owners that a ceiling comes near."""

import logging
from datetime import datetime
from email.utils import parseaddr

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import translation

from trebbo.kernel.access import Viewer
from trebbo.outlets.notifications.actions.booking_letters import (
    LETTERS,
    BookingStory,
    booking_letter,
    calendar_title,
    place_of,
)
from trebbo.outlets.notifications.actions.booking_readers import (
    CALLS_ON_OWNER,
    FOR_THE_CALENDAR,
    BookingReader,
    Part,
    may_read,
    may_read_ledger,
    people_of_owner,
    readers_of,
)
from trebbo.outlets.notifications.actions.calendars import Meeting, Method, calendar_of
from trebbo.outlets.notifications.actions.ceiling_letters import ceiling_letter
from trebbo.outlets.notifications.actions.introductions import (
    CAUGHT_UP_AFTER,
    CAUGHT_UP_FOR,
    LOOKED_UP_AT_ONCE,
)
from trebbo.outlets.notifications.actions.notices import Recipient, notify, withdraw
from trebbo.outlets.notifications.actions.writing import absolute
from trebbo.outlets.notifications.choices import MailState, NoticeState, Topic
from trebbo.outlets.notifications.models import Notice, OutgoingMail
from trebbo.sharing.resources.choices import BookingStepKind
from trebbo.sharing.resources.models import Booking, BookingStep, Resource
from trebbo.sharing.resources.queries.links import answer_address

OUT_OF_THE_CALENDAR = (BookingStepKind.CANCELLED, BookingStepKind.CANCELLED_BY_OWNER)

log = logging.getLogger(__name__)


@transaction.atomic
def tell_of_booking(*, actor: Viewer, step_id: int, now: datetime) -> int:
    """Write to whom a step of a booking concerns, each once; how many are told by it.

    What was told of earlier steps and has not left is taken back. A step that comes late, after
    another one, is told to nobody: the later one says how things stand.
    """
    rows = BookingStep.objects.select_related(
        "booking__resource__profile",
        "booking__resource__municipality",
        "booking__profile",
        "booking__person",
    )
    step = rows.filter(pk=step_id).first()
    if step is None or step.kind not in LETTERS:
        return 0
    _take_back_before(actor, step)
    if BookingStep.objects.filter(booking=step.booking_id, pk__gt=step.pk).exists():
        return 0
    told = 0
    for reader in readers_of(step, now):
        _write(actor, step, reader, now)
        told += 1
    return told


def catch_up_on_bookings(*, actor: Viewer, now: datetime) -> int:
    """Tell of what nobody was told lately: its process ended in between. How many are told."""
    recent = BookingStep.objects.filter(
        kind__in=LETTERS, at__gte=now - CAUGHT_UP_FOR, at__lt=now - CAUGHT_UP_AFTER
    )
    facts = {_fact(booking, key): key for booking, key in recent.values_list("booking", "pk")}
    names = list(facts)
    for first in range(0, len(names), LOOKED_UP_AT_ONCE):
        some = names[first : first + LOOKED_UP_AT_ONCE]
        for known in Notice.objects.filter(fact__in=some).values_list("fact", flat=True):
            facts.pop(known, None)
    told = 0
    for step_id in sorted(facts.values()):
        # One that fails does not stop the others.
        try:
            told += tell_of_booking(actor=actor, step_id=step_id, now=now)
        except Exception:
            log.exception("step %s of a booking could not be told", step_id)
    return told


@transaction.atomic
def tell_of_ceiling(
    *, actor: Viewer, resource_id: int, year: int, level: str, now: datetime
) -> int:
    """Tell who acts for the owner that economic use nears its ceiling, or passed it; how many."""
    resource = Resource.objects.select_related("profile").filter(pk=resource_id).first()
    if resource is None:
        return 0
    people = [
        person
        for person in people_of_owner(resource.profile, now)
        if may_read_ledger(person, resource, now)
    ]
    for person in people:
        with translation.override(person.language):
            letter = ceiling_letter(resource, year, level, viewer=actor)
            notify(
                actor=actor,
                to=Recipient.of(person),
                topic=Topic.USE,
                fact=f"ceiling:{resource.pk}:{year}:{level}",
                subject=letter.subject,
                text=letter.text,
                html=letter.html,
                url=f"{reverse('resource_use', args=[resource.pk])}?year={year}",
                now=now,
            )
    return len(people)


def look_again_at_bookings(*, actor: Viewer, mail: OutgoingMail, now: datetime) -> bool:
    """Take out of a mail that is about to leave what its reader may read no longer.

    The mail is read again; whether it is still to be sent.
    """
    ours = Q(fact__startswith="booking:") | Q(fact__startswith="ceiling:")
    notices = Notice.objects.filter(ours, mail=mail, state=NoticeState.MAILED)
    told = list(notices.select_related("person").order_by("pk"))
    for notice in told:
        if not _still_may_read(notice, now):
            withdraw(actor=actor, fact=notice.fact, email=notice.email)
    if told:
        mail.refresh_from_db()
    return mail.state == MailState.WAITING


def _still_may_read(notice: Notice, now: datetime) -> bool:
    kind, key = notice.fact.split(":")[:2]
    if notice.person is None:
        return False
    if kind == "ceiling":
        resource = Resource.objects.select_related("profile").filter(pk=key).first()
        return resource is not None and may_read_ledger(notice.person, resource, now)
    booking = Booking.objects.select_related("resource").filter(pk=key).first()
    return booking is not None and may_read(notice.person, booking, now)


def _fact(booking_id: int, step_id: int) -> str:
    return f"booking:{booking_id}:{step_id}"


def _take_back_before(actor: Viewer, step: BookingStep) -> None:
    earlier = BookingStep.objects.filter(booking=step.booking_id, pk__lt=step.pk)
    facts = [_fact(step.booking_id, key) for key in earlier.values_list("pk", flat=True)]
    unsent = Notice.objects.filter(
        Q(state=NoticeState.HELD) | Q(state=NoticeState.MAILED, mail__state=MailState.WAITING),
        fact__in=facts,
    )
    for fact in set(unsent.values_list("fact", flat=True)):
        withdraw(actor=actor, fact=fact)


def _write(actor: Viewer, step: BookingStep, reader: BookingReader, now: datetime) -> None:
    booking, person = step.booking, reader.person
    answers = reader.part == Part.OWNER and step.kind in CALLS_ON_OWNER
    with translation.override(person.language):
        story = BookingStory(step, reader.part)
        letter = booking_letter(story)
        url = booking.get_absolute_url()
        if answers:
            url = answer_address(booking, person, viewer=actor)
        notify(
            actor=actor,
            to=Recipient.of(person),
            topic=Topic.BOOKINGS,
            fact=_fact(booking.pk, step.pk),
            subject=letter.subject,
            text=letter.text,
            html=letter.html,
            url=url,
            calendar=_calendar(story, Recipient.of(person), now),
            now=now,
        )


def _calendar(story: BookingStory, to: Recipient, now: datetime) -> bytes | None:
    """The slot for the calendar of who asked, or what takes it out again."""
    booking, kind = story.booking, BookingStepKind(story.step.kind)
    if story.part != Part.ASKER or kind not in FOR_THE_CALENDAR or booking.ends_at <= now:
        return None
    method: Method = "CANCEL" if kind in OUT_OF_THE_CALENDAR else "REQUEST"
    meeting = Meeting(
        uid=booking.uid,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        summary=calendar_title(story),
        location=place_of(story.resource),
        url=absolute(booking.get_absolute_url()),
        sequence=booking.version,
        organiser=("Trebbo", parseaddr(settings.DEFAULT_FROM_EMAIL)[1]),
        attendees=((to.name, to.email),),
        # Nobody reads what a calendar would answer.
        wants_replies=False,
    )
    return calendar_of(meeting, method=method, now=now)
