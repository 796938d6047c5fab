"""Lists of bookings for each side, and the page of one."""

from typing import Any

import pytest

from tests.factories.clusters import agency_of, manager_of
from tests.factories.organisations import NOW
from tests.sharing.resources.desk import Desk, acting_for, at, later, now
from trebbo.kernel.access import Viewer, visitor
from trebbo.sharing.resources import actions, queries
from trebbo.sharing.resources.models import Booking

pytestmark = pytest.mark.django_db


def keys(found: queries.BookingsFound) -> list[int]:
    """Which bookings these are."""
    return [booking.pk for booking in found.rows]


def acts(booking: Booking, viewer: Viewer) -> set[str]:
    """What the page offers."""
    page = queries.booking_page(booking.pk, viewer=viewer)
    assert page is not None
    return {str(act) for act in page.acts}


def test_each_side_has_its_own_lists() -> None:
    desk = Desk()
    later_one, first = desk.ask(at(12), at(13)), desk.ask(at(9), at(10))
    gone = desk.ask(at(15), at(16))
    actions.withdraw_booking(actor=desk.asker, booking_id=gone.pk, version=1)
    other = desk.accept(desk.ask(at(17), at(18), desk.member()))
    colleague = acting_for(desk.firm)
    for viewer in (desk.asker, colleague):
        assert keys(queries.my_bookings(viewer=viewer)) == [first.pk, later_one.pk]
        assert keys(queries.my_bookings(viewer=viewer, over=True)) == [gone.pk]
    assert keys(queries.bookings_to_answer(viewer=desk.owner)) == [first.pk, later_one.pk]
    assert keys(queries.bookings_to_record(viewer=desk.owner)) == []
    evening = later(desk.owner, at(18))
    assert keys(queries.bookings_to_record(viewer=evening)) == [other.pk]
    assert keys(queries.bookings_to_answer(viewer=evening)) == []
    assert keys(queries.bookings_of_owner(viewer=desk.owner)) == [first.pk, later_one.pk, other.pk]
    for viewer in (visitor(NOW), acting_for(), manager_of(desk.cluster)):
        assert keys(queries.my_bookings(viewer=viewer)) == []
        assert keys(queries.bookings_to_answer(viewer=viewer)) == []


def test_pages_of_twenty() -> None:
    desk = Desk(shortest_minutes=15)
    made = [
        desk.ask(at(9 + n // 4, 15 * (n % 4)), at(9 + (n + 1) // 4, 15 * ((n + 1) % 4)))
        for n in range(21)
    ]
    first = queries.my_bookings(viewer=desk.asker)
    rest = queries.my_bookings(viewer=desk.asker, offset=20)
    assert (len(first.rows), first.more, len(rest.rows), rest.more) == (20, True, 1, False)
    assert keys(first) + keys(rest) == [one.pk for one in made]


def test_who_sees_a_booking() -> None:
    desk = Desk()
    booking = desk.ask(at(9), at(10))
    for viewer in (desk.asker, acting_for(desk.firm), desk.owner, acting_for(desk.lab)):
        assert queries.booking_page(booking.pk, viewer=viewer) is not None
    others = [visitor(NOW), acting_for(), desk.member(), manager_of(desk.cluster)]
    for viewer in [*others, agency_of(desk.cluster.network)]:
        assert queries.booking_page(booking.pk, viewer=viewer) is None
    assert queries.booking_page(0, viewer=desk.owner) is None


def test_what_each_side_may_do_is_what_the_actions_allow() -> None:
    desk = Desk()
    booking = desk.ask(at(9), at(10))
    assert acts(booking, desk.owner) == {"accept", "decline", "propose"}
    assert acts(booking, desk.asker) == {"withdraw"}
    assert acts(booking, later(desk.owner, at(9))) == {"decline", "propose"}
    booking = actions.propose_slot(
        actor=desk.owner, booking_id=booking.pk, version=1, starts_at=at(11), ends_at=at(12)
    )
    assert acts(booking, desk.asker) == {"agree", "withdraw"}
    assert acts(booking, desk.owner) == {"decline", "propose"}
    actions.agree_to_slot(actor=desk.asker, booking_id=booking.pk, version=2)
    assert acts(booking, desk.asker) == acts(booking, desk.owner) == {"cancel"}
    over = later(desk.owner, at(13))
    assert acts(booking, over) == {"record_use", "record_no_show"}
    assert acts(booking, later(desk.asker, at(13))) == set()
    actions.record_use(
        actor=over, booking_id=booking.pk, starts_at=at(11), ends_at=at(12), is_economic=False
    )
    page = queries.booking_page(booking.pk, viewer=over)
    assert page is not None
    assert (page.acts, len(page.uses), page.place) == ({"void_use"}, 1, None)
    asker = queries.booking_page(booking.pk, viewer=desk.asker)
    assert asker is not None
    assert (asker.uses, asker.for_owner, asker.for_asker) == ([], False, True)
    assert asker.used == page.uses[0]
    assert [step.kind for step in asker.steps] == ["requested", "proposed", "agreed", "used"]


def test_the_place_on_the_waiting_list() -> None:
    desk = Desk()
    desk.ask(at(9), at(10))
    people = [desk.member(), desk.member()]
    waiting = [desk.ask(at(9), at(10), one, waiting=True) for one in people]
    beside = desk.ask(at(9, 30), at(10, 30), waiting=True)
    pages = [queries.booking_page(one.pk, viewer=desk.owner) for one in [*waiting, beside]]
    assert [page and page.place for page in pages] == [1, 2, 3]
    assert now(beside).state == "waiting"


def test_lists_ask_as_many_questions_at_one_row_and_at_three(
    django_assert_max_num_queries: Any,
) -> None:
    desk = Desk()
    counts = set()
    for hour in (9, 10, 11):
        desk.ask(at(hour), at(hour + 1))
        with django_assert_max_num_queries(2) as found:
            rows = queries.bookings_to_answer(viewer=desk.owner).rows
            assert [(str(one.resource.profile), str(one.profile), str(one.person)) for one in rows]
        counts.add(len(found))
    assert len(counts) == 1
