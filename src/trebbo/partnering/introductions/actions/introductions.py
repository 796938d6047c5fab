"""An introduction until it is asked: written, proposed to who asks, agreed to, withdrawn."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from trebbo.ecosystem.accounts.models import Person
from trebbo.ecosystem.organisations.models import Profile
from trebbo.ecosystem.organisations.policies import view_profile
from trebbo.kernel.access import Viewer
from trebbo.kernel.text import one_line
from trebbo.partnering.introductions import policies
from trebbo.partnering.introductions.actions.kept import held_ask
from trebbo.partnering.introductions.actions.links import make_link, use_link
from trebbo.partnering.introductions.actions.steps import (
    By,
    IntroductionChanged,
    IntroductionRefused,
    held_introduction,
    keep,
    move,
    record,
    refused,
    said,
    withdraw,
    write_step,
)
from trebbo.partnering.introductions.choices import (
    OPEN,
    IntroductionState,
    LinkPurpose,
    Side,
    StepKind,
)
from trebbo.partnering.introductions.models import Introduction
from trebbo.partnering.introductions.queries.introductions import people_to_ask
from trebbo.partnering.introductions.queries.silence import why_not_asked, why_person_not_asked

LONGEST_NAME = 150


@transaction.atomic
def draft_introduction(
    *,
    actor: Viewer,
    ask_id: int,
    profile_id: int,
    words: str = "",
    contact_id: int | None = None,
    contact_name: str = "",
    contact_email: str = "",
    contact_language: str = "it",
) -> Introduction:
    """Write an introduction of who asks to a body; nobody is told yet, and the actor owns it.

    The contact is a person who acts for the body (`contact_id`), or a name with an address.
    Refuses who may not judge the shortlist, a body that the actor may not see, the asking body
    itself, and a body to which an introduction for this ask is open: two brokers may be at it.
    """
    ask = held_ask(actor, ask_id, policies.edit_shortlist)
    profile = Profile.objects.filter(pk=profile_id).first()
    if profile is None or not view_profile.allows(actor, profile):
        raise refused("profile", _("Choose a body from the list."))
    if profile.pk == ask.asker_id:
        raise refused("profile", _("A body cannot be introduced to itself."))
    present = Introduction.objects.filter(ask=ask, profile=profile, state__in=OPEN).first()
    if present is not None:
        raise _open_already(present)
    introduction = Introduction(
        ask=ask,
        profile=profile,
        profile_name=profile.title[:300],
        owner_id=actor.person_id,
        since=actor.now,
        words=said(words),
        created_at=actor.now,
        changed_at=actor.now,
        **_contact(actor, profile, contact_id, (contact_name, contact_email, contact_language)),
    )
    introduction.save()
    by = By.account(actor, introduction)
    record(introduction, "draft_introduction", by=by, contact=(None, introduction.contact_name))
    write_step(introduction, StepKind.DRAFT, by=by)
    return introduction


@transaction.atomic
def change_introduction(
    *,
    actor: Viewer,
    introduction_id: int,
    version: int,
    words: str,
    contact_id: int | None = None,
    contact_name: str = "",
    contact_email: str = "",
    contact_language: str = "it",
) -> Introduction:
    """Change the words or the contact of a draft. Refuses one that was sent, and as drafting."""
    introduction = held_introduction(
        actor, introduction_id, policies.manage_introduction, version=version
    )
    if introduction.state != IntroductionState.DRAFT or introduction.profile is None:
        raise IntroductionRefused(_("This introduction was sent: it can no longer be changed."))
    old = introduction.contact_name
    introduction.words = said(words)
    typed = (contact_name, contact_email, contact_language)
    contact = _contact(actor, introduction.profile, contact_id, typed)
    for name, value in contact.items():
        setattr(introduction, name, value)
    keep(introduction, actor)
    changed = (old, introduction.contact_name)
    record(introduction, "change_introduction", by=By.account(actor, introduction), contact=changed)
    return introduction


@transaction.atomic
def send_introduction(*, actor: Viewer, introduction_id: int, version: int) -> Introduction:
    """Send a draft: to who asks, for their consent; where they send it themselves, to the contact.

    Refuses a closed ask, a contact that is missing, and whoever wishes not to be asked.
    """
    introduction = held_introduction(
        actor, introduction_id, policies.manage_introduction, version=version
    )
    if introduction.ask.closed_at is not None:
        raise IntroductionRefused(_("This ask is closed: it can be read, and no longer changed."))
    demand_may_be_asked(introduction, actor)
    if policies.consent_to_introduction.allows(actor, introduction):
        ask_contact(introduction, By.account(actor, introduction), verb="send_introduction")
    else:
        move(
            introduction,
            IntroductionState.PROPOSED,
            by=By.account(actor, introduction),
            verb="send_introduction",
        )
        make_link(introduction, LinkPurpose.CONSENT, Side.ASKER, actor=actor)
    return introduction


@transaction.atomic
def consent_to_introduction(
    *, actor: Viewer, introduction_id: int | None = None, token: str = ""
) -> Introduction:
    """Agree to be introduced: the contact is asked now. For the asking side, or by its link."""
    introduction, by = _asking_side(actor, introduction_id, token)
    demand_may_be_asked(introduction, actor)
    ask_contact(introduction, by, verb="consent_to_introduction")
    return introduction


@transaction.atomic
def withdraw_introduction(
    *, actor: Viewer, introduction_id: int | None = None, token: str = "", words: str = ""
) -> Introduction:
    """End an introduction that is open; whoever was told is told so.

    For those who look after it, for the asking side, and by the link that asks for its consent.
    """
    if token:
        introduction, by = _asking_side(actor, None, token)
    else:
        introduction = held_introduction(actor, introduction_id or 0, policies.manage_introduction)
        by = By.account(actor, introduction)
    withdraw(introduction, by=by, words=said(words))
    return introduction


@transaction.atomic
def take_over_introduction(*, actor: Viewer, introduction_id: int) -> Introduction:
    """Look after an introduction from now on, in the place of who did."""
    introduction = held_introduction(actor, introduction_id, policies.manage_introduction)
    if not introduction.is_open:
        raise IntroductionChanged(introduction)
    if introduction.owner_id == actor.person_id:
        return introduction
    introduction.owner_id = actor.person_id
    keep(introduction, actor)
    by = By.account(actor, introduction)
    record(introduction, "take_over_introduction", by=by)
    write_step(introduction, StepKind.TAKEN_OVER, by=by)
    return introduction


def ask_contact(introduction: Introduction, by: By, *, verb: str) -> None:
    """Ask the contact, with a link by which they answer."""
    move(introduction, IntroductionState.ASKED, by=by, verb=verb, asked_at=by.actor.now)
    make_link(introduction, LinkPurpose.ANSWER, Side.CONTACT, actor=by.actor)


def demand_may_be_asked(introduction: Introduction, actor: Viewer) -> None:
    """Refuse a contact that is missing, and a body or person that wishes not to be asked now."""
    if introduction.profile is None:
        raise IntroductionRefused(_("This body is no longer in the registry."))
    if not introduction.contact_email:
        raise refused("contact", _("Say who is to be asked: a person, or a name and an address."))
    if words := why_not_asked(introduction.ask, introduction.profile, viewer=actor):
        raise IntroductionRefused(words)
    demand_person_may_be_asked(introduction, introduction.contact, actor)


def demand_person_may_be_asked(
    introduction: Introduction, person: Person | None, actor: Viewer
) -> None:
    """Refuse a person who wishes not to be asked now, or whose account is closed."""
    if person is None:
        return
    if words := why_person_not_asked(introduction.ask, person, viewer=actor):
        raise refused("contact", words)


def new_contact(name: str, email: str, language: str) -> dict[str, Any]:
    """Somebody named with an address, and the account behind it if there is one."""
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError:
        raise refused("email", _("This is not an e-mail address.")) from None
    label = one_line(name)[:LONGEST_NAME]
    if not label:
        raise refused("name", _("Write the name of the person.")) from None
    person = Person.objects.filter(email=address, is_active=True).first()
    return {
        "contact": person,
        "contact_name": label,
        "contact_email": address,
        "contact_language": person.language if person else _known(language),
    }


def _contact(
    actor: Viewer, profile: Profile, contact_id: int | None, typed: tuple[str, str, str]
) -> dict[str, Any]:
    """The contact as given; without one, who represents the body; blank where nobody does.

    `typed` are name, address and language.
    """
    name, email, language = typed
    if email or name:
        return new_contact(name, email, language)
    acting = people_to_ask(profile.pk, viewer=actor)
    if contact_id is not None:
        acting = [one for one in acting if one.pk == contact_id]
        if not acting:
            raise refused("contact", _("This person does not act for the body."))
    if not acting:
        return {}
    person = acting[0]
    return {
        "contact": person,
        "contact_name": str(person)[:LONGEST_NAME],
        "contact_email": person.email,
        "contact_language": person.language,
    }


def _asking_side(actor: Viewer, introduction_id: int | None, token: str) -> tuple[Introduction, By]:
    if token:
        found = use_link(actor=actor, purpose=LinkPurpose.CONSENT, token=token)
        return found.introduction, found.by(actor)
    introduction = held_introduction(actor, introduction_id or 0, policies.consent_to_introduction)
    return introduction, By.account(actor, introduction)


def _open_already(present: Introduction) -> IntroductionRefused:
    told = {"name": present.profile_name, "owner": present.owner or _("somebody")}
    words = _("%(owner)s is already introducing %(name)s for this ask.") % told
    return refused("profile", words)


def _known(language: str) -> str:
    return "en" if language.startswith("en") else "it"
