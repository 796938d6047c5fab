"""Words of both languages that meet: phrases, single words learned from them, cognates."""

import pytest

from tests.engine.fields.examples import EXAMPLES, FIELDS, LEXICON
from trebbo.engine.fields.cognates import spelling_of
from trebbo.engine.fields.dictionary import Dictionary
from trebbo.engine.fields.reading import Reader
from trebbo.engine.matching.terms import MOST_TERMS
from trebbo.engine.search.lexicon import Concept

READER = Reader.of(FIELDS, EXAMPLES, LEXICON)


@pytest.mark.parametrize(
    ("italian", "english"),
    [
        ("tossicologia", "toxicology"),
        ("proteomica", "proteomics"),
        ("idrogeno", "hydrogen"),
        ("elettronica", "electronics"),
        ("produzione", "production"),
        ("ottimizzazione", "optimisation"),
        ("ottimizzazione", "optimization"),
        ("biocompatibilita", "biocompatibility"),
        ("resistenza", "resistance"),
        ("fotonica", "photonics"),
        ("sensori", "sensors"),
        ("terapie", "therapies"),
        ("biomateriali", "biomaterials"),
        ("simulazioni", "simulations"),
    ],
)
def test_cognates_meet_in_one_spelling(italian: str, english: str) -> None:
    assert spelling_of(italian) == spelling_of(english)


@pytest.mark.parametrize(
    ("italian", "english"),
    [("stessi", "aesthesis"), ("cellule", "celery"), ("rete", "rate")],
)
def test_words_that_are_no_cognates_do_not_meet(italian: str, english: str) -> None:
    assert spelling_of(italian) != spelling_of(english) or len(spelling_of(italian)) < 5


def test_single_words_are_learned_from_phrases() -> None:
    dictionary = Dictionary(
        [
            Concept("1", ("ingegneria dei tessuti",), ("tissue engineering",)),
            Concept("2", ("ingegneria civile",), ("civil engineering",)),
            Concept("3", ("tessuti molli",), ("soft tissues",)),
            Concept("4", (), ("only one side",)),
        ]
    )
    assert [term for term, _ in dictionary.translations("it:tess")] == ["en:tissu"]
    assert [term for term, _ in dictionary.translations("en:engin")] == ["it:ingegner"]
    assert dictionary.translations("en:side") == dictionary.translations("it:unheard") == ()


def test_a_phrase_is_translated_whole_its_label_before_its_synonyms() -> None:
    read = READER.read("Per la rigenerazione ossea", "it")
    assert read.counts["en:bone"] == read.counts["en:regener"] > read.counts["en:osteogenesi"]
    assert read.words["en:bone"] == "rigenerazione ossea"
    assert read.words["it:osse"] == "ossea"


def test_a_word_nobody_translates_meets_its_cognate_or_itself() -> None:
    assert "en:nanoparticl" in READER.read("tossicità di nanoparticles", "it").counts
    assert "en:toxic" in READER.read("tossicità di nanoparticles", "it").counts


def test_a_text_has_its_own_words_as_often_as_it_says_them() -> None:
    read = READER.read("Tanks, tanks and a gripper", "en")
    assert read.counts["en:tank"] == 2
    assert read.counts["en:gripper"] == 1
    assert read.counts["it:serbato"] > 0


def test_what_a_text_says_most_is_kept() -> None:
    text = " ".join(f"word{at}" for at in range(2 * MOST_TERMS)) + " gripper gripper"
    read = READER.read(text, "en")
    assert len([term for term in read.counts if term.startswith("en:")]) == MOST_TERMS
    assert read.counts["en:gripper"] == 2
