"""A profile whose name or number changes is linked again, and only then."""

from typing import Any

import pytest

from tests.factories.clusters import ClusterFactory, MembershipFactory, manager_of
from tests.factories.evidence import BodyFactory
from tests.factories.organisations import OrganisationFactory, SeatFactory
from trebbo.ecosystem.evidence.choices import LinkState
from trebbo.ecosystem.evidence.models import Link
from trebbo.ecosystem.organisations import actions as organisations
from trebbo.kernel.access import Viewer

pytestmark = pytest.mark.django_db


def office_and_firm() -> tuple[Viewer, int]:
    """A manager and a member at Mirandola with a name of its own."""
    cluster = ClusterFactory()
    firm = OrganisationFactory(name="Officine Rossi")
    MembershipFactory(cluster=cluster, profile=firm)
    SeatFactory(profile=firm, is_main=True)
    BodyFactory(key="912345678", name="BIOMATERIALI AVANZATI PADANI SRL", town="Mirandola")
    return manager_of(cluster), firm.pk


def test_a_profile_that_tells_its_pic_is_linked_at_once(
    django_capture_on_commit_callbacks: Any,
) -> None:
    office, firm = office_and_firm()
    with django_capture_on_commit_callbacks(execute=True):
        organisations.add_other_name(
            actor=office, profile_id=firm, name="Biomateriali Avanzati Padani", kind="trade"
        )
        organisations.add_identifier(actor=office, profile_id=firm, scheme="pic", value="912345678")
    assert Link.objects.get().state == LinkState.MADE


def test_other_changes_ask_nothing(django_capture_on_commit_callbacks: Any) -> None:
    office, firm = office_and_firm()
    OrganisationFactory(name="Biomateriali Avanzati Padani srl")
    with django_capture_on_commit_callbacks(execute=True):
        organisations.confirm_profile(actor=office, profile_id=firm)
    assert not Link.objects.exists()
