"""Tests of the frame: languages, navigation, refusals, error pages, the policy of content."""

import re

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.utils import translation

from trebbo.kernel.errors import Refusal
from trebbo.kernel.pages import RefusalMiddleware, in_other_language


@pytest.mark.parametrize(
    ("address", "language", "expected"),
    [
        ("/it/ask/?q=ossa%20e%20pelle&page=2", "en", "/en/ask/?q=ossa%20e%20pelle&page=2"),
        ("/en/", "it", "/it/"),
        ("/it/organisations/en/", "en", "/en/organisations/en/"),
        ("/nowhere/at/all", "en", "/en/"),
        ("/", "it", "/it/"),
        ("//evil.example/it/", "en", "/en/"),
    ],
)
def test_the_other_language_is_the_same_page(address: str, language: str, expected: str) -> None:
    """Path and query stay, the prefix changes, and no address leads to another host."""
    assert in_other_language(address, language) == expected


@pytest.mark.django_db
def test_language_switch_keeps_the_query(client: Client) -> None:
    """On a page with a query, the link to the other language carries it."""
    page = client.get("/it/gallery/?errors=1&page=3").content.decode()
    links = re.findall(r'<a href="([^"]*)" lang="(\w\w)"', page)
    assert links == [
        ("/it/gallery/?errors=1&amp;page=3", "it"),
        ("/en/gallery/?errors=1&amp;page=3", "en"),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "heading"),
    [
        ("/it/nulla/", "Questa pagina non esiste"),
        ("/en/nothing/", "This page does not exist"),
    ],
)
def test_not_found_in_both_languages(client: Client, address: str, heading: str) -> None:
    """An unknown address says so in the language of the address."""
    answer = client.get(address)
    assert answer.status_code == 404
    assert f"<h1>{heading}</h1>" in answer.content.decode()


ERRORS = [
    (500, "it", "Qualcosa non ha funzionato"),
    (500, "en", "Something went wrong"),
    (400, "it", "La richiesta non è comprensibile"),
    (400, "en", "This request is not understood"),
    (403, "it", "Questa pagina non è accessibile"),
    (403, "en", "This page is not open to you"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("status", "language", "heading"), ERRORS)
def test_other_errors_in_both_languages(status: int, language: str, heading: str) -> None:
    """The pages for errors can be drawn, without a database where the error may be its own."""
    from django.views import defaults

    request = RequestFactory().get(f"/{language}/")
    views = {
        500: lambda: defaults.server_error(request),
        400: lambda: defaults.bad_request(request, ValueError("x")),
        403: lambda: defaults.permission_denied(request, PermissionDenied()),
    }
    with translation.override(language):
        answer = views[status]()
    page = answer.content.decode()
    assert answer.status_code == status
    assert f"<h1>{heading}</h1>" in page
    assert f'<html lang="{language}">' in page


@pytest.mark.django_db
def test_form_without_its_token_is_explained() -> None:
    """A form that comes from elsewhere is refused with a page of ours."""
    answer = Client(enforce_csrf_checks=True).post("/it/account/login/", {"login": "x"})
    assert answer.status_code == 403
    assert "Il modulo non è stato accettato" in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    ["/it/gallery/", "/en/account/login/", "/it/nulla/", "/it/account/signup/", "/it/demo/"],
)
def test_content_policy_is_strict_on_every_page(client: Client, address: str) -> None:
    """Nothing inline, nothing from another host, also on error pages."""
    answer = client.get(address)
    policy = {
        name: values
        for name, *values in (part.split() for part in answer["Content-Security-Policy"].split(";"))
    }
    assert policy["script-src"] == ["'self'"]
    assert policy["style-src"] == ["'self'"]
    assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == ["'none'"]
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert "https:" not in answer["Content-Security-Policy"]


@pytest.mark.django_db
def test_a_refusal_becomes_a_page(rf: RequestFactory) -> None:
    """A refusal that no view answers is said in its own words, as text."""
    from trebbo.kernel.access import visitor

    request: HttpRequest = rf.get("/it/")
    request.viewer = visitor()  # type: ignore[attr-defined]
    middleware = RefusalMiddleware(lambda _request: None)  # type: ignore[arg-type,return-value]
    answer = middleware.process_exception(request, Refusal("No <b>entry</b>", {"day": "Too late"}))
    assert answer is not None
    assert answer.status_code == 400
    page = answer.content.decode()
    assert "No &lt;b&gt;entry&lt;/b&gt;" in page
    assert "<li>Too late</li>" in page
    assert middleware.process_exception(request, KeyError("x")) is None


@pytest.mark.django_db
def test_unknown_language_and_root_lead_home(client: Client) -> None:
    """The bare address leads to the language that the browser prefers; Italian otherwise."""
    assert client.get("/").headers["Location"] == "/it/"
    english = client.get("/", headers={"accept-language": "en-GB,en;q=0.9"})
    assert english.headers["Location"] == "/en/"
    other = client.get("/", headers={"accept-language": "de"})
    assert other.headers["Location"] == "/it/"
