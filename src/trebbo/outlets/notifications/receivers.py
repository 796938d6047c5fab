"""Has mail sent when it is written, digests when they are due, and news told."""

from collections.abc import Sequence
from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from trebbo.ecosystem.organisations.events import profile_changed
from trebbo.kernel.access import installation
from trebbo.outlets.notifications import actions
from trebbo.outlets.notifications.actions import About
from trebbo.outlets.notifications.events import mail_written, notice_held
from trebbo.outlets.notifications.tasks import (
    arrange_next,
    arrange_sending,
    tell_of_booking,
    tell_of_ceiling,
    tell_of_idea,
    tell_of_steps,
)
from trebbo.partnering.introductions.events import (
    ask_shared,
    introduction_stepped,
    introductions_ticked,
)
from trebbo.sharing.ideas.events import (
    answer_decided,
    answer_given,
    answer_withdrawn,
    comment_posted,
    idea_stepped,
    reviewer_named,
)
from trebbo.sharing.resources.events import booking_stepped, ceiling_neared

TOLD_AT_ONCE = 200
"""Steps of one job, so that other jobs come in between."""


@receiver(mail_written, dispatch_uid="send_written_mail")
def send_written_mail(**_: Any) -> None:
    """Have the mail sent by a job."""
    arrange_sending()


@receiver(notice_held, dispatch_uid="write_next_digest")
def write_next_digest(**_: Any) -> None:
    """Have the next digests written when they are due."""
    arrange_next(timezone.now())


@receiver(ask_shared, dispatch_uid="tell_of_shares")
def tell_of_shares(*, ask_id: int, **_: Any) -> None:
    """Tell the offices, and take back what is no longer true."""
    now = timezone.now()
    actions.tell_of_shares(actor=installation(now), ask_id=ask_id, now=now)


@receiver(profile_changed, dispatch_uid="withdraw_reminders")
def withdraw_reminders(*, profile_id: int, **_: Any) -> None:
    """Remind nobody of a profile that was confirmed meanwhile."""
    actions.withdraw_reminders(actor=installation(timezone.now()), profile_id=profile_id)


@receiver(introduction_stepped, dispatch_uid="tell_of_step")
def tell_of_step(*, step_id: int, **_: Any) -> None:
    """Tell at once those whom the step concerns."""
    now = timezone.now()
    actions.tell_of_step(actor=installation(now), step_id=step_id, now=now)


@receiver(introductions_ticked, dispatch_uid="tell_of_ticks")
def tell_of_ticks(*, step_ids: Sequence[int], **_: Any) -> None:
    """Have those told, by jobs, whom the clock's steps concern."""
    for first in range(0, len(step_ids), TOLD_AT_ONCE):
        tell_of_steps.enqueue(step_ids=list(step_ids[first : first + TOLD_AT_ONCE]))


@receiver(idea_stepped, dispatch_uid="tell_of_idea_step")
def tell_of_idea_step(*, step_id: int, **_: Any) -> None:
    """Have those told, by a job, whom what happened to an idea concerns."""
    tell_of_idea.enqueue(about=About.STEP.value, key=step_id)


@receiver(
    (answer_given, answer_decided, answer_withdrawn), dispatch_uid="tell_of_answer_to_an_idea"
)
def tell_of_answer(*, answer_id: int, **_: Any) -> None:
    """Have whom an answer concerns told how it stands."""
    tell_of_idea.enqueue(about=About.ANSWER.value, key=answer_id)


@receiver(comment_posted, dispatch_uid="tell_of_comment")
def tell_of_comment(*, comment_id: int, **_: Any) -> None:
    """Have those told who follow a discussion, or are mentioned in it."""
    tell_of_idea.enqueue(about=About.COMMENT.value, key=comment_id)


@receiver(reviewer_named, dispatch_uid="tell_of_review")
def tell_of_review(*, reviewer_id: int, **_: Any) -> None:
    """Have somebody told that they are asked to review."""
    tell_of_idea.enqueue(about=About.REVIEW.value, key=reviewer_id)


@receiver(booking_stepped, dispatch_uid="tell_of_booking_step")
def tell_of_booking_step(*, step_id: int, **_: Any) -> None:
    """Have those told, by a job, whom what happened to a booking concerns."""
    tell_of_booking.enqueue(step_id=step_id)


@receiver(ceiling_neared, dispatch_uid="tell_of_ceiling_neared")
def tell_of_ceiling_neared(*, resource_id: int, year: int, level: str, **_: Any) -> None:
    """Have an owner told, by a job, that economic use nears its ceiling."""
    tell_of_ceiling.enqueue(resource_id=resource_id, year=year, level=str(level))
