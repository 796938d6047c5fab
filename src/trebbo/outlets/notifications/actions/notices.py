"""Tells people facts, each once, and takes back what is no longer true."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Self

from django.db import transaction
from django.db.models import Q, QuerySet

from trebbo.ecosystem.accounts.models import Person
from trebbo.kernel.access import Viewer
from trebbo.kernel.text import one_line
from trebbo.outlets.notifications.actions.writing import write_again, write_letter
from trebbo.outlets.notifications.choices import Frequency, MailState, NoticeState, Topic
from trebbo.outlets.notifications.events import notice_held
from trebbo.outlets.notifications.models import MailPreference, Notice, OptOut, OutgoingMail


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a fact is told: an address, and the person behind it where there is an account."""

    email: str
    name: str = ""
    language: str = "it"
    person_id: int | None = None

    @classmethod
    def of(cls, person: Person) -> Self:
        """The person with an account, at its address and in its language."""
        return cls(person.email, person.name, person.language, person.pk)


@transaction.atomic
def notify(
    *,
    actor: Viewer,
    to: Recipient,
    topic: str,
    fact: str,
    subject: str,
    text: str,
    html: str = "",
    url: str = "",
    calendar: bytes | None = None,
    reply_to: str = "",
    urgent: bool = False,
    now: datetime,
) -> Notice:
    """Tell a recipient a fact, as they wish: at once, in the digest, or not at all.

    `fact` names it for ever, such as "introduction:12:asked": a second call, also at the same
    moment, does nothing and gives the first notice back. `text` and `html` are the bodies without
    greeting and foot; `html` must be safe, and is made from the text where it is blank. `url`
    leads to the fact; a path of this site will do. What is urgent, and what puts a date in a
    calendar, never waits for a digest; but who wants no mail gets none of these either. What the
    actor may do was asked by the action that made the fact. Refuses (ValueError) an unknown topic
    and a calendar that is not UTF-8.
    """
    if calendar is not None:
        calendar.decode()
    email = to.email.strip().lower()
    person = _person(to, email)
    state = _state(person, email, Topic(topic), at_once=urgent or calendar is not None)
    notice, is_new = Notice.objects.get_or_create(
        fact=fact,
        email=email,
        defaults={
            "person": person,
            "name": one_line(to.name)[:150],
            "language": "en" if to.language.startswith("en") else "it",
            "topic": topic,
            "subject": one_line(subject)[:300],
            "text": text,
            "html": html,
            "url": url,
            "calendar": calendar,
            "reply_to": reply_to,
            "is_urgent": urgent,
            "state": state,
            "created_at": now,
        },
    )
    if is_new and state == NoticeState.MAILED:
        notice.mail = write_letter(notice, now=now)
    elif is_new and state == NoticeState.HELD:
        transaction.on_commit(partial(notice_held.send, sender=Notice))
    return notice


@transaction.atomic
def withdraw(*, actor: Viewer, fact: str, email: str = "") -> int:
    """Take back what is not sent yet of a fact, or of all below it; how many notices that were.

    "introduction:12" also takes back "introduction:12:asked", but nothing of "introduction:123".
    Given an `email`, only what that address would be told. A fact taken back is not told again
    under the same name.
    """
    stem = fact.rstrip(":")
    facts = Notice.objects.filter(Q(fact=stem) | Q(fact__startswith=f"{stem}:"))
    if email:
        facts = facts.filter(email=email)
    withdrawn = facts.filter(state=NoticeState.HELD).update(state=NoticeState.WITHDRAWN)
    mails = OutgoingMail.objects.select_for_update().filter(state=MailState.WAITING)
    for mail in mails.filter(pk__in=facts.filter(state=NoticeState.MAILED).values("mail")):
        enclosed = Notice.objects.filter(mail=mail, state=NoticeState.MAILED)
        withdrawn += enclosed.filter(pk__in=facts).update(state=NoticeState.WITHDRAWN)
        if rest := list(enclosed.order_by("created_at", "pk")):
            write_again(mail, rest)
        else:
            cancel(OutgoingMail.objects.filter(pk=mail.pk, state=MailState.WAITING))
    return withdrawn


def cancel(mails: QuerySet[OutgoingMail]) -> int:
    """Stop these mails, also where somebody holds them: who does looks again before the end."""
    return mails.update(state=MailState.CANCELLED, lease=None, leased_until=None)


def _person(to: Recipient, email: str) -> Person | None:
    """The account behind the address, also where the sender of the news did not know of it."""
    return Person.objects.filter(Q(pk=to.person_id) if to.person_id else Q(email=email)).first()


def _state(person: Person | None, email: str, topic: Topic, *, at_once: bool) -> NoticeState:
    if person is not None and not person.is_active:
        return NoticeState.UNWANTED
    preference = MailPreference.objects.filter(person=person).first() if person else None
    if preference is None:
        opted_out = OptOut.objects.filter(email=email).exists()
        return NoticeState.UNWANTED if opted_out else NoticeState.MAILED
    if preference.frequency == Frequency.NEVER or topic in preference.topics_off:
        return NoticeState.UNWANTED
    if at_once or preference.frequency == Frequency.EACH:
        return NoticeState.MAILED
    return NoticeState.HELD
