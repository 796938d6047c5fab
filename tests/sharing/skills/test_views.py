"""The pages of skills as people open them: what they see, what they can do, what it costs."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.factories.accounts import ClusterRoleFactory, MandateFactory, PersonFactory
from tests.factories.clusters import (
    ChainMembershipFactory,
    ClusterFactory,
    MembershipFactory,
    ValueChainFactory,
)
from tests.factories.evidence import ParticipationFactory
from tests.factories.organisations import (
    ConceptFactory,
    ItemFactory,
    KindFactory,
    OrganisationFactory,
)
from tests.factories.skills import (
    CompetenceFactory,
    EvidenceFactory,
    OwnTermFactory,
    SuggestionFactory,
    TrainingFactory,
)
from trebbo.ecosystem.accounts.models import Person
from trebbo.ecosystem.organisations.models import Accreditation, Profile
from trebbo.kernel.access import visitor
from trebbo.sharing.skills import actions
from trebbo.sharing.skills.models import Competence, OwnTerm, Suggestion, TrainingOffer

pytestmark = pytest.mark.django_db
SignIn = Callable[[Person], Client]
MOST_QUERIES = 12


class Lab:
    """A laboratory of a cluster with somebody who acts for it, and the cluster's office."""

    def __init__(self) -> None:
        self.cluster = ClusterFactory(name="Clust-ER Salute", acronym="HEALTH")
        self.lab = OrganisationFactory(name="Laboratorio Ossa & Protesi")
        KindFactory(organisation=self.lab, kind="research_centre")
        MembershipFactory(cluster=self.cluster, profile=self.lab)
        self.ada, self.olga = PersonFactory(name="Ada"), PersonFactory(name="Olga")
        MandateFactory(person=self.ada, profile=self.lab)
        ClusterRoleFactory(person=self.olga, cluster=self.cluster)
        self.bone = ConceptFactory(label_it="ingegneria ossea", label_en="bone engineering")

    def address(self, rest: str = "", language: str = "en") -> str:
        """One of the pages on which the laboratory looks after its skills."""
        return f"/{language}/profiles/{self.lab.slug}/skills/{rest}"

    def form(self, **typed: Any) -> dict[str, Any]:
        """What the form of a competence sends."""
        return {"direction": "offered", "visibility": "public", "words": "", **typed}

    def fill(self) -> None:
        """Everything that the pages can show."""
        part = ParticipationFactory(profile=self.lab)
        stated = CompetenceFactory(
            profile=self.lab,
            concept=self.bone,
            level=4,
            people=7,
            note_it="Dalla biopsia alla prova a fatica",
            confirmed_at=timezone.now(),
            due_date=date(2099, 1, 1),
        )
        EvidenceFactory(competence=stated, kind="project", project=part.project, text="")
        EvidenceFactory(competence=stated, text="Brevetto IT1", address="https://example.org/b")
        CompetenceFactory(profile=self.lab, own=True, visibility="network", level=1)
        CompetenceFactory(profile=self.lab, direction="sought", level=None)
        CompetenceFactory(profile=self.lab, valid_until=date(2020, 1, 1))
        TrainingFactory(
            profile=self.lab,
            description_it="Un anno in laboratorio.",
            hours=1500,
            places=20,
            valid_from=date(2098, 10, 1),
            valid_until=date(2099, 9, 30),
            apply_by=date(2098, 9, 1),
            address="https://example.org/master",
        ).fields.add(self.bone)
        TrainingFactory(
            profile=self.lab, valid_from=None, valid_until=date(2020, 1, 1), apply_by=None
        )
        for number in range(3):
            SuggestionFactory(
                profile=self.lab,
                score=0.9 - number / 10,
                reasons={
                    "projects": [[part.project_id, part.project.acronym]],
                    "count": 1,
                    "words": ["protesi", "titanio"],
                },
            )
        ItemFactory(profile=self.lab, section="equipment", text_it="Microtomografo")
        Accreditation.objects.create(profile=self.lab, act="DGR 762/2014")
        OwnTermFactory(label_it="Ingegneria ossea", label_en="")
        ValueChainFactory(cluster=self.cluster)


def page_of(client: Client, address: str, status: int = 200) -> str:
    """The page at an address, with its spaces put together."""
    response = client.get(address)
    assert response.status_code == status
    return " ".join(response.content.decode().split())


def post(client: Client, address: str, typed: dict[str, Any]) -> HttpResponse:
    """What comes of a form."""
    response = client.post(address, typed)
    assert isinstance(response, HttpResponse)
    return response


