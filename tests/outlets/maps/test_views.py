"""The map's addresses: who sees what, in which language, at which cost."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.outlets.maps import rows
from trebbo.ecosystem.accounts.models import ClusterRole, Mandate, NetworkRole, Person
from trebbo.ecosystem.accounts.queries import viewer_for
from trebbo.ecosystem.clusters.models import Cluster
from trebbo.ecosystem.organisations.choices import Visibility
from trebbo.ecosystem.organisations.models import Organisation, Profile
from trebbo.ecosystem.organisations.policies import view_profile
from trebbo.kernel.access import Viewer, visitor
from trebbo.outlets.maps import gateway, queries

pytestmark = pytest.mark.django_db

REGION = "bbox=9,43.7,12.9,45.2&zoom=8"
MOST_QUERIES = 12


def people(own: Organisation, health: Cluster) -> Iterator[tuple[str, Person | None]]:
    """One of every kind of person: what they hold, and the person (none for a visitor)."""
    yield "visitor", None
    started = timezone.localdate() - timedelta(days=10)
    ended = timezone.localdate() - timedelta(days=1)
    for name, hold in {
        "without a role": lambda who: None,
        "representative": lambda who: Mandate.objects.create(
            person=who, profile=own, role="representative", valid_from=started
        ),
        "editor": lambda who: Mandate.objects.create(
            person=who, profile=own, role="editor", valid_from=started
        ),
        "former editor": lambda who: Mandate.objects.create(
            person=who, profile=own, role="editor", valid_from=started, valid_until=ended
        ),
        "manager": lambda who: ClusterRole.objects.create(
            person=who, cluster=health, role="manager", valid_from=started
        ),
        "board": lambda who: ClusterRole.objects.create(
            person=who, cluster=health, role="board", valid_from=started
        ),
        "agency": lambda who: NetworkRole.objects.create(
            person=who, network=health.network, role="agency", valid_from=started
        ),
        "Region": lambda who: NetworkRole.objects.create(
            person=who, network=health.network, role="region", valid_from=started
        ),
    }.items():
        person = Person.objects.create_user(f"{name.replace(' ', '.')}@example.org", name=name)
        hold(person)
        yield name, person


def viewer_of(person: Person | None) -> Viewer:
    """The person as a viewer, now."""
    if person is None:
        return visitor()
    return viewer_for(person, now=timezone.now(), language="it")


def test_everybody_sees_exactly_what_the_policy_lets_them_but_nothing_hidden() -> None:
    health = rows.cluster("Health")
    bodies = {
        visibility: rows.organisation(f"Alfa {visibility}", visibility=visibility)
        for visibility in Visibility.values
    }
    own = rows.organisation("Propria", visibility=Visibility.NETWORK)
    for body in (*bodies.values(), own):
        rows.seat(body)
        rows.membership(body, health)
    seen = {}
    for name, person in people(own, health):
        viewer = viewer_of(person)
        allowed = view_profile.filter(
            viewer, Profile.objects.filter(type="organisation").exclude(visibility="hidden")
        )
        selection = gateway.Selection(queries.audiences(viewer))
        on_the_map = gateway.atlas(today=viewer.today).overview(selection).bodies
        assert set(on_the_map) == set(allowed.values_list("pk", flat=True)), name
        client = Client()
        if person is not None:
            client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        data = client.get(f"/it/map/data/?{REGION}").json()
        listed = client.get(f"/it/map/list/?{REGION}").content.decode()
        assert data["bodies"] == len(on_the_map), name
        assert sum(marker["properties"]["count"] for marker in data["features"]) == data["places"]
        assert bodies["hidden"].name not in str(data) + listed, name
        assert (bodies["network"].name in listed) == (bodies["network"].pk in on_the_map), name
        seen[name] = len(on_the_map)
    assert seen == {
        "visitor": 1,
        "without a role": 1,
        "former editor": 1,
        "representative": 3,
        "editor": 3,
        "manager": 3,
        "board": 3,
        "agency": 3,
        "Region": 3,
    }


def test_a_marker_says_name_kind_town_freshness_and_how_exact(client: Client) -> None:
    firm = rows.organisation("Alfa <b>srl</b>")
    rows.seat(firm, "036022")
    data = client.get(f"/en/map/data/?{REGION}").json()
    (marker,) = data["features"]
    assert marker["geometry"]["coordinates"] == [11.066, 44.887]
    assert marker["properties"]["bodies"] == [
        {
            "type": "organisation",
            "name": "Alfa <b>srl</b>",
            "what": "Small or medium enterprise",
            "town": "Mirandola (MO)",
            "address": "",
            "precision": "Position known only by municipality",
            "freshness": "never",
            "fresh": "Never confirmed",
            "url": firm.get_absolute_url().replace("/it/", "/en/"),
        }
    ]
    italian = client.get(f"/it/map/data/?{REGION}").json()["features"][0]["properties"]
    assert italian["bodies"][0]["precision"] == "Posizione nota solo per comune"


def test_several_bodies_at_one_spot_open_as_a_list(client: Client) -> None:
    for number in range(10):
        rows.seat(rows.organisation(f"Alfa {number}"), "036023")
    (marker,) = client.get(f"/it/map/data/?{REGION}").json()["features"]
    facts = marker["properties"]
    assert (facts["count"], facts["listed"], facts["more"]) == (10, True, "e altri 2")
    assert [body["name"] for body in facts["bodies"]] == [f"Alfa {number}" for number in range(8)]


def test_the_list_follows_the_window_and_is_paged(client: Client) -> None:
    for number in range(14):
        rows.seat(rows.organisation(f"Alfa {number:02}"), "036023")
    rows.seat(rows.organisation("Lontana"), "037006")
    around_modena = "bbox=10.8,44.5,11.0,44.8&zoom=12"
    first = client.get(f"/it/map/list/?{around_modena}").content.decode()
    second = client.get(f"/it/map/list/?{around_modena}&page=2").content.decode()
    assert "14 soggetti nell'area mostrata" in first
    assert [f"Alfa {number:02}" in first for number in range(14)] == [True] * 12 + [False] * 2
    assert [f"Alfa {number:02}" in second for number in range(14)] == [False] * 12 + [True] * 2
    assert "Lontana" not in first + second
    assert "<html" not in first


@pytest.mark.parametrize(
    ("language", "words"), [("it", "quattro numeri in gradi"), ("en", "four numbers in degrees")]
)
def test_nonsense_in_the_address_is_told_in_the_language_of_the_page(
    client: Client, language: str, words: str
) -> None:
    for address in ("map/", "map/list/", "map/data/"):
        response = client.get(f"/{language}/{address}", {"bbox": "nan,nan,nan,nan", "zoom": "8"})
        assert response.status_code == 400, address
        assert words in response.content.decode(), address


def test_the_data_without_an_area_say_what_is_missing(client: Client) -> None:
    response = client.get("/it/map/data/")
    assert response.status_code == 400
    assert response.json()["message"].startswith("Quale area della mappa?")


def test_without_javascript_provinces_are_counted_and_lead_to_their_list(client: Client) -> None:
    rows.seat(rows.organisation("Alfa", kind="sme"), "036023")
    rows.seat(rows.organisation("Beta", kind="sme"), "037006")
    rows.seat(rows.organisation("Gamma", kind="university"), "037006")
    page = client.get("/it/map/?kind=sme&province=BO").content.decode()
    assert 'aria-label="Modena: 1"' in page
    assert 'aria-label="Bologna: 1"' in page
    assert 'aria-label="Ferrara: 0"' in page
    assert "?kind=sme&amp;province=MO" in page
    assert "Beta" in page
    assert "Alfa" not in page
    assert "Gamma" not in page


def test_a_body_of_unknown_place_is_told_about(client: Client) -> None:
    rows.organisation("Senza sede")
    page = client.get("/it/map/").content.decode()
    assert "1 soggetto corrisponde ai filtri ma non è sulla mappa" in page
    assert "sede non nota" in page


def test_a_name_with_markup_is_only_text(client: Client) -> None:
    rows.seat(rows.organisation("<script>alert(1)</script>"))
    page = client.get("/it/map/").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_outlines_hold_nine_provinces_and_the_country(client: Client) -> None:
    response = client.get("/it/map/outlines/")
    features: list[Any] = response.json()["features"]
    codes = [feature["properties"]["code"] for feature in features]
    assert sorted(codes) == sorted(["IT", "PC", "PR", "RE", "MO", "BO", "FE", "RA", "FC", "RN"])
    assert "max-age" in response["Cache-Control"]


def test_an_address_answers_reading_only(client: Client) -> None:
    assert client.post("/it/map/").status_code == 405
    assert client.post(f"/it/map/data/?{REGION}").status_code == 405


@pytest.mark.parametrize("address", [f"map/data/?{REGION}", f"map/list/?{REGION}", "map/"])
@pytest.mark.parametrize("signed_in", [False, True])
def test_queries_do_not_grow_with_rows(client: Client, address: str, signed_in: bool) -> None:
    host = rows.technopole("Tecnopolo")
    university = rows.organisation("Ateneo", kind="university")
    health = rows.cluster("Health")
    if signed_in:
        person = Person.objects.create_user("someone@example.org", name="Someone synthetic")
        Mandate.objects.create(
            person=person,
            profile=university,
            role="editor",
            valid_from=timezone.localdate(),
        )
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")

    def more(number: int) -> None:
        firm = rows.organisation(f"Alfa {number}")
        laboratory = rows.unit(f"Lab {number}", of=university, technopole=host)
        rows.seat(firm, "036023", point=(44.6 + number / 5, 10.9))
        rows.seat(laboratory, "037006", point=(44.4 + number / 5, 11.3))
        rows.membership(firm, health)

    counts = []
    for bodies in ((1,), (2, 3)):
        for number in bodies:
            more(number)
        gateway.forget()
        client.get(f"/it/{address}")
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get(f"/it/{address}").status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert counts[1] <= MOST_QUERIES
