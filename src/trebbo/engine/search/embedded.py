"""The embedded index: Tantivy in a folder, one writer and any number of reading processes.

The folder holds generations and a file `current` that names the one to read. A rebuild writes a
new generation beside the old one and then swaps the name, so readers never see half an index.
"""

import fcntl
import json
import os
import shutil
import tempfile
import threading
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from math import isnan
from pathlib import Path
from typing import BinaryIO

import numpy as np
import tantivy

from trebbo.engine.search.analysis import storable
from trebbo.engine.search.contracts import Document, IndexStatus, Place, Query, Results
from trebbo.engine.search.embedded_queries import (
    NEVER,
    NO_DUE,
    QueryBuilder,
    build_document,
    build_schema,
    rank_key,
)
from trebbo.engine.search.errors import IndexBroken, IndexBusy, IndexMissing, SearchIndexError
from trebbo.engine.search.geography import distances_km, nearest
from trebbo.engine.search.lexicon import Lexicon
from trebbo.engine.search.memory import count_facets
from trebbo.engine.search.places import Gazetteer
from trebbo.engine.search.scoring import (
    Explainer,
    Found,
    Statistics,
    distance_factor,
    freshness_factor,
    freshness_of,
    full_score,
)
from trebbo.engine.search.settings import DEFAULTS, Settings
from trebbo.engine.search.stored import SCHEMA_VERSION, dump, facet_of, load
from trebbo.engine.search.understanding import Plan, is_pair, plan_of

_HEAP_BYTES = 128_000_000
_SMALL_HEAP_BYTES = 15_000_000  # the least Tantivy accepts
_GAP = 1 << 32  # between the ranks of neighbouring titles: room for 32 halvings
_SMALL_PUT = 200  # above it a rebuild is faster than finding each title's place
_FACET_VALUES = 65_000
_MOST_NEARBY = 50_000
_DOCUMENTS_KEPT = 2_000  # as they were read, until somebody writes
_NEAREST_KM = (2.0, 5.0, 12.0, 30.0, 80.0, 200.0)


@dataclass(frozen=True, slots=True)
class _Reader:
    """One state of the index, open for reading."""

    stamp: tuple[object, ...]
    index: tantivy.Index
    searcher: tantivy.Searcher
    queries: QueryBuilder
    average_words: float
    average_pairs: float
    kept: dict[tuple[int, int], Document] = field(default_factory=dict)

    def statistics(self) -> Statistics:
        """What BM25 needs, with document frequencies looked up once each."""
        known: dict[str, int] = {}

        def holding(term: str) -> int:
            if term not in known:
                field = "pairs" if is_pair(term) else "words"
                known[term] = self.searcher.doc_freq(field, term)
            return known[term]

        documents = self.searcher.num_docs
        return Statistics(documents, self.average_words, self.average_pairs, holding)

    def load(self, address: tantivy.DocAddress) -> Document:
        """The document at an address."""
        place = (address.segment_ord, address.doc)
        document = self.kept.get(place)
        if document is None:
            if len(self.kept) >= _DOCUMENTS_KEPT:
                self.kept.clear()
            document = load(bytes(self.searcher.doc(address)["body"][0]))
            self.kept[place] = document
        return document


@dataclass(frozen=True, slots=True)
class _Candidate:
    address: tantivy.DocAddress
    text: float
    score: float
    rank: int