def said(response: HttpResponse) -> list[str]:
    """The messages that come with an answer."""
    return [str(one) for one in get_messages(response.wsgi_request)]  # type: ignore[attr-defined]


def test_everybody_sees_what_is_public_on_the_profile_and_in_the_list(
    client: Client, sign_in: SignIn
) -> None:
    place = Lab()
    place.fill()
    own = Competence.objects.get(term__isnull=False)
    for address in (f"/en/organisations/{place.lab.slug}/", "/en/skills/"):
        page = page_of(client, address)
        assert "bone engineering" in page
        assert "Reference for others" in page
        assert own.label not in page
        assert "/skills/new/" not in page
    member = sign_in(place.ada)
    assert str(own.term.label_en if own.term else "") in page_of(member, "/en/skills/")
    assert place.address() in page_of(member, f"/en/organisations/{place.lab.slug}/")


def test_a_profile_without_anything_says_nothing(client: Client) -> None:
    place = Lab()
    assert "skills-title" not in page_of(client, f"/en/organisations/{place.lab.slug}/")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"bone", "sought", "abroad"}),
        ("q=ossea", {"bone"}),
        ("q=BONE+engineering", {"bone"}),
        ("q=fatica", {"bone"}),
        ("q=%00", {"bone", "sought", "abroad"}),
        ("direction=sought", {"sought"}),
        ("direction=nonsense", {"bone", "sought", "abroad"}),
        ("level=4", {"bone"}),
        ("level=3", {"bone", "abroad"}),
        ("kind=research_centre", {"bone", "sought"}),
        ("cluster=health", {"bone", "sought"}),
        ("cluster=none", set()),
        ("chain=bones", {"bone", "sought"}),
        ("page=99", {"bone", "sought", "abroad"}),
    ],
)
def test_the_list_is_narrowed(client: Client, query: str, found: set[str]) -> None:
    place = Lab()
    place.cluster.slug = "health"
    place.cluster.save()
    chain = ValueChainFactory(cluster=place.cluster, slug="bones")
    ChainMembershipFactory(value_chain=chain, profile=place.lab)
    rows = {
        "bone": CompetenceFactory(
            profile=place.lab, concept=place.bone, level=4, note_it="prove di fatica"
        ),
        "sought": CompetenceFactory(profile=place.lab, direction="sought", level=None),
        "abroad": CompetenceFactory(),
        "hidden": CompetenceFactory(visibility="hidden"),
        "of a hidden body": CompetenceFactory(profile=OrganisationFactory(visibility="hidden")),
        "over": CompetenceFactory(valid_until=date(2020, 1, 1)),
    }
    page = page_of(client, f"/it/skills/?{query}")
    assert {
        name for name, row in rows.items() if f'scope="row">{row.concept.label_it} ' in page
    } == found


def test_only_who_looks_after_the_body_opens_its_pages(client: Client, sign_in: SignIn) -> None:
    place = Lab()
    competence = CompetenceFactory(profile=place.lab)
    offer = TrainingFactory(profile=place.lab)
    addresses = [
        place.address(rest)
        for rest in ("", "new/", f"{competence.pk}/", "training/new/", f"training/{offer.pk}/")
    ]
    for address in addresses:
        assert client.get(address).status_code == 302
    for person, status in ((PersonFactory(), 403), (place.ada, 200), (place.olga, 200)):
        member = sign_in(person)
        for address in addresses:
            assert member.get(address).status_code == status, address
    assert sign_in(place.ada).get(place.address("999999/")).status_code == 404
    hidden = OrganisationFactory(visibility="hidden")
    assert sign_in(place.ada).get(f"/en/profiles/{hidden.slug}/skills/").status_code == 404


def test_a_member_searches_and_states_without_scripts(sign_in: SignIn) -> None:
    place = Lab()
    client = sign_in(place.ada)
    address = place.address("new/")
    found = post(client, address, place.form(words="OSSEA", find="1", people="0", note_it="mia"))
    page = found.content.decode()
    assert found.status_code == 200
    assert f'value="{place.bone.pk}"' in page
    assert "mia" in page
    wrong = post(client, address, place.form(concept=str(place.bone.pk), people="0"))
    assert wrong.status_code == 400
    assert "A whole number from 1" in wrong.content.decode()
    done = post(
        client,
        address,
        place.form(
            concept=str(place.bone.pk),
            people="4",
            level="3",
            other_text_1="Brevetto",
            other_link_1="example.org",
        ),
    )
    assert (done.status_code, done["Location"]) == (302, place.address())
    stated = Competence.objects.get()
    assert (stated.concept, stated.people, stated.level) == (place.bone, 4, 3)
    assert stated.evidence.get().address == "https://example.org"


