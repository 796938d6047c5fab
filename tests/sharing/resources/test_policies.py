"""Who sees and looks after resources, who answers bookings and speaks for them: every kind."""

from typing import Any

import pytest

from tests.factories.accounts import PersonFactory
from tests.factories.organisations import OrganisationFactory, person
from tests.factories.resources import BookingFactory, ResourceFactory
from tests.sharing.world import LOOK_AFTER, World, assert_alike, seen
from trebbo.ecosystem.organisations.choices import Visibility
from trebbo.kernel.access import Viewer
from trebbo.kernel.policies import Rule
from trebbo.sharing.resources.models import Booking, Resource
from trebbo.sharing.resources.policies import (
    answer_bookings,
    change_booking,
    look_after_resource,
    offer_resources,
    read_ledger,
    set_ceiling,
    view_booking,
    view_resource,
)

pytestmark = pytest.mark.django_db

ACT_FOR_OWNER = {"editor", "representative of the parent"}


@pytest.mark.parametrize("profile", Visibility.values)
@pytest.mark.parametrize("fact", Visibility.values)
def test_who_sees_a_resource_as_far_as_its_owner_is_seen(profile: str, fact: str) -> None:
    world = World(profile)
    resource = ResourceFactory(profile=world.lab, visibility=fact)
    assert world.who(view_resource, resource) == seen(profile, fact, set(world.people))
    withdrawn = ResourceFactory(
        profile=world.lab, visibility=fact, withdrawn_at=resource.changed_at
    )
    assert world.who(view_resource, withdrawn) == LOOK_AFTER


def test_offices_look_after_a_resource_and_read_its_ledger_but_answer_no_booking() -> None:
    world = World()
    resource = ResourceFactory(profile=world.lab)
    assert world.who(offer_resources, resource.profile) == LOOK_AFTER
    assert world.who(look_after_resource, resource) == LOOK_AFTER
    assert world.who(read_ledger, resource) == LOOK_AFTER
    assert world.who(answer_bookings, resource) == ACT_FOR_OWNER
    agencies = {name for name, viewer in world.people.items() if set_ceiling(viewer)}
    assert agencies == {"agency", "agency abroad"}


def askers(person_id: int, firm_id: int) -> dict[str, Viewer]:
    """Who may be behind a booking: in person, for a firm, or both."""
    acts = {firm_id: frozenset({"editor"})}
    return {
        "asked": person(person_id=person_id),
        "asked, and acts for it": person(person_id=person_id, mandates=acts),
        "colleague": person(person_id=person_id + 1, mandates=acts),
    }


def test_a_booking_is_read_by_its_two_sides_and_by_no_office() -> None:
    """Who asked for a body speaks for the booking only while acting for that body."""
    world, ada, firm = World(), PersonFactory(), OrganisationFactory()
    everybody = world.people | askers(ada.pk, firm.pk)
    for profile, side in (
        (firm, {"asked, and acts for it", "colleague"}),
        (None, {"asked", "asked, and acts for it"}),
    ):
        booking = BookingFactory(resource__profile=world.lab, person=ada, profile=profile)
        seeing = {name for name, one in everybody.items() if view_booking.allows(one, booking)}
        changing = {name for name, one in everybody.items() if change_booking.allows(one, booking)}
        assert (seeing, changing) == (side | ACT_FOR_OWNER, side)


def test_rules_say_the_same_of_objects_and_of_rows() -> None:
    worlds = [World(visibility) for visibility in Visibility.values]
    ada, firm = PersonFactory(), OrganisationFactory()
    for world in worlds:
        for visibility in Visibility.values:
            resource = ResourceFactory(profile=world.lab, visibility=visibility)
            BookingFactory(resource=resource, person=ada)
            BookingFactory(resource=resource, person=ada, profile=firm)
            BookingFactory(resource=resource, person=None, profile=world.lab.organisation)
        ResourceFactory(profile=world.lab, withdrawn_at=resource.changed_at)
    viewers = worlds[0].people | askers(ada.pk, firm.pk)
    tables: list[tuple[Rule[Any], Any]] = [
        *((rule, Resource) for rule in (view_resource, look_after_resource, read_ledger)),
        (answer_bookings, Resource),
        (view_booking, Booking),
        (change_booking, Booking),
    ]
    for rule, table in tables:
        assert_alike(rule, table, viewers)
