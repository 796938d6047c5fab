"""The evidence on the pages of organisations and units, as people open and use them."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django import DjangoAssertNumQueries

from tests.factories.accounts import ClusterRoleFactory, MandateFactory
from tests.factories.clusters import MembershipFactory
from tests.factories.evidence import (
    BodyFactory,
    FundedProjectFactory,
    ImportFactory,
    LinkFactory,
    ParticipationFactory,
)
from tests.factories.organisations import (
    ConceptFactory,
    OrganisationFactory,
    ProvinceFactory,
    TerritoryFactory,
    UnitFactory,
)
from trebbo.ecosystem.accounts.models import Person
from trebbo.ecosystem.evidence import queries
from trebbo.ecosystem.evidence.choices import Dataset, LinkState
from trebbo.ecosystem.evidence.models import Participation, Statement
from trebbo.ecosystem.evidence.queries.partners import places_of
from trebbo.ecosystem.organisations.choices import Visibility
from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel.access import visitor

pytestmark = pytest.mark.django_db

SignIn = Callable[[Person], Client]


def part_of(profile: Profile, **values: Any) -> Participation:
    """A part in a project whose body is settled on the profile."""
    part: Participation = ParticipationFactory(profile=profile, **values)
    if not part.body.links.exists():
        LinkFactory(body=part.body, profile=profile, state=LinkState.ACCEPTED)
    return part


def fill(profile: Profile, count: int) -> None:
    """Projects with fields, each with a partner of the registry and one outside."""
    for _ in range(count):
        part = part_of(profile)
        part.project.fields.add(ConceptFactory())
        part_of(OrganisationFactory(), project=part.project)
        ParticipationFactory(project=part.project)


def evidence_page(profile: Profile, language: str = "en", **query: Any) -> str:
    """The address of the whole page."""
    address = reverse("profile_evidence", args=[profile.slug]).replace("/it/", f"/{language}/", 1)
    return address + ("?" + "&".join(f"{k}={v}" for k, v in query.items()) if query else "")


def text(answer: Any) -> str:
    """The page's words, without its marks."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


