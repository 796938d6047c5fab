"""Reasons as a person reads them: one line for each text, with the words met marked."""

from hypothesis import given
from hypothesis import strategies as st

from trebbo.partnering.introductions.gateway import MatchReason
from trebbo.partnering.introductions.queries.reasons import Met, reasons_in_words

SERVICES = ("prove su valvole cardiache", "tests on heart valves")


def reason(
    part: str, asked: str, excerpt: str, *found: str, meeting: str = "direct"
) -> MatchReason:
    """A reason of the engine."""
    return MatchReason(part, asked, found, excerpt, meeting, None, 1.0)  # type: ignore[arg-type]


def told(*reasons: MatchReason, language: str = "it", kinds: str = "") -> list[Met]:
    """The reasons in words, for a profile with one service."""
    from trebbo.partnering.introductions.choices import PartName

    texts = {PartName.SERVICE: [SERVICES]}
    return list(reasons_in_words(reasons, texts=texts, kinds=kinds, language=language))


def marked(met: Met) -> str:
    """The excerpt with its marks in brackets."""
    return "".join(f"[{text}]" if is_met else text for text, is_met in met.excerpt.pieces)


def test_two_words_met_in_one_text_make_one_line() -> None:
    """Their shares add up."""
    (met,) = told(
        reason("service:it", "prove", SERVICES[0], "prove"),
        reason("service:it", "valvole", SERVICES[0], "valvole"),
    )
    assert (marked(met), met.share) == ("[prove] su [valvole] cardiache", 2.0)


def test_the_pair_of_a_text_is_said_once() -> None:
    """The same thing in both languages is one reason, in the page's."""
    both = (
        reason("service:it", "valves", SERVICES[0], "valvole", meeting="synonym"),
        reason("service:en", "valves", SERVICES[1], "valves"),
    )
    (italian,) = told(*both)
    assert (marked(italian), italian.asked_as) == ("prove su [valvole] cardiache", ("valves",))
    (english,) = told(*both, language="en")
    assert (marked(english), english.asked_as) == ("tests on heart [valves]", ())


def test_only_whole_words_are_marked() -> None:
    """A word inside another one was not met."""
    (met,) = told(reason("name", "art", "Art: artigiani d'ART", "Art"))
    assert marked(met) == "[Art]: artigiani d'[ART]"


def test_a_piece_of_a_phrase_is_said_to_be_one() -> None:
    """The reader knows that not all was met."""
    (met,) = told(reason("name", "stampa 3D", "La stampa", "stampa", meeting="partial"))
    assert (met.partly, met.asked_as) == (("stampa 3D",), ())


def test_the_kind_is_said_in_its_own_words() -> None:
    """Not in the list of all its synonyms."""
    (met,) = told(
        reason("kind:it", "clinica", "Struttura sanitaria ospedale clinica", "clinica"),
        kinds="Struttura sanitaria",
    )
    assert marked(met) == "[Struttura sanitaria]"


@given(st.text(max_size=80), st.lists(st.text(max_size=8), max_size=5))
def test_marking_changes_no_letter(text: str, words: list[str]) -> None:
    """The pieces put together are the text, whatever was met."""
    (met,) = told(reason("name", "x", text, *words))
    assert met.excerpt.text == text
