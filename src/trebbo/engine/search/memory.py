"""The obvious index: every question reads every document. Slow, and the truth for the others."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from trebbo.engine.search.analysis import sort_key
from trebbo.engine.search.contracts import Document, IndexStatus, Query, Results
from trebbo.engine.search.geography import cells_of, circle
from trebbo.engine.search.lexicon import Lexicon
from trebbo.engine.search.places import Gazetteer
from trebbo.engine.search.scoring import (
    Explainer,
    Found,
    Statistics,
    Weighed,
    factors,
    full_score,
    text_score,
    weigh,
)
from trebbo.engine.search.settings import DEFAULTS, Settings
from trebbo.engine.search.stored import SCHEMA_VERSION
from trebbo.engine.search.understanding import Plan, plan_of


@dataclass(frozen=True, slots=True)
class _Entry:
    document: Document
    weighed: Weighed


class MemoryIndex:
    """An index in a dictionary; see `SearchIndex` for what its methods promise."""

    def __init__(self, settings: Settings = DEFAULTS) -> None:
        self._settings = settings
        self._entries: dict[str, _Entry] = {}

    def replace_all(self, documents: Iterable[Document]) -> int:
        """Replace every document."""
        self._entries = {
            document.key: _Entry(document, weigh(document.parts, self._settings))
            for document in documents
        }
        return len(self._entries)

    def put(self, documents: Iterable[Document]) -> int:
        """Add or replace documents."""
        new = {
            document.key: _Entry(document, weigh(document.parts, self._settings))
            for document in documents
        }
        self._entries = {**self._entries, **new}
        return len(new)

    def remove(self, keys: Iterable[str]) -> None:
        """Take documents out."""
        gone = set(keys)
        self._entries = {key: kept for key, kept in self._entries.items() if key not in gone}

    def count(self) -> int:
        """The number of documents."""
        return len(self._entries)

    def check(self) -> IndexStatus:
        """Always ready."""
        return IndexStatus("ready", len(self._entries), SCHEMA_VERSION, "The index is in memory.")

    def search(self, query: Query, lexicon: Lexicon, gazetteer: Gazetteer) -> Results:
        """Answer a question by reading every document."""
        plan = plan_of(query, lexicon, gazetteer, self._settings)
        if plan.mode == "nothing":
            return Results((), 0, {}, plan.understood)
        statistics = self._statistics()
        scored = []
        for entry in self._entries.values():
            if _allowed(entry.document, query, plan):
                text = text_score(plan, entry.weighed, statistics)
                if text is not None:
                    scored.append((text, entry.document))
        found = [document for _, document in self._ordered(scored, query, plan)]
        page = found[query.offset : query.offset + query.limit]
        explainer = Explainer(plan, query, statistics, self._settings)
        hits = tuple(explainer.hit(self._found(document)) for document in page)
        facets = count_facets(Counter(f for one in found for f in one.facets))
        full = full_score(plan, statistics)
        shown = facets if query.facet_counts else {}
        return Results(hits, len(found), shown, plan.understood, full)

    def _found(self, document: Document) -> Found:
        weighed = self._entries[document.key].weighed
        return Found(document, weighed.words_length, weighed.pairs_length)

    def _ordered(
        self, scored: list[tuple[float, Document]], query: Query, plan: Plan
    ) -> list[tuple[float, Document]]:
        def by_title(pair: tuple[float, Document]) -> str:
            return sort_key(pair[1].title, pair[1].key)

        def by_score(pair: tuple[float, Document]) -> tuple[float, str]:
            text = pair[0] if plan.groups else 1.0
            return -text * factors(pair[1], plan, query, self._settings), by_title(pair)

        titles = query.order == "title" or not (plan.groups or plan.place)
        return sorted(scored, key=by_title if titles else by_score)

    def _statistics(self) -> Statistics:
        weighed = [entry.weighed for entry in self._entries.values()]
        words = sum(one.words_length for one in weighed)
        pairs = sum(one.pairs_length for one in weighed)
        holding: Counter[str] = Counter()
        for one in weighed:
            holding.update(one.words.keys())
            holding.update(one.pairs.keys())
        many = len(weighed) or 1
        return Statistics(len(weighed), words / many, pairs / many, holding.__getitem__)


def _allowed(document: Document, query: Query, plan: Plan) -> bool:
    if not document.audiences & query.audiences or document.key in query.without:
        return False
    if query.only is not None and document.key not in query.only:
        return False
    for facet, values in query.filters.items():
        if values and not any((facet, value) in document.facets for value in values):
            return False
    if plan.place is None or plan.radius_km is None:
        return True
    disc = circle(plan.place.latitude, plan.place.longitude, plan.radius_km)
    return not disc.isdisjoint(cells_of(document.points))


def count_facets(
    counts: Iterable[tuple[tuple[str, str], int]] | Counter[tuple[str, str]],
) -> dict[str, tuple[tuple[str, int], ...]]:
    """Facet counts as the results give them: facets by name, values by falling count."""
    pairs = counts.items() if isinstance(counts, Counter) else counts
    found: dict[str, list[tuple[str, int]]] = {}
    for (facet, value), number in sorted(
        pairs, key=lambda pair: (pair[0][0], -pair[1], pair[0][1])
    ):
        found.setdefault(facet, []).append((value, number))
    return {facet: tuple(values) for facet, values in found.items()}
