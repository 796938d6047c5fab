"""Pages after something ended for a person: words are kept, nobody is led to a page gone."""

from typing import Any

import pytest

from tests.factories.clusters import ValueChainFactory
from tests.sharing.ideas.desk import SECRET, TEASER, Desk
from tests.sharing.ideas.test_views import page_of, press, sign_in
from trebbo.ecosystem.clusters.actions import Opening
from trebbo.sharing.ideas import actions
from trebbo.sharing.ideas.models import Answer, Endorsement, Idea

pytestmark = pytest.mark.django_db

TYPED = "Parole da non perdere"


def send_answer(desk: Desk, idea: Idea, who: Any, body: Any = None) -> Any:
    """What the form of an answer sends."""
    sent = {"body": (body or desk.laboratory).pk, "text": TYPED, "role": ""}
    return sign_in(who).post(f"/it/ideas/{idea.pk}/answer/", sent)


def withdraw(desk: Desk, idea: Idea) -> None:
    """Its owner takes the idea back."""
    actions.close_idea(
        actor=desk.as_(desk.hana),
        idea_id=idea.pk,
        version=desk.now(idea).version,
        outcome="withdrawn",
        reason="Ritirata",
    )


def narrow(desk: Desk, idea: Idea) -> None:
    """Its owner opens it to named people alone."""
    actions.open_idea(
        actor=desk.as_(desk.hana),
        idea_id=idea.pk,
        version=desk.now(idea).version,
        opening=Opening("named", teaser_circle="named"),
    )


def test_an_answer_to_an_idea_withdrawn_meanwhile_keeps_its_words() -> None:
    desk = Desk()
    idea = desk.published()
    withdraw(desk, idea)
    answer = send_answer(desk, idea, desk.lia)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert TYPED in page
    assert "non accetta più risposte" in page
    for secret in (SECRET, TEASER, "Rivestimenti cercasi", f'/it/ideas/{idea.pk}/"'):
        assert secret not in page
    assert not Answer.objects.exists()


def test_an_answer_after_the_terms_changed_keeps_its_words_and_leads_to_the_terms() -> None:
    desk = Desk()
    idea = desk.published(terms="Prima versione.")
    actions.accept_terms(actor=desk.as_(desk.lia), idea_id=idea.pk, terms_version=1)
    version = desk.now(idea).version
    actions.write_terms(
        actor=desk.as_(desk.hana), idea_id=idea.pk, version=version, text_it="Seconda."
    )
    answer = send_answer(desk, idea, desk.lia)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert TYPED in page
    assert f'href="/it/ideas/{idea.pk}/"' in page
    for secret in (SECRET, "argento", "in vitro", "laboratorio di prova"):
        assert secret not in page
    assert not Answer.objects.exists()


def test_who_may_never_see_an_idea_finds_no_page_to_answer_it_on() -> None:
    desk = Desk()
    gone, narrowed = desk.published(), desk.published()
    withdraw(desk, gone)
    narrow(desk, narrowed)
    for idea in (gone, narrowed):
        assert send_answer(desk, idea, desk.stranger).status_code == 404
    assert send_answer(desk, narrowed, desk.lia).status_code == 404
    assert sign_in(desk.lia).get(f"/it/ideas/{gone.pk}/answer/").status_code == 404


def test_who_gives_an_idea_back_is_led_to_a_page_that_is_there() -> None:
    desk = Desk()
    idea = desk.draft()
    version = desk.now(idea).version
    actions.submit_idea(actor=desk.as_(desk.hana), idea_id=idea.pk, version=version)
    office = sign_in(desk.olga)
    given_back = press(office, idea, "return", note="Manca la scadenza")
    assert given_back.status_code == 302
    assert "È tornata a chi l&#x27;ha scritta" in page_of(office, given_back.url)


def reviewed_by_a_stranger(desk: Desk) -> Idea:
    """An idea that only its reviewer's task opens to them."""
    idea = desk.published()
    narrow(desk, idea)
    actions.name_reviewer(actor=desk.as_(desk.hana), idea_id=idea.pk, email=desk.rita.email)
    return idea


def test_a_reviewer_in_conflict_is_led_home_and_finds_no_way_to_the_answers() -> None:
    desk = Desk()
    idea = reviewed_by_a_stranger(desk)
    reviewer = sign_in(desk.rita)
    assert f"/it/ideas/{idea.pk}/answers/" in page_of(reviewer, "/it/ideas/mine/")
    told = press(reviewer, idea, "declare", in_conflict="yes", declaration="Mio fratello")
    assert told.status_code == 302
    page = page_of(reviewer, told.url)
    assert "hai dichiarato un conflitto" in page
    assert f"/it/ideas/{idea.pk}/" not in page
    assert "Rivestimenti cercasi" not in page
    assert f"Sfida {idea.pk}" in page


def test_who_answered_reads_the_number_alone_of_an_idea_that_is_shut_to_them() -> None:
    desk = Desk()
    idea = desk.published()
    given = desk.answered(idea)
    client = sign_in(desk.lia)
    assert "Rivestimenti cercasi" in page_of(client, "/it/ideas/mine/")
    actions.change_idea(
        actor=desk.as_(desk.hana),
        idea_id=idea.pk,
        version=desk.now(idea).version,
        words=actions.IdeaWords(
            title_it="Titolo nuovo", text_it="Nuovo", teaser_title_it="Segreto", teaser_it="Zitti"
        ),
    )
    withdraw(desk, idea)
    for address in ("/it/ideas/mine/", f"/it/answers/{given.pk}/"):
        page = page_of(client, address)
        assert f"Sfida {idea.pk}" in page
        assert f"/it/ideas/{idea.pk}/" not in page
        for secret in ("Titolo nuovo", "Segreto"):
            assert secret not in page


def test_an_only_answer_taken_back_is_no_second_publication() -> None:
    desk = Desk()
    idea = desk.published()
    given = desk.answered(idea)
    client = sign_in(desk.hana)
    assert page_of(client, f"/it/ideas/{idea.pk}/").count("<strong>Pubblicata</strong>") == 1
    actions.withdraw_answer(actor=desk.as_(desk.lia), answer_id=given.pk)
    page = page_of(client, f"/it/ideas/{idea.pk}/")
    assert page.count("<strong>Pubblicata</strong>") == 1
    assert page.count("<strong>Di nuovo aperta</strong>") == 1


def test_an_endorsement_is_withdrawn_on_the_page_by_who_runs_the_chain() -> None:
    desk = Desk()
    idea = desk.published()
    chain = ValueChainFactory(cluster=desk.cluster, name_it="Filiera di prova")
    office = sign_in(desk.olga)
    assert press(office, idea, "endorse", value_chain=chain.pk, note="").status_code == 302
    kept = Endorsement.objects.get()
    button = f'name="endorsement" value="{kept.pk}"'
    assert button not in page_of(sign_in(desk.lia), f"/it/ideas/{idea.pk}/")
    assert button in page_of(office, f"/it/ideas/{idea.pk}/")
    told = press(office, idea, "withdraw_endorsement", endorsement=kept.pk)
    assert told.status_code == 302
    assert not Endorsement.objects.exists()
