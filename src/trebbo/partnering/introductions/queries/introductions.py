"""Reads introductions: one with its steps, those of an ask, and who stands on each side."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.urls import reverse

from trebbo.ecosystem.accounts.choices import MandateRole
from trebbo.ecosystem.accounts.models import Mandate, Person
from trebbo.ecosystem.accounts.queries import held_on, people_acting_for, viewer_for
from trebbo.kernel import signed_links
from trebbo.kernel.access import Viewer
from trebbo.partnering.introductions.choices import IntroductionState, LinkPurpose, Side
from trebbo.partnering.introductions.models import (
    GOOD_LINK,
    AnswerLink,
    Ask,
    Introduction,
    IntroductionStep,
)
from trebbo.partnering.introductions.policies import (
    answer_introduction,
    consent_to_introduction,
    is_asked,
    manage_introduction,
    view_introduction,
)
from trebbo.sharing.ideas.policies import edit_idea

ADDRESSES = {
    LinkPurpose.CONSENT: "consent_by_mail",
    LinkPurpose.ANSWER: "answer_by_mail",
    LinkPurpose.OUTCOME: "outcome_by_mail",
}
"""The page that each kind of link opens."""


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody to whom an introduction is told: an address, and the person behind it if known."""

    name: str
    email: str
    language: str
    person_id: int | None = None


@dataclass(frozen=True, slots=True)
class IntroductionPage:
    """One introduction with its steps, and what the viewer may do with it.

    `knows_contact` and `knows_asker` say whether the viewer may read who stands on that side:
    before both agreed, only those who look after the introduction know whom they ask. They alone
    see what became of the `links`. `knows_owner` is false where who asks looks after it themselves.
    Nobody `reads_text` here that is an idea's: its own page shows it, for its circle.
    """

    introduction: Introduction
    steps: tuple[IntroductionStep, ...]
    links: tuple[AnswerLink, ...]
    asker: Party | None
    contact: Party | None
    may_manage: bool
    may_consent: bool
    may_answer: bool
    is_asker: bool
    takes_part: bool
    reads_text: bool
    knows_asker: bool
    knows_contact: bool
    knows_owner: bool


def introduction_page(introduction_id: int, *, viewer: Viewer) -> IntroductionPage | None:
    """The introduction, if the viewer may see it."""
    one = visible_introductions(viewer=viewer).filter(pk=introduction_id).first()
    if one is None:
        return None
    manages = manage_introduction.allows(viewer, one)
    asks = consent_to_introduction.allows(viewer, one)
    is_contact = answer_introduction.allows(viewer, one)
    stands = one.contacts_are_shared or one.state == IntroductionState.ASKED
    # Who asks judges the shortlist too, and does not learn thereby whom a broker would ask.
    looks_after = manages and (not asks or one.owner_id == viewer.person_id)
    return IntroductionPage(
        introduction=one,
        steps=tuple(one.steps.select_related("person").order_by("at", "pk")),
        links=tuple(one.links.order_by("made_at", "pk")) if looks_after else (),
        asker=party(one, Side.ASKER, viewer=viewer),
        contact=party(one, Side.CONTACT, viewer=viewer),
        may_manage=manages,
        may_consent=asks and one.state == IntroductionState.PROPOSED,
        may_answer=is_asked(viewer, one),
        is_asker=asks,
        takes_part=manages or asks or is_contact,
        reads_text=one.ask.idea_id is None and (manages or asks or (is_contact and stands)),
        knows_asker=one.contacts_are_shared or manages,
        knows_contact=one.contacts_are_shared or looks_after or is_contact,
        knows_owner=one.contacts_are_shared or manages or one.owner_id != one.ask.owner_id,
    )


def introductions_of(ask: Ask, *, viewer: Viewer) -> list[Introduction]:
    """The introductions that an ask led to and the viewer may see, the last first."""
    rows = view_introduction.filter(viewer, Introduction.objects.filter(ask=ask))
    return list(rows.order_by("-changed_at", "-pk"))


def people_to_ask(profile_id: int, *, viewer: Viewer) -> list[Person]:
    """Who acts for a body today, its representatives first; nobody for a visitor."""
    acting = people_acting_for(profile_id, viewer=viewer).filter(person__is_active=True)
    return [mandate.person for mandate in acting.order_by("-role", "valid_from", "pk")]


def visible_introductions(*, viewer: Viewer) -> QuerySet[Introduction]:
    """The introductions that the viewer may see, with what their rows are told by."""
    rows = Introduction.objects.select_related("ask__asker", "ask__owner", "profile", "owner")
    return view_introduction.filter(viewer, rows.select_related("contact"))


def asker_of(ask: Ask, *, viewer: Viewer) -> Person | None:
    """Who decides for the asking side: who keeps the ask, else who represents the body that asks.

    Who keeps the ask of an idea decides as long as they work on the idea. None where nobody does
    any more.
    """
    if ask.owner is not None and ask.owner.is_active and _still_keeps(ask, ask.owner, viewer):
        return ask.owner
    acting = Mandate.objects.filter(
        held_on(viewer.today),
        profile=ask.asker_id or 0,
        role=MandateRole.REPRESENTATIVE,
        person__is_active=True,
    )
    first = acting.select_related("person").order_by("valid_from", "pk").first()
    return first.person if first else None


def party(introduction: Introduction, side: str, *, viewer: Viewer) -> Party | None:
    """Who stands on a side now; None where nobody does: the person left, say."""
    if side == Side.ASKER:
        person = asker_of(introduction.ask, viewer=viewer)
        return _party_of(person) if person else None
    if introduction.contact is not None:
        return _party_of(introduction.contact) if introduction.contact.is_active else None
    if not introduction.contact_email:
        return None
    return Party(
        introduction.contact_name, introduction.contact_email, introduction.contact_language
    )


def _still_keeps(ask: Ask, owner: Person, viewer: Viewer) -> bool:
    if ask.idea is None:
        return True
    keeper = viewer_for(owner, now=viewer.now, language=owner.language)
    return edit_idea.allows(keeper, ask.idea)


def live_link(
    introduction: Introduction, purpose: str, side: str, *, viewer: Viewer
) -> AnswerLink | None:
    """The link by which a side can answer now, if there is one."""
    return (
        AnswerLink.objects.filter(
            GOOD_LINK,
            introduction=introduction,
            purpose=purpose,
            side=side,
            expires_at__gt=viewer.now,
        )
        .order_by("-made_at", "-pk")
        .first()
    )


def address_of(link: AnswerLink) -> str:
    """The path that a mail leads to, with the key signed for this purpose alone."""
    token = signed_links.sign(f"introduction.{link.purpose}", str(link.key))
    return reverse(ADDRESSES[LinkPurpose(link.purpose)], args=[token])


def _party_of(person: Person) -> Party:
    return Party(str(person), person.email, person.language, person.pk)
