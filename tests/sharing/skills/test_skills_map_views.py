"""The pages of the skills map and of the review: what they show, to whom, and as which files."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import openpyxl
import pypdf
import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page
from pytest_django import DjangoAssertNumQueries

from tests.factories.accounts import (
    ClusterRoleFactory,
    MandateFactory,
    NetworkRoleFactory,
    PersonFactory,
)
from tests.factories.clusters import (
    ChainMembershipFactory,
    ClusterFactory,
    MembershipFactory,
    ValueChainFactory,
)
from tests.factories.organisations import (
    ConceptFactory,
    KindFactory,
    OrganisationFactory,
    UnitFactory,
)
from tests.factories.skills import BareCompetenceFactory as CompetenceFactory
from tests.factories.skills import CompetenceEvidenceFactory, OwnTermFactory
from trebbo.ecosystem.clusters.models import Cluster
from trebbo.ecosystem.organisations.choices import Standing, Visibility
from trebbo.sharing.skills.choices import Direction

pytestmark = pytest.mark.django_db

FORMULA = "=HYPERLINK(1)"
FILES = ("map.xlsx", "map.csv", "review/review.pdf")


def words_of(content: bytes, name: str) -> str:
    """All words of a file, read by another program than its writer."""
    if name.endswith("pdf"):
        return " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)
    if name.endswith("csv"):
        return content.decode("utf-8-sig")
    book = openpyxl.load_workbook(io.BytesIO(content))
    rows = (row for sheet in book for row in sheet.iter_rows(values_only=True))
    return " ".join(str(cell) for row in rows for cell in row if cell is not None)


def address(cluster: Cluster, rest: str = "", language: str = "en") -> str:
    """The address of a cluster's map, or of something below it."""
    return f"/{language}/skills/map/cluster/{cluster.slug}/{rest}"


def lively(cluster: Cluster, rows: int = 6) -> None:
    """A cluster in which every part of the pages has something to say."""
    now = timezone.now()
    fields = [
        ConceptFactory(label_it=f"Tecnologie dei materiali avanzati per la salute {n}",
                       label_en=f"Advanced materials technologies for health {n}")
        for n in range(rows)
    ]  # fmt: skip
    kinds = ("large_company", "sme", "university", "health_facility", "training_body", "company")
    bodies = []
    for n in range(rows):
        body = OrganisationFactory(name=f"Società Italiana Biomateriali {n} srl")
        KindFactory(organisation=body, kind=kinds[n % len(kinds)])
        MembershipFactory(cluster=cluster, profile=body)
        bodies.append(body)
    for n, body in enumerate(bodies):
        for field in fields[: n + 1]:
            one = CompetenceFactory(
                profile=body, concept=field, level=3, people=n + 1, confirmed_at=now,
                due_date=now.date() + timedelta(days=9), standing=Standing.SYNTHETIC,
            )  # fmt: skip
            CompetenceEvidenceFactory(competence=one)
        CompetenceFactory(profile=body, concept=fields[-1 - n], direction=Direction.SOUGHT) \
            if n < rows - 1 else None  # fmt: skip
    gap = ConceptFactory(label_it="Etica clinica", label_en="Clinical ethics")
    CompetenceFactory(profile=bodies[0], concept=gap, direction=Direction.SOUGHT)
    outside = MembershipFactory(cluster=ClusterFactory(network=cluster.network)).profile
    CompetenceFactory(profile=outside, concept=gap)
    CompetenceFactory(
        profile=bodies[0],
        concept=None,
        term=OwnTermFactory(label_it="Filatura a mano", label_en=""),
    )


def test_the_map_shows_who_covers_what_and_leads_to_the_ask(client: Client) -> None:
    cluster = ClusterFactory(name="Salute")
    lively(cluster)
    page = client.get(address(cluster)).content.decode()
    assert "Skills map: Salute" in page
    assert "6 bodies, of which 6 offer a competence." in page
    assert "/en/ask/?q=Clinical%20ethics" in page
    assert "1 body, of which" not in page
    for words in ("Società Italiana Biomateriali 5 srl", "Own terms", "Filatura a mano", "<svg"):
        assert words in page
    italian = client.get(address(cluster, language="it")).content.decode()
    assert "Mappa delle competenze: Salute" in italian
    section = client.get(f"/en/clusters/{cluster.slug}/").content.decode()
    assert address(cluster) in section
    assert "competences on offer" in section


