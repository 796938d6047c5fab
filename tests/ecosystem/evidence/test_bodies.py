"""Bodies outside the registry, their way into it, and funded projects."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from tests.factories.accounts import (
    ClusterRoleFactory,
    MandateFactory,
    NetworkRoleFactory,
    PersonFactory,
)
from tests.factories.clusters import ClusterFactory, manager_of
from tests.factories.evidence import (
    BodyFactory,
    FundedProjectFactory,
    ImportFactory,
    LinkFactory,
    ParticipationFactory,
)
from tests.factories.organisations import (
    NOW,
    ConceptFactory,
    MunicipalityFactory,
    OrganisationFactory,
    person,
)
from trebbo.ecosystem.accounts.models import Person
from trebbo.ecosystem.evidence import actions, queries
from trebbo.ecosystem.evidence.choices import LinkState, Verdict
from trebbo.ecosystem.evidence.models import Body, Link, Participation, RecordChange, Statement
from trebbo.ecosystem.organisations.models import Identifier, KindPeriod, Organisation
from trebbo.kernel.access import visitor
from trebbo.kernel.errors import NotAllowed, Refusal

pytestmark = pytest.mark.django_db

SignIn = Callable[[Person], Client]


def text_of(page: bytes) -> str:
    """What a page says, without its markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.decode()).split())


def body_with(count: int, **more: Any) -> Body:
    """A body with projects, fields, and a partner in each."""
    body: Body = BodyFactory(**more)
    for _ in range(count):
        part = ParticipationFactory(body=body)
        part.project.fields.add(ConceptFactory())
        partner = ParticipationFactory(project=part.project)
        LinkFactory(body=partner.body, profile=OrganisationFactory(), state=LinkState.MADE)
    return body


def address(body: Body) -> str:
    """Its page in English."""
    return f"/en/evidence/bodies/{body.scheme}/{body.key}/"


def test_a_body_s_page_says_what_open_data_says(client: Client) -> None:
    imported = ImportFactory(edition_date=date(2025, 12, 6))
    body = BodyFactory(
        name="ISTITUTO DI RICERCA",
        town="Faenza",
        website="www.irst.example",
        first_import=imported,
    )
    bone = FundedProjectFactory(acronym="BONE3", first_import=imported)
    ParticipationFactory(body=body, project=bone, role="coordinator")
    ParticipationFactory(body=body, gone_import=imported)
    partner = ParticipationFactory(project=bone, body__name="PARTNER GMBH", body__country="DE")
    bone.fields.add(ConceptFactory(label_en="biomaterials"))
    page = text_of(client.get(address(body)).content)
    assert "Funded projects (1)" in page
    assert "BONE3 Bioactive scaffolds for bone regeneration Coordinator 2022–2025 250,000" in page
    assert "PARTNER GMBH (DE): 1 project together" in page
    assert "biomaterials : 1 project" in page
    assert "Faenza, Italy (ITH54)" in page
    assert "edition of 6 December 2025" in page
    assert "CORDIS, Publications Office of the EU" in page
    assert "Add to the registry" not in page
    assert partner.body.name in page
    assert client.get("/en/evidence/bodies/pic/000000000/").status_code == 404
    assert client.get("/en/evidence/bodies/nonsense/1/").status_code == 404


def test_a_linked_body_leads_to_the_registry_for_those_who_may_see_it(
    client: Client, sign_in: SignIn
) -> None:
    body = body_with(1)
    hidden = OrganisationFactory(name="Riservata srl", visibility="hidden")
    LinkFactory(body=body, profile=hidden, state=LinkState.ACCEPTED)
    assert "Riservata" not in text_of(client.get(address(body)).content)
    sign_in(MandateFactory(profile=hidden).person)
    assert "In the registry as Riservata srl" in text_of(client.get(address(body)).content)


def test_the_same_body_in_other_registers_is_named(client: Client) -> None:
    body = body_with(1)
    same = BodyFactory(scheme="ror", key="01111rn36", name="Istituto")
    LinkFactory(body=body, same_body=same, profile=None, state=LinkState.MADE)
    assert "ROR 01111rn36" in text_of(client.get(address(body)).content)
    back = text_of(client.get(address(same)).content)
    assert body.key in back


