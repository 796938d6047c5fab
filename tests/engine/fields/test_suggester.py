"""Fields for texts in both languages, from examples and names, with their reasons."""

import string
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.fields.examples import EXAMPLES, FIELDS, LEXICON, WORDS, examples, texts
from trebbo.engine.fields import Example, Field, Suggester, Suggestion
from trebbo.engine.matching.contracts import Language

OURS = Suggester.of(FIELDS, EXAMPLES, LEXICON)
NAMES_ALONE = Suggester.of(FIELDS, (), LEXICON)


def keys_of(found: tuple[Suggestion, ...]) -> list[str]:
    return [one.key for one in found]


def test_examples_speak_where_the_name_is_not_said() -> None:
    first = OURS.suggest("Scaffolds with cells for bone", "en")[0]
    assert first.key == "tissue"
    assert first.reasons.label == ()
    assert first.reasons.examples == ("p1", "p2")
    assert "scaffolds" in first.reasons.words


def test_an_italian_text_finds_what_its_twin_finds() -> None:
    pairs = (
        ("Rigenerazione ossea con cellule", "Bone regeneration with cells", "tissue"),
        ("Laboratorio di tossicologia", "Laboratory of toxicology", "toxicology"),
        ("Serbatoi per l'idrogeno", "Tanks for hydrogen", "hydrogen"),
    )
    for italian, english, key in pairs:
        assert keys_of(OURS.suggest(italian, "it"))[0] == key
        assert keys_of(OURS.suggest(english, "en"))[0] == key


def test_without_examples_names_decide_and_say_so() -> None:
    for text, language in (("Ingegneria dei tessuti", "it"), ("engineering of tissues", "en")):
        first = NAMES_ALONE.suggest(text, "it" if language == "it" else "en")[0]
        assert first.key == "tissue"
        assert len(first.reasons.label) >= 1
        assert first.reasons.examples == first.reasons.words == ()
    assert NAMES_ALONE.suggest("Robots", "en")[0].reasons.label == ("robots",)


def test_a_translated_phrase_is_told_as_the_text_says_it() -> None:
    fields = (Field("bone", (("en", "bone regeneration"),)),)
    found = Suggester.of(fields, (), LEXICON).suggest("Per la rigenerazione ossea", "it")
    assert found[0].reasons.label == ("rigenerazione ossea",)


def test_the_narrower_field_goes_first_where_its_whole_name_is_said() -> None:
    found = keys_of(NAMES_ALONE.suggest("Autonomous robotics", "en"))
    assert found.index("drones") < found.index("robotics")
    assert "drones" not in keys_of(NAMES_ALONE.suggest("Robots", "en"))


def test_the_language_is_told_where_it_is_not_given() -> None:
    italian = "Un laboratorio che studia la tossicologia dei nuovi materiali per le imprese"
    assert OURS.suggest(italian) == OURS.suggest(italian, "it")
    english = "A laboratory that studies the toxicology of new materials for companies"
    assert OURS.suggest(english) == OURS.suggest(english, "en")


def test_a_text_that_says_nothing_has_no_fields() -> None:
    for text in ("", "  \n", "the of and", "?!… 🙂", "\0\ud800", "xqzt kjwv", "di la per"):
        assert OURS.suggest(text, "en") == OURS.suggest(text, "it") == OURS.suggest(text) == ()
    assert OURS.suggest("toxicology", "en", most=0) == ()
    assert Suggester.of((), EXAMPLES).suggest("toxicology", "en") == ()


def test_a_very_long_text_is_cut_to_what_it_says_most() -> None:
    chance = Random(4)
    noise = " ".join("".join(chance.choices(string.ascii_lowercase, k=9)) for _ in range(5_000))
    found = OURS.suggest(f"toxicology {noise} " * 3 + "toxicology " * 9 + "x" * 900_000, "en")
    assert keys_of(found)[:1] == ["toxicology"]


def test_equals_stand_in_the_order_of_their_keys() -> None:
    fields = [Field(key, (("en", "milk"),)) for key in ("c", "a", "b")]
    found = Suggester.of(fields).suggest("Fresh milk", "en")
    assert keys_of(found) == ["a", "b", "c"]
    assert len({one.score for one in found}) == 1


def test_a_circle_of_broader_fields_does_no_harm() -> None:
    fields = (Field("a", (("en", "milk"),), "b"), Field("b", (("en", "dairy"),), "a"))
    assert keys_of(Suggester.of(fields).suggest("milk", "en")) == ["a"]


def test_the_order_of_what_is_learned_from_does_not_matter() -> None:
    turned = Suggester.of(FIELDS[::-1], EXAMPLES[::-1], LEXICON)
    for text in ("Cells and tanks", "Robotics for health", "toxicology of scaffolds"):
        assert turned.suggest(text, "en") == OURS.suggest(text, "en")


def test_more_examples_in_a_field_make_it_more_probable() -> None:
    more = Example("p8", "Welding of tanks", "en", ("robotics",))
    before = {one.key: one.score for one in OURS.suggest("welding", "en")}
    after = {
        one.key: one.score
        for one in Suggester.of(FIELDS, (*EXAMPLES, more), LEXICON).suggest("welding", "en")
    }
    assert after["robotics"] > before["robotics"]


@settings(deadline=None, max_examples=40)  # each example builds two suggesters
@given(examples(), texts, st.sampled_from(["it", "en"]), st.integers(1, 6))
def test_suggestions_are_ordered_probable_and_explained(
    known: tuple[Example, ...], text: str, language: Language, most: int
) -> None:
    suggester = Suggester.of(FIELDS, known, LEXICON)
    found = suggester.suggest(text, language, most)
    assert found == Suggester.of(FIELDS, known, LEXICON).suggest(text, language, most)
    assert len({one.key for one in found}) == len(found) <= most
    assert list(found) == sorted(found, key=lambda one: (-one.score, one.key))
    assert found == suggester.suggest(text, language, 99)[:most]
    for one in found:
        assert 0 <= one.score <= 1
        assert one.reasons.label or one.reasons.words or one.reasons.examples
        assert {*" ".join(one.reasons.label + one.reasons.words).split()} <= {*WORDS}
        in_field = {example.key for example in known if one.key in example.fields}
        assert {*one.reasons.examples} <= in_field
