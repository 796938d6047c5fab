"""Every rule says the same of an object and of a table, for every kind of person."""

from datetime import date

import pytest

from tests.factories.accounts import MandateFactory
from tests.factories.clusters import (
    ClusterFactory,
    MembershipFactory,
    NetworkFactory,
    SpecialisationFactory,
    ValueChainFactory,
    agency_of,
    manager_of,
)
from tests.factories.organisations import (
    NOW,
    OrganisationFactory,
    TechnopoleFactory,
    UnitFactory,
    person,
)
from trebbo.ecosystem.clusters.choices import MembershipState
from trebbo.ecosystem.clusters.models import Cluster, Network, Specialisation, ValueChain
from trebbo.ecosystem.clusters.policies import (
    coordinate_network,
    manage_cluster,
    manage_specialisation,
    manage_value_chain,
    memberships_on,
)
from trebbo.ecosystem.organisations.choices import Visibility
from trebbo.ecosystem.organisations.models import Profile
from trebbo.ecosystem.organisations.policies import edit_profile, invite_to_profile, view_profile
from trebbo.kernel.access import Viewer, visitor
from trebbo.kernel.policies import Rule

pytestmark = pytest.mark.django_db


class World:
    """Two networks, two clusters in the first, and bodies that stand in every relation to them."""

    def __init__(self) -> None:
        self.network, self.other_network = NetworkFactory(), NetworkFactory()
        self.health = ClusterFactory(network=self.network)
        self.mech = ClusterFactory(network=self.network, visibility=Visibility.HIDDEN)
        self.abroad = ClusterFactory(network=self.other_network)
        self.chain = ValueChainFactory(cluster=self.health)
        self.other_chain = ValueChainFactory(cluster=self.mech)
        self.district = SpecialisationFactory()
        hidden = Visibility.HIDDEN
        self.member = OrganisationFactory(visibility=hidden)
        self.candidate = OrganisationFactory(visibility=hidden)
        self.past = OrganisationFactory(visibility=hidden)
        self.leaving = OrganisationFactory(visibility=hidden)
        self.elsewhere = OrganisationFactory(visibility=hidden)
        self.unit = UnitFactory(organisation=self.elsewhere, visibility=hidden)
        self.network_only = OrganisationFactory(visibility=Visibility.NETWORK)
        self.public = OrganisationFactory()
        self.technopole = TechnopoleFactory()
        self.new_unit = UnitFactory(organisation=self.public)
        self.members_unit = UnitFactory(organisation=self.member)
        self.acted_for = OrganisationFactory(visibility=hidden)
        MandateFactory(profile=self.acted_for, valid_until=date(2026, 6, 14))
        for profile in (self.member, self.unit):
            MembershipFactory(cluster=self.health, profile=profile)
        MembershipFactory(
            cluster=self.health, profile=self.candidate, state=MembershipState.CANDIDATE
        )
        for profile, last in ((self.past, date(2026, 6, 14)), (self.leaving, date(2026, 6, 15))):
            MembershipFactory(
                cluster=self.health,
                profile=profile,
                state=MembershipState.WITHDRAWN,
                valid_until=last,
            )
        MembershipFactory(cluster=self.mech, profile=self.elsewhere)

    def people(self) -> dict[str, Viewer]:
        """Every kind of person."""
        return {
            "visitor": visitor(NOW),
            "signed in, holding nothing": person(person_id=1),
            "editor": person(mandates={self.member.pk: frozenset({"editor"})}),
            "representative": person(mandates={self.member.pk: frozenset({"representative"})}),
            "represents the parent": person(
                mandates={self.elsewhere.pk: frozenset({"representative"})}
            ),
            "colleague elsewhere": person(mandates={self.public.pk: frozenset({"representative"})}),
            "manager": manager_of(self.health),
            "manager of another": manager_of(self.mech),
            "board": person(clusters={self.health.pk: frozenset({"board"})}),
            "chair": person(
                clusters={self.health.pk: frozenset({"chair"})}, chains=frozenset({self.chain.pk})
            ),
            "agency": agency_of(self.network),
            "agency of another": agency_of(self.other_network),
            "Region": person(networks={self.network.pk: frozenset({"region"})}),
        }