@pytest.mark.parametrize(
    "typed",
    [
        {"concept": "x"},
        {"concept": "9" * 30},
        {"direction": ""},
        {"level": "nine", "term_it": "a"},
        {"valid_from": "tomorrow", "term_it": "a"},
        {"projects": ["999999"], "term_it": "a"},
        {"term_it": "a" * 300},
        {},
    ],
)
def test_nonsense_is_told_and_nothing_is_written(sign_in: SignIn, typed: dict[str, Any]) -> None:
    place = Lab()
    ParticipationFactory(profile=place.lab)
    response = post(sign_in(place.ada), place.address("new/"), place.form(**typed))
    assert response.status_code == 400
    assert "trebbo-errors" in response.content.decode()
    assert not Competence.objects.exists()


def _sent(page: str) -> dict[str, str]:
    """The hidden fields of the form that was shown."""
    hidden = [one for one in page.split("<input ") if 'type="hidden"' in one]
    pairs = [(one.split('name="')[1], one.split('value="')[1]) for one in hidden if "value=" in one]
    named = {name.split('"')[0]: value.split('"')[0] for name, value in pairs}
    return {name: value for name, value in named.items() if name.startswith(("seen-", "version"))}


def test_two_who_change_different_things_do_not_disturb_each_other(sign_in: SignIn) -> None:
    place = Lab()
    one = CompetenceFactory(profile=place.lab, concept=place.bone, note_it="prima", level=2)
    client, address = sign_in(place.ada), place.address(f"{one.pk}/")
    seen = _sent(page_of(client, address))
    actions.change_competence(
        actor=_viewer(place.lab), competence_id=one.pk, version=1, note_it="di Bob"
    )
    typed = place.form(concept=str(place.bone.pk), note_it="prima", level="4", **seen)
    assert post(client, address, typed).status_code == 302
    one.refresh_from_db()
    assert (one.note_it, one.level) == ("di Bob", 4)


def test_two_who_change_the_same_thing_choose(sign_in: SignIn) -> None:
    place = Lab()
    one = CompetenceFactory(profile=place.lab, concept=place.bone, note_it="prima", level=2)
    client, address = sign_in(place.ada), place.address(f"{one.pk}/")
    seen = _sent(page_of(client, address))
    actions.change_competence(
        actor=_viewer(place.lab), competence_id=one.pk, version=1, note_it="di Bob", level=1
    )
    typed = place.form(concept=str(place.bone.pk), note_it="di Ada", level="4", **seen)
    clash = post(client, address, typed)
    page = clash.content.decode()
    assert clash.status_code == 409
    for words in ("di Bob", "di Ada", "theirs-note_it", "theirs-level"):
        assert words in page
    typed = place.form(concept=str(place.bone.pk), note_it="di Ada", level="4", **_sent(page))
    assert post(client, address, {**typed, "theirs-level": "1"}).status_code == 302
    one.refresh_from_db()
    assert (one.note_it, one.level) == ("di Ada", 1)


def _viewer(profile: Profile) -> Any:
    from tests.factories.skills import editor_of

    return editor_of(profile, now=timezone.now(), label="Bob")


def test_all_is_still_true_and_what_is_over_ends(sign_in: SignIn) -> None:
    place = Lab()
    one, wrong = CompetenceFactory.create_batch(2, profile=place.lab, created_at=timezone.now())
    client = sign_in(place.ada)
    done = post(client, place.address(), {"do": "confirm"})
    assert said(done) == ["2 competences are confirmed for a year."]
    post(client, place.address(), {"do": "end", "competence": one.pk, "last_day": "2026-01-31"})
    post(client, place.address(), {"do": "end", "competence": wrong.pk, "mistake": "1"})
    assert Competence.objects.get().valid_until == date(2026, 1, 31)
    bad = post(client, place.address(), {"do": "end", "competence": one.pk, "last_day": "31/31"})
    assert said(bad)[-1].startswith("This is not a date")
    assert post(client, place.address(), {"do": "nonsense"}).status_code == 404


