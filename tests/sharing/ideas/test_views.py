"""The pages of ideas, as each kind of person opens them; nothing leaks to readers of the teaser."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook
from playwright.sync_api import Page

from tests.factories.accounts import ClusterRoleFactory, MandateFactory, PersonFactory
from tests.factories.clusters import MembershipFactory
from tests.factories.organisations import OrganisationFactory
from tests.sharing.ideas.desk import SECRET, TEASER, Desk
from trebbo.ecosystem.accounts.models import Person
from trebbo.sharing.ideas import actions
from trebbo.sharing.ideas.models import (
    Answer,
    AttachedFile,
    Comment,
    Idea,
    IdeaReading,
    TermsAcceptance,
)

pytestmark = pytest.mark.django_db


def sign_in(person: Person) -> Client:
    """A browser of this person's own."""
    client = Client()
    client.force_login(person)
    return client


def page_of(client: Client, address: str, status: int = 200) -> str:
    """The page at an address, with its spaces put together."""
    response = client.get(address)
    assert response.status_code == status, address
    return " ".join(response.content.decode().split())


def press(client: Client, idea: Idea, do: str, **sent: Any) -> Any:
    """What a button on the idea's page sends, in its present version."""
    version = Idea.objects.get(pk=idea.pk).version
    return client.post(f"/it/ideas/{idea.pk}/", {"do": do, "version": version, **sent})


@pytest.mark.parametrize("language", ["it", "en"])
def test_a_visitor_reads_the_teaser_and_nothing_of_the_text(client: Client, language: str) -> None:
    desk = Desk()
    idea = desk.published(names_owner=False)
    for address in ("ideas/", f"ideas/{idea.pk}/", "ideas/?words=rivestimenti"):
        page = page_of(client, f"/{language}/{address}")
        assert TEASER in page
        for secret in ("Segretissimo", "argento", "in vitro", "Ospedale di Prova", "Hana"):
            assert secret not in page, (address, secret)
    assert not IdeaReading.objects.exists()


@pytest.mark.parametrize("words", ["Segretissimo", "argento", "ureterale"])
def test_words_of_the_text_find_it_only_for_its_readers(client: Client, words: str) -> None:
    desk = Desk()
    desk.published()
    assert TEASER not in page_of(client, f"/it/ideas/?words={words}")
    assert TEASER not in page_of(sign_in(desk.stranger), f"/it/ideas/?words={words}")
    assert SECRET in page_of(sign_in(desk.lia), f"/it/ideas/?words={words}")


def test_the_readiness_of_a_technology_is_no_way_around_the_circle(client: Client) -> None:
    desk = Desk()
    desk.published()
    assert TEASER in page_of(client, "/it/ideas/")
    assert TEASER not in page_of(client, "/it/ideas/?trl=3")


def test_who_has_not_accepted_the_terms_sees_them_and_not_the_text() -> None:
    desk = Desk()
    idea = desk.published(terms="Chi legge tace per due anni.")
    member = sign_in(desk.lia)
    page = page_of(member, f"/it/ideas/{idea.pk}/")
    assert "Chi legge tace" in page
    for address in (f"/it/ideas/{idea.pk}/", "/it/ideas/", "/it/ideas/?words=argento"):
        assert "Segretissimo" not in page_of(member, address)
    assert member.get(f"/it/ideas/{idea.pk}/answer/").status_code == 404
    assert press(member, idea, "accept", terms=1).status_code == 302
    assert SECRET in page_of(member, f"/it/ideas/{idea.pk}/")
    kept = TermsAcceptance.objects.get()
    assert (kept.person, kept.bodies, kept.text) == (
        desk.lia,
        "Laboratorio di Prova",
        "Chi legge tace per due anni.",
    )
    keeper = page_of(sign_in(desk.hana), f"/it/ideas/{idea.pk}/readers/")
    assert "Lia Labo" in keeper
    assert IdeaReading.objects.get().label == "Lia Labo"


