"""Networks, clusters, specialisations and figures: founding, editing, refusing."""

from datetime import date
from decimal import Decimal

import pytest
from django.utils import translation

from tests.factories.clusters import (
    ClusterFactory,
    NetworkFactory,
    SpecialisationFactory,
    ValueChainFactory,
    agency_of,
    manager_of,
)
from tests.factories.organisations import NOW, OrganisationFactory, TerritoryFactory, person
from trebbo.ecosystem.clusters import actions
from trebbo.ecosystem.clusters.choices import FigureQualifier, FigureUnit
from trebbo.ecosystem.clusters.models import Cluster, Network
from trebbo.ecosystem.organisations.actions import ProfileConflict
from trebbo.kernel.access import Viewer, installation, visitor
from trebbo.kernel.audit import history_of
from trebbo.kernel.errors import NotAllowed

pytestmark = pytest.mark.django_db


def founded(actor: Viewer, slug: str = "rete") -> Network:
    """A network founded by this actor."""
    return actions.found_network(
        actor=actor, slug=slug, name_it="Rete", name_en="Network", territory=TerritoryFactory()
    )


def test_the_installation_or_an_agency_founds_a_network_and_nobody_else() -> None:
    with pytest.raises(NotAllowed):
        founded(visitor(NOW))
    network = founded(installation(NOW))
    for nobody in (visitor(NOW), person(person_id=1), manager_of(ClusterFactory())):
        with pytest.raises(NotAllowed):
            founded(nobody, "second")
    founded(agency_of(network), "second")
    with pytest.raises(actions.NetworkRefused) as refused:
        founded(agency_of(network), "second")
    assert set(refused.value.fields) == {"slug"}


def test_the_agency_edits_its_network_and_the_audit_says_what_changed() -> None:
    network, agency = NetworkFactory(name_it="Prima"), OrganisationFactory(name="ART-ER")
    actions.edit_network(actor=agency_of(network), network=network, name_it="Dopo", agency=agency)
    with pytest.raises(NotAllowed):
        actions.edit_network(actor=agency_of(NetworkFactory()), network=network, name_it="Altro")
    network.refresh_from_db()
    assert (network.name_it, network.agency_id) == ("Dopo", agency.pk)
    assert history_of(network)[0].changes == {
        "name_it": ["Prima", "Dopo"],
        "agency": [None, "ART-ER"],
    }


def test_an_agency_founds_a_cluster_with_a_code_and_an_address_of_its_own() -> None:
    network = NetworkFactory()
    cluster = actions.found_cluster(
        actor=agency_of(network),
        network=network,
        slug="health",
        code="HEALTH",
        name="Clust-ER  Salute\x00",
        name_en="Clust-ER Health",
        founded_year=2017,
    )
    assert (cluster.name, cluster.territory, cluster.type) == (
        "Clust-ER Salute",
        network.territory,
        "cluster",
    )
    with pytest.raises(actions.ClusterRefused) as refused:
        actions.found_cluster(
            actor=agency_of(network), network=network, slug="health", code="HEALTH", name="X"
        )
    assert set(refused.value.fields) == {"slug", "code"}
    with pytest.raises(NotAllowed):
        actions.found_cluster(
            actor=manager_of(cluster), network=network, slug="x", code="X", name="X"
        )


def test_html_in_a_name_is_kept_as_typed() -> None:
    cluster = ClusterFactory()
    actions.edit_cluster(
        actor=manager_of(cluster), cluster=cluster, version=1, name="<b>Health</b>"
    )
    assert Cluster.objects.get().name == "<b>Health</b>"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "x" * 301}, "name"),
        ({"name": "  "}, "name"),
        ({"description_it": "x" * 200_000}, "description_it"),
        ({"founded_year": 1217}, "founded_year"),
        ({"founded_year": 2027}, "founded_year"),
        ({"field_en": "x" * 201}, "field_en"),
    ],
)
def test_what_cannot_be_kept_is_refused_at_its_field(
    changes: dict[str, object], field: str
) -> None:
    cluster = ClusterFactory()
    with pytest.raises(actions.ClusterRefused) as refused:
        actions.edit_cluster(actor=manager_of(cluster), cluster=cluster, version=1, **changes)
    assert set(refused.value.fields) == {field}
    assert Cluster.objects.get().version == 1


def test_a_text_of_200_000_characters_is_refused_with_both_numbers() -> None:
    cluster = ClusterFactory()
    with translation.override("en"), pytest.raises(actions.ClusterRefused) as refused:
        actions.edit_cluster(
            actor=manager_of(cluster), cluster=cluster, version=1, notes_en="y" * 200_000
        )
    assert refused.value.fields == {
        "notes_en": "The text has 200000 characters; at most 20000 fit."
    }


