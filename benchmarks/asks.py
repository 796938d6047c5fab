"""Times an ask, end to end through the view, against the bare candidate query.

    python -m benchmarks.asks --cordis cordis-HORIZONprojects-csv.zip --sizes 1000,30000

Generated organisations with real funded projects: each is given one body of the zip as long as
there are some, and the others stay outside the network, as after a real import. So who worked with
whom is real and no name is. Each size has a database and a process of its own. Questions are asked
warm by one client: by a visitor, and by the agency on behalf of the most active organisation.
"""

import argparse
import json
import os
import platform
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.processes import in_a_process, prepare

GOALS_MS = {1_000: 100.0, 30_000: 400.0}
QUESTIONS = (
    "biomateriali per rigenerazione ossea",
    "who tests medical devices near Mirandola",
    "laboratori di tossicologia vicino a Modena",
    "advanced therapies and cell factories",
    "stampa 3D di protesi su misura",
    "big data e intelligenza artificiale per la salute",
    "hydrogen storage for heavy transport",
    "sensori indossabili entro 30 km da Bologna",
)
WARM_UP = 10
BATCH = 2_000


def main() -> None:
    """Measure every size and print the table, or JSON."""
    options = _options()
    if options.one:
        print(json.dumps(_measure(options)))
        return
    results = {size: _in_a_process(size, options) for size in options.sizes}
    report = {
        "machine": f"{os.cpu_count()} cores, Python {platform.python_version()}",
        "seed": options.seed,
        "requests": options.requests,
        "results": results,
    }
    print(json.dumps(report, indent=1) if options.json else _table(report))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cordis", type=Path, required=True, metavar="ZIP")
    parser.add_argument(
        "--sizes",
        type=lambda text: [int(size) for size in text.split(",")],
        default=[1_000, 30_000],
        help="numbers of organisations, separated by commas",
    )
    parser.add_argument("--requests", type=int, default=100, help="questions for each size")
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--one", type=int, default=0, help=argparse.SUPPRESS)
    return parser.parse_args()


def _in_a_process(size: int, options: argparse.Namespace) -> Any:
    print(f"{size:,} organisations…", file=sys.stderr)
    command = ["-m", "benchmarks.asks", "--one", str(size)]
    command += ["--cordis", str(options.cordis.resolve())]
    command += ["--requests", str(options.requests), "--seed", str(options.seed)]
    return in_a_process(command)


def _measure(options: argparse.Namespace) -> dict[str, Any]:
    prepare()
    from benchmarks.generated import fill
    from trebbo.kernel.access import installation
    from trebbo.partnering.introductions.actions import gather_news, rebuild_index

    with gather_news(actor=installation()):
        fill(options.one, random.Random(options.seed))
        projects = _fill_projects(options.cordis)
    started = time.perf_counter()
    rebuild_index(actor=installation())
    built = time.perf_counter() - started
    return {"projects": projects, "index_seconds": round(built, 1), **_timed(options.requests)}


def _fill_projects(archive: Path) -> int:
    """The works of the zip; each organisation is one of its bodies, the most active first."""
    from django.utils import timezone

    from trebbo.ecosystem.evidence.models import Body, FundedProject, Import, Participation
    from trebbo.ecosystem.organisations.models import Organisation
    from trebbo.engine.matching.cordis import read_cordis

    evidence = read_cordis([archive])
    edition = Import.objects.create(file_name=archive.name, path="", created_at=timezone.now())
    record = {"first_import": edition, "last_import": edition}
    parts_of = Counter(member.body for work in evidence.works for member in work.members)
    bodies = [
        Body(
            scheme="pic",
            key=one.key,
            name=f"Body {one.key}",
            country=one.country,
            projects=parts_of[one.key],
            **record,
        )
        for one in evidence.bodies
    ]
    keys = {one.key: one for one in Body.objects.bulk_create(bodies, batch_size=BATCH)}
    owners = Organisation.objects.order_by("pk").values_list("pk", flat=True)
    owner_of = {
        key: owner for (key, _many), owner in zip(parts_of.most_common(), owners, strict=False)
    }
    projects = [
        FundedProject(
            dataset="cordis-horizon",
            key=work.key,
            title=work.title[:1000],
            objective=work.text,
            signature_date=work.day,
            start_date=work.day,
            topic=work.area[:120],
            topic_title=work.call[:500],
            legal_basis=work.programme[:300],
            **record,
        )
        for work in evidence.works
    ]
    made = {one.key: one for one in FundedProject.objects.bulk_create(projects, batch_size=BATCH)}
    parts = {
        (work.key, member.body): Participation(
            project=made[work.key],
            body=keys[member.body],
            role="coordinator" if member.leads else "participant",
            profile_id=owner_of.get(member.body),
            **record,
        )
        for work in evidence.works
        for member in work.members
    }
    Participation.objects.bulk_create(parts.values(), batch_size=BATCH)
    return len(made)


def _timed(requests: int) -> dict[str, Any]:
    from django.test import Client
    from django.utils import timezone

    from trebbo.ecosystem.accounts.models import NetworkRole, Person
    from trebbo.ecosystem.clusters.models import Network
    from trebbo.ecosystem.organisations.models import Profile
    from trebbo.kernel.access import visitor
    from trebbo.partnering.introductions import gateway
    from trebbo.partnering.introductions.queries import Question
    from trebbo.partnering.introductions.queries.questions import engine_query

    person = Person.objects.create(email="office@example.org", is_active=True)
    day = timezone.localdate()
    NetworkRole.objects.create(
        network=Network.objects.get(), person=person, role="agency", valid_from=day
    )
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    asker = Profile.objects.filter(participations__isnull=False).order_by("pk").first()
    slug = asker.slug if asker else ""
    queries = [engine_query(Question(text), visitor()) for text in QUESTIONS]
    asks = [f"/it/ask/?q={text}" for text in QUESTIONS]

    def page(number: int) -> None:
        assert Client().get(asks[number % len(asks)]).status_code == 200

    def office(number: int) -> None:
        assert client.get(f"{asks[number % len(asks)]}&as={slug}").status_code == 200

    def bare(number: int) -> None:
        gateway.find(queries[number % len(queries)])

    return {
        name: _percentiles(once, requests)
        for name, once in (("visitor", page), ("office", office), ("bare", bare))
    }


def _percentiles(once: Callable[[int], None], requests: int) -> dict[str, float]:
    for number in range(WARM_UP):
        once(number)
    times = []
    for number in range(requests):
        started = time.perf_counter()
        once(number)
        times.append(1000 * (time.perf_counter() - started))
    steps = statistics.quantiles(times, n=20)
    return {"p50": round(statistics.median(times), 1), "p95": round(steps[18], 1)}


def _table(report: dict[str, Any]) -> str:
    lines = [
        f"{report['machine']}; {report['requests']} questions a size; seed {report['seed']}",
        "",
        "| organisations | projects | index s | who | p50 ms | p95 ms | goal | p95 / bare p95 |",
        "| ---: | ---: | ---: | --- | ---: | ---: | ---: | ---: |",
    ]
    for size, one in report["results"].items():
        for who in ("visitor", "office", "bare"):
            p50, p95 = one[who]["p50"], one[who]["p95"]
            goal = GOALS_MS.get(size, "") if who != "bare" else ""
            lines.append(
                f"| {size:,} | {one['projects']:,} | {one['index_seconds']} | {who} | {p50} | "
                f"{p95} | {goal} | {p95 / one['bare']['p95']:.1f} |"
            )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
