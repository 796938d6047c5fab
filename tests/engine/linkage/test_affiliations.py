"""Affiliation texts: the bodies they name, with place and part."""

import pytest

from tests.engine.linkage.examples import body
from trebbo.engine.linkage import Towns, affiliation_linker, entities_of

RECORDS = [
    body("parma", "University of Parma", town="Parma", ror="0aaa"),
    body("wien", "University of Vienna", country="AT", town="Vienna", ror="0bbb"),
    body("pergola", "Istituto Pergola per la Rigenerazione", town="Modena", ror="0ccc"),
]
TOWNS = Towns(RECORDS)


def test_a_text_gives_its_bodies_with_country_and_town() -> None:
    found = entities_of("Dept. of Physics, Univ. of Parma, Parma, Italy", "t", TOWNS)
    assert [(e.key, e.names[0].text, e.country, e.town, e.is_part) for e in found] == [
        ("t#0", "Dept. of Physics", "IT", "Parma", True),
        ("t#1", "Univ. of Parma", "IT", "Parma", False),
        ("t#2", "Univ. of Parma Parma", "IT", "Parma", False),
    ]


def test_a_town_tells_the_country() -> None:
    found = entities_of("Universität Wien, Wien", "t", TOWNS)
    assert {entity.country for entity in found} == {"AT"}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Istituto Pergola per la Rigenerazione, Modena, Italy", {"pergola"}),
        (
            "Istituto Pergola per la Rigenerazione; University of Vienna, Austria",
            {"pergola", "wien"},
        ),
        ("Dept. of Physics, Gambarelli College, Leeds, UK", set()),
        ("", set()),
        (" ,;, ", set()),
    ],
)
def test_texts_are_linked_to_the_bodies_they_name(text: str, wanted: set[str]) -> None:
    entities = entities_of(text, "t", TOWNS)
    assert {match.right for match in affiliation_linker().link(entities, RECORDS)} == wanted