def test_two_people_who_change_different_fields_both_succeed_and_the_same_one_conflicts() -> None:
    cluster = ClusterFactory(description_it="prima", website="")
    manager = manager_of(cluster)
    actions.edit_cluster(actor=manager, cluster=cluster, version=1, description_it="di Ada")
    actions.edit_cluster(
        actor=manager, cluster=cluster, version=1, website="https://health.clust-er.it"
    )
    with pytest.raises(ProfileConflict) as conflict:
        actions.edit_cluster(actor=manager, cluster=cluster, version=1, description_it="di Bea")
    assert conflict.value.others["description_it"].after == "di Ada"
    kept = Cluster.objects.get()
    assert (kept.description_it, kept.website) == ("di Ada", "https://health.clust-er.it")


def test_a_recognition_keeps_what_is_known_and_a_label_is_obtained_once() -> None:
    cluster = ClusterFactory()
    manager, region = manager_of(cluster), OrganisationFactory(name="Regione")
    recognition = actions.recognise_cluster(
        actor=manager, cluster=cluster, authority=region, act="DGR 671/2017", act_year=2017
    )
    assert (recognition.act_year, recognition.act_date) == (2017, None)
    with pytest.raises(actions.ClusterRefused) as refused:
        actions.recognise_cluster(
            actor=manager,
            cluster=cluster,
            authority=region,
            valid_from=date(2022, 1, 1),
            valid_until=date(2021, 1, 1),
        )
    assert set(refused.value.fields) == {"valid_until"}
    actions.add_label(actor=manager, cluster=cluster, name="EUCLES Silver", year=2023)
    with pytest.raises(actions.ClusterRefused) as refused:
        actions.add_label(actor=manager, cluster=cluster, name="EUCLES Silver", year=2024)
    assert set(refused.value.fields) == {"name"}
    assert cluster.labels.count() == 1


@pytest.mark.parametrize(
    ("qualifier", "amount", "unit", "english", "italian"),
    [
        ("exactly", 112, "count", "112", "112"),
        ("more_than", 1000, "count", "more than 1,000", "più di 1.000"),
        ("about", 70, "percent", "about 70 %", "circa 70 %"),
        ("more_than", 55_000_000, "EUR", "more than EUR 55,000,000", "più di 55.000.000 euro"),
        ("exactly", Decimal("2.5"), "percent", "2.50 %", "2,50 %"),
    ],
)
def test_a_figure_is_said_in_the_page_s_language(
    qualifier: FigureQualifier,
    amount: Decimal | int,
    unit: FigureUnit,
    english: str,
    italian: str,
) -> None:
    cluster = ClusterFactory()
    figure = actions.record_figure(
        actor=manager_of(cluster),
        about=cluster,
        label_it="Associati",
        label_en="Members",
        amount=amount,
        qualifier=qualifier,
        unit=unit,
    )
    said = []
    for language in ("en", "it"):
        with translation.override(language):
            said.append(figure.value)
    assert said == [english, italian]
    assert figure.measure == "members"


def test_figures_are_recorded_by_who_cares_for_the_subject() -> None:
    network = NetworkFactory()
    cluster = ClusterFactory(network=network)
    chain, district = ValueChainFactory(cluster=cluster), SpecialisationFactory()
    chair = person(chains=frozenset({chain.pk}))
    allowed = {
        (who, about.pk, type(about).__name__)
        for who, actor in (
            ("agency", agency_of(network)),
            ("manager", manager_of(cluster)),
            ("chair", chair),
        )
        for about in (network, cluster, chain, district)
        if _records(actor, about)
    }
    assert allowed == {
        ("agency", network.pk, "Network"),
        ("agency", cluster.pk, "Cluster"),
        ("agency", chain.pk, "ValueChain"),
        ("agency", district.pk, "Specialisation"),
        ("manager", cluster.pk, "Cluster"),
        ("manager", chain.pk, "ValueChain"),
        ("chair", chain.pk, "ValueChain"),
    }


def _records(actor: Viewer, about: object) -> bool:
    try:
        actions.record_figure(actor=actor, about=about, label_it="x", label_en="x", amount=1)
    except NotAllowed:
        return False
    return True


def test_a_negative_figure_is_refused() -> None:
    cluster = ClusterFactory()
    with pytest.raises(actions.FigureRefused) as refused:
        actions.record_figure(
            actor=manager_of(cluster), about=cluster, label_it="x", label_en="x", amount=-1
        )
    assert set(refused.value.fields) == {"amount"}


def test_an_agency_names_a_district_and_puts_a_body_there_once() -> None:
    agency = agency_of(NetworkFactory())
    district = actions.name_specialisation(
        actor=agency,
        slug="mirandola",
        name_it="Distretto di Mirandola",
        name_en="Mirandola district",
        territory=TerritoryFactory(),
    )
    body = OrganisationFactory()
    actions.place_in_specialisation(actor=agency, specialisation=district, profile=body)
    with pytest.raises(actions.SpecialisationRefused) as refused:
        actions.place_in_specialisation(actor=agency, specialisation=district, profile=body)
    assert set(refused.value.fields) == {"profile"}
    with pytest.raises(NotAllowed):
        actions.place_in_specialisation(
            actor=manager_of(ClusterFactory()), specialisation=district, profile=body
        )
    assert district.places.count() == 1
