"""Compares the stores a search index could live in: the same documents, the same questions.

    .venv/bin/python -m benchmarks.search_backends --sizes 1000 10000 100000 [--json]
        [--postgres postgresql://postgres@127.0.0.1:5432/test]

"bare" rows answer the same boolean query with count, the best 20 and the facet counts, and
nothing else: no reasons, distance or freshness. "ask" rows are the whole answer of the engine.
"""

import argparse
import json
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import tantivy

from trebbo.engine.search import (
    Concept,
    Document,
    Gazetteer,
    Lexicon,
    Part,
    Place,
    Point,
    PostgresIndex,
    Query,
    SearchIndex,
    TantivyIndex,
)
from trebbo.engine.search.embedded_queries import QueryBuilder
from trebbo.engine.search.scoring import weigh
from trebbo.engine.search.settings import DEFAULTS
from trebbo.engine.search.understanding import Plan, is_pair, plan_of

TODAY = date(2026, 6, 1)
TRADE = (  # noqa: SIM905 - reads better as text
    "laboratorio dispositivi medici biomateriali rigenerazione ossea prova sensori proteomica "
    "tossicologia biocompatibilità stampa microscopia terapie avanzate imballaggio agroalimentare "
    "meccatronica oleodinamica edilizia energia acque turismo moda materiali compositi "
    "intelligenza artificiale dati calcolo diagnostica farmaci tessuti cellule proteine polimeri "
    "robot controllo misura qualità certificazione norme"
).split()
ENGLISH = (  # noqa: SIM905 - as above
    "laboratory medical devices biomaterials bone regeneration testing sensors proteomics "
    "toxicology biocompatibility printing microscopy advanced therapies packaging agrifood "
    "mechatronics hydraulics building energy water tourism fashion composite materials "
    "artificial intelligence data computing diagnostics drugs tissues cells proteins polymers "
    "robots control measurement quality certification standards"
).split()
QUESTIONS = (
    "biomateriali per rigenerazione ossea",
    "who tests medical devices near Mirandola",
    "laboratori per test di tossicità vicino a Modena",
    "laboratorio",
    "advanced therapies and biocompatibility of polymers",
    "sensori entro 30 km da Bologna",
    "artificial intelligence for diagnostics",
    "stampa 3D di materiali compositi per dispositivi medici su misura",
    "parola4711",
    "quality certification in provincia di Parma",
)
LEXICON = Lexicon(
    [
        Concept("biomaterials", ("biomateriali",), ("biomaterials",)),
        Concept("bone", ("rigenerazione ossea",), ("bone regeneration",)),
        Concept("devices", ("dispositivi medici",), ("medical devices",)),
        Concept("test", ("prova", "test", "collaudo"), ("test", "testing")),
        Concept("toxicity", ("tossicità", "tossicologia"), ("toxicity", "toxicology")),
        Concept("therapies", ("terapie avanzate",), ("advanced therapies", "ATMP")),
        Concept("ai", ("intelligenza artificiale",), ("artificial intelligence",)),
    ]
)
TOWNS = (
    ("Mirandola", "MO", 44.887, 11.066),
    ("Modena", "MO", 44.647, 10.925),
    ("Bologna", "BO", 44.494, 11.343),
    ("Parma", "PR", 44.801, 10.328),
    ("Ferrara", "FE", 44.838, 11.620),
    ("Rimini", "RN", 44.060, 12.565),
)
GAZETTEER = Gazetteer(
    [Place((name,), north, east) for name, _, north, east in TOWNS]
    + [Place(("Parma",), 44.7, 10.2, "province", ("province", "PR"))]
)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; times in milliseconds, build in seconds, size in megabytes."""

    store: str
    documents: int
    build_s: float
    size_mb: float
    p50_ms: float
    p95_ms: float


def vocabulary() -> list[str]:
    """Made-up words of everyday text, so that a word of the trade is in some documents only."""
    chance = random.Random(11)
    syllables = [consonant + vowel for consonant in "bcdfglmnprstvz" for vowel in "aeiou"]
    return ["".join(chance.choices(syllables, k=chance.randint(2, 5))) for _ in range(5_000)]


def generated(count: int) -> Iterator[Document]:
    """Synthetic organisations: six words of the trade, everyday text after Zipf, one rare word.

    Every one has "laboratorio" in its context: the worst case, a word that is everywhere.
    """
    chance = random.Random(7)
    everyday = vocabulary()
    weights = [1 / (1 + position) ** 0.8 for position in range(len(TRADE))]
    common = [1 / (10 + position) for position in range(len(everyday))]
    for number in range(count):
        words = chance.choices(range(len(TRADE)), weights, k=6)
        filler = chance.choices(everyday, common, k=40)
        italian = [TRADE[n] for n in words] + filler
        english = [ENGLISH[n % len(ENGLISH)] for n in words] + filler[::-1]
        town, province, north, east = chance.choice(TOWNS)
        where = Point(north + chance.gauss(0, 0.15), east + chance.gauss(0, 0.2), town)
        title = f"{chance.choice(italian).title()} {chance.choice(english).title()} {number}"
        yield Document(
            key=f"organisation:{number}",
            title=title,
            parts=(
                Part("name", title, "any", "A"),
                Part("competences", " ".join(italian[:6]), "it", "B"),
                Part("competences", " ".join(english[:6]), "en", "B"),
                Part("description", " ".join(italian[6:]) + f" parola{number}", "it", "C"),
                Part("description", " ".join(english[6:]), "en", "C"),
                Part("context", f"{town} HEALTH laboratorio", "any", "D"),
            ),
            facets=frozenset(
                {
                    ("kind", f"kind-{number % 12}"),
                    ("province", province),
                    ("cluster", f"cluster-{chance.randrange(11)}"),
                    ("field", f"field-{chance.randrange(200)}"),
                }
            ),
            audiences=frozenset({"public"}),
            points=(where,),
            confirmed_on=chance.choice((None, date(2025, 3, 1), date(2026, 3, 1))),
            due_on=date(2026, 9, 1) if number % 2 else date(2025, 10, 1),
        )


def question(text: str) -> Query:
    """The question as the ask page puts it."""
    return Query(TODAY, text)


def timed(ask: Callable[[str], object], rounds: int) -> tuple[float, float]:
    """p50 and p95 in milliseconds over all questions, after one round to warm up."""
    for text in QUESTIONS:
        ask(text)
    times = []
    for _ in range(rounds):
        for text in QUESTIONS:
            start = time.perf_counter()
            ask(text)
            times.append((time.perf_counter() - start) * 1000)
    times.sort()
    return times[len(times) // 2], times[int(len(times) * 0.95)]


def folder_megabytes(folder: Path) -> float:
    """The size of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def tantivy_rows(count: int, rounds: int) -> Iterator[Row]:
    """The embedded index: bare, then with reasons."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        index = TantivyIndex(folder)
        index.replace_all(generated(count))
        built = time.perf_counter() - start
        size = folder_megabytes(Path(folder))
        bare = bare_tantivy(next(Path(folder).glob("generation-*")))
        yield Row("tantivy bare", count, built, size, *timed(bare, rounds))
        yield Row("tantivy ask", count, built, size, *timed(asking(index), rounds))


def asking(index: SearchIndex) -> Callable[[str], object]:
    """The whole answer."""
    return lambda text: index.search(question(text), LEXICON, GAZETTEER)


def bare_tantivy(folder: Path) -> Callable[[str], object]:
    """The library itself: count, best 20 and facet counts."""
    index = tantivy.Index.open(str(folder))
    searcher, queries = index.searcher(), QueryBuilder(index.schema)
    facets = {"all": {"terms": {"field": "facets", "size": 65_000}}}

    def ask(text: str) -> object:
        asked = question(text)
        scope = queries.everything(plan_of(asked, LEXICON, GAZETTEER, DEFAULTS), asked)
        result = searcher.search(scope, 20)
        documents = [searcher.doc(address) for _, address in result.hits]
        return documents, searcher.aggregate(scope, facets)

    return ask


def sqlite_rows(count: int, rounds: int) -> Iterator[Row]:
    """SQLite FTS5 over the same terms, with facets in a table of their own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index.db"
        start = time.perf_counter()
        database = sqlite3.connect(path)
        build_sqlite(database, count)
        built = time.perf_counter() - start
        size = folder_megabytes(Path(folder))
        yield Row("sqlite fts5 bare", count, built, size, *timed(bare_sqlite(database), rounds))
        database.close()


