"""The words of works and needs: stems, stop words, both languages, very long and odd texts."""

import time
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.matching.examples import LEXICON
from trebbo.engine.matching.contracts import Language
from trebbo.engine.matching.terms import (
    MOST_TERMS,
    counted_terms,
    frequent_words,
    stems_by_way,
    terms_of,
)


def test_words_are_counted_by_their_stems_in_their_language() -> None:
    assert counted_terms("Sensors for milk: a sensor, and MILK.", "en") == {"sensor": 2, "milk": 2}
    assert counted_terms("Sensori per il latte e un sensore", "it") == {"sensor": 2, "latt": 1}


@pytest.mark.parametrize("text", ["", "   ", "the of and", "di il per e", "🙂 🧀", "\0", "- . ,"])
def test_what_says_nothing_has_no_terms(text: str) -> None:
    assert counted_terms(text, "it") == Counter()
    assert terms_of(text, "en", LEXICON) == {}
    assert frequent_words(text, 5) == []
    assert stems_by_way(text, LEXICON) == []


def test_nul_and_emoji_part_words() -> None:
    assert counted_terms("milk\0cheese🧀water", "en") == {"milk": 1, "chees": 1, "water": 1}


@given(st.text(), st.sampled_from(["it", "en"]))
def test_any_text_can_be_read(text: str, language: Language) -> None:
    own = counted_terms(text, language)
    weights = terms_of(text, language)
    assert weights == {term: own[term] for term in weights}
    assert len(weights) == min(len(own), MOST_TERMS)


def test_italian_and_english_meet_through_the_lexicon() -> None:
    assert terms_of("latte", "it") == {"latt": 1}
    assert terms_of("latte", "it", LEXICON) == {"latt": 1, "milk": 0.8}
    assert terms_of("milk", "en", LEXICON) == {"milk": 1, "latt": 0.8}


def test_a_translated_phrase_shares_its_weight_among_its_words() -> None:
    found = terms_of("depurazione delle acque", "it", LEXICON)
    each = pytest.approx(0.8 / 2**0.5)
    assert {term: found[term] for term in counted_terms("water treatment", "en")} == {
        "water": each,
        "treatment": each,
    }


def test_a_word_said_keeps_its_own_weight_beside_its_translation() -> None:
    found = terms_of("milk milk latte", "it", LEXICON)
    assert (found["milk"], found["latt"]) == (2, 1)


def test_a_hundred_pages_are_cut_to_what_they_say_most_often_and_quickly() -> None:
    rare = [f"word{at}" for at in range(5_000)]
    often = [f"often{at}" for at in range(MOST_TERMS - 1)] * 80
    text = " ".join([*rare, *often, *rare[:2], rare[0]])
    started = time.perf_counter()
    found = terms_of(text, "en", LEXICON)
    assert time.perf_counter() - started < 5
    assert len(text) > 100 * 2_500
    assert len(found) == MOST_TERMS
    assert set(found) == {*often, "word0"}
    assert found["word0"] == 3


def test_frequent_words_are_told_as_first_written() -> None:
    said = "Sensori e reti: un sensore nella rete, il sensore del latte"
    assert frequent_words(said, 2) == ["sensori", "reti"]


def test_ways_to_say_some_words() -> None:
    assert stems_by_way("latte", LEXICON) == [("latt",), ("milk",)]
    assert stems_by_way("sensor", LEXICON) == [("sensor",), ("sensorist",)]
    assert ("milk",) not in stems_by_way("latte fresco", LEXICON)
