"""The pages that add organisations, units and Technopoles."""

from datetime import date

import pytest
from django.test import Client

from tests.ecosystem.organisations.acting import SignIn, english, identity, text
from tests.factories.clusters import ClusterFactory, NetworkFactory
from tests.factories.organisations import (
    MunicipalityFactory,
    OrganisationFactory,
    TechnopoleFactory,
)
from trebbo.ecosystem.accounts.models import ClusterRole, Mandate, NetworkRole, Person
from trebbo.ecosystem.organisations.models import Organisation, Technopole

pytestmark = pytest.mark.django_db


@pytest.fixture
def agency(sign_in: SignIn) -> Client:
    """The browser of somebody of the agency."""
    client = sign_in(name="Agenzia")
    network = NetworkFactory.create()
    person = Person.objects.get(name="Agenzia")
    NetworkRole.objects.create(
        person=person, network=network, role="agency", valid_from=date(2020, 1, 1)
    )
    return client


@pytest.fixture
def office(sign_in: SignIn) -> Client:
    """The browser of a cluster's manager."""
    client = sign_in(name="Ufficio")
    ClusterRole.objects.create(
        person=Person.objects.get(name="Ufficio"),
        cluster=ClusterFactory.create(),
        role="manager",
        valid_from=date(2020, 1, 1),
    )
    return client


def test_an_office_adds_an_organisation_and_goes_on_looking_after_it(office: Client) -> None:
    """Also before anybody acts for it or it joins a cluster."""
    office.post(english("organisation_new"), {"name": "Appena Nata srl", "kind": "sme"})
    organisation = Organisation.objects.get(name="Appena Nata srl")
    page = text(office.get(english("organisation", organisation.slug)))
    assert english("profile_edit", organisation.slug) in page
    address = english("profile_edit", organisation.slug, part="identity")
    assert office.post(address, identity(organisation, acronym="AN")).status_code == 302
    organisation.refresh_from_db()
    assert organisation.acronym == "AN"


def test_an_office_adds_a_unit(client: Client, office: Client, sign_in: SignIn) -> None:
    organisation = OrganisationFactory.create(name="Ateneo")
    technopole = TechnopoleFactory.create()
    address = english("unit_new", organisation.slug)
    assert client.get(address).status_code == 302
    assert sign_in(organisation).get(address).status_code == 403
    assert "centre of Ateneo." in text(office.get(address))
    typed = {"name": "", "kind": "laboratory", "technopole": str(technopole.pk)}
    refused = text(office.post(address, typed))
    assert "There is a problem" in refused
    assert f'<option value="{technopole.pk}" selected>' in refused
    added = office.post(address, {**typed, "name": "Laboratorio Nuovo"})
    unit = organisation.units.get()
    assert added.headers["Location"] == english("unit", unit.slug)
    assert (unit.name, unit.kind, unit.technopole) == (
        "Laboratorio Nuovo",
        "laboratory",
        technopole,
    )
    hidden = OrganisationFactory.create(visibility="hidden", name="Di altri")
    Mandate.objects.create(
        person=Person.objects.get(name="Ada"),
        profile=hidden,
        role="editor",
        valid_from=date(2020, 1, 1),
    )
    assert office.get(english("unit_new", hidden.slug)).status_code == 404


def test_the_agency_adds_a_technopole(client: Client, agency: Client, office: Client) -> None:
    manager, town = OrganisationFactory.create(name="Gestore"), MunicipalityFactory.create()
    address = english("technopole_new")
    every = english("technopoles")
    for visitor, seen in ((client, False), (office, False), (agency, True)):
        assert (address in text(visitor.get(every))) is seen
    assert client.get(address).status_code == 302
    assert office.get(address).status_code == 403
    typed = {"name": "Tecnopolo Nuovo", "code": "TN", "manager": "gestore", "municipality": town.pk}
    added = agency.post(address, typed)
    technopole = Technopole.objects.get(code="TN")
    assert added.headers["Location"] == english("technopole", technopole.slug)
    assert technopole.manager == manager
    assert technopole.seats.get().municipality == town
    again = text(agency.post(address, typed))
    assert "Another Technopole already has this code." in again
    assert 'value="Tecnopolo Nuovo"' in again
    assert Technopole.objects.count() == 1
