"""Passing on what one side writes to the other, whose address it need not know."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from trebbo.kernel.access import Viewer
from trebbo.kernel.policies import demand_installation
from trebbo.partnering.introductions.actions.steps import (
    By,
    IntroductionRefused,
    hold,
    write_step,
)
from trebbo.partnering.introductions.choices import (
    CONTACTS_SHARED,
    HIDDEN_FROM_CONTACT,
    ONE_DAY,
    IntroductionState,
    Side,
    StepKind,
)
from trebbo.partnering.introductions.models import RelayedMessage
from trebbo.partnering.introductions.queries.introductions import party

LONGEST_MESSAGE = 20_000
MOST_A_DAY = 20
RELAYED_IN = (IntroductionState.ASKED, *CONTACTS_SHARED)


@transaction.atomic
def relay_message(
    *,
    actor: Viewer,
    introduction_id: int,
    side: str,
    message_id: str,
    text: str,
    left_out: Sequence[str] = (),
) -> RelayedMessage:
    """Keep what a side wrote, to be passed on to the other; the same mail again is kept once.

    `left_out` names the files that are not passed on. Refuses anybody but the installation, an
    introduction over which nobody talks, an empty text, and more than `MOST_A_DAY` in 24 hours.
    """
    demand_installation(actor)
    introduction = hold(introduction_id)
    if introduction is not None and introduction.state in HIDDEN_FROM_CONTACT:
        words = _("Nobody is asked yet: agree by the link in the message, or on the page.")
        raise IntroductionRefused(words)
    if introduction is None or introduction.state not in RELAYED_IN:
        raise IntroductionRefused(_("This introduction is over: nothing is passed on any more."))
    known = RelayedMessage.objects.filter(introduction=introduction)
    key = f"{side}:{message_id}"[:300]  # both sides may have it in copy
    same = known.filter(message_id=key).first()
    if same is not None:
        return same
    words = text.replace("\x00", "").strip()[:LONGEST_MESSAGE]
    if not words:
        raise IntroductionRefused(_("The message holds no text to pass on."))
    today = known.filter(side=side, at__gt=actor.now - ONE_DAY)
    if today.count() >= MOST_A_DAY:
        raise IntroductionRefused(_("Too many messages for one day: write again tomorrow."))
    message = RelayedMessage.objects.create(
        introduction=introduction,
        side=side,
        message_id=key,
        text=words,
        left_out=list(left_out),
        at=actor.now,
    )
    who = party(introduction, Side(side), viewer=actor)
    by = By(actor, side, who.person_id if who else None, who.name if who else "")
    write_step(introduction, StepKind.RELAYED, by=by)
    return message
