"""What the pages count: worked examples of the Clust-ERs."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import translation

from tests.factories.clusters import (
    TODAY,
    ChainMembershipFactory,
    ClusterFactory,
    MembershipFactory,
    NetworkFactory,
    ValueChainFactory,
    agency_of,
    manager_of,
)
from tests.factories.organisations import (
    NOW,
    KindFactory,
    MunicipalityFactory,
    OrganisationFactory,
    ProvinceFactory,
    SeatFactory,
    TechnopoleFactory,
    UnitFactory,
)
from trebbo.ecosystem.clusters import actions, queries
from trebbo.ecosystem.clusters.choices import FigureKind, KindGroup, MembershipState
from trebbo.ecosystem.clusters.models import Cluster, Network
from trebbo.ecosystem.organisations.choices import Freshness, Visibility
from trebbo.ecosystem.organisations.models import Organisation, SizePeriod
from trebbo.kernel.access import Viewer, visitor

pytestmark = pytest.mark.django_db

ANYBODY: Viewer = visitor(NOW)


def company(kind: str = "sme", **fields: Any) -> Organisation:
    """An organisation of a kind."""
    organisation: Organisation = OrganisationFactory(**fields)
    if kind:
        KindFactory(organisation=organisation, kind=kind)
    return organisation


def publish(cluster: Cluster, amount: int, as_of: str) -> None:
    """A published number of members."""
    actions.record_figure(
        actor=manager_of(cluster),
        about=cluster,
        label_it="Associati",
        label_en="Members",
        amount=amount,
        as_of=as_of,
    )


def tallied(tallies: tuple[queries.Tally, ...]) -> list[tuple[str, int]]:
    """Keys and counts."""
    return [(tally.key, tally.count) for tally in tallies]


def test_sixteen_members_and_nine_candidates_of_112_published() -> None:
    health = ClusterFactory()
    for kind, count in (("sme", 5), ("large_company", 3), ("university", 3), ("", 4)):
        for _ in range(count):
            MembershipFactory(cluster=health, profile=company(kind))
    MembershipFactory(cluster=health, profile=UnitFactory())
    for _ in range(9):
        MembershipFactory(cluster=health, profile=company(), state=MembershipState.CANDIDATE)
    publish(health, 99, "2021")
    publish(health, 112, "2022")
    page = queries.cluster_page(health.slug, viewer=ANYBODY)
    counted = page.composition
    assert (counted.members, counted.candidates, page.not_listed) == (16, 9, 96)
    assert tallied(counted.kinds) == [
        ("sme", 5),
        ("large_company", 3),
        ("university", 3),
        ("unit:laboratory", 1),
        ("", 4),
    ]
    assert tallied(counted.sizes) == [("", 15)]
    with translation.override("en"):
        unknown = queries.cluster_page(health.slug, viewer=ANYBODY).unknown
    assert (
        "Who 96 of its members are: 112 were published (2022), 16 are in the registry." in unknown
    )
    assert "The table of its fees." in unknown
    assert "Its statute: no published text is known." in unknown
    assert "Its value chains." in unknown


def test_what_is_known_is_not_called_unknown() -> None:
    cluster = ClusterFactory(
        founded_year=2017,
        website="https://health.clust-er.it",
        statute_url="https://health.clust-er.it/statuto",
    )
    manager, authority = manager_of(cluster), OrganisationFactory()
    actions.recognise_cluster(
        actor=manager, cluster=cluster, authority=authority, valid_from=date(2017, 5, 31)
    )
    actions.record_figure(
        actor=manager, about=cluster, label_it="Quota", label_en="Yearly fee", amount=500
    )
    actions.admit_member(
        actor=manager,
        cluster=cluster,
        profile=UnitFactory(),
        valid_from=date(2020, 1, 1),
        category="ordinary",
    )
    publish(cluster, 1, "2026")
    chain = ValueChainFactory(cluster=cluster)
    actions.join_value_chain(
        actor=manager, value_chain=chain, profile=cluster.members.get().profile
    )
    assert queries.cluster_page(cluster.slug, viewer=ANYBODY).unknown == ()


def test_a_body_in_three_clusters_counts_once_and_a_unit_under_its_organisation() -> None:
    network = NetworkFactory()
    clusters = [ClusterFactory(network=network) for _ in range(3)]
    unibo, unit_parent = company("university"), company("university")
    lab, centre = (UnitFactory(organisation=unit_parent) for _ in range(2))
    for cluster in clusters:
        MembershipFactory(cluster=cluster, profile=unibo)
    MembershipFactory(cluster=clusters[0], profile=lab)
    MembershipFactory(cluster=clusters[1], profile=centre)
    MembershipFactory(cluster=clusters[1], profile=unit_parent, state="suspended")
    candidate = company()
    for cluster in clusters[:2]:
        MembershipFactory(cluster=cluster, profile=candidate, state="candidate")
    MembershipFactory(profile=company())
    page = queries.network_page(network.slug, viewer=ANYBODY)
    totals = page.totals
    assert (totals.memberships, totals.members, totals.bodies) == (6, 4, 2)
    assert (totals.candidate_memberships, totals.candidates) == (2, 1)
    by_slug = {row.cluster.slug: row for row in page.rows}
    second = by_slug[clusters[1].slug]
    assert (second.active, second.suspended, second.candidates, second.members) == (2, 1, 1, 3)
    assert sum(row.members for row in page.rows) == totals.memberships
    assert page.groups == {KindGroup.RESEARCH: 6}


def test_a_network_counts_value_chains_open_and_closed_and_quotes_the_last_figure() -> None:
    network = NetworkFactory()
    health, mech = (ClusterFactory(network=network) for _ in range(2))
    ValueChainFactory(cluster=health)
    ValueChainFactory(cluster=health, valid_from=None)
    ValueChainFactory(cluster=health, valid_until=TODAY - timedelta(days=1))
    ValueChainFactory(cluster=mech, valid_until=TODAY)
    publish(health, 112, "2022")
    publish(health, 99, "2021")
    rows = {row.cluster.pk: row for row in queries.network_page(network.slug, viewer=ANYBODY).rows}
    assert (rows[health.pk].chains_active, rows[health.pk].chains_closed) == (2, 1)
    assert (rows[mech.pk].chains_active, rows[mech.pk].chains_closed) == (1, 0)
    published = rows[health.pk].published
    assert published is not None
    assert (published.amount, published.as_of, rows[mech.pk].published) == (112, "2022", None)


def test_nobody_recorded_is_not_the_same_as_none() -> None:
    network = NetworkFactory()
    empty, signs, full = (ClusterFactory(network=network) for _ in range(3))
    MembershipFactory(cluster=signs, state=MembershipState.CANDIDATE)
    MembershipFactory(cluster=full)
    ValueChainFactory(cluster=full, valid_until=TODAY - timedelta(days=1))
    page = queries.network_page(network.slug, viewer=ANYBODY)
    known = {
        row.cluster.pk: (row.members_known, row.candidates_known, row.chains_known)
        for row in page.rows
    }
    assert known == {
        empty.pk: (False, False, False),
        signs.pk: (False, True, False),
        full.pk: (True, True, True),
    }


def test_an_undated_figure_gives_way_to_a_dated_one_but_is_quoted() -> None:
    mech = ClusterFactory()
    for amount, as_of in ((103, "2020"), (154, ""), (130, "2023")):
        publish(mech, amount, as_of)
    page = queries.cluster_page(mech.slug, viewer=ANYBODY)
    assert page.published is not None
    assert page.published.amount == 130
    assert [figure.amount for figure in page.figures.quoted] == [130, 103, 154]


@pytest.mark.parametrize(
    ("name", "aim", "said"),
    [
        ("MedTech - Dispositivi medici", "Dispositivi medici.", ""),
        ("MedTech - Dispositivi medici", "Dispositivi e protesi.", "Dispositivi e protesi."),
        ("Mobilità", "mobilita.", ""),
        ("MedTech", "", ""),
    ],
)
def test_an_aim_that_the_name_says_already_is_not_said_twice(
    name: str, aim: str, said: str
) -> None:
    chain = ValueChainFactory.build(name_it=name, aim_it=aim)
    assert chain.aim_beyond_name == said


def test_what_is_hidden_is_neither_listed_nor_counted() -> None:
    cluster = ClusterFactory()
    MembershipFactory(cluster=cluster, profile=company(visibility=Visibility.HIDDEN))
    MembershipFactory(cluster=cluster, profile=company(visibility=Visibility.NETWORK))
    MembershipFactory(cluster=cluster, profile=company())
    seen = {
        who: (
            queries.cluster_page(cluster.slug, viewer=viewer).composition.members,
            queries.cluster_page(cluster.slug, viewer=viewer).members.count(),
            queries.network_page(cluster.network.slug, viewer=viewer).totals.members,
        )
        for who, viewer in (
            ("visitor", ANYBODY),
            ("network", manager_of(ClusterFactory())),
            ("manager", manager_of(cluster)),
        )
    }
    assert seen == {"visitor": (1, 1, 1), "network": (2, 2, 2), "manager": (3, 3, 3)}


def test_a_hidden_cluster_is_there_for_its_office_and_agency_only() -> None:
    cluster = ClusterFactory(visibility=Visibility.HIDDEN)
    with pytest.raises(Cluster.DoesNotExist):
        queries.cluster_page(cluster.slug, viewer=ANYBODY)
    assert not queries.network_page(cluster.network.slug, viewer=ANYBODY).rows
    for viewer in (manager_of(cluster), agency_of(cluster.network)):
        assert queries.cluster_page(cluster.slug, viewer=viewer).cluster == cluster


def test_kind_size_and_province_hold_as_of_today() -> None:
    cluster, organisation = ClusterFactory(), OrganisationFactory()
    MembershipFactory(cluster=cluster, profile=organisation)
    KindFactory(organisation=organisation, kind="sme", valid_until=TODAY - timedelta(days=1))
    KindFactory(organisation=organisation, kind="large_company", valid_from=TODAY)
    for size, year in (("small", None), ("medium", 2024), ("large", 2025), ("micro", 2027)):
        SizePeriod.objects.create(organisation=organisation, size=size, year=year)
    bologna = MunicipalityFactory(
        istat_code="037006",
        name="Bologna",
        province=ProvinceFactory(code="BO", istat_code="037", name_it="Bologna"),
    )
    SeatFactory(profile=organisation, municipality=bologna, is_main=False)
    SeatFactory(profile=organisation, is_main=True)
    counted = queries.cluster_page(cluster.slug, viewer=ANYBODY).composition
    assert tallied(counted.kinds) == [("large_company", 1)]
    assert tallied(counted.sizes) == [("large", 1)]
    assert tallied(counted.provinces) == [("Modena", 1)]


def test_freshness_of_members_is_that_of_their_profiles(settings: Any) -> None:
    settings.CONFIRMATION_GRACE_DAYS = 90
    cluster = ClusterFactory()
    dues = [None, TODAY, TODAY - timedelta(days=1), TODAY - timedelta(days=90)]
    dues.append(TODAY - timedelta(days=91))
    profiles = [
        OrganisationFactory(due_date=due, confirmed_at=NOW if due else None) for due in dues
    ]
    for profile in profiles:
        MembershipFactory(cluster=cluster, profile=profile)
    counted = queries.cluster_page(cluster.slug, viewer=ANYBODY).composition
    expected: dict[str, int] = {}
    for profile in profiles:
        state = profile.freshness_on(TODAY).value
        expected[state] = expected.get(state, 0) + 1
    assert dict(tallied(counted.freshness)) == expected
    assert expected == {
        Freshness.NEVER: 1,
        Freshness.CONFIRMED: 1,
        Freshness.DUE: 2,
        Freshness.STALE: 1,
    }
    assert (counted.confirmed, counted.confirmed_percent) == (1, 20)


def test_a_withdrawal_in_the_future_still_counts_and_is_active() -> None:
    membership = MembershipFactory(
        state=MembershipState.WITHDRAWN, valid_until=TODAY + timedelta(days=1)
    )
    page = queries.cluster_page(membership.cluster.slug, viewer=ANYBODY)
    assert (page.composition.active, [row.present_state for row in page.members]) == (
        1,
        ["active"],
    )


def test_members_and_candidates_stand_apart_each_by_name() -> None:
    cluster = ClusterFactory()
    for name, state in (
        ("B", "candidate"),
        ("D", "active"),
        ("A", "candidate"),
        ("C", "suspended"),
    ):
        MembershipFactory(cluster=cluster, profile=OrganisationFactory(name=name), state=state)
    page = queries.cluster_page(cluster.slug, viewer=ANYBODY)
    assert [row.profile.name for row in page.members] == ["C", "D"]
    assert [row.profile.name for row in page.candidates] == ["A", "B"]


def medtech(chain_cluster: Cluster) -> Any:
    """The published composition of MedTech: 62 bodies."""
    chain = ValueChainFactory(cluster=chain_cluster)
    for label, amount, kinds in (
        ("SMEs", 21, ["sme"]),
        ("Large companies", 7, ["large_company"]),
        (
            "Universities and research",
            19,
            ["university", "research_centre", "rat_laboratory"],
        ),
        ("Hospitals", 7, ["health_facility"]),
        ("Incubators and agencies", 4, ["incubator", "agency"]),
        ("Patient associations", 2, ["patient_association"]),
        ("Social care", 1, ["other"]),
        ("Training", 1, ["training_body"]),
    ):
        actions.record_figure(
            actor=manager_of(chain_cluster),
            about=chain,
            label_it=label,
            label_en=label,
            amount=amount,
            kind=FigureKind.COMPOSITION,
            kinds=kinds,
        )
    return chain


def test_medtech_published_62_beside_what_the_registry_knows() -> None:
    chain = medtech(ClusterFactory())
    for profile in (company("sme"), company("sme"), company("university"), UnitFactory()):
        ChainMembershipFactory(value_chain=chain, profile=profile)
    page = queries.value_chain_page(chain.slug, viewer=ANYBODY)
    assert (page.published, page.participants) == (62, 4)
    assert [(b.figure.amount, b.counted) for b in page.buckets] == [
        (21, 2),
        (7, 0),
        (19, 2),
        (7, 0),
        (4, 0),
        (2, 0),
        (1, 0),
        (1, 0),
    ]


def test_of_a_closed_value_chain_those_of_the_last_day_are_shown() -> None:
    last = date(2024, 6, 30)
    chain = ValueChainFactory(valid_from=date(2017, 1, 1), valid_until=last)
    stayed = ChainMembershipFactory(value_chain=chain, valid_until=last)
    ChainMembershipFactory(value_chain=chain, valid_until=date(2020, 1, 1))
    page = queries.value_chain_page(chain.slug, viewer=ANYBODY)
    assert (page.open, [row.pk for row in page.places]) == (False, [stayed.pk])


def test_a_cluster_shows_what_each_value_chain_came_from_and_became() -> None:
    cluster = ClusterFactory()
    manager = manager_of(cluster)
    names = ("medrer", "poserr", "split", "pharma", "left", "right")
    chains = {
        name: ValueChainFactory(
            cluster=cluster, code=name, valid_from=date(2017 + 7 * (at > 2), 1, 1)
        )
        for at, name in enumerate(names)
    }
    for before, after in (
        ("medrer", "pharma"),
        ("poserr", "pharma"),
        ("split", "left"),
        ("split", "right"),
    ):
        actions.succeed_value_chain(
            actor=manager,
            predecessor=chains[before],
            successor=chains[after],
            kind="splits" if before == "split" else "merges",
            note_it=f"da {before}",
        )
    lines = queries.cluster_page(cluster.slug, viewer=ANYBODY).chains
    told = {
        line.chain.code: (
            line.open,
            [link.predecessor.code for link in line.origins],
            [(link.successor.code, link.kind, link.note_it) for link in line.successions],
        )
        for line in lines
    }
    assert told == {
        "medrer": (False, [], [("pharma", "merges", "da medrer")]),
        "poserr": (False, [], [("pharma", "merges", "da poserr")]),
        "split": (False, [], [("left", "splits", "da split"), ("right", "splits", "da split")]),
        "pharma": (True, ["medrer", "poserr"], []),
        "left": (True, ["split"], []),
        "right": (True, ["split"], []),
    }
    assert [line.chain.code for line in lines] == list(names)


def test_chairs_come_first() -> None:
    chain = ValueChainFactory()
    for name, role in (("A", "participant"), ("B", "vice_chair"), ("C", "chair")):
        ChainMembershipFactory(value_chain=chain, profile=OrganisationFactory(name=name), role=role)
    page = queries.value_chain_page(chain.slug, viewer=ANYBODY)
    assert [row.role for row in page.places] == ["chair", "vice_chair", "participant"]


def test_an_organisation_also_shows_where_its_units_belong() -> None:
    organisation = OrganisationFactory()
    lab = UnitFactory(organisation=organisation)
    hidden = UnitFactory(organisation=organisation, visibility=Visibility.HIDDEN)
    own, through = MembershipFactory(profile=organisation), MembershipFactory(profile=lab)
    MembershipFactory(profile=hidden)
    MembershipFactory(cluster__visibility=Visibility.HIDDEN, profile=organisation)
    belonging = queries.belonging_of(organisation.profile_ptr, viewer=ANYBODY)
    assert {row.pk for row in belonging.memberships} == {own.pk, through.pk}
    assert [row.pk for row in queries.belonging_of(lab, viewer=ANYBODY).memberships] == [through.pk]


def test_who_can_be_found_to_become_a_member() -> None:
    cluster = ClusterFactory()
    free = OrganisationFactory(name="Università di Parma", acronym="UNIPR")
    MembershipFactory(cluster=cluster, profile=OrganisationFactory(name="Università di Bologna"))
    left = MembershipFactory(
        cluster=cluster,
        profile=UnitFactory(name="Laboratorio università"),
        valid_until=date(2020, 1, 1),
        state="withdrawn",
    )
    TechnopoleFactory(name="Tecnopolo università")
    found = queries.possible_members("universita", cluster, viewer=manager_of(cluster))
    assert [row.pk for row in found] == [left.profile_id, free.pk]
    by_acronym = queries.possible_members("unipr", cluster, viewer=manager_of(cluster))
    assert [row.pk for row in by_acronym] == [free.pk]


def test_there_is_no_such_network() -> None:
    with pytest.raises(Network.DoesNotExist):
        queries.network_page("nowhere", viewer=ANYBODY)
