"""Names: two writings of one name become equal, two names do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trebbo.engine.linkage import Name
from trebbo.engine.linkage.names import fold, form_of, forms_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Università degli Studi di Bologna", "UNIVERSITA DI BOLOGNA"),
        ("Alma Mater Studiorum - Università di Bologna", "University of Bologna"),
        ("Politecnico di Milano", "Polytechnic of Milan"),
        ("Universität Wien", "University of Vienna"),
        ("Technische Universität München", "TECHNISCHE UNIVERSITAET MUENCHEN"),
        ("Consiglio Nazionale delle Ricerche", "National Council of Research"),
        ("Rossi Biomedicale S.r.l.", "ROSSI BIOMEDICALE SRL"),
        ("Rossi Biomedicale S. p. A.", "Rossi Biomedicale società per azioni"),
        ("Verdi società consortile a responsabilità limitata", "VERDI SCARL"),
        ("Müller Geräte GmbH & Co. KG", "MULLER GERATE"),
        ("Aethos Kéntro", "AETHOS KENTRO"),
        ("Ογκολογικό Κέντρο", "OGKOLOGIKO KENTRO"),
        ("Национален център", "NATSIONALEN TSENTAR"),
        ("Instituto Geol√≥gico", "Instituto Geológico"),
    ],
)
def test_two_writings_of_one_name_are_equal(one: str, other: str) -> None:
    assert form_of(one).bag == form_of(other).bag


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Università di Bologna", "Università di Parma"),
        ("Università di Milano", "Politecnico di Milano"),
        ("Istituto 1", "Istituto 2"),
        ("Azienda USL di Modena", "Azienda USL di Bologna"),
    ],
)
def test_different_names_stay_different(one: str, other: str) -> None:
    assert form_of(one).bag != form_of(other).bag


def test_a_name_of_nothing_but_a_legal_form_keeps_its_words() -> None:
    assert form_of("S.p.A.").key == "spa"


def test_short_names_and_brackets_give_acronyms() -> None:
    forms, acronyms = forms_of(
        [
            Name("Istituto Ortopedico Esempio (IOE)"),
            Name("I.O.E.", "short"),
            Name("ESEMP", "acronym"),
        ]
    )
    assert acronyms == {"ioe", "esemp"}
    assert [form.key for form in forms] == ["institute ortopedico esempio", "ioe"]


def test_empty_names_are_left_out() -> None:
    assert forms_of([Name(""), Name("  "), Name("–")]) == ((), frozenset())


@given(st.text(max_size=60))
def test_folding_twice_is_folding_once(text: str) -> None:
    once = fold(text)
    assert fold(fold(once)) == fold(once)
    assert not once.isascii() or fold(once) == once


@given(st.text(max_size=60))
def test_any_text_has_a_form(text: str) -> None:
    form = form_of(text)
    assert form.bag == frozenset(form.words)
    assert form.key == " ".join(form.words)
