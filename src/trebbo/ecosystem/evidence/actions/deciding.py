"""A manager says who is who: accepts, refuses or splits a link, and may take it back."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from trebbo.ecosystem.evidence import policies
from trebbo.ecosystem.evidence.actions.attribution import attribute
from trebbo.ecosystem.evidence.actions.identifying import give_identifiers, take_identifiers_back
from trebbo.ecosystem.evidence.actions.linking import link_bodies
from trebbo.ecosystem.evidence.choices import (
    DECIDED,
    DECISION_WORDS,
    SETTLED,
    LinkState,
)
from trebbo.ecosystem.evidence.models import Link, Participation
from trebbo.ecosystem.evidence.queries.links import holders
from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel import audit
from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import Refusal


class LinkRefused(Refusal):
    """The decision on a link cannot be taken, or not any more."""

    status = 409


class LinkOvertaken(LinkRefused):
    """Somebody else decided first; `link` is as they left it."""

    def __init__(self, message: str, link: Link) -> None:
        super().__init__(message)
        self.link = link


@transaction.atomic
def accept_link(*, actor: Viewer, link_id: int) -> Link:
    """Say that the body is the profile: its projects and its identifier are the profile's.

    Refuses where somebody decided already (saying who and what), and where the body is another
    profile already.
    """
    link = _undecided(actor, link_id)
    _refuse_second_profile(link)
    return _decide(actor, link, LinkState.ACCEPTED)


@transaction.atomic
def refuse_link(*, actor: Viewer, link_id: int) -> Link:
    """Say that the body is not the profile; the pair is not brought up again.

    Refuses where somebody decided already, saying who and what.
    """
    link = _undecided(actor, link_id)
    was_made = link.state == LinkState.MADE
    _decide(actor, link, LinkState.REFUSED)
    if was_made and link.profile_id is not None:
        # Beside a certain link the likely ones were not asked about; now they are.
        link_bodies(actor=actor, body_ids=[link.body_id])
    return link


@transaction.atomic
def split_link(*, actor: Viewer, link_id: int) -> Link:
    """Say that several bodies stand under the name: its projects are given one by one.

    Refuses where somebody decided already, and a link between two registers.
    """
    link = _undecided(actor, link_id)
    if link.profile_id is None:
        raise LinkRefused(_("Only a link to a profile of the registry can be split."))
    _refuse_second_profile(link)
    return _decide(actor, link, LinkState.SPLIT)


@transaction.atomic
def undo_decision(*, actor: Viewer, link_id: int) -> Link:
    """Take a decision back: the link waits for one again, and what followed from it is undone.

    Refuses where there is none (any more).
    """
    link = _held(actor, link_id)
    if link.state not in DECIDED:
        raise LinkRefused(_("There is no decision to take back: this link waits for one."))
    take_identifiers_back(actor=actor, links=[link])
    before = link.state
    link.state, link.decided_by_id, link.decided_at = LinkState.PROPOSED, None, None
    link.save(update_fields=["state", "decided_by", "decided_at"])
    _write_down(actor, "undo_link", link, before)
    attribute(actor=actor, body_ids=[link.body_id])
    return link


@transaction.atomic
def give_participations(
    *, actor: Viewer, link_id: int, participation_ids: Iterable[int], profile_id: int | None
) -> int:
    """Give projects of a body that was split to the organisation or one of its units, or nobody.

    Returns how many changed hands. Refuses a link that is not split, somebody else's projects, and
    a profile that is not of the organisation or not in the actor's care.
    """
    link = _held(actor, link_id)
    if link.state != LinkState.SPLIT or link.profile_id is None:
        raise LinkRefused(_("Only the projects of a body that was split are given one by one."))
    rows = Participation.objects.filter(pk__in=list(participation_ids), body=link.body_id)
    whose: Profile | None = None
    if profile_id is not None:
        whose = holders(link.profile_id, viewer=actor).filter(pk=profile_id).first()
        if whose is None:
            raise LinkRefused(_("Choose the organisation or one of its units that you look after."))
    moved = rows.exclude(given_to=profile_id) if profile_id else rows.filter(given_to__isnull=False)
    names = [str(row.project) for row in moved.select_related("project").order_by("pk")]
    if not names:
        return 0
    rows.update(given_to=profile_id)
    audit.record(
        actor=actor,
        verb="give_participations",
        subject=Profile.objects.get(pk=link.profile_id),
        changes={"body": ("", _named(link)), "projects": ("", names), "given_to": ("", whose)},
    )
    attribute(actor=actor, body_ids=[link.body_id])
    return len(names)


def assign_participation(
    *, actor: Viewer, participation_id: int, profile_id: int | None
) -> Participation:
    """Give one project of a body that was split; refuses as `give_participations`."""
    participation = Participation.objects.get(pk=participation_id)
    link = Link.objects.filter(body=participation.body_id, state=LinkState.SPLIT).first()
    if link is None:
        raise LinkRefused(_("Only the projects of a body that was split are given one by one."))
    give_participations(
        actor=actor, link_id=link.pk, participation_ids=[participation_id], profile_id=profile_id
    )
    participation.refresh_from_db()
    return participation


def _held(actor: Viewer, link_id: int) -> Link:
    """The link, held until the transaction ends; refuses those who may not decide on it."""
    # Locked first and read afterwards: what somebody wrote meanwhile is then read whole.
    Link.objects.select_for_update().filter(pk=link_id).first()
    rows = Link.objects.select_related("profile", "body", "same_body", "decided_by")
    link = rows.filter(pk=link_id).first()
    if link is None:
        raise LinkRefused(_("This link is no longer proposed: the evidence has changed."))
    policies.decide_link.demand(
        actor, link, _("Only an office that looks after the profile says who it is.")
    )
    return link


def _undecided(actor: Viewer, link_id: int) -> Link:
    link = _held(actor, link_id)
    if link.state in DECIDED:
        raise LinkOvertaken(_who_decided(link), link)
    return link


def _who_decided(link: Link) -> str:
    words = DECISION_WORDS[LinkState(link.state)]
    who = str(link.decided_by) if link.decided_by else _("Somebody")
    at = link.decided_at
    when = date_format(timezone.localtime(at), "SHORT_DATETIME_FORMAT") if at else "—"
    return str(words) % {"name": who, "when": when}


def _refuse_second_profile(link: Link) -> None:
    if link.profile_id is None:
        return
    others = Link.objects.filter(
        body=link.body_id, state__in=(*SETTLED, LinkState.SPLIT), profile__isnull=False
    ).exclude(pk=link.pk)
    other = others.select_related("profile").first()
    if other is not None:
        raise LinkRefused(
            _(
                "This body is linked to “%(name)s” already: "
                "refuse that link, or take it back, before making another."
            )
            % {"name": other.profile}
        )


def _decide(actor: Viewer, link: Link, state: LinkState) -> Link:
    before = link.state
    link.state, link.decided_by_id, link.decided_at = state, actor.person_id, actor.now
    try:
        with transaction.atomic():
            link.save(update_fields=["state", "decided_by", "decided_at"])
    except IntegrityError as error:
        raise LinkRefused(_("Somebody has just linked this body to another profile.")) from error
    _write_down(actor, "decide_link", link, before)
    if link.profile_id is not None:
        if before == LinkState.MADE:
            take_identifiers_back(actor=actor, links=[link])
        if state == LinkState.ACCEPTED:
            give_identifiers(actor=actor, links=[link])
        attribute(actor=actor, body_ids=[link.body_id])
    return link


def _write_down(actor: Viewer, verb: str, link: Link, before: str) -> None:
    """One line, on the profile where there is one: its people see who decided."""
    changes: Mapping[str, tuple[Any, Any]] = {
        "body": ("", _named(link)),
        "decision": (LinkState(before).label, LinkState(link.state).label),
    }
    subject = link.body if link.profile is None else link.profile
    audit.record(actor=actor, verb=verb, subject=subject, changes=changes)


def _named(link: Link) -> str:
    other = f" = {link.same_body.name}" if link.same_body else ""
    return f"{link.body.name} ({link.body.scheme.upper()} {link.body.key}){other}"
