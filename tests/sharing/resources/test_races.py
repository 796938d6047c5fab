"""Several at once, in threads and in processes: no hour twice, nobody without an answer."""

import json
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from tests.concurrency import PEOPLE, together
from tests.factories.organisations import NOW
from tests.factories.resources import ResourceFactory
from tests.sharing.resources.desk import Desk, acting_for, at, later, now, state_ceilings, steps_of
from trebbo.kernel.access import installation
from trebbo.sharing.resources import actions
from trebbo.sharing.resources.actions.holding import hold
from trebbo.sharing.resources.choices import HOLDING
from trebbo.sharing.resources.events import ceiling_neared
from trebbo.sharing.resources.models import BookedQuarter, Booking

pytestmark = pytest.mark.django_db(transaction=True)
PROCESSES = 4


def outcomes(act: Callable[[int], object]) -> Counter[str]:
    """How many of those who acted at once had which outcome, by its type."""
    return Counter(type(outcome).__name__ for outcome in together(act))


def assert_no_double_booking() -> None:
    """By the bookings themselves, which know nothing of quarters; and each holds its own."""
    spans: dict[int, list[tuple[datetime, datetime]]] = {}
    for booking in Booking.objects.filter(state__in=HOLDING):
        linked = booking.resource.booked_with.values_list("pk", flat=True)
        keys = {booking.resource_id, *linked}
        length = (booking.ends_at - booking.starts_at) // timedelta(minutes=15)
        assert booking.quarters.count() == len(keys) * length
        for key in keys:
            spans.setdefault(key, []).append((booking.starts_at, booking.ends_at))
    for held in spans.values():
        held.sort()
        for (_start, end), (start, _end) in pairwise(held):
            assert end <= start
    others = BookedQuarter.objects.exclude(booking__state__in=HOLDING)
    assert not others.exists()


def test_the_database_itself_refuses_a_second_booking() -> None:
    desk = Desk()
    booking = desk.ask(at(9), at(10))
    quarter = booking.quarters.first()
    assert quarter is not None
    quarter.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        quarter.save(force_insert=True)


def test_what_slips_past_every_lock_is_taken_all_the_same() -> None:
    """Somebody who held the slot without the locks of the actions, and after they looked."""
    desk = Desk()
    held = desk.ask(at(9), at(10))
    other = Booking.objects.get(pk=held.pk)
    other.pk = None
    other.save(force_insert=True)
    with pytest.raises(actions.SlotTaken):
        hold(other)
    assert BookedQuarter.objects.count() == 4


def test_of_many_who_want_one_slot_one_has_it_and_the_others_know_where_else() -> None:
    desk = Desk()
    people = [desk.member() for _number in range(PEOPLE)]
    found = together(lambda number: desk.ask(at(9), at(10), people[number]))
    taken = [one for one in found if isinstance(one, actions.SlotTaken)]
    assert len(taken) == PEOPLE - 1
    assert all(len(one.next_slots) == 3 for one in taken)
    assert_no_double_booking()
    assert BookedQuarter.objects.count() == 4


def test_what_is_linked_both_ways_is_asked_for_at_once_and_nobody_waits_in_a_circle() -> None:
    desk = Desk()
    other = ResourceFactory(profile=desk.lab)
    desk.resource.booked_with.add(other)
    other.booked_with.add(desk.resource)
    keys = [desk.resource.pk, other.pk]
    people = [desk.member() for _number in range(PEOPLE)]

    def act(number: int) -> Counter[str]:
        told: Counter[str] = Counter()
        for hour in range(9, 15):
            start = at(hour, 15 * (number % 3))
            try:
                slot = (start, start + timedelta(hours=1))
                desk.ask(*slot, people[number], resource_id=keys[number % 2])
            except actions.SlotTaken:
                told["taken"] += 1
            else:
                told["held"] += 1
        return told

    counts = sum((one for one in together(act) if isinstance(one, Counter)), Counter[str]())
    assert counts.total() == 6 * PEOPLE
    assert counts["held"] == Booking.objects.count() > 0
    assert_no_double_booking()


def test_colleagues_do_not_exceed_their_quota_together() -> None:
    desk = Desk(quota_hours=2)
    people = [acting_for(desk.firm) for _number in range(PEOPLE)]
    found = outcomes(lambda number: desk.ask(at(9 + number), at(10 + number), people[number]))
    assert found == {"Booking": 2, "ResourceRefused": PEOPLE - 2}


