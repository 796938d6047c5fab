"""Tests of inviting, accepting, appointing and ending."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core import mail
from django.db import OperationalError, connection
from django.utils import timezone, translation

from tests.factories.accounts import (
    ClusterRoleFactory,
    InvitationFactory,
    MandateFactory,
    NetworkRoleFactory,
    PersonFactory,
    acting,
)
from tests.factories.organisations import UnitFactory
from trebbo.ecosystem.accounts import actions
from trebbo.ecosystem.accounts.actions import (
    InvitationForSomebodyElse,
    InvitationRefused,
    MandateRefused,
    PersonRefused,
    RoleRefused,
)
from trebbo.ecosystem.accounts.choices import ClusterRoleKind, MandateRole, NetworkRoleKind
from trebbo.ecosystem.accounts.models import ClusterRole, Invitation, Mandate, NetworkRole
from trebbo.kernel import signed_links
from trebbo.kernel.access import Viewer, installation, visitor
from trebbo.kernel.errors import NotAllowed, Refusal
from trebbo.kernel.models import AuditLine

pytestmark = pytest.mark.django_db


def invited(**facts: object) -> tuple[Invitation, str]:
    """An open invitation and its token."""
    invitation = InvitationFactory(**facts)
    return invitation, signed_links.sign(actions.INVITATION, invitation.pk)


def held(person_id: int | None) -> list[tuple[int, str, bool]]:
    """The mandates of a person: profile, role, whether they still run."""
    rows = Mandate.objects.filter(person=person_id).order_by("pk")
    return [(row.profile_id, row.role, row.valid_until is None) for row in rows]


# --- Inviting


def test_a_representative_invites_and_the_message_goes_out() -> None:
    """The message is in the invited language, plain and HTML, and its link opens the invitation."""
    mandate = MandateFactory(profile__name="Biotec <srl> & figli", person__name="Anna <b>")
    invitation = actions.invite_colleague(
        actor=acting(mandate.person),
        profile_id=mandate.profile_id,
        email="  Collega@Trebbo.Example ",
        role="editor",
        language="en",
    )
    assert invitation.email == "collega@trebbo.example"
    assert actions.send_invitation(
        actor=installation(), invitation_id=invitation.pk, origin="https://trebbo.example/"
    )
    (message,) = mail.outbox
    assert message.to == ["collega@trebbo.example"]
    assert message.subject == "Invitation to act for Biotec <srl> & figli"
    assert "Anna <b> invites you to act for Biotec <srl> & figli" in message.body
    html = message.alternatives[0][0]  # type: ignore[attr-defined]
    assert "Biotec &lt;srl&gt; &amp; figli" in html
    assert "<b>" not in html
    link = next(word for word in message.body.split() if word.startswith("https://"))
    assert link in html
    assert link.startswith("https://trebbo.example/en/account/invitations/")
    token = link.rstrip("/").rsplit("/", 1)[1]
    assert actions.read_invitation(actor=visitor(), token=token) == invitation


def test_the_message_speaks_italian_to_italians() -> None:
    """The language of the message is the invited one, whatever the page's."""
    invitation, _token = invited(language="it")
    with translation.override("en"):
        actions.send_invitation(
            actor=installation(), invitation_id=invitation.pk, origin="https://trebbo.example"
        )
    assert mail.outbox[0].subject.startswith("Invito ad agire per conto di")


def test_no_message_for_a_closed_invitation() -> None:
    """Between inviting and sending, the invitation may have been withdrawn."""
    invitation, _token = invited(revoked_at=timezone.now())
    assert not actions.send_invitation(
        actor=installation(), invitation_id=invitation.pk, origin="https://trebbo.example"
    )
    assert mail.outbox == []


def test_inviting_again_replaces_the_earlier_invitation() -> None:
    """Only one link of an address works for a profile."""
    mandate = MandateFactory()
    facts = {"actor": acting(mandate.person), "profile_id": mandate.profile_id}
    first = actions.invite_colleague(**facts, email="a@trebbo.example", role="editor")
    second = actions.invite_colleague(**facts, email="A@trebbo.example", role="representative")
    first.refresh_from_db()
    assert (first.revoked_at is None, second.revoked_at is None) == (False, True)


