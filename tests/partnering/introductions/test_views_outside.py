"""The page of the ask with evidence, and with bodies outside the network."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from tests.factories.accounts import ClusterRoleFactory, PersonFactory
from tests.factories.clusters import ClusterFactory
from tests.factories.evidence import BodyFactory, FundedProjectFactory, ParticipationFactory
from tests.factories.organisations import ConceptFactory, OrganisationFactory
from tests.searching import index_all
from trebbo.ecosystem.evidence.models import Body

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "answer"}
SECTION = 'id="outside-network"'


def text_of(client: Client, address: str, **head: str) -> str:
    """The page at an address that must be well, on one line."""
    response = client.get(address, **head)  # type: ignore[arg-type]
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def network_and_world(rows: int = 1) -> None:
    """As many profiles and bodies outside, all found by projects and their fields about bone."""
    concept = ConceptFactory(label_it="osteologia", label_en="bone science")
    for number in range(rows):
        project = FundedProjectFactory(acronym=f"BONE{number}")
        project.fields.add(concept)
        ParticipationFactory(project=project, profile=OrganisationFactory(name=f"Dentro {number}"))
        body = BodyFactory(name=f"FUORI {number}", projects=1, first_year=2022, last_year=2022)
        ParticipationFactory(project=project, body=body)
    index_all()


def test_a_reason_links_to_the_project(client: Client) -> None:
    """With its years and the role, its English words marked as English."""
    network_and_world()
    page = text_of(client, "/it/ask/?q=bone+scaffolds")
    project = Body.objects.get(name="FUORI 0").participations.get().project
    assert f'<a href="{project.get_absolute_url()}" lang="en">BONE0</a> (2022' in page
    assert '<span lang="en">Bioactive <mark>scaffolds</mark> for <mark>bone</mark>' in page
    assert "Risulta dai dati aperti sui progetti finanziati" in page


def test_outside_only_when_asked(client: Client) -> None:
    """The switch is off at first; then they stand below, apart, with a way to all of them."""
    network_and_world()
    page = text_of(client, "/it/ask/?q=bone")
    assert SECTION not in page
    assert "FUORI 0" not in page
    assert 'name="outside" value="1" aria-describedby' in page
    page = text_of(client, "/it/ask/?q=bone&outside=1")
    assert page.index("Dentro 0") < page.index(SECTION) < page.index("FUORI 0")
    assert 'name="outside" value="1" checked' in page
    assert "Non fa parte della rete" in page
    assert "risulta dai dati aperti per un progetto finanziato (2022)" in page
    page = text_of(client, "/it/ask/?q=bone&outside=only")
    assert "Dentro 0" not in page
    assert "Un soggetto fuori dalla rete" in page
    assert 'name="outside" value="only" checked' in page


def test_only_an_office_is_offered_to_invite(client: Client) -> None:
    """The form stands on the body's page."""
    network_and_world()
    assert "Invitare" not in text_of(client, "/it/ask/?q=bone&outside=1")
    office, other = PersonFactory(), PersonFactory()
    ClusterRoleFactory(person=office, cluster=ClusterFactory())
    for person, offered in ((other, False), (office, True)):
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        assert ("Invitare" in text_of(client, "/it/ask/?q=bone&outside=1")) is offered


def test_htmx_says_both_numbers(client: Client) -> None:
    """For the screen reader."""
    network_and_world()
    page = text_of(client, "/it/ask/?q=bone&outside=1", **HTMX)
    assert "Una risposta, Un soggetto fuori dalla rete</p>" in page


def test_filters_of_the_network_alone(client: Client) -> None:
    """It is said that nobody outside can be judged by them."""
    network_and_world()
    page = text_of(client, "/it/ask/?q=bone&outside=1&kind=sme")
    assert "I filtri scelti non dicono nulla dei soggetti fuori dalla rete" in page
    assert 'href="?q=bone&amp;outside=only"' in page


def test_without_the_outside_index_the_network_answers(client: Client) -> None:
    """What cannot be read yet is said in its place."""
    OrganisationFactory(name="Bone Dentro")
    index_all()
    BodyFactory(projects=1)
    page = text_of(client, "/it/ask/?q=bone&outside=1")
    assert "Bone" in page
    assert "in preparazione" in page[page.index(SECTION) :]
    assert client.get("/it/ask/?q=bone&outside=only").status_code == 503


def test_the_directory_knows_nobody_outside(client: Client) -> None:
    """Whatever its address says."""
    network_and_world()
    page = text_of(client, "/it/directory/?q=bone&outside=1")
    assert "Dentro 0" in page
    assert "FUORI 0" not in page
    assert 'name="outside"' not in page


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("more", "queries"), [("", 8), ("&outside=1", 12), ("&outside=only", 5)])
def test_the_number_of_queries_is_fixed(
    client: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
    rows: int,
    more: str,
    queries: int,
) -> None:
    """However many are found by projects and fields."""
    network_and_world(rows)
    address = f"/it/ask/?q=bone{more}"
    client.get(address)  # the vocabularies are read once in a quarter of an hour
    with django_assert_num_queries(queries):
        page = text_of(client, address)
    assert page.count("<article") == rows * (2 if more == "&outside=1" else 1)
