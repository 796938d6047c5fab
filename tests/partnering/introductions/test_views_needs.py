"""The pages of needs that are open to others, of readers, and of silence, as people open them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page

from tests.factories.accounts import ClusterRoleFactory, MandateFactory, PersonFactory
from tests.factories.clusters import ClusterFactory, MembershipFactory
from tests.factories.introductions import AskFactory, AskShareFactory
from tests.factories.organisations import NOW, OrganisationFactory
from trebbo.ecosystem.accounts.models import Person
from trebbo.ecosystem.organisations.choices import Visibility
from trebbo.partnering.introductions.models import (
    Ask,
    AskingPreference,
    AskReader,
    AskReading,
    IntroductionPreference,
)

pytestmark = pytest.mark.django_db
SignIn = Callable[[Person], Client]
SECRET = "Cerchiamo chi prova valvole cardiache <b>entro</b> maggio"
TEASER = "Un'impresa cerca un laboratorio & partner"


class Place:
    """A need of a member for its cluster, with a teaser for everybody, and people around it."""

    def __init__(self) -> None:
        self.cluster = ClusterFactory()
        self.firm = OrganisationFactory(name="Valvole Segrete srl")
        self.ada, self.member = PersonFactory(name="Ada"), PersonFactory(name="Mara Membro")
        self.named, self.stranger = PersonFactory(name="Nina"), PersonFactory()
        body = OrganisationFactory()
        MandateFactory(person=self.ada, profile=self.firm)
        MandateFactory(person=self.member, profile=body)
        for profile in (self.firm, body):
            MembershipFactory(cluster=self.cluster, profile=profile)
        self.office = PersonFactory(name="Olga")
        self.ask = self.need()
        role = ClusterRoleFactory(person=self.office)
        AskShareFactory(ask=self.ask, cluster=role.cluster)
        AskReader.objects.create(ask=self.ask, person=self.named, named_at=NOW)

    def need(self, **given: Any) -> Ask:
        """Another need of the same circle."""
        ask: Ask = AskFactory(
            **{
                "owner": self.ada,
                "asker": self.firm,
                "text": SECRET,
                "teaser": TEASER,
                "circle": "cluster",
                "teaser_circle": "public",
                "cluster": self.cluster,
                **given,
            }
        )
        return ask

    def opening(self, **typed: Any) -> dict[str, Any]:
        """What the form on its readers sends."""
        return {
            "do": "opening",
            "version": str(self.ask.version),
            "circle": "cluster",
            "teaser": TEASER,
            "teaser_circle": "public",
            "network": "",
            "cluster": str(self.cluster.pk),
            "chain": "",
            **typed,
        }

    @property
    def address(self) -> str:
        """The page of its readers."""
        return f"/en/asks/{self.ask.pk}/readers/"


def page_of(client: Client, address: str, status: int = 200) -> str:
    """The page at an address, with its spaces put together."""
    response = client.get(address)
    assert response.status_code == status
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize("language", ["it", "en"])
def test_a_visitor_reads_the_teaser_and_nothing_of_the_text(client: Client, language: str) -> None:
    place = Place()
    for address in (f"/{language}/needs/", f"/{language}/needs/{place.ask.pk}/"):
        page = page_of(client, address)
        assert "cerca un laboratorio &amp; partner" in page
        for secret in ("valvole cardiache", place.firm.title, "Ada"):
            assert secret not in page
    assert f"?next=/{language}/needs/{place.ask.pk}/" in page
    assert {"it": "accedi se ne fai parte", "en": "sign in if you belong"}[language] in page
    assert not AskReading.objects.exists()


def test_a_signed_in_stranger_reads_the_teaser_and_how_to_get_further(sign_in: SignIn) -> None:
    place = Place()
    page = page_of(sign_in(place.stranger), f"/en/needs/{place.ask.pk}/")
    assert "office of your cluster" in page
    assert "valvole cardiache" not in page
    assert not AskReading.objects.exists()


def test_who_is_in_the_circle_reads_the_text_and_is_written_down(sign_in: SignIn) -> None:
    place = Place()
    client = sign_in(place.member)
    assert place.firm.title in page_of(client, "/en/needs/")
    assert not AskReading.objects.exists()
    for _ in range(2):
        page = page_of(client, f"/en/needs/{place.ask.pk}/")
    assert "&lt;b&gt;entro&lt;/b&gt;" in page
    assert place.firm.title in page
    reading = AskReading.objects.get()
    assert (reading.person, reading.label, reading.times) == (place.member, "Mara Membro", 2)


def test_who_keeps_it_and_a_visitor_who_reads_a_public_text_are_not_written_down(
    client: Client, sign_in: SignIn
) -> None:
    place = Place()
    public = place.need(circle="public")
    assert "valvole cardiache" in page_of(client, f"/en/needs/{public.pk}/")
    assert "valvole cardiache" in page_of(sign_in(place.ada), f"/en/needs/{public.pk}/")
    assert not AskReading.objects.exists()


def test_needs_that_are_closed_or_of_other_circles_are_not_to_be_found(
    client: Client, sign_in: SignIn
) -> None:
    place = Place()
    hidden = [
        place.need(closed_at=NOW),
        place.need(cluster=ClusterFactory(), teaser_circle="cluster"),
        place.need(circle="named", teaser_circle="named"),
    ]
    for who in (None, place.member, place.named):
        browser = sign_in(who) if who else client
        page = page_of(browser, "/en/needs/")
        for ask in hidden:
            page_of(browser, f"/en/needs/{ask.pk}/", 404)
            assert f"/en/needs/{ask.pk}/" not in page
    page_of(client, "/en/needs/999999/", 404)
    assert client.post("/en/needs/").status_code == 405


def test_who_is_named_finds_the_need_and_who_merely_works_on_it_finds_no_private_one(
    sign_in: SignIn,
) -> None:
    place = Place()
    Ask.objects.filter(pk=place.ask.pk).update(circle="named", teaser_circle="named")
    address = f"/en/needs/{place.ask.pk}/"
    assert address in page_of(sign_in(place.named), "/en/needs/")
    assert address not in page_of(sign_in(place.ada), "/en/needs/")
    assert "valvole cardiache" in page_of(sign_in(place.ada), address)


def test_an_empty_list_says_so_in_both_languages(client: Client) -> None:
    assert "No need is open to you at present." in page_of(client, "/en/needs/")
    assert "Al momento nessun bisogno è aperto a te." in page_of(client, "/it/needs/")


def test_the_menu_leads_to_the_needs(client: Client) -> None:
    assert 'href="/en/needs/"' in page_of(client, "/en/ask/")
    assert "Bisogni" in page_of(client, "/it/ask/")


def test_the_list_is_in_pages_and_asks_as_often_for_three_as_for_one(
    client: Client, sign_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    place, counts = Place(), []
    for more in (0, 2):
        for _ in range(more):
            place.need(asker=OrganisationFactory())
        for browser in (client, sign_in(place.member)):
            browser.get("/en/needs/")
            with django_assert_max_num_queries(12) as captured:
                assert browser.get("/en/needs/").status_code == 200
            counts.append(len(captured))
        client.logout()
    assert counts[:2] == counts[2:]
    for _ in range(30):
        place.need()
    assert 'href="?page=2"' in page_of(client, "/en/needs/")
    assert page_of(client, "/en/needs/?page=2").count("/en/needs/") > 3


def test_the_page_of_readers_asks_as_often_for_three_as_for_one(
    sign_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    place, counts = Place(), []
    client = sign_in(place.ada)
    for more in (1, 2):
        for _ in range(more):
            reader = PersonFactory()
            AskReader.objects.create(ask=place.ask, person=reader, named_at=NOW)
            AskReading.objects.create(
                ask=place.ask,
                person=reader,
                email=reader.email,
                label=str(reader),
                first_at=NOW,
                last_at=NOW,
            )
            MembershipFactory(profile=place.firm)
        client.get(place.address)
        with django_assert_max_num_queries(16) as captured:
            assert client.get(place.address).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert counts[0] <= 12


def test_who_may_open_the_page_of_readers(client: Client, sign_in: SignIn) -> None:
    place = Place()
    assert client.get(place.address).status_code == 302
    for who in (place.member, place.named, place.stranger):
        page_of(sign_in(who), place.address, 404)
    for who in (place.ada, place.office):
        page = page_of(sign_in(who), place.address)
        assert "Nina" in page
        assert ('value="opening"' in page) is (who == place.ada)
        assert ('value="remove"' in page) is (who == place.ada)
    kept = page_of(sign_in(place.ada), f"/en/asks/{place.ask.pk}/")
    assert f'href="{place.address}"' in kept


def test_the_log_tells_who_has_read_the_text(sign_in: SignIn) -> None:
    place = Place()
    sign_in(place.member).get(f"/en/needs/{place.ask.pk}/")
    for who in (place.ada, place.office):
        assert "Mara Membro" in page_of(sign_in(who), place.address)
    for number in range(30):
        AskReading.objects.create(
            ask=place.ask,
            email=f"reader{number}@trebbo.example",
            label=f"Lettrice {number}",
            first_at=NOW,
            last_at=NOW,
        )
    assert 'href="?page=2"' in page_of(sign_in(place.ada), place.address)


def test_a_circle_is_narrowed_on_the_page_and_holds_at_once(sign_in: SignIn) -> None:
    place = Place()
    typed = place.opening(circle="named", teaser="", teaser_circle="named", cluster="")
    answer = sign_in(place.ada).post(place.address, typed, follow=True)
    assert answer.redirect_chain == [(place.address, 302)]
    assert "it holds from now on" in answer.content.decode()
    page_of(sign_in(place.member), f"/en/needs/{place.ask.pk}/", 404)
    assert page_of(sign_in(place.named), f"/en/needs/{place.ask.pk}/")


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"circle": "everybody"}, "circle"),
        ({"teaser": ""}, "teaser"),
        ({"teaser": "x" * 301}, "teaser"),
        ({"cluster": ""}, "cluster"),
        ({"cluster": "9999999"}, "cluster"),
        ({"cluster": "<script>"}, "cluster"),
        ({"circle": "public", "teaser_circle": "named"}, "teaser_circle"),
        ({"circle": "chain"}, "chain"),
    ],
    ids=["circle", "no teaser", "long", "none", "unknown", "script", "narrower", "chain"],
)
@pytest.mark.parametrize("language", ["it", "en"])
def test_what_is_no_circle_is_refused_beside_its_field_and_what_was_typed_stays(
    sign_in: SignIn, typed: dict[str, str], field: str, language: str
) -> None:
    place = Place()
    address = place.address.replace("/en/", f"/{language}/")
    given = place.opening(**{"teaser": "Altre parole", **typed})
    answer = sign_in(place.ada).post(address, given)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert f'id="id_{field}_error"' in page
    assert page.count('class="trebbo-field-errors"') == 1
    assert typed.get("teaser", "Altre parole") in page
    assert "<script>" not in page.split("<main")[1].split("</main")[0]
    place.ask.refresh_from_db()
    assert (place.ask.circle, place.ask.teaser) == ("cluster", TEASER)


def test_the_second_of_two_who_save_is_told(sign_in: SignIn) -> None:
    place = Place()
    client = sign_in(place.ada)
    client.post(place.address, place.opening(teaser="Prima"))
    answer = client.post(place.address, place.opening(teaser="Seconda"))
    assert answer.status_code == 409
    assert "Somebody else changed this ask" in answer.content.decode()
    assert "Seconda" in answer.content.decode()
    place.ask.refresh_from_db()
    assert place.ask.teaser == "Prima"


def test_readers_are_named_and_removed_on_the_page(sign_in: SignIn) -> None:
    place = Place()
    client = sign_in(place.ada)
    for email in ("nobody@trebbo.example", "nonsense", ""):
        answer = client.post(place.address, {"do": "naming", "email": email})
        assert answer.status_code == 400
    client.post(place.address, {"do": "naming", "email": place.stranger.email})
    reader = AskReader.objects.get(person=place.stranger)
    assert "valvole" in page_of(sign_in(place.stranger), f"/en/needs/{place.ask.pk}/")
    sign_in(place.ada).post(place.address, {"do": "remove", "reader": str(reader.pk)})
    assert not AskReader.objects.filter(person=place.stranger).exists()
    for reader_id in ("", "x", "-1", "9" * 30):
        client.post(place.address, {"do": "remove", "reader": reader_id})
    assert AskReader.objects.count() == 1
    assert client.post(place.address, {"do": "nonsense"}).status_code == 404


def test_a_broker_reads_the_page_and_changes_nothing_there(sign_in: SignIn) -> None:
    place = Place()
    reader = AskReader.objects.get()
    client = sign_in(place.office)
    for typed in (
        place.opening(circle="public", cluster=""),
        {"do": "naming", "email": place.stranger.email},
        {"do": "remove", "reader": str(reader.pk)},
    ):
        assert client.post(place.address, typed).status_code == 403
    place.ask.refresh_from_db()
    assert (place.ask.circle, AskReader.objects.get()) == ("cluster", reader)


def test_a_closed_ask_shows_its_readers_and_no_form(sign_in: SignIn) -> None:
    place = Place()
    Ask.objects.filter(pk=place.ask.pk).update(closed_at=NOW)
    page = page_of(sign_in(place.ada), place.address)
    assert "Nina" in page
    assert 'value="opening"' not in page


def test_a_person_says_how_they_want_to_be_asked(client: Client, sign_in: SignIn) -> None:
    address = "/en/introductions/silence/"
    assert client.get(address).status_code == 302
    rita = PersonFactory()
    browser = sign_in(rita)
    page_of(browser, address)
    assert not IntroductionPreference.objects.exists()
    for most in ("0", "101", "-3", "many", "1.5"):
        answer = browser.post(address, {"do": "save", "most_a_month": most})
        assert answer.status_code == 400
    browser.post(address, {"do": "save", "is_silent": "on", "most_a_month": "3"})
    said = IntroductionPreference.objects.get()
    assert (said.person, said.is_silent, said.most_a_month) == (rita, True, 3)
    assert 'value="3"' in page_of(browser, address)
    browser.post(address, {"do": "save", "most_a_month": ""})
    said.refresh_from_db()
    assert (said.is_silent, said.most_a_month) == (False, None)
    assert browser.post(address, {"do": "nonsense"}).status_code == 404


def test_a_person_finds_bodies_to_stay_away_from_and_nobody_else_sees_them(
    sign_in: SignIn,
) -> None:
    address = "/en/introductions/silence/"
    firm, hidden = (
        OrganisationFactory(name="Concorrente srl"),
        OrganisationFactory(name="Concorrente nascosto", visibility=Visibility.HIDDEN),
    )
    browser = sign_in(PersonFactory())
    found = page_of(browser, f"{address}?find=concorrente")
    assert firm.title in found
    assert hidden.title not in found
    for other in (str(hidden.pk), "", "x", "9" * 30):
        answer = browser.post(address, {"do": "away", "other": other})
        assert answer.status_code == 400
        assert "Choose a body from the list." in answer.content.decode()
    browser.post(address, {"do": "away", "other": str(firm.pk)})
    page = page_of(browser, address)
    assert 'value="near"' in page
    assert 'value="away"' not in page_of(browser, f"{address}?find=concorrente")
    assert firm.title not in page_of(sign_in(PersonFactory()), address)


def test_a_body_taken_off_the_list_may_be_met_again(sign_in: SignIn) -> None:
    address = "/en/introductions/silence/"
    firm = OrganisationFactory(name="Concorrente srl")
    browser = sign_in(PersonFactory())
    browser.post(address, {"do": "away", "other": str(firm.pk)})
    browser.post(address, {"do": "near", "other": str(firm.pk)})
    assert 'value="near"' not in page_of(browser, address)


def test_the_page_of_silence_asks_as_often_for_three_as_for_one(
    sign_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    rita, counts = PersonFactory(), []
    said = IntroductionPreference.objects.create(person=rita, changed_at=NOW)
    browser = sign_in(rita)
    for more in (1, 2):
        for _ in range(more):
            said.not_for.add(OrganisationFactory())
            OrganisationFactory()
        with django_assert_max_num_queries(12) as captured:
            assert browser.get("/en/introductions/silence/?find=azienda").status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_a_body_says_how_often_it_is_asked_on_its_page(sign_in: SignIn) -> None:
    ada, body = PersonFactory(), OrganisationFactory()
    MandateFactory(person=ada, profile=body)
    address = f"/en/asks/preferences/{body.slug}/"
    browser = sign_in(ada)
    wrong = browser.post(address, {"do": "save", "most_a_month": "101"})
    assert wrong.status_code == 400
    assert "from 1 to 100" in wrong.content.decode()
    browser.post(address, {"do": "save", "most_a_month": "4"})
    assert AskingPreference.objects.get(profile=body).most_a_month == 4
    assert 'value="4"' in page_of(browser, address)
    browser.post(address, {"do": "save", "most_a_month": ""})
    assert AskingPreference.objects.get(profile=body).most_a_month is None
    page_of(sign_in(PersonFactory()), address, 404)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("shown", [("it", 1280), ("it", 360), ("en", 1280), ("en", 360)], ids=str)
def test_the_pages_are_accessible_and_work_by_hand(
    sign_in_browser: Callable[[Person], Page],
    look: Callable[[str, str], None],
    assert_accessible: Callable[[Page], None],
    shown: tuple[str, int],
) -> None:
    """Each page in each of its looks; and a need that is opened by hand."""
    language, width = shown
    place = Place()
    place.need(teaser="Un consorzio cerca " + "competenze " * 24)
    AskReading.objects.create(
        ask=place.ask,
        email="una.persona.dal.nome.lungo@istituto-di-ricerca.example",
        label="una.persona.dal.nome.lungo@istituto-di-ricerca.example",
        first_at=NOW,
        last_at=NOW,
    )
    body = place.member.mandates.get().profile
    page = sign_in_browser(place.member)
    page.set_viewport_size({"width": width, "height": 900})

    look(f"{language}/needs/", f"needs-{language}-list-member")
    look(f"{language}/needs/{place.ask.pk}/", f"needs-{language}-text")
    look(f"{language}/introductions/silence/", f"needs-{language}-silence-new")
    look(f"{language}/introductions/silence/?find=valvole", f"needs-{language}-silence-found")
    page.locator("button", has_text="Valvole Segrete").click()
    look(f"{language}/introductions/silence/", f"needs-{language}-silence-listed")
    look(f"{language}/asks/preferences/{body.slug}/", f"needs-{language}-preferences")
    sign_in_browser(place.ada)
    look(f"{language}/asks/{place.ask.pk}/readers/", f"needs-{language}-readers")
    page.locator("[name=teaser]").fill("x" * 301)
    page.locator("form button[type=submit].btn-primary").click()
    page.locator(".trebbo-field-errors").wait_for()
    assert_accessible(page)
    page.locator("[name=teaser]").fill("Poche parole")
    page.locator("form button[type=submit].btn-primary").click()
    page.locator(".alert-success").wait_for()
    page.context.clear_cookies()
    look(f"{language}/needs/", f"needs-{language}-list-visitor")
    look(f"{language}/needs/{place.ask.pk}/", f"needs-{language}-teaser")
    assert "Poche parole" in page.locator("main").inner_text()
