"""Asking for a slot: what is held and kept, and what is refused in which words."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from tests.factories.organisations import NOW, OrganisationFactory
from tests.factories.resources import BlockFactory, OpeningHoursFactory, ResourceFactory
from tests.sharing.resources.desk import ROME, Desk, acting_for, at, held_by, later, now, steps_of
from trebbo.kernel import audit
from trebbo.kernel.access import Viewer, visitor
from trebbo.kernel.errors import NotAllowed
from trebbo.sharing.resources import actions
from trebbo.sharing.resources.events import booking_stepped
from trebbo.sharing.resources.models import BookedQuarter, Booking, Qualification, QualifiedPerson

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english() -> Any:
    with translation.override("en"):
        yield


def refused_on(field: str, words: str, desk: Desk, *slot: datetime, **said: Any) -> None:
    """The request is refused in these words, tied to this field, and leaves nothing behind."""
    with pytest.raises(actions.ResourceRefused) as caught:
        desk.ask(*slot, **said)
    assert words in caught.value.message
    assert list(caught.value.fields) == ([field] if field else [])
    assert not Booking.objects.exists()
    assert not BookedQuarter.objects.exists()


def test_a_slot_is_held_at_once_with_its_class_and_price() -> None:
    desk = Desk(late_fee_percent=50, free_cancellation_hours=48)
    booking = now(desk.ask(at(9), at(10, 30), samples="due provette", sample_count=2))
    assert (booking.state, booking.user_class, booking.version) == ("requested", "member", 1)
    assert (booking.unit_price, booking.price_unit, booking.vat) == (40, "hour", "plus")
    assert (booking.price, booking.late_fee_percent) == (Decimal("60.00"), 50)
    assert booking.free_until == at(9) - timedelta(hours=48)
    assert booking.lapses_at == at(9)
    assert (booking.profile_id, booking.person_id) == (desk.firm.pk, desk.asker.person_id)
    assert (booking.samples, booking.sample_count) == ("due provette", 2)
    quarters = list(booking.quarters.order_by("quarter").values_list("quarter", flat=True))
    first = int(at(9).timestamp()) // 900
    assert quarters == list(range(first, first + 6))
    assert steps_of(booking) == ["requested"]
    line = audit.history_of(booking).get()
    assert (line.verb, line.changes) == (
        "request_booking",
        {"slot": ["", "2026-06-16 07:00 – 2026-06-16 08:30"]},
    )


def test_the_news_is_sent_once_it_is_certain(
    django_capture_on_commit_callbacks: Any,
) -> None:
    heard: list[int] = []

    def listen(step_id: int, **_more: Any) -> None:
        heard.append(step_id)

    booking_stepped.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            booking = Desk().ask(at(9), at(10))
    finally:
        booking_stepped.disconnect(listen)
    assert heard == list(booking.steps.values_list("pk", flat=True))


def test_the_answer_is_due_in_seven_days_where_the_slot_is_later() -> None:
    booking = Desk().ask(at(9, day=30), at(10, day=30))
    assert booking.lapses_at == NOW + timedelta(days=7)


def test_who_acts_for_the_owner_has_it_at_once_without_notice_or_quota() -> None:
    desk = Desk(notice_hours=100, quota_hours=1)
    booking = desk.ask(at(9), at(12), desk.owner)
    assert (booking.state, booking.user_class, booking.price) == ("accepted", "owner", None)
    assert steps_of(booking) == ["requested", "accepted"]
    assert held_by(booking) == 12


def test_a_firm_that_the_owner_also_acts_for_asks_like_others() -> None:
    desk = Desk()
    both = acting_for(desk.firm, desk.lab)
    booking = desk.ask(at(9), at(10), both, profile_id=desk.firm.pk)
    assert (booking.state, booking.user_class) == ("requested", "member")


def test_somebody_who_acts_for_none_books_as_everybody_else() -> None:
    desk = Desk()
    booking = desk.ask(at(9), at(10), acting_for())
    assert (booking.user_class, booking.profile, booking.price) == ("external", None, None)


def test_the_body_has_to_be_ones_own() -> None:
    desk = Desk()
    other = OrganisationFactory()
    refused_on("profile", "You do not act", desk, at(9), at(10), profile_id=other.pk)
    refused_on("profile", "for which body", desk, at(9), at(10), profile_id=None)


def test_what_is_linked_is_held_too_and_held_once() -> None:
    desk = Desk()
    hood = ResourceFactory(profile=desk.lab, is_bookable=False)
    desk.resource.booked_with.add(hood, desk.resource)
    assert held_by(desk.ask(at(9), at(10))) == 8
    other = ResourceFactory(profile=desk.lab)
    other.booked_with.add(hood)
    with pytest.raises(actions.SlotTaken):
        desk.ask(at(9, 45), at(10, 45), resource_id=other.pk)
    assert held_by(desk.ask(at(10), at(11), resource_id=other.pk)) == 8


def test_a_taken_slot_is_refused_with_the_next_free_ones() -> None:
    desk = Desk()
    desk.ask(at(9), at(10))
    with pytest.raises(actions.SlotTaken) as caught:
        desk.ask(at(9, 45), at(10, 45), desk.member())
    assert caught.value.status == 409
    assert [slot.starts_at for slot in caught.value.next_slots] == [at(10), at(11), at(12)]
    assert {slot.ends_at - slot.starts_at for slot in caught.value.next_slots} == {
        timedelta(hours=1)
    }
    assert Booking.objects.count() == 1


def test_the_waiting_list_takes_who_asks_for_it_once() -> None:
    desk = Desk()
    desk.ask(at(9), at(10))
    member = desk.member()
    waiting = desk.ask(at(9), at(10), member, waiting=True)
    assert (waiting.state, held_by(waiting), waiting.lapses_at) == ("waiting", 0, at(9))
    assert steps_of(waiting) == ["queued"]
    assert audit.history_of(waiting).get().verb == "join_waiting_list"
    with pytest.raises(actions.ResourceRefused, match="already"):
        desk.ask(at(9), at(10), member, waiting=True)
    with pytest.raises(actions.ResourceRefused, match="already"):
        desk.ask(at(9), at(10), waiting=True)


def test_the_waiting_list_of_a_free_slot_is_no_list() -> None:
    booking = Desk().ask(at(9), at(10), waiting=True)
    assert (booking.state, held_by(booking)) == ("requested", 4)


@pytest.mark.parametrize(
    ("start", "end", "field", "words"),
    [
        (at(9), at(9), "ends_at", "after the start"),
        (at(10), at(9), "ends_at", "after the start"),
        (at(9, 7), at(10), "starts_at", "full quarters"),
        (at(9), at(10, 1), "ends_at", "full quarters"),
        (at(9) + timedelta(microseconds=5), at(10), "starts_at", "full quarters"),
        (at(9, day=-2), at(10, day=-2), "starts_at", "has passed"),
        (at(11, day=-1), at(12, day=-1), "starts_at", "has passed"),
        (at(9), at(9) + 10_000 * timedelta(minutes=15), "ends_at", "two weeks"),
        (at(9), at(9, 30), "ends_at", "at least 1 hour."),
        (at(9), at(18), "ends_at", "at most 8 hours"),
        (at(0, day=89), at(1, day=90), "ends_at", "at most 8 hours"),
        (at(23, day=90), at(0, day=91), "starts_at", "until 13 September 2026"),
    ],
)
def test_times_that_cannot_be(start: datetime, end: datetime, field: str, words: str) -> None:
    refused_on(field, words, Desk(), start, end)


def test_the_last_quarter_of_the_horizon_can_be_booked() -> None:
    assert held_by(Desk().ask(at(23, day=89), at(0, day=90))) == 4


def test_a_moment_without_a_zone_is_no_moment() -> None:
    with pytest.raises(ValueError, match="zone"):
        Desk().ask(at(9).replace(tzinfo=None), at(10).replace(tzinfo=None))


def test_notice_to_the_minute() -> None:
    desk = Desk(notice_hours=24)
    exact = later(desk.asker, at(9, day=0))
    refused_on("starts_at", "24 hours ahead", desk, at(8, 45, day=1), at(10, day=1), actor=exact)
    assert desk.ask(at(9, day=1), at(10, day=1), exact).state == "requested"


def test_outside_the_opening_hours() -> None:
    desk = Desk()
    OpeningHoursFactory(resource=desk.resource, weekday=1, opens=540, closes=720)
    refused_on("starts_at", "not open", desk, at(11, 30), at(12, 30))
    refused_on("starts_at", "not open", desk, at(9, day=1), at(10, day=1))
    assert desk.ask(at(11), at(12)).state == "requested"


def test_blocked_by_the_owner_or_at_what_goes_with_it() -> None:
    desk = Desk()
    hood = ResourceFactory(profile=desk.lab, name_en="Hood")
    desk.resource.booked_with.add(hood)
    BlockFactory(resource=desk.resource, starts_at=at(9), ends_at=at(10))
    BlockFactory(resource=hood, starts_at=at(12), ends_at=at(13))
    refused_on("starts_at", "owner has closed", desk, at(9, 45), at(10, 45))
    refused_on("starts_at", "Hood", desk, at(12), at(13))
    assert desk.ask(at(10), at(12)).state == "requested"


@pytest.mark.parametrize(
    ("period", "other"),
    [
        ("week", at(9, day=6)),  # the next Monday
        ("month", at(9, day=15)),  # the first of July
        ("year", None),
    ],
)
def test_the_quota_of_a_body_by_week_month_and_year(period: str, other: datetime | None) -> None:
    desk = Desk(quota_hours=3, quota_period=period, horizon_days=400)
    desk.ask(at(9), at(11))
    colleague = acting_for(desk.firm)
    with pytest.raises(actions.ResourceRefused, match=r"3 hours a .*; still left: 1 hour"):
        desk.ask(at(12), at(14), colleague)
    desk.ask(at(12), at(13), colleague)
    assert desk.ask(at(9, day=1), at(11, day=1), desk.member()).state == "requested"
    after = other or datetime(2027, 1, 1, 9, tzinfo=ROME)
    assert desk.ask(after, after + timedelta(hours=3)).state == "requested"


def test_the_quota_of_a_person_who_acts_for_none() -> None:
    desk = Desk(quota_hours=1)
    lonely = acting_for()
    desk.ask(at(9), at(10), lonely)
    with pytest.raises(actions.ResourceRefused, match="still left: 0 hours"):
        desk.ask(at(11), at(12), lonely)
    assert desk.ask(at(11), at(12), acting_for()).state == "requested"


def test_what_was_withdrawn_leaves_the_quota() -> None:
    desk = Desk(quota_hours=1)
    booking = desk.ask(at(9), at(10))
    actions.withdraw_booking(actor=desk.asker, booking_id=booking.pk, version=1)
    assert desk.ask(at(11), at(12)).state == "requested"


def test_the_qualification_on_every_day_of_the_slot() -> None:
    desk = Desk()
    course = Qualification.objects.create(profile=desk.lab, name_en="Laser", name_it="Laser")
    desk.resource.qualification = course
    desk.resource.save()
    night = at(23), at(1, day=1)
    refused_on("", "needs the qualification “Laser”", desk, *night)
    held = QualifiedPerson.objects.create(
        qualification=course,
        person_id=desk.asker.person_id,
        since=at(0).date(),
        until=at(0).date(),
    )
    refused_on("", "will have expired", desk, *night)
    assert desk.ask(at(23), at(0, day=1)).state == "requested"
    held.until = at(0, day=1).date()
    held.save()
    assert desk.ask(at(0, day=1), at(1, day=1)).state == "requested"


def test_what_cannot_be_booked() -> None:
    refused_on("", "cannot be booked here", Desk(is_bookable=False), at(9), at(10))
    described = Desk(kind="dataset", is_bookable=False)
    refused_on("", "cannot be booked here", described, at(9), at(10))
    desk = Desk(withdrawn_at=NOW)
    with pytest.raises(NotAllowed):
        desk.ask(at(9), at(10))
    refused_on("", "out of the catalogue", desk, at(9), at(10), actor=desk.owner)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"purpose": "  \n"}, "purpose"),
        ({"purpose": "x" * 5_001}, "purpose"),
        ({"samples": "x" * 5_001}, "samples"),
        ({"sample_count": 0}, "sample_count"),
        ({"sample_count": 10_000_000}, "sample_count"),
    ],
)
def test_words_and_numbers_that_do_not_fit(said: dict[str, Any], field: str) -> None:
    refused_on(field, "", Desk(), at(9), at(10), **said)


def test_who_may_not_ask() -> None:
    desk = Desk(visibility="hidden")
    for actor in (visitor(NOW), desk.asker, acting_for()):
        with pytest.raises(NotAllowed):
            desk.ask(at(9), at(10), actor)
    assert desk.ask(at(9), at(10), desk.owner).state == "accepted"
    network = Desk(visibility="network")
    with pytest.raises(NotAllowed):
        network.ask(at(9), at(10), acting_for())
    assert network.ask(at(9), at(10)).state == "requested"
    with pytest.raises(NotAllowed):
        network.ask(at(9), at(10), resource_id=0)


def night_of(day: int, month: int, start: int, hours: int) -> tuple[datetime, datetime]:
    """A slot by the local hour of its start and its real length."""
    first = datetime(2026, month, day, start, tzinfo=ROME)
    return first, datetime.fromtimestamp(first.timestamp() + 3600 * hours, ROME)


def asker_before(desk: Desk, day: datetime) -> Viewer:
    """The firm, a week before."""
    return later(desk.asker, day - timedelta(days=7))


def test_across_the_change_of_hour_real_time_counts() -> None:
    desk = Desk()
    back = night_of(25, 10, 1, 3)  # from 1 to 3 by the clock, three hours that pass
    assert (back[1].hour, back[1].utcoffset()) == (3, timedelta(hours=1))
    booking = desk.ask(*back, asker_before(desk, back[0]))
    assert (booking.hours, booking.price, held_by(booking)) == (3, 120, 12)
    forward = datetime(2027, 3, 28, 1, tzinfo=ROME), datetime(2027, 3, 28, 4, tzinfo=ROME)
    booking = desk.ask(*forward, asker_before(desk, forward[0]))
    assert (booking.hours, booking.price, held_by(booking)) == (2, 80, 8)


def test_the_hour_that_comes_twice_is_two_slots() -> None:
    desk = Desk()
    first = datetime(2026, 10, 25, 2, tzinfo=ROME)
    second = first.replace(fold=1)
    end = datetime(2026, 10, 25, 3, tzinfo=ROME)
    actor = asker_before(desk, first)
    one = desk.ask(second, end, actor)
    assert held_by(one) == 4
    other = desk.ask(first, second, actor)
    assert held_by(other) == 4