def test_terms_that_changed_meanwhile_are_not_accepted() -> None:
    desk = Desk()
    idea = desk.published(terms="Prima versione.")
    actions.write_terms(
        actor=desk.as_(desk.hana), idea_id=idea.pk, version=idea.version, text_it="Seconda."
    )
    answer = press(sign_in(desk.lia), idea, "accept", terms=1)
    assert answer.status_code == 409
    assert not TermsAcceptance.objects.exists()


def test_a_challenge_goes_from_draft_to_official_answer() -> None:
    desk = Desk()
    idea = desk.draft()
    keeper, office, member = sign_in(desk.hana), sign_in(desk.olga), sign_in(desk.lia)
    assert office.get(f"/it/ideas/{idea.pk}/").status_code == 404
    opening = {"do": "opening", "version": idea.version, "circle": "cluster"}
    opening |= {"teaser_circle": "public", "network": "", "cluster": desk.cluster.pk, "chain": ""}
    assert keeper.post(f"/it/ideas/{idea.pk}/readers/", opening).status_code == 302
    assert press(keeper, idea, "submit").status_code == 302
    assert press(office, idea, "return", note="Manca la scadenza").status_code == 302
    assert "Manca la scadenza" in page_of(keeper, f"/it/ideas/{idea.pk}/")
    assert press(keeper, idea, "submit").status_code == 302
    assert press(office, idea, "publish").status_code == 302
    sent = {"body": desk.laboratory.pk, "text": "Possiamo.", "role": ""}
    assert member.post(f"/it/ideas/{idea.pk}/answer/", sent).status_code == 302
    given = Answer.objects.get()
    accepted = {"do": "accept", "version": given.version, "reply": "Volentieri."}
    assert keeper.post(f"/it/answers/{given.pk}/", accepted).status_code == 302
    assert "Volentieri." in page_of(member, f"/it/answers/{given.pk}/")
    assert (
        press(keeper, idea, "official", official_answer="Scelto il laboratorio.").status_code == 302
    )
    assert "Scelto il laboratorio." in page_of(member, f"/it/ideas/{idea.pk}/")
    assert press(keeper, idea, "advance", state="formation").status_code == 302
    closing = {"outcome": "solved", "reason": ""}
    assert press(keeper, idea, "close", **closing).status_code == 302
    assert desk.now(idea).outcome == "solved"


def test_an_answer_that_comes_too_late_keeps_its_words_on_the_page() -> None:
    desk = Desk()
    idea = desk.published()
    Idea.objects.filter(pk=idea.pk).update(deadline_at=timezone.now() - timedelta(seconds=1))
    sent = {"body": desk.laboratory.pk, "text": "Parole da non perdere", "role": ""}
    answer = sign_in(desk.lia).post(f"/it/ideas/{idea.pk}/answer/", sent)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Parole da non perdere" in page
    assert "Europe/Rome" in page
    assert not Answer.objects.exists()


def test_other_members_read_neither_answers_nor_scores(client: Client) -> None:
    desk = Desk()
    given = desk.answered(desk.published(), "Ricetta dell'argento colloidale")
    for who in (desk.stranger, desk.rita):
        assert sign_in(who).get(f"/it/answers/{given.pk}/").status_code == 404
        assert sign_in(who).get(f"/it/ideas/{given.idea_id}/answers/").status_code == 404
    assert client.get(f"/it/answers/{given.pk}/").status_code == 302
    for who in (desk.hana, desk.olga, desk.lia):
        assert "colloidale" in page_of(sign_in(who), f"/it/answers/{given.pk}/")


