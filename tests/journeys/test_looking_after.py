"""People who look after a profile: edit, confirm, invite, and meet each other's changes."""

import re
from collections.abc import Callable

import pytest
from django.core import mail
from playwright.sync_api import BrowserContext, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Become = Callable[..., None]
Check = Callable[[Page], None]


def test_a_technician_keeps_the_laboratory_fresh(
    site: str, quiet_page: Page, become: Become, assert_good_at_both_widths: Check
) -> None:
    """Edits in both languages and confirms; the ask finds it and the history tells it."""
    page = quiet_page
    become(page, "laboratory")
    expect(page.locator(".trebbo-demonstration")).to_contain_text("Tecnico di laboratorio")
    page.goto(f"{site}/it/units/ciri-sdv/")
    page.locator("main a[href$='/profiles/ciri-sdv/edit/']").click()
    assert_good_at_both_widths(page)
    page.locator(".trebbo-parts a[href='?part=words']").click()
    page.locator("[name=description_it]").fill("Prova bioreattori a perfusione per tessuti.")
    page.locator("[name=description_en]").fill("Tests perfusion bioreactors for tissues.")
    page.locator("#save_words .btn-primary").click()
    expect(page.locator("#messages")).to_contain_text("Salvat")
    page.locator(".trebbo-care form button").click()
    expect(page.locator("#messages .alert-success")).to_be_visible()

    for language, question in (("it", "bioreattori a perfusione"), ("en", "perfusion bioreactors")):
        page.goto(f"{site}/{language}/ask/?q={question}")
        first = page.locator(".asking-found").first
        expect(first.locator("h3 a")).to_have_attribute("href", f"/{language}/units/ciri-sdv/")
        expect(first.locator("mark").first).to_be_visible()
    expect(first).to_contain_text("Confirmed")

    page.goto(f"{site}/it/profiles/ciri-sdv/history/")
    history = page.locator(".trebbo-history")
    expect(history).to_contain_text("Prova bioreattori a perfusione per tessuti.")
    expect(history).to_contain_text("Persona dimostrativa - tecnico di laboratorio")
    assert_good_at_both_widths(page)
    page.goto(f"{site}/it/organisations/greenbone-ortho/")
    expect(page.locator("main a[href*='/edit/']")).to_have_count(0)


def test_without_javascript(
    site: str, new_context: Callable[..., BrowserContext], become: Become
) -> None:
    """Sign-in and edit are plain forms."""
    page = new_context(java_script_enabled=False).new_page()
    page.goto(f"{site}/it/profiles/icos-iret/edit/")
    page.wait_for_url("**/account/login/?next=**")
    page.locator("main a[href*='/demo/']").click()
    page.locator("form[action='/it/demo/agency/'] button").click()
    page.wait_for_url("**/it/profiles/icos-iret/edit/")
    page.locator("[name=acronym]").fill("ICOS")
    page.locator("#save_identity .btn-primary").click()
    expect(page.locator("#messages")).to_contain_text("Salvat")
    page.goto(f"{site}/it/units/icos-iret/")
    expect(page.locator("h1")).to_contain_text("(ICOS)")


def test_a_colleague_is_invited(
    site: str, page: Page, become: Become, new_context: Callable[..., BrowserContext]
) -> None:
    """The link in the message leads to an account that looks after the profile."""
    become(page, "sme")
    page.goto(f"{site}/it/organisations/greenbone-ortho/")
    page.locator("main a[href$='/account/invite/greenbone-ortho/']").click()
    page.locator("[name=email]").fill("collega@greenbone.example")
    page.locator("form:has([name=email]) button[type=submit]").click()
    expect(page.locator("#messages")).to_contain_text("collega@greenbone.example")
    message = mail.outbox[-1]
    assert message.to == ["collega@greenbone.example"]
    link = re.search(r"https?://\S+/account/invitations/\S+", str(message.body))
    assert link is not None

    guest = new_context().new_page()
    guest.goto(link[0])
    expect(guest.locator("h1")).to_contain_text("GreenBone")
    guest.locator("main form button[type=submit]").click()
    expect(guest.locator("[name=email]")).to_have_value("collega@greenbone.example")
    guest.locator("[name=name]").fill("Persona di prova")
    guest.locator("[name=password1]").fill("una frase lunga e strana 47")
    guest.locator("[name=password2]").fill("una frase lunga e strana 47")
    guest.locator("main form button[type=submit]").click()
    guest.wait_for_load_state()
    if "/invitations/" in guest.url:
        guest.locator("main form button[type=submit]").first.click()
    guest.goto(f"{site}/it/account/")
    expect(guest.locator(".trebbo-card")).to_contain_text("GreenBone")
    guest.goto(f"{site}/it/profiles/greenbone-ortho/edit/")
    expect(guest.locator("h1")).to_contain_text("GreenBone")

    again = new_context().new_page()
    again.goto(link[0])
    expect(again.locator("main form")).to_have_count(0)


def test_two_people_edit_the_same_profile(
    site: str, become: Become, new_context: Callable[..., BrowserContext], assert_accessible: Check
) -> None:
    """The second sees what changed, keeps what was typed, and chooses field by field."""
    first, second = new_context().new_page(), new_context().new_page()
    address = f"{site}/it/profiles/ior-ramses/edit/?part=words"
    become(first, "hospital")
    become(second, "agency")
    first.goto(address)
    second.goto(address)
    first.locator("[name=description_it]").fill("Scritta dall'ospedale.")
    first.locator("[name=description_en]").fill("Written by the hospital.")
    first.locator("#save_words .btn-primary").click()
    expect(first.locator("#messages")).to_contain_text("Salvat")

    second.locator("[name=description_it]").fill("Scritta dall'agenzia.")
    second.locator("[name=notes_it]").fill("Una nota dell'agenzia.")
    second.locator("#save_words .btn-primary").click()
    conflict = second.locator("#conflict")
    expect(conflict).to_contain_text("Scritta dall'ospedale.")
    expect(second.locator("[name=description_it]")).to_have_value("Scritta dall'agenzia.")
    expect(second.locator("[name=notes_it]")).to_have_value("Una nota dell'agenzia.")
    assert_accessible(second)
    expect(second.locator("#keep-description_en-theirs")).to_be_checked()
    second.locator("label[for=keep-description_it-theirs]").click()
    second.locator("#save_words .btn-primary").click()
    expect(second.locator("#messages")).to_contain_text("Salvat")
    expect(second.locator("[name=description_it]")).to_have_value("Scritta dall'ospedale.")
    expect(second.locator("[name=description_en]")).to_have_value("Written by the hospital.")
    expect(second.locator("[name=notes_it]")).to_have_value("Una nota dell'agenzia.")
