"""The pages of kept asks, as people open them."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page

from tests.factories.accounts import (
    ClusterRoleFactory,
    MandateFactory,
    NetworkRoleFactory,
    PersonFactory,
)
from tests.factories.clusters import ClusterFactory, NetworkFactory
from tests.factories.introductions import (
    AskFactory,
    AskShareFactory,
    EntryFactory,
    FloorFactory,
    KeptApartFactory,
    PreferenceFactory,
)
from tests.factories.organisations import ItemFactory, OrganisationFactory, ProvinceFactory
from tests.searching import index_all
from trebbo.ecosystem.accounts.models import Person
from trebbo.ecosystem.organisations.choices import Visibility
from trebbo.partnering.introductions.models import (
    Ask,
    AskingPreference,
    FairnessFloor,
    Feedback,
    KeptApart,
    ShortlistEntry,
)

pytestmark = pytest.mark.django_db
SignIn = Callable[[Person], Client]


def page_of(client: Client, address: str, status: int = 200) -> str:
    """The page at an address, with its spaces put together."""
    response = client.get(address)
    assert response.status_code == status
    return " ".join(response.content.decode().split())


def valves(name: str, **given: Any) -> Any:
    """An organisation that knows valves."""
    body = OrganisationFactory(name=name, **given)
    ItemFactory(profile=body, text_it="valvole cardiache", text_en="heart valves")
    return body


def shared_ask(owner: Person, office: Person, **given: Any) -> Ask:
    """An ask of the owner, shared with the office's cluster."""
    role = ClusterRoleFactory(person=office)
    ask: Ask = AskFactory(owner=owner, **given)
    AskShareFactory(ask=ask, cluster=role.cluster)
    return ask


def fill(owner: Person, count: int) -> Ask:
    """Several asks, the last with several bodies on its list, dropped, and shares."""
    now = timezone.now()
    for _ in range(count):
        ask: Ask = AskFactory(owner=owner, asker=OrganisationFactory(), ran_at=now)
        for _ in range(count):
            AskShareFactory(ask=ask)
            AskShareFactory(ask=ask, cluster=None, network=NetworkFactory())
            EntryFactory(ask=ask, profile=valves("V"), changed_by=owner)
            EntryFactory(ask=ask, standing="dropped", changed_by=owner)
            PreferenceFactory(
                profile=EntryFactory(ask=ask).profile,
                is_silent=False,
                no_capacity_until=timezone.localdate() + timedelta(days=3),
            )
    index_all()
    return ask


