"""Tests of the personas: there only where the demonstration is on, and made up."""

import os
import subprocess
import sys
from collections.abc import Callable

import pytest
from django.test import Client, override_settings

from tests.factories.accounts import PersonFactory, acting
from tests.factories.clusters import ClusterFactory, NetworkFactory, ValueChainFactory
from tests.factories.organisations import OrganisationFactory, UnitFactory
from trebbo.demo import personas
from trebbo.demo.personas import PERSONAS, create_agency, create_personas
from trebbo.ecosystem.accounts.models import ClusterRole, Mandate, NetworkRole, Person
from trebbo.kernel.access import Viewer

pytestmark = pytest.mark.django_db

WITH_ACCOUNT = [persona for persona in PERSONAS if persona.name]


@pytest.fixture
def agency() -> Viewer:
    """The bodies that the personas hold, and all personas."""
    network = NetworkFactory(slug=personas.NETWORK)
    health = ClusterFactory(slug=personas.HEALTH, network=network)
    ValueChainFactory(slug=personas.MEDTECH, cluster=health)
    UnitFactory(slug="ciri-sdv")
    OrganisationFactory(slug="greenbone-ortho")
    OrganisationFactory(slug="ior")
    viewer = create_agency(network_id=network.pk)
    create_personas(actor=viewer)
    return viewer


def test_personas_hold_what_they_say(agency: Viewer) -> None:
    """Each has an account without a password, marked synthetic, and exactly its roles."""
    assert Person.objects.count() == len(WITH_ACCOUNT)
    for persona in WITH_ACCOUNT:
        person = Person.objects.get(email=persona.email)
        viewer = acting(person)
        assert person.is_synthetic
        assert not person.has_usable_password()
        assert person.name.startswith("Persona dimostrativa")
        assert len(viewer.mandates) == len(persona.mandates)
        assert len(viewer.clusters) == len(persona.clusters) + len(persona.chairs)
        assert len(viewer.chains) == len(persona.chairs)
        assert len(viewer.networks) == len(persona.networks)


def test_creating_them_twice_changes_nothing(agency: Viewer) -> None:
    """A second filling finds them as they are."""
    before = [table.objects.count() for table in (Person, Mandate, ClusterRole, NetworkRole)]
    create_agency(network_id=min(agency.networks))
    create_personas(actor=agency)
    after = [table.objects.count() for table in (Person, Mandate, ClusterRole, NetworkRole)]
    assert after == before


def test_one_click_signs_in_and_the_banner_says_as_whom(client: Client, agency: Viewer) -> None:
    """In the page's language; the visitor signs out again."""
    for persona in WITH_ACCOUNT:
        answer = client.post(f"/en/demo/{persona.key}/", {"next": "/en/demo/"}, follow=True)
        assert answer.context["viewer"].label == persona.name
        page = answer.content.decode()
        assert f"You are looking as “{persona.title}”." in page
        assert page.count("This is you now.") == 1
    answer = client.post("/en/demo/visitor/", follow=True)
    assert not answer.context["viewer"].signed_in


def test_choosing_needs_a_post_and_a_token(agency: Viewer) -> None:
    """A link or a form on another site signs nobody in."""
    assert Client().get("/it/demo/agency/").status_code == 405
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/it/demo/agency/").status_code == 403
    assert "_auth_user_id" not in strict.session


@pytest.mark.parametrize("onward", ["https://evil.example/", "//evil.example", "javascript:1"])
def test_going_on_stays_here(client: Client, agency: Viewer, onward: str) -> None:
    """An address elsewhere is not followed."""
    answer = client.post("/it/demo/sme/", {"next": onward})
    assert answer.headers["Location"] == "/it/"
    assert onward not in client.get("/it/demo/", {"next": onward}).context["next"]


def test_real_people_cannot_be_impersonated(client: Client) -> None:
    """Not even one who took a persona's address."""
    PersonFactory(email=personas.AGENCY.email, is_synthetic=False)
    client.post("/it/demo/agency/")
    assert "_auth_user_id" not in client.session
    assert client.post("/it/demo/nobody/").status_code == 404


def test_an_empty_demonstration_says_so(client: Client) -> None:
    """Before it is filled there is nobody to be."""
    answer = client.post("/it/demo/sme/", follow=True)
    assert "non è ancora stata riempita" in answer.content.decode()


@override_settings(DEMO=False)
def test_no_sign_in_where_the_setting_is_off(client: Client, agency: Viewer) -> None:
    """Even if the address were left in place."""
    assert client.post("/it/demo/agency/").status_code == 404
    assert "_auth_user_id" not in client.session


ABSENT = """
import django
django.setup()
from django.conf import settings
from django.test import Client
from django.urls import NoReverseMatch, reverse
assert "trebbo.demo" not in settings.INSTALLED_APPS
for name in ("personas", "become"):
    try:
        reverse(name, args=["agency"] if name == "become" else [])
    except NoReverseMatch:
        continue
    raise SystemExit(f"{name} has an address")
from django.urls import Resolver404, resolve
for address in ("/it/demo/", "/en/demo/agency/"):
    try:
        resolve(address)
    except Resolver404:
        continue
    raise SystemExit(f"{address} leads somewhere")
from django.template.loader import render_to_string
from django.test import RequestFactory
page = render_to_string("account/login.html", {}, RequestFactory().get("/it/account/login/"))
print("persona" in page.lower(), "trebbo-demonstration" in page)
"""


def test_without_the_demonstration_there_is_no_trace(tmp_path: object) -> None:
    """No app, no address, no word on the sign-in page."""
    surroundings = {name: value for name, value in os.environ.items() if name[:7] != "TREBBO_"}
    done = subprocess.run(
        [sys.executable, "-c", ABSENT],
        capture_output=True,
        text=True,
        check=False,
        env={
            **surroundings,
            "DJANGO_SETTINGS_MODULE": "trebbo.config.settings",
            "TREBBO_SECRET_KEY": "for-tests-only",
            "TREBBO_DATA": str(tmp_path),
            "TREBBO_DEBUG": "1",
        },
    )
    assert (done.returncode, done.stdout.strip()) == (0, "False False"), done.stderr


def test_the_pages_of_people_say_who_is_made_up(
    agency: Viewer, sign_in: Callable[[Person], Client]
) -> None:
    """A persona is marked among colleagues."""
    sme = Person.objects.get(email=f"sme@{personas.DOMAIN}")
    page = sign_in(sme).get("/it/account/invite/greenbone-ortho/").content.decode()
    assert "Sintetica" in page