def test_suggestions_are_decided_one_after_the_other_without_scripts(sign_in: SignIn) -> None:
    place = Lab()
    first, second = (SuggestionFactory(profile=place.lab, score=s) for s in (0.9, 0.5))
    client = sign_in(place.ada)
    assert first.concept.label_en in page_of(client, place.address())

    def decide(one: Suggestion, decision: str) -> HttpResponse:
        return post(client, place.address(f"suggestions/{one.pk}/"), {"decision": decision})

    assert decide(first, "accept").status_code == 302
    decide(second, "refuse")
    assert said(decide(second, "accept"))[-1].endswith(").")
    assert Competence.objects.get().concept == first.concept
    assert decide(second, "undo")["Location"].endswith(f"?at={second.pk}#review")
    assert decide(second, "nonsense").status_code == 404
    stranger = sign_in(PersonFactory())
    address = place.address(f"suggestions/{second.pk}/")
    assert post(stranger, address, {"decision": "accept"}).status_code == 403


def test_looking_for_suggestions_now(sign_in: SignIn) -> None:
    place = Lab()
    field = ConceptFactory(broader=place.bone)
    ParticipationFactory(profile=place.lab).project.fields.add(field)
    client = sign_in(place.ada)
    assert said(post(client, place.address(), {"do": "suggest"})) == [
        "1 new suggestion waits for a decision."
    ]
    assert "Nothing new" in said(post(client, place.address(), {"do": "suggest"}))[-1]


def test_training_is_offered_changed_and_ended(client: Client, sign_in: SignIn) -> None:
    place = Lab()
    member = sign_in(place.ada)
    typed = {
        "kind": "master",
        "title_it": "Master in protesi",
        "visibility": "public",
        "fields_taught": [str(place.bone.pk)],
        "words": "",
        "valid_until": "2099-01-01",
    }
    wrong = post(member, place.address("training/new/"), {**typed, "kind": ""})
    assert wrong.status_code == 400
    assert post(member, place.address("training/new/"), typed).status_code == 302
    offer = TrainingOffer.objects.get()
    assert list(offer.fields.all()) == [place.bone]
    address = place.address(f"training/{offer.pk}/")
    seen = _sent(page_of(member, address))
    other = {**typed, "places": "9", **seen}
    actions.change_training(
        actor=_viewer(place.lab), training_id=offer.pk, version=1, places=5, hours=10
    )
    same = {**typed, "title_en": "Master of prostheses", **seen}
    assert post(member, address, same).status_code == 302
    clash = post(member, address, other)
    assert clash.status_code == 409
    assert "theirs-places" in clash.content.decode()
    typed |= {
        "places": "9",
        "hours": "10",
        "title_en": "Master of prostheses",
        **_sent(clash.content.decode()),
    }
    assert post(member, address, typed).status_code == 302
    offer.refresh_from_db()
    assert (offer.places, offer.hours, offer.title_en) == (9, 10, "Master of prostheses")
    assert "Master of prostheses" in page_of(client, "/en/skills/training/?q=ossea&open=1")
    post(member, place.address(), {"do": "end_training", "training": offer.pk})
    assert "Master of prostheses" not in page_of(client, "/en/skills/training/")


def test_the_office_merges_terms_with_one_press_or_after_a_search(sign_in: SignIn) -> None:
    place = Lab()
    alike = OwnTermFactory(label_it="Ingegneria ossea", label_en="")
    strange = OwnTermFactory(label_it="arte", label_en="")
    for term in (alike, strange):
        CompetenceFactory(profile=place.lab, concept=None, term=term)
    assert sign_in(place.ada).get("/en/skills/terms/").status_code == 403
    office = sign_in(place.olga)
    page = page_of(office, "/en/skills/terms/")
    assert "Merge into “bone engineering”" in page
    typed = {"term": alike.pk, "concept": place.bone.pk}
    assert "is now “bone engineering”" in said(post(office, "/en/skills/terms/", typed))[0]
    page = page_of(office, f"/en/skills/terms/{strange.pk}/?words=bone")
    assert f'value="{place.bone.pk}"' in page
    refused = post(office, f"/en/skills/terms/{strange.pk}/", {"concept": "0"})
    assert refused.status_code == 302
    post(office, f"/en/skills/terms/{strange.pk}/", {"concept": place.bone.pk})
    assert set(OwnTerm.objects.values_list("merged_into", flat=True)) == {place.bone.pk}
    assert Competence.objects.get().concept == place.bone
    assert office.get(f"/en/skills/terms/{strange.pk}/").status_code == 404