@pytest.mark.parametrize("count", [1, 3])
def test_pages_ask_the_database_as_often_for_three_as_for_one(
    sign_in: SignIn, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    mandate = MandateFactory()
    firm = mandate.profile
    MembershipFactory(profile=firm)
    fill(firm, count)
    unit = UnitFactory(organisation=firm)
    fill(unit, count)
    client = sign_in(mandate.person)
    for address, number in (
        (firm.get_absolute_url(), 12),
        (unit.get_absolute_url(), 10),
        (evidence_page(firm), 10),
    ):
        with django_assert_num_queries(number):
            assert client.get(address).status_code == 200


def test_the_section_says_how_many_since_when_how_much_and_with_whom(client: Client) -> None:
    firm = OrganisationFactory()
    first = part_of(firm, contribution=Decimal("250000.00"))
    second = part_of(
        firm,
        project=FundedProjectFactory(acronym="LATER", start_date=date(2024, 5, 1)),
        contribution=Decimal("1000000.00"),
        role="coordinator",
    )
    oncology = ConceptFactory(label_it="oncologia", label_en="oncology")
    for part in (first, second):
        part.project.fields.add(oncology)
    partner = part_of(OrganisationFactory(name="Partner srl"), project=first.project)
    outside = ParticipationFactory(project=second.project, body__name="FRAUNHOFER EV")
    address = firm.get_absolute_url()
    page = text(client.get(address.replace("/it/", "/en/")))
    assert "2 funded projects, begun between 2022 and 2024; coordinator of 1." in page
    assert "Contribution received: EUR 1,250,000 . Horizon Europe: 2." in page
    assert "oncology 2 2022–2024" in page
    assert page.index("LATER") < page.index(str(first.project))
    source = client.get(address).content.decode()
    assert partner.profile is not None
    assert f'/organisations/{partner.profile.slug}/"' in source
    assert f'/evidence/bodies/pic/{outside.body.key}/"' in source
    italian = text(client.get(address))
    assert "oncologia" in italian
    assert "1.250.000" in italian


def test_nothing_is_said_where_nothing_is_known_except_to_who_looks_after_it(
    client: Client, sign_in: SignIn
) -> None:
    mandate = MandateFactory()
    address = mandate.profile.get_absolute_url().replace("/it/", "/en/")
    assert "Funded projects, from open data" not in text(client.get(address))
    page = text(sign_in(mandate.person).get(address))
    assert "Open data known here names no funded project of this body." in page


def test_an_organisation_counts_its_own_and_says_how_many_are_its_units(client: Client) -> None:
    university = OrganisationFactory()
    part_of(university)
    unit, secret = UnitFactory(organisation=university), UnitFactory(organisation=university)
    Profile.objects.filter(pk=secret.pk).update(visibility=Visibility.HIDDEN)
    part_of(unit)
    part_of(secret)
    evidence = queries.profile_evidence(university, viewer=visitor())
    assert (evidence.projects, evidence.projects_of_units) == (1, 1)


def test_each_project_leads_to_its_record_edition_and_day_of_import(client: Client) -> None:
    firm = OrganisationFactory()
    imported = ImportFactory(edition_date=date(2025, 12, 6))
    part = part_of(firm, project__key="101069359", project__first_import=imported)
    page = client.get(evidence_page(firm)).content.decode()
    assert 'href="https://cordis.europa.eu/project/id/101069359"' in page
    assert "edition of December 6, 2025" in page or "edition of 6 December 2025" in page
    assert f"there as {part.body.name}" in page


def test_the_list_can_be_narrowed_and_nonsense_leaves_it_whole(client: Client) -> None:
    firm = OrganisationFactory()
    field = ConceptFactory()
    old = part_of(firm, project=FundedProjectFactory(acronym="OLD", start_date=date(2016, 1, 1),
                  programme="H2020", dataset=Dataset.CORDIS_H2020), role="coordinator")  # fmt: skip
    part_of(firm, project=FundedProjectFactory(acronym="NEW"))
    old.project.fields.add(field)
    for query, shown in (
        ({"year": "2016"}, {"OLD"}),
        ({"programme": "Horizon+Europe"}, {"NEW"}),
        ({"role": "coordinator"}, {"OLD"}),
        ({"field": str(field.pk)}, {"OLD"}),
        ({"field": str(field.pk), "year": "2022"}, set()),
        ({"page": "99"}, {"OLD", "NEW"}),
        ({"partners": "x"}, {"OLD", "NEW"}),
    ):
        page = client.get(evidence_page(firm, **query)).content.decode()
        found = set(re.findall(r'<h3 class="h5"><a [^>]*>(\w+)</a>', page))
        assert found == shown, query
    assert client.get(evidence_page(firm, year="x", role="king", field="-1")).status_code == 200


def test_a_profile_that_may_not_be_seen_is_not_there(client: Client, sign_in: SignIn) -> None:
    firm = OrganisationFactory(visibility=Visibility.NETWORK)
    part_of(firm)
    assert client.get(evidence_page(firm)).status_code == 404
    assert sign_in(MandateFactory().person).get(evidence_page(firm)).status_code == 200


def test_partners_are_counted_once_and_named_as_the_viewer_may_know_them() -> None:
    firm = OrganisationFactory()
    shared = [part_of(firm).project for _ in range(3)]
    known = OrganisationFactory(name="Nota srl")
    unseen = OrganisationFactory(name="Nascosta srl", visibility=Visibility.HIDDEN)
    for project in shared:
        part_of(known, project=project)
    part_of(known, project=shared[0])
    part_of(unseen, project=shared[0], body__name="NASCOSTA SRL")
    part_of(unseen, project=shared[1], body=Participation.objects.get(profile=unseen).body)
    ParticipationFactory(project=shared[2], body__name="GONE", gone_import=ImportFactory())
    part_of(UnitFactory(organisation=firm), project=shared[0])
    partners = queries.partners_of(firm, viewer=visitor())
    assert [(p.name, p.projects, p.in_registry) for p in partners] == [
        ("Nota srl", 3, True),
        ("NASCOSTA SRL", 2, False),
    ]
    assert queries.partner_counts(firm, [shared[0].pk, shared[2].pk], viewer=visitor()) == {
        shared[0].pk: 3,
        shared[2].pk: 1,
    }


def test_partners_are_placed_by_country_and_in_italy_by_province() -> None:
    modena = ProvinceFactory(
        territory=TerritoryFactory(code="ITH54"), latitude=44.6, longitude=10.9
    )
    firm = OrganisationFactory()
    project = part_of(firm).project
    for country, nuts, town in (
        ("IT", "ITH54", "MIRANDOLA"),
        ("IT", "", ""),
        ("EL", "EL30", "ATHENS"),
        ("GR", "", ""),
        ("", "", ""),
    ):
        body = BodyFactory(country=country, nuts=nuts, town=town)
        ParticipationFactory(project=project, body=body)
    partners = queries.partners_of(firm, viewer=visitor())
    assert places_of(partners) == {"IT": 2, "GR": 2, "": 1}
    places = queries.provinces_of(partners, viewer=visitor())
    assert [(place.code, place.partners) for place in places] == [(modena.code, 1), ("", 1)]


@pytest.mark.parametrize("htmx", [True, False])
def test_one_click_confirms_hides_and_shows_again(sign_in: SignIn, htmx: bool) -> None:
    mandate = MandateFactory()
    part = part_of(mandate.profile)
    client = sign_in(mandate.person)
    address = reverse("participation_say", args=[mandate.profile.slug, part.pk])
    headers = {"HX-Request": "true"} if htmx else {}
    for button, verdict in (("confirm", "confirmed"), ("hide", "hidden"), ("take_back", None)):
        answer = client.post(address, {button: "1"}, headers=headers)
        if htmx:
            assert answer.status_code == 200
            assert answer.content.decode().lstrip().startswith("<li")
        else:
            assert answer.url == f"{evidence_page(mandate.profile, 'it')}#part-{part.pk}"
        said = Statement.objects.filter(participation=part).first()
        assert (said.verdict if said else None) == verdict


def test_a_correction_is_typed_refused_and_kept(sign_in: SignIn) -> None:
    mandate = MandateFactory()
    part = part_of(mandate.profile)
    unit = UnitFactory(organisation=mandate.profile)
    client = sign_in(mandate.person)
    address = reverse("participation_say", args=[mandate.profile.slug, part.pk])
    assert f'value="{unit.pk}"' in client.get(address).content.decode()
    wrong = client.post(address, {"correct": "1", "contribution": "-5"})
    assert wrong.status_code == 400
    assert 'value="-5"' in wrong.content.decode()
    nothing = client.post(address, {"correct": "1"})
    assert nothing.status_code == 400
    client.post(address, {"correct": "1", "contribution": "1.250,50", "role": "coordinator"})
    said = Statement.objects.get()
    assert (said.contribution, said.role) == (Decimal("1250.50"), "coordinator")
    page = text(client.get(evidence_page(mandate.profile)))
    assert "CORDIS, Publications Office of the EU says: EUR 250,000" in page
    assert 'value="1250,50"' in client.get(address).content.decode()


def test_a_field_is_confirmed_hidden_and_corrected(sign_in: SignIn) -> None:
    mandate = MandateFactory()
    firm = mandate.profile
    given, right = ConceptFactory(label_it="chimica"), ConceptFactory(label_it="biologia")
    part_of(firm).project.fields.add(given)
    client = sign_in(mandate.person)
    address = reverse("field_say", args=[firm.slug, given.pk])
    client.post(address, {"confirm": "1"})
    assert list(firm.fields.all()) == [given]
    answer = client.post(address, {"hide": "1"}, headers={"HX-Request": "true"})
    assert answer.content.decode().lstrip().startswith("<section")
    assert [row.concept for row in queries.profile_evidence(firm, viewer=visitor()).fields] == []
    found = client.get(address, {"words": "biolo"}).content.decode()
    assert f'value="{right.pk}"' in found
    assert client.post(address, {"correct": "1", "words": "biolo"}).status_code == 400
    client.post(address, {"correct": "1", "words": "biolo", "instead": str(right.pk)})
    [row] = queries.profile_evidence(firm, viewer=visitor()).fields
    assert (row.concept, row.said_for) == (right, (given,))


def test_nobody_else_can_speak(client: Client, sign_in: SignIn) -> None:
    firm = OrganisationFactory()
    part = part_of(firm)
    part.project.fields.add(field := ConceptFactory())
    for address in (
        reverse("participation_say", args=[firm.slug, part.pk]),
        reverse("field_say", args=[firm.slug, field.pk]),
    ):
        client.logout()
        assert "/account/login/" in client.post(address, {"hide": "1"}).url
        for person in (MandateFactory().person, ClusterRoleFactory().person):
            if Profile.objects.filter(pk=firm.pk, memberships__isnull=True).exists():
                MembershipFactory(profile=firm)
            stranger = sign_in(person)
            assert stranger.get(address).status_code == 403
            assert stranger.post(address, {"hide": "1"}).status_code == 403
    assert not Statement.objects.exists()
    page = client.get(evidence_page(firm)).content.decode()
    assert 'name="hide"' not in page


def test_nonsense_is_answered_kindly(sign_in: SignIn) -> None:
    mandate = MandateFactory()
    part_of(mandate.profile)
    other = part_of(OrganisationFactory())
    client = sign_in(mandate.person)
    slug = mandate.profile.slug
    theirs = reverse("participation_say", args=[slug, other.pk])
    assert client.get(theirs).status_code == 404
    assert client.post(theirs, {"confirm": "1"}).status_code == 400
    mine = Participation.objects.get(profile=mandate.profile)
    assert client.post(reverse("participation_say", args=[slug, mine.pk])).status_code == 404
    assert client.get(reverse("field_say", args=[slug, 999_999])).status_code == 404


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_member_goes_through_its_projects(
    quiet_page: Page,
    live_server: Any,
    sign_in_browser: Callable[[Person], Page],
    assert_accessible: Callable[[Page], None],
) -> None:
    """Confirms one, hides one and shows it again; the row changes where it stands."""
    mandate = MandateFactory()
    fill(mandate.profile, 2)
    sign_in_browser(mandate.person)
    page = quiet_page
    part = Participation.objects.filter(profile=mandate.profile).first()
    assert part is not None
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"{live_server.url}{evidence_page(mandate.profile, 'it')}")
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    row = page.locator(f"#part-{part.pk}")
    row.locator("button[name=confirm]").click()
    expect(row.locator(".badge.bg-success")).to_be_visible()
    expect(row.locator("[role=status]")).to_contain_text("Grazie")
    row.locator("button[name=take_back]").click()
    row.locator("button[name=hide]").click()
    expect(row).to_have_class(re.compile("evidence-hidden"))
    row.locator("button[name=take_back]").click()
    expect(row.locator("button[name=confirm]")).to_be_visible()
    row.locator("a", has_text="Correggi").click()
    assert_accessible(page)
    page.locator("[name=contribution]").fill("300000")
    page.locator("main form .btn-primary").click()
    expect(page.locator(f"#part-{part.pk} .badge.bg-warning")).to_be_visible()
