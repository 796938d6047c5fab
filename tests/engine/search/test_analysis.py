"""How text is read: tokens, stems, pairs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trebbo.engine.search.analysis import (
    beginning_of,
    fold,
    normalise,
    pairs_of,
    sightings,
    sort_key,
    stems_of,
    tokens_of,
)
from trebbo.engine.search.contracts import Language


def words(text: str) -> list[str]:
    return [token.word for token in tokens_of(normalise(text), "any")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("TRL 6, CO2 e 3D", ["trl", "6", "co2", "e", "3d"]),
        ("T&A", ["t&a"]),
        ("RFID&Vision", ["rfid&vision", "rfid", "vision"]),
        ("COVID\u201119", ["covid-19", "covid", "19"]),
        ("Chiesi S.p.A.", ["chiesi", "spa"]),
        ("dell'osso dell\u2019osso", ["dell", "osso", "dell", "osso"]),
        ("Università: PERCHÉ?", ["universita", "perche"]),
        ("Industria 4.0", ["industria", "4.0"]),
        ("_a_ * : ( )", ["a"]),
    ],
)
def test_tokens(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    ("one", "other", "language"),
    [
        ("laboratorio", "laboratori", "it"),
        ("biomateriale", "biomateriali", "it"),
        ("device", "devices", "en"),
        ("test", "testing", "en"),
    ],
)
def test_number_and_form_share_a_stem(one: str, other: str, language: Language) -> None:
    assert stems_of(one, language) == stems_of(other, language)


def test_pairs_ignore_order_and_words_between_that_say_nothing() -> None:
    def terms(text: str) -> set[str]:
        return {term for term, _, _ in pairs_of(tokens_of(text, "en"))}

    assert terms("bone regeneration") == terms("regeneration of the bone")
    assert terms("bone regeneration") <= terms("regeneration of damaged bone")
    assert not terms("bone regeneration") & terms("bone then very new slow regeneration")


@given(st.text())
def test_tokens_stand_where_they_say(text: str) -> None:
    whole = normalise(text)
    assert len(fold(whole)) == len(whole)
    for token in tokens_of(whole, "any"):
        assert fold(whole)[token.start : token.end].replace(".", "") == token.word.replace(".", "")


@given(
    st.lists(st.sampled_from(["bone", "T&A", "the", "COVID-19", "S.p.A.", "test"])), st.booleans()
)
def test_sightings_are_the_wanted_tokens(texts: list[str], some: bool) -> None:
    text = " ".join(texts)
    wanted = frozenset({"bone", "covid", "t&a"} if some else {"the", "spa"})
    expected = [token for token in tokens_of(text, "en") if wanted & set(token.stems)]
    assert sightings(fold(text), "en", wanted, {}) == expected


def test_titles_sort_without_accents_and_case() -> None:
    titles = ["Zeta", "Èlite", "elio", "A&B", "a b c", "Élan"]
    expected = ["A&B", "a b c", "Élan", "elio", "Èlite", "Zeta"]
    assert sorted(titles, key=lambda title: sort_key(title, "k")) == expected


@pytest.mark.parametrize(
    ("word", "stem"), [("dying", "die"), ("skies", "sky"), ("therapy", "therapi"), ("only", "onli")]
)
def test_the_irregular_begin_so_too(word: str, stem: str) -> None:
    """Snowball's own exceptions."""
    assert stems_of(word, "en") == (stem,)
    assert word.startswith(beginning_of(stem))


@given(
    st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=14), st.sampled_from(("it", "en"))
)
def test_a_word_begins_as_its_stem_does(word: str, language: Language) -> None:
    """So that a text without that beginning need not be read."""
    for stem in stems_of(word, language):
        assert word.startswith(beginning_of(stem))
