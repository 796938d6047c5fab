"""The buttons of an idea's page, and what an introduction that came of it shows to whom."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.factories.accounts import MandateFactory
from tests.outlets.notifications.told import tell, whole
from tests.partnering.introductions.idea_place import SECRET, IdeaPlace
from tests.partnering.introductions.meeting_place import token_of
from trebbo.ecosystem.accounts.models import Person
from trebbo.partnering.introductions import actions
from trebbo.partnering.introductions.models import Ask, AskReading, Introduction
from trebbo.sharing.ideas.models import Answer, Idea, IdeaReading

pytestmark = pytest.mark.django_db
SignIn = Callable[[Person], Client]
HEADING = "Una sfida sulle valvole"


def find(place: IdeaPlace) -> str:
    """Where the button leads that looks for who could answer."""
    return reverse("ask_from_idea", args=[place.idea.pk])


def introduce(place: IdeaPlace) -> str:
    """Where the button leads that introduces who answered."""
    return reverse("introduce_answer", args=[place.answer.pk])


def test_the_buttons_lead_to_the_ask_and_to_the_introduction(sign_in: SignIn) -> None:
    place = IdeaPlace()
    client = sign_in(place.anna)
    response = client.post(find(place))
    assert response.url == Ask.objects.get().get_absolute_url()
    page = client.get(response.url).content.decode()
    assert HEADING in page
    assert SECRET in page
    response = client.post(introduce(place))
    one = Introduction.objects.get()
    assert response.url == one.get_absolute_url()
    page = client.get(response.url).content.decode()
    assert HEADING in page
    assert place.luca.email in page
    assert SECRET not in page


def test_people_are_looked_for_once_the_idea_is_published(sign_in: SignIn) -> None:
    """Before that no button offers it, neither to who keeps it nor to the office."""
    place = IdeaPlace()
    for state, is_offered in {"answered": True, "checking": False, "draft": False}.items():
        Idea.objects.update(state=state)
        page = sign_in(place.anna).get(place.idea.get_absolute_url()).content.decode()
        assert (find(place) in page) is is_offered, state
    Idea.objects.update(state="checking")
    assert (
        find(place) not in sign_in(place.olga).get(place.idea.get_absolute_url()).content.decode()
    )
    response = sign_in(place.anna).post(find(place))
    assert response.status_code == 400
    assert "non è ancora pubblicata" in response.content.decode()


def test_looking_alone_does_nothing_and_strangers_are_refused_in_words(sign_in: SignIn) -> None:
    place = IdeaPlace()
    client = sign_in(place.anna)
    for address in (find(place), introduce(place)):
        assert client.get(address).status_code == 405
    stranger = sign_in(place.luca)
    for address in (find(place), introduce(place)):
        response = stranger.post(address)
        assert response.status_code == 403
        assert SECRET not in response.content.decode()
    client.logout()
    for address in (find(place), introduce(place)):
        assert "/account/login/" in Client().post(address).url
    assert not Ask.objects.exists()


def test_what_cannot_be_introduced_is_refused_in_words(sign_in: SignIn) -> None:
    place = IdeaPlace()
    Answer.objects.update(state="declined")
    response = sign_in(place.olga).post(introduce(place))
    assert response.status_code == 400
    assert "accettata" in response.content.decode()


def test_who_reads_the_text_in_the_ask_is_in_the_log_of_the_idea(sign_in: SignIn) -> None:
    place = IdeaPlace()
    ask = actions.ask_from_idea(actor=place.keeper, idea_id=place.idea.pk)
    sign_in(place.anna).get(ask.get_absolute_url())
    assert not IdeaReading.objects.exists()
    sign_in(place.olga).get(ask.get_absolute_url())
    assert IdeaReading.objects.get().label == "Olga Ufficio"


def test_who_was_introduced_reads_the_heading_of_the_idea_and_no_more(sign_in: SignIn) -> None:
    place = IdeaPlace()
    one = actions.introduce_answer(actor=place.keeper, answer_id=place.answer.pk)
    page = sign_in(place.luca).get(one.get_absolute_url()).content.decode()
    assert HEADING in page
    assert place.anna.email in page
    assert SECRET not in page
    assert not AskReading.objects.exists()


def test_no_mail_tells_the_text(sign_in: SignIn) -> None:
    place = IdeaPlace()
    one = actions.introduce_answer(actor=place.office, answer_id=place.answer.pk)
    told = tell(one, "accepted")
    assert set(told) == {place.anna.email, place.luca.email, place.olga.email}
    for notice in told.values():
        assert SECRET not in whole(notice)


def test_who_is_asked_by_a_link_reads_only_what_kind_of_idea_it_is(client: Client) -> None:
    """Where the teaser hides whose idea it is, a mail that names who asks hides which idea."""
    place = IdeaPlace(names_owner=False, teaser_circle="public")
    place.keeper = replace(place.keeper, now=timezone.now())
    ask = actions.ask_from_idea(actor=place.keeper, idea_id=place.idea.pk)
    other = MandateFactory()
    one = actions.draft_introduction(actor=place.keeper, ask_id=ask.pk, profile_id=other.profile.pk)
    actions.send_introduction(actor=place.keeper, introduction_id=one.pk, version=1)
    address = reverse("answer_by_mail", args=[token_of(one)])
    for page in (client.get(address), client.post(address, {"do": "read"})):
        words = page.content.decode()
        assert SECRET not in words
        assert HEADING not in words
        assert "sfida" in words.lower()
    assert not AskReading.objects.exists()
    Idea.objects.update(names_owner=True)
    assert HEADING in client.get(address).content.decode()


def test_the_text_is_opened_on_the_page_of_the_idea_only(sign_in: SignIn) -> None:
    place = IdeaPlace()
    ask = actions.ask_from_idea(actor=place.keeper, idea_id=place.idea.pk)
    page = sign_in(place.anna).get(reverse("ask_readers", args=[ask.pk])).content.decode()
    assert 'name="do"' not in page
    assert "pagina dell&#x27;idea" in page or "pagina dell’idea" in page
