"""What people can do about accounts: invite, accept, appoint, end, and keep their own details."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from trebbo.ecosystem.accounts import policies
from trebbo.ecosystem.accounts.choices import ClusterRoleKind, MandateRole, NetworkRoleKind
from trebbo.ecosystem.accounts.models import (
    ClusterRole,
    Held,
    Invitation,
    Mandate,
    NetworkRole,
    Person,
    related,
)
from trebbo.ecosystem.accounts.queries import (
    held_on,
    is_last_representative,
    owns_address,
)
from trebbo.kernel import signed_links
from trebbo.kernel.access import Viewer
from trebbo.kernel.audit import record
from trebbo.kernel.errors import NotAllowed, Refusal
from trebbo.kernel.text import one_line

INVITATION = "invitation"
OPEN_INVITATIONS = 50


class InvitationRefused(Refusal):
    """The invitation cannot be made, or can no longer be accepted."""


class InvitationForSomebodyElse(InvitationRefused):
    """The person signed in has another address than the one invited, and has not said "yes"."""


class MandateRefused(Refusal):
    """The mandate cannot be given or ended."""


class RoleRefused(Refusal):
    """The role cannot be given or ended."""


class PersonRefused(Refusal):
    """The account cannot be opened or changed."""


# --- People


@transaction.atomic
def register_person(
    *,
    actor: Viewer,
    email: str,
    name: str,
    language: str = "it",
    is_synthetic: bool = False,
) -> Person:
    """Open an account with a verified address and no password.

    Only those who coordinate a network may; the person sets a password by "forgotten password".
    Refuses an address that is known already.
    """
    if not policies.may_register_people(actor):
        raise NotAllowed(_("Only the coordinating agency may open accounts without an invitation."))
    return _open_account(actor, email, name, language, is_synthetic=is_synthetic)


@transaction.atomic
def appoint_first_agency(
    *,
    actor: Viewer,
    network_id: int,
    email: str,
    name: str,
    language: str = "it",
    is_synthetic: bool = False,
) -> Person:
    """Give a network its very first person of the agency, who then appoints everybody else.

    The installation does this, from its command line. Refuses as soon as the network has ever had
    one: from then on people appoint people.
    """
    if not actor.is_installation:
        raise NotAllowed(_("The first person of the agency is appointed from the command line."))
    network = related(NetworkRole, "network").objects.select_for_update().get(pk=network_id)
    if NetworkRole.objects.filter(network=network, role=NetworkRoleKind.AGENCY).exists():
        raise RoleRefused(_("This network has its agency already: its people appoint the others."))
    known = Person.objects.filter(email=email.strip().lower()).first()
    person = known or _open_account(actor, email, name, language, is_synthetic=is_synthetic)
    role = NetworkRole.objects.create(
        person=person, network=network, role=NetworkRoleKind.AGENCY, valid_from=actor.today
    )
    record(actor=actor, verb="appoint_first_agency", subject=role)
    return person


@transaction.atomic
def edit_account(*, actor: Viewer, name: str, language: str) -> Person:
    """Change one's own name and the language of one's messages."""
    person = _acting_person(actor)
    name = one_line(name)
    if not name:
        raise PersonRefused(_("A name is needed."), {"name": _("A name is needed.")})
    if language not in {"it", "en"}:
        words = _("Choose Italian or English.")
        raise PersonRefused(words, {"language": words})
    changes = {
        field: (getattr(person, field), value)
        for field, value in (("name", name[:150]), ("language", language))
        if getattr(person, field) != value
    }
    for field, (_old, value) in changes.items():
        setattr(person, field, value)
    if changes:
        person.save(update_fields=list(changes))
        record(actor=actor, verb="edit_account", subject=person, changes=changes)
    return person


# --- Invitations


@transaction.atomic
def invite_colleague(
    *, actor: Viewer, profile_id: int, email: str, role: str, language: str = "it"
) -> Invitation:
    """Invite an address to act for a profile; an open invitation of the same address is replaced.

    Refuses people who act for it already in that role, and more open invitations than an
    organisation can need.
    """
    profile = related(Mandate, "profile").objects.select_for_update().get(pk=profile_id)
    _demand_invite(actor, profile)
    email = email.strip().lower()
    present = Mandate.objects.filter(
        held_on(actor.today), profile=profile, person__email=email, role=MandateRole(role)
    )
    if present.exists():
        words = _("This person acts for it already, in this role.")
        raise InvitationRefused(words, {"email": words})
    opened = Invitation.objects.filter(_still_open(actor), profile=profile)
    for former in opened.filter(email=email):
        former.revoked_at = actor.now
        former.save(update_fields=["revoked_at"])
    if opened.count() >= OPEN_INVITATIONS:
        raise InvitationRefused(_("Too many invitations are open: revoke some first."))
    invitation = Invitation.objects.create(
        email=email,
        profile=profile,
        role=MandateRole(role),
        language=language if language in {"it", "en"} else "it",
        invited_by_id=actor.person_id,
        invited_at=actor.now,
        expires_at=actor.now + timedelta(days=settings.INVITATION_DAYS),
    )
    record(
        actor=actor,
        verb="invite_colleague",
        subject=profile,
        changes={"email": (None, email), "role": (None, role)},
    )
    return invitation


def send_invitation(*, actor: Viewer, invitation_id: int, origin: str) -> bool:
    """Write to the invited address, in its language; `origin` is like "https://example.org".

    Gives back whether a message went out: nothing is sent for an invitation no longer open.
    """
    rows = Invitation.objects.filter(_still_open(actor)).select_related("profile", "invited_by")
    invitation = rows.filter(pk=invitation_id).first()
    if invitation is None:
        return False
    with translation.override(invitation.language):
        token = signed_links.sign(INVITATION, invitation.pk)
        context = {
            "invitation": invitation,
            "address": origin.rstrip("/") + reverse("invitation", args=[token]),
        }
        subject = one_line(render_to_string("accounts/email/invitation_subject.txt", context))
        message = EmailMultiAlternatives(
            subject,
            render_to_string("accounts/email/invitation.txt", context),
            to=[invitation.email],
        )
        message.attach_alternative(
            render_to_string("accounts/email/invitation.html", context), "text/html"
        )
    return message.send() == 1


@transaction.atomic
def revoke_invitation(*, actor: Viewer, invitation_id: int) -> Invitation:
    """Close an invitation: its link no longer works."""
    invitation = Invitation.objects.select_related("profile").get(pk=invitation_id)
    _demand_invite(actor, invitation.profile)
    rows = Invitation.objects.filter(
        pk=invitation_id, accepted_at__isnull=True, revoked_at__isnull=True
    )
    if not rows.update(revoked_at=actor.now):
        raise InvitationRefused(_("This invitation is no longer open."))
    record(
        actor=actor,
        verb="revoke_invitation",
        subject=invitation.profile,
        changes={"email": (invitation.email, None)},
    )
    invitation.refresh_from_db()
    return invitation


@transaction.atomic
def accept_invitation(*, actor: Viewer, token: str, as_other: bool = False) -> Mandate:
    """Take up an invitation, once: the person acts for the profile from today.

    A person with another address than the one invited must say so explicitly (`as_other`).
    Of two who try at once the row lets one through.
    """
    person = _acting_person(actor)
    invitation = read_invitation(actor=actor, token=token)
    if not (as_other or owns_address(invitation.email, viewer=actor)):
        raise InvitationForSomebodyElse(
            _("This invitation was sent to another address: say whether you accept it as yourself.")
        )
    taken = Invitation.objects.filter(_still_open(actor), pk=invitation.pk).update(
        accepted_at=actor.now, accepted_by=person
    )
    if not taken:
        raise InvitationRefused(_("This invitation has been used already."))
    mandate = _hold_mandate(actor, person, invitation.profile, MandateRole(invitation.role))
    record(
        actor=actor,
        verb="accept_invitation",
        subject=invitation.profile,
        changes={"email": (invitation.email, person.email), "role": (None, mandate.role)},
    )
    return mandate


def read_invitation(*, actor: Viewer, token: str) -> Invitation:
    """The open invitation behind a link; refuses links altered, expired, revoked or used."""
    key = signed_links.read(
        INVITATION, token, max_age_seconds=settings.INVITATION_DAYS * 86_400 + 3_600
    )
    invitation = Invitation.objects.select_related("profile", "invited_by").filter(pk=key).first()
    if invitation is None or invitation.revoked_at is not None:
        raise InvitationRefused(_("This invitation was withdrawn. Ask for a new one."))
    if invitation.accepted_at is not None:
        raise InvitationRefused(_("This invitation has been used already."))
    if invitation.expires_at <= actor.now:
        raise InvitationRefused(_("This invitation has expired. Ask for a new one."))
    return invitation


# --- Mandates and roles


@transaction.atomic
def grant_mandate(*, actor: Viewer, person_id: int, profile_id: int, role: str) -> Mandate:
    """Let a person act for a profile from today; a present mandate changes its role."""
    profile = related(Mandate, "profile").objects.get(pk=profile_id)
    _demand_invite(actor, profile)
    person = Person.objects.get(pk=person_id)
    known = _present_mandate(actor, person, profile)
    if known is not None and role == MandateRole.EDITOR:
        _refuse_to_leave_empty(actor, known)
        _end(actor, known)
    mandate = _hold_mandate(actor, person, profile, MandateRole(role))
    record(
        actor=actor,
        verb="grant_mandate",
        subject=profile,
        changes={"person": (None, person), "role": (None, mandate.role)},
    )
    return mandate


@transaction.atomic
def end_mandate(*, actor: Viewer, mandate_id: int) -> None:
    """End a mandate at once: the person's own, or a colleague's.

    Refuses to leave a profile without a representative, unless the office of its cluster or the
    agency does it. A mandate that began today is taken away whole, since days count entirely.
    """
    mandate = Mandate.objects.select_related("profile", "person").get(pk=mandate_id)
    own = mandate.person_id == actor.person_id
    if not own:
        _demand_invite(actor, mandate.profile)
    list(Mandate.objects.select_for_update().filter(profile=mandate.profile))
    _refuse_to_leave_empty(actor, mandate)
    _end(actor, mandate)
    record(
        actor=actor,
        verb="end_mandate",
        subject=mandate.profile,
        changes={"person": (mandate.person, None), "role": (mandate.role, None)},
    )


@transaction.atomic
def grant_cluster_role(
    *,
    actor: Viewer,
    person_id: int,
    cluster_id: int,
    role: str,
    value_chain_id: int | None = None,
) -> ClusterRole:
    """Make a person manager, board member or chair of a value chain, from today."""
    cluster = related(ClusterRole, "cluster").objects.get(pk=cluster_id)
    policies.appoint_in_cluster.demand(
        actor, cluster, _("Only the agency that coordinates the network may do this.")
    )
    kind = ClusterRoleKind(role)
    if (kind == ClusterRoleKind.CHAIR) != (value_chain_id is not None):
        raise RoleRefused(_("A chair, and only a chair, has a value chain."))
    chains = related(ClusterRole, "value_chain").objects.filter(pk=value_chain_id, cluster=cluster)
    if value_chain_id is not None and not chains.exists():
        raise RoleRefused(_("This value chain belongs to another cluster."))
    facts = {
        "person_id": person_id,
        "cluster": cluster,
        "role": kind,
        "value_chain_id": value_chain_id,
    }
    known = ClusterRole.objects.filter(held_on(actor.today), **facts).first()
    if known is not None:
        return known
    given = ClusterRole.objects.create(valid_from=actor.today, **facts)
    changes = {"person": (None, given.person), "role": (None, kind)}
    record(actor=actor, verb="grant_cluster_role", subject=cluster, changes=changes)
    return given


@transaction.atomic
def grant_network_role(*, actor: Viewer, person_id: int, network_id: int, role: str) -> NetworkRole:
    """Make a person part of the agency or of the Region, from today."""
    network = related(NetworkRole, "network").objects.get(pk=network_id)
    policies.appoint_in_network.demand(
        actor, network, _("Only the agency that coordinates the network may do this.")
    )
    facts = {"person_id": person_id, "network": network, "role": NetworkRoleKind(role)}
    known = NetworkRole.objects.filter(held_on(actor.today), **facts).first()
    if known is not None:
        return known
    given = NetworkRole.objects.create(valid_from=actor.today, **facts)
    changes = {"person": (None, given.person), "role": (None, role)}
    record(actor=actor, verb="grant_network_role", subject=network, changes=changes)
    return given


@transaction.atomic
def end_cluster_role(*, actor: Viewer, role_id: int) -> None:
    """End a role in a cluster at once."""
    role = ClusterRole.objects.select_related("cluster", "person").get(pk=role_id)
    policies.appoint_in_cluster.demand(
        actor, role.cluster, _("Only the agency that coordinates the network may do this.")
    )
    _end(actor, role)
    changes = {"person": (role.person, None), "role": (role.role, None)}
    record(actor=actor, verb="end_cluster_role", subject=role.cluster, changes=changes)


@transaction.atomic
def end_network_role(*, actor: Viewer, role_id: int) -> None:
    """End a role in a network at once; the agency's last person cannot go without a successor."""
    role = NetworkRole.objects.select_related("network", "person").get(pk=role_id)
    policies.appoint_in_network.demand(
        actor, role.network, _("Only the agency that coordinates the network may do this.")
    )
    peers = NetworkRole.objects.select_for_update().filter(
        held_on(actor.today), network=role.network, role=NetworkRoleKind.AGENCY
    )
    if role.role == NetworkRoleKind.AGENCY and not [p for p in peers if p.pk != role.pk]:
        raise RoleRefused(_("The agency's last person cannot go: appoint a successor first."))
    _end(actor, role)
    changes = {"person": (role.person, None), "role": (role.role, None)}
    record(actor=actor, verb="end_network_role", subject=role.network, changes=changes)


