"""The pages of networks and clusters, as people open them."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page
from pytest_django import DjangoAssertNumQueries

from tests.factories.accounts import ClusterRoleFactory, NetworkRoleFactory, PersonFactory
from tests.factories.clusters import (
    ChainMembershipFactory,
    ClusterFactory,
    MembershipFactory,
    NetworkFactory,
    SpecialisationFactory,
    ValueChainFactory,
    manager_of,
)
from tests.factories.organisations import KindFactory, OrganisationFactory, UnitFactory
from trebbo.ecosystem.accounts.models import Person
from trebbo.ecosystem.clusters import actions
from trebbo.ecosystem.clusters.choices import MembershipState
from trebbo.ecosystem.clusters.models import Cluster, Membership, ValueChain
from trebbo.ecosystem.organisations.choices import Visibility
from trebbo.kernel.pages import PAGE_SIZE

pytestmark = pytest.mark.django_db

SignIn = Callable[[Person], Client]


def fill(cluster: Cluster, count: int) -> None:
    """Members, candidates, value chains and figures."""
    manager = manager_of(cluster)
    for _ in range(count):
        organisation = OrganisationFactory()
        KindFactory(organisation=organisation)
        MembershipFactory(cluster=cluster, profile=organisation)
        MembershipFactory(cluster=cluster, state=MembershipState.CANDIDATE)
        MembershipFactory(cluster=cluster, profile=UnitFactory())
        before = ValueChainFactory(cluster=cluster, valid_from=date(2017, 1, 1))
        after = ValueChainFactory(cluster=cluster, valid_from=date(2024, 1, 1))
        actions.succeed_value_chain(actor=manager, predecessor=before, successor=after)
        ChainMembershipFactory(value_chain=after, profile=organisation)
        actions.recognise_cluster(
            actor=manager, cluster=cluster, authority=OrganisationFactory(name="Regione")
        )
        for about in (cluster, after):
            actions.record_figure(
                actor=manager, about=about, label_it="Soci", label_en="Members", amount=7
            )


@pytest.mark.parametrize("count", [1, 3])
def test_public_pages_ask_the_database_as_often_for_three_as_for_one(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    cluster = ClusterFactory()
    fill(cluster, count)
    for _ in range(count - 1):
        fill(ClusterFactory(network=cluster.network), count)
    district = SpecialisationFactory()
    for _ in range(count):
        district.places.create(profile=OrganisationFactory())
    chain = ValueChain.objects.filter(successions=None).latest("pk")
    for address, queries in (
        (f"/it/networks/{cluster.network.slug}/", 6),
        (f"/it/clusters/{cluster.slug}/", 9),
        (f"/it/value-chains/{chain.slug}/", 5),
        ("/it/specialisations/", 1),
        (f"/it/specialisations/{district.slug}/", 6),
    ):
        with django_assert_num_queries(queries):
            assert client.get(address).status_code == 200


def test_the_manager_s_cluster_page_stays_within_twelve_queries(
    sign_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    role = ClusterRoleFactory()
    fill(role.cluster, 2)
    client = sign_in(role.person)
    for address in (
        f"/it/clusters/{role.cluster.slug}/",
        f"/it/networks/{role.cluster.network.slug}/",
    ):
        with django_assert_max_num_queries(12):
            assert client.get(address).status_code == 200


def test_the_office_s_list_asks_as_often_for_three_members_as_for_one(
    sign_in: SignIn, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    role = ClusterRoleFactory()
    client = sign_in(role.person)
    address = f"/it/clusters/{role.cluster.slug}/members/"
    MembershipFactory(cluster=role.cluster)
    client.get(address)
    with django_assert_num_queries(6):
        client.get(address)
    for _ in range(2):
        MembershipFactory(cluster=role.cluster)
    with django_assert_num_queries(6):
        client.get(address)


def test_a_cluster_says_what_it_knows_and_what_it_does_not_in_both_languages(
    client: Client,
) -> None:
    cluster = ClusterFactory(name="Salute", name_en="Health")
    MembershipFactory(cluster=cluster, profile=OrganisationFactory(name="Provata srl"))
    MembershipFactory(
        cluster=cluster,
        profile=OrganisationFactory(name="Forse srl"),
        state=MembershipState.CANDIDATE,
        standing="candidate",
    )
    actions.record_figure(
        actor=manager_of(cluster),
        about=cluster,
        label_it="Associati",
        label_en="Members",
        amount=112,
        as_of="2022",
    )
    italian = client.get(f"/it/clusters/{cluster.slug}/").content.decode()
    english = client.get(f"/en/clusters/{cluster.slug}/").content.decode()
    for page, words in (
        (italian, ("Che cosa non è noto", "Chi sono 111 dei suoi associati")),
        (english, ("What is unknown", "Who 111 of its members are")),
    ):
        for part in words:
            assert part in page
        order = ("Provata srl", '<h2 id="candidates">', "Forse srl", '<h2 id="recognition">')
        places = [page.index(part) for part in order]
        assert places == sorted(places)
    assert "1 candidatura" not in english


def test_every_part_that_a_cluster_s_page_names_is_there(client: Client) -> None:
    cluster = ClusterFactory()
    for count in (0, 1):
        fill(cluster, count)
        page = client.get(f"/en/clusters/{cluster.slug}/").content.decode()
        index = page[page.index('<nav class="clusters-index"') :]
        named = re.findall(r'href="#([a-z]+)"', index[: index.index("</nav>")])
        assert named == re.findall(r'<h2 id="([a-z]+)">', page)
        assert ("candidates" in named) == bool(count)


def test_members_and_candidates_are_paged_apart(client: Client) -> None:
    cluster = ClusterFactory()
    for number in range(PAGE_SIZE + 1):
        for word, state in (("Socia", "active"), ("Forse", "candidate")):
            profile = OrganisationFactory(name=f"{word} {number:02}")
            MembershipFactory(cluster=cluster, profile=profile, state=state)
    page = client.get(f"/it/clusters/{cluster.slug}/", {"candidates": "2"}).content.decode()
    assert [word for word in ("Socia 00", "Socia 24", "Forse 00", "Forse 24") if word in page] == [
        "Socia 00",
        "Forse 24",
    ]


def test_no_page_says_zero_where_nothing_is_known(client: Client) -> None:
    cluster = ClusterFactory()
    full = ClusterFactory(network=cluster.network)
    MembershipFactory(cluster=full)
    page = client.get(f"/en/networks/{cluster.network.slug}/").content.decode()
    row = page[page.index(f'<a href="/en/clusters/{cluster.slug}/">') :]
    cells = re.sub(r"<[^>]+>", " ", row[: row.index("</tr>")]).split("\n")
    assert [" ".join(cell.split()) for cell in cells if cell.strip()] == [
        cluster.name,
        "not known not known",
        "not known",
        "not known",
        "not known",
    ]
    assert "not known in the registry" in page
    assert "1 in the registry" in page
    assert (
        "Its members are not known." in client.get(f"/en/clusters/{cluster.slug}/").content.decode()
    )


def test_headings_of_first_level_hold_the_name_alone(client: Client) -> None:
    chain = ValueChainFactory(standing="partly", cluster__standing="partly")
    district = SpecialisationFactory(standing="partly")
    for address, name in (
        (chain.get_absolute_url(), chain.name),
        (chain.cluster.get_absolute_url(), chain.cluster.title),
        (district.get_absolute_url(), district.name),
    ):
        page = client.get(address).content.decode()
        assert f"<h1>{name}</h1>" in page
        assert "trebbo-standing" in page


def test_unknown_addresses_and_hidden_clusters_are_not_found(client: Client) -> None:
    hidden = ClusterFactory(visibility=Visibility.HIDDEN)
    chain = ValueChainFactory(cluster=hidden)
    for address in (
        "networks/none", "clusters/none", "value-chains/none", "specialisations/none",
        f"clusters/{hidden.slug}", f"value-chains/{chain.slug}",
    ):  # fmt: skip
        assert client.get(f"/it/{address}/").status_code == 404, address


def test_names_are_never_markup(client: Client) -> None:
    cluster = ClusterFactory(name="<img src=x>", network=NetworkFactory(name_it="<script>x"))
    organisation = OrganisationFactory(name="<b>Bold</b> & co")
    MembershipFactory(cluster=cluster, profile=organisation)
    for address in (f"networks/{cluster.network.slug}", f"clusters/{cluster.slug}"):
        page = client.get(f"/it/{address}/").content.decode()
        assert "<img src=x>" not in page
        assert "<script>x" not in page
        assert "<b>Bold" not in page


def test_who_may_open_the_office_s_pages(client: Client, sign_in: SignIn) -> None:
    cluster = ClusterFactory()
    chain = ValueChainFactory(cluster=cluster)
    people = {
        "nobody": PersonFactory(),
        "board": ClusterRoleFactory(cluster=cluster, role="board").person,
        "manager of another": ClusterRoleFactory().person,
        "manager": ClusterRoleFactory(cluster=cluster).person,
        "agency": NetworkRoleFactory(network=cluster.network).person,
        "region": NetworkRoleFactory(network=cluster.network, role="region").person,
        "chair": ClusterRoleFactory(cluster=cluster, role="chair", value_chain=chain).person,
    }
    addresses = (
        f"/it/clusters/{cluster.slug}/edit/",
        f"/it/clusters/{cluster.slug}/members/",
        f"/it/value-chains/{chain.slug}/edit/",
    )
    for address in addresses:
        assert client.get(address).status_code == 302
    answers = {
        who: tuple(sign_in(person).get(address).status_code for address in addresses)
        for who, person in people.items()
    }
    assert answers == {
        "nobody": (403, 403, 403),
        "board": (403, 403, 403),
        "manager of another": (403, 403, 403),
        "manager": (200, 200, 200),
        "agency": (200, 200, 200),
        "region": (403, 403, 403),
        "chair": (403, 403, 200),
    }


def typed(client: Client, address: str) -> dict[str, str]:
    """What a browser would send back from the form as it is shown."""
    response = client.get(address)
    form = response.context["form"]
    fields: dict[str, str] = {"version": str(response.context["version"])}
    for bound in form:
        value = bound.value()
        fields[bound.name] = "" if value is None else str(value)
        fields[f"initial-{bound.name}"] = fields[bound.name]
    return fields


def test_two_managers_save_different_fields_and_neither_loses_anything(sign_in: SignIn) -> None:
    cluster = ClusterFactory(description_it="prima")
    address = f"/it/clusters/{cluster.slug}/edit/"
    client = sign_in(ClusterRoleFactory(cluster=cluster).person)
    first, second = typed(client, address), typed(client, address)
    assert client.post(address, first | {"description_it": "di Ada"}).status_code == 302
    assert client.post(address, second | {"notes_it": "di Bea"}).status_code == 302
    cluster.refresh_from_db()
    assert (cluster.description_it, cluster.notes_it) == ("di Ada", "di Bea")


@pytest.mark.parametrize(("take", "kept"), [(True, "di Ada"), (False, "di Bea")])
def test_the_second_of_two_is_shown_what_changed_and_chooses(
    sign_in: SignIn, *, take: bool, kept: str
) -> None:
    cluster = ClusterFactory(description_it="prima")
    address = f"/it/clusters/{cluster.slug}/edit/"
    client = sign_in(ClusterRoleFactory(cluster=cluster).person)
    first, second = typed(client, address), typed(client, address)
    second |= {"description_it": "di Bea", "notes_it": "altro"}
    client.post(address, first | {"description_it": "di Ada"})
    conflict = client.post(address, second)
    page = conflict.content.decode()
    assert conflict.status_code == 409
    assert "di Ada" in page
    assert "di Bea" in page
    assert "altro" in page
    again = second | {"version": str(conflict.context["version"])}
    if take:
        again["theirs-description_it"] = "1"
    assert client.post(address, again).status_code == 302
    cluster.refresh_from_db()
    assert (cluster.description_it, cluster.notes_it) == (kept, "altro")


def test_the_chair_is_shown_what_the_office_wrote_meanwhile(sign_in: SignIn) -> None:
    chain = ValueChainFactory(aim_it="prima")
    role = ClusterRoleFactory(cluster=chain.cluster, role="chair", value_chain=chain)
    address = f"/it/value-chains/{chain.slug}/edit/"
    client = sign_in(role.person)
    form = typed(client, address)
    actions.edit_value_chain(
        actor=manager_of(chain.cluster), value_chain=chain, version=1, aim_it="dell'ufficio"
    )
    conflict = client.post(address, form | {"aim_it": "della presidenza"})
    assert conflict.status_code == 409
    assert [d.theirs for d in conflict.context["differences"]] == ["dell'ufficio"]
    again = form | {"version": "2", "aim_it": "della presidenza"}
    assert client.post(address, again).status_code == 302
    chain.refresh_from_db()
    assert chain.aim_it == "della presidenza"


def test_a_text_of_200_000_characters_comes_back_with_a_message(sign_in: SignIn) -> None:
    cluster = ClusterFactory()
    address = f"/it/clusters/{cluster.slug}/edit/"
    client = sign_in(ClusterRoleFactory(cluster=cluster).person)
    response = client.post(address, typed(client, address) | {"notes_it": "x" * 200_000})
    assert response.status_code == 400
    assert "200000 caratteri" in response.content.decode()
    assert "x" * 200_000 in response.content.decode()


def test_the_office_finds_adds_and_ends_a_member(sign_in: SignIn) -> None:
    cluster = ClusterFactory()
    organisation = OrganisationFactory(name="Nuova srl")
    address = f"/it/clusters/{cluster.slug}/members/"
    client = sign_in(ClusterRoleFactory(cluster=cluster).person)
    found = client.get(address, {"find": "nuova"}).content.decode()
    assert f"?add={organisation.slug}" in found
    adding = f"{address}?add={organisation.slug}"
    form = {"state": "active", "category": "ordinary", "valid_from": "2025-01-31"}
    refused = client.post(adding, form | {"valid_until": "2025-01-30"})
    assert refused.status_code == 400
    assert refused.context["add_form"].errors == {
        "valid_until": ["La data di fine precede quella di inizio."]
    }
    assert client.post(adding, form).status_code == 302
    membership = Membership.objects.get()
    assert (membership.state, membership.category, membership.valid_from) == (
        "active",
        "ordinary",
        date(2025, 1, 31),
    )
    changing = f"{address}?membership={membership.pk}"
    early = client.post(changing, {"end": "1", "valid_until": "2025-01-30", "ending": "withdrawn"})
    assert list(early.context["end_form"].errors) == ["valid_until"]
    ended = client.post(changing, {"end": "1", "valid_until": "2025-12-31", "ending": "withdrawn"})
    assert ended.status_code == 302
    membership.refresh_from_db()
    assert (membership.state, membership.valid_until) == ("withdrawn", date(2025, 12, 31))


def test_the_office_makes_a_candidate_a_member(sign_in: SignIn) -> None:
    membership = MembershipFactory(state="candidate", standing="candidate")
    client = sign_in(ClusterRoleFactory(cluster=membership.cluster).person)
    address = f"/it/clusters/{membership.cluster.slug}/members/?membership={membership.pk}"
    assert client.post(address, {"state": "active", "on": "2026-02-01"}).status_code == 302
    membership.refresh_from_db()
    assert (membership.state, membership.valid_from) == ("active", date(2026, 2, 1))


def test_a_membership_of_another_cluster_is_not_changed_here(sign_in: SignIn) -> None:
    other = MembershipFactory()
    role = ClusterRoleFactory()
    address = f"/it/clusters/{role.cluster.slug}/members/?membership={other.pk}"
    assert sign_in(role.person).get(address).status_code == 404


def test_a_body_s_own_page_says_where_it_belongs(client: Client) -> None:
    membership = MembershipFactory(cluster__name="Clust-ER Salute", evidence_it="Lo dice il sito")
    ChainMembershipFactory(profile=membership.profile, value_chain__name_it="Pharma e ATMPs")
    page = client.get(f"/it/organisations/{membership.profile.slug}/").content.decode()
    for words in ("Clust-ER Salute", "Lo dice il sito", "Pharma e ATMPs"):
        assert words in page


def test_a_cluster_that_a_body_belongs_to_twice_stands_once(client: Client) -> None:
    organisation = OrganisationFactory()
    cluster = ClusterFactory(name="Clust-ER Salute")
    MembershipFactory(cluster=cluster, profile=organisation)
    lab = UnitFactory(organisation=organisation, name="CIRI SDV")
    MembershipFactory(cluster=cluster, profile=lab)
    page = client.get(f"/it/organisations/{organisation.slug}/").content.decode()
    section = page[page.index('<section aria-labelledby="memberships"') :]
    section = section[: section.index("</section>")]
    assert section.count("Clust-ER Salute") == 1
    assert " ".join(re.sub(r"<[^>]+>", "", section).split()).endswith(
        "Clust-ER Salute: attiva (direttamente) · attiva (tramite CIRI SDV)"
    )


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_pages_are_accessible_and_their_charts_stand(
    live_server: Any, quiet_page: Page, assert_accessible: Callable[[Page], None]
) -> None:
    cluster = ClusterFactory(description_it="Salute", description_en="Health")
    fill(cluster, 2)
    chain = ValueChain.objects.filter(successions=None).latest("pk")
    for address in (
        f"it/networks/{cluster.network.slug}/",
        f"it/clusters/{cluster.slug}/",
        f"en/clusters/{cluster.slug}/",
        f"it/value-chains/{chain.slug}/",
        "it/specialisations/",
    ):
        quiet_page.goto(f"{live_server.url}/{address}")
        for details in quiet_page.query_selector_all("main details"):
            details.evaluate("element => element.open = true")
        assert_accessible(quiet_page)
    quiet_page.goto(f"{live_server.url}/it/clusters/{cluster.slug}/")
    assert quiet_page.locator("svg.trebbo-chart").first.bounding_box()
