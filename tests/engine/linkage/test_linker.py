"""Links: what is certain, what a person is asked, what is left."""

from dataclasses import replace

import pytest

from tests.engine.linkage.examples import LINKER, body, links, reason
from trebbo.engine.linkage import Name

BOLOGNA = body(
    "unibo", "Alma Mater Studiorum - Università di Bologna", town="Bologna", web="unibo.it"
)
BODY = body(
    "1", "ALMA MATER STUDIORUM - UNIVERSITA DI BOLOGNA", short="UNIBO", town="BOLOGNA", pic="1"
)


def test_capitals_without_accents_are_no_hindrance() -> None:
    left = body("a", "Società Emiliana Perché Più S.r.l.", town="Forlì")
    right = body("1", "SOCIETA EMILIANA PERCHE PIU SRL", town="FORLI")
    assert links([left], [right]) == {("a", "1"): "certain"}


def test_an_english_name_meets_an_italian_one() -> None:
    right = body("r", "University of Bologna", town="Bologna", web="https://www.unibo.it/en")
    assert links([BOLOGNA], [right]) == {("unibo", "r"): "certain"}


def test_two_keys_of_one_body_are_both_certain() -> None:
    again = replace(BODY, key="2", identifiers=frozenset({("pic", "2")}))
    assert links([BOLOGNA], [BODY, again]) == {("unibo", "1"): "certain", ("unibo", "2"): "certain"}


def test_two_records_of_a_register_with_one_number_each_are_rivals() -> None:
    rights = [
        body(key, "UNIVERSITA DI BOLOGNA", town="Bologna", ror=key) for key in ("0aaa", "0bbb")
    ]
    assert links([BOLOGNA], rights) == {("unibo", "0aaa"): "likely", ("unibo", "0bbb"): "likely"}


def test_homonyms_in_different_towns_are_told_apart_by_the_town() -> None:
    left = body("a", "Officine Gambarelli", town="Mirandola")
    near = body("1", "OFFICINE GAMBARELLI", town="MIRANDOLA")
    far = body("2", "OFFICINE GAMBARELLI", town="TARANTO")
    found = links([left], [near, far])
    assert found[("a", "1")] == "certain"
    assert found.get(("a", "2")) != "certain"


def test_homonyms_are_not_certain_where_the_town_is_not_known() -> None:
    left = body("a", "Officine Gambarelli")
    rights = [
        body("1", "OFFICINE GAMBARELLI", town="MIRANDOLA"),
        body("2", "OFFICINE GAMBARELLI", town="TARANTO"),
    ]
    assert set(links([left], rights).values()) == {"likely"}


def test_a_university_is_not_its_department() -> None:
    department = body(
        "dim",
        "Dipartimento di Medicina Specialistica, Università di Bologna",
        town="Bologna",
        web="dim.unibo.it",
        is_part=True,
        part_of=("Università di Bologna",),
    )
    found = links([department, BOLOGNA], [BODY])
    assert found[("unibo", "1")] == "certain"
    assert found.get(("dim", "1")) != "certain"


def test_a_department_with_the_vat_number_of_its_university_is_not_certain() -> None:
    department = body("dim", "Dipartimento di Fisica", vat="01131710376", is_part=True)
    university = body("1", "UNIVERSITA DI BOLOGNA", vat="IT01131710376")
    assert links([department], [university]) == {("dim", "1"): "likely"}


def test_a_unit_meets_its_own_key() -> None:
    unit = body("u", "Dipartimento di Chimica Gambarelli", town="Bologna", is_part=True)
    own = body("1", "DIPARTIMENTO DI CHIMICA GAMBARELLI", town="BOLOGNA")
    assert links([unit], [own]) == {("u", "1"): "certain"}


def test_a_changed_name_with_the_same_vat_number_is_certain_and_says_so() -> None:
    left = body("a", "Nuova Zanichetti S.r.l.", town="Modena", vat="02345670361")
    right = body("1", "BIOMEDICAL PERGOLA SRL", town="Modena", vat="IT02345670361")
    (match,) = LINKER.link([left], [right])
    assert match.zone == "certain"
    assert match.reasons[0].comparison == "identifier"
    assert (match.reasons[0].left, match.reasons[0].right) == (
        "vat 02345670361",
        "vat IT02345670361",
    )
    level, weight = reason(match, "name")
    assert level == "different"
    assert weight < 0


def test_a_former_name_is_found() -> None:
    left = body(
        "a", "Nuova Zanichetti S.r.l.", town="Modena", former=("Biomedical Pergola S.r.l.",)
    )
    assert links([left], [body("1", "BIOMEDICAL PERGOLA SRL", town="Modena")]) == {
        ("a", "1"): "certain"
    }


