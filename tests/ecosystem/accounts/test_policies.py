"""Each rule about people says the same of an object and of rows, for every kind of person."""

from typing import Any

import pytest

from tests.factories.accounts import (
    ClusterRoleFactory,
    MandateFactory,
    NetworkRoleFactory,
    PersonFactory,
    acting,
)
from tests.factories.organisations import OrganisationFactory, UnitFactory
from trebbo.ecosystem.accounts import policies
from trebbo.ecosystem.accounts.choices import ClusterRoleKind, MandateRole, NetworkRoleKind
from trebbo.ecosystem.accounts.models import ClusterRole, Mandate, NetworkRole, related
from trebbo.kernel.access import Viewer, installation, visitor

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> dict[str, Viewer]:
    """One viewer of each kind, around one organisation, its laboratory, a cluster and a network."""
    representative = MandateFactory()
    UnitFactory(organisation=representative.profile)
    OrganisationFactory()
    agency = NetworkRoleFactory()
    manager = ClusterRoleFactory(cluster__network=agency.network)
    editor = MandateFactory(profile=representative.profile, role=MandateRole.EDITOR)
    board = ClusterRoleFactory(cluster=manager.cluster, role=ClusterRoleKind.BOARD)
    region = NetworkRoleFactory(network=agency.network, role=NetworkRoleKind.REGION)
    people = {
        "representative": representative.person,
        "editor": editor.person,
        "colleague of another": MandateFactory().person,
        "manager": manager.person,
        "manager of another": ClusterRoleFactory().person,
        "board": board.person,
        "agency": agency.person,
        "another agency": NetworkRoleFactory().person,
        "region": region.person,
        "nobody": PersonFactory(),
    }
    viewers = {name: acting(person) for name, person in people.items()}
    return {**viewers, "visitor": visitor(), "installation": installation()}


RULES = [
    (policies.invite_colleague, (Mandate, "profile")),
    (policies.see_colleagues, (Mandate, "profile")),
    (policies.appoint_in_cluster, (ClusterRole, "cluster")),
    (policies.appoint_in_network, (NetworkRole, "network")),
]


@pytest.mark.parametrize(("rule", "table"), RULES, ids=lambda value: getattr(value, "name", ""))
def test_object_and_rows_agree(world: dict[str, Viewer], rule: Any, table: Any) -> None:
    """`allows` of each object equals its presence among the filtered rows."""
    rows = related(*table).objects.all()
    assert rows.count() > 1
    answers = set()
    for viewer in world.values():
        allowed = {row.pk for row in rows if rule.allows(viewer, row)}
        assert set(rule.filter(viewer, rows).values_list("pk", flat=True)) == allowed
        answers.add(frozenset(allowed))
    assert len(answers) > 1


def test_who_may_do_what(world: dict[str, Viewer]) -> None:
    """The rule book, read out for the organisation, the cluster and the network of the world."""
    profile = related(Mandate, "profile").objects.get(pk=min(world["representative"].mandates))
    cluster = related(ClusterRole, "cluster").objects.get(pk=min(world["board"].clusters))
    network = related(NetworkRole, "network").objects.get(pk=min(world["region"].networks))

    def allowed(rule: Any, subject: Any) -> set[str]:
        return {name for name, viewer in world.items() if rule.allows(viewer, subject)}

    assert allowed(policies.invite_colleague, profile) == {
        "representative",
        "agency",
        "another agency",
    }
    assert allowed(policies.see_colleagues, profile) == {
        "representative",
        "editor",
        "agency",
        "another agency",
    }
    assert allowed(policies.appoint_in_cluster, cluster) == {"agency"}
    assert allowed(policies.appoint_in_network, network) == {"agency"}
    assert {name for name, v in world.items() if policies.may_register_people(v)} == {
        "agency",
        "another agency",
    }
