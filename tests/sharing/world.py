"""A laboratory and every kind of person, for the rules of what members put on the table."""

from datetime import date
from typing import Any

from django.db.models import Model

from tests.factories.accounts import PersonFactory
from tests.factories.clusters import (
    ClusterFactory,
    MembershipFactory,
    NetworkFactory,
    agency_of,
    manager_of,
)
from tests.factories.organisations import NOW, OrganisationFactory, UnitFactory, person
from trebbo.ecosystem.accounts.models import Mandate
from trebbo.kernel.access import Viewer, installation, visitor
from trebbo.kernel.policies import Rule

IN_THE_NETWORK = {
    "member of the network",
    "editor",
    "editor of the parent",
    "representative of the parent",
    "board",
    "Region",
    "office",
    "office of another cluster",
    "agency",
    "agency abroad",
}
LOOK_AFTER = {"editor", "representative of the parent", "office", "agency", "agency abroad"}
OFFICES = {"office", "office of another cluster", "agency", "agency abroad"}


class World:
    """A laboratory of a university, a member of a cluster, and every kind of person."""

    def __init__(self, visibility: str = "public") -> None:
        self.network = NetworkFactory()
        self.cluster = ClusterFactory(network=self.network)
        self.other = ClusterFactory(network=self.network)
        self.lab = UnitFactory(visibility=visibility)
        MembershipFactory(cluster=self.cluster, profile=self.lab, valid_from=date(2020, 1, 1))
        firm = OrganisationFactory()
        for profile in (self.lab, firm):
            # Somebody has acted for them: no office takes them over.
            Mandate.objects.create(
                person=PersonFactory(), profile=profile, role="editor", valid_from=date(2020, 1, 1)
            )
        parent = self.lab.organisation_id
        self.people: dict[str, Viewer] = {
            "visitor": visitor(NOW),
            "installation": installation(NOW),
            "signed in, holding nothing": person(person_id=1),
            "member of the network": _acting(firm.pk, "representative"),
            "editor": _acting(self.lab.pk, "editor"),
            "editor of the parent": _acting(parent, "editor"),
            "representative of the parent": _acting(parent, "representative"),
            "board": person(person_id=1, clusters={self.cluster.pk: frozenset({"board"})}),
            "Region": person(person_id=1, networks={self.network.pk: frozenset({"region"})}),
            "office": manager_of(self.cluster),
            "office of another cluster": manager_of(self.other),
            "agency": agency_of(self.network),
            "agency abroad": agency_of(NetworkFactory()),
        }

    def who(self, rule: Rule[Any], subject: Any) -> set[str]:
        """For whom the rule says yes of an object."""
        return {name for name, viewer in self.people.items() if rule.allows(viewer, subject)}


def _acting(profile_id: int, role: str) -> Viewer:
    return person(person_id=1, mandates={profile_id: frozenset({role})})


def seen(profile: str, fact: str, people: set[str]) -> set[str]:
    """Who sees a fact of this circle on a profile of that one."""
    if "hidden" in (profile, fact):
        return LOOK_AFTER
    return IN_THE_NETWORK if "network" in (profile, fact) else people


def assert_alike(rule: Rule[Any], table: type[Model], viewers: dict[str, Viewer]) -> None:
    """The rule and each of its grants say the same of each object and of the table's rows."""
    rows: Any = table._default_manager.order_by("pk")
    everything = list(rows)
    for name, viewer in viewers.items():
        allowed: set[int] = set()
        for grant in rule.grants:
            one_by_one = {one.pk for one in everything if grant.holds(viewer, one)}
            found = rows.filter(grant.rows(viewer)).values_list("pk", flat=True)
            assert set(found) == one_by_one, (rule.name, name, grant.name)
            allowed |= one_by_one
        filtered = rule.filter(viewer, rows).values_list("pk", flat=True)
        assert list(filtered) == sorted(allowed), (rule.name, name)
