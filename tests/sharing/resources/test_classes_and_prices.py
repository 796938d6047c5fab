"""How near users are to an owner, and what a slot costs them."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.factories.clusters import ClusterFactory, MembershipFactory
from tests.factories.organisations import NOW, OrganisationFactory, UnitFactory
from tests.factories.resources import PriceFactory, ResourceFactory
from tests.sharing.resources.desk import Desk, acting_for, at, later
from trebbo.ecosystem.clusters.models import Membership
from trebbo.kernel.access import Viewer, visitor
from trebbo.sharing.resources import policies, queries
from trebbo.sharing.resources.choices import UserClass
from trebbo.sharing.resources.models import Resource

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


def class_of(viewer: Viewer, resource: Resource, profile_id: int | None = None) -> str:
    """The class, as text."""
    return str(policies.user_class_of(viewer, resource, profile_id))


def test_the_owner_its_organisation_and_their_units() -> None:
    lab = UnitFactory()
    resource = ResourceFactory(profile=lab)
    sibling = UnitFactory(organisation=lab.organisation)
    for profile in (lab, lab.organisation, sibling):
        assert class_of(acting_for(profile), resource, profile.pk) == "owner"
    assert class_of(acting_for(UnitFactory()), resource) == "external"


def test_members_directly_or_through_their_organisation() -> None:
    cluster = ClusterFactory()
    lab, unit = UnitFactory(), UnitFactory()
    resource = ResourceFactory(profile=lab)
    MembershipFactory(cluster=cluster, profile=lab.organisation)
    assert class_of(acting_for(unit), resource) == "external"
    MembershipFactory(cluster=cluster, profile=unit.organisation)
    assert class_of(acting_for(unit), resource) == "member"
    assert class_of(acting_for(unit.organisation), resource) == "member"


def test_the_network_is_other_clusters_of_one_of_the_owners() -> None:
    ours = ClusterFactory()
    sister, stranger = ClusterFactory(network=ours.network), ClusterFactory()
    resource = ResourceFactory()
    MembershipFactory(cluster=ours, profile=resource.profile)
    near, far = (MembershipFactory(cluster=one).profile for one in (sister, stranger))
    assert class_of(acting_for(near), resource) == "network"
    assert class_of(acting_for(far), resource) == "external"
    assert class_of(acting_for(OrganisationFactory()), resource) == "external"


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"state": "active"}, "member"),
        ({"state": "candidate"}, "external"),
        ({"state": "suspended"}, "external"),
        ({"state": "withdrawn", "valid_until": TODAY}, "member"),
        ({"state": "withdrawn", "valid_until": TODAY - timedelta(days=1)}, "external"),
        ({"state": "active", "valid_from": TODAY + timedelta(days=1)}, "external"),
        ({"state": "active", "valid_from": TODAY}, "member"),
    ],
)
def test_memberships_count_on_their_days(facts: dict[str, Any], expected: str) -> None:
    cluster, resource = ClusterFactory(), ResourceFactory()
    MembershipFactory(cluster=cluster, profile=resource.profile)
    membership = MembershipFactory(cluster=cluster, **facts)
    assert class_of(acting_for(membership.profile), resource) == expected


def test_a_body_that_is_not_ones_own_counts_nothing_and_the_nearest_counts() -> None:
    desk = Desk()
    both = acting_for(OrganisationFactory(), desk.firm)
    assert class_of(both, desk.resource) == "member"
    assert class_of(both, desk.resource, desk.lab.pk) == "external"
    assert class_of(visitor(NOW), desk.resource) == "external"


def test_many_at_once_with_as_many_questions(django_assert_num_queries: Any) -> None:
    desk = Desk()
    others = ResourceFactory.create_batch(4)
    with django_assert_num_queries(2):
        classes = policies.user_classes_of(desk.asker, [desk.resource, *others])
    assert sorted(classes.values()) == ["external"] * 4 + ["member"]


def test_an_owner_that_leaves_keeps_its_bookings_and_new_ones_get_the_class_that_follows() -> None:
    desk = Desk()
    PriceFactory(resource=desk.resource, user_class="external", amount=Decimal(90))
    before = desk.ask(at(9, day=3), at(10, day=3))
    Membership.objects.filter(profile=desk.lab).update(
        state="withdrawn", valid_until=TODAY, valid_from=None
    )
    tomorrow = later(desk.asker, at(8, day=0))
    after = desk.ask(at(11, day=3), at(12, day=3), tomorrow)
    assert (after.user_class, after.price) == ("external", 90)
    kept = desk.accept(before, later(desk.owner, at(8, day=0)))
    assert (kept.state, kept.user_class, kept.price) == ("accepted", "member", 40)


def amount(resource: Resource, hours: str, samples: int | None = None) -> Any:
    """What so many hours from 9 cost members: the unit and the amount."""
    end = at(9) + timedelta(minutes=int(60 * Decimal(hours)))
    quote = queries.price_for(resource, UserClass.MEMBER, at(9), end, samples)
    return quote.unit, quote.amount


def priced(**units: str) -> Resource:
    """A resource with these prices for members."""
    resource = ResourceFactory()
    for unit, price in units.items():
        PriceFactory(resource=resource, unit=unit, amount=Decimal(price))
    return resource


def test_the_price_by_time_that_makes_the_least() -> None:
    resource = priced(hour="40", half_day="120", day="200")
    assert amount(resource, "2.75") == ("hour", 110)
    assert amount(resource, "3.5") == ("half_day", 120)
    assert amount(resource, "6") == ("day", 200)
    assert amount(resource, "8.25") == ("hour", 330)


def test_begun_half_days_and_days() -> None:
    assert amount(priced(half_day="100"), "0.25") == ("half_day", 100)
    assert amount(priced(half_day="100"), "4.25") == ("half_day", 200)
    assert amount(priced(day="150"), "8") == ("day", 150)
    assert amount(priced(day="150"), "8.25") == ("day", 300)


def test_samples_then_bookings_then_time() -> None:
    resource = priced(hour="40", booking="70", sample="12.345"[:5])
    assert amount(resource, "2", samples=3) == ("sample", Decimal("37.02"))
    assert amount(resource, "2") == ("booking", 70)
    assert amount(priced(sample="5"), "2") == ("", None)
    assert amount(priced(), "2") == ("", None)
    assert amount(priced(hour="0"), "2") == ("hour", 0)


def test_halves_of_a_cent_go_up() -> None:
    assert amount(priced(hour="0.10"), "0.25") == ("hour", Decimal("0.03"))


def test_the_prices_of_the_day_on_which_it_begins() -> None:
    resource = ResourceFactory()
    last = date(2026, 6, 16)
    PriceFactory(resource=resource, amount=Decimal(10), valid_until=last)
    PriceFactory(resource=resource, amount=Decimal(20), valid_from=last + timedelta(days=1))
    PriceFactory(resource=resource, amount=Decimal(99), user_class="external")

    def price(start: Any) -> Any:
        end = start + timedelta(hours=1)
        return queries.price_for(resource, UserClass.MEMBER, start, end).amount

    assert [price(at(23)), price(at(0, day=1))] == [10, 20]
