"""Value chains follow each other, and their history survives."""

from datetime import date

import pytest

from tests.factories.clusters import (
    ChainMembershipFactory,
    ClusterFactory,
    MembershipFactory,
    ValueChainFactory,
    manager_of,
)
from tests.factories.organisations import OrganisationFactory, UnitFactory, person
from trebbo.ecosystem.clusters import actions
from trebbo.ecosystem.clusters.choices import ChainRole, SuccessionKind
from trebbo.ecosystem.clusters.models import ChainMembership, Cluster, Succession, ValueChain
from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import NotAllowed

pytestmark = pytest.mark.django_db


def opened(cluster: Cluster, code: str, start: date | None) -> ValueChain:
    """A value chain opened by the office."""
    return actions.open_value_chain(
        actor=manager_of(cluster),
        cluster=cluster,
        code=code,
        slug=f"vc-{code.lower()}",
        name_it=code,
        name_en=code,
        valid_from=start,
    )


def test_four_value_chains_became_five() -> None:
    """Health's reform: two merge, two continue, two are new; the old ones end the day before."""
    health = ClusterFactory()
    manager = manager_of(health)
    first, reform = date(2017, 5, 31), date(2024, 7, 1)
    old = {c: opened(health, c, first) for c in ("BIOMEDTECH", "MEDRER", "POSERR", "SALUSTECH1")}
    new = {
        c: opened(health, c, reform)
        for c in ("MEDTECH", "PHARMA", "BIGDATAAI", "MATERIALS", "SALUSTECH")
    }
    for before, after, kind in (
        ("POSERR", "PHARMA", SuccessionKind.MERGES),
        ("MEDRER", "PHARMA", SuccessionKind.MERGES),
        ("BIOMEDTECH", "MEDTECH", SuccessionKind.CONTINUES),
        ("SALUSTECH1", "SALUSTECH", SuccessionKind.CONTINUES),
    ):
        actions.succeed_value_chain(
            actor=manager, predecessor=old[before], successor=new[after], kind=kind
        )
    chains = {chain.code: chain for chain in ValueChain.objects.all()}
    assert {chains[code].valid_until for code in old} == {date(2024, 6, 30)}
    for day, count in ((date(2020, 1, 1), 4), (date(2024, 6, 30), 4), (reform, 5)):
        assert sum(chain.holds_on(day) for chain in chains.values()) == count
    origins = chains["PHARMA"].origins.values_list("predecessor__code", flat=True)
    assert sorted(origins) == ["MEDRER", "POSERR"]
    assert not chains["BIGDATAAI"].origins.exists()


def test_who_took_part_leaves_with_the_value_chain_and_stays_in_its_history() -> None:
    cluster = ClusterFactory()
    before, after = opened(cluster, "A", date(2017, 1, 1)), opened(cluster, "B", date(2024, 1, 1))
    place = ChainMembershipFactory(value_chain=before)
    actions.succeed_value_chain(actor=manager_of(cluster), predecessor=before, successor=after)
    place.refresh_from_db()
    assert place.valid_until == date(2023, 12, 31)
    assert before.members.count() == 1


def test_an_ended_predecessor_keeps_its_own_end() -> None:
    cluster = ClusterFactory()
    before = ValueChainFactory(
        cluster=cluster, valid_from=date(2017, 1, 1), valid_until=date(2024, 12, 31)
    )
    after = ValueChainFactory(cluster=cluster, valid_from=date(2024, 1, 1))
    actions.succeed_value_chain(actor=manager_of(cluster), predecessor=before, successor=after)
    before.refresh_from_db()
    assert before.valid_until == date(2024, 12, 31)


def test_successions_that_cannot_be_are_refused() -> None:
    cluster = ClusterFactory()
    manager = manager_of(cluster)
    old = ValueChainFactory(cluster=cluster, valid_from=date(2017, 1, 1))
    new = ValueChainFactory(cluster=cluster, valid_from=date(2024, 1, 1))
    undated = ValueChainFactory(cluster=cluster, valid_from=None)
    elsewhere = ValueChainFactory(valid_from=date(2025, 1, 1))
    actions.succeed_value_chain(actor=manager, predecessor=old, successor=new)
    for before, after in ((old, elsewhere), (old, old), (new, old), (old, new), (new, undated)):
        with pytest.raises(actions.ValueChainRefused) as refused:
            actions.succeed_value_chain(actor=manager, predecessor=before, successor=after)
        assert set(refused.value.fields) == {"successor"}
    assert Succession.objects.count() == 1


def test_a_circle_of_three_is_refused_even_without_dates() -> None:
    cluster = ClusterFactory()
    end = date(2024, 1, 1)
    links = [ValueChainFactory(cluster=cluster, valid_from=None, valid_until=end) for _ in range(3)]
    manager = manager_of(cluster)
    for before, after in ((links[0], links[1]), (links[1], links[2])):
        actions.succeed_value_chain(actor=manager, predecessor=before, successor=after)
    with pytest.raises(actions.ValueChainRefused):
        actions.succeed_value_chain(actor=manager, predecessor=links[2], successor=links[0])


def test_a_value_chain_does_not_close_before_it_opened_or_twice() -> None:
    chain = ValueChainFactory(valid_from=date(2024, 1, 1))
    manager = manager_of(chain.cluster)
    with pytest.raises(actions.ValueChainRefused) as refused:
        actions.close_value_chain(actor=manager, value_chain=chain, on=date(2023, 12, 31))
    assert set(refused.value.fields) == {"valid_until"}
    actions.close_value_chain(actor=manager, value_chain=chain, on=date(2025, 1, 1))
    with pytest.raises(actions.ValueChainRefused):
        actions.close_value_chain(actor=manager, value_chain=chain, on=date(2026, 1, 1))
    chain.refresh_from_db()
    assert chain.valid_until == date(2025, 1, 1)


