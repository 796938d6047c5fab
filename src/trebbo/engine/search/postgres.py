"""The index inside PostgreSQL: full-text search by tsvector and GIN, ranked as everywhere.

A tsvector holds each term once, labelled with the weightiest part it stands in; its position is
not a place in the text but the weighted frequency that BM25F needs. SQL finds, counts and picks
candidates; their final order is worked out by the scoring that all stores share.
"""

import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import cos, radians
from typing import Any, LiteralString

import psycopg
from psycopg import sql
from psycopg.rows import tuple_row

from trebbo.engine.search.analysis import storable
from trebbo.engine.search.contracts import Document, IndexStatus, Query, Results
from trebbo.engine.search.errors import IndexBroken, IndexBusy, IndexMissing, SearchIndexError
from trebbo.engine.search.geography import cells_of, circle
from trebbo.engine.search.lexicon import Lexicon
from trebbo.engine.search.memory import count_facets
from trebbo.engine.search.places import Gazetteer
from trebbo.engine.search.postgres_connections import Connect, Connection, OwnConnections
from trebbo.engine.search.postgres_text import (
    DOCUMENT_COLUMNS,
    document_row,
    group_query,
    outline,
    rank,
    requirement,
    weighed_from,
)
from trebbo.engine.search.scoring import (
    Explainer,
    Found,
    Statistics,
    factors,
    full_score,
    text_score,
    weigh,
)
from trebbo.engine.search.settings import DEFAULTS, Settings
from trebbo.engine.search.stored import SCHEMA_VERSION, facet_of, facet_term, load
from trebbo.engine.search.understanding import Plan, plan_of

_RANKED = 600  # matches of each sample that PostgreSQL ranks; unpacking a tsvector takes time
_RANKED_BY_DISTANCE = 20_000
_TABLES = ("documents", "terms", "cells", "state")
_INDEXES: tuple[LiteralString, ...] = (
    "ALTER TABLE {documents} ADD PRIMARY KEY (id), ADD UNIQUE (key)",
    "ALTER TABLE {terms} ADD PRIMARY KEY (term)",
    "CREATE INDEX ON {cells} (cell, document)",
    "CREATE INDEX ON {cells} (document)",
    "CREATE INDEX ON {documents} USING gin (terms) WITH (fastupdate = off)",
    "CREATE INDEX ON {documents} USING gin (names) WITH (fastupdate = off)",
    "CREATE INDEX ON {documents} USING gin (facets) WITH (fastupdate = off)",
    "CREATE INDEX ON {documents} (sort_title) INCLUDE (audiences, id)",
    "ANALYZE {documents}",
    "ANALYZE {terms}",
    "ANALYZE {cells}",
)
_CANDIDATES: LiteralString = """
    WITH picked AS MATERIALIZED ({sources}),
    ranked AS MATERIALIZED (
        SELECT d.id, d.sort_title, ({rank}) AS rank, {nearness} AS nearness
        FROM picked JOIN {documents} d ON d.id = picked.id),
    best AS MATERIALIZED (
        (SELECT id FROM ranked ORDER BY rank * nearness DESC, sort_title LIMIT %(size)s)
        UNION
        (SELECT id FROM ranked ORDER BY nearness DESC, rank DESC, sort_title LIMIT %(nearest)s))
    SELECT d.id, d.sort_title, d.points, d.confirmed_on, d.due_on, d.words_length,
           d.pairs_length, d.facets,
           (SELECT jsonb_object_agg(t.lexeme, t.positions[1])::text FROM unnest(d.terms) t
            WHERE t.lexeme = ANY(%(wanted)s::text[]))
    FROM best JOIN {documents} d ON d.id = best.id
"""
_SOURCE: LiteralString = (
    "(SELECT d.id FROM {documents} d WHERE {where} AND {narrower} LIMIT %(most)s)"
)
_WITHIN: LiteralString = (
    "d.id IN (SELECT document FROM {cells} WHERE cell = ANY({cells_wanted}::text[]))"
)
_NEARNESS: LiteralString = """
    CASE WHEN d.facets && %(area)s::text[] THEN 1 ELSE
    %(floor)s + (1 - %(floor)s) * coalesce((
        SELECT max(exp(-111.2 / %(decay)s * sqrt((d.points[i] - %(north)s) ^ 2
                       + ((d.points[i + 1] - %(east)s) * %(narrow)s) ^ 2)))
        FROM generate_series(1, cardinality(d.points), 2) i), 0) END
"""