def test_every_place_has_its_map_and_the_choice_names_them(client: Client) -> None:
    chain = ValueChainFactory()
    ChainMembershipFactory(value_chain=chain)
    cluster = chain.cluster
    choice = client.get("/en/skills/map/").content.decode()
    for kind, slug in (
        ("network", cluster.network.slug),
        ("cluster", cluster.slug),
        ("value-chain", chain.slug),
    ):
        here = f"/en/skills/map/{kind}/{slug}/"
        assert here in choice
        for rest in ("", "review/", *FILES):
            assert client.get(f"{here}{rest}").status_code == 200
    for wrong in (
        "/en/skills/map/town/modena/",
        "/en/skills/map/cluster/nowhere/",
        "/en/skills/map/cluster/nowhere/review/",
        address(cluster, "map.docx"),
    ):
        assert client.get(wrong).status_code == 404


@pytest.mark.parametrize(
    "query",
    ["depth=9", "branch=x", "branch=-1", "sort=drop", "kind=town", "page=99", "shown=all",
     "branch=99999999999999999999", "evidence=2", "depth=²"],
)  # fmt: skip
def test_nonsense_in_an_address_is_no_error(client: Client, query: str) -> None:
    cluster = ClusterFactory()
    lively(cluster, 2)
    assert client.get(address(cluster, f"?{query}")).status_code == 200


def test_links_order_and_open_the_fields(client: Client) -> None:
    cluster = ClusterFactory()
    above = ConceptFactory(label_en="Above")
    narrow = ConceptFactory(label_en="Narrow", broader=above)
    body = MembershipFactory(cluster=cluster).profile
    CompetenceFactory(profile=body, concept=narrow)
    page = client.get(address(cluster, "?depth=1")).content.decode()
    assert f"?depth=1&amp;branch={above.pk}" in page
    assert "?depth=1&amp;sort=people#fields" in page
    opened = client.get(address(cluster, f"?depth=1&branch={above.pk}")).content.decode()
    assert "Narrow" in opened


def test_the_review_says_it_in_sentences(client: Client) -> None:
    cluster = ClusterFactory(name="Salute")
    lively(cluster)
    old = timezone.localdate() - timedelta(days=200)
    gone = MembershipFactory(cluster=cluster, valid_until=old, state="withdrawn").profile
    page = client.get(address(cluster, "review/")).content.decode()
    for words in (
        "6 bodies belong to Salute.",
        f"Gone since then: {gone.name}.",
        "1 competence is sought and nobody of the place offers it.",
        "The network around it could fill 1 of them.",
        "a visitor, with what everybody may see",
        "Clinical ethics",
        "Some of these competences are synthetic, for demonstration.",
    ):
        assert words in page, words


def test_the_files_say_the_same_in_the_readers_language(client: Client) -> None:
    cluster = ClusterFactory(name="Salute")
    lively(cluster)
    for name in FILES:
        response = client.get(address(cluster, name))
        assert response.status_code == 200
        assert "attachment" in response["Content-Disposition"]
        words = words_of(response.content, name)
        assert "Advanced materials technologies for health 0" in words
        words = words_of(client.get(address(cluster, name, "it")).content, name)
        assert "Tecnologie dei materiali avanzati per la salute 0" in words
    reader = pypdf.PdfReader(io.BytesIO(client.get(address(cluster, FILES[2], "it")).content))
    root: Any = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "it-IT"
    assert reader.metadata is not None
    assert reader.metadata.title == "Rassegna critica della composizione: Salute"


def test_no_text_of_a_file_is_a_formula(client: Client) -> None:
    cluster = ClusterFactory()
    body = MembershipFactory(cluster=cluster, profile=OrganisationFactory(name=FORMULA)).profile
    term = OwnTermFactory(label_it="@SUM(1)", label_en="@SUM(1)")
    CompetenceFactory(profile=body, concept=None, term=term)
    book = openpyxl.load_workbook(io.BytesIO(client.get(address(cluster, "map.xlsx")).content))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {"@SUM(1)", FORMULA} <= {cell.value for cell in cells}
    assert not [cell for cell in cells if cell.data_type == "f"]
    text = client.get(address(cluster, "map.csv")).content.decode("utf-8-sig")
    for row in csv.reader(io.StringIO(text)):
        assert not [cell for cell in row if cell.startswith(("=", "@", "+", "-"))]


