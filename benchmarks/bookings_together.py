"""The part about many at once: processes that ask for overlapping slots, one request after another.

Every client asks, waits for the answer and asks again; some ask for the waiting list, and some give
back what they hold. Afterwards the answers are compared with the rows: a request is lost where it
got no answer, or where the answer and the rows differ. Double bookings are counted from the times
of the bookings alone. Beside it stands what somebody would write first: look whether the slot is
free, then insert, with nothing in the database to hold it.
"""

import argparse
import json
import multiprocessing
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import Any

from benchmarks.processes import database_on, databases_on, in_a_process, prepare

DATABASE = "trebbo_bench_together"
SEED = 20261129
DAYS = 4
"""Slots are asked for within so many days, so that most overlap another."""
WAITING, GIVEN_BACK = 0.15, 0.3
WAYS = {"trebbo": "Trebbo", "check_then_insert": "look, then insert"}
TABLE = {
    "requests": "requests",
    "held": "held",
    "taken": "taken",
    "waiting": "waiting",
    "lost": "lost",
    "double_bookings": "double bookings",
    "per_second": "a second",
    "p50_ms": "p50, ms",
    "p95_ms": "p95, ms",
}


def add_options(parser: argparse.ArgumentParser) -> None:
    """How many ask for how much, and for how long."""
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--wanted", type=int, default=50, help="resources that clients ask for")
    parser.add_argument("--seconds", type=float, default=20.0)


def report(options: argparse.Namespace) -> dict[str, Any]:
    """Both ways on each database, each database in a process of its own."""
    databases = {}
    for name, server in databases_on(options.postgresql):
        print(f"{name}: {options.clients} clients…", file=sys.stderr)
        databases[name] = _in_a_process(server, options)
    ours = [one["trebbo"] for one in databases.values()]
    return {
        "double_bookings": sum(one["double_bookings"] for one in ours),
        "lost_requests": sum(one["lost"] for one in ours),
        "together": {
            "clients": options.clients,
            "resources": options.wanted,
            "seconds": options.seconds,
            "databases": databases,
        },
    }


