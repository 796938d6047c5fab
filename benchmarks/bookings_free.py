"""The part about free time: one search over a catalogue, and over a tenth of it.

Every resource has a year of bookings behind and before it. Searches are of the kind "free next week
within 30 km, for members", of many weeks, lengths, places and words. Beside the search stands what
somebody would write first: read the bookings of all resources that fit, for the week, and walk
through each of them in Python until a gap is found. Both must find the same slots.
"""

import argparse
import json
import random
import sys
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import cycle, islice
from typing import Any
from zoneinfo import ZoneInfo

from benchmarks.processes import database_on, databases_on, in_a_process, prepare, timed

SEARCHES, FEW = 60, 12
SEED = 20261129
BODIES = 200
WEEKS = 26
"""Bookings reach so many weeks back and ahead: a year."""
DATABASE = "trebbo_bench_free"
ROME = ZoneInfo("Europe/Rome")
MEASURES = {"search": "search", "plain_scan": "plain scan in Python"}
GOAL = 3.0
ON_SQLITE = """
INSERT INTO resources_bookedquarter (resource_id, quarter, booking_id)
WITH RECURSIVE n(v) AS (SELECT 0 UNION ALL SELECT v + 1 FROM n WHERE v < 31)
SELECT b.resource_id, strftime('%s', b.starts_at) / 900 + n.v, b.id FROM resources_booking b
JOIN n ON n.v < (strftime('%s', b.ends_at) - strftime('%s', b.starts_at)) / 900
"""
ON_POSTGRESQL = """
INSERT INTO resources_bookedquarter (resource_id, quarter, booking_id)
SELECT b.resource_id, extract(epoch FROM b.starts_at)::integer / 900 + n.v, b.id
FROM resources_booking b
JOIN generate_series(0, 31) n(v) ON n.v < extract(epoch FROM b.ends_at - b.starts_at) / 900
"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """How large the catalogue is."""
    parser.add_argument("--resources", type=int, default=2_000)


def report(options: argparse.Namespace) -> dict[str, Any]:
    """Both sizes on each database, each in a process of its own."""
    databases = {}
    for name, server in databases_on(options.postgresql):
        sizes = {}
        for size in (options.resources // 10, options.resources):
            print(f"{name}: {size:,} resources…", file=sys.stderr)
            sizes[size] = _in_a_process(size, server)
        small, large = (sizes[size] for size in sorted(sizes))
        databases[name] = {
            "sizes": {str(size): figures for size, figures in sizes.items()},
            "big_to_tenth": {key: _ratio(large[key], small[key]) for key in MEASURES},
            "scan_to_search": {
                what: round(large["plain_scan"][what] / max(large["search"][what], 1), 1)
                for what in ("p50", "p95")
            },
        }
    return {"free_slots": {"goal_big_to_tenth": GOAL, "databases": databases}}


def table(report: dict[str, Any]) -> str:
    """The figures for people."""
    lines = ["", "Free-slot search; milliseconds, in brackets those of the processor"]
    for name, one in report["free_slots"]["databases"].items():
        sizes = sorted(one["sizes"], key=int)
        head = [f"{int(size):,}: {what}" for size in sizes for what in ("p50", "p95")]
        lines += ["", f"{name}:", "", f"| | {' | '.join(head)} | p95, big to tenth |"]
        lines.append("| --- |" + " ---: |" * (len(head) + 1))
        for key, label in MEASURES.items():
            cells = [
                f"{one['sizes'][size][key][what]} ({one['sizes'][size][key][f'processor_{what}']})"
                for size in sizes
                for what in ("p50", "p95")
            ]
            ratio = one["big_to_tenth"][key]
            cells.append(f"{ratio['p95']} ({ratio['processor_p95']})")
            lines.append(f"| {label} | {' | '.join(cells)} |")
        times = one["scan_to_search"]
        lines += [
            "",
            f"The plain scan takes {times['p50']} times the search (p95: {times['p95']}).",
        ]
    return "\n".join(lines)


def _in_a_process(size: int, server: str) -> Any:
    command = ["-m", "benchmarks.bookings", "--one", "free", "--resources", str(size)]
    with database_on(server, DATABASE) as database_url:
        return in_a_process(command, database_url=database_url)


def _ratio(large: dict[str, float], small: dict[str, float]) -> dict[str, float]:
    return {what: round(large[what] / max(small[what], 1), 2) for what in ("p95", "processor_p95")}


# --- Inside the process


def measure(options: argparse.Namespace) -> None:
    """Fill an empty database, search, and print the figures as JSON."""
    prepare()
    from django.db import connection

    from trebbo.kernel.access import Viewer
    from trebbo.sharing.resources.queries import find_resources

    monday = _monday()
    viewer = Viewer(
        now=datetime.combine(monday, datetime.min.time(), ROME) - timedelta(days=4),
        mandates={_fill(options.resources, monday): frozenset({"editor"})},
    )
    asked = list(islice(_asked(monday), SEARCHES))
    for wanted in asked[:FEW]:
        found = find_resources(wanted, viewer=viewer)
        plain = [(one.resource.pk, one.slot.starts_at) for one in found.rows if one.slot]
        assert plain == _plain_scan(wanted, viewer), wanted
    rows = {
        table: _count(connection, f"resources_{table}")
        for table in ("resource", "booking", "bookedquarter")
    }
    turns = cycle(asked)
    figures = {
        "rows": rows,
        "search": timed(lambda: find_resources(next(turns), viewer=viewer), SEARCHES),
        "plain_scan": timed(lambda: _plain_scan(next(turns), viewer), FEW),
    }
    print(json.dumps(figures))


def _count(connection: Any, table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return int(cursor.fetchone()[0])


def _monday() -> date:
    from django.utils import timezone

    today = timezone.localdate()
    return today + timedelta(days=7 - today.weekday())


def _asked(monday: date) -> Iterator[Any]:
    """Searches of many kinds, each for a week of the coming months."""
    from trebbo.sharing.resources.queries import ResourcesWanted

    chance = random.Random(SEED)
    towns = ("Bologna", "Modena", "Parma", "Ferrara", "Rimini", "Piacenza")
    while True:
        begin = monday + timedelta(days=7 * chance.randrange(10))
        first = datetime.combine(begin, datetime.min.time(), ROME)
        near = chance.random() < 0.6
        yield ResourcesWanted(
            words=chance.choice(("", "", "microscopio", "forno", "thermal chamber")),
            kind=chance.choice(("", "", "equipment")),
            place=chance.choice(towns) if near else "",
            km=30 if near else None,
            user_class=chance.choice(("", "member")),
            minutes=chance.choice((60, 120, 240, 480)),
            free_from=first,
            free_until=first + timedelta(days=7),
        )


def _plain_scan(wanted: Any, viewer: Any) -> list[tuple[int, datetime]]:
    """What one would write first: read all that fit with their bookings, walk until a gap."""
    from django.db.models import Prefetch

    from trebbo.sharing.resources.choices import HOLDING
    from trebbo.sharing.resources.models import Booking, Resource
    from trebbo.sharing.resources.queries.candidates import candidates

    order = [one.resource_id for one in candidates(wanted, viewer=viewer).found]
    held = Booking.objects.filter(
        state__in=HOLDING, ends_at__gt=wanted.free_from, starts_at__lt=wanted.free_until
    )
    rows = Resource.objects.prefetch_related(
        "opening_hours", Prefetch("bookings", queryset=held.order_by("starts_at"), to_attr="held")
    )
    resources = rows.in_bulk(order)
    found = []
    for key in order:
        start = _first_gap(resources[key], wanted, viewer.now)
        if start:
            found.append((key, start))
    return found[:20]


def _first_gap(resource: Any, wanted: Any, now: datetime) -> datetime | None:
    length = timedelta(minutes=max(wanted.minutes, resource.shortest_minutes))
    earliest = max(wanted.free_from, now + timedelta(hours=resource.notice_hours))
    last_day = now.astimezone(ROME).date() + timedelta(days=resource.horizon_days)
    for number in range(7):
        day = wanted.free_from + timedelta(days=number)
        if day.date() > last_day:
            return None
        for hours in resource.opening_hours.all():
            if hours.weekday != day.weekday():
                continue
            at = day + timedelta(minutes=hours.opens)
            closes = day + timedelta(minutes=hours.closes)
            while at + length <= closes:
                taken = any(
                    one.starts_at < at + length and one.ends_at > at for one in resource.held
                )
                if at >= earliest and not taken:
                    return at
                at += timedelta(minutes=15)
    return None


def _fill(size: int, monday: date) -> int:
    """Resources of BODIES organisations, open on weekdays, with a year of bookings each.

    Returns a body that is a member like most owners are.
    """
    from django.db import connection

    from benchmarks.generated import fill
    from trebbo.ecosystem.clusters.models import Membership
    from trebbo.ecosystem.organisations.models import Profile
    from trebbo.sharing.resources.models import OpeningHours, Price

    chance = random.Random(SEED)
    fill(BODIES, chance)
    bodies = list(Profile.objects.filter(type="organisation").order_by("pk"))
    resources = _resources(size, bodies, chance)
    OpeningHours.objects.bulk_create(
        (
            OpeningHours(resource=one, weekday=day, opens=540, closes=1080)
            for one in resources
            for day in range(5)
        ),
        batch_size=2_000,
    )
    Price.objects.bulk_create(
        (
            Price(resource=one, user_class=user_class, unit="hour", amount=chance.randrange(10, 90))
            for one in resources
            for user_class in ("member", "external")
            if chance.random() < 0.7
        ),
        batch_size=2_000,
    )
    _bookings(resources, monday, chance)
    with connection.cursor() as cursor:
        cursor.execute(ON_POSTGRESQL if connection.vendor == "postgresql" else ON_SQLITE)
        cursor.execute("ANALYZE")
    member = Membership.objects.filter(state="active").order_by("pk")[0]
    return int(member.profile_id)


def _resources(size: int, bodies: list[Any], chance: random.Random) -> list[Any]:
    from django.utils import timezone

    from trebbo.sharing.resources.gateway import refill_words
    from trebbo.sharing.resources.models import Resource

    now = timezone.now()
    things = (
        ("Microscopio ottico", "Optical microscope"),
        ("Forno a vuoto", "Vacuum furnace"),
        ("Camera termica", "Thermal chamber"),
        ("Bioreattore", "Bioreactor"),
        ("Spettrometro di massa", "Mass spectrometer"),
        ("Pressa per materiali compositi", "Press for composites"),
        ("Stampante 3D per metalli", "3D printer for metals"),
        ("Banco prova motori", "Engine test bench"),
    )
    rows = []
    for number in range(size):
        italian, english = chance.choice(things)
        rows.append(
            Resource(
                profile=chance.choice(bodies),
                kind=chance.choice(("equipment", "equipment", "equipment", "space", "service")),
                name_it=f"{italian} sintetico {number}",
                name_en=f"Synthetic {english.lower()} {number}",
                description_it="Risorsa sintetica per misure di velocità",
                is_bookable=True,
                horizon_days=180,
                longest_minutes=480,
                standing="synthetic",
                created_at=now,
                changed_at=now,
            )
        )
    made = Resource.objects.bulk_create(rows, batch_size=1_000)
    refill_words(made)
    return made


def _bookings(resources: list[Any], monday: date, chance: random.Random) -> None:
    """On most weekdays of a year a booking of one to eight hours; some are asked for every day."""
    from django.utils import timezone

    from trebbo.sharing.resources.models import Booking

    now = timezone.now()
    first = monday - timedelta(weeks=WEEKS)
    days = [first + timedelta(days=day) for day in range(14 * WEEKS) if day % 7 < 5]
    starts = {day: datetime.combine(day, datetime.min.time(), ROME) for day in days}

    def rows() -> Iterator[Booking]:
        for resource in resources:
            demand = chance.uniform(0.2, 1.0)
            for day in days:
                if chance.random() > demand:
                    continue
                hours = chance.choice((1, 2, 2, 4, 4, 8))
                begin = starts[day] + timedelta(hours=9 + chance.randrange(10 - hours))
                yield Booking(
                    resource=resource,
                    starts_at=begin,
                    ends_at=begin + timedelta(hours=hours),
                    purpose="Prova sintetica",
                    user_class="external",
                    state="accepted",
                    free_until=begin,
                    lapses_at=begin,
                    created_at=now,
                    changed_at=now,
                )

    source = rows()
    while batch := list(islice(source, 5_000)):
        Booking.objects.bulk_create(batch)
