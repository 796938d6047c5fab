"""Whose a participation is: by link, by an office's word, by the member's own word."""

from typing import Any

import pytest

from tests.factories.clusters import ClusterFactory, MembershipFactory, manager_of
from tests.factories.evidence import BodyFactory, LinkFactory, ParticipationFactory
from tests.factories.organisations import NOW, OrganisationFactory, UnitFactory, person
from trebbo.ecosystem.evidence import actions
from trebbo.ecosystem.evidence.choices import LinkState, Verdict
from trebbo.ecosystem.evidence.events import evidence_changed
from trebbo.ecosystem.evidence.models import Participation, Statement
from trebbo.kernel.access import installation
from trebbo.kernel.errors import NotAllowed, Refusal
from trebbo.kernel.models import AuditLine

pytestmark = pytest.mark.django_db


def whose(part: Participation) -> int | None:
    """The profile, read afresh."""
    part.refresh_from_db()
    return part.profile_id


def attribute(**more: Any) -> frozenset[int]:
    """As the installation does."""
    return actions.attribute(actor=installation(), **more)


@pytest.mark.parametrize("state", list(LinkState))
def test_only_settled_links_give_projects(state: LinkState) -> None:
    firm = OrganisationFactory()
    part = ParticipationFactory()
    LinkFactory(body=part.body, profile=firm, state=state)
    attribute(body_ids=[part.body_id])
    settled = state in (LinkState.MADE, LinkState.ACCEPTED)
    assert whose(part) == (firm.pk if settled else None)


def test_all_bodies_at_once_and_what_was_wrong_is_put_right() -> None:
    firm, other = OrganisationFactory(), OrganisationFactory()
    ours, stray = ParticipationFactory(), ParticipationFactory(profile=other)
    LinkFactory(body=ours.body, profile=firm, state=LinkState.MADE)
    assert attribute() == {firm.pk, other.pk}
    assert (whose(ours), whose(stray)) == (firm.pk, None)
    assert attribute() == frozenset()


def test_the_news_goes_to_those_who_gained_or_lost(
    django_capture_on_commit_callbacks: Any,
) -> None:
    firm, other = OrganisationFactory(), OrganisationFactory()
    part = ParticipationFactory(profile=other)
    LinkFactory(body=part.body, profile=firm, state=LinkState.MADE)
    told: list[int] = []

    def listen(profile_id: int, **_: Any) -> None:
        told.append(profile_id)

    evidence_changed.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            attribute()
    finally:
        evidence_changed.disconnect(listen)
    assert told == sorted([firm.pk, other.pk])


def test_a_member_gives_a_project_to_its_own_unit_and_takes_it_back() -> None:
    unit = UnitFactory()
    part = ParticipationFactory()
    LinkFactory(body=part.body, profile=unit.organisation, state=LinkState.ACCEPTED)
    attribute()
    word = Statement.objects.create(
        profile=unit.organisation,
        participation=part,
        verdict=Verdict.CORRECTED,
        done_by=unit,
        said_at=NOW,
    )
    attribute(body_ids=[part.body_id])
    assert whose(part) == unit.pk
    word.delete()
    attribute(body_ids=[part.body_id])
    assert whose(part) == unit.organisation_id


def test_nobody_gives_a_project_to_somebody_else_s_unit_or_away_from_another() -> None:
    firm, stranger = OrganisationFactory(), UnitFactory()
    part = ParticipationFactory()
    LinkFactory(body=part.body, profile=firm, state=LinkState.ACCEPTED)
    for speaker in (firm, stranger.organisation):
        Statement.objects.create(
            profile=speaker,
            participation=part,
            verdict=Verdict.CORRECTED,
            done_by=stranger,
            said_at=NOW,
        )
    attribute()
    assert whose(part) == firm.pk


def test_the_projects_of_a_split_body_are_given_one_by_one() -> None:
    cluster = ClusterFactory()
    unit = UnitFactory()
    for profile in (unit, unit.organisation):
        MembershipFactory(cluster=cluster, profile=profile)
    body = BodyFactory()
    first, second, third = ParticipationFactory.create_batch(3, body=body)
    link = LinkFactory(body=body, profile=unit.organisation)
    office = manager_of(cluster)
    actions.split_link(actor=office, link_id=link.pk)
    assert [whose(part) for part in (first, second, third)] == [None, None, None]
    given = actions.give_participations(
        actor=office, link_id=link.pk, participation_ids=[first.pk], profile_id=unit.pk
    )
    assert given == 1
    actions.assign_participation(
        actor=office, participation_id=second.pk, profile_id=unit.organisation_id
    )
    expected = [unit.pk, unit.organisation_id, None]
    assert [whose(part) for part in (first, second, third)] == expected
    attribute()
    assert [whose(part) for part in (first, second, third)] == expected
    line = AuditLine.objects.filter(verb="give_participations").earliest("pk")
    assert line.subject_id == unit.organisation_id
    actions.assign_participation(actor=office, participation_id=first.pk, profile_id=None)
    assert whose(first) is None
    later = ParticipationFactory(body=body)
    attribute()
    assert whose(later) is None


def test_what_was_given_waits_while_the_split_is_taken_back() -> None:
    cluster = ClusterFactory()
    firm = MembershipFactory(cluster=cluster, profile=OrganisationFactory()).profile
    part = ParticipationFactory()
    link = LinkFactory(body=part.body, profile=firm)
    office = manager_of(cluster)
    actions.split_link(actor=office, link_id=link.pk)
    actions.assign_participation(actor=office, participation_id=part.pk, profile_id=firm.pk)
    actions.undo_decision(actor=office, link_id=link.pk)
    assert whose(part) is None
    actions.split_link(actor=office, link_id=link.pk)
    assert whose(part) == firm.pk


def test_projects_are_not_given_to_strangers_nor_by_them() -> None:
    cluster = ClusterFactory()
    firm = MembershipFactory(cluster=cluster, profile=OrganisationFactory()).profile
    stranger = OrganisationFactory()
    part, foreign = ParticipationFactory(), ParticipationFactory()
    link = LinkFactory(body=part.body, profile=firm, state=LinkState.SPLIT)
    office = manager_of(cluster)
    with pytest.raises(Refusal):
        actions.give_participations(
            actor=office, link_id=link.pk, participation_ids=[part.pk], profile_id=stranger.pk
        )
    assert (
        actions.give_participations(
            actor=office, link_id=link.pk, participation_ids=[foreign.pk], profile_id=firm.pk
        )
        == 0
    )
    with pytest.raises(NotAllowed):
        actions.give_participations(
            actor=person(), link_id=link.pk, participation_ids=[part.pk], profile_id=firm.pk
        )
    with pytest.raises(Refusal):
        actions.assign_participation(actor=office, participation_id=foreign.pk, profile_id=firm.pk)
    assert (whose(part), whose(foreign)) == (None, None)
