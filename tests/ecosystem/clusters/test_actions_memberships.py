"""Memberships begin, change and end, or are refused in words tied to the field."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.utils import translation

from tests.factories.clusters import (
    ChainMembershipFactory,
    ClusterFactory,
    MembershipFactory,
    ValueChainFactory,
    manager_of,
)
from tests.factories.organisations import (
    OrganisationFactory,
    TechnopoleFactory,
    UnitFactory,
    person,
)
from trebbo.ecosystem.clusters import actions
from trebbo.ecosystem.clusters.choices import MembershipState
from trebbo.ecosystem.clusters.events import membership_changed
from trebbo.ecosystem.clusters.models import ChainMembership, Membership
from trebbo.kernel.audit import history_of
from trebbo.kernel.errors import NotAllowed

pytestmark = pytest.mark.django_db


@pytest.fixture
def news() -> Iterator[list[int]]:
    """The ids that the event carried."""
    heard: list[int] = []

    def hear(profile_id: int, **_more: Any) -> None:
        heard.append(profile_id)

    membership_changed.connect(hear)
    yield heard
    membership_changed.disconnect(hear)


def test_an_organisation_and_a_unit_become_members(
    news: list[int], django_capture_on_commit_callbacks: Any
) -> None:
    cluster = ClusterFactory()
    organisation = OrganisationFactory()
    unit = UnitFactory(organisation=organisation)
    with django_capture_on_commit_callbacks(execute=True):
        for profile in (organisation, unit):
            actions.admit_member(
                actor=manager_of(cluster),
                cluster=cluster,
                profile=profile,
                valid_from=date(2020, 1, 1),
            )
    states = set(Membership.objects.values_list("profile", "state", "standing"))
    assert states == {(p.pk, "active", "verified") for p in (organisation, unit)}
    assert news == [organisation.pk, unit.pk]
    line = history_of(cluster.profile_ptr)[0]
    assert (line.verb, line.actor_label) == ("admit_member", "Manager")
    assert line.changes["member"] == [None, unit.title]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "The end date comes before the start date."),
        ("it", "La data di fine precede quella di inizio."),
    ],
)
def test_a_membership_that_ends_before_it_starts_is_refused_at_the_field(
    language: str, words: str
) -> None:
    cluster = ClusterFactory()
    with translation.override(language), pytest.raises(actions.MembershipRefused) as refused:
        actions.admit_member(
            actor=manager_of(cluster),
            cluster=cluster,
            profile=OrganisationFactory(),
            valid_from=date(2026, 1, 2),
            valid_until=date(2026, 1, 1),
        )
    assert refused.value.fields == {"valid_until": words}
    assert not Membership.objects.exists()


def test_a_second_present_membership_is_refused_also_to_a_candidate() -> None:
    cluster, profile = ClusterFactory(), OrganisationFactory(name="Chiesi")
    manager = manager_of(cluster)
    actions.propose_candidate(actor=manager, cluster=cluster, profile=profile)
    with (
        translation.override("en"),
        pytest.raises(actions.MembershipRefused, match="Chiesi already has") as refused,
    ):
        actions.admit_member(actor=manager, cluster=cluster, profile=profile)
    assert set(refused.value.fields) == {"profile"}
    assert Membership.objects.get().state == MembershipState.CANDIDATE


def test_the_table_itself_refuses_a_second_present_membership() -> None:
    from django.db import IntegrityError, transaction

    first = MembershipFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        MembershipFactory(cluster=first.cluster, profile=first.profile)


def test_somebody_who_left_may_come_back_but_not_in_the_same_days() -> None:
    cluster, profile = ClusterFactory(), OrganisationFactory()
    manager = manager_of(cluster)
    actions.admit_member(
        actor=manager,
        cluster=cluster,
        profile=profile,
        valid_from=date(2018, 1, 1),
        valid_until=date(2020, 12, 31),
    )
    with pytest.raises(actions.MembershipRefused) as refused:
        actions.admit_member(
            actor=manager, cluster=cluster, profile=profile, valid_from=date(2020, 12, 31)
        )
    assert set(refused.value.fields) == {"valid_from"}
    actions.admit_member(
        actor=manager, cluster=cluster, profile=profile, valid_from=date(2021, 1, 1)
    )
    assert Membership.objects.count() == 2


def test_a_body_belongs_to_several_clusters_at_once() -> None:
    profile = OrganisationFactory()
    for cluster in (ClusterFactory(), ClusterFactory(), ClusterFactory()):
        actions.admit_member(actor=manager_of(cluster), cluster=cluster, profile=profile)
    assert profile.memberships.count() == 3


def test_neither_a_technopole_nor_a_cluster_is_a_member() -> None:
    cluster = ClusterFactory()
    for profile in (TechnopoleFactory(), ClusterFactory()):
        with pytest.raises(actions.MembershipRefused) as refused:
            actions.admit_member(actor=manager_of(cluster), cluster=cluster, profile=profile)
        assert set(refused.value.fields) == {"profile"}


def test_only_the_office_changes_members() -> None:
    cluster, membership = ClusterFactory(), MembershipFactory()
    strangers = [
        person(mandates={membership.profile_id: frozenset({"representative"})}),
        person(clusters={membership.cluster_id: frozenset({"board"})}),
        manager_of(cluster),
    ]
    for actor in strangers:
        with pytest.raises(NotAllowed):
            actions.end_membership(actor=actor, membership=membership, on=date(2026, 1, 1))
        with pytest.raises(NotAllowed):
            actions.change_membership_state(
                actor=actor, membership=membership, state=MembershipState.SUSPENDED
            )
    membership.refresh_from_db()
    assert (membership.state, membership.valid_until) == (MembershipState.ACTIVE, None)


def test_a_candidate_becomes_a_member_from_a_day_and_is_no_longer_unproven() -> None:
    cluster = ClusterFactory()
    manager = manager_of(cluster)
    candidate = actions.propose_candidate(
        actor=manager, cluster=cluster, profile=OrganisationFactory()
    )
    assert candidate.standing == "candidate"
    member = actions.change_membership_state(
        actor=manager,
        membership=candidate,
        state=MembershipState.ACTIVE,
        on=date(2026, 2, 1),
    )
    assert (member.state, member.valid_from, member.standing) == (
        MembershipState.ACTIVE,
        date(2026, 2, 1),
        "verified",
    )


@pytest.mark.parametrize(
    ("before", "after", "allowed"),
    [
        ("candidate", "active", True),
        ("active", "suspended", True),
        ("suspended", "active", True),
        ("candidate", "suspended", False),
        ("active", "candidate", False),
        ("active", "active", False),
        ("active", "withdrawn", False),
        ("suspended", "excluded", False),
    ],
)
def test_only_some_states_follow_each_other(before: str, after: str, allowed: bool) -> None:
    membership = MembershipFactory(state=before)
    manager = manager_of(membership.cluster)
    if allowed:
        actions.change_membership_state(actor=manager, membership=membership, state=after)
    else:
        with pytest.raises(actions.MembershipRefused) as refused:
            actions.change_membership_state(actor=manager, membership=membership, state=after)
        assert set(refused.value.fields) == {"state"}
    membership.refresh_from_db()
    assert membership.state == (after if allowed else before)


def test_a_membership_ends_and_leaves_the_value_chains_of_that_cluster_only() -> None:
    membership = MembershipFactory(valid_from=date(2018, 1, 1))
    here = ChainMembershipFactory(
        profile=membership.profile, value_chain__cluster=membership.cluster
    )
    elsewhere = ChainMembershipFactory(profile=membership.profile)
    ended = actions.end_membership(
        actor=manager_of(membership.cluster),
        membership=membership,
        on=date(2026, 5, 31),
        state=MembershipState.EXCLUDED,
    )
    assert (ended.state, ended.valid_until) == (MembershipState.EXCLUDED, date(2026, 5, 31))
    ends = dict(ChainMembership.objects.values_list("pk", "valid_until"))
    assert ends == {here.pk: date(2026, 5, 31), elsewhere.pk: None}


def test_an_end_before_the_start_or_before_a_value_chain_is_refused_with_the_day() -> None:
    membership = MembershipFactory(valid_from=date(2024, 3, 8))
    manager = manager_of(membership.cluster)
    with pytest.raises(actions.MembershipRefused) as refused:
        actions.end_membership(actor=manager, membership=membership, on=date(2024, 3, 7))
    assert "8 marzo 2024" in refused.value.fields["valid_until"].lower()
    ChainMembershipFactory(
        profile=membership.profile,
        value_chain=ValueChainFactory(cluster=membership.cluster, name_it="Pharma"),
        valid_from=date(2025, 1, 1),
    )
    with pytest.raises(actions.MembershipRefused) as refused:
        actions.end_membership(actor=manager, membership=membership, on=date(2024, 12, 31))
    assert "Pharma" in refused.value.fields["valid_until"]
    membership.refresh_from_db()
    assert membership.valid_until is None


def test_what_has_ended_does_not_end_again() -> None:
    membership = MembershipFactory(valid_until=date(2025, 1, 1), state=MembershipState.WITHDRAWN)
    manager = manager_of(membership.cluster)
    with pytest.raises(actions.MembershipRefused):
        actions.end_membership(actor=manager, membership=membership, on=date(2026, 1, 1))
    with pytest.raises(actions.MembershipRefused):
        actions.change_membership_state(
            actor=manager, membership=membership, state=MembershipState.ACTIVE
        )


def test_evidence_that_is_too_long_is_refused_with_its_length() -> None:
    cluster = ClusterFactory()
    with pytest.raises(actions.MembershipRefused) as refused:
        actions.admit_member(
            actor=manager_of(cluster),
            cluster=cluster,
            profile=OrganisationFactory(),
            evidence_it="x" * 501,
        )
    assert refused.value.fields == {
        "evidence_it": "Il testo ha 501 caratteri; ce ne stanno al massimo 500."
    }
