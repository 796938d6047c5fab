"""Pages of the registry in two languages: histories, comparisons, words in one language only."""

import pytest
from django.test import Client
from django.utils import timezone

from tests.ecosystem.organisations.acting import SignIn, english, text
from tests.factories.organisations import ConceptFactory, ItemFactory, OrganisationFactory
from trebbo.kernel.models import AuditLine

pytestmark = pytest.mark.django_db


def test_the_history_speaks_the_language_of_the_page(sign_in: SignIn) -> None:
    organisation = OrganisationFactory.create()
    bone = ConceptFactory.create(label_it="ortopedia", label_en="orthopaedics")
    ada = sign_in(organisation)
    fields = english("profile_edit", organisation.slug, part="fields").replace("/en/", "/it/")
    chosen = {"do": "save_fields", "version": "1", "fields_chosen": [str(bone.pk)]}
    assert ada.post(fields, chosen).status_code == 302
    names = english("profile_edit", organisation.slug, part="names")
    ada.post(names, {"do": "add_identifier", "scheme": "pic", "value": "999993953"})
    address = english("profile_history", organisation.slug)
    page = text(ada.get(address))
    assert "<ins>orthopaedics</ins>" in page
    assert "<ins>PIC (EU participant code) 999993953</ins>" in page
    italian = text(ada.get(address.replace("/en/", "/it/")))
    assert "<ins>ortopedia</ins>" in italian
    assert "<ins>PIC (codice partecipante UE) 999993953</ins>" in italian


def test_a_line_written_in_one_language_is_still_read(sign_in: SignIn) -> None:
    organisation = OrganisationFactory.create()
    ada = sign_in(organisation)
    AuditLine.objects.create(
        at=timezone.now(),
        actor_label="Bea",
        verb="set_fields",
        subject_type="organisations.profile",
        subject_id=organisation.pk,
        subject_label="",
        changes={"fields": ["", "ortopedia"]},
    )
    page = text(ada.get(english("profile_history", organisation.slug)))
    assert "<strong>Bea</strong> changed the fields" in page
    assert "<ins>ortopedia</ins>" in page


def test_what_somebody_did_not_touch_is_recognised_in_either_language(sign_in: SignIn) -> None:
    """A list chosen by Ada on an Italian page is compared with Bea's on an English one."""
    organisation = OrganisationFactory.create()
    ItemFactory.create(profile=organisation, text_it="protesi", text_en="prostheses")
    ada, bea = sign_in(organisation), sign_in(organisation, name="Bea")
    address = english("profile_edit", organisation.slug, part="lists")
    form = {"do": "save_lists", "version": "1"}
    ada.post(
        address.replace("/en/", "/it/"),
        {**form, "competence_it": ["valvole"], "competence_en": ["valves"]},
    )
    untouched = {
        "competence_it": ["protesi"],
        "competence_en": ["prostheses"],
        "service_it": ["prove"],
        "service_en": ["tests"],
    }
    page = text(bea.post(address, {**form, **untouched}))
    assert "<q>valves</q>" in page
    assert "<q>prostheses</q>" in page
    assert 'id="keep-competence-theirs" value="theirs" checked' in page
    mine = {"competence_it": ["protesi", "stent"], "competence_en": ["prostheses", "stents"]}
    page = text(bea.post(address, {**form, **mine}))
    assert "<q>valves</q>" in page
    assert "<q>prostheses; stents</q>" in page
    assert 'id="keep-competence-mine" value="mine" checked' in page


def test_words_in_the_other_language_say_so(client: Client) -> None:
    """For screen readers by an attribute, for everybody by a note."""
    organisation = OrganisationFactory.create(
        description_it="Fa valvole.", notes_it="Chiude ad agosto.", notes_en="Closed in August."
    )
    ItemFactory.create(profile=organisation, text_it="stampa 3D", text_en="")
    address = english("organisation", organisation.slug)
    page = text(client.get(address))
    assert '<div class="lead trebbo-prose" lang="it"><p>Fa valvole.</p>' in page
    assert '<span lang="it">stampa 3D</span>' in page
    assert page.count("in Italian only") == 2
    italian = text(client.get(address.replace("/en/", "/it/")))
    assert '<div class="lead trebbo-prose"><p>Fa valvole.</p>' in italian
    assert "solo in" not in italian
