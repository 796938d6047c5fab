"""Who reads which lines of the audit trail: for every kind of person, on data that could leak."""

from dataclasses import dataclass

import pytest
from django.db.models import Model

from tests.factories.clusters import (
    ClusterFactory,
    MembershipFactory,
    NetworkFactory,
    SpecialisationFactory,
    ValueChainFactory,
    agency_of,
    manager_of,
)
from tests.factories.organisations import NOW, OrganisationFactory, person
from trebbo.ecosystem.clusters.choices import MembershipState
from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel.access import Viewer, visitor
from trebbo.kernel.audit import record
from trebbo.kernel.models import AuditLine
from trebbo.outlets.oversight.policies import view_audit_line

pytestmark = pytest.mark.django_db


@dataclass(frozen=True, slots=True)
class Trail:
    """Two networks with one cluster each, a member of each, and a line about everything."""

    people: dict[str, Viewer]
    lines: dict[str, AuditLine]


def _line(subject: Model) -> AuditLine:
    return record(actor=person(label="Ada"), verb="edit_profile", subject=subject)


@pytest.fixture
def trail() -> Trail:
    """The lines by name, and one person of each kind."""
    ours, theirs = ClusterFactory(), ClusterFactory(network=NetworkFactory())
    member, foreign, former = OrganisationFactory(), OrganisationFactory(), OrganisationFactory()
    MembershipFactory(cluster=ours, profile=member)
    MembershipFactory(cluster=theirs, profile=foreign)
    MembershipFactory(cluster=ours, profile=former, state=MembershipState.WITHDRAWN)
    subjects = {
        "cluster": Profile.objects.get(pk=ours.pk),
        "member": Profile.objects.get(pk=member.pk),
        "former member": Profile.objects.get(pk=former.pk),
        "other cluster": Profile.objects.get(pk=theirs.pk),
        "other member": Profile.objects.get(pk=foreign.pk),
        "chain": ValueChainFactory(cluster=ours),
        "other chain": ValueChainFactory(cluster=theirs),
        "network": ours.network,
        "district": SpecialisationFactory(),
    }
    networks = {ours.network_id: frozenset({"agency"}), theirs.network_id: frozenset({"agency"})}
    people = {
        "visitor": visitor(NOW),
        "representative": person(mandates={member.pk: frozenset({"representative"})}),
        "board": person(clusters={ours.pk: frozenset({"board"})}),
        "region": person(networks={ours.network_id: frozenset({"region"})}),
        "manager": manager_of(ours),
        "agency": agency_of(ours.network),
        "agency of all": person(networks=networks),
    }
    return Trail(people, {name: _line(subject) for name, subject in subjects.items()})


OFFICE = {"cluster", "member", "chain"}


@pytest.mark.parametrize(
    ("who", "readable"),
    [
        ("visitor", set()),
        ("representative", set()),
        ("board", set()),
        ("region", set()),
        ("manager", OFFICE),
        ("agency", OFFICE | {"network", "district"}),
    ],
)
def test_each_reads_what_is_in_their_care(trail: Trail, who: str, readable: set[str]) -> None:
    """Neither another cluster's members nor those who have left."""
    found = view_audit_line.filter(trail.people[who], AuditLine.objects.all())
    assert {name for name, line in trail.lines.items() if line in found} == readable


def test_the_agency_of_all_networks_reads_everything(trail: Trail) -> None:
    """Also what is about nobody's member, and what is about things that are gone."""
    found = view_audit_line.filter(trail.people["agency of all"], AuditLine.objects.all())
    assert set(found) == set(trail.lines.values())


def test_object_and_rows_agree(trail: Trail) -> None:
    """The rule says the same of one line and of all, whoever asks."""
    for viewer in trail.people.values():
        found = set(view_audit_line.filter(viewer, AuditLine.objects.all()))
        assert found == {
            line for line in trail.lines.values() if view_audit_line.allows(viewer, line)
        }