def test_a_reviewer_declares_scores_and_the_owner_sees_the_points() -> None:
    desk = Desk()
    idea = desk.published()
    given = desk.answered(idea)
    owner, reviewer = sign_in(desk.hana), sign_in(desk.rita)
    named = {"do": "naming", "email": desk.rita.email}
    assert owner.post(f"/it/ideas/{idea.pk}/answers/", named).status_code == 302
    assert reviewer.get(f"/it/answers/{given.pk}/").status_code == 404
    assert press(reviewer, idea, "declare", in_conflict="no", declaration="").status_code == 302
    keys = list(idea.criteria.values_list("pk", flat=True))
    points = {f"points_{key}": place + 3 for place, key in enumerate(keys)}
    scored = reviewer.post(f"/it/answers/{given.pk}/", {"do": "score", **points})
    assert scored.status_code == 302
    page = page_of(owner, f"/it/answers/{given.pk}/")
    assert "78 / 100" in page  # (3 x 40 + 4 x 30 + 5 x 30) / 5
    assert "78 / 100" not in page_of(sign_in(desk.lia), f"/it/answers/{given.pk}/")


def test_two_who_change_an_idea_at_once_lose_nothing() -> None:
    desk = Desk()
    idea = desk.draft()
    client = sign_in(desk.hana)
    words = {"title_it": "Titolo di Hana", "text_it": "Mio testo", "version": idea.version}
    actions.change_idea(
        actor=desk.as_(desk.hana),
        idea_id=idea.pk,
        version=idea.version,
        words=actions.IdeaWords(title_it="Titolo della collega", text_it="Suo testo"),
    )
    answer = client.post(f"/it/ideas/{idea.pk}/edit/", words)
    page = answer.content.decode()
    assert answer.status_code == 409
    for words_of_both in ("Titolo di Hana", "Mio testo", "Titolo della collega", "Suo testo"):
        assert words_of_both in page
    assert desk.now(idea).title_it == "Titolo della collega"


def test_a_form_that_says_too_little_says_what_is_missing() -> None:
    desk = Desk()
    client = sign_in(desk.hana)
    start = {"kind": "challenge", "body": desk.hospital.pk, "broker": desk.cluster.pk}
    answer = client.post("/it/ideas/new/", {**start, "title_it": "", "budget": "tanto"})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "Questo non è un importo" in page
    answer = client.post("/it/ideas/new/", {**start, "title_it": "  "})
    assert "Dalle un titolo" in answer.content.decode()
    answer = client.post(
        "/it/ideas/new/", {**start, "title_it": "Sì", "budget": "12.500,50", "names_owner": "on"}
    )
    assert answer.status_code == 302
    assert str(Idea.objects.get().budget) == "12500.50"


def test_a_discussion_quotes_and_a_comment_is_taken_out_by_its_author() -> None:
    desk = Desk()
    idea = desk.published()
    owner, member = sign_in(desk.hana), sign_in(desk.lia)
    assert press(member, idea, "comment", text="Che diametro?").status_code == 302
    first = Comment.objects.get()
    assert press(owner, idea, "comment", text="Quattro mm.", quotes=first.pk).status_code == 302
    page = page_of(member, f"/it/ideas/{idea.pk}/")
    assert page.count("Che diametro?") == 2
    assert press(owner, idea, "hide", comment=first.pk).status_code == 403
    assert press(member, idea, "hide", comment=first.pk).status_code == 302
    assert "Che diametro?" not in page_of(owner, f"/it/ideas/{idea.pk}/")


def test_a_file_is_for_readers_and_never_opened_by_the_browser(client: Client) -> None:
    desk = Desk()
    idea = desk.published()
    owner = sign_in(desk.hana)
    upload = SimpleUploadedFile("disegno.pdf", b"%PDF-1.7 disegno", "text/html")
    answer = owner.post(f"/it/ideas/{idea.pk}/files/", {"file": upload})
    assert answer.status_code == 302
    kept = AttachedFile.objects.get()
    address = f"/it/ideas/files/{kept.pk}/"
    got = sign_in(desk.lia).get(address)
    assert got.content == b"%PDF-1.7 disegno"
    assert got.headers["Content-Type"] == "application/pdf"
    assert got.headers["Content-Disposition"] == 'attachment; filename="disegno.pdf"'
    assert client.get(address).status_code == 404
    assert sign_in(desk.stranger).get(address).status_code == 404


