"""The page of the ask."""

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from tests.factories.accounts import MandateFactory, PersonFactory
from tests.factories.clusters import MembershipFactory
from tests.factories.organisations import (
    ItemFactory,
    KindFactory,
    OrganisationFactory,
    SeatFactory,
    UnitFactory,
)
from tests.searching import index_all

pytestmark = pytest.mark.django_db
DASH = "\N{EN DASH}"
HTMX = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "answer"}


def text_of(client: Client, address: str, **head: str) -> str:
    """The page at an address that must be well."""
    response = client.get(address, **head)  # type: ignore[arg-type]
    assert response.status_code == 200
    return response.content.decode()


def test_an_empty_question_offers_examples_in_the_pages_language(client: Client) -> None:
    """No index is needed for that."""
    assert "chi testa dispositivi medici vicino a Mirandola</span>" in text_of(client, "/it/ask/")
    assert "who tests medical devices near Mirandola</span>" in text_of(client, "/en/ask/")


def test_an_answer_says_who_and_why(client: Client) -> None:
    """Name, kind, organisation, town, the words met and how fresh it is."""
    unit = UnitFactory(name="Laboratorio Alfa", organisation__name="Università Beta")
    SeatFactory(profile=unit)
    ItemFactory(profile=unit, section="service", text_it="prove su valvole", text_en="valve tests")
    index_all()
    page = text_of(client, "/it/ask/?q=valvole+vicino+a+Mirandola")
    assert f"Laboratorio {DASH} Università Beta" in page
    assert "<strong>Servizi:</strong> <span>prove su <mark>valvole</mark></span>" in page
    assert "a Mirandola" in page
    assert "Mai confermato" in page


def test_freshness_is_that_of_today(client: Client) -> None:
    """Not that of the day on which the index was built."""
    now = timezone.now()
    body = OrganisationFactory(
        name="Valvole",
        confirmed_at=now - timedelta(days=400),
        due_date=now.date() - timedelta(days=1),
    )
    index_all(now - timedelta(days=100))
    page = text_of(client, "/it/ask/?q=valvole")
    assert str(body.freshness_on(timezone.localdate()).label) == "Da confermare"
    assert "Da confermare" in page


def test_html_in_a_question_stays_text(client: Client) -> None:
    """In the field, in the title and in the language links."""
    index_all()
    page = text_of(client, f"/it/ask/?q={quote('<script>alert(1)</script>')}")
    assert "<script>alert" not in page
    assert 'value="&lt;script&gt;alert(1)&lt;/script&gt;"' in page


@pytest.mark.parametrize(
    ("language", "words"), [("it", "500001 caratteri"), ("en", "500001 characters")]
)
def test_too_long_a_question_stays_in_its_field(client: Client, language: str, words: str) -> None:
    """What was typed is not lost; the page says what is wrong."""
    response = client.get(f"/{language}/ask/", {"q": "a" * 500_001})
    page = response.content.decode()
    assert response.status_code == 400
    assert words in page
    assert f'value="{"a" * 500_001}"' in page


def test_without_an_index_the_page_says_so(client: Client) -> None:
    """Status 503, in the page's language, also for htmx."""
    for head in ({}, HTMX):
        response = client.get("/it/ask/?q=valvole", **head)
        assert response.status_code == 503
        assert "in preparazione" in response.content.decode()


def test_htmx_gets_the_answer_alone(client: Client) -> None:
    """With the title and the words for the screen reader; caches keep both apart."""
    OrganisationFactory(name="Valvole Alfa")
    index_all()
    response = client.get("/it/ask/?q=valvole", **HTMX)  # type: ignore[arg-type]
    page = response.content.decode()
    assert "<html" not in page
    assert page.startswith(f"<title>valvole {DASH} Chiedere chi può aiutare · Trebbo</title>")
    assert 'hx-swap-oob="innerHTML">Una risposta</p>' in page
    assert {"HX-Request", "HX-Target"} <= set(response["Vary"].split(", "))


def test_a_chosen_filter_is_a_chip_to_take_away(client: Client) -> None:
    """The chip's link is the same question without it."""
    body = OrganisationFactory(name="Valvole")
    SeatFactory(profile=body)
    KindFactory(organisation=body)
    index_all()
    page = text_of(client, "/it/ask/?q=valvole&kind=sme&province=MO")
    assert 'href="?q=valvole&amp;province=MO"' in page
    assert 'href="?q=valvole&amp;kind=sme"' in page
    assert 'id="facet-kind-sme" checked' in page.replace("\n", " ").replace("         ", "")


@pytest.mark.parametrize("page", ["99999", "-1", "x", "1e9", "٣"])
def test_pages_that_do_not_exist(client: Client, page: str) -> None:
    """The nearest there is."""
    OrganisationFactory(name="Valvole")
    index_all()
    assert "Valvole" in text_of(client, f"/it/ask/?q=valvole&page={page}")


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("signed_in", "queries"), [(False, 6), (True, 12)])
def test_the_number_of_queries_is_fixed(
    client: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
    rows: int,
    signed_in: bool,
    queries: int,
) -> None:
    """However many are found, with every kind of reason and filter."""
    if signed_in:
        person = PersonFactory()
        MandateFactory(person=person)
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    for number in range(rows):
        unit = UnitFactory(name=f"Valvole {number}")
        SeatFactory(profile=unit)
        MembershipFactory(profile=unit)
        ItemFactory(profile=unit, text_it="valvole")
    index_all()
    address = "/it/ask/?q=valvole+vicino+a+Mirandola&type=unit&kind=laboratory"
    client.get(address)  # the vocabularies are read once in a quarter of an hour
    with django_assert_num_queries(queries):
        page = text_of(client, address)
    assert page.count("<article") == rows