@pytest.mark.parametrize("visibility", [Visibility.NETWORK, Visibility.HIDDEN])
def test_what_is_closed_reaches_a_visitor_nowhere(
    client: Client, visibility: Visibility, sign_in: Callable[..., Client]
) -> None:
    """Neither by name nor by number: every page and file is as if it were not there."""
    role = ClusterRoleFactory()
    cluster = role.cluster
    lively(cluster, 3)
    pages = ("", "review/", *FILES)
    closed = ConceptFactory(label_en="SECRETFIELD", label_it="SECRETFIELD")
    body = cluster.members.order_by("pk")[0].profile

    def seen(name: str) -> str:
        content = client.get(address(cluster, name)).content
        return words_of(content, name) if name in FILES else content.decode()

    before = {name: seen(name).count("Advanced") for name in pages}
    CompetenceFactory(profile=body, concept=closed, visibility=visibility)
    CompetenceFactory(
        profile=body, concept=closed, visibility=visibility, direction=Direction.SOUGHT
    )
    hidden = OrganisationFactory(name="SECRETBODY", visibility=visibility)
    MembershipFactory(cluster=cluster, profile=hidden)
    CompetenceFactory(profile=hidden, concept=ConceptFactory())
    for name in pages:
        words = seen(name)
        assert "SECRET" not in words
        assert words.count("Advanced") == before[name]
    assert "3 bodies, of which 3 offer" in seen("")
    assert "SECRET" not in client.get(f"/en/clusters/{cluster.slug}/").content.decode()
    sign_in(role.person)
    for name in pages:
        assert "SECRETFIELD" in seen(name)


def test_every_kind_of_person_may_look(client: Client, sign_in: Callable[..., Client]) -> None:
    role = ClusterRoleFactory()
    lively(role.cluster, 2)
    member = MandateFactory(profile=role.cluster.members.order_by("pk")[0].profile)
    agency = NetworkRoleFactory(network=role.cluster.network)
    people = (None, PersonFactory(), member.person, role.person, agency.person)
    for person in people:
        if person:
            sign_in(person)
        for rest in ("", "review/", *FILES):
            assert client.get(address(role.cluster, rest)).status_code == 200


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("kind", ["network", "cluster", "value-chain"])
def test_pages_ask_the_database_as_often_for_three_as_for_one(
    sign_in: Callable[..., Client],
    django_assert_num_queries: DjangoAssertNumQueries,
    rows: int,
    kind: str,
) -> None:
    role = ClusterRoleFactory()
    cluster = role.cluster
    lively(cluster, rows)
    chain = ValueChainFactory(cluster=cluster)
    for membership in cluster.members.all():
        ChainMembershipFactory(value_chain=chain, profile=membership.profile)
        unit = UnitFactory(organisation_id=membership.profile_id)
        CompetenceFactory(profile=unit, concept=ConceptFactory(broader=ConceptFactory()))
    slugs = {"network": cluster.network.slug, "cluster": cluster.slug, "value-chain": chain.slug}
    here = f"/it/skills/map/{kind}/{slugs[kind]}/"
    client = sign_in(role.person)
    more = kind == "value-chain"
    for rest, number in (("", 10 + more), ("review/", 11 + more)):
        with django_assert_num_queries(number):
            assert client.get(f"{here}{rest}").status_code == 200
    with django_assert_num_queries(6):
        assert client.get("/it/skills/map/").status_code == 200


def test_an_empty_cluster_has_pages(client: Client) -> None:
    cluster = ClusterFactory()
    for rest in ("", "review/", *FILES):
        assert client.get(address(cluster, rest)).status_code == 200
    assert "Nobody who belongs here is known." in client.get(address(cluster)).content.decode()
    assert "skills-map" not in client.get(f"/en/clusters/{cluster.slug}/").content.decode()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("language", ["it", "en"])
@pytest.mark.django_db(transaction=True)
def test_the_pages_are_good_to_look_at(
    page: Page, look: Callable[[str, str], None], width: int, language: str
) -> None:
    cluster = ClusterFactory(name="Clust-ER Salute")
    lively(cluster)
    page.set_viewport_size({"width": width, "height": 900})
    here = f"{language}/skills/map/cluster/{cluster.slug}/"
    look(here, f"skills-map-{language}")
    look(f"{here}review/", f"skills-review-{language}")
    look(f"{language}/skills/map/", f"skills-maps-{language}")
    look(f"{language}/clusters/{cluster.slug}/", f"skills-section-{language}")
