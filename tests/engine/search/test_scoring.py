"""The score: the formula of Tantivy itself, lengths in one byte, excerpts."""

import json
from pathlib import Path

import pytest
import tantivy

from tests.engine.search.examples import GAZETTEER, LABORATORIES, LEXICON, asked, matches
from trebbo.engine.search import Settings, TantivyIndex
from trebbo.engine.search.analysis import tokens_of
from trebbo.engine.search.contracts import Part
from trebbo.engine.search.scoring import Statistics, excerpt_of, stored_length, weigh
from trebbo.engine.search.settings import DEFAULTS


@pytest.mark.parametrize(
    ("length", "kept"),
    [(0, 0), (39, 39), (40, 40), (41, 40), (57, 56), (88, 88), (95, 88), (1000, 984)],
)
def test_lengths_as_one_byte_keeps_them(length: int, kept: int) -> None:
    assert stored_length(length) == kept


def test_the_formula_is_that_of_tantivy(tmp_path: Path) -> None:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("words", tokenizer_name="whitespace", index_option="freq")
    schema = builder.build()
    index = tantivy.Index(schema, path=str(tmp_path))
    writer = index.writer(15_000_000, 1)
    for words in ("a a a b " * 20, "a c", "d", "d e f"):
        document = tantivy.Document()
        document.add_text("words", words)
        writer.add_document(document)
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()
    query = tantivy.Query.term_query(schema, "words", "a", "freq")
    for score, address in searcher.search(query, 10).hits:
        told = json.loads(query.explain(searcher, address).to_json())
        assert told["value"] == pytest.approx(score)
    statistics = Statistics(4, 86 / 4, 0.0, {"a": 2}.__getitem__)
    scores = [score for score, _ in searcher.search(query, 10).hits]
    own = sorted((statistics.score("a", 60, 80), statistics.score("a", 1, 2)), reverse=True)
    assert scores == pytest.approx(own, rel=1e-5)


def test_repeating_a_word_in_one_part_gains_nothing_beyond_the_cap() -> None:
    few = weigh([Part("x", "sensori " * 3, "it", "C")], DEFAULTS)
    many = weigh([Part("x", "sensori " * 300, "it", "C")], DEFAULTS)
    assert few.words == many.words == {"sensor": 6}


def test_a_name_outweighs_a_description_in_the_same_place() -> None:
    text = "sensori"
    name = weigh([Part("n", text, "it", "A")], DEFAULTS).words
    description = weigh([Part("d", text, "it", "C")], DEFAULTS).words
    assert name == {"sensor": 8}
    assert description == {"sensor": 2}


def test_room_runs_out_for_the_least_weighty_first() -> None:
    tight = Settings(document_bytes=10)
    weighed = weigh([Part("d", "zzzzzz yyyyyy", "it", "D"), Part("n", "nome", "it", "A")], tight)
    assert weighed.words == {"nom": 8, "zzzzzz": 1}


@pytest.mark.parametrize("characters", [10, 40, 120])
def test_an_excerpt_holds_the_word_and_says_where_it_was_cut(characters: int) -> None:
    text = "alfa beta gamma delta " * 10 + "biomateriali " + "epsilon zeta " * 10
    token = next(token for token in tokens_of(text, "it") if token.word == "biomateriali")
    excerpt = excerpt_of(text, token, characters)
    assert "biomateriali" in excerpt
    assert excerpt.startswith("…")
    assert excerpt.endswith("…")
    assert len(excerpt) <= max(characters, len("biomateriali")) + 2


def test_the_excerpt_of_a_hit_comes_from_the_part_that_met(tmp_path: Path) -> None:
    index = TantivyIndex(tmp_path)
    index.replace_all(LABORATORIES)
    hit = index.search(asked("proteomics"), LEXICON, GAZETTEER).hits[0]
    found = {(reason.part, reason.excerpt) for reason in matches(hit)}
    assert found == {
        ("name", "TOP Toxicology and Proteomics"),
        ("competences", "toxicology; proteomics; tests on medical devices"),
    }
