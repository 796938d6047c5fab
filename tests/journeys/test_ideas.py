"""A hospital's confidential challenge is answered, scored, introduced: on a phone, in Italian."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from trebbo.demo import personas
from trebbo.partnering.introductions.models import Introduction
from trebbo.sharing.ideas.models import Idea, TermsAcceptance

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 390, "height": 844}
SECRET = "Cateteri con rivestimento di argento nanostrutturato"
TEASER = "Un ospedale cerca chi sa rivestire piccoli dispositivi"
TERMS = "Chi legge non ne parla con altri per due anni."
ANSWER = "Depositiamo argento per via al plasma su tubi da due millimetri."


def write(page: Page, site: str) -> str:
    """The hospital writes the challenge, opens it to its cluster under terms, hands it over."""
    page.goto(f"{site}/it/ideas/new/")
    choose(page, "body", "Rizzoli")
    choose(page, "broker", "Salute")
    page.locator("input[name=title_it]").fill(SECRET)
    page.locator("textarea[name=text_it]").fill(f"{SECRET}: chi li prova?")
    for part in ("Per chi legge solo l'anteprima", "Fatti"):
        page.locator("details.idea-part summary", has_text=part).click()
    page.locator("textarea[name=teaser_it]").fill(TEASER)
    deadline = timezone.localtime() + timedelta(days=20)
    page.locator("input[name=deadline_at]").fill(f"{deadline:%Y-%m-%dT%H:%M}")
    page.get_by_role("button", name="Salva la bozza").click()
    page.locator("select[name=circle]").select_option("cluster")
    page.locator("select[name=teaser_circle]").select_option("public")
    choose(page, "cluster", "Salute")
    page.locator("form:has(select[name=circle]) button").click()
    done(page)
    page.locator("textarea[name=text_it]").fill(TERMS)
    page.get_by_role("button", name="Salva le condizioni").click()
    done(page)
    page.get_by_role("link", name="All'idea").click()
    page.get_by_role("button", name="Consegnala all'ufficio").click()
    done(page)
    return page.url


def choose(page: Page, name: str, words: str) -> None:
    """Choose the first option that says these words."""
    select = page.locator(f"select[name={name}]")
    option = select.locator("option", has_text=words).first
    select.select_option(option.get_attribute("value"))


def done(page: Page) -> None:
    """The page says that it was done."""
    page.locator("#messages .alert-success").first.wait_for()


def accept_terms(page: Page, idea: str) -> None:
    """Somebody of the circle reads the terms, not the text, and accepts them."""
    page.goto(idea)
    expect(page.get_by_text(TERMS)).to_be_visible()
    expect(page.get_by_text(SECRET)).to_have_count(0)
    page.get_by_role("button", name="Accetto queste condizioni").click()
    done(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(SECRET)


def give_points(page: Page, idea: str) -> None:
    """The reviewer declares that they have no conflict, then scores the only answer."""
    page.goto(idea)
    page.locator("summary", has_text="Dichiara i tuoi interessi").click()
    page.get_by_label("No, dichiaro di non averne").check(force=True)
    page.get_by_role("button", name="Dichiara", exact=True).click()
    done(page)
    page.get_by_role("link", name="Risposte e valutatori").click()
    page.locator("table tbody th a").first.click()
    expect(page.get_by_text(ANSWER)).to_be_visible()
    for group in page.locator(".idea-score fieldset").all():
        group.get_by_label("4", exact=True).check(force=True)
    page.get_by_role("button", name="Salva i punti").click()
    done(page)


def test_a_confidential_challenge_becomes_an_introduction(
    site: str,
    quiet_page: Page,
    become: Callable[..., None],
    assert_accessible: Callable[[Page], None],
) -> None:
    page = quiet_page
    page.set_viewport_size(PHONE)
    become(page, "hospital")
    idea = write(page, site)

    become(page, "manager")
    page.goto(idea)
    page.get_by_role("button", name="Pubblica", exact=True).click()
    done(page)
    page.get_by_role("link", name="Risposte e valutatori").click()
    page.locator("input[name=email]").fill(personas.BY_KEY["board"].email)
    page.get_by_role("button", name="Chiedi di valutare").click()
    done(page)

    become(page, "visitor")
    page.goto(idea)
    expect(page.get_by_text(TEASER)).to_be_visible()
    assert SECRET not in page.content()

    become(page, "laboratory")
    accept_terms(page, idea)
    assert_accessible(page)
    page.get_by_role("link", name="Rispondi alla sfida").click()
    page.locator("textarea[name=text]").fill(ANSWER)
    page.get_by_role("button", name="Invia la risposta").click()
    done(page)
    answer = page.url

    become(page, "board")
    accept_terms(page, idea)
    give_points(page, idea)

    become(page, "hospital")
    page.goto(idea)
    page.get_by_role("link", name="Risposte e valutatori (1)").click()
    expect(page.locator("table tbody")).to_contain_text("80")
    page.goto(answer)
    page.locator("summary", has_text="Accettala").click()
    page.locator("#id_accept_reply").fill("Vediamoci.")
    page.get_by_role("button", name="Accetta", exact=True).click()
    done(page)
    page.get_by_role("button", name="Presenta i due").click()
    done(page)
    assert_accessible(page)

    kept = Idea.objects.get(title_it=SECRET)
    assert {one.label for one in TermsAcceptance.objects.filter(terms__idea=kept)} == {
        personas.BY_KEY[key].name for key in ("laboratory", "board")
    }
    introduction = Introduction.objects.get(ask__idea=kept)
    assert introduction.state == "accepted"
    become(page, "laboratory")
    page.goto(f"{site}/it/introductions/{introduction.pk}/")
    expect(page.get_by_text(personas.BY_KEY["hospital"].email)).to_be_visible()
