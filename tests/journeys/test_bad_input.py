"""What people and machines get wrong: each is told in words, and nothing typed is lost."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Dialog, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Become = Callable[..., None]


def test_a_wrong_vat_number(
    site: str, page: Page, become: Become, assert_accessible: Callable[[Page], None]
) -> None:
    """The message stands at the field, in the person's language; the rest stays typed."""
    for language, word in (("it", "IVA"), ("en", "VAT")):
        become(page, "sme", language)
        page.goto(f"{site}/{language}/profiles/greenbone-ortho/edit/")
        page.locator("[name=acronym]").fill("GBO")
        page.locator("[name=vat_number]").fill("12345678901")
        page.locator("#save_identity .btn-primary").click()
        wrong = page.locator(".trebbo-invalid [name=vat_number]")
        expect(wrong).to_have_value("12345678901")
        expect(page.locator(".trebbo-invalid .trebbo-field-errors")).not_to_be_empty()
        expect(page.locator(".trebbo-errors")).to_contain_text(word)
        expect(page.locator("[name=acronym]")).to_have_value("GBO")
        assert_accessible(page)


@pytest.mark.parametrize("language", ["it", "en"])
def test_a_question_of_five_thousand_letters(site: str, page: Page, language: str) -> None:
    """It is answered, says how it was read, and may be shortened where it stands."""
    question = "osso " * 1000
    answer = page.goto(f"{site}/{language}/ask/?q={question}")
    assert answer is not None
    assert answer.status == 200
    words = {"it": "Il testo è lungo", "en": "The text is long"}[language]
    expect(page.locator("#answer")).to_contain_text(words)
    assert len(page.locator("#q").input_value()) > 4_900


@pytest.mark.parametrize(
    ("language", "words"), [("it", "non esiste"), ("en", "This page does not exist")]
)
def test_an_unknown_address(
    site: str, page: Page, language: str, words: str, assert_accessible: Callable[[Page], None]
) -> None:
    """Says so in the language of the address, and offers the way on."""
    for address in ("nowhere/", "organisations/nobody/", "clusters/none/", "units/<b>/"):
        answer = page.goto(f"{site}/{language}/{address}")
        assert answer is not None
        assert answer.status == 404
        expect(page.locator("h1")).to_contain_text(words)
    expect(page.locator("#header-search")).to_be_visible()
    assert_accessible(page)


def test_html_in_a_name_is_letters(site: str, quiet_page: Page, become: Become) -> None:
    """On its page, in the directory, in the answers, on the map and in the history."""
    name = "<b>PROMETEO</b> & <img src=x onerror=alert(1)>"
    page = quiet_page
    alarms: list[str] = []

    def listen(dialog: Dialog) -> None:
        alarms.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", listen)
    become(page, "hospital")
    page.goto(f"{site}/it/profiles/ior-prometeo/edit/")
    page.locator("[name=name]").fill(name)
    page.locator("#save_identity .btn-primary").click()
    expect(page.locator("#messages")).to_contain_text("Salvat")
    page.goto(f"{site}/it/units/ior-prometeo/")
    expect(page.locator("h1")).to_contain_text(name)
    assert name in page.title()
    for address in ("ask/?q=prometeo", "directory/?q=prometeo&look=table", "map/?province=BO"):
        page.goto(f"{site}/it/{address}")
        if address.startswith("map"):
            expect(page.locator("#map[data-drawn]")).to_be_visible()
        else:
            expect(page.locator("main")).to_contain_text(name)
        assert page.locator("main img").count() == 0
    page.goto(f"{site}/it/profiles/ior-prometeo/history/")
    expect(page.locator("main")).to_contain_text(name)
    assert alarms == []


def test_a_description_of_200_000_letters(site: str, page: Page, become: Become) -> None:
    """It is refused with the limit, and what was typed is still there."""
    become(page, "hospital")
    page.goto(f"{site}/it/profiles/ior-bitta/edit/?part=words")
    page.locator("[name=description_it]").fill("parola " * 28_571 + "fin")
    page.locator("#save_words .btn-primary").click()
    expect(page.locator(".trebbo-invalid .trebbo-field-errors")).to_contain_text("200")
    assert len(page.locator("[name=description_it]").input_value()) == 200_000
