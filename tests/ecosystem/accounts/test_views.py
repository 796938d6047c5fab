"""Tests of one's own page, colleagues and invitations."""

from collections.abc import Callable

import pytest
from django.core import mail
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from tests.factories.accounts import (
    InvitationFactory,
    MandateFactory,
    NetworkRoleFactory,
    PersonFactory,
)
from trebbo.ecosystem.accounts.actions import INVITATION
from trebbo.ecosystem.accounts.choices import MandateRole
from trebbo.ecosystem.accounts.models import Invitation, Mandate, Person
from trebbo.kernel import signed_links

pytestmark = pytest.mark.django_db

SignIn = Callable[[Person], Client]


@pytest.mark.parametrize("address", ["/it/account/", "/en/account/invite/anything/"])
def test_strangers_are_led_to_the_sign_in(client: Client, address: str) -> None:
    """And back, afterwards."""
    answer = client.get(address)
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"{address[:3]}/account/login/?next={address}"


@pytest.mark.parametrize("count", [1, 3])
def test_my_account_costs_the_same_for_one_and_three(
    sign_in: SignIn, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """A fixed number of queries, whatever the person holds."""
    person = PersonFactory()
    names = [mandate.profile.name for mandate in MandateFactory.create_batch(count, person=person)]
    client = sign_in(person)
    with django_assert_num_queries(7):
        page = client.get("/it/account/").content.decode()
    assert [name in page for name in names] == [True] * count


@pytest.mark.parametrize("count", [1, 3])
def test_colleagues_cost_the_same_for_one_and_three(
    sign_in: SignIn, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """People and invitations in a fixed number of queries."""
    mandate = MandateFactory()
    MandateFactory.create_batch(count, profile=mandate.profile)
    InvitationFactory.create_batch(count, profile=mandate.profile)
    client = sign_in(mandate.person)
    with django_assert_num_queries(6):
        page = client.get(f"/it/account/invite/{mandate.profile.slug}/").content.decode()
    assert page.count("<tr>") == 2 + (1 + count) + count


def test_saving_details_opens_the_page_in_the_new_language(sign_in: SignIn) -> None:
    """The message is said in the language just chosen."""
    client = sign_in(PersonFactory(name="Prima"))
    answer = client.post("/it/account/", {"name": "Dopo", "language": "en"})
    assert answer.headers["Location"] == "/en/account/"
    assert "<h1>Dopo</h1>" in client.get("/en/account/").content.decode()


def test_a_wrong_detail_keeps_what_was_typed(sign_in: SignIn) -> None:
    """The error stands beside the field."""
    answer = sign_in(PersonFactory()).post("/it/account/", {"name": "", "language": "xx"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert 'href="#id_name"' in page
    assert 'href="#id_language"' in page


def test_inviting_from_the_page(sign_in: SignIn) -> None:
    """The message leaves with a link to this installation."""
    mandate = MandateFactory()
    address = f"/it/account/invite/{mandate.profile.slug}/"
    typed = {"email": "c@trebbo.example", "role": "editor", "language": "it"}
    answer = sign_in(mandate.person).post(address, typed, follow=True)
    assert "Un invito è in viaggio verso c@trebbo.example." in answer.content.decode()
    assert "http://testserver/it/account/invitations/" in mail.outbox[0].body


def test_a_refused_invitation_is_said_at_the_field(sign_in: SignIn) -> None:
    """The address typed stays in the form."""
    mandate = MandateFactory()
    typed = {"email": mandate.person.email, "role": "representative", "language": "it"}
    answer = sign_in(mandate.person).post(f"/it/account/invite/{mandate.profile.slug}/", typed)
    page = answer.content.decode()
    assert "agisce già per conto" in page
    assert f'value="{mandate.person.email}"' in page
    assert mail.outbox == []


def test_editors_see_colleagues_but_no_form(sign_in: SignIn) -> None:
    """And a posted form is refused."""
    mandate = MandateFactory(role=MandateRole.EDITOR)
    address = f"/it/account/invite/{mandate.profile.slug}/"
    client = sign_in(mandate.person)
    assert 'name="email"' not in client.get(address).content.decode()
    typed = {"email": "c@trebbo.example", "role": "editor", "language": "it"}
    client.post(address, typed)
    assert not Invitation.objects.exists()


def test_colleagues_of_others_are_not_shown(sign_in: SignIn) -> None:
    """The page of another body does not exist for a stranger."""
    mandate = MandateFactory()
    client = sign_in(MandateFactory().person)
    assert client.get(f"/it/account/invite/{mandate.profile.slug}/").status_code == 404


def test_ending_a_mandate_needs_a_post(sign_in: SignIn) -> None:
    """Looking at an address changes nothing."""
    mandate = MandateFactory()
    other = MandateFactory(profile=mandate.profile)
    client = sign_in(mandate.person)
    address = f"/it/account/mandates/{other.pk}/end/"
    assert client.get(address).status_code == 405
    assert Mandate.objects.get(pk=other.pk).valid_until is None
    answer = client.post(address, follow=True)
    assert "non agisce più per conto" in answer.content.decode()
    assert answer.redirect_chain[-1][0] == f"/it/account/invite/{mandate.profile.slug}/"


def test_the_last_representative_is_told_why(sign_in: SignIn) -> None:
    """A refusal is a page in words with status 400."""
    mandate = MandateFactory()
    answer = sign_in(mandate.person).post(f"/it/account/mandates/{mandate.pk}/end/")
    assert answer.status_code == 400
    assert "ultimo rappresentante" in answer.content.decode()


def test_withdrawing_an_invitation_of_others_is_refused(sign_in: SignIn) -> None:
    """Status 403, and the invitation stays."""
    invitation = InvitationFactory()
    client = sign_in(MandateFactory().person)
    answer = client.post(f"/it/account/invitations/{invitation.pk}/revoke/")
    assert answer.status_code == 403
    invitation.refresh_from_db()
    assert invitation.revoked_at is None


def test_accepting_as_somebody_else_takes_a_second_yes(sign_in: SignIn) -> None:
    """The page names both addresses and offers to accept or to sign out."""
    invitation = InvitationFactory()
    person = PersonFactory()
    client = sign_in(person)
    address = f"/it/account/invitations/{signed_links.sign(INVITATION, invitation.pk)}/"
    page = client.get(address).content.decode()
    assert invitation.email in page
    assert f"Accetta come {person}" in page
    assert client.post(address).status_code == 400
    assert not Mandate.objects.exists()
    assert client.post(address, {"as_other": "yes"}).headers["Location"] == "/it/account/"
    assert Mandate.objects.get().person_id == person.pk


@pytest.mark.parametrize("token", ["nonsense", "a:b:c", "%00", "x" * 3_000])
def test_a_bad_link_is_explained(client: Client, token: str) -> None:
    """In words, with status 400, in the language of the page."""
    answer = client.get(f"/en/account/invitations/{token}/")
    assert answer.status_code == 400
    assert "This link is not valid" in answer.content.decode()


def test_an_invitations_page_does_not_leak_its_address(client: Client) -> None:
    """The link is a secret: no other site is told it. (Told nowhere, forms would be refused.)"""
    token = signed_links.sign(INVITATION, InvitationFactory().pk)
    answer = client.get(f"/it/account/invitations/{token}/")
    assert answer.headers["Referrer-Policy"] == "same-origin"


LIBRARY_PAGES = [
    "email/",
    "password/change/",
    "2fa/",
    "2fa/totp/activate/",
    "logout/",
    "social/connections/",
    "reauthenticate/",
]


@pytest.mark.parametrize("language", ["it", "en"])
def test_pages_of_the_sign_in_stand_in_our_frame(sign_in: SignIn, language: str) -> None:
    """Each draws, with the frame's search and skip links, or leads to one that does."""
    person = NetworkRoleFactory().person
    client = sign_in(person)
    for name in LIBRARY_PAGES:
        answer = client.get(f"/{language}/account/{name}", follow=True)
        assert answer.status_code == 200, name
        page = answer.content.decode()
        assert 'id="header-search"' in page, name
        assert page.count("<h1") == 1, name
        assert "style=" not in page, name


@pytest.mark.parametrize(
    "name", ["login/", "signup/", "password/reset/", "password/reset/done/", "inactive/"]
)
def test_entrance_pages_stand_in_our_frame(client: Client, name: str) -> None:
    """The same for those who have not signed in."""
    for language in ("it", "en"):
        page = client.get(f"/{language}/account/{name}").content.decode()
        assert page.count("<h1") == 1
        assert 'id="header-search"' in page