def build_sqlite(database: sqlite3.Connection, count: int) -> None:
    """Fill the FTS5 table and the facets."""
    database.executescript(
        """
        CREATE TABLE facets (document INTEGER, facet TEXT, PRIMARY KEY (document, facet))
            WITHOUT ROWID;
        CREATE VIRTUAL TABLE terms USING fts5(
            words, pairs, content='', tokenize="unicode61 remove_diacritics 0 tokenchars '_&.-+'",
            detail=column);
        """
    )
    for number, document in enumerate(generated(count)):
        weighed = weigh(document.parts, DEFAULTS)
        columns = [
            " ".join(f"{term} " * times for term, times in table.items())
            for table in (weighed.words, weighed.pairs)
        ]
        database.execute(
            "INSERT INTO terms (rowid, words, pairs) VALUES (?, ?, ?)", (number, *columns)
        )
        database.executemany(
            "INSERT INTO facets VALUES (?, ?)",
            [(number, f"{facet}={value}") for facet, value in document.facets],
        )
    database.execute("INSERT INTO terms (terms) VALUES ('optimize')")
    database.commit()


def bare_sqlite(database: sqlite3.Connection) -> Callable[[str], object]:
    """Count, best 20 by bm25 and facet counts. The radius, if any, is left out."""

    def ask(text: str) -> object:
        plan = plan_of(question(text), LEXICON, GAZETTEER, DEFAULTS)
        match = fts5(plan)
        best = database.execute(
            "SELECT rowid FROM terms WHERE terms MATCH ? ORDER BY bm25(terms) LIMIT 20", (match,)
        ).fetchall()
        total = database.execute("SELECT count(*) FROM terms WHERE terms MATCH ?", (match,))
        facets = database.execute(
            "SELECT facet, count(*) FROM facets WHERE document IN"
            " (SELECT rowid FROM terms WHERE terms MATCH ?) GROUP BY facet",
            (match,),
        )
        return best, total.fetchone(), facets.fetchall()

    return ask


