"""Brings an introduction to its owner where the mail that asks for an answer reaches nobody."""

from enum import Enum

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from trebbo.kernel.access import Viewer
from trebbo.outlets.notifications.models import OutgoingMail
from trebbo.partnering.introductions.actions import note_unreachable
from trebbo.partnering.introductions.choices import IntroductionState, Side
from trebbo.partnering.introductions.models import Introduction
from trebbo.partnering.introductions.queries.introductions import party

ASKED_SIDE = {
    IntroductionState.PROPOSED: Side.ASKER,
    IntroductionState.ASKED: Side.CONTACT,
}


class Because(Enum):
    """Why a mail reaches nobody; never in a server's words, since these hold the address."""

    UNWANTED = _("They want no messages.")
    RETURNED = _("The message came back.")
    NOBODY = _("There is nobody to write to.")


def bring_to_owner(*, actor: Viewer, introduction: Introduction, because: Because) -> bool:
    """Tell whoever looks after an introduction that its question reaches nobody; whether it was
    news. Nothing happens where the question is answered, or where they know.
    """
    language = introduction.owner.language if introduction.owner else "it"
    with translation.override(language):
        words = str(because.value)
    step = note_unreachable(actor=actor, introduction_id=introduction.pk, words=words)
    return step is not None


def bring_returned_to_owners(*, actor: Viewer, mail: OutgoingMail) -> int:
    """Do so for each introduction that the mail, which came back, asked about; how many.

    Where somebody else is asked by now, the mail no longer matters.
    """
    facts = mail.notices.filter(fact__startswith="introduction:", fact__contains=":turn:")
    keys = {int(fact.split(":")[1]) for fact in facts.values_list("fact", flat=True)}
    brought = 0
    for introduction in Introduction.objects.filter(pk__in=keys).select_related(
        "ask__owner", "contact", "owner"
    ):
        side = ASKED_SIDE.get(IntroductionState(introduction.state))
        asked = party(introduction, side, viewer=actor) if side else None
        if asked is not None and asked.email.lower() == mail.to_email:
            brought += bring_to_owner(
                actor=actor, introduction=introduction, because=Because.RETURNED
            )
    return brought
