"""Bookings and the ledger against an obvious version that knows neither tables nor engine."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories.organisations import OrganisationFactory
from tests.factories.resources import BlockFactory, OpeningHoursFactory, ResourceFactory
from tests.sharing.resources.desk import ROME, acting_for, later
from trebbo.sharing.resources import actions, gateway, queries
from trebbo.sharing.resources.models import Booking, Resource

QUARTER = 900
WEEKS = {  # the Monday of a week that ends with a change of hour, or holds the new year
    "back": datetime(2026, 10, 19, tzinfo=ROME),
    "forward": datetime(2027, 3, 22, tzinfo=ROME),
    "new year": datetime(2026, 12, 28, tzinfo=ROME),
}
DAYS = 9
HOLDS = {"requested", "accepted"}


@dataclass
class Said:
    """What one request says: quarters since 1970, which resource, for which body."""

    which: int
    body: int
    first: int
    until: int
    state: str = ""


@dataclass
class Plain:
    """The rules in plain words, a quarter and a minute at a time."""

    now: int
    openings: list[tuple[int, int, int]]
    blocks: list[tuple[int, int, int]]
    links: dict[int, list[int]]
    quota: int | None
    bookings: list[Said] = field(default_factory=list)

    def ask(self, said: Said, *, waiting: bool) -> str:
        """What becomes of a request."""
        if not self.allowed(said):
            return "refused"
        said.state = "requested"
        if self.taken(said):
            if not waiting:
                return "taken"
            if any(self.same(said, one) for one in self.bookings):
                return "refused"
            said.state = "waiting"
        self.bookings.append(said)
        return said.state

    def allowed(self, said: Said) -> bool:
        """Length from one to eight hours, to come, open, not blocked, within the quota."""
        if not 4 <= said.until - said.first <= 32 or said.first * QUARTER < self.now:
            return False
        return self.possible(said)

    def possible(self, said: Said) -> bool:
        """Open, not blocked, within the quota: what is looked at again when one moves up."""
        for key in self.held(said.which):
            for quarter in range(said.first, said.until):
                if not self.open(key, quarter):
                    return False
        if self.quota is None:
            return True
        week = self.week(said.first)
        counted = [
            one.until - one.first
            for one in self.bookings
            if one is not said
            and one.state in HOLDS
            and (one.which, one.body) == (said.which, said.body)
            and self.week(one.first) == week
        ]
        return sum(counted) + said.until - said.first <= 4 * self.quota

    def open(self, key: int, quarter: int) -> bool:
        """Whether one quarter of one resource can be used."""
        local = datetime.fromtimestamp(quarter * QUARTER, ROME)
        minute = 60 * local.hour + local.minute
        if key == 0 and not any(
            local.weekday() == weekday and opens <= minute < closes
            for weekday, opens, closes in self.openings
        ):
            return False
        return not any(one == key and a <= quarter < b for one, a, b in self.blocks)

    def held(self, which: int) -> list[int]:
        return [which, *self.links.get(which, [])]

    def week(self, quarter: int) -> Any:
        return datetime.fromtimestamp(quarter * QUARTER, ROME).isocalendar()[:2]

    def same(self, said: Said, one: Said) -> bool:
        mine = (said.which, said.body, said.first, said.until)
        return mine == (one.which, one.body, one.first, one.until) and one.state in (
            HOLDS | {"waiting"}
        )

    def taken(self, said: Said) -> bool:
        """Whether somebody holds a quarter of it, of any resource that it needs."""
        mine = {(key, q) for key in self.held(said.which) for q in range(said.first, said.until)}
        return any(
            (key, q) in mine
            for one in self.bookings
            if one is not said and one.state in HOLDS
            for key in self.held(one.which)
            for q in range(one.first, one.until)
        )

    def end(self, number: int) -> None:
        """One gives up; who waits and fits has it, who came first first."""
        said = self.bookings[number]
        freed = set(self.held(said.which)) if said.state in HOLDS else set()
        said.state = "over"
        for one in self.bookings:
            concerned = freed & set(self.held(one.which))
            if one.state == "waiting" and concerned and not self.taken(one) and self.possible(one):
                one.state = "requested"


class Real:
    """The same in the database."""

    def __init__(self, plain: Plain) -> None:
        lab = OrganisationFactory()
        self.owner = acting_for(lab, now=datetime.fromtimestamp(plain.now, UTC))
        self.bodies = [acting_for(OrganisationFactory(), now=self.owner.now) for _n in range(2)]
        self.resources: list[Resource] = [
            ResourceFactory(profile=lab, quota_hours=plain.quota, quota_period="week")
            for _n in range(3)
        ]
        for weekday, opens, closes in plain.openings:
            OpeningHoursFactory(
                resource=self.resources[0], weekday=weekday, opens=opens, closes=closes
            )
        for key, first, until in plain.blocks:
            BlockFactory(
                resource=self.resources[key], starts_at=moment(first), ends_at=moment(until)
            )
        for key, others in plain.links.items():
            self.resources[key].booked_with.set([self.resources[one] for one in others])
        self.bookings: list[Booking] = []

    def ask(self, said: Said, *, waiting: bool) -> str:
        """What becomes of a request."""
        actor = self.bodies[said.body]
        # The clock of the action: later requests come later, so that the list has an order.
        actor = later(actor, actor.now + timedelta(microseconds=len(self.bookings)))
        try:
            booking = actions.request_booking(
                actor=actor,
                resource_id=self.resources[said.which].pk,
                starts_at=moment(said.first),
                ends_at=moment(said.until),
                purpose="Misura",
                profile_id=next(iter(actor.mandates)),
                waiting=waiting,
            )
        except actions.SlotTaken:
            return "taken"
        except actions.ResourceRefused:
            return "refused"
        self.bookings.append(booking)
        return str(booking.state)

    def end(self, number: int, said: Said) -> None:
        """One gives up, in whichever way its state allows."""
        booking = Booking.objects.get(pk=self.bookings[number].pk)
        given: dict[str, Any] = {
            "actor": self.bodies[said.body],
            "booking_id": booking.pk,
            "version": booking.version,
        }
        if booking.state == "accepted":
            actions.cancel_booking(**given)
        elif number % 2:
            actions.decline_booking(**{**given, "actor": self.owner}, reason="Guasto")
        else:
            actions.withdraw_booking(**given)

    def states(self) -> list[str]:
        """How the bookings stand, as the plain version says it."""
        keys = [one.pk for one in self.bookings]
        kept = dict(Booking.objects.filter(pk__in=keys).values_list("pk", "state"))
        going = HOLDS | {"waiting"}
        return [kept[key] if kept[key] in going else "over" for key in keys]


def moment(quarter: int) -> datetime:
    """The start of a quarter."""
    return datetime.fromtimestamp(quarter * QUARTER, UTC)


hours = st.integers(0, 95).map(lambda number: 15 * number)
slots = st.tuples(st.integers(0, DAYS * 96), st.one_of(st.integers(4, 12), st.integers(-2, 40)))
asks = st.tuples(st.just("ask"), st.integers(0, 2), st.integers(0, 1), slots, st.booleans())
ends = st.tuples(st.sampled_from(["end", "accept"]), st.integers(0, 20))


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Plain, list[Any]]:
    """A laboratory in a week with something odd in it, and what people do there."""
    monday = int(draw(st.sampled_from(list(WEEKS.values()))).timestamp())
    first = monday // QUARTER
    openings = []
    for weekday in range(7):
        opens = draw(st.sampled_from([0, 30, 135, 480]))
        closes = draw(st.sampled_from([150, 180, 1080, 1440]))
        if opens < closes:
            openings.append((weekday, opens, closes))
    blocks = [
        (key, first + start, first + start + length)
        for key, start, length in draw(
            st.lists(
                st.tuples(st.integers(0, 2), st.integers(0, DAYS * 96), st.integers(1, 40)),
                max_size=2,
            )
        )
    ]
    links = draw(st.sampled_from([{}, {0: [1]}, {0: [1], 1: [0]}, {0: [1, 2], 2: [1]}]))
    quota = draw(st.sampled_from([None, None, 2, 5]))
    plain = Plain(monday + 6 * 3600, openings, blocks, links, quota)
    acts = draw(st.lists(st.one_of(asks, asks, ends), min_size=3, max_size=14))
    busy = draw(st.integers(0, DAYS * 96 - 16))  # most want the same hours
    acts = [
        (*act[:3], (busy + act[3][0] % 16, act[3][1]), act[4])
        if act[0] == "ask" and number % 3
        else act
        for number, act in enumerate(acts)
    ]
    return plain, [(first, act) for act in acts]


def play(plain: Plain, real: Real, acts: list[Any]) -> Counter[str]:
    """Do the same in both, and compare after each step."""
    met: Counter[str] = Counter()
    for first, act in acts:
        if act[0] == "ask":
            _kind, which, body, (start, length), waiting = act
            said = Said(which, body, first + start, first + start + length)
            outcome = plain.ask(said, waiting=waiting)
            assert real.ask(said, waiting=waiting) == outcome
            met[outcome] += 1
        elif act[1] < len(plain.bookings):
            said = plain.bookings[act[1]]
            if act[0] == "end" and said.state != "over":
                plain.end(act[1])
                real.end(act[1], said)
            elif act[0] == "accept" and said.state == "requested":
                said.state = "accepted"
                booking = Booking.objects.get(pk=real.bookings[act[1]].pk)
                actions.accept_booking(
                    actor=real.owner, booking_id=booking.pk, version=booking.version
                )
        assert real.states() == [one.state for one in plain.bookings]
    return met


def use_all(plain: Plain, real: Real, length: int) -> None:
    """Record a use of what was accepted, and compare both years' ledgers, minute by minute."""
    then = later(real.owner, datetime.fromtimestamp(plain.now, UTC) + timedelta(days=40))
    minutes: Counter[tuple[int, int, bool]] = Counter()
    for number, said in enumerate(plain.bookings):
        if said.state != "accepted":
            continue
        real_minutes = min(length, 15 * (said.until - said.first))
        is_economic = bool(number % 2)
        actions.record_use(
            actor=then,
            booking_id=real.bookings[number].pk,
            starts_at=moment(said.first),
            ends_at=moment(said.first) + timedelta(minutes=real_minutes),
            is_economic=is_economic,
        )
        for minute in range(real_minutes):
            local = datetime.fromtimestamp(said.first * QUARTER + 60 * minute, ROME)
            for key in plain.held(said.which):
                minutes[key, local.year, is_economic] += 1
    for key, resource in enumerate(real.resources):
        for year in (2026, 2027):
            found = queries.ledger(resource, year, viewer=then)
            assert found is not None
            told = (found.economic_minutes, found.other_minutes)
            assert told == (minutes[key, year, True], minutes[key, year, False])
            assert sum(one.minutes for one in found.records) == sum(told)


