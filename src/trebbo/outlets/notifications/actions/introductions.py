"""Tells the people of an introduction, step by step, what happened and what waits for them."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import translation
from django.utils.formats import date_format
from django.utils.timezone import localtime

from trebbo.ecosystem.accounts.queries import viewer_for
from trebbo.kernel.access import Viewer
from trebbo.outlets.notifications.actions.calendars import (
    Meeting,
    Method,
    calendar_of,
    start_of,
)
from trebbo.outlets.notifications.actions.letters import (
    LETTERS,
    Part,
    Story,
    left_out_letter,
    letter_of,
    meeting_title,
)
from trebbo.outlets.notifications.actions.news import office_of
from trebbo.outlets.notifications.actions.notices import Recipient, notify, withdraw
from trebbo.outlets.notifications.actions.relay import reply_address
from trebbo.outlets.notifications.actions.unreachable import Because, bring_to_owner
from trebbo.outlets.notifications.actions.writing import absolute, domain_of_mail
from trebbo.outlets.notifications.choices import MailState, NoticeState, Topic
from trebbo.outlets.notifications.models import Notice
from trebbo.partnering.introductions.choices import (
    IntroductionState,
    LinkPurpose,
    Side,
    StepKind,
    Turn,
)
from trebbo.partnering.introductions.models import (
    AskShare,
    Introduction,
    IntroductionStep,
    RelayedMessage,
)
from trebbo.partnering.introductions.policies import manage_introduction
from trebbo.partnering.introductions.queries.introductions import (
    Party,
    address_of,
    live_link,
    party,
)

CAUGHT_UP_AFTER = timedelta(minutes=5)
"""Steps younger than this are being told by whoever made them."""
CAUGHT_UP_FOR = timedelta(days=2)
LOOKED_UP_AT_ONCE = 400
MEETING_LASTS = timedelta(hours=1)

BOTH = (Part.ASKER, Part.CONTACT)
SIDES = {Part.ASKER: Side.ASKER, Part.CONTACT: Side.CONTACT}
READERS: dict[StepKind, tuple[Part, ...]] = {
    StepKind.PROPOSED: (Part.ASKER,),
    StepKind.ASKED: (Part.CONTACT,),
    StepKind.PASSED_ON: (Part.CONTACT,),
    StepKind.NUDGED: BOTH,
    StepKind.ACCEPTED: (*BOTH, Part.OWNER),
    StepKind.DECLINED: (Part.ASKER, Part.OWNER),
    StepKind.EXPIRED: (*BOTH, Part.OWNER),
    StepKind.WITHDRAWN: (*BOTH, Part.OWNER),
    StepKind.ESCALATED: (Part.OWNER,),
    StepKind.UNREACHABLE: (Part.OWNER,),
    StepKind.MEETING_SET: BOTH,
    StepKind.MEETING_OFF: BOTH,
    StepKind.OUTCOME_ASKED: BOTH,
    StepKind.MET: (*BOTH, Part.OWNER),
    StepKind.LED_TO: (*BOTH, Part.OWNER),
    StepKind.NOTHING: (*BOTH, Part.OWNER),
    StepKind.RELAYED: BOTH,
}
"""Who may be told of each step, sides first: who is both a side and the owner reads as a side."""
TELLS_WHO_DID_IT = (
    StepKind.ACCEPTED,  # how to reach the other
    StepKind.MEETING_SET,  # the date for the own calendar
    StepKind.MEETING_OFF,
    StepKind.PASSED_ON,  # the colleague stands on the same side
)
ASKS_A_SIDE = (StepKind.PROPOSED, StepKind.ASKED, StepKind.PASSED_ON)
CALLS_FOR_ACTION = (
    *ASKS_A_SIDE,
    StepKind.NUDGED,
    StepKind.ESCALATED,
    StepKind.UNREACHABLE,
    StepKind.OUTCOME_ASKED,
)
ENDS_THE_TURN = (*IntroductionState.values, StepKind.PASSED_ON)
"""Steps after which what was asked before is no longer asked."""
OF_THE_MEETING = (StepKind.MEETING_SET, StepKind.MEETING_OFF)
URGENT = (StepKind.ESCALATED, StepKind.UNREACHABLE)
TOPICS = {StepKind.NUDGED: Topic.REMINDERS, StepKind.OUTCOME_ASKED: Topic.OUTCOMES}
PURPOSES = {
    IntroductionState.PROPOSED: LinkPurpose.CONSENT,
    IntroductionState.ASKED: LinkPurpose.ANSWER,
    IntroductionState.ACCEPTED: LinkPurpose.OUTCOME,
    IntroductionState.MET: LinkPurpose.OUTCOME,
}
"""What the link in a mail that calls for action is good for."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who is told of a step, and in which part."""

    part: Part
    to: Recipient