def test_nobody_is_invited_to_what_they_hold() -> None:
    """The refusal is tied to the address."""
    mandate = MandateFactory()
    with pytest.raises(InvitationRefused) as refusal:
        actions.invite_colleague(
            actor=acting(mandate.person),
            profile_id=mandate.profile_id,
            email=mandate.person.email.upper(),
            role="representative",
        )
    assert list(refusal.value.fields) == ["email"]


def test_editors_and_strangers_may_not_invite() -> None:
    """Only representatives, and who cares for the profile, invite."""
    mandate = MandateFactory(role=MandateRole.EDITOR)
    for actor in (acting(mandate.person), acting(PersonFactory()), visitor(), installation()):
        with pytest.raises(NotAllowed):
            actions.invite_colleague(
                actor=actor, profile_id=mandate.profile_id, email="x@trebbo.example", role="editor"
            )
    assert not Invitation.objects.exists()


def test_an_organisation_cannot_flood_the_world() -> None:
    """There is a ceiling of open invitations."""
    mandate = MandateFactory()
    InvitationFactory.create_batch(actions.OPEN_INVITATIONS, profile=mandate.profile)
    with pytest.raises(InvitationRefused, match="troppi inviti"):
        actions.invite_colleague(
            actor=acting(mandate.person),
            profile_id=mandate.profile_id,
            email="one-more@trebbo.example",
            role="editor",
        )


def test_a_unit_is_opened_by_who_represents_its_organisation() -> None:
    """A university's representative invites the technicians of its laboratories."""
    mandate = MandateFactory()
    unit = UnitFactory(organisation=mandate.profile)
    invitation = actions.invite_colleague(
        actor=acting(mandate.person),
        profile_id=unit.pk,
        email="t@trebbo.example",
        role="editor",
    )
    assert invitation.profile_id == unit.pk


# --- Accepting


def test_accepting_gives_the_mandate_and_is_written_down() -> None:
    """The invited person acts from today; the trail says so."""
    person = PersonFactory()
    invitation, token = invited(email=person.email, role=MandateRole.REPRESENTATIVE)
    actions.accept_invitation(actor=acting(person), token=token)
    assert held(person.pk) == [(invitation.profile_id, "representative", True)]
    assert acting(person).mandates == {invitation.profile_id: frozenset({"representative"})}
    line = AuditLine.objects.get(verb="accept_invitation")
    assert (line.actor_id, line.subject_id) == (person.pk, invitation.profile_id)


def test_an_invitation_is_used_once() -> None:
    """A second time is refused, for the same person and for another."""
    person, other = PersonFactory(), PersonFactory()
    _invitation, token = invited(email=person.email)
    actions.accept_invitation(actor=acting(person), token=token)
    for late in (person, other):
        with pytest.raises(InvitationRefused, match="già stato usato"):
            actions.accept_invitation(actor=acting(late), token=token, as_other=True)
    assert held(other.pk) == []


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda row: {"expires_at": timezone.now()}, "scaduto"),
        (lambda row: {"revoked_at": timezone.now()}, "ritirato"),
    ],
)
def test_expired_and_withdrawn_invitations(
    spoil: Callable[[Invitation], dict[str, object]], words: str
) -> None:
    """The row decides, whatever the link says."""
    person = PersonFactory()
    invitation, token = invited(email=person.email)
    Invitation.objects.filter(pk=invitation.pk).update(**spoil(invitation))
    with pytest.raises(InvitationRefused, match=words):
        actions.accept_invitation(actor=acting(person), token=token)
    assert held(person.pk) == []


def test_altered_and_foreign_links() -> None:
    """A changed letter, a token for another purpose and plain nonsense are refused."""
    person = PersonFactory()
    invitation, token = invited(email=person.email)
    swapped = token[:-1] + ("A" if token[-1] != "A" else "B")
    other_purpose = signed_links.sign("something else", invitation.pk)
    for bad in (swapped, other_purpose, str(invitation.pk), "", "::", "è" * 5_000):
        with pytest.raises(signed_links.LinkRefused):
            actions.accept_invitation(actor=acting(person), token=bad)
    with pytest.raises(InvitationRefused):
        actions.accept_invitation(
            actor=acting(person), token=signed_links.sign(actions.INVITATION, 10**9)
        )


def test_another_address_accepts_only_explicitly() -> None:
    """Who is signed in with another address must say that this is what they want."""
    person = PersonFactory()
    invitation, token = invited(email="somebody@trebbo.example")
    with pytest.raises(InvitationForSomebodyElse):
        actions.accept_invitation(actor=acting(person), token=token)
    invitation.refresh_from_db()
    assert invitation.accepted_at is None
    actions.accept_invitation(actor=acting(person), token=token, as_other=True)
    assert held(person.pk) == [(invitation.profile_id, "editor", True)]