class TantivyIndex:
    """An index in a folder of its own; see `SearchIndex` for what its methods promise.

    One object may be shared by the threads of a process. Readers notice what another process
    committed at their next question.
    """

    def __init__(self, path: Path | str, settings: Settings = DEFAULTS) -> None:
        self._path = Path(path)
        self._settings = settings
        self._lock = threading.Lock()
        self._open: _Reader | None = None

    # Writing

    def replace_all(self, documents: Iterable[Document]) -> int:
        """Write a new generation and switch to it."""
        with self._writing():
            return self._rebuild(documents)

    def put(self, documents: Iterable[Document]) -> int:
        """Add or replace documents; builds the index when there is none."""
        batch = {document.key: document for document in documents}
        if not batch:
            return 0
        with self._writing():
            try:
                reader = self._reader()
            except IndexMissing:
                return self._rebuild(batch.values())
            ranks = self._ranks(reader, batch) if len(batch) <= _SMALL_PUT else None
            if ranks is None:
                kept = (one for one in self._documents(reader) if one.key not in batch)
                self._rebuild([*kept, *batch.values()])
                return len(batch)
            with self._changing(reader.index) as writer:
                for key, document in batch.items():
                    writer.delete_documents_by_term("key", storable(key))
                    writer.add_document(build_document(document, ranks[key], self._settings))
        return len(batch)

    def remove(self, keys: Iterable[str]) -> None:
        """Take documents out."""
        with self._writing():
            reader = self._reader()
            with self._changing(reader.index) as writer:
                for key in keys:
                    writer.delete_documents_by_term("key", storable(key))

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Hold the one writer's place, across threads and processes."""
        self._path.mkdir(parents=True, exist_ok=True)
        with (self._path / "write.lock").open("w") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise IndexBusy(
                    "The search index is being written by another process; try again later."
                ) from None
            yield

    @contextmanager
    def _changing(self, index: tantivy.Index) -> Iterator[tantivy.IndexWriter]:
        """A writer on the current generation; commits at the end, or leaves all as it was."""
        try:
            writer = index.writer(_SMALL_HEAP_BYTES, 1)
        except ValueError as error:
            raise IndexBroken(f"The search index cannot be written: {error}") from error
        try:
            yield writer
            writer.commit()
        except BaseException:
            writer.rollback()
            raise
        finally:
            writer.wait_merging_threads()

    def _rebuild(self, documents: Iterable[Document]) -> int:
        name = f"generation-{uuid.uuid4().hex}"
        folder = self._path / name
        folder.mkdir()
        try:
            count = self._fill(folder, documents)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        before = self._pointer()
        self._point_to(name)
        for old in self._path.glob("generation-*"):
            if old.name != name and (before is None or old.name != before[1]):
                shutil.rmtree(old, ignore_errors=True)
        return count

    def _fill(self, folder: Path, documents: Iterable[Document]) -> int:
        """Write documents in title order; they wait in a file, so that memory holds titles only."""
        writer = tantivy.Index(build_schema(), path=str(folder)).writer(_HEAP_BYTES, 1)
        with tempfile.TemporaryFile(dir=self._path) as spool:
            places: dict[str, tuple[str, int, int]] = {}
            for document in documents:
                body = dump(document).encode()
                places[document.key] = (rank_key(document), spool.tell(), len(body))
                spool.write(body)
            for position, (_, start, length) in enumerate(sorted(places.values()), start=1):
                document = load(_at(spool, start, length))
                writer.add_document(build_document(document, position * _GAP, self._settings))
        writer.commit()
        writer.wait_merging_threads()
        return len(places)

    def _point_to(self, name: str) -> None:
        draft = self._path / "current.draft"
        with draft.open("w") as handle:
            json.dump({"schema": SCHEMA_VERSION, "generation": name}, handle)
            handle.flush()
            os.fsync(handle.fileno())
        draft.replace(self._path / "current")

    def _documents(self, reader: _Reader) -> Iterator[Document]:
        everything = tantivy.Query.all_query()
        for _, address in reader.searcher.search(everything, max(1, reader.searcher.num_docs)).hits:
            yield reader.load(address)

    def _ranks(self, reader: _Reader, batch: dict[str, Document]) -> dict[str, int] | None:
        """Ranks that put each title between its neighbours; None when there is no room left."""
        gaps: dict[tuple[int, int], list[tuple[str, str]]] = {}
        for key, document in batch.items():
            wanted = rank_key(document)
            gaps.setdefault(_neighbours(reader, wanted), []).append((wanted, key))
        ranks: dict[str, int] = {}
        for (below, above), titles in gaps.items():
            step = (above - below) // (len(titles) + 1)
            if step < 1:
                return None
            for number, (_, key) in enumerate(sorted(titles), start=1):
                ranks[key] = below + number * step
        return ranks

    # Reading

    def count(self) -> int:
        """The number of documents."""
        return self._reader().searcher.num_docs

    def check(self) -> IndexStatus:
        """Open the index as a reader would and read one document."""
        found = self._pointer() if (self._path / "current").exists() else None
        version = found[0] if found else None
        try:
            reader = self._reader()
            for _ in zip(range(1), self._documents_sample(reader), strict=False):
                pass
        except IndexMissing as error:
            return IndexStatus("missing", 0, None, error.message)
        except SearchIndexError as error:
            outdated = version is not None and version != SCHEMA_VERSION
            return IndexStatus("outdated" if outdated else "broken", 0, version, error.message)
        many = reader.searcher.num_docs
        return IndexStatus("ready", many, version, f"The search index holds {many} documents.")

    def _documents_sample(self, reader: _Reader) -> Iterator[Document]:
        with _reading():
            for _, address in reader.searcher.search(tantivy.Query.all_query(), 1).hits:
                yield reader.load(address)

    def _pointer(self) -> tuple[int, str] | None:
        """The schema version and name of the current generation; None when it cannot be read."""
        try:
            found = json.loads((self._path / "current").read_text())
            return int(found["schema"]), str(found["generation"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _reader(self) -> _Reader:
        """The current state of the index, opened again only when it changed."""
        with self._lock:
            for attempt in range(3):
                try:
                    return self._fresh()
                except IndexBroken:
                    # A rebuild may have removed what `current` named a moment ago.
                    self._open = None
                    if attempt == 2:
                        raise
            raise AssertionError("unreachable")

    def _fresh(self) -> _Reader:
        try:
            pointer = _stamp(self._path / "current")
        except FileNotFoundError:
            raise IndexMissing(f"There is no search index in {self._path} yet: build it.") from None
        known = self._open
        if known and known.stamp[0] == pointer:
            folder = Path(str(known.stamp[1]))
        else:
            folder = self._path / self._current_name()
        try:
            stamp = (pointer, str(folder), _stamp(folder / "meta.json"))
            if known and known.stamp == stamp:
                return known
            with _reading():
                self._open = _open_reader(folder, stamp)
        except OSError as error:
            raise IndexBroken(f"The search index cannot be read ({error}): rebuild it.") from error
        return self._open

    def _current_name(self) -> str:
        found = self._pointer()
        if found is None:
            raise IndexBroken(
                "The search index does not say which generation is current: rebuild it."
            )
        if found[0] != SCHEMA_VERSION:
            raise IndexBroken(
                f"The search index was written in version {found[0]}, "
                f"this program reads version {SCHEMA_VERSION}: rebuild it."
            )
        return found[1]

    def search(self, query: Query, lexicon: Lexicon, gazetteer: Gazetteer) -> Results:
        """Answer a question."""
        reader = self._reader()
        plan = plan_of(query, lexicon, gazetteer, self._settings)
        if plan.mode == "nothing":
            return Results((), 0, {}, plan.understood)
        with _reading():
            return self._answer(reader, plan, query)

    def _answer(self, reader: _Reader, plan: Plan, query: Query) -> Results:
        scope = reader.queries.everything(plan, query)
        statistics = reader.statistics()
        page: list[tuple[tantivy.DocAddress, float | None]]
        if query.order == "title" or not (plan.groups or plan.place):
            result = reader.searcher.search(
                scope,
                max(1, query.limit),
                order_by_field="rank",
                order=tantivy.Order.Asc,
                offset=query.offset,
            )
            total = _total(result)
            page = [(address, None) for _, address in result.hits[: query.limit]]
        else:
            total, best = self._best(reader, scope, plan, query)
            window = best[query.offset : query.offset + query.limit]
            page = [(one.address, one.text if plan.groups else None) for one in window]
        explainer = Explainer(plan, query, statistics, self._settings)
        hits = tuple(explainer.hit(found) for found in _found(reader, page))
        facets = _facets(reader, scope) if query.facet_counts else {}
        full = full_score(plan, statistics)
        return Results(hits, total, facets, plan.understood, full)

    def _best(
        self, reader: _Reader, scope: tantivy.Query, plan: Plan, query: Query
    ) -> tuple[int, list[_Candidate]]:
        """The number of matches, and the best of them in order down to the end of the page.

        Tantivy ranks by text alone. Enough of its best are read for nothing outside them to
        reach the page, whatever its distance and freshness; after the second try the rest of a
        very flat ranking is left as it is.
        """
        need = query.offset + query.limit
        total = 0
        best: list[_Candidate] = []
        tries = [(self._settings.candidates, 2), (self._settings.more_candidates, 8)]
        # Distance reorders so much that a first small try would seldom do.
        for most, spare in tries[1:] if plan.place and plan.groups else tries:
            rings = self._rings(reader, scope, plan, spare * need)
            size = max(1, most if plan.groups else _MOST_NEARBY, need)
            total, best, bound = self._gather(reader, rings, size, plan, query)
            if not bound or (0 < need <= len(best) and best[need - 1].score >= bound):
                break
        return total, best

    def _rings(
        self, reader: _Reader, scope: tantivy.Query, plan: Plan, wanted: int
    ) -> list[tuple[tantivy.Query, float]]:
        """Queries from the nearest to all, each with the best factor outside the ones before."""
        place = plan.place
        if place is None:
            return [(scope, 1.0)]
        queries = reader.queries
        rings: list[tuple[tantivy.Query, float]] = []
        if place.facet:
            rings.append((queries.both(scope, queries.facet(*place.facet)), 1.0))
        outside = 1.0
        for radius in self._settings.rings_km if plan.groups else _NEAREST_KM:
            circle = queries.within(place.latitude, place.longitude, radius)
            rings.append((queries.both(scope, circle), outside))
            # The circle's edge is only as sharp as its cells.
            outside = distance_factor(radius * 0.85, self._settings)
            if not plan.groups and _total(reader.searcher.search(rings[-1][0], 1)) >= wanted:
                break
        return [*rings, (scope, outside)]

    def _gather(
        self,
        reader: _Reader,
        rings: list[tuple[tantivy.Query, float]],
        size: int,
        plan: Plan,
        query: Query,
    ) -> tuple[int, list[_Candidate], float]:
        """The best of each ring together, and the most that any match left out could score."""
        texts: dict[tuple[int, int], tuple[float, tantivy.DocAddress]] = {}
        within: set[tuple[int, int]] = set()
        total, bound = 0, 0.0
        nearby_only = not plan.groups and plan.place is not None
        for number, (ring, factor) in enumerate(rings):
            last = number == len(rings) - 1
            asked = max(1, query.offset + query.limit) if nearby_only and last else size
            result = reader.searcher.search(ring, asked)
            total = _total(result)
            if total > len(result.hits) and result.hits:
                bound = max(bound, float(result.hits[-1][0]) * factor)
            for score, address in result.hits:
                name = (address.segment_ord, address.doc)
                texts[name] = (float(score), address)
                if number == 0 and plan.place and plan.place.facet:
                    within.add(name)
        inside = [name in within for name in texts]
        return total, self._ranked(reader, list(texts.values()), inside, plan, query), bound

    def _ranked(
        self,
        reader: _Reader,
        found: list[tuple[float, tantivy.DocAddress]],
        inside: list[bool],
        plan: Plan,
        query: Query,
    ) -> list[_Candidate]:
        """Candidates in their final order: text times freshness times distance, then title."""
        addresses = [address for _, address in found]
        ranks = reader.searcher.fast_field_values("rank", addresses)
        days = reader.searcher.fast_field_values("due_day", addresses)
        fresh = {day: self._fresh_factor(int(day or 0), query) for day in set(days)}
        away = self._distance_factors(reader, addresses, inside, plan.place)
        ranked = [
            _Candidate(address, text, text * fresh[day] * near, int(rank or 0))
            for (text, address), day, near, rank in zip(found, days, away, ranks, strict=True)
        ]
        return sorted(ranked, key=lambda one: (-one.score, one.rank))

    def _fresh_factor(self, day: int, query: Query) -> float:
        confirmed = None if day == NEVER else date.min
        due = None if day in (NEVER, NO_DUE) else date.fromordinal(day)
        state = freshness_of(confirmed, due, query, self._settings.grace_days)
        return freshness_factor(state, self._settings)

    def _distance_factors(
        self,
        reader: _Reader,
        addresses: list[tantivy.DocAddress],
        inside: list[bool],
        place: Place | None,
    ) -> list[float]:
        if place is None:
            return [1.0] * len(addresses)
        values = reader.searcher.fast_field_values
        seats = values("seats", addresses)
        norths, easts = (
            np.array([np.nan if degree is None else degree for degree in values(name, addresses)])
            for name in ("latitude", "longitude")
        )
        away = distances_km(place.latitude, place.longitude, norths, easts)
        factors = []
        for address, within, many, kilometres in zip(
            addresses, inside, seats, away.tolist(), strict=True
        ):
            if within:
                factors.append(1.0)
                continue
            distance = None if isnan(kilometres) else kilometres
            if many and many > 1:
                found = nearest(place.latitude, place.longitude, reader.load(address).points)
                distance = found[0] if found else None
            factors.append(distance_factor(distance, self._settings))
        return factors


def _total(result: tantivy.SearchResult) -> int:
    """The number of matches; the type stubs of Tantivy leave this attribute out."""
    count: int = result.count  # type: ignore[attr-defined]
    return count


def _found(reader: _Reader, page: list[tuple[tantivy.DocAddress, float | None]]) -> Iterator[Found]:
    """The documents of a page with what the index knows of them."""
    addresses = [address for address, _ in page]
    words = reader.searcher.fast_field_values("words_length", addresses)
    pairs = reader.searcher.fast_field_values("pairs_length", addresses)
    for (address, text), many, more in zip(page, words, pairs, strict=True):
        yield Found(reader.load(address), int(many or 0), int(more or 0), text)


def _facets(reader: _Reader, scope: tantivy.Query) -> dict[str, tuple[tuple[str, int], ...]]:
    asked = {"all": {"terms": {"field": "facets", "size": _FACET_VALUES}}}
    buckets = reader.searcher.aggregate(scope, asked)["all"]["buckets"]
    return count_facets((facet_of(one["key"]), int(one["doc_count"])) for one in buckets)


def _neighbours(reader: _Reader, wanted: str) -> tuple[int, int]:
    """The ranks just below and above a title, found by halving the list of titles."""
    low, high = 0, reader.searcher.num_docs
    while low < high:
        middle = (low + high) // 2
        met = _title_at(reader, middle)
        if met is not None and met[1] < wanted:
            low = middle + 1
        else:
            high = middle
    below = _title_at(reader, low - 1) if low else None
    above = _title_at(reader, low)
    if above is not None and above[1] == wanted:  # the document as it is now
        above = _title_at(reader, low + 1)
    floor = below[0] if below else 0
    return floor, above[0] if above else floor + 2 * _GAP


def _title_at(reader: _Reader, position: int) -> tuple[int, str] | None:
    """Rank and title order of the document at a position of the alphabet."""
    hits = reader.searcher.search(
        tantivy.Query.all_query(),
        1,
        count=False,
        order_by_field="rank",
        order=tantivy.Order.Asc,
        offset=position,
    ).hits
    return (int(hits[0][0]), rank_key(reader.load(hits[0][1]))) if hits else None


def _open_reader(folder: Path, stamp: tuple[object, ...]) -> _Reader:
    index = tantivy.Index.open(str(folder))
    index.config_reader("manual")
    index.reload()
    searcher = index.searcher()
    asked = {name: {"avg": {"field": f"{name}_length"}} for name in ("words", "pairs")}
    found = searcher.aggregate(tantivy.Query.all_query(), asked)
    words, pairs = (float(found[name]["value"] or 0.0) for name in ("words", "pairs"))
    return _Reader(stamp, index, searcher, QueryBuilder(index.schema), words, pairs)


def _at(spool: BinaryIO, start: int, length: int) -> bytes:
    spool.seek(start)
    return spool.read(length)


def _stamp(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_mtime_ns, found.st_ino, found.st_size


@contextmanager
def _reading() -> Iterator[None]:
    """Tantivy reports what it cannot read as ValueError or OSError."""
    try:
        yield
    except (ValueError, OSError) as error:
        raise IndexBroken(f"The search index cannot be read ({error}): rebuild it.") from error