# --- Parts


def _acting_person(actor: Viewer) -> Person:
    if actor.person_id is None:
        raise NotAllowed(_("Sign in first."))
    return Person.objects.get(pk=actor.person_id)


def _demand_invite(actor: Viewer, profile: Any) -> None:
    policies.invite_colleague.demand(
        actor, profile, _("Only who represents it, or its office, may do this.")
    )


def _open_account(
    actor: Viewer, email: str, name: str, language: str, *, is_synthetic: bool
) -> Person:
    email = email.strip().lower()
    if Person.objects.filter(email=email).exists():
        words = _("This address has an account already.")
        raise PersonRefused(words, {"email": words})
    person = Person.objects.create_user(
        email, name=one_line(name)[:150], language=language, is_synthetic=is_synthetic
    )
    EmailAddress.objects.create(user=person, email=email, verified=True, primary=True)
    record(actor=actor, verb="register_person", subject=person)
    return person


def _still_open(actor: Viewer) -> Q:
    return Q(accepted_at__isnull=True, revoked_at__isnull=True, expires_at__gt=actor.now)


def _hold_mandate(actor: Viewer, person: Person, profile: Any, role: MandateRole) -> Mandate:
    known = _present_mandate(actor, person, profile)
    if known is None:
        return Mandate.objects.create(
            person=person, profile=profile, role=role, valid_from=actor.today
        )
    # An invitation as editor takes nothing from a representative.
    if known.role != role and role == MandateRole.REPRESENTATIVE:
        _end(actor, known)
        return Mandate.objects.create(
            person=person, profile=profile, role=role, valid_from=actor.today
        )
    return known


def _present_mandate(actor: Viewer, person: Person, profile: Any) -> Mandate | None:
    rows = Mandate.objects.select_for_update().filter(
        held_on(actor.today), valid_until__isnull=True
    )
    return rows.filter(person=person, profile=profile).first()


def _refuse_to_leave_empty(actor: Viewer, mandate: Mandate) -> None:
    """Whoever answers for the profile without a mandate of its own may: office, agency, parent."""
    others = {key: roles for key, roles in actor.mandates.items() if key != mandate.profile_id}
    answers = policies.invite_colleague.allows(replace(actor, mandates=others), mandate.profile)
    if is_last_representative(mandate, viewer=actor) and not answers:
        raise MandateRefused(
            _("This is the last representative: invite another one first, or ask your cluster.")
        )


def _end(actor: Viewer, held: Held) -> None:
    yesterday: date = actor.today - timedelta(days=1)
    if held.valid_from > yesterday:
        held.delete()
        return
    held.valid_until = yesterday
    held.save(update_fields=["valid_until"])