@pytest.mark.parametrize("number", ["²", "9" * 30, "9" * 5_000, "-1", "x"])
def test_a_number_that_is_none_is_no_key(number: str) -> None:
    desk = Desk()
    idea = desk.published()
    client = sign_in(desk.hana)
    press = {"do": "submit", "version": number}
    assert client.post(f"/it/ideas/{idea.pk}/", press).status_code == 409
    typed = {"title_it": "Sì", "version": number, "topics": [number], "look_up": "1"}
    assert client.post(f"/it/ideas/{idea.pk}/edit/", typed).status_code == 200
    assert client.get(f"/it/ideas/?trl={number}").status_code == 200


def test_half_a_gigabyte_is_refused_before_it_is_read() -> None:
    desk = Desk()
    idea = desk.published()

    class Endless:
        def read(self, *_size: int) -> bytes:
            raise AssertionError("nobody may read this")

        readline = read

    answer = sign_in(desk.hana).generic(
        "POST",
        f"/it/ideas/{idea.pk}/files/",
        content_type="multipart/form-data; boundary=x",
        **{"CONTENT_LENGTH": "500000000", "wsgi.input": Endless()},
    )
    assert answer.status_code == 413
    assert "troppo grande" in answer.content.decode()


def test_the_page_of_a_body_names_its_ideas_as_far_as_the_reader_may_know(client: Client) -> None:
    desk = Desk()
    desk.published()
    desk.published(names_owner=False, teaser_title_it="Senza nome")
    address = f"/it/ideas/?body={desk.hospital.slug}"
    assert address in page_of(client, desk.hospital.get_absolute_url())
    page = page_of(client, address)
    assert "Rivestimenti cercasi" in page
    assert "Senza nome" not in page
    assert "Segretissimo" not in page
    assert page_of(sign_in(desk.lia), address).count(SECRET) == 2
    assert f"/it/ideas/?cluster={desk.cluster.slug}" in page_of(
        client, desk.cluster.get_absolute_url()
    )
    of_cluster = page_of(client, f"/it/ideas/?cluster={desk.cluster.slug}")
    assert "Senza nome" in of_cluster
    assert "Segretissimo" not in of_cluster
    assert "Senza nome" not in page_of(client, "/it/ideas/?cluster=altro")


def test_an_office_follows_its_ideas_and_takes_them_along(client: Client) -> None:
    desk = Desk()
    idea = desk.published(title_it="=1+1 Segretissimo")
    desk.answered(idea)
    desk.draft(title_it="Bozza di nessuno")
    address = f"/it/clusters/{desk.cluster.slug}/ideas"
    page = page_of(sign_in(desk.olga), f"{address}/")
    assert "=1+1 Segretissimo" in page
    assert "Bozza di nessuno" not in page
    assert "Mediana dalla pubblicazione" in page
    assert f'href="{address}/"' in page_of(sign_in(desk.olga), desk.cluster.get_absolute_url())
    book = load_workbook(BytesIO(sign_in(desk.olga).get(f"{address}.xlsx").content))
    row = [cell.value for cell in list(book.active.rows)[1]]
    assert row[1:5] == ["=1+1 Segretissimo", "Sfida", "Ospedale di Prova", "Con risposte"]
    assert list(book.active.rows)[1][1].data_type == "s"
    for who in (desk.hana, desk.lia, desk.stranger):
        for end in ("/", ".xlsx"):
            assert sign_in(who).get(f"{address}{end}").status_code == 403
    assert client.get(f"{address}/").status_code == 302
    other = ClusterRoleFactory().person
    assert sign_in(other).get(f"{address}/").status_code == 404


