"""Tests of sign-in and sign-up: by password, by OpenID Connect, and only by invitation."""

from collections.abc import Iterator

import pytest
from allauth.account.models import EmailAddress
from allauth.core.context import request_context
from allauth.socialaccount.helpers import complete_social_login
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.sessions.backends.db import SessionStore
from django.core import mail
from django.http import HttpRequest
from django.test import Client, RequestFactory, override_settings

from tests.factories.accounts import PASSWORD, InvitationFactory, MandateFactory, PersonFactory
from trebbo.ecosystem.accounts.actions import INVITATION
from trebbo.ecosystem.accounts.adapter import SESSION_KEY
from trebbo.ecosystem.accounts.models import Invitation, Mandate, Person
from trebbo.kernel import signed_links
from trebbo.kernel.access import visitor

pytestmark = pytest.mark.django_db

PROVIDER = {
    "openid_connect": {
        "APPS": [
            {
                "provider_id": "regione",
                "name": "Accesso regionale",
                "client_id": "trebbo",
                "secret": "for-tests-only",
                "settings": {"server_url": "https://id.example"},
            }
        ]
    }
}


def link(invitation: Invitation) -> str:
    """The address of the invitation's page."""
    return f"/it/account/invitations/{signed_links.sign(INVITATION, invitation.pk)}/"


def fill(email: str, **more: str) -> dict[str, str]:
    """What a person types to open an account."""
    passwords = {"password1": PASSWORD, "password2": PASSWORD}
    return {"email": email, "name": "Carla Sintetica", **passwords, **more}


# --- By password


def test_sign_up_is_closed_without_an_invitation(client: Client) -> None:
    """The page says how accounts are opened, and a posted form opens none."""
    assert "Gli account si aprono su invito" in client.get("/it/account/signup/").content.decode()
    client.post("/it/account/signup/", fill("x@trebbo.example"))
    assert not Person.objects.exists()


def test_an_invitation_opens_the_account_and_gives_the_mandate(client: Client) -> None:
    """From the link to acting for the profile: two forms, no further message to confirm."""
    invitation = InvitationFactory(profile__name="Biotec srl")
    page = client.get(link(invitation)).content.decode()
    assert "Un invito ad agire per conto di Biotec srl" in page
    answer = client.post(link(invitation))
    assert answer.headers["Location"] == "/it/account/signup/"
    form = client.get("/it/account/signup/").content.decode()
    assert f'value="{invitation.email}"' in form
    answer = client.post("/it/account/signup/", fill(invitation.email), follow=True)
    person = Person.objects.get(email=invitation.email)
    assert answer.context["viewer"].person_id == person.pk
    assert answer.context["viewer"].mandates == {invitation.profile_id: frozenset({"editor"})}
    assert person.name == "Carla Sintetica"
    assert EmailAddress.objects.get(user=person).verified
    assert mail.outbox == []
    assert SESSION_KEY not in client.session


def test_the_invited_address_cannot_be_changed(client: Client) -> None:
    """Otherwise one would own an address without ever having received a message there."""
    invitation = InvitationFactory()
    client.post(link(invitation))
    answer = client.post("/it/account/signup/", fill("other@trebbo.example"))
    assert "L&#x27;account si apre per l&#x27;indirizzo invitato." in answer.content.decode()
    assert not Person.objects.exists()


def test_a_withdrawn_invitation_closes_the_form_already_open(client: Client) -> None:
    """The session holds the link, the row decides."""
    invitation = InvitationFactory()
    client.post(link(invitation))
    Invitation.objects.update(revoked_at=visitor().now)
    client.post("/it/account/signup/", fill(invitation.email))
    assert not Person.objects.exists()


def test_weak_passwords_are_refused_in_words(client: Client) -> None:
    """A short and common one, with the reasons beside the field."""
    invitation = InvitationFactory()
    client.post(link(invitation))
    typed = fill(invitation.email, password1="password", password2="password")
    page = client.post("/it/account/signup/", typed).content.decode()
    assert "almeno 12 caratteri" in page
    assert not Person.objects.exists()


def test_sign_in_leads_back_and_never_elsewhere(client: Client) -> None:
    """`next` is followed inside this installation only."""
    person = PersonFactory()
    typed = {"login": person.email, "password": PASSWORD}
    for onward, expected in [
        ("/it/account/", "/it/account/"),
        ("https://evil.example/", "/it/"),
        ("//evil.example/", "/it/"),
        ("/\\evil.example", "/it/"),
        ("javascript:alert(1)", "/it/"),
    ]:
        client.logout()
        answer = client.post("/it/account/login/", {**typed, "next": onward})
        assert (answer.status_code, answer.headers["Location"]) == (302, expected)


def test_wrong_passwords_do_not_tell_who_exists(client: Client) -> None:
    """A known and an unknown address get the same words; after a few tries the door rests."""
    person = PersonFactory()
    pages = [
        client.post("/it/account/login/", {"login": login, "password": "wrong"}).content.decode()
        for login in (person.email, "nobody@trebbo.example")
    ]
    said = ["indirizzo e-mail e/o" in page.lower() or "corrett" in page for page in pages]
    assert said == [True, True]
    for _attempt in range(6):
        answer = client.post("/it/account/login/", {"login": person.email, "password": "wrong"})
    assert answer.context["user"].is_anonymous if "user" in answer.context else True
    right = client.post("/it/account/login/", {"login": person.email, "password": PASSWORD})
    assert right.status_code != 302