@pytest.mark.parametrize("count", [1, 3])
def test_pages_ask_as_often_for_three_as_for_one(
    client: Client, sign_in: SignIn, django_assert_num_queries: Any, count: int
) -> None:
    body = body_with(count)
    part = Participation.objects.filter(body=body).earliest("pk")
    for _ in range(count - 1):
        ParticipationFactory(project=part.project)
    with django_assert_num_queries(7):
        assert client.get(address(body)).status_code == 200
    project = f"/en/evidence/projects/{part.project_id}/"
    with django_assert_num_queries(5):
        assert client.get(project).status_code == 200
    sign_in(ClusterRoleFactory().person)
    with django_assert_num_queries(10):
        assert client.get(address(body)).status_code == 200


def test_a_project_s_page_names_registry_and_others(client: Client) -> None:
    project = FundedProjectFactory(acronym="BONE3", key="101057999")
    firm = OrganisationFactory(name="Biomateriali srl")
    ParticipationFactory(
        project=project,
        profile=firm,
        role="coordinator",
        position=1,
        body__name="BIOMATERIALI SRL",
    )
    other = ParticipationFactory(project=project, body__name="PARTNER GMBH", is_ended=True)
    page = client.get(f"/en/evidence/projects/{project.pk}/").content
    text = text_of(page)
    assert "Who takes part (2)" in text
    assert "Biomateriali srl in the registry BIOMATERIALI SRL Coordinator" in text
    assert re.search(r"PARTNER GMBH Participant \( ?left before the end ?\)", text)
    assert f'href="{address(other.body)}"' in page.decode()
    assert 'href="https://cordis.europa.eu/project/id/101057999"' in page.decode()
    assert "EUR 2,000,000" in text
    assert client.get("/en/evidence/projects/987654/").status_code == 404


def test_a_member_who_hides_its_part_is_not_named_by_the_registry(
    client: Client, sign_in: SignIn
) -> None:
    firm = OrganisationFactory(name="Biomateriali srl")
    part = ParticipationFactory(profile=firm, body__name="BIOMATERIALI DUE SRL")
    LinkFactory(body=part.body, profile=firm, state=LinkState.ACCEPTED)
    Statement.objects.create(profile=firm, participation=part, verdict=Verdict.HIDDEN, said_at=NOW)
    project = f"/en/evidence/projects/{part.project_id}/"
    page = client.get(project).content.decode()
    assert "BIOMATERIALI DUE SRL" in page
    assert "Biomateriali srl" not in page
    assert part.body.get_absolute_url() not in page
    assert "Funded projects (0)" in text_of(client.get(address(part.body)).content)
    sign_in(MandateFactory(profile=firm).person)
    assert "Biomateriali srl" in client.get(project).content.decode()
    assert "Funded projects (1)" in text_of(client.get(address(part.body)).content)


def test_what_the_member_corrected_stands_beside_the_record(client: Client) -> None:
    firm = OrganisationFactory()
    part = ParticipationFactory(profile=firm)
    Statement.objects.create(
        profile=firm,
        participation=part,
        verdict=Verdict.CORRECTED,
        said_at=NOW,
        role="coordinator",
        contribution=Decimal("300000.00"),
    )
    text = text_of(client.get(f"/en/evidence/projects/{part.project_id}/").content)
    assert "Participant The member says: Coordinator" in text
    assert "250,000 The member says: 300,000" in text


def test_what_newer_editions_changed_is_told(client: Client) -> None:
    part = ParticipationFactory()
    newer = ImportFactory(edition_date=date(2026, 6, 1))
    RecordChange.objects.create(
        project=part.project,
        made_by=newer,
        changes={"end_date": ["2025-12-31", "2026-06-30"], "status": ["SIGNED", "CLOSED"]},
    )
    RecordChange.objects.create(
        project=part.project,
        body=part.body,
        made_by=newer,
        changes={"contribution": ["250000.00", "260000.50"], "role": [None, "coordinator"]},
    )
    text = text_of(client.get(f"/en/evidence/projects/{part.project_id}/").content)
    assert "End before: 31 December 2025 → after: 30 June 2026" in text
    assert "Status before: SIGNED → after: CLOSED" in text
    assert f"edition of 1 June 2026, {part.body.name}" in text
    assert "Contribution before: EUR 250,000.00 → after: EUR 260,000.50" in text
    assert "Role before: — → after: Coordinator" in text