@pytest.mark.parametrize("address", ["/en/asks/", "/en/asks/new/", "/en/asks/1/"])
def test_a_visitor_is_led_to_the_sign_in(client: Client, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 302
    assert "login" in response.headers["Location"]


def test_the_list_asks_the_database_as_often_for_three_as_for_one(
    sign_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    counts = []
    for count in (1, 3):
        ada = PersonFactory()
        ask = fill(ada, count)
        client = sign_in(ada)
        for address in ("/en/asks/", f"/en/asks/{ask.pk}/"):
            client.get(address)
            with django_assert_max_num_queries(100) as captured:
                assert client.get(address).status_code == 200
            counts.append(len(captured))
    assert counts[:2] == counts[2:]
    assert counts[0] <= 12
    # Most of them are the answer's own.
    assert counts[1] <= 16


@pytest.mark.parametrize("page", ["preferences", "floors"])
def test_the_offices_pages_ask_as_often_for_three_as_for_one(
    sign_in: SignIn, django_assert_max_num_queries: Any, page: str
) -> None:
    manager, body = PersonFactory(), OrganisationFactory()
    role = ClusterRoleFactory(person=manager)
    MandateFactory(person=manager, profile=body)
    address = "/en/asks/floors/" if page == "floors" else f"/en/asks/preferences/{body.slug}/"
    client, counts = sign_in(manager), []
    groups = iter(("sme", "newcomer", "province"))
    for rows in (1, 2):
        for _ in range(rows):
            group = next(groups)
            value = "MO" if group == "province" else ""
            FloorFactory(cluster=role.cluster, group=group, value=value)
            KeptApartFactory(profile=body)
        with django_assert_max_num_queries(12) as captured:
            assert client.get(f"{address}?find=azienda").status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_the_menu_leads_signed_in_people_to_their_asks(client: Client, sign_in: SignIn) -> None:
    assert 'href="/en/asks/"' not in page_of(client, "/en/ask/")
    assert 'href="/en/asks/"' in page_of(sign_in(PersonFactory()), "/en/ask/")


def test_the_list_shows_mine_and_those_shared_with_my_office(sign_in: SignIn) -> None:
    ada, office = PersonFactory(), PersonFactory()
    shared_ask(ada, office, text="valvole condivise")
    AskFactory(owner=ada, text="valvole private")
    mine, theirs = page_of(sign_in(ada), "/en/asks/"), page_of(sign_in(office), "/en/asks/")
    assert "valvole condivise" in mine
    assert "valvole private" in mine
    assert "valvole condivise" in theirs
    assert "valvole private" not in theirs


def test_the_question_that_was_asked_is_kept_with_its_answer(sign_in: SignIn) -> None:
    ada, asker = PersonFactory(), OrganisationFactory()
    MandateFactory(person=ada, profile=asker)
    ProvinceFactory()
    body = valves("Alfa")
    index_all()
    client = sign_in(ada)
    sent = {"q": "valvole cardiache", "as": asker.slug}
    response = client.post("/en/asks/new/", sent)
    ask = Ask.objects.get()
    assert (response.status_code, response.headers["Location"]) == (302, f"/en/asks/{ask.pk}/")
    assert (ask.text, ask.owner, ask.asker_id) == ("valvole cardiache", ada, asker.pk)
    assert [entry.profile_id for entry in ask.entries.all()] == [body.pk]
    page = page_of(client, f"/en/asks/{ask.pk}/")
    assert "The ask is kept." in page
    assert "Alfa" in page
    client.post("/en/asks/new/", {"q": "valvole", "province": ["MO"], "km": "20"})
    assert Ask.objects.latest("pk").wishes == {"province": ["MO"], "km": "20"}
    assert "Modena" in page_of(client, f"/en/asks/{Ask.objects.latest('pk').pk}/")


def test_a_pasted_page_keeps_its_lines(sign_in: SignIn) -> None:
    text = "Bando\r\n\r\n" + "Cerchiamo valvole. " * 200
    sign_in(PersonFactory()).post("/en/asks/new/", {"q": text})
    assert Ask.objects.get().text == text.replace("\r\n", "\n").strip()


def test_an_empty_need_stays_on_the_page(sign_in: SignIn) -> None:
    response = sign_in(PersonFactory()).post("/en/asks/new/", {"q": " ", "province": "MO"})
    assert response.status_code == 400
    assert "Write what you need" in response.content.decode()
    assert 'name="province" value="MO"' in response.content.decode()
    assert not Ask.objects.exists()


def test_html_in_a_need_stays_text(sign_in: SignIn) -> None:
    ada = PersonFactory()
    ask = AskFactory(owner=ada, text="<script>alert(1)</script>")
    EntryFactory(ask=ask, note="<b>n</b>")
    client = sign_in(ada)
    for address in ("/en/asks/", f"/en/asks/{ask.pk}/", f"/en/asks/{ask.pk}/edit/"):
        assert "<script>alert" not in page_of(client, address)


def test_asks_of_others_are_not_there(sign_in: SignIn) -> None:
    ask = AskFactory(owner=PersonFactory())
    client = sign_in(PersonFactory())
    for address in (f"/en/asks/{ask.pk}/", f"/en/asks/{ask.pk}/edit/", "/en/asks/999999/"):
        assert client.get(address).status_code == 404
        assert client.post(address, {"do": "close"}).status_code == 404
    assert ask.closed_at is None


def test_a_broker_works_on_the_list_but_not_on_the_need(sign_in: SignIn) -> None:
    office = PersonFactory()
    ask = shared_ask(PersonFactory(), office)
    first, second = (EntryFactory(ask=ask, position=place) for place in (1, 2))
    address, client = f"/en/asks/{ask.pk}/", sign_in(office)
    page = page_of(client, address)
    assert "Refine the ask" not in page
    assert client.get(f"{address}edit/").status_code == 403
    assert client.post(address, {"do": "close"}).status_code == 403
    sent = {"do": "move", "entry": second.pk, "to": "up", "version": 1}
    assert client.post(address, sent).status_code == 302
    sent = {"do": "drop", "entry": first.pk, "reason": "conflict"}
    assert client.post(address, sent).status_code == 302
    assert sorted(Feedback.objects.values_list("kind", flat=True)) == ["dropped", "moved"]
    assert "Put back" in page_of(client, address)
    client.post(address, {"do": "restore", "entry": first.pk})
    assert not ShortlistEntry.objects.filter(standing="dropped").exists()


def test_a_body_is_found_by_its_name_and_added(sign_in: SignIn) -> None:
    ada, body = PersonFactory(), OrganisationFactory(name="Biomedicale Aurora")
    OrganisationFactory(name="Aurora nascosta", visibility=Visibility.HIDDEN)
    ask = AskFactory(owner=ada)
    client = sign_in(ada)
    page = page_of(client, f"/en/asks/{ask.pk}/?find=aurora")
    assert "Biomedicale Aurora" in page
    assert "Aurora nascosta" not in page
    client.post(f"/en/asks/{ask.pk}/", {"do": "add", "profile": body.pk})
    assert ask.entries.get().profile_id == body.pk
    page = page_of(client, f"/en/asks/{ask.pk}/?find=aurora")
    assert "Nobody of this name that is not on the list." in page


def test_a_second_mover_is_shown_the_list_as_it_is(sign_in: SignIn) -> None:
    ada = PersonFactory()
    ask = AskFactory(owner=ada, shortlist_version=5)
    entry = EntryFactory(ask=ask)
    sent = {"do": "move", "entry": entry.pk, "to": "up", "version": 4}
    response = sign_in(ada).post(f"/en/asks/{ask.pk}/", sent)
    assert response.status_code == 409
    assert "Somebody changed the shortlist meanwhile" in response.content.decode()
    assert 'name="version" value="5"' in response.content.decode()


def test_a_note_that_meets_another_is_not_lost(sign_in: SignIn) -> None:
    ada = PersonFactory()
    ask = AskFactory(owner=ada)
    entry = EntryFactory(ask=ask, note="di un altro")
    client, address = sign_in(ada), f"/en/asks/{ask.pk}/"
    sent = {"do": "annotate", "entry": entry.pk, "note": "la mia", "seen": ""}
    response = client.post(address, sent)
    page = response.content.decode()
    assert response.status_code == 409
    assert "di un altro" in page
    assert ">la mia</textarea>" in page
    client.post(address, {**sent, "seen": "di un altro"})
    entry.refresh_from_db()
    assert entry.note == "la mia"


def test_the_page_says_what_a_run_would_change_and_what_it_changed(sign_in: SignIn) -> None:
    ada = PersonFactory()
    ask = AskFactory(owner=ada, ran_at=timezone.now())
    EntryFactory(ask=ask, profile=OrganisationFactory(name="Pompe srl"))
    valves("Valvole srl")
    index_all()
    client, address = sign_in(ada), f"/en/asks/{ask.pk}/"
    page = page_of(client, address)
    assert "Since the last run the answer has changed." in page
    assert "One proposed body would leave." in page
    client.post(address, {"do": "rerun"})
    page = page_of(client, address)
    assert "New: Valvole srl. No longer there: Pompe srl." in page
    assert "Since the last run" not in page
    client.post(address, {"do": "rerun"})
    assert "Nobody came in, nobody left." in page_of(client, address)


def test_without_an_index_the_list_stands_as_it_was_kept(sign_in: SignIn) -> None:
    ada = PersonFactory()
    ask = AskFactory(owner=ada)
    EntryFactory(ask=ask, profile=OrganisationFactory(name="Pompe srl"))
    client = sign_in(ada)
    page = page_of(client, f"/en/asks/{ask.pk}/")
    assert "Pompe srl" in page
    assert "The list is shown as it was kept." in page
    assert client.post(f"/en/asks/{ask.pk}/", {"do": "rerun"}).status_code == 503


def test_what_may_not_be_seen_is_not_named(sign_in: SignIn) -> None:
    ada, asker = PersonFactory(), OrganisationFactory(name="Chi chiede")
    MandateFactory(person=ada, profile=asker)
    ask = AskFactory(owner=ada, asker=asker)
    for name, standing in (("Uno", "kept"), ("Due", "dropped")):
        hidden = OrganisationFactory(name=f"Nascosta {name}", visibility=Visibility.HIDDEN)
        EntryFactory(ask=ask, profile=hidden, standing=standing, note="nota su di lei")
    silent = PreferenceFactory(profile__name="Silenziosa").profile
    rival = KeptApartFactory(profile=asker, other__name="Rivale").other
    for profile in (silent, rival):
        EntryFactory(ask=ask, profile=profile)
    page = page_of(sign_in(ada), f"/en/asks/{ask.pk}/")
    for name in ("Nascosta", "Silenziosa", "Rivale", "nota su di lei"):
        assert name not in page
    assert page.count("A body that is not shown here") == 4


def test_a_wish_does_not_name_whom_one_may_not_see(sign_in: SignIn) -> None:
    ada = PersonFactory()
    hidden = OrganisationFactory(name="Nascosta", visibility=Visibility.HIDDEN)
    public = OrganisationFactory(name="Palese")
    wishes = {"like": [str(public.pk)], "not": str(hidden.pk), "km": "20"}
    ask = AskFactory(owner=ada, wishes=wishes)
    client = sign_in(ada)
    for address in (
        f"/en/asks/{ask.pk}/",
        f"/en/asks/{ask.pk}/edit/",
        f"/en/asks/new/?q=valvole&like={public.pk}&not={hidden.pk}",
    ):
        page = page_of(client, address)
        assert "Palese" in page
        assert "Nascosta" not in page


def test_a_body_without_capacity_says_so_until_its_day(sign_in: SignIn) -> None:
    ada, today = PersonFactory(), timezone.localdate()
    ask = AskFactory(owner=ada)
    for days in (0, -1):
        until = today + timedelta(days=days)
        said = PreferenceFactory(is_silent=False, no_capacity_until=until)
        EntryFactory(ask=ask, profile=said.profile)
    page = page_of(sign_in(ada), f"/en/asks/{ask.pk}/")
    assert page.count("No capacity until") == 1


def test_who_came_with_the_last_run_is_marked(sign_in: SignIn) -> None:
    ada, now = PersonFactory(), timezone.now()
    ask = AskFactory(owner=ada, ran_at=now)
    EntryFactory(ask=ask, changed_at=now)
    badge = '<span class="badge bg-success">New</span>'
    assert page_of(sign_in(ada), f"/en/asks/{ask.pk}/").count(badge) == 0
    EntryFactory(ask=ask, changed_at=now - timedelta(days=1))
    assert page_of(sign_in(ada), f"/en/asks/{ask.pk}/").count(badge) == 1


def test_an_ask_is_shared_unshared_and_closed(sign_in: SignIn) -> None:
    ada, cluster, network = PersonFactory(), ClusterFactory(), NetworkFactory()
    ask = AskFactory(owner=ada)
    client, address = sign_in(ada), f"/en/asks/{ask.pk}/"
    for broker in (f"cluster-{cluster.pk}", f"network-{network.pk}"):
        assert broker in page_of(client, address)
        assert client.post(address, {"do": "share", "broker": broker}).status_code == 302
        assert f'value="{broker}"' not in page_of(client, address)
    assert client.post(address, {"do": "share", "broker": "no-thing"}).status_code == 400
    client.post(address, {"do": "unshare", "share": ask.shares.get(cluster=cluster).pk})
    assert [share.network for share in ask.shares.all()] == [network]
    client.post(address, {"do": "close"})
    page = page_of(client, address)
    assert "The ask is closed." in page
    assert "Run again" not in page
    assert client.post(address, {"do": "rerun"}).status_code == 400
    assert client.post(address, {"do": "dance"}).status_code == 404


def hidden_of(page: str) -> dict[str, str]:
    """The hidden fields of the editing form: the version and the marks of what was seen."""
    found = re.findall(r'name="(version|seen-\w+)" value="([^"]*)"', page)
    return dict(found)


def test_two_people_refine_at_once_and_nothing_is_lost(sign_in: SignIn) -> None:
    ada = PersonFactory()
    ask = AskFactory(owner=ada, text="valvole", wishes={"funded": ["cordis_horizon"], "km": "20"})
    client, address = sign_in(ada), f"/en/asks/{ask.pk}/edit/"
    seen = hidden_of(page_of(client, address))
    assert set(seen) == {"version", "seen-text", "seen-language", "seen-wishes"}
    ticked = {"funded": ["cordis_horizon"], "extra": ["km=20"]}
    first = {**seen, **ticked, "q": "pompe", "language": ""}
    assert client.post(address, first).status_code == 302
    ask.refresh_from_db()
    assert ask.wishes == {"funded": ["cordis_horizon"], "km": "20"}
    second = {**seen, "funded": ["cordis_horizon"], "q": "tubi", "language": "it"}
    response = client.post(address, second)
    page = " ".join(response.content.decode().split())
    assert response.status_code == 409
    assert "They wrote:</strong> pompe" in page
    assert "You wrote:</strong> tubi" in page
    now = {**second, **hidden_of(page)}
    assert client.post(address, {**now, "theirs-text": "1"}).status_code == 302
    ask.refresh_from_db()
    assert (ask.text, ask.language, ask.version) == ("pompe", "it", 3)
    assert ask.wishes == {"funded": ["cordis_horizon"]}


def test_changes_of_different_fields_do_not_disturb_each_other(sign_in: SignIn) -> None:
    ada = PersonFactory()
    ask = AskFactory(owner=ada, text="valvole")
    client, address = sign_in(ada), f"/en/asks/{ask.pk}/edit/"
    seen = hidden_of(page_of(client, address))
    client.post(address, {**seen, "q": "pompe", "language": ""})
    response = client.post(address, {**seen, "q": "valvole", "language": "it"})
    page = response.content.decode()
    assert response.status_code == 409
    assert ">\npompe</textarea>" in page
    client.post(address, {**hidden_of(page), "q": "pompe", "language": "it"})
    ask.refresh_from_db()
    assert (ask.text, ask.language) == ("pompe", "it")


def test_an_emptied_need_is_refused_beside_its_field(sign_in: SignIn) -> None:
    ada = PersonFactory()
    ask = AskFactory(owner=ada, text="valvole")
    response = sign_in(ada).post(f"/en/asks/{ask.pk}/edit/", {"q": "", "version": "1"})
    assert response.status_code == 400
    assert "Write what you need" in response.content.decode()


def test_a_member_says_how_it_is_shown(sign_in: SignIn) -> None:
    ada, body = PersonFactory(), OrganisationFactory()
    rival = OrganisationFactory(name="Rivale srl")
    MandateFactory(person=ada, profile=body)
    client, address = sign_in(ada), f"/en/asks/preferences/{body.slug}/"
    until = timezone.localdate() + timedelta(days=10)
    sent = {"do": "save", "is_silent": "on", "no_capacity_until": until.isoformat()}
    assert client.post(address, sent).status_code == 302
    said = AskingPreference.objects.get()
    assert (said.profile_id, said.is_silent, said.no_capacity_until) == (body.pk, True, until)
    assert "Rivale srl" in page_of(client, f"{address}?find=rivale")
    assert client.post(address, {"do": "apart", "other": rival.pk}).status_code == 302
    assert KeptApart.objects.get().other_id == rival.pk
    assert "No longer apart" in page_of(client, address)
    assert client.post(address, {"do": "apart", "other": rival.pk}).status_code == 400
    client.post(address, {"do": "together", "other": rival.pk})
    assert not KeptApart.objects.exists()


def test_a_past_or_nonsense_day_is_refused_beside_its_field(sign_in: SignIn) -> None:
    ada, body = PersonFactory(), OrganisationFactory()
    MandateFactory(person=ada, profile=body)
    client, address = sign_in(ada), f"/en/asks/preferences/{body.slug}/"
    for day, words in (("2020-01-01", "This day is over"), ("domani", "This is not a date")):
        response = client.post(address, {"do": "save", "no_capacity_until": day})
        assert response.status_code == 400
        assert words in response.content.decode()
    assert not AskingPreference.objects.exists()


def test_nobody_else_reads_or_sets_preferences(sign_in: SignIn) -> None:
    body = OrganisationFactory()
    client = sign_in(PersonFactory())
    address = f"/en/asks/preferences/{body.slug}/"
    assert client.get(address).status_code == 404
    assert client.post(address, {"do": "save", "is_silent": "on"}).status_code == 404


def test_an_office_sets_and_removes_floors_and_others_do_not(sign_in: SignIn) -> None:
    manager = PersonFactory()
    cluster = ClusterRoleFactory(person=manager).cluster
    ProvinceFactory()
    FloorFactory(cluster=None, network=cluster.network, share=15)
    client = sign_in(manager)
    page = page_of(client, "/en/asks/floors/")
    assert "15%" in page
    assert "remove" not in page.split("<main")[1].split("Set a floor")[0].replace("Remove", "")
    sent = {"do": "set", "office": f"cluster-{cluster.pk}", "group": "province", "value": "MO"}
    assert client.post("/en/asks/floors/", {**sent, "share": "25"}).status_code == 302
    floor = FairnessFloor.objects.get(cluster=cluster)
    assert (floor.group, floor.value, floor.share) == ("province", "MO", 25)
    assert client.post("/en/asks/floors/", {**sent, "share": "125"}).status_code == 400
    assert client.post("/en/asks/floors/", {**sent, "value": "", "share": "5"}).status_code == 400
    client.post("/en/asks/floors/", {"do": "remove", "floor": floor.pk})
    assert not FairnessFloor.objects.filter(cluster=cluster).exists()
    agency = NetworkRoleFactory(network=cluster.network).person
    assert sign_in(agency).get("/en/asks/floors/").status_code == 200
    assert sign_in(PersonFactory()).get("/en/asks/floors/").status_code == 403


@pytest.mark.browser
@pytest.mark.usefixtures("quiet_page")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [1280, 360])
def test_the_pages_are_accessible_and_work_by_hand(
    sign_in_browser: Callable[[Person], Page],
    live_server: Any,
    look: Callable[[str, str], None],
    width: int,
) -> None:
    manager, body = PersonFactory(), OrganisationFactory(name="Pompe srl")
    role = ClusterRoleFactory(person=manager)
    ask = AskFactory(owner=manager, text="valvole cardiache", wishes={"km": "20"})
    FloorFactory(cluster=role.cluster)
    KeptApartFactory(profile=role.cluster)
    EntryFactory(ask=ask, profile=body, note="Da sentire")
    valves("Valvole srl")
    AskShareFactory(ask=ask)
    index_all()
    page = sign_in_browser(manager)
    page.set_viewport_size({"width": width, "height": 900})
    for number, address in enumerate(
        (
            "asks/",
            "asks/new/?q=valvole&km=20",
            f"asks/{ask.pk}/?find=srl",
            f"asks/{ask.pk}/edit/",
            f"asks/preferences/{role.cluster.slug}/?find=srl",
            "asks/floors/",
        )
    ):
        look(f"en/{address}", f"kept-{number}")
    page.goto(f"{live_server.url}/en/asks/{ask.pk}/")
    page.get_by_role("button", name="Run again").click()
    page.get_by_text("New: Valvole srl.").wait_for()
    page.get_by_text("Drop Valvole srl").click()
    page.get_by_label("Why?").locator("visible=true").select_option("too_far")
    page.get_by_role("button", name="Drop from the list").locator("visible=true").click()
    page.get_by_role("button", name="Put back Valvole srl").wait_for()
    assert Feedback.objects.get().reason == "too_far"