def test_who_is_in_the_team_sees_the_team_and_others_do_not() -> None:
    desk = Desk()
    idea = desk.published()
    given = desk.answered(idea)
    address = f"/it/ideas/{idea.pk}/"
    assert ">Squadra</h2>" not in page_of(sign_in(desk.hana), address)
    actions.decide_answer(
        actor=desk.as_(desk.hana), answer_id=given.pk, accept=True, reply="", version=given.version
    )
    for who in (desk.hana, desk.lia, desk.olga):
        page = page_of(sign_in(who), address)
        assert ">Squadra</h2>" in page
    other = PersonFactory()
    body = OrganisationFactory()
    MandateFactory(person=other, profile=body)
    MembershipFactory(cluster=desk.cluster, profile=body)
    page = page_of(sign_in(other), address)
    assert SECRET in page
    assert ">Squadra</h2>" not in page
    assert "Laboratorio di Prova" not in page


@pytest.mark.parametrize("count", [1, 3])
def test_pages_ask_the_database_a_fixed_number_of_times(
    django_assert_max_num_queries: Any, count: int
) -> None:
    desk = Desk()
    ideas = [desk.published() for _ in range(count)]
    for idea in ideas:
        desk.answered(idea)
    for given in Answer.objects.all()[1:]:
        Answer.objects.filter(pk=given.pk).update(idea=ideas[0], body=OrganisationFactory())
    for who, address, most in (
        (desk.hana, "ideas/", 12),
        (desk.hana, "ideas/mine/", 12),
        (desk.hana, f"ideas/{ideas[0].pk}/", 14),
        (desk.lia, f"ideas/{ideas[0].pk}/", 14),
        (desk.hana, f"ideas/{ideas[0].pk}/readers/", 12),
        (desk.hana, f"ideas/{ideas[0].pk}/answers/", 12),
        (desk.hana, f"answers/{Answer.objects.earliest('pk').pk}/", 12),
    ):
        client = sign_in(who)
        client.get(f"/it/{address}")
        with django_assert_max_num_queries(most):
            assert client.get(f"/it/{address}").status_code == 200, address


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("language", ["it", "en"])
@pytest.mark.django_db(transaction=True)
def test_the_pages_of_ideas_are_fit_to_be_seen(
    page: Page,
    look: Callable[[str, str], None],
    sign_in_browser: Callable[[Person], Page],
    width: int,
    language: str,
) -> None:
    desk = Desk()
    idea, closed = desk.published(), desk.published(terms="Chi legge tace per due anni.")
    given = desk.answered(idea)
    actions.post_comment(actor=desk.as_(desk.lia), idea_id=idea.pk, text="Che diametro?")
    actions.name_reviewer(actor=desk.as_(desk.hana), idea_id=idea.pk, email=desk.rita.email)
    page.set_viewport_size({"width": width, "height": 900})
    look(f"{language}/ideas/", f"ideas-visitor-{language}")
    for who, addresses in (
        (desk.hana, (
            ("ideas/mine/", "ideas-mine"),
            ("ideas/new/", "idea-new"),
            (f"ideas/{idea.pk}/", "idea-owner"),
            (f"ideas/{idea.pk}/edit/", "idea-edit"),
            (f"ideas/{idea.pk}/readers/", "idea-readers"),
            (f"ideas/{idea.pk}/answers/", "idea-answers"),
            (f"answers/{given.pk}/", "answer-owner"),
        )),
        (desk.lia, (
            (f"ideas/{closed.pk}/", "idea-terms"),
            (f"ideas/{idea.pk}/", "idea-member"),
            (f"answers/{given.pk}/edit/", "answer-edit"),
        )),
        (desk.olga, (
            (f"clusters/{desk.cluster.slug}/readiness/", "readiness-scale"),
            (f"clusters/{desk.cluster.slug}/ideas/", "ideas-pipeline"),
        )),
    ):  # fmt: skip
        sign_in_browser(who)
        for address, name in addresses:
            look(f"{language}/{address}", f"{name}-{language}")
