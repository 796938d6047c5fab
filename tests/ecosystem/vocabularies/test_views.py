"""The pages of the vocabularies."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from tests.factories.vocabularies import ConceptFactory, SchemeFactory

pytestmark = pytest.mark.django_db


def text_of(client: Client, address: str) -> str:
    """The page at an address that must be well."""
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_every_vocabulary_with_its_source(client: Client) -> None:
    """Name in the page's language, size, publisher and licence; empty ones have no page."""
    scheme = SchemeFactory(
        version_it="edizione 4",
        version_en="edition 4",
        publisher_it="Ufficio",
        publisher_en="Office",
        licence_it="pubblico dominio",
        licence_en="public domain",
    )
    SchemeFactory(code="empty", name_it="Vuoto", name_en="Empty")
    ConceptFactory.create_batch(2, scheme=scheme)
    page = text_of(client, "/it/vocabularies/")
    assert '<a href="/it/vocabularies/euroscivoc/">Campi della scienza</a>' in page
    assert "<td>2</td>" in page
    assert "<td>edizione 4</td>" in page
    assert "Ufficio, pubblico dominio" in page
    assert "/vocabularies/empty/" not in page
    english = text_of(client, "/en/vocabularies/")
    for words in ("Fields of science", "<td>edition 4</td>", "Office, public domain"):
        assert words in english
    assert "edition 4 · Office · public domain" in text_of(client, "/en/vocabularies/euroscivoc/")


def test_a_vocabulary_in_both_languages(client: Client) -> None:
    """Both labels beside each other, and the concept above."""
    above = ConceptFactory(label_it="ingegneria", label_en="engineering")
    ConceptFactory(
        scheme=above.scheme, label_it="protesi", label_en="prostheses", broader=above, position=1
    )
    page = text_of(client, "/it/vocabularies/euroscivoc/")
    assert '<td lang="it">protesi</td>' in page
    assert '<td lang="en">prostheses</td>' in page
    assert "<td>ingegneria</td>" in page


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("protesi", 1),
        ("PROSTH", 1),
        ("77", 1),
        ("  protesi ", 1),
        ("valvole", 0),
        ("%", 0),
        ("", 2),
    ],
)
def test_searching_by_code_or_words(client: Client, words: str, found: int) -> None:
    """In either language, or by how the code begins."""
    above = ConceptFactory(code="1", label_it="ingegneria", label_en="engineering")
    ConceptFactory(scheme=above.scheme, code="77/3", label_it="protesi", label_en="prostheses")
    response = client.get("/it/vocabularies/euroscivoc/", {"q": words})
    assert response.context["page_obj"].paginator.count == found


def test_nonsense_is_answered(client: Client) -> None:
    """HTML stays text; a page beyond the last is the last; an unknown vocabulary is not found."""
    ConceptFactory()
    page = text_of(client, "/it/vocabularies/euroscivoc/?q=%3Cb%3E&page=99999")
    assert 'value="&lt;b&gt;"' in page
    assert client.get("/it/vocabularies/no-such/").status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_the_number_of_queries_is_fixed(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, rows: int
) -> None:
    """However many concepts there are."""
    scheme = SchemeFactory()
    for _row in range(rows):
        ConceptFactory(scheme=scheme, broader=ConceptFactory(scheme=scheme))
    with django_assert_num_queries(1):
        text_of(client, "/it/vocabularies/")
    with django_assert_num_queries(3):
        text_of(client, "/it/vocabularies/euroscivoc/")
