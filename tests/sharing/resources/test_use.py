"""What really happened in a slot, what is paid for it, and what is set free."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.factories.clusters import agency_of, manager_of
from tests.factories.organisations import NOW, OrganisationFactory
from tests.factories.resources import PriceFactory, ResourceFactory
from tests.sharing.resources.desk import (
    Desk,
    acting_for,
    at,
    held_by,
    later,
    now,
    state_ceilings,
    steps_of,
)
from trebbo.kernel import audit
from trebbo.kernel.access import Viewer, installation, visitor
from trebbo.kernel.errors import NotAllowed
from trebbo.sharing.resources import actions, queries
from trebbo.sharing.resources.choices import UserClass
from trebbo.sharing.resources.events import ceiling_neared
from trebbo.sharing.resources.models import Booking, UseCeiling, UseRecord
from trebbo.sharing.resources.queries.ledger import figures, resources_of_ledgers

pytestmark = pytest.mark.django_db


def accepted(desk: Desk, start: datetime, end: datetime, **said: Any) -> Booking:
    """A booking of the firm that the laboratory accepted."""
    return desk.accept(desk.ask(start, end, **said))


def record(desk: Desk, booking: Booking, start: datetime, end: datetime, **more: Any) -> UseRecord:
    """The laboratory records the use, by default a day later."""
    given = {"actor": later(desk.owner, at(9, day=4)), "is_economic": True, **more}
    return actions.record_use(booking_id=booking.pk, starts_at=start, ends_at=end, **given)


@pytest.mark.parametrize(
    ("minutes", "amount"), [(60, "40.00"), (90, "60.00"), (185, "123.33"), (37, "24.67")]
)
def test_real_time_is_paid_shorter_or_longer(minutes: int, amount: str) -> None:
    desk = Desk()
    booking = accepted(desk, at(9), at(11))
    use = record(desk, booking, at(9), at(9) + timedelta(minutes=minutes))
    assert (use.amount, use.vat, use.user_class) == (Decimal(amount), "plus", "member")
    assert (use.profile_id, now(booking).state) == (desk.firm.pk, "used")
    assert now(booking).price == 80
    assert steps_of(booking) == ["requested", "accepted", "used"]
    assert audit.history_of(booking).filter(verb="record_use").count() == 1


def test_a_price_for_a_sample_stays() -> None:
    desk = Desk()
    PriceFactory(resource=desk.resource, unit="sample", amount=Decimal("7.50"))
    booking = accepted(desk, at(9), at(11), sample_count=3)
    assert record(desk, booking, at(9), at(9, 30)).amount == Decimal("22.50")


def test_a_shortened_use_frees_the_rest_for_who_waits() -> None:
    desk = Desk()
    booking = accepted(desk, at(9), at(13))
    waiting = desk.ask(at(11), at(12), desk.member(), waiting=True)
    actor = later(desk.owner, at(10, 20))
    record(desk, booking, at(9), at(10, 20), actor=actor)
    booking = now(booking)
    assert (booking.ends_at, booking.asked_until) == (at(10, 30), at(13))
    assert (held_by(booking), now(waiting).state) == (6, "requested")


def test_a_use_of_what_is_linked_is_in_both_ledgers_and_paid_once() -> None:
    desk = Desk()
    hood = ResourceFactory(profile=desk.lab)
    desk.resource.booked_with.add(hood)
    booking = accepted(desk, at(9), at(11))
    use = record(desk, booking, at(9), at(11))
    other = UseRecord.objects.get(resource=hood)
    assert (use.resource, use.amount, other.amount) == (desk.resource, 80, None)
    actions.void_use(actor=later(desk.owner, at(9, day=4)), use_id=other.pk, reason="Sbagliato")
    assert not UseRecord.objects.filter(voided_at__isnull=True).exists()


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [
        (at(9), at(9), "ends_at"),
        (at(10), at(9), "ends_at"),
        (at(9, day=3), at(10, day=5), "ends_at"),
        (at(11), at(12), "starts_at"),
        (at(8), at(9), "starts_at"),
        (at(9, day=-20), at(10), "ends_at"),
    ],
)
def test_times_that_cannot_be_recorded(start: datetime, end: datetime, field: str) -> None:
    desk = Desk()
    booking = accepted(desk, at(9), at(11))
    with pytest.raises(actions.ResourceRefused) as caught:
        record(desk, booking, start, end)
    assert list(caught.value.fields) == [field]
    assert not UseRecord.objects.exists()


def test_no_hour_counts_twice() -> None:
    desk = Desk()
    own = {"actor": later(desk.owner, at(9, day=4)), "resource_id": desk.resource.pk}
    booking = accepted(desk, at(9), at(11))
    actions.record_own_use(**own, starts_at=at(8), ends_at=at(9), is_economic=False)
    with pytest.raises(actions.ResourceRefused):
        record(desk, booking, at(8, 59), at(11))
    record(desk, booking, at(9), at(11))
    with pytest.raises(actions.ResourceRefused):
        record(desk, booking, at(9), at(11))
    with pytest.raises(actions.ResourceRefused):
        actions.record_own_use(**own, starts_at=at(10), ends_at=at(12), is_economic=False)


def test_own_use_waits_for_the_record_of_a_booking() -> None:
    desk = Desk()
    booking = accepted(desk, at(9), at(11))
    own = {"actor": later(desk.owner, at(9, day=4)), "resource_id": desk.resource.pk}
    with pytest.raises(actions.ResourceRefused) as caught:
        actions.record_own_use(**own, starts_at=at(10), ends_at=at(12), is_economic=False)
    assert list(caught.value.fields) == ["starts_at"]
    actions.record_own_use(**own, starts_at=at(11), ends_at=at(12), is_economic=False)
    record(desk, booking, at(9), at(10))
    actions.record_own_use(**own, starts_at=at(10), ends_at=at(11), is_economic=False)


def test_nobody_came() -> None:
    desk = Desk(late_fee_percent=50)
    booking = accepted(desk, at(9), at(11))
    waiting = desk.ask(at(10), at(11), desk.member(), waiting=True)
    with pytest.raises(actions.ResourceRefused):
        actions.record_no_show(actor=later(desk.owner, at(8, 59)), booking_id=booking.pk)
    actions.record_no_show(actor=later(desk.owner, at(9, 30)), booking_id=booking.pk)
    assert (now(booking).state, now(booking).fee) == ("no_show", 40)
    assert (held_by(booking), now(waiting).state) == (2, "requested")
    record(desk, booking, at(9), at(9, 30))
    assert (now(booking).state, now(booking).fee) == ("used", 0)


def test_a_wrong_record_is_struck_out_and_written_anew() -> None:
    desk = Desk()
    booking = accepted(desk, at(9), at(11))
    use = record(desk, booking, at(9), at(11))
    struck = {"actor": later(desk.owner, at(9, day=4)), "use_id": use.pk}
    with pytest.raises(actions.ResourceRefused):
        actions.void_use(**struck, reason=" ")
    actions.void_use(**struck, reason="Era il giorno dopo")
    with pytest.raises(actions.ResourceRefused):
        actions.void_use(**struck, reason="Ancora")
    assert now(booking).state == "accepted"
    record(desk, booking, at(9), at(10))
    assert steps_of(booking)[-3:] == ["used", "corrected", "used"]
    assert sorted(UseRecord.objects.values_list("void_reason", flat=True)) == [
        "",
        "Era il giorno dopo",
    ]


def test_who_may_record() -> None:
    desk = Desk()
    booking = accepted(desk, at(9), at(11))
    people = [visitor(NOW), acting_for(), desk.asker, desk.member(), manager_of(desk.cluster)]
    for viewer in [*people, agency_of(desk.cluster.network)]:
        actor = later(viewer, at(9, day=4))
        with pytest.raises(NotAllowed):
            record(desk, booking, at(9), at(11), actor=actor)
        with pytest.raises(NotAllowed):
            actions.record_no_show(actor=actor, booking_id=booking.pk)
        with pytest.raises(NotAllowed):
            actions.record_own_use(
                actor=actor,
                resource_id=desk.resource.pk,
                starts_at=at(9),
                ends_at=at(10),
                is_economic=False,
            )
    use = record(desk, booking, at(9), at(11), actor=later(acting_for(desk.lab), at(9, day=4)))
    for viewer in [*people, agency_of(desk.cluster.network)]:
        with pytest.raises(NotAllowed):
            actions.void_use(actor=viewer, use_id=use.pk, reason="No")


class Funded(Desk):
    """An instrument paid for with public money that can be used 100 hours in 2026."""

    def __init__(self) -> None:
        super().__init__(is_publicly_funded=True)
        state_ceilings()
        self.then = later(self.owner, datetime(2026, 12, 30, 12, tzinfo=UTC))
        actions.set_capacity(
            actor=self.then,
            resource_id=self.resource.pk,
            year=2026,
            hours=100,
            reason="Un turno a settimana",
        )

    def use(self, day: int, hours: int, *, is_economic: bool = True) -> UseRecord:
        """The owner's own use."""
        return actions.record_own_use(
            actor=self.then,
            resource_id=self.resource.pk,
            starts_at=at(0, day=day),
            ends_at=at(0, day=day) + timedelta(hours=hours),
            is_economic=is_economic,
        )


