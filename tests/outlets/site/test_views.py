"""Home page and directory."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from tests.factories.accounts import MandateFactory, PersonFactory
from tests.factories.clusters import (
    ChainMembershipFactory,
    ClusterFactory,
    MembershipFactory,
    SpecialisationFactory,
    ValueChainFactory,
)
from tests.factories.organisations import (
    KindFactory,
    OrganisationFactory,
    SeatFactory,
    TechnopoleFactory,
    UnitFactory,
)
from tests.searching import index_all

pytestmark = pytest.mark.django_db
DASH = "\N{EN DASH}"
MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"


def text_of(client: Client, address: str) -> str:
    """The page at an address that must be well."""
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_home_counts_what_the_viewer_may_see(client: Client) -> None:
    """Hidden bodies are in no number; those for the network are in the network's."""
    for visibility in ("public", "network", "hidden"):
        owner = OrganisationFactory(visibility=visibility)
        UnitFactory(visibility=visibility, organisation=owner)
        TechnopoleFactory(visibility=visibility)
        ValueChainFactory(cluster=ClusterFactory(visibility=visibility, name=f"Rete {visibility}"))
    response = client.get("/it/")
    numbers = response.context["entrance"].numbers
    assert [numbers.organisations, numbers.units, numbers.technopoles] == [1, 1, 1]
    assert [numbers.clusters, numbers.value_chains, numbers.confirmed] == [1, 1, 0]
    assert "Rete public" in response.content.decode()
    assert "Rete hidden" not in response.content.decode()
    person = PersonFactory()
    MandateFactory(person=person, profile=OrganisationFactory())
    client.force_login(person, backend=MODEL_BACKEND)
    assert client.get("/it/").context["entrance"].numbers.organisations == 3


def test_home_of_an_empty_registry(client: Client) -> None:
    """Says so, in both languages."""
    assert "Non ci sono ancora cluster." in text_of(client, "/it/")
    assert "There are no clusters yet." in text_of(client, "/en/")


def test_the_directory_is_in_the_order_of_names(client: Client) -> None:
    """Whatever their letters' case and accents; with words, in the order of relevance."""
    for name in ("zeta", "Èta", "Alfa", "beta"):
        OrganisationFactory(name=name)
    index_all()
    found = client.get("/it/directory/").context["answer"].found
    assert [one.profile.name for one in found] == ["Alfa", "beta", "Èta", "zeta"]
    assert client.get("/it/directory/?q=zeta").context["answer"].total == 1


def test_cards_and_table_hold_the_same(client: Client) -> None:
    """The look changes, filters and words stay."""
    unit = UnitFactory(name="Laboratorio Alfa", organisation__name="Madre")
    SeatFactory(profile=unit)
    KindFactory(organisation=OrganisationFactory(name="Beta"), kind="university")
    index_all()
    cards = text_of(client, "/it/directory/?type=unit")
    table = text_of(client, "/it/directory/?type=unit&look=table")
    assert "<table" in table
    assert "<table" not in cards
    for page in (cards, table):
        assert "Laboratorio Alfa" in page
        assert f"Laboratorio {DASH} Madre" in page
        assert "Mirandola (MO)" in page
        assert "Beta" not in page
    assert 'href="?type=unit&amp;look=table"' in cards
    assert 'href="?&amp;look=table"' in table  # the chip that takes the filter away


def test_map_and_export_take_the_same_filters(client: Client) -> None:
    """The map has no words, the file has."""
    SeatFactory(profile=OrganisationFactory(name="Valvole"))
    index_all()
    page = text_of(client, "/it/directory/?q=valvole&province=MO&type=organisation")
    assert 'href="/it/map/?type=organisation&amp;province=MO"' in page
    assert 'href="/it/directory/export/?q=valvole&amp;type=organisation&amp;province=MO"' in page


def test_clusters_are_in_the_directory(client: Client) -> None:
    """The navigation leads to them by their type."""
    ClusterFactory(name="Clust-ER Alfa")
    OrganisationFactory(name="Beta")
    index_all()
    page = text_of(client, "/it/directory/?type=cluster")
    assert "Clust-ER Alfa" in page
    assert "Beta" not in page


@pytest.mark.parametrize(
    ("language", "words"), [("it", "in preparazione"), ("en", "being prepared")]
)
def test_without_an_index_the_directory_says_so(client: Client, language: str, words: str) -> None:
    """Status 503, with where to go meanwhile; the export too."""
    response = client.get(f"/{language}/directory/")
    assert response.status_code == 503
    assert words in response.content.decode()
    assert client.get(f"/{language}/directory/export/").status_code == 503


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("signed_in", "more"), [(False, 0), (True, 3)])
def test_the_number_of_queries_is_fixed(
    client: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
    rows: int,
    signed_in: bool,
    more: int,
) -> None:
    """However many rows; with all filters, which are read in one query."""
    if signed_in:
        person = PersonFactory()
        MandateFactory(person=person)
        client.force_login(person, backend=MODEL_BACKEND)
    for _row in range(rows):
        unit = UnitFactory(technopole=TechnopoleFactory())
        SeatFactory(profile=unit)
        MembershipFactory(profile=unit)
        ChainMembershipFactory(profile=unit)
        SpecialisationFactory()
    index_all()
    client.get("/it/directory/")  # the vocabularies are read once in a quarter of an hour
    for address, queries in (
        ("/it/", 5),
        ("/it/directory/?type=unit", 2),
        ("/it/directory/?type=unit&look=table", 2),
        ("/it/directory/export/?type=unit", 1),
    ):
        with django_assert_num_queries(queries + more):
            text_of(client, address)