def test_of_several_who_answer_one_does_and_the_others_are_told() -> None:
    desk = Desk()
    booking = desk.ask(at(9), at(10))
    people = [acting_for(desk.lab) for _number in range(PEOPLE)]

    def act(number: int) -> object:
        given: dict[str, Any] = {
            "actor": desk.asker if number == 2 else people[number],
            "booking_id": booking.pk,
            "version": 1,
        }
        if number == 2:
            return actions.withdraw_booking(**given)
        if number % 2:
            return actions.decline_booking(**given, reason="Guasto")
        return actions.accept_booking(**given)

    assert outcomes(act) == {"Booking": 1, "BookingChanged": PEOPLE - 1}
    assert len(steps_of(booking)) == 2
    assert_no_double_booking()


def test_a_slot_set_free_while_others_ask_for_it_goes_to_one() -> None:
    desk = Desk()
    held = desk.accept(desk.ask(at(9), at(10)))
    waiting = [desk.ask(at(9), at(10), desk.member(), waiting=True) for _number in range(2)]
    people = [desk.member() for _number in range(PEOPLE)]

    def act(number: int) -> object:
        if number == 0:
            return actions.cancel_booking(actor=desk.asker, booking_id=held.pk, version=2)
        if number == 1:
            return actions.tick(actor=installation(NOW))
        return desk.ask(at(9), at(10), people[number])

    found = outcomes(act)
    assert found == {"Booking": 1, "tuple": 1, "SlotTaken": PEOPLE - 2}
    assert [now(one).state for one in waiting] == ["requested", "waiting"]
    assert_no_double_booking()


def test_the_clock_in_several_processes_lapses_once() -> None:
    desk = Desk()
    booking = desk.ask(at(9), at(10))
    together(lambda _number: actions.tick(actor=installation(at(9))))
    assert steps_of(booking) == ["requested", "lapsed"]


def test_uses_recorded_at_once_warn_once() -> None:
    state_ceilings()
    desk = Desk(is_publicly_funded=True)
    then = later(desk.owner, at(9, day=30))
    actions.set_capacity(
        actor=then, resource_id=desk.resource.pk, year=2026, hours=6, reason="Prova"
    )
    heard: list[str] = []

    def listen(level: str, **_more: Any) -> None:
        heard.append(level)

    ceiling_neared.connect(listen)
    try:
        found = outcomes(
            lambda number: actions.record_own_use(
                actor=then,
                resource_id=desk.resource.pk,
                starts_at=at(9 + number),
                ends_at=at(9 + number) + timedelta(minutes=12),
                is_economic=True,
            )
        )
    finally:
        ceiling_neared.disconnect(listen)
    assert found == {"UseRecord": PEOPLE}
    assert heard == ["near"]


def _address() -> str:
    """Where a process of its own finds the database of this test."""
    given = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{given['NAME']}"
    host, port = given["HOST"] or "127.0.0.1", given["PORT"] or 5432
    password = f":{given['PASSWORD']}" if given["PASSWORD"] else ""
    return f"postgresql://{given['USER']}{password}@{host}:{port}/{given['NAME']}"


def test_processes_that_ask_for_the_same_slots_at_once() -> None:
    """Each request is answered, and the answers are what the database holds."""
    desk = Desk()
    other = ResourceFactory(profile=desk.lab)
    other.booked_with.add(desk.resource)
    dice = random.Random(7)
    people = [desk.member() for _number in range(PROCESSES)]
    running = []
    for person in people:
        asks = []
        for _number in range(15):
            start = at(9, 15 * dice.randrange(4)) + timedelta(hours=dice.randrange(6))
            end = start + timedelta(minutes=15 * dice.randint(4, 8))
            key = dice.choice([desk.resource.pk, other.pk])
            asks.append([key, start.timestamp(), end.timestamp(), dice.random() < 0.2])
        given = {
            "person": person.person_id,
            "profile": next(iter(person.mandates)),
            "now": NOW.timestamp(),
            "asks": asks,
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.sharing.resources.booking_process", json.dumps(given)],
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "tests.settings",
                "TREBBO_TEST_DATABASE_URL": _address(),
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        running.append(process)
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    told: Counter[str] = Counter()
    for process in running:
        out, _errors = process.communicate(timeout=120)
        assert process.returncode == 0
        told.update(json.loads(out))
    assert told.total() == 15 * PROCESSES
    assert told["requested"] == Booking.objects.filter(state="requested").count() > 0
    assert told["waiting"] == Booking.objects.filter(state="waiting").count() > 0
    assert told["taken"] > 0
    assert_no_double_booking()
