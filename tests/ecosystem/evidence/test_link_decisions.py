"""A manager accepts, refuses, splits and takes back; the second of two is told who was first."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections
from django.utils import timezone

from tests.factories.accounts import (
    ClusterRoleFactory,
    MandateFactory,
    NetworkRoleFactory,
    PersonFactory,
    acting,
)
from tests.factories.clusters import ClusterFactory, MembershipFactory, manager_of
from tests.factories.evidence import BodyFactory, LinkFactory, ParticipationFactory
from tests.factories.organisations import OrganisationFactory, person
from trebbo.ecosystem.accounts.models import Person
from trebbo.ecosystem.clusters.models import Cluster
from trebbo.ecosystem.evidence import actions, policies
from trebbo.ecosystem.evidence.choices import LinkState
from trebbo.ecosystem.evidence.models import Link, Participation
from trebbo.ecosystem.organisations.models import Identifier, Organisation
from trebbo.kernel import audit
from trebbo.kernel.access import Viewer, installation, visitor
from trebbo.kernel.errors import NotAllowed

pytestmark = pytest.mark.django_db


def proposal(cluster: Cluster, **more: Any) -> Link:
    """A proposal about a member of the cluster, with one project behind it."""
    link: Link = LinkFactory(
        profile=MembershipFactory(cluster=cluster, profile=OrganisationFactory()).profile, **more
    )
    ParticipationFactory(body=link.body)
    return link


def whose(link: Link) -> int | None:
    """Whose the body's only project is."""
    return Participation.objects.get(body=link.body).profile_id


def test_accepting_gives_the_projects_and_the_identifier() -> None:
    cluster = ClusterFactory()
    link = proposal(cluster)
    actions.accept_link(actor=manager_of(cluster), link_id=link.pk)
    link.refresh_from_db()
    assert link.state == LinkState.ACCEPTED
    assert whose(link) == link.profile_id
    identifier = Identifier.objects.get()
    assert (identifier.value, identifier.standing) == (link.body.key, "verified")
    [line] = [line for line in audit.history_of(link.profile) if line.verb == "decide_link"]
    assert line.changes["decision"][1] == {
        "it": str(LinkState.ACCEPTED.label),
        "en": "accepted",
    }


def test_refusing_gives_nothing_and_is_not_asked_again() -> None:
    cluster = ClusterFactory()
    link = proposal(cluster)
    actions.refuse_link(actor=manager_of(cluster), link_id=link.pk)
    link.refresh_from_db()
    assert link.state == LinkState.REFUSED
    assert whose(link) is None
    assert not Identifier.objects.exists()


def test_refusing_what_the_system_made_takes_back_what_followed() -> None:
    cluster = ClusterFactory()
    link = proposal(cluster, state=LinkState.MADE)
    actions.attribute(actor=installation())
    Identifier.objects.create(
        profile=link.profile, scheme="pic", value=link.body.key, source=f"CORDIS, link {link.pk}"
    )
    actions.refuse_link(actor=manager_of(cluster), link_id=link.pk)
    assert whose(link) is None
    assert not Identifier.objects.exists()


def test_taking_back_lets_it_wait_again() -> None:
    cluster = ClusterFactory()
    office = manager_of(cluster)
    link = proposal(cluster)
    actions.accept_link(actor=office, link_id=link.pk)
    actions.undo_decision(actor=office, link_id=link.pk)
    link.refresh_from_db()
    assert (link.state, link.decided_by, link.decided_at) == (LinkState.PROPOSED, None, None)
    assert whose(link) is None
    assert not Identifier.objects.exists()
    with pytest.raises(actions.LinkRefused, match="decision"):
        actions.undo_decision(actor=office, link_id=link.pk)


def test_a_body_is_not_accepted_for_a_second_profile() -> None:
    cluster = ClusterFactory()
    first = proposal(cluster, state=LinkState.MADE)
    second = LinkFactory(
        body=first.body,
        profile=MembershipFactory(cluster=cluster, profile=OrganisationFactory()).profile,
    )
    assert first.profile is not None
    for decide in (actions.accept_link, actions.split_link):
        with pytest.raises(actions.LinkRefused, match=first.profile.name):
            decide(actor=manager_of(cluster), link_id=second.pk)
    second.refresh_from_db()
    assert second.state == LinkState.PROPOSED