@pytest.mark.django_db
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(worlds(), st.integers(1, 200))
def test_bookings_and_ledger_are_as_the_plain_rules_say(
    world: tuple[Plain, list[Any]], length: int
) -> None:
    plain, acts = world
    with transaction.atomic():
        real = Real(plain)
        play(plain, real, acts)
        use_all(plain, real, length)
        transaction.set_rollback(True)


@pytest.mark.django_db
@pytest.mark.parametrize("year", [2026, 2028])
def test_capacity_quarter_by_quarter(year: int) -> None:
    """A whole year with both changes of hour: by the clock of each quarter."""
    resource = ResourceFactory()
    openings = [(weekday, 105, 1065) for weekday in range(7) if weekday != 5]
    for weekday, opens, closes in openings:
        OpeningHoursFactory(resource=resource, weekday=weekday, opens=opens, closes=closes)
    start = int(datetime(year, 1, 1, tzinfo=ROME).timestamp()) // QUARTER
    end = int(datetime(year + 1, 1, 1, tzinfo=ROME).timestamp()) // QUARTER
    blocks = [(0, start - 50, start + 300), (0, start + 200, start + 500), (0, end - 9, end + 9)]
    for _key, first, until in blocks:
        BlockFactory(resource=resource, starts_at=moment(first), ends_at=moment(until))
    BlockFactory(
        resource=resource,
        kind="closed",
        starts_at=moment(start + 5000),
        ends_at=moment(start + 5100),
    )
    plain = Plain(0, openings, [*blocks, (0, start + 5000, start + 5100)], {}, None)
    expected = 15 * sum(plain.open(0, quarter) for quarter in range(start, end))
    assert gateway.open_minutes([resource], year) == {resource.pk: expected}
