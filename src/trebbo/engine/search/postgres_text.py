"""A plan and a document in the words of PostgreSQL's text search: tsvector and tsquery."""

import json
from datetime import date
from math import log
from typing import Any

from psycopg import sql

from trebbo.engine.search.analysis import sort_key, storable
from trebbo.engine.search.contracts import Document, Point
from trebbo.engine.search.scoring import Statistics, Weighed
from trebbo.engine.search.stored import dump, facet_of, facet_term
from trebbo.engine.search.understanding import Group, Plan, is_pair

DOCUMENT_COLUMNS = (
    "key, sort_title, terms, names, words_length, pairs_length, facets, audiences, points, "
    "confirmed_on, due_on, body"
)

_LARGEST_POSITION = 16_383  # of a tsvector
_RANKED_GROUPS = 6  # the rarest words decide which candidates are read
_WIDEST_REQUIREMENT = 9  # groups; "three of nine" still makes a short tsquery


def vector(weighed: Weighed, labels: str) -> str:
    """The terms with these labels as a tsvector.

    The label is that of the weightiest part, the position is the frequency.
    """
    both = (*weighed.words.items(), *weighed.pairs.items())
    return " ".join(
        f"{_lexeme(term)}:{min(count, _LARGEST_POSITION)}{weighed.classes[term]}"
        for term, count in both
        if weighed.classes[term] in labels
    )


def _lexeme(term: str) -> str:
    """A term quoted for the text form of tsvector and tsquery."""
    doubled = term.replace("\\", "\\\\").replace("'", "''")
    return f"'{doubled}'"


def group_query(group: Group) -> str:
    """A group as the text form of a tsquery."""
    ways = (" & ".join(map(_lexeme, way.terms)) for way in group.alternatives)
    return "(" + " | ".join(f"({way})" for way in ways) + ")"


def requirement(plan: Plan, values: dict[str, object]) -> tuple[sql.Composable, str]:
    """The condition that enough groups are met, and its tsquery; adds the values it needs."""
    groups = list(map(group_query, plan.groups))
    met = sql.SQL("d.terms @@ %(text)s::tsquery")
    if len(groups) <= _WIDEST_REQUIREMENT:
        return met, _at_least(plan.required, groups)
    tests = []
    for number, group in enumerate(groups):
        values[f"group{number}"] = group
        tests.append(
            sql.SQL("(d.terms @@ {}::tsquery)::int").format(sql.Placeholder(f"group{number}"))
        )
    values["required"] = plan.required
    counted = sql.SQL("{} AND {} >= %(required)s").format(met, sql.SQL(" + ").join(tests))
    return counted, " | ".join(groups)


def _at_least(number: int, groups: list[str]) -> str:
    """A tsquery that is met by any so many of the groups."""
    if number == 1:
        return "(" + " | ".join(groups) + ")"
    if number == len(groups):
        return "(" + " & ".join(groups) + ")"
    with_first = f"({groups[0]} & {_at_least(number - 1, groups[1:])})"
    return f"({with_first} | {_at_least(number, groups[1:])})"


def rank(plan: Plan, statistics: Statistics) -> tuple[sql.Composable, dict[str, object]]:
    """A rough score in SQL: the ts_rank of each of the rarest groups, times its rarity."""
    rarity = {group: _rarity(group, statistics) for group in plan.groups}
    rarest = sorted(plan.groups, key=lambda group: -rarity[group])[:_RANKED_GROUPS]
    values: dict[str, object] = {"labels": [0.5, 0.7, 0.85, 1.0]}
    if not rarest:
        return sql.SQL("1"), values
    terms: list[sql.Composable] = []
    for number, group in enumerate(rarest):
        values[f"rarity{number}"], values[f"ranked{number}"] = rarity[group], group_query(group)
        terms.append(
            sql.SQL("{} * ts_rank(%(labels)s::float4[], d.terms, {}::tsquery)").format(
                sql.Placeholder(f"rarity{number}"), sql.Placeholder(f"ranked{number}")
            )
        )
    return sql.SQL(" + ").join(terms), values


def _rarity(group: Group, statistics: Statistics) -> float:
    """How much the most common direct way to meet a group tells."""
    held = [min(map(statistics.holding, way.terms)) for way in group.alternatives]
    return log(1 + (statistics.documents + 0.5) / (max(held, default=0) + 0.5))


def weighed_from(held: str, words_length: int, pairs_length: int) -> Weighed:
    """The terms of interest of a document, from its tsvector, as JSON.

    Read here, because a lent connection may read JSON in its own way.
    """
    counts: dict[str, int] = json.loads(held)
    words = {term: count for term, count in counts.items() if not is_pair(term)}
    pairs = {term: count for term, count in counts.items() if is_pair(term)}
    return Weighed(words, pairs, words_length, pairs_length)


def document_row(document: Document, weighed: Weighed) -> list[Any]:
    """A document as a row of the table of documents: `DOCUMENT_COLUMNS`, in their order."""
    return [
        storable(document.key),
        sort_key(document.title, document.key),
        vector(weighed, "ABCD"),
        vector(weighed, "A"),
        weighed.words_length,
        weighed.pairs_length,
        [facet_term(facet, value) for facet, value in sorted(document.facets)],
        [storable(audience) for audience in sorted(document.audiences)],
        [degree for point in document.points for degree in (point.latitude, point.longitude)],
        document.confirmed_on,
        document.due_on,
        dump(document),
    ]


def outline(
    points: list[float], facets: list[str], confirmed: date | None, due: date | None
) -> Document:
    """As much of a document as its factors need."""
    return Document(
        key="",
        title="",
        facets=frozenset(map(facet_of, facets)),
        points=tuple(Point(*pair) for pair in zip(points[::2], points[1::2], strict=True)),
        confirmed_on=confirmed,
        due_on=due,
    )
