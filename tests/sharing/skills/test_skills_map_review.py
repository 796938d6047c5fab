"""The critical review: what changed since a year ago, what is old, what depends on one body."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.factories.clusters import (
    TODAY,
    ChainMembershipFactory,
    ClusterFactory,
    MembershipFactory,
    ValueChainFactory,
    manager_of,
)
from tests.factories.organisations import NOW, ConceptFactory, OrganisationFactory, UnitFactory
from tests.factories.skills import BareCompetenceFactory as CompetenceFactory
from trebbo.ecosystem.clusters.choices import MembershipState
from trebbo.kernel.access import Viewer, visitor
from trebbo.sharing.skills import queries
from trebbo.sharing.skills.choices import Direction
from trebbo.sharing.skills.queries import MapWishes, Review
from trebbo.sharing.skills.queries.skills_map_rows import year_before

pytestmark = pytest.mark.django_db

THEN = date(2025, 6, 15)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def reviewed(place: Any, kind: str = "cluster", viewer: Viewer | None = None) -> Review:
    """The review of a place, with competences as they are stated."""
    viewer = viewer or visitor(NOW)
    found = queries.find_place(kind, place.slug, viewer=viewer)
    assert found is not None
    return queries.skills_review(viewer, found, MapWishes(depth=0))


def test_who_came_and_who_left() -> None:
    cluster = ClusterFactory()
    stays = MembershipFactory(cluster=cluster, valid_from=date(2020, 1, 1)).profile
    unknown = MembershipFactory(cluster=cluster).profile
    came = MembershipFactory(cluster=cluster, valid_from=THEN + timedelta(days=1)).profile
    left = MembershipFactory(
        cluster=cluster, valid_until=THEN, state=MembershipState.WITHDRAWN
    ).profile
    MembershipFactory(cluster=cluster, state=MembershipState.CANDIDATE)
    MembershipFactory(cluster=cluster, profile=UnitFactory(organisation=stays), valid_from=TODAY)
    hidden = OrganisationFactory(visibility="hidden")
    MembershipFactory(cluster=cluster, profile=hidden, valid_from=TODAY)
    review = reviewed(cluster)
    assert (review.then, review.map.bodies, review.bodies_then) == (THEN, 3, 3)
    assert (review.joined, review.left) == ((came.pk,), (left.pk,))
    assert unknown.pk not in (*review.joined, *review.left)
    assert set(reviewed(cluster, viewer=manager_of(cluster)).joined) == {came.pk, hidden.pk}


def test_what_is_offered_by_more_and_by_fewer() -> None:
    cluster = ClusterFactory()
    body, second = (MembershipFactory(cluster=cluster).profile for _ in range(2))
    old, new, ended, written, since = (ConceptFactory() for _ in range(5))
    CompetenceFactory(profile=body, concept=old, valid_from=date(2020, 1, 1))
    CompetenceFactory(profile=second, concept=old, valid_from=THEN, created_at=NOW)
    CompetenceFactory(profile=body, concept=new, valid_from=THEN + timedelta(days=1))
    CompetenceFactory(
        profile=body, concept=ended, created_at=LONG_AGO, valid_until=TODAY - timedelta(days=1)
    )
    CompetenceFactory(profile=body, concept=written, created_at=NOW)
    CompetenceFactory(profile=body, concept=since, created_at=LONG_AGO)
    review = reviewed(cluster)
    assert {(one.key, one.before, one.now) for one in review.gained} == {
        (new.pk, 0, 1),
        (written.pk, 0, 1),
    }
    assert [(one.key, one.before, one.now) for one in review.lost] == [(ended.pk, 1, 0)]


def test_gaps_open_and_close() -> None:
    cluster = ClusterFactory()
    seeker, other = (MembershipFactory(cluster=cluster).profile for _ in range(2))
    opened, closed, stays = (ConceptFactory() for _ in range(3))
    for concept, moment in ((opened, NOW), (closed, LONG_AGO), (stays, LONG_AGO)):
        CompetenceFactory(
            profile=seeker, concept=concept, direction=Direction.SOUGHT, created_at=moment
        )
    CompetenceFactory(profile=other, concept=closed, created_at=NOW)
    review = reviewed(cluster)
    assert [one.key for one in review.opened] == [opened.pk]
    assert [one.key for one in review.closed] == [closed.pk]
    assert {one.key for one in review.map.gaps} == {opened.pk, stays.pk}


def test_what_is_old_or_was_never_confirmed() -> None:
    cluster = ClusterFactory()
    body = MembershipFactory(cluster=cluster).profile
    fresh, old, never = (ConceptFactory() for _ in range(3))
    CompetenceFactory(profile=body, concept=fresh, confirmed_at=NOW, due_date=TODAY)
    yesterday = TODAY - timedelta(days=1)
    CompetenceFactory(profile=body, concept=old, confirmed_at=NOW, due_date=yesterday)
    CompetenceFactory(profile=body, concept=never)
    review = reviewed(cluster)
    assert {line.key for line in review.unconfirmed} == {old.pk, never.pk}
    drawn = review.map
    assert (drawn.offers, drawn.confirmed, drawn.never) == (3, 1, 1)


def test_a_chain_is_compared_with_itself_a_year_before() -> None:
    chain = ValueChainFactory(valid_from=date(2020, 1, 1))
    came = ChainMembershipFactory(value_chain=chain, valid_from=TODAY).profile
    left = ChainMembershipFactory(value_chain=chain, valid_until=THEN).profile
    concept = ConceptFactory()
    CompetenceFactory(profile=left, concept=concept, created_at=LONG_AGO)
    review = reviewed(chain, "value-chain")
    assert (review.joined, review.left) == ((came.pk,), (left.pk,))
    assert [(one.key, one.before, one.now) for one in review.lost] == [(concept.pk, 1, 0)]


def test_who_had_it_made_is_written_on_it() -> None:
    cluster = ClusterFactory()
    review = reviewed(cluster, viewer=manager_of(cluster))
    assert (review.made_by, review.made_at) == ("Manager", NOW)


@pytest.mark.parametrize(
    ("day", "before"),
    [(date(2024, 2, 29), date(2023, 2, 28)), (date(2025, 3, 1), date(2024, 3, 1))],
)
def test_the_day_a_year_before(day: date, before: date) -> None:
    assert year_before(day) == before
