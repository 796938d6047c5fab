"""Prices follow each other, opening hours are whole weeks, closed times look at bookings."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from tests.factories.accounts import PersonFactory
from tests.factories.organisations import person
from tests.factories.resources import BookingFactory, OpeningHoursFactory, ResourceFactory
from trebbo.kernel import audit
from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import NotAllowed, Refusal
from trebbo.kernel.money import MoneyField
from trebbo.sharing.resources import actions
from trebbo.sharing.resources.models import Block, OwnCalendar, Price, Resource

pytestmark = pytest.mark.django_db


@pytest.fixture
def resource() -> Resource:
    """An instrument."""
    return ResourceFactory()


@pytest.fixture
def keeper(resource: Resource) -> Viewer:
    """Who looks after it."""
    return person(
        person_id=PersonFactory().pk, mandates={resource.profile_id: frozenset({"editor"})}
    )


def price(keeper: Viewer, resource: Resource, amount: str, **given: Any) -> Price:
    """What members pay for an hour."""
    facts = {"user_class": "member", "unit": "hour", **given}
    return actions.set_price(actor=keeper, resource_id=resource.pk, amount=Decimal(amount), **facts)


def stated(resource: Resource) -> list[tuple[str, date | None, date | None]]:
    """The prices there are, oldest first."""
    rows = resource.prices.order_by("valid_from")
    return [(str(one.amount), one.valid_from, one.valid_until) for one in rows]


def test_a_new_price_ends_the_one_before(keeper: Viewer, resource: Resource) -> None:
    price(keeper, resource, "40", valid_from=date(2024, 1, 1))
    price(keeper, resource, "45.5", valid_from=date(2025, 1, 1))
    assert stated(resource) == [
        ("40.00", date(2024, 1, 1), date(2024, 12, 31)),
        ("45.50", date(2025, 1, 1), None),
    ]


def test_a_price_of_the_same_day_is_replaced(keeper: Viewer, resource: Resource) -> None:
    price(keeper, resource, "40")
    price(keeper, resource, "41")
    assert stated(resource) == [("41.00", keeper.today, None)]


def test_a_price_for_a_later_day_stays(keeper: Viewer, resource: Resource) -> None:
    later = keeper.today + timedelta(days=30)
    price(keeper, resource, "50", valid_from=later)
    price(keeper, resource, "40")
    assert stated(resource) == [
        ("40.00", keeper.today, later - timedelta(days=1)),
        ("50.00", later, None),
    ]
    with pytest.raises(Refusal) as caught:
        price(keeper, resource, "42", valid_until=later)
    assert set(caught.value.fields) == {"valid_until"}


def test_classes_and_units_do_not_disturb_each_other(keeper: Viewer, resource: Resource) -> None:
    price(keeper, resource, "40")
    price(keeper, resource, "0", user_class="owner")
    price(keeper, resource, "9", unit="sample")
    assert len(stated(resource)) == 3


@pytest.mark.parametrize("amount", ["-0.01", "NaN", "Infinity", "0.001", "100000000"])
def test_an_amount_that_is_none_is_refused(keeper: Viewer, resource: Resource, amount: str) -> None:
    with pytest.raises(actions.ResourceRefused) as caught:
        price(keeper, resource, amount)
    assert set(caught.value.fields) == {"amount"}


@pytest.mark.parametrize(
    ("language", "typed", "amount"),
    [
        ("it", "1.250,50", "1250.50"),
        ("it", "40,5", "40.5"),
        ("it", "40.50", "40.50"),
        ("en", "1,250.50", "1250.50"),
        ("en", "40.5", "40.5"),
    ],
)
def test_amounts_are_typed_with_a_comma_or_a_point(language: str, typed: str, amount: str) -> None:
    with translation.override(language):
        assert MoneyField(localize=True).clean(typed) == Decimal(amount)


def test_a_price_ends_or_was_a_mistake(keeper: Viewer, resource: Resource) -> None:
    first = price(keeper, resource, "40", valid_from=date(2024, 1, 1))
    actions.end_price(actor=keeper, price_id=first.pk)
    assert stated(resource) == [("40.00", date(2024, 1, 1), keeper.today)]
    with pytest.raises(actions.ResourceRefused):
        actions.end_price(actor=keeper, price_id=first.pk, last_day=date(2023, 1, 1))
    actions.end_price(actor=keeper, price_id=first.pk, mistake=True)
    assert stated(resource) == []
    assert [line.verb for line in audit.history_of(resource)] == ["set_prices"] * 3


def hours(keeper: Viewer, resource: Resource, *spans: tuple[int, int, int], **given: Any) -> Any:
    """The week stated."""
    return actions.set_opening_hours(actor=keeper, resource_id=resource.pk, hours=spans, **given)


def test_the_whole_week_is_stated_and_what_touches_becomes_one(
    keeper: Viewer, resource: Resource
) -> None:
    OpeningHoursFactory(resource=resource, weekday=6)
    wanted = (0, 780, 1020), (0, 540, 780), (1, 0, 1440)
    assert hours(keeper, resource, *wanted) == ((0, 540, 1020), (1, 0, 1440))
    assert list(resource.opening_hours.values_list("weekday", "opens", "closes")) == [
        (0, 540, 1020),
        (1, 0, 1440),
    ]
    assert hours(keeper, resource) == ()


@pytest.mark.parametrize(
    "spans",
    [
        [(0, 540, 600), (0, 570, 630)],
        [(0, 600, 540)],
        [(0, 540, 540)],
        [(0, 541, 600)],
        [(0, 540, 1455)],
        [(7, 540, 600)],
        [(0, start, start + 15) for start in range(0, 420, 60)],
    ],
)
def test_hours_that_cannot_be_are_refused(
    keeper: Viewer, resource: Resource, spans: list[tuple[int, int, int]]
) -> None:
    with pytest.raises(actions.ResourceRefused):
        hours(keeper, resource, *spans)
    assert not resource.opening_hours.exists()


def test_two_people_at_once_do_not_undo_each_others_hours(
    keeper: Viewer, resource: Resource
) -> None:
    hours(keeper, resource, (0, 540, 600), before=[])
    with pytest.raises(actions.HoursChanged) as caught:
        hours(keeper, resource, (1, 540, 600), before=[])
    assert caught.value.present == ((0, 540, 600),)


def block(keeper: Viewer, resource: Resource, **given: Any) -> Block:
    """Closed tomorrow for two hours."""
    start = keeper.now + timedelta(days=1)
    facts = {"kind": "maintenance", "starts_at": start, "ends_at": start + timedelta(hours=2)}
    return actions.add_block(actor=keeper, resource_id=resource.pk, **{**facts, **given})


def test_a_block_over_bookings_names_them_and_leaves_them(
    keeper: Viewer, resource: Resource
) -> None:
    start = keeper.now + timedelta(days=1, hours=1)
    booking = BookingFactory(
        resource=resource, state="accepted", starts_at=start, ends_at=start + timedelta(hours=3)
    )
    with pytest.raises(actions.BlockOverBookings) as caught:
        block(keeper, resource)
    assert caught.value.bookings == [booking]
    assert not Block.objects.exists()
    block(keeper, resource, despite_bookings=True)
    booking.refresh_from_db()
    assert booking.state == "accepted"


def test_a_block_that_only_touches_a_booking_is_free(keeper: Viewer, resource: Resource) -> None:
    start = keeper.now + timedelta(days=1, hours=2)
    BookingFactory(resource=resource, starts_at=start, ends_at=start + timedelta(hours=1))
    assert block(keeper, resource).pk


def test_a_block_that_cannot_be_is_refused(keeper: Viewer, resource: Resource) -> None:
    day = timedelta(days=1)
    for given in (
        {"kind": "own_calendar"},
        {"ends_at": keeper.now},
        {"starts_at": keeper.now - 2 * day, "ends_at": keeper.now - day},
        {"ends_at": keeper.now + 3000 * day},
    ):
        with pytest.raises(actions.ResourceRefused):
            block(keeper, resource, **given)


def test_a_block_goes_again_but_not_one_of_a_calendar(keeper: Viewer, resource: Resource) -> None:
    one = block(keeper, resource)
    assert actions.remove_block(actor=keeper, block_id=one.pk)
    assert not actions.remove_block(actor=keeper, block_id=one.pk)
    calendar = OwnCalendar.objects.create(resource=resource, name="Mio", added_at=keeper.now)
    taken = Block.objects.create(
        resource=resource,
        kind="own_calendar",
        calendar=calendar,
        starts_at=keeper.now,
        ends_at=keeper.now + timedelta(hours=1),
    )
    with pytest.raises(actions.ResourceRefused):
        actions.remove_block(actor=keeper, block_id=taken.pk)


def test_a_stranger_sets_nothing(keeper: Viewer, resource: Resource) -> None:
    stranger = person(person_id=PersonFactory().pk)
    mine, theirs = price(keeper, resource, "40"), block(keeper, resource)
    for act in (
        lambda: price(stranger, resource, "1"),
        lambda: actions.end_price(actor=stranger, price_id=mine.pk),
        lambda: hours(stranger, resource, (0, 540, 600)),
        lambda: block(stranger, resource),
        lambda: actions.remove_block(actor=stranger, block_id=theirs.pk),
    ):
        with pytest.raises(NotAllowed):
            act()
