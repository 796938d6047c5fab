"""Which places are read out of a question, and which are left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.search.examples import GAZETTEER, MODENA_PROVINCE
from trebbo.engine.search.analysis import normalise


@pytest.mark.parametrize(
    ("text", "label", "rest", "radius"),
    [
        ("laboratori vicino a Modena", "Modena", "laboratori", None),
        ("laboratori nei pressi di Forli", "Forlì", "laboratori", None),
        ("labs near FORLÌ with GMP", "Forlì", "labs with GMP", None),
        ("zona Reggio Emilia tessuti", "Reggio nell'Emilia", "tessuti", None),
        ("prove entro 30 km da Parma", "Parma", "prove", 30.0),
        ("tests within 15km of Bologna", "Bologna", "tests", 15.0),
        ("tests 20 km from Bologna", "Bologna", "tests", 20.0),
        ("presso il Tecnopolo di Mirandola sensori", "Tecnopolo di Mirandola", "sensori", None),
        ("sensori a Parma", "Parma", "sensori", None),
        ("sensori a Parma per robot", "Parma", "sensori per robot", None),
        ("sensors in Parma", "Parma", "sensors", None),
        ("biomateriali Parma", "Parma", "biomateriali Parma", None),
        ("Parma", "Parma", "Parma", None),
    ],
)
def test_place_is_found_and_taken_out(
    text: str, label: str, rest: str, radius: float | None
) -> None:
    found = GAZETTEER.find(normalise(text))
    assert found is not None
    assert (found.place.label, found.radius_km) == (label, radius)
    assert (text[: found.start] + text[found.end :]).split() == rest.split()


@pytest.mark.parametrize(
    "text",
    ["Università di Parma", "University of Parma", "Politecnico della Modena", "sensori", ""],
)
def test_a_name_that_contains_a_place_is_no_place(text: str) -> None:
    assert GAZETTEER.find(normalise(text)) is None


def test_province_is_meant_only_when_said() -> None:
    inside = GAZETTEER.find("aziende in provincia di Modena")
    near = GAZETTEER.find("aziende vicino a Modena")
    assert inside is not None
    assert inside.place == MODENA_PROVINCE
    assert near is not None
    assert near.place.kind == "municipality"


def test_the_english_article_is_no_preposition() -> None:
    found = GAZETTEER.find("a parma company")
    assert found is not None
    assert found.start == found.end


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    found = GAZETTEER.find(normalise(text))
    assert found is None or 0 <= found.start <= found.end <= len(normalise(text))
