"""What introductions tell: a step told, all that a notice carries, any state as it may be."""

from datetime import datetime
from typing import Any

from tests.factories.introductions import IntroductionFactory
from tests.factories.organisations import NOW
from tests.partnering.introductions.meeting_place import Place, days
from trebbo.kernel.access import installation
from trebbo.outlets.notifications import actions as mail
from trebbo.outlets.notifications.models import Notice
from trebbo.partnering.introductions.choices import (
    CONTACTS_SHARED,
    IntroductionState,
)
from trebbo.partnering.introductions.models import (
    Introduction,
)


def tell(one: Introduction, kind: str, now: datetime = NOW) -> dict[str, Notice]:
    """Tell of the last step of a kind; the notices about it by address."""
    step = one.steps.filter(kind=kind).latest("pk")
    mail.tell_of_step(actor=installation(now), step_id=step.pk, now=now)
    return {notice.email: notice for notice in Notice.objects.filter(fact__endswith=f":{step.pk}")}


def whole(notice: Notice) -> str:
    """Everything that the notice holds and its mail carries."""
    held = notice.subject + notice.text + notice.html + notice.url
    calendar = bytes(notice.calendar).decode() if notice.calendar else ""
    letter = notice.mail
    return held + calendar + (letter.subject + letter.text + letter.html if letter else "")


def in_state(place: Place, state: IntroductionState) -> Introduction:
    """An introduction of the place in a state, as the database allows it."""
    facts: dict[str, Any] = {"state": state, "due_at": days(9)}
    if state in (*CONTACTS_SHARED, IntroductionState.ASKED, IntroductionState.DECLINED):
        facts["asked_at"] = NOW
    if state in CONTACTS_SHARED:
        facts["accepted_at"] = NOW
    if state == IntroductionState.DECLINED:
        facts["decline_reason"] = "other"
    if state == IntroductionState.LED_TO:
        facts["outcome"] = "idea"
    return IntroductionFactory(
        ask=place.ask,
        profile=place.lab,
        owner=place.olga,
        contact=place.rita,
        contact_name="Rita Researcher",
        contact_email=place.rita.email,
        contact_language="en",
        meeting_at=days(5),
        meeting_changes=1,
        **facts,
    )
