"""Measures the skills map of a network, and of a cluster in it, at a size and at a tenth of it.

    python -m benchmarks.skills_map --organisations 1000 --competences 20000

Each size has an empty database of its own: SQLite, or also PostgreSQL with `--postgresql
postgresql://user@host`, or the empty one of `TREBBO_DATABASE_URL`. Beside the map's own query stand
the same numbers in two ways that somebody would pick: a plain loop over the rows of the object
mapper, and DuckDB over a CSV file of all competences, as one exports it for a spreadsheet (writing
the file is not counted). All three must agree on how many bodies offer each field.
"""

import argparse
import json
import os
import platform
import random
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

from benchmarks.processes import database_on, in_a_process, prepare, timed

LOOKS, FEW = 20, 5
SEED = 20261129
DATABASE = "trebbo_bench_skills"
LEVEL = 3
CSV_ROWS = """
SELECT field, count(DISTINCT body) FILTER (WHERE offered = 1) AS bodies,
       count(DISTINCT body) FILTER (WHERE offered = 0) AS sought
FROM read_csv(?, header = true) GROUP BY field HAVING bodies > 0
"""
COMPARED = ("p95", "processor_p95")
MEASURES = {
    "network_query": "network: query",
    "network_page": "network: whole page",
    "network_review": "network: whole review",
    "cluster_query": "cluster: query",
    "cluster_page": "cluster: whole page",
    "plain_loop": "plain loop",
    "duckdb_csv": "DuckDB over CSV",
}


def main() -> None:
    """Measure both sizes on each database and print tables, or JSON."""
    options = _options()
    if options.one:
        _measure(options.organisations, options.competences)
        return
    report: dict[str, Any] = {
        "machine": f"{os.cpu_count()} cores, Python {platform.python_version()}",
        "organisations": options.organisations,
        "competences": options.competences,
        "databases": {},
    }
    for name, address in _databases(options):
        sizes = {}
        for share in (10, 1):
            organisations = options.organisations // share
            competences = options.competences // share
            print(f"{name}: {organisations:,} organisations…", file=sys.stderr)
            sizes[organisations] = _in_a_process(organisations, competences, address)
        report["databases"][name] = _compared(sizes)
    print(json.dumps(report, indent=1) if options.json else _table(report))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--organisations", type=int, default=1_000)
    parser.add_argument("--competences", type=int, default=20_000)
    parser.add_argument("--postgresql", default="", help="a server's address")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def _databases(options: argparse.Namespace) -> list[tuple[str, str]]:
    given = os.environ.get("TREBBO_DATABASE_URL", "")
    found = [("the given database", given)] if given else [("SQLite", "")]
    if options.postgresql:
        found.append(("PostgreSQL", f"{options.postgresql.rstrip('/')}/{DATABASE}"))
    return found


def _in_a_process(organisations: int, competences: int, address: str) -> Any:
    command = ["-m", "benchmarks.skills_map", "--one", "--organisations", str(organisations)]
    command += ["--competences", str(competences)]
    if not address.endswith(f"/{DATABASE}"):
        return in_a_process(command, database_url=address)
    with database_on(address.removesuffix(f"/{DATABASE}"), DATABASE) as database_url:
        return in_a_process(command, database_url=database_url)


def _compared(sizes: dict[int, Any]) -> dict[str, Any]:
    small, large = (sizes[key] for key in sorted(sizes))
    return {
        "sizes": {str(size): figures for size, figures in sizes.items()},
        "big_to_tenth": {
            name: {what: _ratio(large[name][what], small[name][what]) for what in COMPARED}
            for name in MEASURES
        },
        "alternative_to_map": {
            name: {
                what: _ratio(large[name][what], large["network_query"][what])
                for what in ("p50", "processor_p50")
            }
            for name in ("plain_loop", "duckdb_csv")
        },
    }


def _ratio(one: float, other: float) -> float:
    return round(one / max(other, 1), 2)


def _table(report: dict[str, Any]) -> str:
    lines = [f"{report['machine']}; milliseconds, in brackets those of the processor"]
    for name, one in report["databases"].items():
        sizes = sorted(one["sizes"], key=int)
        head = [f"{int(size):,}: {what}" for size in sizes for what in ("p50", "p95")]
        lines += ["", f"{name}:", "", f"| | {' | '.join(head)} | p95, big to tenth |"]
        lines.append("| --- |" + " ---: |" * (len(head) + 1))
        for key, label in MEASURES.items():
            figures = [one["sizes"][size][key] for size in sizes] + [one["big_to_tenth"][key]]
            cells = [
                f"{two[what]} ({two[f'processor_{what}']})"
                for two in figures
                for what in ("p50", "p95")
                if what in two
            ]
            lines.append(f"| {label} | {' | '.join(cells)} |")
        for key, said in one["alternative_to_map"].items():
            times = f"{said['p50']} ({said['processor_p50']})"
            lines += ["", f"{MEASURES[key]} takes {times} times the network's query."]
    return "\n".join(lines)


# --- Inside the process


