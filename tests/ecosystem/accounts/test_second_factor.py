"""The second factor, from switching it on to signing in with a code."""

import re
import time

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.test import Client

from tests.factories.accounts import PASSWORD, PersonFactory
from trebbo.ecosystem.accounts.models import Person

pytestmark = pytest.mark.django_db


def code_of(secret: str) -> str:
    """What the person's app would show now."""
    return str(totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30)))


def sign_in(client: Client, person: Person) -> str:
    """Type address and password; the address that this leads to."""
    typed = {"login": person.email, "password": PASSWORD}
    return str(client.post("/it/account/login/", typed).headers["Location"])


@pytest.mark.parametrize(
    ("address", "heading"),
    [
        ("/it/account/2fa/", "Autenticazione a due fattori"),
        ("/en/account/2fa/", "Two-Factor Authentication"),
        ("/it/account/password/change/", "Cambia la password"),
    ],
)
def test_the_library_speaks_the_italian_of_the_other_pages(
    client: Client, address: str, heading: str
) -> None:
    """Its own Italian writes Every Word with a capital."""
    sign_in(client, PersonFactory())
    found = re.search(r"<h1>\s*(.+?)\s*</h1>", client.get(address).content.decode())
    assert found is not None
    assert found[1] == heading


def test_a_second_factor_is_asked_from_then_on(client: Client) -> None:
    """Switching it on asks for the password again; then a recovery code is needed, each once."""
    person = PersonFactory()
    assert sign_in(client, person) == "/it/"
    asked = client.get("/it/account/2fa/totp/activate/").headers["Location"]
    assert asked.startswith("/it/account/reauthenticate/")
    page = client.post(asked, {"password": PASSWORD}, follow=True).content.decode()
    found = re.search(r'id="authenticator_secret"[^>]*value="(\w+)"', page)
    assert found is not None, page
    assert 'src="data:image/svg' in page
    client.post("/it/account/2fa/totp/activate/", {"code": code_of(found[1])})
    codes = client.get("/it/account/2fa/recovery-codes/").content.decode()
    recovery = re.findall(r"\b[0-9a-f]{8}\b", codes)
    assert len(recovery) == 10

    for expected in ("/it/", None):
        fresh = Client()
        assert sign_in(fresh, person) == "/it/account/2fa/authenticate/"
        assert fresh.get("/it/account/").status_code == 302
        answer = fresh.post("/it/account/2fa/authenticate/", {"code": recovery[0]})
        assert answer.headers.get("Location") == expected