@transaction.atomic
def tell_of_step(*, actor: Viewer, step_id: int, now: datetime) -> int:
    """Write to whom a step concerns, each once; how many are told by it.

    Nobody is told of what they did themselves. What was asked before, and has not left, is taken
    back when a step ends it; a question that is over by now is asked no more. Before both agreed
    no mail says who the other side is, beyond the name of its body.
    """
    step = next(iter(_steps([step_id])), None)
    if step is None or step.kind not in LETTERS:
        return 0
    _take_back(actor, step)
    return 0 if _is_over(step) else _tell(actor, step, now)


def tell_of_steps(*, actor: Viewer, step_ids: Iterable[int], now: datetime) -> int:
    """Tell of many steps, each for itself, so that one that fails does not stop the others."""
    told = 0
    for step_id in step_ids:
        try:
            told += tell_of_step(actor=actor, step_id=step_id, now=now)
        except Exception:
            log.exception("step %s of an introduction could not be told", step_id)
    return told


def catch_up_on_steps(*, actor: Viewer, now: datetime) -> int:
    """Tell of what nobody was told lately: its process ended in between. How many are told."""
    recent = IntroductionStep.objects.filter(
        kind__in=LETTERS, at__gte=now - CAUGHT_UP_FOR, at__lt=now - CAUGHT_UP_AFTER
    )
    rows = recent.values_list("pk", "introduction", "kind")
    facts = {_fact(introduction, key, kind): key for key, introduction, kind in rows}
    names = list(facts)
    for first in range(0, len(names), LOOKED_UP_AT_ONCE):
        some = names[first : first + LOOKED_UP_AT_ONCE]
        for known in Notice.objects.filter(fact__in=some).values_list("fact", flat=True):
            facts.pop(known, None)
    return tell_of_steps(actor=actor, step_ids=sorted(facts.values()), now=now)


def tell_of_left_out(*, actor: Viewer, message: RelayedMessage, now: datetime) -> int:
    """Tell who wrote a message that its files were not passed on; 0 or 1."""
    introduction, side = message.introduction, Side(message.side)
    who = party(introduction, side, viewer=actor)
    step = IntroductionStep(introduction=introduction, kind=StepKind.RELAYED, at=message.at)
    if who is None or not message.left_out:
        return 0
    with translation.override(who.language):
        letter = left_out_letter(Story(step, Part(side.value), message=message))
        notify(
            actor=actor,
            to=_recipient(who),
            topic=Topic.INTRODUCTIONS,
            fact=f"introduction:{introduction.pk}:files:{message.pk}",
            subject=letter.subject,
            text=letter.text,
            html=letter.html,
            url=_page(introduction, who.person_id),
            reply_to=reply_address(introduction.pk, side),
            now=now,
        )
    return 1


def _steps(step_ids: Iterable[int]) -> list[IntroductionStep]:
    rows = IntroductionStep.objects.select_related(
        "introduction__ask__asker",
        "introduction__ask__owner",
        "introduction__contact",
        "introduction__owner",
    )
    return list(rows.filter(pk__in=list(step_ids)).prefetch_related("introduction__steps"))


def _fact(introduction_id: int, step_id: int, kind: str) -> str:
    about = "turn" if kind in CALLS_FOR_ACTION else "news"
    return f"introduction:{introduction_id}:{about}:{step_id}"