def _measure(organisations: int, competences: int) -> None:
    prepare()
    from django.conf import settings
    from django.test import Client

    from trebbo.ecosystem.clusters.models import Cluster, Network
    from trebbo.kernel.access import visitor
    from trebbo.sharing.skills import queries

    _fill(organisations, competences)
    viewer = visitor()
    network, cluster = Network.objects.get(), Cluster.objects.order_by("pk")[0]

    def query(kind: str, slug: str) -> Any:
        place = queries.find_place(kind, slug, viewer=viewer)
        assert place is not None
        return queries.skills_map(viewer, place, queries.MapWishes(depth=LEVEL))

    client = Client()

    def page(address: str) -> None:
        assert client.get(f"/it/skills/map/{address}/").status_code == 200

    file = Path(settings.DATA) / "competences.csv"
    _export(file)
    drawn = {line.key: line.bodies for line in query("network", network.slug).fields if line.bodies}
    assert drawn == _plain_loop()
    assert drawn == _duckdb(file)
    figures = {
        "network_query": timed(lambda: query("network", network.slug), LOOKS),
        "network_page": timed(lambda: page(f"network/{network.slug}"), LOOKS),
        "network_review": timed(lambda: page(f"network/{network.slug}/review"), LOOKS),
        "cluster_query": timed(lambda: query("cluster", cluster.slug), LOOKS),
        "cluster_page": timed(lambda: page(f"cluster/{cluster.slug}"), LOOKS),
        "plain_loop": timed(_plain_loop, FEW),
        "duckdb_csv": timed(lambda: _duckdb(file), LOOKS),
    }
    print(json.dumps(figures))


def _fill(organisations: int, competences: int) -> None:
    """Every organisation is a member of a cluster; most competences are in a few fields."""
    from datetime import timedelta

    from django.db import connection
    from django.utils import timezone

    from benchmarks.generated import fill
    from trebbo.ecosystem.clusters.models import Cluster, Membership
    from trebbo.ecosystem.organisations.models import Profile
    from trebbo.ecosystem.vocabularies.models import Concept
    from trebbo.sharing.skills.models import Competence, CompetenceEvidence

    chance, now = random.Random(SEED), timezone.now()
    fill(organisations, chance)
    bodies = list(Profile.objects.filter(type="organisation").order_by("pk"))
    clusters = list(Cluster.objects.order_by("pk"))
    members = set(Membership.objects.values_list("profile", flat=True))
    Membership.objects.bulk_create(
        Membership(profile=body, cluster=chance.choice(clusters), state="active")
        for body in bodies
        if body.pk not in members
    )
    fields = list(Concept.objects.filter(scheme__code="euroscivoc").order_by("pk"))
    each = competences // organisations
    rows = []
    for body in bodies:
        drawn = {fields[int(len(fields) * chance.random() ** 2)].pk for _n in range(4 * each)}
        for concept in chance.sample(sorted(drawn), each):
            confirmed = now - timedelta(days=chance.randrange(600))
            rows.append(
                Competence(
                    profile=body,
                    concept_id=concept,
                    direction="offered" if chance.random() < 0.8 else "sought",
                    level=chance.choice((None, 1, 2, 3, 4)),
                    people=chance.choice((None, 1, 3, 9)),
                    confirmed_at=confirmed if chance.random() < 0.6 else None,
                    due_date=(confirmed + timedelta(days=365)).date(),
                    created_at=confirmed,
                    changed_at=confirmed,
                )
            )
    made = Competence.objects.bulk_create(rows, batch_size=2_000)
    CompetenceEvidence.objects.bulk_create(
        (
            CompetenceEvidence(competence=one, kind="other", text="ISO")
            for one in made
            if chance.random() < 0.4
        ),
        batch_size=2_000,
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _all_rows() -> Any:
    from trebbo.sharing.skills.models import Competence

    above = "concept__broader__broader__broader__broader__broader"
    return Competence.objects.select_related("profile", above)


def _field(competence: Any) -> int:
    line = [*competence.concept.path, competence.concept]
    return int(line[min(LEVEL, len(line)) - 1].pk)


def _plain_loop() -> dict[int, int]:
    """How many bodies offer each field, as one would write it first."""
    offered: dict[int, set[int]] = defaultdict(set)
    sought: dict[int, set[int]] = defaultdict(set)
    for competence in _all_rows():
        chosen = offered if competence.direction == "offered" else sought
        chosen[_field(competence)].add(competence.profile_id)
    return {key: len(bodies) for key, bodies in offered.items()}


def _export(file: Path) -> None:
    with file.open("w", encoding="utf-8") as out:
        out.write("body,field,offered\n")
        for one in _all_rows():
            out.write(f"{one.profile_id},{_field(one)},{int(one.direction == 'offered')}\n")


def _duckdb(file: Path) -> dict[int, int]:
    import duckdb

    with duckdb.connect() as connection:
        rows = connection.execute(CSV_ROWS, [str(file)]).fetchall()
    return {key: bodies for key, bodies, _sought in rows}


if __name__ == "__main__":
    main()
