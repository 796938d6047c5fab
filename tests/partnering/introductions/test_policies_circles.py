"""Who reads the text and the teaser of a need: every circle and every kind of person."""

from datetime import date, timedelta

import pytest

from tests.factories.accounts import PersonFactory
from tests.factories.clusters import (
    ChainMembershipFactory,
    ClusterFactory,
    MembershipFactory,
    NetworkFactory,
    ValueChainFactory,
    agency_of,
    manager_of,
)
from tests.factories.introductions import AskFactory, AskShareFactory
from tests.factories.organisations import NOW, OrganisationFactory, UnitFactory, person
from trebbo.ecosystem.clusters.choices import Circle
from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel.access import Viewer, installation, visitor
from trebbo.kernel.policies import Rule
from trebbo.partnering.introductions.models import Ask, AskReader
from trebbo.partnering.introductions.policies import read_teaser, read_text, view_ask

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
YESTERDAY = TODAY - timedelta(days=1)
SINCE = date(2020, 1, 1)
KEEPERS = {"owner", "editor of the asker", "broker"}
OF_CHAIN = {"takes part in the chain", "chair of the chain", "manager", "agency"}
OF_CLUSTER = OF_CHAIN | {
    "member",
    "candidate",
    "unit of a member",
    "organisation of a member unit",
    "excluded from next month",
    "board",
    "took part in the chain",
}
OF_NETWORK = OF_CLUSTER | {"member of a sister cluster", "manager of a sister cluster", "Region"}
REACH = {
    Circle.NAMED: set[str](),
    Circle.CHAIN: OF_CHAIN,
    Circle.CLUSTER: OF_CLUSTER,
    Circle.NETWORK: OF_NETWORK,
}


def acting_for(profile: Profile) -> Viewer:
    """Somebody who acts for it."""
    return person(person_id=10**6, mandates={profile.pk: frozenset({"editor"})})


class World:
    """A value chain of a cluster of a network, a sister cluster, and another network."""

    def __init__(self) -> None:
        self.network, self.other_network = NetworkFactory(), NetworkFactory()
        self.health = ClusterFactory(network=self.network)
        self.sister = ClusterFactory(network=self.network)
        self.abroad = ClusterFactory(network=self.other_network)
        self.chain = ValueChainFactory(cluster=self.health)
        self.owner, self.reader = PersonFactory(), PersonFactory()
        self.asker, self.broker = OrganisationFactory(), ClusterFactory()

    def ask(self, circle: str, teaser_circle: str = "", **given: object) -> Ask:
        """An ask of this circle, which means this network, cluster and chain."""
        ask: Ask = AskFactory(
            owner=self.owner,
            asker=self.asker,
            circle=circle,
            teaser_circle=teaser_circle or circle,
            teaser="Un'anteprima",
            **{
                "network": self.network,
                "cluster": self.health,
                "value_chain": self.chain,
                **given,
            },
        )
        AskShareFactory(ask=ask, cluster=self.broker)
        AskReader.objects.create(ask=ask, person=self.reader, named_at=NOW)
        return ask

    def member_of(self, cluster: object, profile: Profile | None = None, **given: object) -> Viewer:
        """Somebody who acts for a member."""
        body = profile or OrganisationFactory()
        MembershipFactory(cluster=cluster, profile=body, valid_from=SINCE, **given)
        return acting_for(body)

    def in_chain(self, **given: object) -> Viewer:
        """Somebody who acts for a member that takes part in the chain."""
        body = OrganisationFactory()
        ChainMembershipFactory(
            value_chain=self.chain, profile=body, **{"valid_from": SINCE, **given}
        )
        return self.member_of(self.health, body)

    def people(self) -> dict[str, Viewer]:
        """Every kind of person."""
        lab, other_lab = UnitFactory(), UnitFactory()
        self.member_of(self.health, lab.organisation)
        self.member_of(self.health, other_lab)
        chair = {self.health.pk: frozenset({"chair"})}
        return {
            "visitor": visitor(NOW),
            "installation": installation(NOW),
            "signed in, holding nothing": person(person_id=10**6),
            "owner": person(person_id=self.owner.pk),
            "editor of the asker": acting_for(self.asker),
            "broker": manager_of(self.broker),
            "named": person(person_id=self.reader.pk),
            "takes part in the chain": self.in_chain(),
            "took part in the chain": self.in_chain(valid_until=YESTERDAY),
            "chair of the chain": person(clusters=chair, chains=frozenset({self.chain.pk})),
            "manager": manager_of(self.health),
            "agency": agency_of(self.network),
            "member": self.member_of(self.health),
            "candidate": self.member_of(self.health, state="candidate"),
            "unit of a member": acting_for(lab),
            "organisation of a member unit": acting_for(other_lab.organisation),
            "excluded from next month": self.member_of(
                self.health, state="excluded", valid_until=TODAY + timedelta(days=30)
            ),
            "member until yesterday": self.member_of(self.health, valid_until=YESTERDAY),
            "withdrew on an unknown day": self.member_of(self.health, state="withdrawn"),
            "body of no cluster": acting_for(OrganisationFactory()),
            "board": person(clusters={self.health.pk: frozenset({"board"})}),
            "member of a sister cluster": self.member_of(self.sister),
            "manager of a sister cluster": manager_of(self.sister),
            "Region": person(networks={self.network.pk: frozenset({"region"})}),
            "member abroad": self.member_of(self.abroad),
            "manager abroad": manager_of(self.abroad),
            "agency abroad": agency_of(self.other_network),
        }


