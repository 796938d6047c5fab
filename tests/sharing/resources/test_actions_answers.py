"""What both sides answer, what follows for the slot, and who may."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.factories.accounts import PersonFactory
from tests.factories.clusters import agency_of, manager_of
from tests.factories.organisations import NOW, UnitFactory
from tests.factories.resources import BlockFactory, ResourceFactory
from tests.sharing.resources.desk import Desk, acting_for, at, held_by, later, now, steps_of
from trebbo.kernel import audit
from trebbo.kernel.access import Viewer, visitor
from trebbo.kernel.errors import NotAllowed
from trebbo.sharing.resources import actions, queries
from trebbo.sharing.resources.actions import holding
from trebbo.sharing.resources.choices import BookingState
from trebbo.sharing.resources.models import Booking, Qualification, QualifiedPerson

pytestmark = pytest.mark.django_db

ACTS: dict[str, Callable[..., Booking]] = {
    "accept": actions.accept_booking,
    "decline": lambda **given: actions.decline_booking(**given, reason="Guasto"),
    "propose": lambda **given: actions.propose_slot(**given, starts_at=at(15), ends_at=at(16)),
    "agree": actions.agree_to_slot,
    "withdraw": actions.withdraw_booking,
    "cancel": lambda **given: actions.cancel_booking(**given, reason="Guasto"),
}
LEADS_TO = {
    "accept": {"requested": "accepted"},
    "decline": dict.fromkeys(("waiting", "requested", "proposed"), "declined"),
    "propose": dict.fromkeys(("waiting", "requested", "proposed"), "proposed"),
    "agree": {"proposed": "accepted"},
    "withdraw": dict.fromkeys(("waiting", "requested", "proposed"), "withdrawn"),
    "cancel": {"accepted": "cancelled"},
}
FOR_THE_OWNER = {"accept", "decline", "propose"}


def act(name: str, actor: Viewer, booking: Booking) -> Booking:
    """Do one of these things with the booking as it is."""
    return ACTS[name](actor=actor, booking_id=booking.pk, version=now(booking).version)


def declined(booking: Booking, desk: Desk) -> Booking:
    """The laboratory declines."""
    return act("decline", desk.owner, booking)


@pytest.mark.parametrize("name", ACTS)
@pytest.mark.parametrize("state", BookingState.values)
def test_what_each_state_allows(name: str, state: str) -> None:
    desk = Desk()
    booking = desk.ask(at(9), at(10))
    Booking.objects.filter(pk=booking.pk).update(state=state)
    actor = desk.owner if name in FOR_THE_OWNER else desk.asker
    if state in LEADS_TO[name]:
        act(name, actor, booking)
        assert (now(booking).state, now(booking).version) == (LEADS_TO[name][state], 2)
        assert len(steps_of(booking)) == 2
        assert audit.history_of(booking).count() == 2
    else:
        with pytest.raises(actions.ResourceRefused):
            act(name, actor, booking)
        assert (now(booking).state, now(booking).version) == (state, 1)


def test_accepted_with_words() -> None:
    desk = Desk()
    booking = desk.ask(at(9), at(10))
    actions.accept_booking(
        actor=desk.owner, booking_id=booking.pk, version=1, words="Portate i campioni"
    )
    assert (now(booking).state, now(booking).answer) == ("accepted", "Portate i campioni")
    assert booking.steps.get(kind="accepted").words == "Portate i campioni"
    assert held_by(booking) == 4


def test_declined_with_a_reason_and_the_slot_is_free() -> None:
    desk = Desk()
    booking = desk.ask(at(9), at(10))
    with pytest.raises(actions.ResourceRefused) as caught:
        actions.decline_booking(actor=desk.owner, booking_id=booking.pk, version=1, reason=" ")
    assert list(caught.value.fields) == ["reason"]
    declined(booking, desk)
    assert (now(booking).answer, held_by(booking)) == ("Guasto", 0)
    assert desk.ask(at(9), at(10), desk.member()).state == "requested"


def test_another_slot_is_held_instead_and_what_was_asked_is_kept() -> None:
    desk = Desk(longest_minutes=120)
    booking = desk.ask(at(9), at(10))
    propose = {"actor": desk.owner, "booking_id": booking.pk}
    actions.propose_slot(**propose, version=1, starts_at=at(9, 30), ends_at=at(12, 30), words="Ok?")
    booking = now(booking)
    assert (booking.state, booking.price, booking.answer) == ("proposed", 120, "Ok?")
    assert (booking.asked_from, booking.asked_until) == (at(9), at(10))
    assert held_by(booking) == 12
    assert desk.ask(at(8, 30), at(9, 30), desk.member()).state == "requested"
    actions.propose_slot(**propose, version=2, starts_at=at(14), ends_at=at(15))
    assert now(booking).asked_from == at(9)
    actions.agree_to_slot(actor=desk.asker, booking_id=booking.pk, version=3)
    assert (now(booking).state, now(booking).starts_at) == ("accepted", at(14))
    assert steps_of(booking) == ["requested", "proposed", "proposed", "agreed"]


def test_a_proposal_has_to_be_a_free_slot_to_come() -> None:
    desk = Desk()
    booking = desk.ask(at(9), at(10))
    desk.ask(at(12), at(13), desk.member())
    BlockFactory(resource=desk.resource, starts_at=at(16), ends_at=at(17))
    given = {"actor": desk.owner, "booking_id": booking.pk, "version": 1}
    with pytest.raises(actions.SlotTaken):
        actions.propose_slot(**given, starts_at=at(12, 45), ends_at=at(13, 45))
    for start, end in (
        (at(16), at(17)),
        (at(9), at(10)),
        (at(9), at(9)),
        (NOW - timedelta(hours=1), at(9)),
    ):
        with pytest.raises(actions.ResourceRefused):
            actions.propose_slot(**given, starts_at=start, ends_at=end)
    assert (now(booking).version, held_by(booking)) == (1, 4)


def test_the_qualification_counts_on_the_day_proposed() -> None:
    desk = Desk()
    course = Qualification.objects.create(profile=desk.lab, name_it="Laser")
    desk.resource.qualification = course
    desk.resource.save()
    QualifiedPerson.objects.create(
        qualification=course,
        person_id=desk.asker.person_id,
        since=at(9).date(),
        until=at(9).date(),
    )
    booking = desk.ask(at(9), at(10))
    actions.propose_slot(
        actor=desk.owner,
        booking_id=booking.pk,
        version=1,
        starts_at=at(9, day=1),
        ends_at=at(10, day=1),
    )
    with pytest.raises(actions.ResourceRefused, match="Laser"):
        act("agree", desk.asker, booking)


def test_an_answer_that_comes_too_late() -> None:
    desk = Desk()
    booking = desk.ask(at(9, day=20), at(10, day=20))
    late = later(desk.owner, booking.lapses_at)
    with pytest.raises(actions.ResourceRefused):
        act("accept", late, booking)
    assert now(desk.accept(booking, later(late, late.now - timedelta(seconds=1)))).state == (
        "accepted"
    )


def test_who_answers_second_is_told() -> None:
    desk = Desk()
    booking = desk.ask(at(9), at(10))
    colleague = acting_for(desk.lab)
    desk.accept(booking)
    with pytest.raises(actions.BookingChanged) as caught:
        actions.decline_booking(actor=colleague, booking_id=booking.pk, version=1, reason="No")
    assert (caught.value.status, caught.value.version) == (409, 2)
    assert caught.value.booking.state == "accepted"


@pytest.mark.parametrize(
    ("hours_before", "fee"), [(25, "0.00"), (24, "0.00"), (23, "20.01"), (1, "20.01")]
)
def test_late_cancellation_by_who_asked_costs_its_share(hours_before: int, fee: str) -> None:
    """Half of 40.01 euro is 20.005: halves go up."""
    desk = Desk(late_fee_percent=50)
    desk.resource.prices.update(amount=Decimal("40.01"))
    booking = desk.ask(at(9, day=3), at(10, day=3))
    desk.accept(booking)
    when = at(9, day=3) - timedelta(hours=hours_before)
    act("cancel", later(desk.asker, when), booking)
    assert (now(booking).fee, now(booking).state) == (Decimal(fee), "cancelled")
    assert (steps_of(booking)[-1], held_by(booking)) == ("cancelled", 0)


def test_the_owner_cancels_with_a_reason_and_nobody_pays() -> None:
    desk = Desk(late_fee_percent=50)
    booking = desk.accept(desk.ask(at(9), at(10)))
    late = later(desk.owner, at(8))
    with pytest.raises(actions.ResourceRefused):
        actions.cancel_booking(actor=late, booking_id=booking.pk, version=2)
    act("cancel", late, booking)
    assert (now(booking).fee, steps_of(booking)[-1]) == (0, "cancelled_by_owner")
    assert booking.steps.last().words == "Guasto"  # type: ignore[union-attr]


def test_what_has_begun_is_not_cancelled() -> None:
    desk = Desk()
    booking = desk.accept(desk.ask(at(9), at(10)))
    for actor in (desk.owner, desk.asker):
        with pytest.raises(actions.ResourceRefused):
            act("cancel", later(actor, at(9)), booking)


def test_the_first_who_waits_and_fits_moves_up() -> None:
    desk = Desk()
    held = desk.ask(at(9), at(11))
    stays = desk.ask(at(11), at(12))
    too_long = desk.ask(at(9), at(12), desk.member(), waiting=True)
    first = desk.ask(at(10), at(11), desk.member(), waiting=True)
    second = desk.ask(at(10), at(11), desk.member(), waiting=True)
    beside = desk.ask(at(9), at(10), desk.member(), waiting=True)
    act("withdraw", later(desk.asker, NOW + timedelta(hours=1)), held)
    states = [now(one).state for one in (too_long, first, second, beside)]
    assert states == ["waiting", "requested", "waiting", "requested"]
    assert steps_of(first) == ["queued", "moved_up"]
    assert (held_by(first), now(first).lapses_at) == (4, at(10))
    assert audit.history_of(first).filter(verb="move_up").count() == 1
    declined(stays, desk)
    assert now(too_long).state == "waiting"
    declined(first, desk)
    assert now(second).state == "requested"


def test_who_waits_moves_up_also_when_the_slot_is_moved_or_cancelled() -> None:
    desk = Desk()
    held = desk.ask(at(9), at(10))
    waiting = desk.ask(at(9), at(10), desk.member(), waiting=True)
    last = desk.ask(at(9), at(10), desk.member(), waiting=True)
    act("propose", desk.owner, held)
    assert (now(waiting).state, now(last).state) == ("requested", "waiting")
    act("cancel", desk.owner, desk.accept(now(waiting)))
    assert now(last).state == "requested"


def test_who_moves_up_late_can_give_the_slot_back_for_free_for_a_day() -> None:
    desk = Desk(late_fee_percent=50, free_cancellation_hours=72)
    held = desk.accept(desk.ask(at(9), at(11)))
    member = desk.member()
    waiting = desk.ask(at(9), at(11), member, waiting=True)
    moved = at(9) - timedelta(hours=48)
    act("cancel", later(desk.owner, moved), held)
    accepted = desk.accept(now(waiting))
    assert accepted.free_until == moved + timedelta(hours=24)
    act("cancel", later(member, moved + timedelta(hours=24)), accepted)
    assert now(accepted).fee == 0


def test_who_waits_for_something_linked_moves_up() -> None:
    desk = Desk()
    hood = ResourceFactory(profile=desk.lab)
    desk.resource.booked_with.add(hood)
    held = desk.ask(at(9), at(10), desk.member(), resource_id=hood.pk)
    waiting = desk.ask(at(9), at(10), waiting=True)
    assert waiting.state == "waiting"
    declined(held, desk)
    assert (now(waiting).state, held_by(waiting)) == ("requested", 8)


def test_who_no_longer_fits_is_passed_over() -> None:
    desk = Desk(quota_hours=2)
    member = desk.member()
    held = desk.ask(at(9), at(10))
    waiting = desk.ask(at(9), at(10), member, waiting=True)
    desk.ask(at(12), at(14), member)
    other = desk.ask(at(9), at(10), desk.member(), waiting=True)
    declined(held, desk)
    assert (now(waiting).state, now(other).state) == ("waiting", "requested")


def people_of(desk: Desk) -> dict[str, Viewer]:
    """Everybody around a booking that the firm asked for."""
    unit_desk = UnitFactory(organisation=desk.firm)
    return {
        "visitor": visitor(NOW),
        "somebody": acting_for(),
        "asker": desk.asker,
        "colleague of the asker": acting_for(desk.firm),
        "acts for a unit of the firm": acting_for(unit_desk),
        "owner": desk.owner,
        "colleague of the owner": acting_for(desk.lab),
        "member": desk.member(),
        "cluster office": _known(manager_of(desk.cluster)),
        "agency": _known(agency_of(desk.cluster.network)),
    }


def _known(viewer: Viewer) -> Viewer:
    return Viewer(
        now=viewer.now,
        person_id=PersonFactory().pk,
        label=viewer.label,
        clusters=viewer.clusters,
        networks=viewer.networks,
    )


@pytest.mark.parametrize("name", ACTS)
def test_who_may(name: str) -> None:
    desk = Desk()
    sides = {
        "owner": {"owner", "colleague of the owner"},
        "asker": {"asker", "colleague of the asker"},
    }
    may: dict[str, set[str]] = {
        **dict.fromkeys(FOR_THE_OWNER, sides["owner"]),
        **dict.fromkeys(("agree", "withdraw"), sides["asker"]),
        "cancel": sides["owner"] | sides["asker"],
    }
    state = next(iter(LEADS_TO[name]))
    given: dict[str, Any] = {}
    for hour, (who, viewer) in enumerate(people_of(desk).items()):
        booking = desk.ask(at(hour, day=2), at(hour + 1, day=2))
        Booking.objects.filter(pk=booking.pk).update(state=state)
        if who in may[name]:
            if name == "propose":
                given = {"starts_at": at(hour, day=3), "ends_at": at(hour + 1, day=3)}
                call: Callable[..., Booking] = actions.propose_slot
            else:
                call = ACTS[name]
            done = call(actor=viewer, booking_id=booking.pk, version=1, **given)
            assert done.state == LEADS_TO[name][state], who
        else:
            with pytest.raises(NotAllowed):
                act(name, viewer, booking)
            assert now(booking).state == state, who


def test_a_representative_of_the_organisation_answers_for_its_units() -> None:
    desk = Desk()
    unit = UnitFactory(organisation=desk.lab)
    desk.resource.profile = unit
    desk.resource.save()
    booking = desk.ask(at(9), at(10))
    with pytest.raises(NotAllowed):
        desk.accept(booking, acting_for(desk.lab))
    assert desk.accept(booking, acting_for(desk.lab, role="representative")).state == "accepted"


def test_a_booking_that_is_not_there() -> None:
    with pytest.raises(NotAllowed):
        actions.withdraw_booking(actor=Desk().asker, booking_id=0, version=1)


def test_who_waits_loses_nothing_where_somebody_is_faster(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk = Desk()
    first = desk.accept(desk.ask(at(9), at(11)))
    other = desk.accept(desk.ask(at(11), at(12)))
    waiting = desk.ask(at(10), at(12), actor=desk.member(), waiting=True)
    monkeypatch.setattr(holding, "is_taken", lambda *_keys, **_how: False)
    cancelled = actions.cancel_booking(
        actor=desk.asker, booking_id=first.pk, version=first.version, reason=""
    )
    assert cancelled.state == "cancelled"
    assert (now(waiting).state, now(waiting).version) == ("waiting", waiting.version)
    assert held_by(other) == 4


def test_taking_out_a_resource_locks_all_that_its_bookings_hold(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk, locked = Desk(), set()
    bench = ResourceFactory(profile=desk.lab)
    beside = ResourceFactory(profile=desk.lab)
    for one in (desk.resource, beside):
        one.booked_with.add(bench)
    desk.ask(at(9), at(11))
    waiting = desk.ask(at(9), at(11), actor=desk.member(), resource_id=beside.pk, waiting=True)
    real = holding.lock_resources
    monkeypatch.setattr(holding, "lock_resources", lambda keys: real(locked.update(keys) or keys))
    actions.withdraw_resource(
        actor=desk.owner, resource_id=desk.resource.pk, cancel_bookings=True, reason="Guasto"
    )
    assert locked == {desk.resource.pk, bench.pk, beside.pk}
    assert now(waiting).state == "requested"


def test_who_left_the_body_neither_cancels_its_bookings_nor_reads_on() -> None:
    desk = Desk()
    booking = desk.accept(desk.ask(at(9), at(11)))
    gone = replace(desk.asker, mandates={})
    for act in (actions.cancel_booking, actions.withdraw_booking):
        with pytest.raises(NotAllowed):
            act(actor=gone, booking_id=booking.pk, version=booking.version)
    assert queries.booking_page(booking.pk, viewer=gone) is None
    assert not queries.my_bookings(viewer=gone).rows
    colleague = acting_for(desk.firm)
    assert queries.booking_page(booking.pk, viewer=colleague) is not None


def test_a_use_that_has_begun_is_recorded_though_the_resource_is_taken_out() -> None:
    desk = Desk()
    begun, coming = (desk.accept(desk.ask(at(hour), at(hour + 2))) for hour in (9, 13))
    actions.withdraw_resource(
        actor=later(desk.owner, at(10)),
        resource_id=desk.resource.pk,
        cancel_bookings=True,
        reason="Guasto",
    )
    assert (now(begun).state, now(coming).state) == ("accepted", "cancelled")
    use = actions.record_use(
        actor=later(desk.owner, at(10, 30)),
        booking_id=begun.pk,
        starts_at=at(9),
        ends_at=at(10),
        is_economic=True,
    )
    assert use.amount == 40