def _take_back(actor: Viewer, step: IntroductionStep) -> None:
    """Take back what earlier steps asked for and nobody reads any more."""
    if step.kind not in ENDS_THE_TURN:
        return
    earlier = [
        _fact(step.introduction_id, one.pk, one.kind)
        for one in step.introduction.steps.all()
        if one.pk < step.pk and one.kind in CALLS_FOR_ACTION
    ]
    unsent = Notice.objects.filter(
        Q(state=NoticeState.HELD) | Q(state=NoticeState.MAILED, mail__state=MailState.WAITING),
        fact__in=earlier,
    )
    for fact in set(unsent.values_list("fact", flat=True)):
        withdraw(actor=actor, fact=fact)


def _is_over(step: IntroductionStep) -> bool:
    """Whether a later step made this one pointless to tell: it comes late."""
    ended_by: tuple[str, ...] = ()
    if step.kind in CALLS_FOR_ACTION:
        ended_by = ENDS_THE_TURN
    elif step.kind in OF_THE_MEETING:
        ended_by = (*OF_THE_MEETING, *IntroductionState.values)
    return any(one.pk > step.pk and one.kind in ended_by for one in step.introduction.steps.all())


def _tell(actor: Viewer, step: IntroductionStep, now: datetime) -> int:
    message = _message_of(step) if step.kind == StepKind.RELAYED else None
    told: set[str] = set()
    for reader in _readers(actor, step, now):
        if reader.to.email.lower() not in told:
            told.add(reader.to.email.lower())
            _write(actor, step, reader, message, now)
    if step.kind in ASKS_A_SIDE and not told:
        bring_to_owner(actor=actor, introduction=step.introduction, because=Because.NOBODY)
    return len(told)


def _readers(actor: Viewer, step: IntroductionStep, now: datetime) -> Iterator[Reader]:
    for part in READERS[StepKind(step.kind)]:
        if not _concerns(step, part):
            continue
        for to in _recipients(actor, step, part, now):
            did_it = to.person_id is not None and to.person_id == step.person_id
            if not did_it or step.kind in TELLS_WHO_DID_IT:
                yield Reader(part, to)


def _concerns(step: IntroductionStep, part: Part) -> bool:
    """Whether somebody in this part is told of the step, as the introduction stands."""
    introduction = step.introduction
    if step.side == part.value and step.kind not in TELLS_WHO_DID_IT:
        return False
    if part == Part.OWNER:
        return True
    if step.kind == StepKind.NUDGED:
        turn = introduction.stage.turn
        return turn == Turn.BOTH or turn.value == part.value
    if step.kind in (StepKind.EXPIRED, StepKind.WITHDRAWN):
        knows = [StepKind.ASKED]
        if part == Part.ASKER:
            knows.append(StepKind.PROPOSED)
        return any(one.kind in knows for one in introduction.steps.all())
    return True


def _recipients(
    actor: Viewer, step: IntroductionStep, part: Part, now: datetime
) -> Iterator[Recipient]:
    introduction = step.introduction
    if part != Part.OWNER:
        who = party(introduction, SIDES[part], viewer=actor)
        if who is not None:
            yield _recipient(who)
    elif introduction.owner is not None and _still_looks_after(introduction, now):
        yield Recipient.of(introduction.owner)
    elif step.kind in URGENT:
        for share in AskShare.objects.filter(ask=introduction.ask_id).order_by("pk"):
            yield from map(Recipient.of, office_of(share, now))


def _still_looks_after(introduction: Introduction, now: datetime) -> bool:
    """Whether the owner may: an office with which an ask is no longer shared hears no more."""
    owner = introduction.owner
    if owner is None or not owner.is_active:
        return False
    viewer = viewer_for(owner, now=now, language=owner.language)
    return manage_introduction.allows(viewer, introduction)


def _recipient(who: Party) -> Recipient:
    return Recipient(who.email, who.name, who.language, who.person_id)