def test_codes_and_addresses_are_used_once() -> None:
    cluster = ClusterFactory()
    opened(cluster, "A", None)
    with pytest.raises(actions.ValueChainRefused) as refused:
        opened(cluster, "A", None)
    assert set(refused.value.fields) == {"slug"}
    with pytest.raises(actions.ValueChainRefused) as refused:
        actions.open_value_chain(
            actor=manager_of(cluster),
            cluster=cluster,
            code="A",
            slug="another",
            name_it="A",
            name_en="A",
        )
    assert set(refused.value.fields) == {"code"}


def chair_of(chain: ValueChain) -> Viewer:
    """A person who chairs a value chain."""
    return person(clusters={chain.cluster_id: frozenset({"chair"})}, chains=frozenset({chain.pk}))


def test_members_and_their_units_join_and_others_do_not() -> None:
    chain = ValueChainFactory()
    member = MembershipFactory(cluster=chain.cluster).profile
    unit = UnitFactory(organisation=member.as_organisation)
    for profile in (member, unit):
        actions.join_value_chain(actor=chair_of(chain), value_chain=chain, profile=profile)
    for profile in (OrganisationFactory(), member):
        with pytest.raises(actions.ValueChainRefused) as refused:
            actions.join_value_chain(actor=chair_of(chain), value_chain=chain, profile=profile)
        assert set(refused.value.fields) == {"profile"}
    assert set(chain.members.values_list("profile", flat=True)) == {member.pk, unit.pk}


def test_nobody_takes_part_outside_the_life_of_the_value_chain() -> None:
    chain = ValueChainFactory(valid_from=date(2017, 6, 1), valid_until=date(2024, 12, 31))
    member = MembershipFactory(cluster=chain.cluster).profile
    manager = manager_of(chain.cluster)
    for start in (date(2017, 5, 31), date(2025, 1, 1)):
        with pytest.raises(actions.ValueChainRefused) as refused:
            actions.join_value_chain(
                actor=manager, value_chain=chain, profile=member, valid_from=start
            )
        assert set(refused.value.fields) == {"valid_from"}
    place = actions.join_value_chain(actor=manager, value_chain=chain, profile=member)
    assert place.valid_until == date(2024, 12, 31)


def test_the_chair_passes_on_and_who_held_it_goes_on_as_participant() -> None:
    chain = ValueChainFactory()
    manager = manager_of(chain.cluster)
    first, second = (MembershipFactory(cluster=chain.cluster).profile for _ in range(2))
    actions.appoint_chair_body(actor=manager, value_chain=chain, profile=first, on=date(2024, 2, 1))
    actions.appoint_chair_body(
        actor=manager, value_chain=chain, profile=second, on=date(2026, 2, 1)
    )
    rows = ChainMembership.objects.order_by("valid_from", "pk").values_list(
        "profile", "role", "valid_from", "valid_until"
    )
    assert sorted(rows, key=str) == sorted(
        [
            (first.pk, ChainRole.CHAIR, date(2024, 2, 1), date(2026, 1, 31)),
            (first.pk, ChainRole.PARTICIPANT, date(2026, 2, 1), None),
            (second.pk, ChainRole.CHAIR, date(2026, 2, 1), None),
        ],
        key=str,
    )


def test_a_participant_rises_to_the_vice_chair_without_a_known_day() -> None:
    place = ChainMembershipFactory()
    manager = manager_of(place.value_chain.cluster)
    actions.appoint_chair_body(
        actor=manager,
        value_chain=place.value_chain,
        profile=place.profile,
        role=ChainRole.VICE_CHAIR,
    )
    assert ChainMembership.objects.get().role == ChainRole.VICE_CHAIR


def test_the_chair_appoints_nobody_and_closes_nothing() -> None:
    chain = ValueChainFactory()
    member = MembershipFactory(cluster=chain.cluster).profile
    chair = chair_of(chain)
    with pytest.raises(NotAllowed):
        actions.appoint_chair_body(actor=chair, value_chain=chain, profile=member)
    with pytest.raises(NotAllowed):
        actions.join_value_chain(
            actor=chair, value_chain=chain, profile=member, role=ChainRole.CHAIR
        )
    with pytest.raises(NotAllowed):
        actions.close_value_chain(actor=chair, value_chain=chain, on=date(2026, 1, 1))


def test_somebody_leaves_once_and_not_before_joining() -> None:
    place = ChainMembershipFactory(valid_from=date(2025, 1, 1))
    chair = chair_of(place.value_chain)
    with pytest.raises(actions.ValueChainRefused) as refused:
        actions.leave_value_chain(actor=chair, place=place, on=date(2024, 12, 31))
    assert set(refused.value.fields) == {"valid_until"}
    left = actions.leave_value_chain(actor=chair, place=place, on=date(2026, 1, 31))
    assert left.valid_until == date(2026, 1, 31)
    with pytest.raises(actions.ValueChainRefused):
        actions.leave_value_chain(actor=chair, place=place, on=date(2026, 2, 1))


def test_the_second_of_two_who_edit_is_told_what_is_kept_now() -> None:
    chain = ValueChainFactory(aim_it="primo")
    chair = chair_of(chain)
    actions.edit_value_chain(actor=chair, value_chain=chain, version=1, aim_it="secondo")
    with pytest.raises(actions.ValueChainChanged) as conflict:
        actions.edit_value_chain(actor=chair, value_chain=chain, version=1, aim_it="terzo")
    assert (conflict.value.present["aim_it"], conflict.value.version) == ("secondo", 2)
    chain.refresh_from_db()
    assert chain.aim_it == "secondo"
