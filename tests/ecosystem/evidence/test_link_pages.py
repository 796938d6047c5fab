"""The review queue and the page on which projects are given."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.factories.accounts import (
    ClusterRoleFactory,
    MandateFactory,
    NetworkRoleFactory,
    PersonFactory,
)
from tests.factories.clusters import ClusterFactory, MembershipFactory
from tests.factories.evidence import BodyFactory, ImportFactory, LinkFactory, ParticipationFactory
from tests.factories.organisations import OrganisationFactory, SeatFactory, UnitFactory
from trebbo.ecosystem.accounts.models import ClusterRole, Person
from trebbo.ecosystem.clusters.models import Cluster
from trebbo.ecosystem.evidence.choices import Dataset, LinkState
from trebbo.ecosystem.evidence.models import Link
from trebbo.ecosystem.organisations.models import Identifier, Profile

pytestmark = pytest.mark.django_db

SignIn = Callable[[Person], Client]

REASONS = [
    {"comparison": "name", "level": "same_rare", "left": "A", "right": "B", "weight": 9.4},
    {"comparison": "town", "level": "different", "left": "X", "right": "Y", "weight": -2.5},
    {"comparison": "kind", "level": "unknown", "left": "", "right": "", "weight": 0.0},
]


def propose(cluster: Cluster, **more: Any) -> Link:
    """A proposal about a member, with a seat, projects, another candidate."""
    profile = MembershipFactory(cluster=cluster, profile=OrganisationFactory()).profile
    SeatFactory(profile=profile, is_main=True)
    link: Link = LinkFactory(**{"profile": profile, "reasons": REASONS, **more})
    ParticipationFactory(body=link.body)
    LinkFactory(profile=profile, probability=0.3)
    return link


def heading(client: Client, address: str = "/en/evidence/links/") -> str:
    """What the page asks."""
    page = client.get(address).content.decode()
    found = re.search(r'<h2 id="review-title"[^>]*>(.*?)</h2>', page, re.S)
    return found.group(1) if found else ""


def decide(client: Client, link: Link, decision: str, **more: str) -> Any:
    """Press a button."""
    return client.post(f"/en/evidence/links/{link.pk}/decide/", {"decision": decision, **more})


def test_both_sides_the_reasons_and_the_chance_are_told(sign_in: SignIn) -> None:
    role = ClusterRoleFactory()
    profile = MembershipFactory(
        cluster=role.cluster, profile=OrganisationFactory(name="Biomateriali srl")
    ).profile
    SeatFactory(profile=profile, is_main=True)
    body = BodyFactory(name="BIOMATERIALI SRL", key="912345678", vat_number="IT02297380367")
    LinkFactory(profile=profile, body=body, probability=0.847, reasons=REASONS)
    page = sign_in(role.person).get("/en/evidence/links/").content.decode()
    text = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert "Is “BIOMATERIALI SRL” the profile “Biomateriali srl”?" in text
    assert "Probably the same : 84 %" in text
    assert "Names Biomateriali srl BIOMATERIALI SRL = the same" in text
    assert "Place Mirandola (MO) MIRANDOLA (ITH54) Italy = the same" in text
    assert "VAT number or tax code not known IT02297380367 –" in text
    assert "Names : the same, and rare A / B +9.4 for" in text
    assert "Town : different X / Y -2.5 against" in text
    assert "unknown" not in text


def test_the_strongest_comes_first_and_the_next_at_once(sign_in: SignIn) -> None:
    role = ClusterRoleFactory()
    weak, strong = propose(role.cluster, probability=0.5), propose(role.cluster, probability=0.9)
    client = sign_in(role.person)
    assert strong.profile is not None
    assert weak.profile is not None
    assert strong.profile.name in heading(client)
    answer = decide(client, strong, "accept", at=str(weak.pk))
    assert answer.status_code == 302
    assert weak.profile.name in heading(client, answer.url)
    answer = decide(client, weak, "refuse")
    strong.refresh_from_db()
    weak.refresh_from_db()
    assert (strong.state, weak.state) == (LinkState.ACCEPTED, LinkState.REFUSED)


def test_with_htmx_only_the_review_comes_back(sign_in: SignIn) -> None:
    role = ClusterRoleFactory()
    first, second = propose(role.cluster, probability=0.9), propose(role.cluster, probability=0.8)
    client = sign_in(role.person)
    answer = client.post(
        f"/en/evidence/links/{first.pk}/decide/",
        {"decision": "accept", "at": str(second.pk)},
        headers={"HX-Request": "true", "HX-Target": "review"},
    )
    page = answer.content.decode()
    assert page.lstrip().startswith('<div id="review">')
    assert second.profile is not None
    assert second.profile.name in page
    assert 'value="undo" data-key="u"' in page
    assert answer.headers["HX-Replace-Url"].endswith(f"?at={second.pk}")


def test_the_second_manager_is_told_on_the_page(sign_in: SignIn) -> None:
    role = ClusterRoleFactory()
    other = ClusterRoleFactory(cluster=role.cluster, person=PersonFactory(name="Anna Neri"))
    link = propose(role.cluster)
    decide(sign_in(other.person), link, "split")
    client = sign_in(role.person)
    answer = decide(client, link, "accept")
    told = client.get(answer.url).content.decode()
    assert "Anna Neri has already split this body" in told
    answer = client.post(
        f"/en/evidence/links/{link.pk}/decide/",
        {"decision": "accept"},
        headers={"HX-Request": "true", "HX-Target": "review"},
    )
    assert "Anna Neri has already split this body" in answer.content.decode()
    link.refresh_from_db()
    assert link.state == LinkState.SPLIT


def test_undo_brings_the_proposal_back(sign_in: SignIn) -> None:
    role = ClusterRoleFactory()
    link = propose(role.cluster)
    client = sign_in(role.person)
    decide(client, link, "accept")
    page = client.get("/en/evidence/links/").content.decode()
    assert f'action="/en/evidence/links/{link.pk}/decide/"' in page
    answer = decide(client, link, "undo")
    assert answer.url == f"/en/evidence/links/?at={link.pk}"
    assert link.profile is not None
    assert link.profile.name in heading(client, answer.url)


def test_the_queue_is_narrowed_by_dataset_members_and_state(sign_in: SignIn) -> None:
    role = ClusterRoleFactory()
    mine = propose(role.cluster, probability=0.9)
    newcomer = LinkFactory(profile=OrganisationFactory(), probability=0.8)
    other = LinkFactory(
        profile=mine.profile,
        probability=0.7,
        body=BodyFactory(first_import=ImportFactory(dataset=Dataset.CORDIS_H2020)),
    )
    made = LinkFactory(profile=mine.profile, state=LinkState.MADE, probability=0.99)
    decided = LinkFactory(profile=mine.profile, state=LinkState.REFUSED)
    client = sign_in(role.person)

    def listed(query: str) -> list[str]:
        page = client.get(f"/en/evidence/links/{query}").content.decode()
        return re.findall(r"<span>= (\S+ \d+ SRL)", page)

    third = Link.objects.get(probability=0.3)
    names = [link.body.name for link in (mine, newcomer, other, third)]
    assert listed("") == names
    assert listed("?whose=members") == [names[0], names[2], names[3]]
    assert listed("?dataset=cordis-h2020") == [names[2]]
    assert listed("?queue=made") == [made.body.name]
    assert listed("?queue=decided") == [decided.body.name]
    assert listed("?queue=nonsense&dataset=nonsense&at=x") == names


def test_a_body_that_is_settled_is_not_asked_about(sign_in: SignIn) -> None:
    role = ClusterRoleFactory()
    link = propose(role.cluster)
    LinkFactory(body=link.body, profile=OrganisationFactory(), state=LinkState.ACCEPTED)
    Link.objects.filter(probability=0.3).delete()
    page = sign_in(role.person).get("/en/evidence/links/").content.decode()
    assert "Nothing waits for a decision." in page


def test_an_identifier_held_by_another_is_told(sign_in: SignIn) -> None:
    role = ClusterRoleFactory()
    link = propose(role.cluster)
    holder: Profile = OrganisationFactory(name="Titolare srl")
    Identifier.objects.create(profile=holder, scheme="pic", value=link.body.key)
    page = sign_in(role.person).get("/en/evidence/links/").content.decode()
    assert f"“Titolare srl” has the identifier {link.body.key}" in page


@pytest.mark.parametrize("kind", ["unit", "cluster", "registers"])
def test_every_kind_of_link_has_its_review(sign_in: SignIn, kind: str) -> None:
    role = ClusterRoleFactory()
    if kind == "unit":
        unit = UnitFactory(name="Laboratorio BITTA")
        MembershipFactory(cluster=role.cluster, profile=unit)
        LinkFactory(profile=unit)
        expected = f"Laboratory of {unit.organisation.name}"
    elif kind == "cluster":
        LinkFactory(profile=role.cluster)
        expected = role.cluster.name
    else:
        same = BodyFactory(scheme="ror", key="01111rn36", name="University of Bologna")
        LinkFactory(profile=None, same_body=same)
        expected = "https://ror.org/01111rn36"
    answer = sign_in(role.person).get("/en/evidence/links/")
    assert answer.status_code == 200
    assert expected in answer.content.decode()


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("who", ["manager", "agency"])
def test_the_queue_asks_as_often_for_three_as_for_one(
    sign_in: SignIn, django_assert_num_queries: Any, count: int, who: str
) -> None:
    role = ClusterRoleFactory()
    someone = role.person
    if who == "agency":
        someone = NetworkRoleFactory(network=role.cluster.network).person
    for _ in range(count):
        propose(role.cluster)
    client = sign_in(someone)
    with django_assert_num_queries(10):
        assert client.get("/en/evidence/links/").status_code == 200


def test_projects_are_given_on_their_page(
    sign_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    role: ClusterRole = ClusterRoleFactory()
    unit = UnitFactory()
    for profile in (unit, unit.organisation):
        MembershipFactory(cluster=role.cluster, profile=profile)
    body = BodyFactory()
    first, second = ParticipationFactory.create_batch(2, body=body)
    link = LinkFactory(body=body, profile=unit.organisation, state=LinkState.SPLIT)
    client = sign_in(role.person)
    address = f"/en/evidence/links/{link.pk}/split/"
    with django_assert_max_num_queries(12):
        page = client.get(address).content.decode()
    assert page.count("nobody&#x27;s yet") + page.count("nobody's yet") == 2
    answer = client.post(address, {"part": [first.pk], "whose": unit.pk}, follow=True)
    assert "Projects that changed hands: 1." in answer.content.decode()
    for wrong in ({"whose": unit.pk}, {"part": [second.pk]}, {"part": ["x"], "whose": "y"}):
        assert client.post(address, wrong, follow=True).status_code == 200
    stranger = OrganisationFactory()
    client.post(address, {"part": [second.pk], "whose": stranger.pk})
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.profile_id, second.profile_id) == (unit.pk, None)


@pytest.mark.parametrize(
    ("who", "status"), [("visitor", 302), ("member", 403), ("manager", 200), ("other", 200)]
)
def test_only_offices_open_the_queue(
    client: Client, sign_in: SignIn, who: str, status: int
) -> None:
    cluster = ClusterFactory()
    link = propose(cluster)
    if who == "member":
        sign_in(MandateFactory(profile=link.profile).person)
    elif who == "manager":
        sign_in(ClusterRoleFactory(cluster=cluster).person)
    elif who == "other":
        sign_in(ClusterRoleFactory().person)
    answer = client.get("/en/evidence/links/")
    assert answer.status_code == status
    if status == 200:
        assert (link.body.name in answer.content.decode()) is (who == "manager")
    split = client.get(f"/en/evidence/links/{link.pk}/split/")
    assert split.status_code == {200: 404}.get(status, status)
    posted = decide(client, link, "accept")
    assert posted.status_code == {"visitor": 302, "member": 403, "manager": 302, "other": 403}[who]
    link.refresh_from_db()
    assert link.state == (LinkState.ACCEPTED if who == "manager" else LinkState.PROPOSED)


def test_an_unknown_decision_is_nothing(sign_in: SignIn) -> None:
    role = ClusterRoleFactory()
    link = propose(role.cluster)
    assert decide(sign_in(role.person), link, "perhaps").status_code == 404
