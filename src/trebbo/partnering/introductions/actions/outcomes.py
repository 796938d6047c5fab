"""After both agreed: the meeting with its date, whether they met, and what came of it."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import NotAllowed
from trebbo.kernel.text import one_line
from trebbo.partnering.introductions import policies
from trebbo.partnering.introductions.actions.links import use_link
from trebbo.partnering.introductions.actions.steps import (
    By,
    IntroductionChanged,
    held_introduction,
    keep,
    move,
    record,
    refused,
    said,
    write_step,
)
from trebbo.partnering.introductions.choices import (
    IntroductionState,
    LinkPurpose,
    OutcomeKind,
    StepKind,
)
from trebbo.partnering.introductions.models import Introduction

LONGEST_PLACE = 300
FARTHEST = timedelta(days=366)


@transaction.atomic
def arrange_meeting(
    *, actor: Viewer, introduction_id: int, at: datetime, place: str = ""
) -> Introduction:
    """Say when and where they meet, or change it: both sides get it for their calendars.

    For both sides and who looks after it. Refuses a moment that is over, and what is not accepted.
    """
    introduction, by = _taking_part(actor, introduction_id, "")
    if introduction.state != IntroductionState.ACCEPTED:
        raise IntroductionChanged(introduction)
    if at <= actor.now:
        raise refused("at", _("This moment is over: choose a later one."))
    if at > actor.now + FARTHEST:
        raise refused("at", _("Choose a moment within a year."))
    where = one_line(place)
    if len(where) > LONGEST_PLACE:
        words = _("At most %(limit)s characters fit here.") % {"limit": LONGEST_PLACE}
        raise refused("place", words)
    old = introduction.meeting_at
    introduction.meeting_at, introduction.meeting_place = at, where
    introduction.meeting_changes += 1
    keep(introduction, actor)
    record(introduction, "arrange_meeting", by=by, meeting_at=(old, at))
    write_step(introduction, StepKind.MEETING_SET, by=by)
    return introduction


@transaction.atomic
def call_off_meeting(*, actor: Viewer, introduction_id: int) -> Introduction:
    """Take the date back, also from the calendars. Refuses where there is none ahead."""
    introduction, by = _taking_part(actor, introduction_id, "")
    if introduction.state != IntroductionState.ACCEPTED or not _is_ahead(introduction, actor):
        raise IntroductionChanged(introduction)
    old = introduction.meeting_at
    introduction.meeting_at = None
    introduction.meeting_changes += 1
    keep(introduction, actor)
    record(introduction, "call_off_meeting", by=by, meeting_at=(old, None))
    write_step(introduction, StepKind.MEETING_OFF, by=by)
    return introduction


@transaction.atomic
def record_meeting(
    *, actor: Viewer, introduction_id: int | None = None, token: str = ""
) -> Introduction:
    """Say that they met; what came of it is asked later. Signed in, or by the outcome's link."""
    introduction, by = _taking_part(actor, introduction_id, token)
    move(introduction, IntroductionState.MET, by=by, verb="record_meeting")
    return introduction


@transaction.atomic
def record_outcome(
    *,
    actor: Viewer,
    outcome: str,
    words: str = "",
    introduction_id: int | None = None,
    token: str = "",
) -> Introduction:
    """Say what came of it: one of `OutcomeKind`, or "nothing".

    Signed in, or by the outcome's link. Refuses an outcome that is not in the list.
    """
    nothing = outcome == IntroductionState.NOTHING
    if not nothing and outcome not in OutcomeKind.values:
        raise refused("outcome", _("Choose what came of it from the list."))
    tidy = said(words)
    introduction, by = _taking_part(actor, introduction_id, token)
    move(
        introduction,
        IntroductionState.NOTHING if nothing else IntroductionState.LED_TO,
        by=by,
        verb="record_outcome",
        words=tidy,
        outcome="" if nothing else outcome,
        outcome_words=tidy,
    )
    return introduction


def _taking_part(actor: Viewer, introduction_id: int | None, token: str) -> tuple[Introduction, By]:
    """Either side, by its link or signed in, or who looks after the introduction."""
    if token:
        found = use_link(actor=actor, purpose=LinkPurpose.OUTCOME, token=token)
        return found.introduction, found.by(actor)
    introduction = held_introduction(actor, introduction_id or 0, policies.view_introduction)
    by = By.account(actor, introduction)
    if by.side or policies.manage_introduction.allows(actor, introduction):
        return introduction, by
    raise NotAllowed(_("This introduction is not yours to decide about."))


def _is_ahead(introduction: Introduction, actor: Viewer) -> bool:
    return introduction.meeting_at is not None and introduction.meeting_at > actor.now