@dataclass(frozen=True, slots=True)
class _Scope:
    """The rows a question may find, as a condition with its values."""

    where: sql.Composable
    values: dict[str, object]


@dataclass(frozen=True, slots=True)
class _Candidate:
    id: int
    score: float
    sort_title: str


class PostgresIndex:
    """An index in tables of a PostgreSQL database; see `SearchIndex` for what is promised.

    Takes an address, or a function that lends a connection for a while (it is not closed here).
    `prefix` begins the names of its tables.
    """

    def __init__(
        self,
        connect: str | Connect,
        prefix: str = "trebbo_search",
        settings: Settings = DEFAULTS,
    ) -> None:
        self._connect: Connect = OwnConnections(connect) if isinstance(connect, str) else connect
        self._prefix = prefix
        self._settings = settings

    def _name(self, name: str) -> sql.Identifier:
        return sql.Identifier(f"{self._prefix}_{name}")

    def _sql(self, text: LiteralString, **more: sql.Composable) -> sql.Composed:
        """SQL with the names of the tables filled in."""
        names = {name: self._name(name) for name in _TABLES}
        return sql.SQL(text).format(**{**names, **more})

    # Writing

    @contextmanager
    def _writing(self) -> Iterator[psycopg.Cursor[tuple[Any, ...]]]:
        """One transaction, with the one writer's place held until its end."""
        with self._connect() as connection, connection.transaction():
            cursor = psycopg.Cursor(connection, row_factory=tuple_row)
            number = zlib.crc32(self._prefix.encode())
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
            row = cursor.fetchone()
            if not row or not row[0]:
                raise IndexBusy(
                    "The search index is being written by another process; try again later."
                )
            yield cursor

    def replace_all(self, documents: Iterable[Document]) -> int:
        """Write new tables beside the old; these are held only while the names change hands."""
        coming = PostgresIndex(self._connect, f"{self._prefix}_next", self._settings)
        with self._writing() as cursor:
            coming._drop(cursor)
            coming._create(cursor)
            latest = coming._spool(cursor, documents)
            coming._index(cursor)
            self._drop(cursor)
            for table in _TABLES:
                rename = sql.SQL("ALTER TABLE {} RENAME TO {}")
                cursor.execute(rename.format(coming._name(table), self._name(table)))
            return latest

    def _create(self, cursor: psycopg.Cursor[tuple[Any, ...]]) -> None:
        cursor.execute(
            self._sql(
                """
                CREATE TABLE {documents} (
                    id bigint GENERATED BY DEFAULT AS IDENTITY, key text NOT NULL,
                    sort_title text COLLATE "C" NOT NULL, terms tsvector NOT NULL,
                    names tsvector NOT NULL,
                    words_length integer NOT NULL, pairs_length integer NOT NULL,
                    facets text[] NOT NULL, audiences text[] NOT NULL,
                    points double precision[] NOT NULL,
                    confirmed_on date, due_on date, body text NOT NULL)
                    WITH (toast_tuple_target = 256)
                """
            )
        )
        # Counting reads many narrow rows; terms and bodies stay out of the way, quick to unpack.
        cursor.execute(self._sql("ALTER TABLE {documents} ALTER terms SET STORAGE EXTERNAL"))
        cursor.execute(self._sql('CREATE TABLE {cells} (cell text COLLATE "C", document bigint)'))
        cursor.execute(self._sql('CREATE TABLE {terms} (term text COLLATE "C", holding integer)'))
        cursor.execute(
            self._sql(
                "CREATE TABLE {state} (schema_version integer, documents bigint,"
                " words bigint, pairs bigint)"
            )
        )
        cursor.execute(self._sql("INSERT INTO {state} VALUES (%s, 0, 0, 0)"), [SCHEMA_VERSION])

    def _spool(self, cursor: psycopg.Cursor[tuple[Any, ...]], documents: Iterable[Document]) -> int:
        """Copy the documents in; of a key given twice the last one stays."""
        copy = sql.SQL("COPY {} (id, {}) FROM STDIN").format(
            self._name("documents"), sql.SQL(DOCUMENT_COLUMNS)
        )
        keys: set[str] = set()
        cells: list[tuple[str, int]] = []
        holding: Counter[str] = Counter()
        lengths = [0, 0]
        number = 0
        with cursor.copy(copy) as sink:
            for number, document in enumerate(documents, start=1):
                weighed = weigh(document.parts, self._settings)
                keys.add(storable(document.key))
                cells += ((cell, number) for cell in cells_of(document.points))
                holding.update(weighed.words.keys())
                holding.update(weighed.pairs.keys())
                lengths[0] += weighed.words_length
                lengths[1] += weighed.pairs_length
                sink.write_row([number, *document_row(document, weighed)])
        self._copy(cursor, "terms", holding.items())
        self._copy(cursor, "cells", cells)
        cursor.execute(
            self._sql("UPDATE {state} SET documents = %s, words = %s, pairs = %s"),
            [number, *lengths],
        )
        if len(keys) < number:
            older: LiteralString = (
                "DELETE FROM {documents} a USING {documents} b WHERE a.key = b.key AND a.id < b.id"
            )
            self._delete(cursor, self._sql(older), [])
        cursor.execute(
            self._sql(
                "ALTER TABLE {documents} ALTER id RESTART WITH {next}", next=sql.Literal(number + 1)
            )
        )
        return len(keys)

    def _copy(
        self, cursor: psycopg.Cursor[tuple[Any, ...]], table: str, rows: Iterable[tuple[str, int]]
    ) -> None:
        with cursor.copy(sql.SQL("COPY {} FROM STDIN").format(self._name(table))) as sink:
            for row in rows:
                sink.write_row(row)

    def _index(self, cursor: psycopg.Cursor[tuple[Any, ...]]) -> None:
        for statement in _INDEXES:
            cursor.execute(self._sql(statement))

    def put(self, documents: Iterable[Document]) -> int:
        """Add or replace documents; builds the tables when there are none."""
        batch = {document.key: document for document in documents}
        if not batch:
            return 0
        with self._connect() as connection:
            missing = self._version(connection) is None
        if missing:
            return self.replace_all(batch.values())
        with self._writing() as cursor:
            self._require(cursor.connection)
            self._take_out(cursor, batch)
            for document in batch.values():
                self._add(cursor, document)
        return len(batch)

    def remove(self, keys: Iterable[str]) -> None:
        """Take documents out."""
        with self._writing() as cursor:
            self._require(cursor.connection)
            self._take_out(cursor, keys)

    def _add(self, cursor: psycopg.Cursor[tuple[Any, ...]], document: Document) -> None:
        weighed = weigh(document.parts, self._settings)
        row = document_row(document, weighed)
        cursor.execute(
            sql.SQL("INSERT INTO {} ({}) VALUES ({}) RETURNING id").format(
                self._name("documents"),
                sql.SQL(DOCUMENT_COLUMNS),
                sql.SQL(", ").join([sql.Placeholder()] * len(row)),
            ),
            row,
        )
        added = cursor.fetchone()
        cursor.execute(
            self._sql("INSERT INTO {cells} SELECT unnest(%s::text[]), %s"),
            [sorted(cells_of(document.points)), added[0] if added else None],
        )
        cursor.execute(
            self._sql(
                "INSERT INTO {terms} AS t SELECT unnest(%s::text[]), 1"
                " ON CONFLICT (term) DO UPDATE SET holding = t.holding + 1"
            ),
            [[*weighed.words, *weighed.pairs]],
        )
        self._shift(cursor, 1, weighed.words_length, weighed.pairs_length)

    def _take_out(self, cursor: psycopg.Cursor[tuple[Any, ...]], keys: Iterable[str]) -> None:
        gone = [storable(key) for key in keys]
        self._delete(cursor, self._sql("DELETE FROM {documents} a WHERE a.key = ANY(%s)"), [gone])

    def _delete(
        self,
        cursor: psycopg.Cursor[tuple[Any, ...]],
        delete: sql.Composed,
        values: list[list[str]],
    ) -> None:
        """Delete documents and what was counted of them."""
        returning = sql.SQL(
            " RETURNING a.id, tsvector_to_array(a.terms), a.words_length, a.pairs_length"
        )
        cursor.execute(delete + returning, values)
        for number, terms, words, pairs in cursor.fetchall():
            cursor.execute(self._sql("DELETE FROM {cells} WHERE document = %s"), [number])
            cursor.execute(
                self._sql("UPDATE {terms} SET holding = holding - 1 WHERE term = ANY(%s)"), [terms]
            )
            self._shift(cursor, -1, -words, -pairs)

    def _shift(
        self, cursor: psycopg.Cursor[tuple[Any, ...]], documents: int, words: int, pairs: int
    ) -> None:
        cursor.execute(
            self._sql(
                "UPDATE {state} SET documents = documents + %s, words = words + %s,"
                " pairs = pairs + %s"
            ),
            [documents, words, pairs],
        )

    def close(self) -> None:
        """Close this thread's connection, if it is this object's own."""
        if isinstance(self._connect, OwnConnections):
            self._connect.close()

    def drop(self) -> None:
        """Remove the tables."""
        with self._writing() as cursor:
            self._drop(cursor)

    def _drop(self, cursor: psycopg.Cursor[tuple[Any, ...]]) -> None:
        for table in _TABLES:
            cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(self._name(table)))

    # Reading

    def megabytes(self) -> float:
        """The size of the tables with their indexes."""
        with self._reading() as cursor:
            names = [f"{self._prefix}_{table}" for table in _TABLES]
            cursor.execute(
                "SELECT sum(pg_total_relation_size(quote_ident(name)::regclass))"
                " FROM unnest(%s::text[]) name",
                [names],
            )
            row = cursor.fetchone()
            return float(row[0] or 0) / 1e6 if row else 0.0

    def _version(self, connection: Connection) -> int | None:
        """The schema version of the tables; None when there are none."""
        cursor = psycopg.Cursor(connection, row_factory=tuple_row)
        table = f"{self._prefix}_state"
        cursor.execute("SELECT to_regclass(quote_ident(%s))", [table])
        found = cursor.fetchone()
        if not found or found[0] is None:
            return None
        cursor.execute(self._sql("SELECT schema_version FROM {state}"))
        row = cursor.fetchone()
        if row is None:
            raise IndexBroken("The search index does not say its version: rebuild it.")
        return int(row[0])

    def _require(self, connection: Connection) -> None:
        version = self._version(connection)
        if version is None:
            raise IndexMissing("There is no search index in this database yet: build it.")
        if version != SCHEMA_VERSION:
            raise IndexBroken(
                f"The search index was written in version {version}, "
                f"this program reads version {SCHEMA_VERSION}: rebuild it."
            )

    @contextmanager
    def _reading(self) -> Iterator[psycopg.Cursor[tuple[Any, ...]]]:
        with self._connect() as connection:
            try:
                with connection.transaction():
                    self._require(connection)
                    yield psycopg.Cursor(connection, row_factory=tuple_row)
            except psycopg.Error as error:
                raise IndexBroken(f"The search index cannot be read ({error}).") from error

    def count(self) -> int:
        """The number of documents."""
        with self._reading() as cursor:
            return self._state(cursor)[0]

    def check(self) -> IndexStatus:
        """Read the state as a reader would."""
        version: int | None = None
        try:
            with self._connect() as connection:
                version = self._version(connection)
            many = self.count()
        except IndexMissing as error:
            return IndexStatus("missing", 0, None, error.message)
        except SearchIndexError as error:
            outdated = version is not None and version != SCHEMA_VERSION
            return IndexStatus("outdated" if outdated else "broken", 0, version, error.message)
        except psycopg.Error as error:
            return IndexStatus("broken", 0, None, f"The database does not answer: {error}")
        return IndexStatus("ready", many, version, f"The search index holds {many} documents.")

    def _state(self, cursor: psycopg.Cursor[tuple[Any, ...]]) -> tuple[int, int, int]:
        cursor.execute(self._sql("SELECT documents, words, pairs FROM {state}"))
        row = cursor.fetchone()
        return (int(row[0]), int(row[1]), int(row[2])) if row else (0, 0, 0)

    def search(self, query: Query, lexicon: Lexicon, gazetteer: Gazetteer) -> Results:
        """Answer a question."""
        plan = plan_of(query, lexicon, gazetteer, self._settings)
        with self._reading() as cursor:
            if plan.mode == "nothing":
                return Results((), 0, {}, plan.understood)
            statistics = self._statistics(cursor, plan)
            scope = self._scope(plan, query)
            total, facets = self._counted(cursor, scope, query)
            if query.order == "title" or not (plan.groups or plan.place):
                page = self._titles(cursor, scope, query)
            else:
                best = self._best(cursor, scope, plan, query, statistics, total=total)
                page = [one.id for one in best[query.offset : query.offset + query.limit]]
            found = self._documents(cursor, page)
        explainer = Explainer(plan, query, statistics, self._settings)
        hits = tuple(map(explainer.hit, found))
        full = full_score(plan, statistics)
        return Results(hits, total, facets, plan.understood, full)

    def _statistics(self, cursor: psycopg.Cursor[tuple[Any, ...]], plan: Plan) -> Statistics:
        documents, words, pairs = self._state(cursor)
        terms = [t for group in plan.groups for way in group.alternatives for t in way.terms]
        cursor.execute(self._sql("SELECT term, holding FROM {terms} WHERE term = ANY(%s)"), [terms])
        holding: Counter[str] = Counter(dict(cursor.fetchall()))
        many = documents or 1
        return Statistics(documents, words / many, pairs / many, holding.__getitem__)

    def _scope(self, plan: Plan, query: Query) -> _Scope:
        values: dict[str, object] = {"audiences": [storable(one) for one in query.audiences]}
        tests: list[sql.Composable] = [sql.SQL("d.audiences && %(audiences)s::text[]")]
        for number, (facet, wanted) in enumerate(query.filters.items()):
            if wanted:
                name = f"filter{number}"
                values[name] = [facet_term(facet, value) for value in wanted]
                tests.append(sql.SQL("d.facets && {}::text[]").format(sql.Placeholder(name)))
        if query.only is not None:
            values["only"] = [storable(key) for key in query.only]
            tests.append(sql.SQL("d.key = ANY(%(only)s::text[])"))
        if query.without:
            values["without"] = [storable(key) for key in query.without]
            tests.append(sql.SQL("d.key <> ALL(%(without)s::text[])"))
        if plan.place and plan.radius_km is not None:
            disc = circle(plan.place.latitude, plan.place.longitude, plan.radius_km)
            values["disc"] = sorted(disc)
            tests.append(self._sql(_WITHIN, cells_wanted=sql.SQL("%(disc)s")))
        if plan.groups:
            met, values["text"] = requirement(plan, values)
            tests.append(met)
        return _Scope(sql.SQL(" AND ").join(tests), values)

    def _counted(
        self, cursor: psycopg.Cursor[tuple[Any, ...]], scope: _Scope, query: Query
    ) -> tuple[int, dict[str, tuple[tuple[str, int], ...]]]:
        """The number of matches, and how they spread over the facets, in one pass."""
        if not query.facet_counts:
            cursor.execute(
                self._sql("SELECT count(*) FROM {documents} d WHERE {where}", where=scope.where),
                scope.values,
            )
            row = cursor.fetchone()
            return (int(row[0]) if row else 0), {}
        cursor.execute(
            self._sql(
                "WITH found AS MATERIALIZED (SELECT d.facets FROM {documents} d WHERE {where})"
                " SELECT NULL, count(*) FROM found"
                " UNION ALL SELECT facet, count(*) FROM found, unnest(facets) AS facet"
                " GROUP BY facet",
                where=scope.where,
            ),
            scope.values,
        )
        rows = cursor.fetchall()
        total = next(int(number) for facet, number in rows if facet is None)
        return total, count_facets((facet_of(f), int(n)) for f, n in rows if f is not None)

    def _titles(
        self, cursor: psycopg.Cursor[tuple[Any, ...]], scope: _Scope, query: Query
    ) -> list[int]:
        cursor.execute(
            self._sql(
                "SELECT d.id FROM {documents} d WHERE {where} ORDER BY d.sort_title"
                " LIMIT %(limit)s OFFSET %(offset)s",
                where=scope.where,
            ),
            {**scope.values, "limit": query.limit, "offset": query.offset},
        )
        return [int(row[0]) for row in cursor.fetchall()]

    def _documents(self, cursor: psycopg.Cursor[tuple[Any, ...]], ids: list[int]) -> list[Found]:
        cursor.execute(
            self._sql(
                "SELECT id, body, words_length, pairs_length FROM {documents} WHERE id = ANY(%s)"
            ),
            [ids],
        )
        rows = {row[0]: Found(load(row[1]), row[2], row[3]) for row in cursor.fetchall()}
        return [rows[number] for number in ids]

    def _best(
        self,
        cursor: psycopg.Cursor[tuple[Any, ...]],
        scope: _Scope,
        plan: Plan,
        query: Query,
        statistics: Statistics,
        *,
        total: int,
    ) -> list[_Candidate]:
        """Candidates by PostgreSQL's own rank, then in their final order.

        While there are few matches all of them are ranked. Of very many only samples are: those
        with a word in the name, those that meet every group, those nearby, and any others.
        """
        need = query.offset + query.limit
        most = max(_RANKED, need) if plan.groups else max(_RANKED_BY_DISTANCE, need)
        order, values = rank(plan, statistics)
        values |= scope.values
        size = max(need, self._settings.candidates)
        values |= {"size": size, "nearest": size if plan.place else 0, "most": most}
        values["wanted"] = [t for g in plan.groups for way in g.alternatives for t in way.terms]
        narrower = [sql.SQL("true")] if total <= most else self._samples(plan, values)
        sources = [self._sql(_SOURCE, where=scope.where, narrower=one) for one in narrower]
        nearness = self._nearness(plan, values)
        asked = self._sql(
            _CANDIDATES, sources=sql.SQL(" UNION ").join(sources), rank=order, nearness=nearness
        )
        cursor.execute(asked, values)
        found = [self._candidate(row, plan, query, statistics) for row in cursor.fetchall()]
        return sorted(found, key=lambda one: (-one.score, one.sort_title))

    def _samples(self, plan: Plan, values: dict[str, object]) -> list[sql.Composable]:
        """Conditions for those matches that are likely to be the best."""
        samples: list[sql.Composable] = []
        if plan.groups:
            values["named"] = " | ".join(map(group_query, plan.groups))
            values["every"] = " & ".join(map(group_query, plan.groups))
            samples.append(sql.SQL("d.names @@ %(named)s::tsquery"))
            samples.append(sql.SQL("d.terms @@ %(every)s::tsquery"))
        place = plan.place
        if place and place.facet:
            samples.append(sql.SQL("d.facets && %(area)s::text[]"))
        for radius in self._settings.rings_km if place else ():
            name = f"ring{radius:.0f}"
            values[name] = (
                sorted(circle(place.latitude, place.longitude, radius, 10)) if place else []
            )
            samples.append(self._sql(_WITHIN, cells_wanted=sql.Placeholder(name)))
        return [*samples, sql.SQL("true")]

    def _nearness(self, plan: Plan, values: dict[str, object]) -> sql.Composable:
        """The factor for distance in SQL, near enough to choose candidates by."""
        place = plan.place
        if place is None:
            return sql.SQL("1")
        values |= {
            "area": [facet_term(*place.facet)] if place.facet else [],
            "floor": self._settings.distance_floor,
            "decay": self._settings.decay_km,
            "north": place.latitude,
            "east": place.longitude,
            "narrow": cos(radians(place.latitude)),
        }
        return sql.SQL(_NEARNESS)

    def _candidate(
        self, row: tuple[Any, ...], plan: Plan, query: Query, statistics: Statistics
    ) -> _Candidate:
        number, title, points, confirmed, due, words, pairs, facets, held = row
        document = outline(points, facets, confirmed, due)
        score = 1.0
        if plan.groups:
            weighed = weighed_from(held or "{}", words, pairs)
            score = text_score(plan, weighed, statistics) or 0.0
        return _Candidate(number, score * factors(document, plan, query, self._settings), title)
