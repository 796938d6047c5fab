"""Many introductions: the office's day through the pages, and the clock that runs each hour."""

import json
import random
import statistics
import time
from datetime import datetime, timedelta
from typing import Any

from benchmarks.processes import in_a_process, prepare

SMALL = 1_000
LOOKS = 60
MEMBERS, PER_ASK = 300, 20
SHARES = {
    "draft": 1,
    "proposed": 2,
    "asked": 5,
    "accepted": 8,
    "met": 10,
    "declined": 20,
    "expired": 20,
    "withdrawn": 4,
    "led_to": 15,
    "nothing": 15,
}
"""Of a hundred introductions, how many stand in each state."""
TABLE = {
    "open": "open",
    "board_p50": "board p50, ms",
    "board_p95": "board p95, ms",
    "hour_ticks": "due in an hour",
    "hour_seconds": "that hour, s",
    "all_ticks": "all due at once",
    "all_per_second": "a second",
}


def report(introductions: int, database_url: str) -> dict[str, Any]:
    """The figures at 1,000 and at as many as asked, and the ratio of the boards."""
    command = ["-m", "benchmarks.introductions", "--one", "scale", "--introductions"]
    sizes = {
        str(size): in_a_process([*command, str(size)], database_url=database_url)
        for size in (SMALL, introductions)
    }
    small, large = sizes[str(SMALL)], sizes[str(introductions)]
    return {"sizes": sizes, "ratio": round(large["board_p95"] / small["board_p95"], 2)}


def table(figures: dict[str, Any]) -> str:
    """The figures as a table, with the ratio below."""
    lines = [f"| introductions | {' | '.join(TABLE.values())} |"]
    lines.append("|" + " ---: |" * (len(TABLE) + 1))
    for size, one in figures["sizes"].items():
        lines.append(f"| {int(size):,} | {' | '.join(f'{one[key]:,}' for key in TABLE)} |")
    return "\n".join([*lines, "", f"ratio of the boards' p95: {figures['ratio']}"])


def measure(introductions: int) -> None:
    """Inside the process: fill, look at the board as a manager, let the clock run."""
    prepare()
    from django.core.management import call_command

    from trebbo.kernel.access import installation
    from trebbo.partnering.introductions import actions
    from trebbo.partnering.introductions.choices import OPEN
    from trebbo.partnering.introductions.models import Introduction

    call_command("flush", interactive=False, verbosity=0)  # a server keeps the size before
    now = datetime.now().astimezone()
    manager = _fill(introductions, now)
    is_open = Introduction.objects.filter(state__in=OPEN)
    figures: dict[str, Any] = {"open": is_open.count(), **_board(manager)}

    def run(moment: datetime) -> tuple[int, float]:
        begun, total = time.perf_counter(), 0
        while True:
            ticks = actions.run_clock(actor=installation(moment), limit=5_000)
            total += ticks.total
            if not ticks.left:
                return total, time.perf_counter() - begun

    run(now)
    ticks, seconds = run(now + timedelta(hours=1))
    figures |= {"hour_ticks": ticks, "hour_seconds": round(seconds, 2)}
    ticks, seconds = run(now + timedelta(days=31))
    figures |= {"all_ticks": ticks, "all_per_second": round(ticks / seconds)}
    print(json.dumps(figures))


def _board(manager: Any) -> dict[str, Any]:
    from django.test import Client

    client = Client()
    client.force_login(manager, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/it/today/").status_code == 200
    spans = []
    for _look in range(LOOKS):
        begun = time.perf_counter()
        client.get("/it/today/")
        spans.append((time.perf_counter() - begun) * 1_000)
    return {
        "board_p50": round(statistics.median(spans)),
        "board_p95": round(statistics.quantiles(spans, n=20)[-1]),
    }


def _fill(count: int, now: datetime) -> Any:
    """Offices with members, asks and introductions; half of all are the first office's, whose
    manager is given back."""
    from trebbo.ecosystem.accounts.models import ClusterRole, Person
    from trebbo.partnering.introductions.models import Introduction, IntroductionStep

    chance = random.Random(20261129)
    clusters, members = _registry(chance)
    manager = Person.objects.create_user("manager@example.org", name="Manager")
    ClusterRole.objects.create(
        person=manager, cluster=clusters[0], role="manager", valid_from=now.date()
    )
    asks = _asks(count // PER_ASK, clusters, members, now)
    states = list(SHARES)
    drawn = chance.choices(states, weights=list(SHARES.values()), k=count)
    rows = [
        _introduction(
            state,
            (asks[n % len(asks)], members[n // len(asks)], manager),
            now - timedelta(days=chance.uniform(0, _days(state))),
            now,
        )
        for n, state in enumerate(drawn)
    ]
    made = Introduction.objects.bulk_create(rows, batch_size=1_000)
    steps = [
        IntroductionStep(introduction=one, kind=kind, at=one.since)
        for one in made
        for kind in ("draft", one.state)
    ]
    IntroductionStep.objects.bulk_create(steps, batch_size=2_000)
    _analyze()
    return manager


def _registry(chance: random.Random) -> tuple[list[Any], list[Any]]:
    from benchmarks.generated import fill
    from trebbo.ecosystem.clusters.models import Cluster
    from trebbo.ecosystem.organisations.models import Profile

    fill(MEMBERS, chance)
    members = Profile.objects.filter(type="organisation").order_by("pk")
    return list(Cluster.objects.order_by("pk")), list(members)


def _asks(count: int, clusters: list[Any], members: list[Any], now: datetime) -> list[Any]:
    from trebbo.partnering.introductions.models import Ask, AskShare

    asks = Ask.objects.bulk_create(
        (
            Ask(
                text=f"Bisogno {n}",
                title=f"Bisogno {n}",
                asker=members[n % len(members)],
                created_at=now,
                changed_at=now,
            )
            for n in range(count)
        ),
        batch_size=1_000,
    )
    AskShare.objects.bulk_create(
        (
            AskShare(ask=ask, cluster=clusters[0 if n % 2 else n % len(clusters)], shared_at=now)
            for n, ask in enumerate(asks)
        ),
        batch_size=1_000,
    )
    return asks


def _days(state: str) -> int:
    from trebbo.partnering.introductions.choices import STAGES, IntroductionState

    return STAGES[IntroductionState(state)].due_days or 60


def _introduction(state: str, who: tuple[Any, Any, Any], since: datetime, now: datetime) -> Any:
    """An introduction that has been in its state since then, with what its clock did meanwhile."""
    from trebbo.partnering.introductions.choices import CONTACTS_SHARED, OPEN
    from trebbo.partnering.introductions.models import Introduction

    ask, body, owner = who
    one = Introduction(
        ask=ask,
        profile=body,
        profile_name=body.name,
        owner=owner,
        state=state,
        since=since,
        due_at=since + timedelta(days=_days(state)),
        words="Potreste lavorare insieme.",
        contact_name="Ada",
        contact_email="ada@example.org",
        decline_reason="other" if state == "declined" else "",
        outcome="project" if state == "led_to" else "",
        asked_at=None if state in {"draft", "proposed"} else since,
        accepted_at=since if state in CONTACTS_SHARED else None,
        outcomes_asked=1 if state == "met" else 0,
        created_at=since,
        changed_at=since,
    )
    for _kind in range(3):
        tick = one.next_tick if state in OPEN else None
        one.clock_at = tick[0] if tick else None
        if tick is None or tick[0] > now:
            break
        setattr(one, "nudged_at" if one.nudged_at is None else "escalated_at", tick[0])
    return one


def _analyze() -> None:
    """As the databases do by themselves after a while."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