def test_registering_brings_identifier_and_projects_and_is_done_once() -> None:
    office = manager_of(ClusterFactory())
    town = MunicipalityFactory()
    body = body_with(2, key="912345678")
    organisation = actions.register_body(
        actor=office,
        body_id=body.pk,
        name="Biomateriali srl",
        kind="sme",
        municipality_id=town.pk,
        website="www.bio.example",
    )
    assert Identifier.objects.get(profile=organisation.pk).value == "912345678"
    assert KindPeriod.objects.get(organisation=organisation).kind == "sme"
    assert Link.objects.get(body=body).state == LinkState.ACCEPTED
    mine = Participation.objects.filter(body=body)
    assert {part.profile_id for part in mine} == {organisation.pk}
    with pytest.raises(actions.BodyRefused, match="Biomateriali srl"):
        actions.register_body(actor=office, body_id=body.pk, name="Di nuovo", kind="sme")
    assert Organisation.objects.filter(name="Di nuovo").count() == 0


def test_only_offices_register_and_wrong_numbers_are_refused() -> None:
    body = body_with(1)
    for stranger in (person(), visitor(NOW)):
        with pytest.raises(NotAllowed):
            actions.register_body(actor=stranger, body_id=body.pk, name="X", kind="sme")
    with pytest.raises(Refusal):
        actions.register_body(
            actor=manager_of(ClusterFactory()),
            body_id=body.pk,
            name="X",
            kind="sme",
            vat_number="IT00000000001",
        )
    assert not Link.objects.filter(body=body).exists()


def test_the_form_proposes_what_open_data_says_and_leads_on(sign_in: SignIn) -> None:
    town = MunicipalityFactory()
    body = body_with(
        1,
        name="AZIENDA DEI BIOMATERIALI (ADB) S.R.L.",
        town="MIRANDOLA",
        website="http://adb.example",
    )
    role = ClusterRoleFactory()
    client = sign_in(role.person)
    assert "Add to the registry and invite" in text_of(client.get(address(body)).content)
    form = client.get(f"{address(body)}register/").content.decode()
    assert 'value="Azienda dei Biomateriali (ADB) srl"' in form
    assert f'<option value="{town.pk}" selected>' in form
    typed = {"name": "Azienda dei Biomateriali srl", "kind": ""}
    assert client.post(f"{address(body)}register/", typed).status_code == 400
    answer = client.post(f"{address(body)}register/", {**typed, "kind": "sme"})
    organisation = Organisation.objects.get(name="Azienda dei Biomateriali srl")
    cluster = role.cluster
    assert answer.url == f"/en/clusters/{cluster.slug}/members/?add={organisation.slug}"
    again = client.get(f"{address(body)}register/")
    assert again.url == body.get_absolute_url().replace("/it/", "/en/")


def test_the_agency_goes_on_to_invite(sign_in: SignIn) -> None:
    body = body_with(1)
    client = sign_in(NetworkRoleFactory().person)
    answer = client.post(f"{address(body)}register/", {"name": "Nuova srl", "kind": "sme"})
    assert answer.url.endswith("/invite/nuova-srl/")
    assert client.get(answer.url).status_code == 200


@pytest.mark.parametrize(("who", "status"), [("visitor", 302), ("member", 403), ("manager", 200)])
def test_only_offices_open_the_form(client: Client, sign_in: SignIn, who: str, status: int) -> None:
    body = body_with(1)
    if who == "member":
        sign_in(MandateFactory().person)
    elif who == "manager":
        sign_in(ClusterRoleFactory(person=PersonFactory()).person)
    assert client.get(f"{address(body)}register/").status_code == status
    assert client.get(address(body)).status_code == 200


@pytest.mark.parametrize(
    ("written", "proposed"),
    [
        ("UNIVERSITA DEGLI STUDI DI FERRARA", "Universita degli Studi di Ferrara"),
        ("B. BRAUN AVITUM ITALY SPA", "B. Braun Avitum Italy SpA"),
        ("CNR CENTRO", "CNR Centro"),
        ("GreenBone Ortho SpA", "GreenBone Ortho SpA"),
        ("L'AQUILA RICERCHE", "L'Aquila Ricerche"),
        ("", ""),
    ],
)
def test_names_in_capitals_are_proposed_as_one_writes_them(written: str, proposed: str) -> None:
    assert queries.proposed_name(written, viewer=visitor(NOW)) == proposed


def test_a_town_is_proposed_only_where_it_is_one() -> None:
    town = MunicipalityFactory(name="Forlì", istat_code="040012")
    assert queries.municipality_named("FORLI", viewer=visitor(NOW)) == town.pk
    MunicipalityFactory(name="Forli", istat_code="999999")
    assert queries.municipality_named("FORLI", viewer=visitor(NOW)) == ""
    assert queries.municipality_named("", viewer=visitor(NOW)) == ""
