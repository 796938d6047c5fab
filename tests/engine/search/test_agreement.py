"""Every index gives the answers of the obvious one, on documents and questions made up."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.search.conftest import postgres_address
from tests.engine.search.examples import GAZETTEER, LEXICON, TODAY, matches
from trebbo.engine.search import (
    Document,
    MemoryIndex,
    Part,
    Point,
    PostgresIndex,
    Query,
    Results,
    SearchIndex,
    TantivyIndex,
)

WORDS = [
    *("biomateriali", "biomaterials", "rigenerazione", "ossea", "bone", "regeneration", "test"),
    *("prova", "medical", "devices", "dispositivi", "medici", "laboratorio", "laboratori"),
    *("Mirandola", "Modena", "Università", "di", "T&A", "COVID-19", "CO2", "per", "the", "3D"),
    *("tossicità", "ISO", "10993-5", "S.p.A.", "l'osso", "perché"),
]
PLACES = ("", "", " vicino a Mirandola", " within 40 km of Modena", " in provincia di Modena")
DAYS = (None, date(2024, 1, 1), date(2026, 1, 1), date(2026, 12, 1))
AUDIENCES = ("public", "cluster:1", "org:2")

texts = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)
parts = st.builds(
    Part,
    st.sampled_from(("name", "services", "description")),
    texts,
    st.sampled_from(("it", "en", "any")),
    st.sampled_from(("A", "B", "C", "D")),
)
points = st.builds(Point, st.floats(44.0, 45.2), st.floats(9.5, 12.5), st.just("seat"))
bodies = st.builds(
    Document,
    key=st.just(""),
    title=texts,
    parts=st.lists(parts, max_size=4).map(tuple),
    facets=st.frozensets(
        st.tuples(st.sampled_from(("kind", "province")), st.sampled_from(("MO", "BO", "x=y"))),
        max_size=3,
    ),
    audiences=st.frozensets(st.sampled_from(AUDIENCES), max_size=2),
    points=st.lists(points, max_size=3).map(tuple),
    confirmed_on=st.sampled_from(DAYS),
    due_on=st.sampled_from(DAYS),
)
collections = st.lists(bodies, max_size=12).map(
    lambda found: [replace(body, key=f"d:{number}") for number, body in enumerate(found)]
)
queries = st.builds(
    Query,
    today=st.just(TODAY),
    text=st.tuples(texts, st.sampled_from(PLACES)).map("".join),
    filters=st.dictionaries(
        st.sampled_from(("kind", "province")),
        st.lists(st.sampled_from(("MO", "BO", "x=y", "none")), max_size=2).map(tuple),
        max_size=2,
    ),
    audiences=st.frozensets(st.sampled_from(AUDIENCES), max_size=2),
    limit=st.sampled_from((3, 20)),
    offset=st.sampled_from((0, 0, 0, 2)),
    order=st.sampled_from(("relevance", "relevance", "title")),
    only=st.none() | st.frozensets(st.sampled_from([f"d:{number}" for number in range(12)])),
    unread=st.sampled_from(((), (), ("services",), ("name", "desc"))),
    without=st.frozensets(st.sampled_from([f"d:{number}" for number in range(12)]), max_size=3),
)
quietly = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(params=["tantivy", pytest.param("postgres", marks=pytest.mark.postgresql)])
def build(request: pytest.FixtureRequest) -> Iterator[Callable[[], SearchIndex]]:
    """Makes an index; the same one again where making it is costly."""
    if request.param == "postgres":
        index = PostgresIndex(postgres_address(), prefix=f"test_{uuid.uuid4().hex[:12]}")
        yield lambda: index
        index.drop()
        index.close()
    else:
        with TemporaryDirectory() as folder:
            yield lambda: TantivyIndex(Path(folder))


def same(expected: Results, found: Results) -> None:
    """Equal but for the order of scores that are equal to six digits."""
    assert found.total == expected.total
    assert found.facets == expected.facets
    assert found.understood == expected.understood
    assert [round(hit.score, 4) for hit in found.hits] == pytest.approx(
        [round(hit.score, 4) for hit in expected.hits], abs=2e-4
    )
    for one, other in zip(found.hits, expected.hits, strict=True):
        if one.key == other.key:
            assert one.freshness == other.freshness
            assert one.distance_km == other.distance_km
            assert len(one.reasons) == len(other.reasons)
        else:
            assert one.score == pytest.approx(other.score, abs=2e-4)


@quietly
@given(collections, queries)
def test_a_new_index_agrees(
    build: Callable[[], SearchIndex], documents: list[Document], query: Query
) -> None:
    truth, index = MemoryIndex(), build()
    truth.replace_all(documents)
    index.replace_all(documents)
    expected = truth.search(query, LEXICON, GAZETTEER)
    same(expected, index.search(query, LEXICON, GAZETTEER))
    by_title = replace(query, order="title")
    wanted = [hit.key for hit in truth.search(by_title, LEXICON, GAZETTEER).hits]
    assert [hit.key for hit in index.search(by_title, LEXICON, GAZETTEER).hits] == wanted


@quietly
@given(collections, collections, st.sets(st.integers(0, 12)), queries)
def test_changes_agree_on_what_is_found(
    build: Callable[[], SearchIndex],
    documents: list[Document],
    changed: list[Document],
    gone: set[int],
    query: Query,
) -> None:
    truth, index = MemoryIndex(), build()
    for one in (truth, index):
        one.replace_all(documents)
        one.put(changed[:5])
        one.remove([f"d:{number}" for number in gone])
    wide = replace(query, order="title", limit=100, offset=0)
    expected = truth.search(wide, LEXICON, GAZETTEER)
    found = index.search(wide, LEXICON, GAZETTEER)
    assert (found.total, found.facets) == (expected.total, expected.facets)
    assert [hit.key for hit in found.hits] == [hit.key for hit in expected.hits]
    assert index.count() == truth.count()


@quietly
@given(collections, queries, st.text(max_size=200))
def test_no_text_fails_and_no_wrong_audience_passes(
    build: Callable[[], SearchIndex], documents: list[Document], query: Query, text: str
) -> None:
    index = build()
    index.replace_all([*documents, Document("d:odd", text, (Part(text, text),))])
    audiences = {document.key: document.audiences for document in documents}
    for question in (query, replace(query, text=text)):
        for hit in index.search(question, LEXICON, GAZETTEER).hits:
            assert audiences[hit.key] & question.audiences
            shares = sum(reason.share for reason in matches(hit))
            assert not matches(hit) or shares == pytest.approx(hit.text_score)
