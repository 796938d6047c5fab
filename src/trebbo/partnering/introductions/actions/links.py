"""Links by which somebody answers without signing in: made, opened, used once, revoked."""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import F
from django.utils.translation import gettext as _

from trebbo.kernel import signed_links
from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import Refusal
from trebbo.partnering.introductions.actions.steps import By, hold
from trebbo.partnering.introductions.choices import ONE_DAY, LinkPurpose, Side
from trebbo.partnering.introductions.models import AnswerLink, Introduction
from trebbo.partnering.introductions.queries.introductions import party

LONGEST_LIFE = timedelta(days=400)
OUTCOME_LINK_LASTS = timedelta(days=60)


class LinkUsed(Refusal):
    """The link was used before, or ended by what happened meanwhile; says how things stand."""

    status = 410

    def __init__(self, words: str, introduction: Introduction) -> None:
        super().__init__(words)
        self.introduction = introduction


@dataclass(frozen=True, slots=True)
class OpenLink:
    """A link that can be used now, with what it is about and who answers by it."""

    link: AnswerLink
    introduction: Introduction

    def by(self, actor: Viewer) -> By:
        """Who answers by the link, signed in or not."""
        of_person = self.link.person_id is not None
        label = str(self.link.person) if of_person else self.introduction.contact_name
        label = label or self.link.email
        return By(actor, self.link.side, self.link.person_id, label)


def make_link(
    introduction: Introduction, purpose: LinkPurpose, side: Side, *, actor: Viewer
) -> AnswerLink | None:
    """A link for who stands on the side now; None where nobody does."""
    link = new_link(introduction, purpose, side, actor=actor)
    if link is not None:
        link.save()
    return link


def new_link(
    introduction: Introduction, purpose: LinkPurpose, side: Side, *, actor: Viewer
) -> AnswerLink | None:
    """The same, not saved yet. It lasts until the question that it answers is due."""
    who = party(introduction, side, viewer=actor)
    if who is None:
        return None
    ends_at = actor.now + OUTCOME_LINK_LASTS
    if purpose != LinkPurpose.OUTCOME and introduction.due_at:
        ends_at = max(introduction.due_at, actor.now + ONE_DAY)
    return AnswerLink(
        introduction=introduction,
        purpose=purpose,
        side=side,
        email=who.email,
        person_id=who.person_id,
        made_at=actor.now,
        expires_at=ends_at,
    )


def open_link(*, actor: Viewer, purpose: str, token: str) -> OpenLink:
    """What a link is about, counted as opened and otherwise unchanged: mail scanners open links.

    Refuses a link that is altered, made for something else, expired, used or revoked, and says how
    the introduction stands.
    """
    found = _found(actor, purpose, token, held=False)
    AnswerLink.objects.filter(pk=found.link.pk).update(times_opened=F("times_opened") + 1)
    AnswerLink.objects.filter(pk=found.link.pk, opened_at__isnull=True).update(opened_at=actor.now)
    return found


def use_link(*, actor: Viewer, purpose: str, token: str) -> OpenLink:
    """Take the one use of a link, inside the transaction of the answer; refuses as `open_link`."""
    found = _found(actor, purpose, token, held=True)
    found.link.used_at = actor.now
    found.link.save(update_fields=["used_at"])
    return found


def _found(actor: Viewer, purpose: str, token: str, *, held: bool) -> OpenLink:
    seconds = int(LONGEST_LIFE.total_seconds())
    key = signed_links.read(f"introduction.{purpose}", token, max_age_seconds=seconds)
    rows = AnswerLink.objects.select_related("person", "introduction").filter(purpose=purpose)
    link = rows.filter(key=_uuid(key)).first()
    if link is None:
        raise signed_links.LinkRefused(_("This link is not valid. Copy it whole from the message."))
    introduction = link.introduction
    if held:
        # Again, now that nobody else can use it at the same moment.
        introduction = hold(link.introduction_id) or introduction
        link = rows.get(pk=link.pk)
    if words := _ended(link, introduction, actor):
        raise LinkUsed(words, introduction)
    return OpenLink(link, introduction)


def _ended(link: AnswerLink, introduction: Introduction, actor: Viewer) -> str:
    """Why the link is no longer good; blank where it is."""
    if link.used_at is not None:
        return _("This link was used already: one answer is enough.")
    if link.revoked_at is not None:
        return _("This link is no longer needed: things went on without it.")
    if link.expires_at <= actor.now:
        return _("This link has expired: nobody waits for the answer any more.")
    present = party(introduction, link.side, viewer=actor)
    if present is None or present.email != link.email:
        return _("Somebody else decides about this now.")
    return ""


def _uuid(key: object) -> uuid.UUID:
    try:
        return uuid.UUID(str(key))
    except ValueError:
        return uuid.UUID(int=0)
