"""The rules of the registry for every kind of person, on an object and on rows alike."""

from datetime import date

import pytest

from tests.factories.organisations import (
    OrganisationFactory,
    TechnopoleFactory,
    TerritoryFactory,
    UnitFactory,
    person,
)
from trebbo.ecosystem.clusters.models import Cluster, Membership, Network
from trebbo.ecosystem.organisations.models import Profile
from trebbo.ecosystem.organisations.policies import (
    accredit_profile,
    edit_profile,
    invite_to_profile,
    may_register,
    view_profile,
)
from trebbo.kernel.access import Viewer, visitor

pytestmark = pytest.mark.django_db

EVERY = frozenset({"public", "network", "hidden", "unit", "hidden unit", "technopole", "outsider"})


@pytest.fixture
def profiles() -> dict[str, Profile]:
    """Profiles of each visibility, a unit, a Technopole, and one that is in no cluster."""
    public = OrganisationFactory.create(name="public")
    return {
        "public": public,
        "network": OrganisationFactory.create(name="network", visibility="network"),
        "hidden": OrganisationFactory.create(name="hidden", visibility="hidden"),
        "unit": UnitFactory.create(name="unit", organisation=public),
        "hidden unit": UnitFactory.create(
            name="hidden unit", organisation=public, visibility="hidden"
        ),
        "technopole": TechnopoleFactory.create(name="technopole", visibility="hidden"),
        "outsider": OrganisationFactory.create(name="outsider", visibility="hidden"),
    }


@pytest.fixture
def clusters(profiles: dict[str, Profile]) -> dict[str, Cluster]:
    """A cluster with two members now, one that was, and another cluster."""
    territory = TerritoryFactory.create()
    network = Network.objects.create(
        slug="rete", name_it="Rete", name_en="Network", territory=territory
    )
    health, build = (
        Cluster.objects.create(
            type="cluster",
            name=name,
            slug=name,
            sort_name=name,
            code=name,
            network=network,
            territory=territory,
            changed_at=person().now,
            visibility="hidden",
        )
        for name in ("health", "build")
    )
    for name, until in (("hidden", None), ("unit", None), ("outsider", date(2026, 6, 14))):
        Membership.objects.create(
            profile=profiles[name], cluster=health, state="active", valid_until=until
        )
    return {"health": health, "build": build}


def people(profiles: dict[str, Profile], clusters: dict[str, Cluster]) -> dict[str, Viewer]:
    """Every kind of person that the rules know."""
    health, build = clusters["health"].pk, clusters["build"].pk
    network = clusters["health"].network_id

    def acts(profile: str, role: str) -> Viewer:
        return person(person_id=1, mandates={profiles[profile].pk: frozenset({role})})

    return {
        "visitor": visitor(person().now),
        "signed in": person(person_id=1),
        "editor": acts("public", "editor"),
        "representative": acts("public", "representative"),
        "colleague": acts("network", "representative"),
        "editor of a hidden one": acts("hidden", "editor"),
        "technician": acts("unit", "editor"),
        "manager": person(person_id=1, clusters={health: frozenset({"manager"})}),
        "other manager": person(person_id=1, clusters={build: frozenset({"manager"})}),
        "board": person(person_id=1, clusters={health: frozenset({"board"})}),
        "agency": person(person_id=1, networks={network: frozenset({"agency"})}),
        "region": person(person_id=1, networks={network: frozenset({"region"})}),
    }


PUBLIC = {"public", "unit"}
NETWORK = {"public", "unit", "network"}
SEES = {
    "visitor": PUBLIC,
    "signed in": PUBLIC,
    "editor": NETWORK,
    "representative": NETWORK | {"hidden unit"},
    "colleague": NETWORK,
    "editor of a hidden one": NETWORK | {"hidden"},
    "technician": NETWORK,
    "manager": NETWORK | {"hidden"},
    "other manager": NETWORK,
    "board": NETWORK,
    "agency": EVERY,
    "region": NETWORK,
}
# Nobody has ever acted for these, and no cluster has ever had them: any office looks after them.
NOBODYS = {"public", "network"}
EDITS: dict[str, set[str] | frozenset[str]] = {
    "visitor": set(),
    "signed in": set(),
    "editor": {"public"},
    "representative": {"public", "unit", "hidden unit"},
    "colleague": {"network"},
    "editor of a hidden one": {"hidden"},
    "technician": {"unit"},
    "manager": {"hidden", "unit"} | NOBODYS,
    "other manager": NOBODYS,
    "board": set(),
    "agency": EVERY,
    "region": set(),
}
INVITES: dict[str, set[str] | frozenset[str]] = {
    **EDITS,
    "editor": set(),
    "editor of a hidden one": set(),
    "technician": set(),
    "manager": {"hidden", "unit"},
    "other manager": set(),
}
ACCREDITS: dict[str, set[str] | frozenset[str]] = {
    **{key: set[str]() for key in EDITS},
    "agency": EVERY,
}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (view_profile, SEES),
        (edit_profile, EDITS),
        (invite_to_profile, INVITES),
        (accredit_profile, ACCREDITS),
    ],
    ids=["view", "edit", "invite", "accredit"],
)
@pytest.mark.parametrize("who", sorted(SEES))
def test_who_may_what(
    rule: object,
    expected: dict[str, set[str]],
    who: str,
    profiles: dict[str, Profile],
    clusters: dict[str, Cluster],
) -> None:
    viewer = people(profiles, clusters)[who]
    rows = set(rule.filter(viewer, Profile.objects.exclude(type="cluster")))  # type: ignore[attr-defined]
    by_rows = {profile.name for profile in rows}
    base = Profile.objects.in_bulk([profile.pk for profile in profiles.values()])
    by_object = {
        name
        for name, profile in profiles.items()
        if rule.allows(viewer, base[profile.pk])  # type: ignore[attr-defined]
    }
    assert by_rows == by_object == expected[who]


def test_the_office_that_runs_a_cluster_edits_its_page_and_the_other_does_not(
    profiles: dict[str, Profile], clusters: dict[str, Cluster]
) -> None:
    everybody = people(profiles, clusters)
    allowed = {
        who
        for who, viewer in everybody.items()
        if edit_profile.allows(viewer, Profile.objects.get(pk=clusters["health"].pk))
    }
    assert allowed == {"manager", "agency"}


def test_who_registers(profiles: dict[str, Profile], clusters: dict[str, Cluster]) -> None:
    everybody = people(profiles, clusters)
    assert {who for who, viewer in everybody.items() if may_register(viewer)} == {
        "manager",
        "other manager",
        "agency",
    }