def test_pages_cost_the_same_queries_however_many_rows(sign_in: SignIn) -> None:
    place = Lab()
    pages: list[tuple[Person | None, str]] = [
        (None, "/en/skills/"),
        (place.ada, "/en/skills/?q=bone&cluster=x&chain=y&level=1&kind=sme&direction=offered"),
        (None, "/en/skills/training/?q=bone&open=1&kind=master"),
        (place.olga, "/en/skills/terms/"),
        (place.ada, place.address()),
        (place.ada, place.address("new/")),
        (place.ada, place.address("training/new/")),
    ]
    place.fill()
    pages.append((place.ada, place.address(f"{Competence.objects.earliest('pk').pk}/")))
    pages.append((place.ada, place.address(f"training/{TrainingOffer.objects.earliest('pk').pk}/")))
    OwnTerm.objects.update(label_en="never heard of")

    def costs() -> list[int]:
        counts = []
        for who, address in pages:
            client = sign_in(who) if who else Client()
            client.get(address)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address).status_code == 200
            counts.append(len(queries))
        return counts

    before = costs()
    for _n in range(3):
        place.bone = ConceptFactory()
        place.fill()
    OwnTerm.objects.update(label_en="never heard of")
    after = costs()
    assert dict(zip([address for _who, address in pages], after, strict=True)) == dict(
        zip([address for _who, address in pages], before, strict=True)
    )
    assert max(after) <= MOST_QUERIES, after


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_every_page_is_accessible_on_phone_and_desk(
    page: Page, sign_in_browser: Callable[[Person], Page], look: Callable[[str, str], None]
) -> None:
    place = Lab()
    place.fill()
    competence = Competence.objects.get(concept=place.bone)
    offer = TrainingOffer.objects.earliest("pk")
    term = Competence.objects.get(term__isnull=False).term
    assert term is not None
    own = f"profiles/{place.lab.slug}/skills"
    public = {
        "skills": "skills/",
        "nothing": "skills/?q=niente",
        "training": "skills/training/",
        "profile": f"organisations/{place.lab.slug}/",
    }
    office = {
        "terms": "skills/terms/",
        "import": "skills/import/",
        "term": f"skills/terms/{term.pk}/?words=ossea",
        "care": f"{own}/",
        "new": f"{own}/new/",
        "edit": f"{own}/{competence.pk}/",
        "training-new": f"{own}/training/new/",
        "training-edit": f"{own}/training/{offer.pk}/",
    }
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        page.context.clear_cookies()
        for name, address in public.items():
            look(f"it/{address}", f"skills-{name}")
        sign_in_browser(place.olga)
        for name, address in office.items():
            look(f"it/{address}", f"skills-{name}")
    for name, address in (public | office).items():
        look(f"en/{address}", f"skills-{name}-en")


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_suggestions_are_decided_with_single_keys(
    quiet_page: Page, sign_in_browser: Callable[[Person], Page], live_server: Any
) -> None:
    place = Lab()
    first, second, third = (SuggestionFactory(profile=place.lab, score=s) for s in (0.9, 0.6, 0.3))
    page = sign_in_browser(place.ada)
    page.goto(f"{live_server.url}{place.address()}")
    title = page.locator("#review-title")
    expect(title).to_have_text(first.concept.label_en)
    page.keyboard.press("a")
    expect(title).to_have_text(second.concept.label_en)
    expect(page.locator("#stated")).to_contain_text(first.concept.label_en)
    page.keyboard.press("r")
    expect(title).to_have_text(third.concept.label_en)
    page.keyboard.press("u")
    expect(title).to_have_text(second.concept.label_en)
    page.keyboard.press("j")
    expect(title).to_have_text(third.concept.label_en)
    page.fill(
        "#last-training" if page.locator("#last-training").count() else "#header-search", "ar"
    )
    expect(title).to_have_text(third.concept.label_en)
    assert Competence.objects.get().concept == first.concept


def test_visitors_are_not_told_what_is_hidden_by_counts(client: Client) -> None:
    place = Lab()
    CompetenceFactory(profile=place.lab, visibility="hidden", concept=place.bone)
    for address in ("/en/skills/?q=bone", f"/en/organisations/{place.lab.slug}/"):
        page = page_of(client, address)
        assert "bone engineering" not in page
    assert "<strong>0</strong> competences" in page_of(client, "/en/skills/?q=bone")
    assert visitor().person_id is None
