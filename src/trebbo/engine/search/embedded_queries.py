"""The Tantivy schema, documents as it stores them, and plans as its queries."""

from collections.abc import Iterable
from datetime import date

import tantivy

from trebbo.engine.search.analysis import sort_key, storable
from trebbo.engine.search.contracts import Document, Query
from trebbo.engine.search.geography import cells_of, circle
from trebbo.engine.search.scoring import weigh
from trebbo.engine.search.settings import Settings
from trebbo.engine.search.stored import dump, facet_term
from trebbo.engine.search.understanding import Alternative, Group, Plan, is_pair

NEVER, NO_DUE = 0, date.max.toordinal()  # due days of the unconfirmed and of the undated


def build_schema() -> tantivy.Schema:
    """The fields: terms to search, fast columns to filter, count and order by, one stored body."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("key", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("words", tokenizer_name="whitespace", index_option="freq")
    builder.add_text_field("pairs", tokenizer_name="whitespace", index_option="freq")
    builder.add_text_field("facets", fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("audiences", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("cells", tokenizer_name="raw", index_option="basic")
    builder.add_unsigned_field("rank", fast=True, indexed=True)
    builder.add_unsigned_field("words_length", fast=True)
    builder.add_unsigned_field("pairs_length", fast=True)
    builder.add_unsigned_field("due_day", fast=True)
    builder.add_unsigned_field("seats", fast=True)
    builder.add_float_field("latitude", fast=True)
    builder.add_float_field("longitude", fast=True)
    builder.add_bytes_field("body", stored=True)
    return builder.build()


def build_document(document: Document, rank: int, settings: Settings) -> tantivy.Document:
    """A document for the index; `rank` orders it among the titles."""
    weighed = weigh(document.parts, settings)
    built = tantivy.Document()
    built.add_text("key", storable(document.key))
    for name, table in (("words", weighed.words), ("pairs", weighed.pairs)):
        built.add_text(name, " ".join(f"{term} " * count for term, count in table.items()))
        built.add_unsigned(f"{name}_length", sum(table.values()))
    for facet, value in document.facets:
        built.add_text("facets", facet_term(facet, value))
    for audience in document.audiences:
        built.add_text("audiences", storable(audience))
    for cell in cells_of(document.points):
        built.add_text("cells", cell)
    built.add_unsigned("rank", rank)
    built.add_unsigned("due_day", _due_day(document))
    built.add_unsigned("seats", len(document.points))
    if document.points:
        built.add_float("latitude", document.points[0].latitude)
        built.add_float("longitude", document.points[0].longitude)
    built.add_bytes("body", dump(document).encode())
    return built


def _due_day(document: Document) -> int:
    if document.confirmed_on is None:
        return NEVER
    return document.due_on.toordinal() if document.due_on else NO_DUE


def rank_key(document: Document) -> str:
    """What titles are ordered by."""
    return sort_key(document.title, document.key)


class QueryBuilder:
    """Plans as Tantivy queries over one schema."""

    def __init__(self, schema: tantivy.Schema) -> None:
        self._schema = schema

    def everything(self, plan: Plan, query: Query) -> tantivy.Query:
        """Every document the question may find, with its text score."""
        musts = [self._any("audiences", map(storable, query.audiences))]
        for facet, values in query.filters.items():
            if values:
                musts.append(self._any("facets", (facet_term(facet, value) for value in values)))
        if plan.place and plan.radius_km is not None:
            musts.append(
                self.within(plan.place.latitude, plan.place.longitude, plan.radius_km, detail=40)
            )
        if query.only is not None:
            musts.append(self._any("key", map(storable, query.only)))
        found = self.both(self._text(plan), *musts)
        if not query.without:
            return found
        left_out = self._any("key", map(storable, query.without))
        return tantivy.Query.boolean_query(
            [(tantivy.Occur.Must, found), (tantivy.Occur.MustNot, left_out)]
        )

    def both(self, scored: tantivy.Query, *filters: tantivy.Query) -> tantivy.Query:
        """The first query, limited by the others without a change of its scores."""
        musts = [(tantivy.Occur.Must, scored)]
        unscored = (tantivy.Query.const_score_query(one, 0.0) for one in filters)
        musts.extend((tantivy.Occur.Must, one) for one in unscored)
        return tantivy.Query.boolean_query(musts)

    def within(
        self, latitude: float, longitude: float, radius_km: float, detail: int = 10
    ) -> tantivy.Query:
        """Documents with a point in the circle."""
        cells = sorted(circle(latitude, longitude, radius_km, detail))
        return self._any("cells", cells)

    def facet(self, facet: str, value: str) -> tantivy.Query:
        """Documents with one facet value."""
        return self._any("facets", [facet_term(facet, value)])

    def _any(self, field: str, terms: Iterable[str]) -> tantivy.Query:
        wanted = list(terms)
        if len(wanted) == 1:
            return tantivy.Query.term_query(self._schema, field, wanted[0], "basic")
        if not wanted:
            return tantivy.Query.empty_query()
        return tantivy.Query.term_set_query(self._schema, field, wanted)

    def _text(self, plan: Plan) -> tantivy.Query:
        if not plan.groups:
            return tantivy.Query.const_score_query(tantivy.Query.all_query(), 1.0)
        groups = [self._group(group) for group in plan.groups]
        if len(groups) == 1:
            return groups[0]
        shoulds = [(tantivy.Occur.Should, group) for group in groups]
        return tantivy.Query.boolean_query(shoulds, minimum_number_should_match=plan.required)

    def _group(self, group: Group) -> tantivy.Query:
        ways = [self._way(way) for way in group.alternatives]
        return ways[0] if len(ways) == 1 else tantivy.Query.disjunction_max_query(ways)

    def _way(self, way: Alternative) -> tantivy.Query:
        terms = [
            tantivy.Query.term_query(
                self._schema, "pairs" if is_pair(term) else "words", term, "freq"
            )
            for term in way.terms
        ]
        met = terms[0]
        if len(terms) > 1:
            met = tantivy.Query.boolean_query([(tantivy.Occur.Must, term) for term in terms])
        return met if way.factor == 1.0 else tantivy.Query.boost_query(met, way.factor)