def test_a_link_between_registers_is_decided_by_any_office_but_not_split() -> None:
    link = LinkFactory(same_body=BodyFactory(scheme="ror", key="01111rn36"), profile=None)
    office = manager_of(ClusterFactory())
    with pytest.raises(actions.LinkRefused):
        actions.split_link(actor=office, link_id=link.pk)
    actions.accept_link(actor=office, link_id=link.pk)
    link.refresh_from_db()
    assert link.state == LinkState.ACCEPTED


@pytest.mark.parametrize("decide", [actions.accept_link, actions.refuse_link, actions.split_link])
def test_the_second_is_told_who_decided_what(decide: Callable[..., Link]) -> None:
    cluster = ClusterFactory()
    role = ClusterRoleFactory(cluster=cluster, person=PersonFactory(name="Anna Neri"))
    link = proposal(cluster)
    actions.refuse_link(actor=acting(role.person), link_id=link.pk)
    with pytest.raises(actions.LinkOvertaken, match="Anna Neri") as told:
        decide(actor=manager_of(cluster), link_id=link.pk)
    assert told.value.link.state == LinkState.REFUSED
    link.refresh_from_db()
    assert (link.state, link.decided_by) == (LinkState.REFUSED, role.person)


def test_a_proposal_that_went_away_meanwhile_is_refused_in_words() -> None:
    cluster = ClusterFactory()
    with pytest.raises(actions.LinkRefused):
        actions.accept_link(actor=manager_of(cluster), link_id=987654)


@pytest.mark.django_db(transaction=True)
def test_of_two_managers_at_once_one_decides_and_the_other_is_told() -> None:
    cluster = ClusterFactory()
    people = [
        ClusterRoleFactory(cluster=cluster, person=PersonFactory(name=name)).person
        for name in ("Anna Neri", "Bruno Bianchi")
    ]
    link = proposal(cluster)
    start = threading.Barrier(2)
    outcomes: list[str] = []

    def decide(who: Person, action: Callable[..., Link]) -> None:
        viewer = acting(who)
        start.wait()
        try:
            action(actor=viewer, link_id=link.pk)
            outcomes.append(f"decided: {who.name}")
        except actions.LinkOvertaken as told:
            outcomes.append(str(told))
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=decide, args=pair)
        for pair in zip(people, (actions.accept_link, actions.refuse_link), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    connection.close()
    link.refresh_from_db()
    assert link.decided_by is not None
    winner = link.decided_by.name
    assert f"decided: {winner}" in outcomes
    assert [words for words in outcomes if not words.startswith("decided") and winner in words]


def viewers() -> dict[str, tuple[Viewer, Organisation]]:
    """People of every kind, each with the profile that is proposed."""
    cluster, other = ClusterFactory(), ClusterFactory()
    member = MembershipFactory(cluster=cluster, profile=OrganisationFactory()).profile
    mandate = MandateFactory(profile=member)
    agency = NetworkRoleFactory(network=cluster.network)
    return {
        "visitor": (visitor(timezone.now()), member),
        "somebody": (person(), member),
        "member": (acting(mandate.person), member),
        "another cluster's manager": (manager_of(other), member),
        "manager": (manager_of(cluster), member),
        "agency": (acting(agency.person), member),
        "manager, nobody's profile": (manager_of(other), OrganisationFactory()),
    }


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("visitor", False),
        ("somebody", False),
        ("member", False),
        ("another cluster's manager", False),
        ("manager", True),
        ("agency", True),
        ("manager, nobody's profile", True),
    ],
)
def test_who_says_who_is_who(who: str, may: bool) -> None:
    viewer, profile = viewers()[who]
    link = LinkFactory(profile=profile)
    assert policies.decide_link.allows(viewer, link) is may
    assert policies.decide_link.filter(viewer, Link.objects.all()).exists() is may
    for decide in (actions.accept_link, actions.undo_decision):
        if may:
            decide(actor=viewer, link_id=link.pk)
        else:
            with pytest.raises(NotAllowed):
                decide(actor=viewer, link_id=link.pk)