def test_password_can_be_reset_by_message(client: Client) -> None:
    """The link in the message sets a new password; unknown addresses get no message."""
    person = PersonFactory()
    client.post("/it/account/password/reset/", {"email": "nobody@trebbo.example"})
    assert mail.outbox == []
    client.post("/it/account/password/reset/", {"email": person.email})
    (message,) = mail.outbox
    address = next(word for word in str(message.body).split() if word.startswith("http"))
    page = client.get(address.removeprefix("http://testserver"), follow=True)
    form = {"password1": "another-long-password", "password2": "another-long-password"}
    client.post(page.redirect_chain[-1][0], form)
    assert client.login(email=person.email, password="another-long-password")


# --- By OpenID Connect


@override_settings(SOCIALACCOUNT_PROVIDERS=PROVIDER)
def test_the_provider_is_offered_when_it_is_set(client: Client) -> None:
    """And it is not when it is not."""
    page = client.get("/it/account/login/").content.decode()
    assert "Accesso regionale" in page
    assert 'href="/it/account/oidc/regione/login/' in page
    with override_settings(SOCIALACCOUNT_PROVIDERS={}):
        assert "/oidc/" not in client.get("/it/account/login/").content.decode()


@pytest.fixture
def arriving(rf: RequestFactory) -> Iterator[HttpRequest]:
    """A browser that comes back from the provider."""
    request = rf.get("/it/account/oidc/regione/login/callback/")
    request.session = SessionStore()
    request.session.save()
    request.user = AnonymousUser()
    request._messages = FallbackStorage(request)  # type: ignore[attr-defined]
    request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]
    request.allauth = None  # type: ignore[attr-defined]
    with override_settings(SOCIALACCOUNT_PROVIDERS=PROVIDER), request_context(request):
        yield request


def come_back(request: HttpRequest, email: str, *, verified: bool) -> int:
    """What happens when the provider says who has come; the status of the answer."""
    from allauth.socialaccount.adapter import get_adapter

    provider = get_adapter().get_provider(request, "regione")
    claims = {"sub": f"sub-{email}", "email": email, "email_verified": verified, "name": "Dora S."}
    login: SocialLogin = provider.sociallogin_from_response(request, {"userinfo": claims})
    return complete_social_login(request, login).status_code


def who(request: HttpRequest) -> str:
    """The address of who is signed in now."""
    return str(getattr(request.user, "email", ""))


def test_a_known_person_with_a_proven_address_comes_in(arriving: HttpRequest) -> None:
    """And the provider's account is kept for the next time."""
    person = PersonFactory()
    come_back(arriving, person.email, verified=True)
    assert who(arriving) == person.email
    assert SocialAccount.objects.get().user_id == person.pk


def test_an_unproven_address_opens_nothing(arriving: HttpRequest) -> None:
    """A provider that has not proven the address proves nothing here."""
    person = PersonFactory()
    come_back(arriving, person.email, verified=False)
    assert who(arriving) == ""
    assert not SocialAccount.objects.exists()


def test_a_stranger_needs_an_invitation(arriving: HttpRequest) -> None:
    """A proven address alone opens no account."""
    come_back(arriving, "new@trebbo.example", verified=True)
    assert who(arriving) == ""
    assert not Person.objects.exists()


def test_an_invited_stranger_comes_in_and_acts(arriving: HttpRequest) -> None:
    """The account is opened with the provider's name, the invitation taken up."""
    invitation = InvitationFactory()
    arriving.session[SESSION_KEY] = signed_links.sign(INVITATION, invitation.pk)
    come_back(arriving, invitation.email, verified=True)
    assert who(arriving) == invitation.email
    mandate = Mandate.objects.get()
    assert (mandate.person.name, mandate.profile_id) == ("Dora S.", invitation.profile_id)


def test_an_invited_stranger_with_another_address_is_asked(arriving: HttpRequest) -> None:
    """The account opens, the mandate waits for an explicit yes on the invitation's page."""
    invitation = InvitationFactory()
    arriving.session[SESSION_KEY] = signed_links.sign(INVITATION, invitation.pk)
    come_back(arriving, "private@trebbo.example", verified=True)
    assert who(arriving) == "private@trebbo.example"
    assert not Mandate.objects.exists()
    assert SESSION_KEY in arriving.session


def test_accounts_are_never_taken_over_by_an_invitation(client: Client) -> None:
    """An invitation to an address that has an account leads to its sign-in."""
    person = MandateFactory().person
    invitation = InvitationFactory(email=person.email)
    page = client.get(link(invitation)).content.decode()
    assert "Questo indirizzo ha un account" in page
    client.post(link(invitation))
    client.post("/it/account/signup/", fill(person.email))
    assert Person.objects.filter(email=person.email).count() == 1
    assert client.session.get("_auth_user_id") is None
    person.refresh_from_db()
    assert person.check_password(PASSWORD)
