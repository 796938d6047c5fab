"""What who is asked says: yes, no with a reason, or somebody else; signed in or by a link."""

from django.db import transaction
from django.utils.translation import gettext as _

from trebbo.kernel.access import Viewer
from trebbo.partnering.introductions import policies
from trebbo.partnering.introductions.actions.introductions import (
    demand_person_may_be_asked,
    new_contact,
)
from trebbo.partnering.introductions.actions.links import make_link, use_link
from trebbo.partnering.introductions.actions.steps import (
    By,
    IntroductionChanged,
    held_introduction,
    move,
    record,
    refused,
    restart,
    revoke_links,
    said,
    write_step,
)
from trebbo.partnering.introductions.choices import (
    DeclineReason,
    IntroductionState,
    LinkPurpose,
    Side,
    StepKind,
)
from trebbo.partnering.introductions.models import Introduction

MOST_PASSED_ON = 3
"""How often one introduction goes from colleague to colleague before the broker decides."""


@transaction.atomic
def accept_introduction(
    *, actor: Viewer, introduction_id: int | None = None, token: str = ""
) -> Introduction:
    """Agree to meet who asks: from now on each knows how to reach the other."""
    introduction, by = _answering(actor, introduction_id, token)
    move(
        introduction,
        IntroductionState.ACCEPTED,
        by=by,
        verb="accept_introduction",
        accepted_at=actor.now,
    )
    return introduction


@transaction.atomic
def decline_introduction(
    *,
    actor: Viewer,
    reason: str,
    words: str = "",
    introduction_id: int | None = None,
    token: str = "",
) -> Introduction:
    """Say no, with one of the reasons; `words` are for who asks. Refuses an unknown reason."""
    if reason not in DeclineReason.values:
        raise refused("reason", _("Choose a reason from the list."))
    tidy = said(words)
    introduction, by = _answering(actor, introduction_id, token)
    move(
        introduction,
        IntroductionState.DECLINED,
        by=by,
        verb="decline_introduction",
        words=tidy,
        decline_reason=reason,
        decline_words=tidy,
    )
    return introduction


@transaction.atomic
def pass_on_introduction(
    *,
    actor: Viewer,
    name: str,
    email: str,
    language: str = "it",
    introduction_id: int | None = None,
    token: str = "",
) -> Introduction:
    """Name somebody else who is asked instead, with as much time as the first.

    For who is asked, and for those who look after the introduction: the link of the first ends.
    Refuses an address that is none, the own one, and a third colleague in a row.
    """
    contact = new_contact(name, email, language)
    introduction, by = _passing_on(actor, introduction_id, token)
    if introduction.state != IntroductionState.ASKED:
        raise IntroductionChanged(introduction)
    if contact["contact_email"] == introduction.contact_email:
        raise refused("email", _("This is the address that was asked: write a colleague's."))
    passed_on = introduction.steps.filter(kind=StepKind.PASSED_ON, side=Side.CONTACT)
    if by.side == Side.CONTACT and passed_on.count() >= MOST_PASSED_ON:
        raise refused("email", _("It was passed on often enough: say no, and the broker decides."))
    demand_person_may_be_asked(introduction, contact["contact"], actor)
    revoke_links([introduction], actor)
    old = introduction.contact_name
    for field, value in contact.items():
        setattr(introduction, field, value)
    restart(introduction, actor)
    record(introduction, "pass_on_introduction", by=by, contact=(old, introduction.contact_name))
    make_link(introduction, LinkPurpose.ANSWER, Side.CONTACT, actor=actor)
    write_step(introduction, StepKind.PASSED_ON, by=by)
    return introduction


def _passing_on(actor: Viewer, introduction_id: int | None, token: str) -> tuple[Introduction, By]:
    if not token:
        looked_after = Introduction.objects.filter(pk=introduction_id or 0)
        if policies.manage_introduction.filter(actor, looked_after).exists():
            rule = policies.manage_introduction
            introduction = held_introduction(actor, introduction_id or 0, rule)
            return introduction, By.account(actor, introduction)
    return _answering(actor, introduction_id, token)


def _answering(actor: Viewer, introduction_id: int | None, token: str) -> tuple[Introduction, By]:
    if token:
        found = use_link(actor=actor, purpose=LinkPurpose.ANSWER, token=token)
        return found.introduction, found.by(actor)
    introduction = held_introduction(actor, introduction_id or 0, policies.answer_introduction)
    return introduction, By.account(actor, introduction)