def _write(
    actor: Viewer,
    step: IntroductionStep,
    reader: Reader,
    message: RelayedMessage | None,
    now: datetime,
) -> None:
    introduction, kind = step.introduction, StepKind(step.kind)
    is_side = reader.part != Part.OWNER
    reply_to = reply_address(introduction.pk, SIDES[reader.part]) if is_side else ""
    before = _calendar_before(step) if kind == StepKind.MEETING_OFF else None
    with translation.override(reader.to.language):
        link = _link(actor, step, reader)
        story = Story(
            step,
            reader.part,
            other=_other(actor, introduction, reader.part),
            message=message,
            is_relayed=bool(reply_to),
            has_link=bool(link),
            was=_moment_of(before),
        )
        letter = letter_of(story)
        notice = notify(
            actor=actor,
            to=reader.to,
            topic=TOPICS.get(kind, Topic.INTRODUCTIONS),
            fact=_fact(introduction.pk, step.pk, kind),
            subject=letter.subject,
            text=letter.text,
            html=letter.html,
            url=link or _page(introduction, reader.to.person_id),
            calendar=_calendar(story, reader.to, before, now) if is_side else None,
            reply_to=reply_to,
            urgent=kind in URGENT,
            now=now,
        )
    if kind in ASKS_A_SIDE and notice.state == NoticeState.UNWANTED:
        bring_to_owner(actor=actor, introduction=introduction, because=Because.UNWANTED)


def _other(actor: Viewer, introduction: Introduction, part: Part) -> Party | None:
    """Who stands on the other side, once both agreed."""
    if part == Part.OWNER or not introduction.contacts_are_shared:
        return None
    other = Side.CONTACT if part == Part.ASKER else Side.ASKER
    return party(introduction, other, viewer=actor)


def _link(actor: Viewer, step: IntroductionStep, reader: Reader) -> str:
    """The link by which the reader answers without signing in, where there is one."""
    introduction = step.introduction
    purpose = PURPOSES.get(IntroductionState(introduction.state))
    if step.kind not in CALLS_FOR_ACTION or reader.part == Part.OWNER or purpose is None:
        return ""
    link = live_link(introduction, purpose, SIDES[reader.part], viewer=actor)
    return address_of(link) if link is not None and link.email == reader.to.email else ""


def _page(introduction: Introduction, person_id: int | None) -> str:
    return introduction.get_absolute_url() if person_id else ""


def _message_of(step: IntroductionStep) -> RelayedMessage | None:
    """What the step passes on."""
    written = RelayedMessage.objects.filter(introduction=step.introduction_id, side=step.side)
    return written.filter(at__lte=step.at).order_by("-at", "-pk").first()


def _calendar_before(step: IntroductionStep) -> bytes | None:
    """The date that was last sent for calendars, before this step."""
    facts = [
        _fact(step.introduction_id, one.pk, one.kind)
        for one in step.introduction.steps.all()
        if one.pk < step.pk and one.kind == StepKind.MEETING_SET
    ]
    sent = Notice.objects.filter(fact__in=facts, calendar__isnull=False).order_by("-pk").first()
    return bytes(sent.calendar) if sent and sent.calendar else None


def _moment_of(calendar: bytes | None) -> str:
    if calendar is None:
        return ""
    return date_format(localtime(start_of(calendar)[0]), "DATETIME_FORMAT")


def _calendar(story: Story, to: Recipient, before: bytes | None, now: datetime) -> bytes | None:
    """The date for the reader's calendar, or what takes it out again, if it is still ahead.

    The reader alone is on it: who else comes stands in the mail, where that may be said.
    """
    introduction, kind = story.introduction, StepKind(story.step.kind)
    sequence = introduction.meeting_changes
    if kind == StepKind.MEETING_SET and introduction.meeting_at is not None:
        method: Method = "REQUEST"
        starts_at, place = introduction.meeting_at, introduction.meeting_place
    elif kind == StepKind.MEETING_OFF and before is not None:
        method = "CANCEL"
        starts_at, place = start_of(before)
    elif kind == StepKind.WITHDRAWN and introduction.meeting_at and introduction.meeting_at > now:
        method, sequence = "CANCEL", sequence + 1
        starts_at, place = introduction.meeting_at, introduction.meeting_place
    else:
        return None
    meeting = Meeting(
        uid=f"introduction-{introduction.pk}@{domain_of_mail()}",
        starts_at=starts_at,
        ends_at=starts_at + MEETING_LASTS,
        summary=meeting_title(story),
        location=place,
        url=absolute(_page(introduction, to.person_id)),
        sequence=sequence,
        organiser=("Trebbo", parseaddr(settings.DEFAULT_FROM_EMAIL)[1]),
        attendees=((to.name, to.email),),
        # Nobody reads what a calendar would answer.
        wants_replies=False,
    )
    return calendar_of(meeting, method=method, now=now)
