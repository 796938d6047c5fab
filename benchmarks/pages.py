"""Times the ask, the directory, an organisation's page and the map data as the registry grows.

    python -m benchmarks.pages --sizes 1000,10000,100000 --postgresql postgresql://user@host/

Generated organisations only; each size gets a database of its own, in a process of its own. Pages
are asked through the whole application (middleware, policies, templates) by one client. The bare
search is the search library answering the same questions, with the same counts, in the same run.
"""

import argparse
import json
import os
import platform
import random
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.processes import database_on, databases_on, in_a_process, prepare

GOALS = {"ask": 3.0, "directory": 1.5, "organisation": 1.5, "map data": 3.0}
QUESTIONS = (
    "biomateriali per rigenerazione ossea",
    "who tests medical devices near Mirandola",
    "laboratori di tossicologia vicino a Modena",
    "advanced therapies and cell factories",
    "stampa 3D di protesi su misura",
    "big data e intelligenza artificiale per la salute",
    "clean room for sterile packaging",
    "sensori indossabili entro 30 km da Bologna",
)
WARM_UP = 10
LONGEST = 30.0
"""Seconds after which a slow page is not asked again."""


@dataclass(frozen=True, slots=True)
class Timing:
    """One page's times in milliseconds, its worst number of queries and its mean size in bytes."""

    p50: float
    p95: float
    queries: int
    size: int


def main() -> None:
    """Run every size on every database and print the table, or JSON."""
    options = _options()
    if options.one:
        print(json.dumps(_measure(options.one, options.requests, options.seed)))
        return
    results: dict[str, dict[int, Any]] = {}
    for name, address in databases_on(options.postgresql):
        results[name] = {}
        for size in options.sizes:
            results[name][size] = _in_a_process(name, address, size, options)
    report = {
        "machine": f"{os.cpu_count()} cores, Python {platform.python_version()}",
        "seed": options.seed,
        "requests": options.requests,
        "results": results,
        "ratios": {name: _ratios(sizes) for name, sizes in results.items()},
    }
    print(json.dumps(report, indent=1) if options.json else _table(report))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--sizes",
        type=lambda text: [int(size) for size in text.split(",")],
        default=[1_000, 10_000, 100_000],
        help="numbers of organisations, separated by commas",
    )
    parser.add_argument(
        "--postgresql", default="", help="a server's address; without it only SQLite is measured"
    )
    parser.add_argument("--requests", type=int, default=200, help="requests per page")
    parser.add_argument("--seed", type=int, default=20, help="seed of the generated organisations")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--one", type=int, default=0, help=argparse.SUPPRESS)
    return parser.parse_args()


def _in_a_process(name: str, address: str, size: int, options: argparse.Namespace) -> Any:
    print(f"{name}, {size:,} organisations…", file=sys.stderr)
    command = ["-m", "benchmarks.pages", "--one", str(size)]
    command += ["--requests", str(options.requests), "--seed", str(options.seed)]
    with database_on(address, f"trebbo_bench_{size}") as database_url:
        return in_a_process(command, database_url=database_url)


# --- One size, inside its own process.


def _measure(size: int, requests: int, seed: int) -> dict[str, Any]:
    prepare()
    from trebbo.partnering.introductions import gateway

    started = time.perf_counter()
    from benchmarks.generated import fill

    fill(size, random.Random(seed))
    filled = time.perf_counter()
    from django.utils import timezone

    gateway.rebuild(timezone.localdate())
    indexed = time.perf_counter()
    pages = {
        name: _time(address, requests)
        for name, address in _addresses(size, random.Random(seed + 1)).items()
    }
    ask, bare = _engine_and_bare(requests)
    return {
        "fill_seconds": round(filled - started, 1),
        "index_seconds": round(indexed - filled, 1),
        "pages": {name: vars_of(timing) for name, timing in pages.items()},
        "engine": vars_of(ask),
        "bare": vars_of(bare),
    }


def vars_of(timing: Timing) -> dict[str, float]:
    """A timing as plain numbers."""
    return {
        "p50": round(timing.p50, 2),
        "p95": round(timing.p95, 2),
        "queries": timing.queries,
        "bytes": timing.size,
    }


def _addresses(size: int, chance: random.Random) -> dict[str, Callable[[int], str]]:
    from urllib.parse import quote

    provinces = ("MO", "BO", "PR", "FE", "RA")
    kinds = ("sme", "large_company", "university", "research_centre")
    boxes = [
        (longitude, latitude, longitude + 1.2 / zoom, latitude + 0.8 / zoom, 7 + zoom)
        for zoom in (1, 2, 4)
        for longitude, latitude in ((9.4, 44.2), (10.8, 44.4), (11.3, 44.0))
    ]

    def ask(number: int) -> str:
        return f"/it/ask/?q={quote(QUESTIONS[number % len(QUESTIONS)])}"

    def directory(_number: int) -> str:
        return f"/it/directory/?kind={chance.choice(kinds)}&province={chance.choice(provinces)}"

    def organisation(_number: int) -> str:
        return f"/it/organisations/synthetic-{chance.randrange(size)}/"

    def map_data(number: int) -> str:
        west, south, east, north, zoom = boxes[number % len(boxes)]
        return f"/it/map/data/?bbox={west},{south},{east:.3f},{north:.3f}&zoom={zoom}"

    return {
        "ask": ask,
        "directory": directory,
        "organisation": organisation,
        "map data": map_data,
    }


