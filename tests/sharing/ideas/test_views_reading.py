"""Pages as they are read: languages of words, long discussions, files, lists narrowed to one."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from tests.factories.accounts import MandateFactory, PersonFactory
from tests.factories.clusters import MembershipFactory
from tests.factories.organisations import OrganisationFactory, UnitFactory
from tests.sharing.ideas.desk import SECRET, Desk
from tests.sharing.ideas.test_views import page_of, press, sign_in
from trebbo.sharing.ideas import actions
from trebbo.sharing.ideas.models import AttachedFile, Comment, IdeaReading

pytestmark = pytest.mark.django_db


def test_words_of_the_other_language_say_so_to_who_hears_them(client: Client) -> None:
    desk = Desk()
    idea = desk.published(
        text_en="Written in both.", reward_it="Mille euro", partners=(("clinico", ""),)
    )
    member = sign_in(desk.lia)
    page = page_of(member, f"/en/ideas/{idea.pk}/")
    for words in (f"{SECRET}: chi lo riveste?", "clinico", "Mille euro"):
        assert f'<span lang="it">{words}</span>' in page
    assert '<div class="idea-words" lang="it">Prove in vitro documentate.</div>' in page
    assert '<div class="idea-words">Written in both.</div>' in page
    teaser = page_of(client, f"/en/ideas/{idea.pk}/")
    assert '<h1><span lang="it">Rivestimenti cercasi</span></h1>' in teaser
    assert ' lang="it">' not in page_of(member, f"/it/ideas/{idea.pk}/").partition("<main")[2]


def test_the_newest_words_of_a_long_discussion_are_read_first_and_the_oldest_can_be() -> None:
    desk = Desk()
    idea = desk.published()
    start = timezone.now() - timedelta(hours=1)
    Comment.objects.bulk_create(
        Comment(
            idea=idea,
            author=desk.lia,
            label="Lia Labo",
            text=f"Parola numero {number}.",
            at=start + timedelta(seconds=number),
        )
        for number in range(1, 251)
    )
    client = sign_in(desk.hana)
    newest = page_of(client, f"/it/ideas/{idea.pk}/")
    assert "Parola numero 250." in newest
    assert "Parola numero 1." not in newest
    assert 'href="?said=1"' in newest
    oldest = page_of(client, f"/it/ideas/{idea.pk}/?said=1")
    assert "Parola numero 1." in oldest
    assert "Parola numero 250." not in oldest
    first = Comment.objects.earliest("at")
    quoting = page_of(client, f"/it/ideas/{idea.pk}/?said=3&quote={first.pk}")
    assert f'name="quotes" value="{first.pk}"' in quoting
    assert press(client, idea, "comment", text="La più nuova.").status_code == 302
    assert "La più nuova." in page_of(client, f"/it/ideas/{idea.pk}/")


def test_a_file_keeps_its_name_and_one_of_an_answer_is_no_reading_of_the_idea() -> None:
    desk = Desk()
    idea = desk.published()
    given = desk.answered(idea)
    for who, about, name in (
        (desk.hana, {"idea_id": idea.pk}, "perché no.pdf"),
        (desk.lia, {"idea_id": idea.pk, "answer_id": given.pk}, "offerta.pdf"),
    ):
        upload = SimpleUploadedFile(name, b"%PDF-1.7 disegno", "application/pdf")
        actions.attach_file(actor=desk.as_(who), upload=upload, **about)
    of_idea, of_answer = AttachedFile.objects.order_by("pk")
    member = sign_in(desk.lia)
    assert member.get(f"/it/ideas/files/{of_answer.pk}/").status_code == 200
    assert not IdeaReading.objects.exists()
    got = member.get(f"/it/ideas/files/{of_idea.pk}/")
    disposition = got.headers["Content-Disposition"]
    assert disposition == "attachment; filename*=utf-8''perch%C3%A9%20no.pdf"
    assert IdeaReading.objects.get().what == "file"


def test_a_list_narrowed_to_a_body_says_so_and_leads_to_all(client: Client) -> None:
    desk = Desk()
    desk.published()
    page = page_of(client, f"/it/ideas/?body={desk.hospital.slug}&kind=challenge")
    assert "Solo le idee di <strong>Ospedale di Prova</strong>." in page
    assert 'href="?kind=challenge"' in page
    of_cluster = page_of(client, f"/it/ideas/?cluster={desk.cluster.slug}")
    assert f"Solo le idee di <strong>{desk.cluster.title}</strong>." in of_cluster
    assert "Solo le idee di" not in page_of(client, "/it/ideas/?kind=challenge")


def test_who_represents_units_is_offered_to_answer_as_long_as_one_could() -> None:
    desk = Desk()
    idea = desk.published()
    body, person = OrganisationFactory(), PersonFactory()
    MandateFactory(person=person, profile=body, role="representative")
    MembershipFactory(cluster=desk.cluster, profile=body)
    unit = UnitFactory(organisation=body)
    client, address = sign_in(person), f'href="/it/ideas/{idea.pk}/answer/"'
    for who in (body, unit):
        assert address in page_of(client, f"/it/ideas/{idea.pk}/")
        actions.give_answer(actor=desk.as_(person), idea_id=idea.pk, body_id=who.pk, text="Sì")
    assert address not in page_of(client, f"/it/ideas/{idea.pk}/")