def table(report: dict[str, Any]) -> str:
    """The figures for people."""
    found = report["together"]
    lines = [
        "",
        _what(found),
        "",
        f"| | {' | '.join(TABLE.values())} |",
        "| --- |" + " ---: |" * len(TABLE),
    ]
    for name, ways in found["databases"].items():
        for way, label in WAYS.items():
            cells = [f"{ways[way][key]:,}" for key in TABLE]
            lines.append(f"| {name}, {label} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _what(found: dict[str, Any]) -> str:
    clients, resources = found["clients"], found["resources"]
    return f"{clients} clients at once on {resources} resources, {found['seconds']:g} seconds"


def _in_a_process(server: str, options: argparse.Namespace) -> Any:
    command = ["-m", "benchmarks.bookings", "--one", "together"]
    command += ["--clients", str(options.clients), "--wanted", str(options.wanted)]
    command += ["--seconds", str(options.seconds)]
    with database_on(server, DATABASE) as database_url:
        return in_a_process(command, database_url=database_url)


# --- Inside the process


def measure(options: argparse.Namespace) -> None:
    """Fill an empty database, let the clients loose in both ways, and print the figures as JSON."""
    prepare()
    figures = {}
    for way, ask in (("trebbo", _ask), ("check_then_insert", _look_then_insert)):
        resources, people = _fill(options, way)
        figures[way] = _run(ask, resources, people, options.seconds)
    print(json.dumps(figures))


def _fill(options: argparse.Namespace, way: str) -> tuple[list[int], list[tuple[int, int]]]:
    """Resources of one owner, and clients: a person with a body each."""
    from django.utils import timezone

    from trebbo.ecosystem.accounts.models import Person
    from trebbo.ecosystem.organisations.models import Organisation
    from trebbo.sharing.resources.models import Resource

    now = timezone.now()

    def body(name: str) -> int:
        made = Organisation.objects.create(
            type="organisation", slug=f"{way}-{name}", name=name, sort_name=name, changed_at=now
        )
        return int(made.pk)

    owner = body("owner")
    rows = [
        Resource(
            profile_id=owner,
            kind="equipment",
            name_it=f"Strumento {number}",
            is_bookable=True,
            notice_hours=0,
            created_at=now,
            changed_at=now,
        )
        for number in range(options.wanted)
    ]
    resources = [one.pk for one in Resource.objects.bulk_create(rows)]
    people = []
    for number in range(options.clients):
        person = Person.objects.create(email=f"{way}{number}@trebbo.example", is_active=True)
        people.append((int(person.pk), body(f"client{number}")))
    return resources, people


@dataclass(frozen=True, slots=True)
class Asked:
    """One request of one client."""

    chance: random.Random
    person: int
    profile: int
    resource: int
    start: datetime
    end: datetime


Ask = Callable[[Asked], tuple[str, int]]


def _run(
    ask: Ask, resources: list[int], people: list[tuple[int, int]], seconds: float
) -> dict[str, Any]:
    """Let all clients ask at once until the time is over, and judge what is left."""
    from django.db import connections

    connections.close_all()
    context = multiprocessing.get_context("fork")
    run = Run(seconds, context.Barrier(len(people)), context.SimpleQueue())
    clients = [
        context.Process(target=_client, args=(partial(_asked, who, resources), ask, run, number))
        for number, who in enumerate(people)
    ]
    for client in clients:
        client.start()
    answers = [run.told.get() for _one in clients]
    for client in clients:
        client.join()
    return _judged(answers, resources)


@dataclass(frozen=True, slots=True)
class Run:
    """For how long clients ask, where they wait for each other, and whom they tell."""

    seconds: float
    barrier: Any
    told: Any


def _client(next_one: Callable[[random.Random], Asked], ask: Ask, run: Run, number: int) -> None:
    chance = random.Random(SEED + number)
    sent, kinds, keys, times, errors = 0, Counter[str](), [], [], Counter[str]()
    run.barrier.wait()
    begun = time.perf_counter()
    while time.perf_counter() - begun < run.seconds:
        one = next_one(chance)
        sent += 1
        before = time.perf_counter()
        try:
            kind, key = ask(one)
        except Exception as error:
            errors[f"{type(error).__name__}: {error}"[:200]] += 1
            continue
        times.append(1000 * (time.perf_counter() - before))
        kinds[kind] += 1
        if key:
            keys.append(key)
    spent = time.perf_counter() - begun
    run.told.put(
        {
            "sent": sent,
            "kinds": kinds,
            "keys": keys,
            "times": times,
            "errors": errors,
            "spent": spent,
        }
    )


def _asked(who: tuple[int, int], resources: list[int], chance: random.Random) -> Asked:
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    quarter = timedelta(minutes=15)
    start = midnight + timedelta(days=1) + chance.randrange(96 * DAYS) * quarter
    end = start + chance.randint(4, 32) * quarter
    return Asked(chance, *who, chance.choice(resources), start, end)


def _ask(one: Asked) -> tuple[str, int]:
    """Through the action, as a page does; now and then something that is held is given back."""
    from django.utils import timezone

    from trebbo.kernel.access import Viewer
    from trebbo.sharing.resources import actions
    from trebbo.sharing.resources.models import Booking

    mandates = {one.profile: frozenset({"editor"})}
    actor = Viewer(now=timezone.now(), person_id=one.person, label="Client", mandates=mandates)
    try:
        booking = actions.request_booking(
            actor=actor,
            resource_id=one.resource,
            starts_at=one.start,
            ends_at=one.end,
            purpose="Misura",
            profile_id=one.profile,
            waiting=one.chance.random() < WAITING,
        )
    except actions.SlotTaken:
        return "taken", 0
    if booking.state == "requested" and one.chance.random() < GIVEN_BACK:
        version = Booking.objects.values_list("version", flat=True).get(pk=booking.pk)
        actions.withdraw_booking(actor=actor, booking_id=booking.pk, version=version)
        return "held", booking.pk
    return ("waiting" if booking.state == "waiting" else "held"), booking.pk


def _look_then_insert(one: Asked) -> tuple[str, int]:
    """What somebody would write first: nothing in the database holds the slot."""
    from django.utils import timezone

    from trebbo.sharing.resources.models import Booking

    standing = Booking.objects.filter(resource=one.resource, state="requested")
    if standing.filter(starts_at__lt=one.end, ends_at__gt=one.start).exists():
        return "taken", 0
    now = timezone.now()
    booking = Booking.objects.create(
        resource_id=one.resource,
        person_id=one.person,
        profile_id=one.profile,
        starts_at=one.start,
        ends_at=one.end,
        purpose="Misura",
        user_class="external",
        state="requested",
        free_until=one.start,
        lapses_at=one.start,
        created_at=now,
        changed_at=now,
    )
    if one.chance.random() < GIVEN_BACK:
        Booking.objects.filter(pk=booking.pk).update(state="withdrawn")
    return "held", booking.pk


def _judged(answers: list[dict[str, Any]], resources: list[int]) -> dict[str, Any]:
    """Whether each request was answered as the rows say, and what stands twice."""
    from trebbo.sharing.resources.choices import HOLDING
    from trebbo.sharing.resources.models import Booking

    kinds: Counter[str] = Counter()
    errors: Counter[str] = Counter()
    for one in answers:
        kinds.update(one["kinds"])
        errors.update(one["errors"])
    sent = sum(one["sent"] for one in answers)
    keys = [key for one in answers for key in one["keys"]]
    rows = Booking.objects.filter(resource__in=resources)
    differ = len(set(keys) ^ set(rows.values_list("pk", flat=True))) + len(keys) - len(set(keys))
    doubled, last = 0, dict[int, datetime]()
    spans = rows.filter(state__in=HOLDING).values_list("resource", "starts_at", "ends_at")
    ordered = sorted(spans)
    for (one, _start, end), (other, start, _end) in pairwise(ordered):
        last[one] = max(last.get(one, end), end)
        doubled += one == other and start < last[one]
    times = [spent for one in answers for spent in one["times"]]
    return {
        "requests": sent,
        **{kind: kinds[kind] for kind in ("held", "taken", "waiting")},
        "lost": sent - kinds.total() + differ,
        "errors": dict(errors),
        "double_bookings": doubled,
        "per_second": round(kinds.total() / max(one["spent"] for one in answers), 1),
        "p50_ms": round(statistics.median(times), 1),
        "p95_ms": round(statistics.quantiles(times, n=20)[-1], 1),
        "longest_ms": round(max(times), 1),
    }
