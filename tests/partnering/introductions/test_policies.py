"""Every rule on asks says the same of an object and of a table, for every kind of person."""

from datetime import date

import pytest

from tests.factories.accounts import PersonFactory
from tests.factories.clusters import (
    ClusterFactory,
    MembershipFactory,
    NetworkFactory,
    agency_of,
    manager_of,
)
from tests.factories.introductions import AskFactory, AskShareFactory, FloorFactory
from tests.factories.organisations import NOW, OrganisationFactory, person
from trebbo.kernel.access import Viewer, installation, visitor
from trebbo.kernel.policies import Rule
from trebbo.partnering.introductions.models import Ask, FairnessFloor
from trebbo.partnering.introductions.policies import (
    edit_ask,
    edit_shortlist,
    keep_index,
    may_keep,
    set_floor,
    set_preferences,
    view_ask,
    view_floor,
)

pytestmark = pytest.mark.django_db


class World:
    """One ask shared with a cluster and a network, and asks of others."""

    def __init__(self) -> None:
        self.owner, self.other_owner = PersonFactory(), PersonFactory()
        self.network, self.other_network = NetworkFactory(), NetworkFactory()
        self.health = ClusterFactory(network=self.network)
        self.mech = ClusterFactory(network=self.network)
        self.abroad = ClusterFactory(network=self.other_network)
        self.asker, self.member = OrganisationFactory(), OrganisationFactory()
        MembershipFactory(cluster=self.health, profile=self.asker, valid_from=date(2020, 1, 1))
        self.ask = AskFactory(owner=self.owner, asker=self.asker)
        AskShareFactory(ask=self.ask, cluster=self.health)
        AskShareFactory(ask=self.ask, cluster=None, network=self.other_network)
        self.private = AskFactory(owner=self.owner)
        self.others = AskFactory(owner=self.other_owner, asker=self.member)
        self.nobodys = AskFactory()
        self.floor = FloorFactory(cluster=self.health)
        self.network_floor = FloorFactory(cluster=None, network=self.network)
        FloorFactory(cluster=self.abroad)

    def people(self) -> dict[str, Viewer]:
        """Every kind of person."""
        asks = {self.asker.pk: frozenset({"editor"})}
        return {
            "visitor": visitor(NOW),
            "installation": installation(NOW),
            "signed in, holding nothing": person(person_id=10**6),
            "owner": person(person_id=self.owner.pk),
            "editor of the asker": person(person_id=10**6, mandates=asks),
            "colleague elsewhere": person(
                person_id=10**6, mandates={self.member.pk: frozenset({"representative"})}
            ),
            "manager": manager_of(self.health),
            "manager of another": manager_of(self.mech),
            "board": person(clusters={self.health.pk: frozenset({"board"})}),
            "chair": person(clusters={self.health.pk: frozenset({"chair"})}),
            "agency of the cluster's network": agency_of(self.network),
            "agency with whom it is shared": agency_of(self.other_network),
            "Region": person(networks={self.other_network.pk: frozenset({"region"})}),
        }


RULES: list[tuple[Rule, type]] = [
    (view_ask, Ask),
    (edit_ask, Ask),
    (edit_shortlist, Ask),
    (set_floor, FairnessFloor),
    (view_floor, FairnessFloor),
]


@pytest.mark.parametrize(("rule", "model"), RULES, ids=[rule.name for rule, _model in RULES])
def test_a_rule_says_the_same_of_objects_and_of_rows(rule: Rule, model: type) -> None:
    for who, viewer in World().people().items():
        rows = [row.pk for row in rule.filter(viewer, model.objects.order_by("pk"))]
        one_by_one = [row.pk for row in model.objects.order_by("pk") if rule.allows(viewer, row)]
        assert rows == one_by_one, who


def test_who_does_what_with_an_ask() -> None:
    world = World()
    answers = {
        who: tuple(rule.allows(viewer, world.ask) for rule in (view_ask, edit_ask, edit_shortlist))
        for who, viewer in world.people().items()
    }
    nothing, everything, broker = (False,) * 3, (True,) * 3, (True, False, True)
    assert answers == {
        "visitor": nothing,
        "installation": nothing,
        "signed in, holding nothing": nothing,
        "owner": everything,
        "editor of the asker": everything,
        "colleague elsewhere": nothing,
        "manager": broker,
        "manager of another": nothing,
        "board": nothing,
        "chair": nothing,
        "agency of the cluster's network": nothing,
        "agency with whom it is shared": broker,
        "Region": nothing,
    }


def test_an_ask_that_is_not_shared_is_its_owners_alone_and_one_without_owner_nobodys() -> None:
    world = World()
    seen = {
        who: {ask.pk for ask in view_ask.filter(viewer, Ask.objects.all())}
        & {world.private.pk, world.nobodys.pk}
        for who, viewer in world.people().items()
    }
    assert seen == {who: {world.private.pk} if who == "owner" else set() for who in seen}


def test_an_ask_shared_with_several_offices_of_one_person_is_listed_once() -> None:
    ask, first, second = AskFactory(), ClusterFactory(), ClusterFactory()
    for cluster in (first, second):
        AskShareFactory(ask=ask, cluster=cluster)
    both = person(clusters={one.pk: frozenset({"manager"}) for one in (first, second)})
    assert list(view_ask.filter(both, Ask.objects.all())) == [ask]


def test_who_sets_and_sees_floors() -> None:
    world = World()
    answers = {
        who: tuple(
            rule.allows(viewer, floor)
            for rule in (set_floor, view_floor)
            for floor in (world.floor, world.network_floor)
        )
        for who, viewer in world.people().items()
    }
    expected = dict.fromkeys(answers, (False,) * 4)
    expected["manager"] = (True, False, True, True)
    expected["manager of another"] = (False, False, False, True)
    expected["agency of the cluster's network"] = (False, True, True, True)
    assert answers == expected


def test_who_speaks_for_a_body_in_asks() -> None:
    world = World()
    speaks = {
        who for who, one in world.people().items() if set_preferences.allows(one, world.asker)
    }
    assert speaks == {
        "editor of the asker",
        "manager",
        "agency of the cluster's network",
        "agency with whom it is shared",
    }


def test_who_keeps_asks_and_the_index() -> None:
    people = World().people()
    assert {who for who, one in people.items() if not may_keep(one) and one.person_id} == set()
    assert not may_keep(people["visitor"])
    assert may_keep(people["signed in, holding nothing"])
    assert {who for who, one in people.items() if keep_index(one)} == {
        "installation",
        "agency of the cluster's network",
        "agency with whom it is shared",
    }