def test_numbers_that_contradict_are_never_certain() -> None:
    left = body("a", "Biomedical Pergola S.r.l.", town="Modena", vat="02345670361")
    right = body("1", "BIOMEDICAL PERGOLA SRL", town="Modena", vat="IT09876540368")
    assert links([left], [right]).get(("a", "1")) != "certain"


@pytest.mark.parametrize("number", ["NOTAPPLICABLE", "IT00000000000", "-", ""])
def test_placeholders_are_no_numbers(number: str) -> None:
    left = body("a", "Zanichetti", vat=number)
    right = body("1", "PERGOLA", vat=number)
    assert links([left], [right]) == {}


def test_a_tax_code_may_be_the_vat_number_of_the_other_side() -> None:
    left = replace(body("a", "Zanichetti"), identifiers=frozenset({("tax_code", "02345670361")}))
    assert links([left], [body("1", "PERGOLA", vat="IT02345670361")]) == {("a", "1"): "certain"}


def test_one_name_in_two_countries_is_two_bodies() -> None:
    left = body("a", "Biomedical Pergola", country="IT")
    right = body("1", "BIOMEDICAL PERGOLA", country="FR")
    assert links([left], [right]) == {}


def test_the_union_codes_of_greece_and_the_united_kingdom_are_understood() -> None:
    left = body("a", "Gambarelli Robotics Ltd", country="GB", town="Leeds")
    right = body("1", "GAMBARELLI ROBOTICS LIMITED", country="UK", town="Leeds")
    assert links([left], [right]) == {("a", "1"): "certain"}


def test_another_number_in_the_name_is_another_body() -> None:
    left = body("a", "Istituto Comprensivo Gambarelli 1", town="Modena")
    right = body("1", "ISTITUTO COMPRENSIVO GAMBARELLI 2", town="Modena")
    assert links([left], [right]).get(("a", "1")) != "certain"


def test_a_hospital_is_not_its_university() -> None:
    left = body("a", "Azienda Ospedaliero-Universitaria di Modena", town="Modena")
    right = body("1", "UNIVERSITA DEGLI STUDI DI MODENA E REGGIO EMILIA", town="MODENA")
    assert links([left], [right]).get(("a", "1")) != "certain"


def test_empty_sides_and_empty_names_give_nothing() -> None:
    assert links([], [BODY]) == {}
    assert links([BOLOGNA], []) == {}
    assert links([body("a", "")], [body("1", "")]) == {}
    assert links([replace(BOLOGNA, names=())], [replace(BODY, names=())]) == {}


def test_two_profiles_of_one_name_are_not_certain_of_one_body() -> None:
    lefts = [
        body("a", "Biomedical Pergola", town="Modena", vat="02345670361"),
        body("b", "Biomedical Pergola", town="Modena", vat="09876540368"),
    ]
    found = links(lefts, [body("1", "BIOMEDICAL PERGOLA", town="Modena")])
    assert found == {("a", "1"): "likely", ("b", "1"): "likely"}


def test_the_best_come_first_and_the_order_of_the_left_side_is_kept() -> None:
    other = body("o", "Biomedical Pergola", town="Modena")
    rights = [
        body("9", "BIOMEDICAL PERGOLA", town="Carpi"),
        BODY,
        body("3", "BIOMEDICAL PERGOLA", town="Modena"),
    ]
    found = [(match.left, match.right) for match in LINKER.link([other, BOLOGNA], rights)]
    assert found[0] == ("o", "3")
    assert found[-1] == ("unibo", "1")


def test_the_same_input_gives_the_same_links_in_any_order() -> None:
    rights = [
        BODY,
        *(
            body(str(n), f"BIOMEDICAL {town}", town=town)
            for n, town in enumerate(("Carpi", "Modena", "Parma"), 5)
        ),
    ]
    one = list(LINKER.link([BOLOGNA], rights))
    other = list(LINKER.link([BOLOGNA], rights[::-1]))
    streamed = list(LINKER.link(iter([BOLOGNA]), iter(rights)))
    assert one == other == streamed
    assert one


def test_names_of_other_kinds_and_languages_count() -> None:
    right = replace(
        body("1", "ALMA MATER", town="Bologna"),
        names=(Name("Université de Bologne", "label", "fr"), Name("UniBo", "acronym")),
        domains=frozenset({"unibo.it"}),
    )
    assert links([BOLOGNA], [right]) == {("unibo", "1"): "certain"}