def test_visitors_cannot_accept() -> None:
    """Somebody must be signed in."""
    _invitation, token = invited()
    with pytest.raises(NotAllowed):
        actions.accept_invitation(actor=visitor(), token=token, as_other=True)


@pytest.mark.parametrize(
    ("had", "given", "has"),
    [
        (MandateRole.EDITOR, MandateRole.REPRESENTATIVE, "representative"),
        (MandateRole.REPRESENTATIVE, MandateRole.EDITOR, "representative"),
        (MandateRole.EDITOR, MandateRole.EDITOR, "editor"),
    ],
)
def test_an_invitation_raises_a_role_and_never_lowers_it(
    had: MandateRole, given: MandateRole, has: str
) -> None:
    """Afterwards there is exactly one present mandate."""
    mandate = MandateFactory(role=had)
    _invitation, token = invited(email=mandate.person.email, profile=mandate.profile, role=given)
    actions.accept_invitation(actor=acting(mandate.person), token=token)
    present = [role for _profile, role, runs in held(mandate.person_id) if runs]
    assert present == [has]
    assert acting(mandate.person).mandates == {mandate.profile_id: frozenset({has})}


@pytest.mark.django_db(transaction=True)
def test_of_two_who_accept_at_once_one_succeeds() -> None:
    """Both hold the same link; the row lets one through."""
    people = [PersonFactory(), PersonFactory()]
    _invitation, token = invited(email=people[0].email)
    viewers = [acting(person) for person in people]
    start, outcomes = threading.Barrier(2), []

    def accept(viewer: Viewer) -> None:
        start.wait()
        try:
            outcomes.append(_patiently(viewer, token))
        finally:
            connection.close()

    threads = [threading.Thread(target=accept, args=(viewer,)) for viewer in viewers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["accepted", "refused"]
    assert Mandate.objects.count() == 1


def _patiently(viewer: Viewer, token: str) -> str:
    """Try until the shared test database, which locks whole tables, lets this thread in."""
    for _attempt in range(200):
        try:
            actions.accept_invitation(actor=viewer, token=token, as_other=True)
        except InvitationRefused:
            return "refused"
        except OperationalError:
            time.sleep(0.01)
        else:
            return "accepted"
    return "locked out"


def test_withdrawing() -> None:
    """Who may invite may withdraw; once, and not what is accepted."""
    mandate = MandateFactory()
    invitation, token = invited(profile=mandate.profile)
    with pytest.raises(NotAllowed):
        actions.revoke_invitation(actor=acting(PersonFactory()), invitation_id=invitation.pk)
    actions.revoke_invitation(actor=acting(mandate.person), invitation_id=invitation.pk)
    with pytest.raises(InvitationRefused):
        actions.read_invitation(actor=visitor(), token=token)
    with pytest.raises(InvitationRefused):
        actions.revoke_invitation(actor=acting(mandate.person), invitation_id=invitation.pk)


# --- Mandates


def test_ending_takes_effect_at_once() -> None:
    """The person ended a moment ago holds nothing, and history stays."""
    representative = MandateFactory()
    colleague = MandateFactory(profile=representative.profile, role=MandateRole.EDITOR)
    actions.end_mandate(actor=acting(representative.person), mandate_id=colleague.pk)
    assert acting(colleague.person).mandates == {}
    colleague.refresh_from_db()
    assert colleague.valid_until == timezone.localdate() - timedelta(days=1)


def test_a_mandate_of_today_is_taken_away_whole() -> None:
    """Days count entirely, so what began today leaves only its line in the trail."""
    representative = MandateFactory()
    colleague = MandateFactory(profile=representative.profile, valid_from=timezone.localdate())
    actions.end_mandate(actor=acting(representative.person), mandate_id=colleague.pk)
    assert held(colleague.person_id) == []
    line = AuditLine.objects.get(verb="end_mandate")
    assert line.changes["person"] == [str(colleague.person), None]


def test_the_last_representative_cannot_leave() -> None:
    """Not even when editors remain; a second representative frees the first."""
    mandate = MandateFactory()
    MandateFactory(profile=mandate.profile, role=MandateRole.EDITOR)
    with pytest.raises(MandateRefused, match="ultimo rappresentante"):
        actions.end_mandate(actor=acting(mandate.person), mandate_id=mandate.pk)
    MandateFactory(profile=mandate.profile)
    actions.end_mandate(actor=acting(mandate.person), mandate_id=mandate.pk)
    assert acting(mandate.person).mandates == {}


def test_those_who_left_or_are_locked_do_not_count_as_representatives() -> None:
    """An ended mandate, a future one and a locked account leave the last one the last."""
    mandate = MandateFactory()
    yesterday = timezone.localdate() - timedelta(days=1)
    MandateFactory(profile=mandate.profile, valid_until=yesterday)
    MandateFactory(profile=mandate.profile, valid_from=yesterday + timedelta(days=2))
    MandateFactory(profile=mandate.profile, person__is_active=False)
    with pytest.raises(MandateRefused):
        actions.end_mandate(actor=acting(mandate.person), mandate_id=mandate.pk)


def test_the_agency_may_end_the_last_mandate() -> None:
    """It answers for profiles that nobody represents."""
    mandate = MandateFactory()
    agency = NetworkRoleFactory().person
    actions.end_mandate(actor=acting(agency), mandate_id=mandate.pk)
    assert acting(mandate.person).mandates == {}


def test_an_organisation_answers_for_its_units() -> None:
    """Its representative may end the last mandate of a laboratory, but not the organisation's."""
    mandate = MandateFactory()
    unit = UnitFactory(organisation=mandate.profile)
    technician = MandateFactory(profile=unit)
    actions.end_mandate(actor=acting(mandate.person), mandate_id=technician.pk)
    assert acting(technician.person).mandates == {}


def test_strangers_end_nothing() -> None:
    """Nor do colleagues who only edit."""
    mandate = MandateFactory()
    editor = MandateFactory(profile=mandate.profile, role=MandateRole.EDITOR)
    for actor in (acting(PersonFactory()), acting(editor.person), visitor()):
        with pytest.raises(NotAllowed):
            actions.end_mandate(actor=actor, mandate_id=mandate.pk)


def test_granting_changes_a_role_both_ways() -> None:
    """The agency raises an editor; lowering the last representative is hers alone."""
    mandate = MandateFactory()
    agency = acting(NetworkRoleFactory().person)
    facts = {"person_id": mandate.person_id, "profile_id": mandate.profile_id}
    with pytest.raises(MandateRefused):
        actions.grant_mandate(actor=acting(mandate.person), **facts, role="editor")
    actions.grant_mandate(actor=agency, **facts, role="editor")
    assert acting(mandate.person).mandates == {mandate.profile_id: frozenset({"editor"})}
    actions.grant_mandate(actor=agency, **facts, role="representative")
    assert acting(mandate.person).mandates == {mandate.profile_id: frozenset({"representative"})}
    with pytest.raises(NotAllowed):
        actions.grant_mandate(actor=acting(PersonFactory()), **facts, role="editor")


# --- Roles in clusters and networks


def test_the_agency_appoints_in_its_own_network_only() -> None:
    """Another network's agency, a manager and the Region do not."""
    role = ClusterRoleFactory()
    agency = NetworkRoleFactory(network=role.cluster.network).person
    stranger = NetworkRoleFactory().person
    region = NetworkRoleFactory(network=role.cluster.network, role=NetworkRoleKind.REGION).person
    person = PersonFactory()
    facts = {"person_id": person.pk, "cluster_id": role.cluster_id, "role": "board"}
    for actor in (stranger, region, role.person, person):
        with pytest.raises(NotAllowed):
            actions.grant_cluster_role(actor=acting(actor), **facts)
    actions.grant_cluster_role(actor=acting(agency), **facts)
    again = actions.grant_cluster_role(actor=acting(agency), **facts)
    assert acting(person).clusters == {role.cluster_id: frozenset({"board"})}
    assert ClusterRole.objects.filter(person=person).get() == again
    actions.end_cluster_role(actor=acting(agency), role_id=again.pk)
    assert acting(person).clusters == {}


def test_a_chair_has_a_value_chain_of_that_cluster() -> None:
    """The database would refuse it too; the action says it in words."""
    network_role = NetworkRoleFactory()
    role = ClusterRoleFactory(cluster__network=network_role.network)
    facts = {"person_id": role.person_id, "cluster_id": role.cluster_id}
    for kind, chain in (
        (ClusterRoleKind.CHAIR, None),
        (ClusterRoleKind.BOARD, 1),
        ("chair", 10**9),
    ):
        with pytest.raises(RoleRefused):
            actions.grant_cluster_role(
                actor=acting(network_role.person), **facts, role=kind, value_chain_id=chain
            )


def test_the_first_of_the_agency_is_appointed_once() -> None:
    """The installation appoints one person; from then on people appoint people."""
    network = NetworkRoleFactory(role=NetworkRoleKind.REGION).network
    facts = {"actor": installation(), "network_id": network.pk, "name": "Prima"}
    with pytest.raises(NotAllowed):
        actions.appoint_first_agency(**{**facts, "actor": visitor()}, email="x@trebbo.example")
    person = actions.appoint_first_agency(**facts, email="Prima@trebbo.example")
    assert acting(person).agency_networks == {network.pk}
    with pytest.raises(RoleRefused):
        actions.appoint_first_agency(**facts, email="seconda@trebbo.example")
    later = actions.register_person(
        actor=acting(person), email="terza@trebbo.example", name="Terza"
    )
    actions.grant_network_role(
        actor=acting(person), person_id=later.pk, network_id=network.pk, role="agency"
    )
    assert acting(later).agency_networks == {network.pk}


def test_an_agency_that_ended_does_not_open_the_door_again() -> None:
    """Otherwise whoever holds the command line could take over a network quietly."""
    yesterday = timezone.localdate() - timedelta(days=1)
    role = NetworkRoleFactory(valid_until=yesterday)
    with pytest.raises(RoleRefused):
        actions.appoint_first_agency(
            actor=installation(),
            network_id=role.network_id,
            email="x@trebbo.example",
            name="X",
        )


def test_the_last_of_the_agency_stays() -> None:
    """A network without its agency could not be helped."""
    role = NetworkRoleFactory()
    with pytest.raises(RoleRefused):
        actions.end_network_role(actor=acting(role.person), role_id=role.pk)
    NetworkRoleFactory(network=role.network)
    actions.end_network_role(actor=acting(role.person), role_id=role.pk)
    assert acting(role.person).networks == {}
    assert NetworkRole.objects.count() == 2


# --- People


def test_only_the_agency_registers_people() -> None:
    """And no address twice, in any case."""
    agency = acting(NetworkRoleFactory().person)
    facts = {"email": "Nuova@Trebbo.example", "name": "Nuova\x00  persona"}
    for actor in (acting(MandateFactory().person), visitor(), installation()):
        with pytest.raises(NotAllowed):
            actions.register_person(actor=actor, **facts)
    person = actions.register_person(actor=agency, **facts)
    assert (person.email, person.name) == ("nuova@trebbo.example", "Nuova persona")
    assert not person.has_usable_password()
    with pytest.raises(PersonRefused) as refusal:
        actions.register_person(actor=agency, **facts)
    assert list(refusal.value.fields) == ["email"]


@pytest.mark.parametrize(("name", "language"), [("", "it"), (" \t", "it"), ("Anna", "de")])
def test_details_are_checked(name: str, language: str) -> None:
    """A blank name and an unknown language are refused, and nothing is kept."""
    person = PersonFactory(name="Prima")
    with pytest.raises(Refusal):
        actions.edit_account(actor=acting(person), name=name, language=language)
    person.refresh_from_db()
    assert (person.name, person.language) == ("Prima", "it")


def test_details_are_kept_and_written_down_only_if_changed() -> None:
    """Saving the same again leaves no line."""
    person = PersonFactory(name="Prima")
    actions.edit_account(actor=acting(person), name=" Dopo ", language="en")
    actions.edit_account(actor=acting(person), name="Dopo", language="en")
    person.refresh_from_db()
    assert (person.name, person.language) == ("Dopo", "en")
    line = AuditLine.objects.get(verb="edit_account")
    assert line.changes == {"name": ["Prima", "Dopo"], "language": ["it", "en"]}


def test_the_moment_is_the_actors() -> None:
    """An invitation ends at its moment, by the clock of who acts."""
    person = PersonFactory()
    invitation, token = invited(email=person.email)
    at_the_end = replace(acting(person), now=invitation.expires_at)
    just_before = replace(at_the_end, now=invitation.expires_at - timedelta(seconds=1))
    with pytest.raises(InvitationRefused):
        actions.read_invitation(actor=at_the_end, token=token)
    assert actions.read_invitation(actor=just_before, token=token) == invitation