def _time(address: Callable[[int], str], requests: int) -> Timing:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client()
    times, queries, sizes = [], 0, []
    begun = time.perf_counter()
    for number in range(WARM_UP + requests):
        if len(times) > 1 and time.perf_counter() - begun > LONGEST:
            break
        where = address(number)
        if number < WARM_UP:
            with CaptureQueriesContext(connection) as captured:
                _get(client, where)
            queries = max(queries, len(captured))
            continue
        started = time.perf_counter()
        response = _get(client, where)
        times.append((time.perf_counter() - started) * 1000)
        sizes.append(len(response.content))
    return Timing(_p50(times), _p95(times), queries, int(statistics.mean(sizes)))


def _get(client: Any, address: str) -> Any:
    response = client.get(address)
    if response.status_code != 200:
        raise SystemExit(f"{address} answered {response.status_code}")
    return response


def _engine_and_bare(requests: int) -> tuple[Timing, Timing]:
    """The engine's whole answer, and the library's to the same query with counts and best 20."""
    from trebbo.kernel.access import visitor
    from trebbo.partnering.introductions.gateway import find
    from trebbo.partnering.introductions.queries.answers import Question, engine_query

    asked = [engine_query(Question(text), visitor()) for text in QUESTIONS]
    bare = _bare()
    return (
        _each(lambda number: find(asked[number % len(asked)]), requests),
        _each(lambda number: bare(asked[number % len(asked)]), requests),
    )


def _each(work: Callable[[int], object], times: int) -> Timing:
    taken: list[float] = []
    begun = time.perf_counter()
    for number in range(WARM_UP + times):
        if len(taken) > WARM_UP + 1 and time.perf_counter() - begun > LONGEST:
            break
        started = time.perf_counter()
        work(number)
        taken.append((time.perf_counter() - started) * 1000)
    return Timing(_p50(taken[WARM_UP:]), _p95(taken[WARM_UP:]), 0, 0)


def _bare() -> Callable[[Any], object]:
    from django.db import connection

    return _bare_postgresql() if connection.vendor == "postgresql" else _bare_tantivy()


def _bare_tantivy() -> Callable[[Any], object]:
    """Tantivy itself: count, best 20 and facet counts."""
    import tantivy
    from django.conf import settings

    from trebbo.engine.search.embedded_queries import QueryBuilder
    from trebbo.engine.search.settings import DEFAULTS
    from trebbo.engine.search.understanding import plan_of
    from trebbo.partnering.introductions.gateway import current_words

    index = tantivy.Index.open(str(next(Path(settings.SEARCH_FOLDER).glob("generation-*"))))
    searcher, queries = index.searcher(), QueryBuilder(index.schema)
    facets = {"all": {"terms": {"field": "facets", "size": 65_000}}}

    def ask(query: Any) -> object:
        scope = queries.everything(plan_of(query, *current_words(), DEFAULTS), query)
        best = [searcher.doc(address) for _score, address in searcher.search(scope, 20).hits]
        return best, searcher.aggregate(scope, facets)

    return ask


def _bare_postgresql() -> Callable[[Any], object]:
    """PostgreSQL's full-text search itself: count and facet counts, then the best 20 by ts_rank."""
    from django.db import connection

    from trebbo.engine.search.postgres_text import requirement
    from trebbo.engine.search.settings import DEFAULTS
    from trebbo.engine.search.understanding import plan_of
    from trebbo.partnering.introductions.gateway import current_words

    def ask(query: Any) -> object:
        _condition, text = requirement(plan_of(query, *current_words(), DEFAULTS), {})
        with connection.cursor() as cursor:
            cursor.execute(
                "WITH found AS MATERIALIZED (SELECT facets FROM trebbo_search_documents"
                " WHERE terms @@ %s::tsquery)"
                " SELECT NULL, count(*) FROM found UNION ALL"
                " SELECT facet, count(*) FROM found, unnest(facets) AS facet GROUP BY facet",
                [text],
            )
            counts = cursor.fetchall()
            cursor.execute(
                "SELECT key, body FROM trebbo_search_documents WHERE terms @@ %s::tsquery"
                " ORDER BY ts_rank(terms, %s::tsquery) DESC LIMIT 20",
                [text, text],
            )
            return counts, cursor.fetchall()

    return ask


def _p50(times: list[float]) -> float:
    return statistics.median(times)


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1] if len(times) > 1 else times[0]


# --- The table.


def _ratios(sizes: dict[int, Any]) -> dict[str, float]:
    smallest, largest = min(sizes), max(sizes)
    ratios = {
        page: round(sizes[largest]["pages"][page]["p95"] / sizes[smallest]["pages"][page]["p95"], 2)
        for page in GOALS
    }
    return ratios | {
        "ask engine / bare": round(
            sizes[largest]["engine"]["p95"] / sizes[largest]["bare"]["p95"], 2
        ),
        "ask page / bare": round(
            sizes[largest]["pages"]["ask"]["p95"] / sizes[largest]["bare"]["p95"], 2
        ),
    }


def _table(report: dict[str, Any]) -> str:
    lines = [f"{report['machine']}; {report['requests']} requests a page; seed {report['seed']}"]
    for name, sizes in report["results"].items():
        lines += ["", f"| {name} | organisations | p50 ms | p95 ms | queries | bytes |"]
        lines.append("| --- | ---: | ---: | ---: | ---: | ---: |")
        for size, result in sizes.items():
            rows = {**result["pages"], "ask, engine alone": result["engine"]}
            rows["bare search library"] = result["bare"]
            for page, t in rows.items():
                lines.append(
                    f"| {page} | {size:,} | {t['p50']:.1f} | {t['p95']:.1f} "
                    f"| {t['queries']} | {t['bytes']:,} |"
                )
        lines += ["", f"| {name}: ratio | measured | goal |", "| --- | ---: | ---: |"]
        for page, ratio in report["ratios"][name].items():
            goal = GOALS.get(page, 2.0)
            what = f"{page}: p95 at most against at least" if page in GOALS else page
            lines.append(f"| {what} | {ratio:.2f} | {goal:.1f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