def readers(rule: Rule[Ask], ask: Ask, people: dict[str, Viewer]) -> set[str]:
    """For whom the rule says yes."""
    return {who for who, viewer in people.items() if rule.allows(viewer, ask)}


def expected(circle: Circle, people: dict[str, Viewer]) -> set[str]:
    """Who is in a circle, with those who always read."""
    if circle == Circle.PUBLIC:
        return set(people)
    return REACH[circle] | KEEPERS | {"named"}


@pytest.mark.parametrize("circle", Circle)
def test_each_circle_is_read_by_its_own_people_only(circle: Circle) -> None:
    world = World()
    people = world.people()
    ask = world.ask(circle)
    assert readers(read_text, ask, people) == expected(circle, people)
    assert readers(read_teaser, ask, people) == expected(circle, people)


@pytest.mark.parametrize("outer", Circle)
def test_a_teaser_is_read_by_the_wider_circle_and_the_text_by_the_narrower(outer: Circle) -> None:
    world = World()
    people = world.people()
    for inner in Circle:
        ask = world.ask(inner, outer)
        text, teaser = readers(read_text, ask, people), readers(read_teaser, ask, people)
        assert text == expected(inner, people), inner
        assert teaser == expected(inner, people) | expected(outer, people), inner


def test_a_closed_ask_is_read_by_those_who_work_on_it_only() -> None:
    world = World()
    people = world.people()
    for circle in Circle:
        ask = world.ask(circle, Circle.PUBLIC, closed_at=NOW)
        for rule in (read_text, read_teaser, view_ask):
            assert readers(rule, ask, people) == KEEPERS, circle


def test_a_circle_whose_network_cluster_or_chain_is_gone_opens_nothing() -> None:
    world = World()
    people = world.people()
    for circle in (Circle.NETWORK, Circle.CLUSTER, Circle.CHAIN):
        ask = world.ask(circle, network=None, cluster=None, value_chain=None)
        assert readers(read_text, ask, people) == KEEPERS | {"named"}


@pytest.mark.parametrize("rule", [read_text, read_teaser], ids=["read_text", "read_teaser"])
def test_a_rule_says_the_same_of_objects_and_of_rows(rule: Rule[Ask]) -> None:
    world = World()
    people = world.people()
    for circle in Circle:
        world.ask(circle)
        world.ask(Circle.NAMED, circle, network=world.other_network, cluster=world.sister)
    world.ask(Circle.PUBLIC, closed_at=NOW)
    world.ask(Circle.CHAIN, Circle.NETWORK, network=None, value_chain=None)
    AskFactory(circle=Circle.CLUSTER, cluster=world.abroad, teaser_circle=Circle.CLUSTER)
    asks = list(Ask.objects.order_by("pk"))
    for who, viewer in people.items():
        allowed: set[int] = set()
        for grant in rule.grants:
            one_by_one = {ask.pk for ask in asks if grant.holds(viewer, ask)}
            of_table = Ask.objects.filter(grant.rows(viewer)).values_list("pk", flat=True)
            assert set(of_table) == one_by_one, (who, grant.name)
            allowed |= one_by_one
        rows = rule.filter(viewer, Ask.objects.order_by("pk")).values_list("pk", flat=True)
        assert list(rows) == sorted(allowed), who


def test_somebody_in_a_circle_in_several_ways_reads_of_it_once() -> None:
    world = World()
    ask = world.ask(Circle.CLUSTER, Circle.NETWORK)
    first, second = OrganisationFactory(), OrganisationFactory()
    for body in (first, second):
        world.member_of(world.health, body)
        world.member_of(world.sister, body)
    both = person(
        person_id=world.reader.pk,
        mandates={body.pk: frozenset({"editor"}) for body in (first, second)},
        clusters={world.health.pk: frozenset({"manager", "board"})},
    )
    for rule in (read_text, read_teaser):
        assert list(rule.filter(both, Ask.objects.all())) == [ask]