@pytest.fixture
def told() -> Any:
    """What is heard of ceilings."""
    heard: list[tuple[int, str]] = []

    def listen(year: int, level: str, **_more: Any) -> None:
        heard.append((year, level))

    ceiling_neared.connect(listen)
    yield heard
    ceiling_neared.disconnect(listen)


def test_the_warning_comes_before_the_ceiling_and_once(
    told: list[tuple[int, str]], django_capture_on_commit_callbacks: Any
) -> None:
    """Of 100 hours 20 may be economic; people are warned from 15 on."""
    with django_capture_on_commit_callbacks(execute=True):
        desk = Funded()
        desk.use(0, 24, is_economic=False)
        desk.use(1, 14)
        assert told == []
    with django_capture_on_commit_callbacks(execute=True):
        near = desk.use(2, 1)
    assert told == [(2026, "near")]
    with django_capture_on_commit_callbacks(execute=True):
        desk.use(3, 5)
        actions.void_use(actor=desk.then, use_id=near.pk, reason="Sbagliato")
        desk.use(2, 1)
    assert told == [(2026, "near")]
    with django_capture_on_commit_callbacks(execute=True):
        desk.use(4, 1)
        desk.use(5, 1)
    assert told == [(2026, "near"), (2026, "passed")]


def test_past_the_ceiling_at_once_is_told_as_that_alone(
    told: list[tuple[int, str]], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        desk = Funded()
        use = desk.use(0, 21)
        actions.void_use(actor=desk.then, use_id=use.pk, reason="Sbagliato")
        desk.use(0, 16)
    assert told == [(2026, "passed")]


def test_without_public_money_nobody_is_warned(
    told: list[tuple[int, str]], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        desk = Funded()
        type(desk.resource).objects.update(is_publicly_funded=False)
        desk.use(0, 24)
    assert told == []
    found = queries.ledger(now_of(desk), 2026, viewer=desk.then)
    assert found is not None
    assert (found.level, found.share) == ("none", 24)


def now_of(desk: Desk) -> Any:
    """The resource as it is kept."""
    return type(desk.resource).objects.get(pk=desk.resource.pk)


def test_the_ledger_by_class_with_its_forecast() -> None:
    desk = Funded()
    desk.use(-10, 2, is_economic=False)
    record(desk, accepted(desk, at(9), at(11)), at(9), at(10, 30))
    accepted(desk, at(9, day=1), at(12, day=1), is_economic=True)
    accepted(desk, at(9, day=2), at(10, day=2))
    found = queries.ledger(now_of(desk), 2026, viewer=later(desk.owner, at(13, day=1)))
    assert found is not None
    rows = {row.user_class: (row.economic_hours, row.other_hours) for row in found.rows}
    assert rows == {
        UserClass.OWNER: (0, 2),
        UserClass.MEMBER: (Decimal("1.5"), 0),
        UserClass.NETWORK: (0, 0),
        UserClass.EXTERNAL: (0, 0),
    }
    assert (found.share, found.forecast_share) == (Decimal("1.5"), Decimal("4.5"))
    assert (found.capacity_hours, found.ceiling_hours) == (100, 20)
    assert (found.booked_unknown_minutes, found.unrecorded) == (60, 1)
    assert (found.total_hours, len(found.records)) == (Decimal("3.5"), 2)
    assert {record.body for record in found.records} == {str(desk.lab), str(desk.firm)}


def test_the_forecast_counts_what_a_booking_holds() -> None:
    """A camera that was booked together with the microscope, and one that joined it later."""
    desk = Funded()
    held, joined = (ResourceFactory(profile=desk.lab) for _number in range(2))
    desk.resource.booked_with.set([held])
    accepted(desk, at(9, day=1), at(12, day=1), is_economic=True)
    desk.resource.booked_with.set([joined])
    found = figures([now_of(desk), held, joined], 2026, viewer=desk.owner)
    assert [one.booked_economic_minutes for one in found] == [180, 180, 0]


def test_offices_read_hours_and_not_who_or_why() -> None:
    desk = Funded()
    record(desk, accepted(desk, at(9), at(11)), at(9), at(11), note="Segreto")
    seen = queries.ledger(now_of(desk), 2026, viewer=later(agency_of(desk.cluster.network), at(9)))
    assert seen is not None
    assert [(one.body, one.note, one.recorded_by) for one in seen.records] == [("", "", "")]
    assert seen.economic_hours == 2
    for viewer in (visitor(NOW), desk.asker, desk.member(), acting_for()):
        assert queries.ledger(now_of(desk), 2026, viewer=viewer) is None


def test_a_use_over_new_year_counts_in_both_years_by_the_local_clock() -> None:
    desk = Desk()
    end = at(1, day=199)  # 1 January 2027
    assert (end.year, end.month, end.day) == (2027, 1, 1)
    actor = later(desk.owner, at(9, day=230))
    actions.record_own_use(
        actor=actor,
        resource_id=desk.resource.pk,
        starts_at=at(21, day=198),
        ends_at=end,
        is_economic=True,
    )
    for year, hours in ((2026, 3), (2027, 1), (2028, 0)):
        found = queries.ledger(desk.resource, year, viewer=actor)
        assert found is not None
        assert (found.economic_hours, len(found.records)) == (hours, bool(hours))
        assert found.capacity_hours == 24 * (366 if year == 2028 else 365)


def test_the_ceiling_of_the_day() -> None:
    UseCeiling.objects.all().delete()
    state_ceilings()
    desk = Desk()
    agency = agency_of(desk.cluster.network)
    given: dict[str, Any] = {"valid_from": at(0, day=30).date(), "source": "2027/C 1/01"}
    for actor in (desk.owner, manager_of(desk.cluster), visitor(NOW)):
        with pytest.raises(NotAllowed):
            actions.set_ceiling(actor=actor, percent=Decimal(15), **given)
    for percent in ("0", "-1", "100.5", "NaN"):
        with pytest.raises(actions.ResourceRefused):
            actions.set_ceiling(actor=agency, percent=Decimal(percent), **given)
    for _time in range(2):
        actions.set_ceiling(actor=agency, percent=Decimal(15), **given)

    def percent(year: int, viewer: Viewer) -> Decimal | None:
        found = queries.ledger(desk.resource, year, viewer=viewer)
        assert found is not None
        return found.ceiling and found.ceiling.percent

    assert [percent(year, desk.owner) for year in (2013, 2014, 2026)] == [None, 20, 20]
    assert percent(2026, later(desk.owner, at(9, day=30))) == 15
    assert list(UseCeiling.objects.values_list("valid_from", "source"))[:2] == [
        (date(2014, 7, 1), "2014/C 198/01, point 20"),
        (date(2022, 10, 28), "2022/C 414/01, point 21"),
    ]
    assert UseCeiling.objects.count() == 3


def test_capacity_is_stated_with_a_reason_and_taken_back() -> None:
    desk = Desk()
    given: dict[str, Any] = {"actor": desk.owner, "resource_id": desk.resource.pk, "year": 2026}
    for hours, reason in ((0, "x"), (8_785, "x"), (10, " ")):
        with pytest.raises(actions.ResourceRefused):
            actions.set_capacity(**given, hours=hours, reason=reason)
    with pytest.raises(NotAllowed):
        actions.set_capacity(**{**given, "actor": desk.asker}, hours=10, reason="x")
    actions.set_capacity(**given, hours=10, reason="x")
    actions.set_capacity(**given, hours=None)
    assert not desk.resource.capacities.exists()


def of_2026(viewer: Viewer) -> list[queries.Ledger]:
    """The ledgers that somebody may read, without their records."""
    return figures(resources_of_ledgers(viewer=viewer), 2026, viewer=viewer, records=False)


def test_all_ledgers_of_those_in_ones_care(django_assert_num_queries: Any) -> None:
    desk = Funded()
    desk.use(0, 2)
    ResourceFactory(profile=OrganisationFactory(sort_name="zzz"))
    assert [one.resource.pk for one in of_2026(desk.owner)] == [desk.resource.pk]
    agency = agency_of(desk.cluster.network)
    with django_assert_num_queries(7):
        assert len(of_2026(agency)) == 2
    own = [one for one in of_2026(agency) if one.resource == desk.resource]
    assert [one.economic_hours for one in own] == [2]
    ResourceFactory.create_batch(3, profile=desk.lab)
    with django_assert_num_queries(7):
        assert len(of_2026(agency)) == 5


def test_the_clock_lets_lapse_and_moves_up_once() -> None:
    desk = Desk()
    far = desk.ask(at(9, day=20), at(10, day=20))
    near = desk.ask(at(9), at(10))
    waiting = desk.ask(at(9, day=20), at(10, day=20), desk.member(), waiting=True)
    too_late = desk.ask(at(9), at(10), desk.member(), waiting=True)
    kept = desk.accept(desk.ask(at(12), at(13)))
    assert actions.tick(actor=installation(at(8))) == (0, 0)
    assert actions.tick(actor=installation(at(9))) == (2, 0)
    assert [now(one).state for one in (near, too_late, far, kept)] == [
        "lapsed",
        "lapsed",
        "requested",
        "accepted",
    ]
    assert actions.tick(actor=installation(NOW + timedelta(days=7))) == (1, 0)
    assert [now(one).state for one in (far, waiting)] == ["lapsed", "requested"]
    assert actions.tick(actor=installation(NOW + timedelta(days=7))) == (0, 0)
    with pytest.raises(NotAllowed):
        actions.tick(actor=desk.owner)


def test_the_clock_moves_up_who_waits_for_what_a_block_set_free() -> None:
    """A withdrawal deletes what was held without looking at who waits: the clock does."""
    desk = Desk()
    held = desk.ask(at(9), at(10))
    waiting = desk.ask(at(9), at(10), desk.member(), waiting=True)
    held.quarters.all().delete()
    assert actions.tick(actor=installation(NOW)) == (0, 1)
    assert (now(waiting).state, steps_of(waiting)) == ("requested", ["queued", "moved_up"])


def test_a_slot_where_nobody_came_ends_where_it_was_set_free_whatever_is_corrected() -> None:
    desk = Desk()
    booking = accepted(desk, at(9), at(12))
    soon = later(desk.owner, at(9, 50))
    actions.record_no_show(actor=later(desk.owner, at(9, 20)), booking_id=booking.pk)
    other = desk.ask(at(10), at(12), actor=later(desk.member(), at(9, 40)))
    use = record(desk, booking, at(9), at(9, 45), actor=soon)
    actions.void_use(actor=soon, use_id=use.pk, reason="Era un altro")
    assert now(booking).state == "accepted"
    assert now(booking).ends_at <= now(other).starts_at
    assert now(booking).ends_at == at(9, 30)


def test_a_sum_that_cannot_be_kept_is_refused_when_use_is_recorded() -> None:
    desk = Desk()
    booking = accepted(desk, at(9), at(10))
    Booking.objects.filter(pk=booking.pk).update(unit_price=Decimal("99999999.99"))
    with pytest.raises(actions.ResourceRefused):
        record(desk, booking, at(9), at(9, day=3) + timedelta(hours=48))