def fts5(plan: Plan) -> str:
    """A plan in the query language of FTS5; it has no "at least so many of"."""
    ways = [way for group in plan.groups for way in group.alternatives]
    return " OR ".join(
        "(" + " AND ".join(f'{"pairs" if is_pair(t) else "words"} : "{t}"' for t in way.terms) + ")"
        for way in ways
    )


def postgres_rows(count: int, rounds: int, address: str) -> Iterator[Row]:
    """PostgreSQL, with reasons."""
    index = PostgresIndex(address, prefix="benchmark_search")
    start = time.perf_counter()
    index.replace_all(generated(count))
    built = time.perf_counter() - start
    yield Row("postgresql ask", count, built, index.megabytes(), *timed(asking(index), rounds))
    index.drop()


def measured(sizes: list[int], rounds: int, postgres: str | None) -> Iterator[Row]:
    """Every store at every size."""
    for count in sizes:
        yield from sqlite_rows(count, rounds)
        yield from tantivy_rows(count, rounds)
        if postgres:
            yield from postgres_rows(count, rounds, postgres)


def table(rows: list[Row]) -> str:
    """The rows as a Markdown table, then the ratios that matter."""
    lines = [
        "| store | documents | build s | size MB | p50 ms | p95 ms |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row.store} | {row.documents} | {row.build_s:.1f} | {row.size_mb:.1f} "
        f"| {row.p50_ms:.1f} | {row.p95_ms:.1f} |"
        for row in rows
    ]
    found = {(row.store, row.documents): row for row in rows}
    for (store, count), ask in found.items():
        if store == "tantivy ask":
            bare = found["tantivy bare", count]
            lines.append(
                f"tantivy ask to bare at {count}: p50 {ask.p50_ms / bare.p50_ms:.2f}, "
                f"p95 {ask.p95_ms / bare.p95_ms:.2f}"
            )
    return "\n".join(lines)


def main() -> None:
    """Run the comparison and print it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--rounds", type=int, default=10, help="times each question is asked")
    parser.add_argument("--postgres", help="address of a PostgreSQL database to include")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args()
    rows = []
    for row in measured(options.sizes, options.rounds, options.postgres):
        print(row, file=sys.stderr, flush=True)  # a long run that breaks off has not been in vain
        rows.append(row)
    print(json.dumps([asdict(row) for row in rows], indent=2) if options.json else table(rows))


if __name__ == "__main__":
    main()
