"""Tests of what a person holds on a day, and who sees whose colleagues."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories.accounts import (
    ClusterRoleFactory,
    InvitationFactory,
    MandateFactory,
    NetworkRoleFactory,
    PersonFactory,
    acting,
)
from trebbo.ecosystem.accounts import queries
from trebbo.ecosystem.accounts.choices import ClusterRoleKind, MandateRole
from trebbo.kernel.access import visitor

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("start", "end", "holds"),
    [
        (-10, None, True),
        (-10, 0, True),
        (0, None, True),
        (0, 0, True),
        (-10, -1, False),
        (1, None, False),
    ],
)
def test_rights_follow_from_dates(start: int, end: int | None, holds: bool) -> None:
    """A mandate that ended yesterday gives nothing; one that ends today still holds."""
    today = timezone.localdate()
    dates = {
        "valid_from": today + timedelta(days=start),
        "valid_until": None if end is None else today + timedelta(days=end),
    }
    person = PersonFactory()
    mandate = MandateFactory(person=person, **dates)
    role = ClusterRoleFactory(person=person, **dates)
    part = NetworkRoleFactory(person=person, **dates)
    viewer = acting(person)
    assert viewer.mandates == ({mandate.profile_id: frozenset({"representative"})} if holds else {})
    assert viewer.managed_clusters == ({role.cluster_id} if holds else set())
    assert viewer.agency_networks == ({part.network_id} if holds else set())
    assert viewer.is_office is holds
    assert queries.my_holdings(viewer=viewer).nothing is not holds


def test_several_roles_in_one_cluster() -> None:
    """A board member may also run the office."""
    role = ClusterRoleFactory()
    ClusterRoleFactory(person=role.person, cluster=role.cluster, role=ClusterRoleKind.BOARD)
    assert acting(role.person).clusters == {role.cluster_id: frozenset({"manager", "board"})}


def test_visitors_see_nobody_and_strangers_no_profile() -> None:
    """Names are for those who act for it, look after it, or coordinate the network."""
    mandate = MandateFactory()
    InvitationFactory(profile=mandate.profile)
    editor = MandateFactory(profile=mandate.profile, role=MandateRole.EDITOR).person
    slug, key = mandate.profile.slug, mandate.profile_id
    inside = [mandate.person, editor, NetworkRoleFactory().person]
    outside = [PersonFactory(), MandateFactory().person, ClusterRoleFactory().person]
    for person in inside:
        assert queries.profile_with_colleagues(slug, viewer=acting(person)).pk == key
        assert queries.open_invitations(key, viewer=acting(person)).count() == 1
    for viewer in [visitor(), *map(acting, outside)]:
        assert queries.profile_with_colleagues(slug, viewer=viewer) is None
        assert queries.open_invitations(key, viewer=viewer).count() == 0
    assert queries.people_acting_for(key, viewer=visitor()).count() == 0
    assert queries.people_acting_for(key, viewer=acting(editor)).count() == 2


def test_closed_invitations_are_not_listed() -> None:
    """Accepted, withdrawn and expired ones are over."""
    mandate = MandateFactory()
    now = timezone.now()
    open_one = InvitationFactory(profile=mandate.profile)
    InvitationFactory(profile=mandate.profile, accepted_at=now)
    InvitationFactory(profile=mandate.profile, revoked_at=now)
    InvitationFactory(profile=mandate.profile, expires_at=now)
    listed = queries.open_invitations(mandate.profile_id, viewer=acting(mandate.person))
    assert list(listed) == [open_one]