RULES: list[tuple[Rule, type]] = [
    (view_profile, Profile),
    (edit_profile, Profile),
    (invite_to_profile, Profile),
    (manage_cluster, Cluster),
    (manage_value_chain, ValueChain),
    (coordinate_network, Network),
    (manage_specialisation, Specialisation),
]


@pytest.mark.parametrize(("rule", "model"), RULES, ids=[rule.name for rule, _model in RULES])
def test_a_rule_says_the_same_of_objects_and_of_rows(rule: Rule, model: type) -> None:
    for who, viewer in World().people().items():
        rows = {row.pk for row in rule.filter(viewer, model.objects.all())}
        one_by_one = {row.pk for row in model.objects.all() if rule.allows(viewer, row)}
        assert rows == one_by_one, who


def test_who_manages_what() -> None:
    world = World()
    answers = {
        who: (
            manage_cluster.allows(viewer, world.health),
            manage_value_chain.allows(viewer, world.chain),
            manage_value_chain.allows(viewer, world.other_chain),
            coordinate_network.allows(viewer, world.network),
            manage_specialisation.allows(viewer, world.district),
        )
        for who, viewer in world.people().items()
    }
    nothing = (False, False, False, False, False)
    assert answers == {
        "visitor": nothing,
        "signed in, holding nothing": nothing,
        "editor": nothing,
        "representative": nothing,
        "represents the parent": nothing,
        "colleague elsewhere": nothing,
        "manager": (True, True, False, False, False),
        "manager of another": (False, False, True, False, False),
        "board": nothing,
        "chair": (False, True, False, False, False),
        "agency": (True, True, True, True, True),
        "agency of another": (False, False, False, False, True),
        "Region": nothing,
    }


def edited_by(viewer: Viewer) -> set[int]:
    """The ids of the profiles that the person may edit."""
    return set(edit_profile.filter(viewer, Profile.objects.all()).values_list("pk", flat=True))


def test_an_office_cares_for_its_members_until_their_last_day_and_for_what_is_nobodys() -> None:
    world = World()
    expected = {world.member, world.unit, world.candidate, world.leaving, world.health}
    nobodys = {world.public, world.network_only, world.new_unit, world.members_unit}
    assert edited_by(manager_of(world.health)) == {p.pk for p in expected | nobodys}


def test_what_is_nobodys_leaves_the_care_of_other_offices_with_its_first_keeper() -> None:
    """A mandate or a membership takes it away, also one that has ended, and its units with it."""
    build = manager_of(ClusterFactory())
    body = OrganisationFactory()
    unit = UnitFactory(organisation=body)
    assert {body.pk, unit.pk} <= edited_by(build)
    mandate = MandateFactory(profile=body, valid_until=date(2026, 1, 31))
    assert not {body.pk, unit.pk} & edited_by(build)
    mandate.delete()
    membership = MembershipFactory(
        profile=body, state=MembershipState.WITHDRAWN, valid_until=date(2026, 1, 31)
    )
    assert not {body.pk, unit.pk} & edited_by(build)
    membership.delete()
    MembershipFactory(profile=unit)
    assert body.pk in edited_by(build)
    assert unit.pk not in edited_by(build)


def test_what_is_nobodys_is_opened_to_colleagues_by_the_agency_alone() -> None:
    world = World()
    assert not invite_to_profile.allows(manager_of(world.health), world.public)
    assert invite_to_profile.allows(agency_of(world.network), world.public)


def test_the_board_edits_no_members() -> None:
    world = World()
    board = world.people()["board"]
    assert not edit_profile.filter(board, Profile.objects.all()).exists()


@pytest.mark.parametrize(
    ("day", "holds"),
    [
        (date(2025, 12, 31), False),
        (date(2026, 1, 1), True),
        (date(2026, 3, 31), True),
        (date(2026, 4, 1), False),
    ],
)
def test_a_membership_holds_from_its_first_to_its_last_day(day: date, holds: bool) -> None:
    MembershipFactory(
        valid_from=date(2026, 1, 1),
        valid_until=date(2026, 3, 31),
        state=MembershipState.WITHDRAWN,
    )
    assert memberships_on(day).exists() is holds


def test_a_withdrawal_whose_day_is_not_known_is_over() -> None:
    MembershipFactory(state=MembershipState.WITHDRAWN)
    assert not memberships_on(NOW.date()).exists()
