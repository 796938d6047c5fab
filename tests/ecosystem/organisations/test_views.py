"""The registry's pages: who opens them, what they say, how changes are made and compared."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.ecosystem.organisations.acting import SignIn, english, identity, text
from tests.factories.organisations import (
    ConceptFactory,
    ItemFactory,
    KindFactory,
    MunicipalityFactory,
    OrganisationFactory,
    SeatFactory,
    TechnopoleFactory,
    UnitFactory,
)
from trebbo.ecosystem.accounts.models import Mandate
from trebbo.ecosystem.organisations.models import (
    Accreditation,
    Identifier,
    Organisation,
    OtherName,
    Parentage,
    Profile,
    SizePeriod,
)

pytestmark = pytest.mark.django_db


def with_facts(rows: int) -> Organisation:
    """An organisation with `rows` of each fact."""
    organisation = OrganisationFactory.create(name=f"Con {rows} fatti")
    technopole = TechnopoleFactory.create()
    KindFactory.create(organisation=organisation)
    for number in range(rows):
        SizePeriod.objects.create(organisation=organisation, size="small", year=2020 + number)
        SeatFactory.create(profile=organisation, label=f"Sede {number}")
        ItemFactory.create(profile=organisation)
        organisation.fields.add(ConceptFactory.create())
        OtherName.objects.create(profile=organisation, name=f"Altro {number}", kind="trade")
        Identifier.objects.create(profile=organisation, scheme="other", value=f"{rows}-{number}")
        UnitFactory.create(organisation=organisation, technopole=technopole)
        Accreditation.objects.create(profile=organisation)
        above, below = OrganisationFactory.create(), OrganisationFactory.create()
        Parentage.objects.create(child=organisation, parent=above, kind="part_of")
        Parentage.objects.create(child=below, parent=organisation, kind="controls")
    return organisation


# --- Reading.


def test_an_organisation_tells_what_is_known_and_what_is_not(client: Client) -> None:
    organisation = with_facts(1)
    page = text(client.get(english("organisation", organisation.slug)))
    for words in ("Con 1 fatti", "Small (2020)", "Sede 0", "Altro 0", "competence ", "Mirandola"):
        assert words in page
    assert page.count("not known") >= 4  # legal form, sector, tax code, VAT number, ...
    address = english("organisation", organisation.slug).replace("/en/", "/it/")
    italian = text(client.get(address))
    assert "competenza " in italian


def test_markup_in_names_is_shown_and_never_interpreted(client: Client) -> None:
    organisation = OrganisationFactory.create(name="<script>alert(1)</script> & C.")
    page = client.get(english("organisation", organisation.slug)).content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; C." in page


@pytest.mark.parametrize("name", ["organisation", "unit", "technopole"])
def test_an_unknown_address_is_not_found(client: Client, name: str) -> None:
    assert client.get(english(name, "nobody")).status_code == 404


def test_a_hidden_profile_is_not_found_by_others(client: Client, sign_in: SignIn) -> None:
    organisation = OrganisationFactory.create(visibility="hidden")
    address = english("organisation", organisation.slug)
    assert client.get(address).status_code == 404
    assert sign_in(OrganisationFactory.create()).get(address).status_code == 404
    assert sign_in(organisation, name="Bea").get(address).status_code == 200


def test_a_hidden_unit_is_not_listed_to_others(client: Client, sign_in: SignIn) -> None:
    organisation = OrganisationFactory.create()
    technopole = TechnopoleFactory.create()
    hidden = UnitFactory.create(
        organisation=organisation, technopole=technopole, visibility="hidden"
    )
    for profile in (organisation, technopole):
        assert hidden.name not in text(client.get(profile.get_absolute_url()))
    own = sign_in(organisation)
    assert hidden.name in text(own.get(organisation.get_absolute_url()))


def test_the_people_are_named_to_those_who_are_signed_in(client: Client, sign_in: SignIn) -> None:
    organisation = OrganisationFactory.create()
    sign_in(organisation, name="Zoe Sintetica")
    address = english("organisation", organisation.slug)
    assert "Zoe Sintetica" not in text(client.get(address))
    assert "Zoe Sintetica" in text(sign_in(name="Bea").get(address))


def test_a_unit_shows_its_organisation_technopole_and_accreditation(client: Client) -> None:
    technopole = TechnopoleFactory.create(name="Tecnopolo di Prova")
    unit = UnitFactory.create(technopole=technopole)
    address = english("unit", unit.slug)
    assert "No accreditation is recorded." in text(client.get(address))
    today = timezone.localdate()
    Accreditation.objects.create(profile=unit, valid_until=today - timedelta(days=1))
    assert "Not accredited now" in text(client.get(address))
    Accreditation.objects.create(profile=unit, valid_until=today)
    page = text(client.get(address))
    assert "Not accredited now" not in page
    assert unit.organisation.name in page
    assert "Tecnopolo di Prova" in page


def test_a_technopole_lists_what_it_hosts(client: Client) -> None:
    technopole = TechnopoleFactory.create()
    units = UnitFactory.create_batch(2, technopole=technopole)
    page = text(client.get(english("technopole", technopole.slug)))
    assert "Laboratories hosted: 2 in this registry" in page
    assert all(unit.name in page for unit in units)
    every = text(client.get(english("technopoles")))
    assert technopole.name in every
    assert "2 laboratories" in every


def test_freshness_is_told_in_words(client: Client) -> None:
    organisation = OrganisationFactory.create()
    address = english("organisation", organisation.slug)
    assert "Never confirmed" in text(client.get(address))
    Profile.objects.filter(pk=organisation.pk).update(
        confirmed_at=datetime(2020, 1, 1, tzinfo=UTC), due_date=date(2021, 1, 1)
    )
    assert "Out of date" in text(client.get(address))


@pytest.mark.parametrize("signed_in", [False, True])
def test_pages_cost_the_same_queries_however_many_facts(
    client: Client,
    sign_in: SignIn,
    signed_in: bool,
) -> None:
    counts = []
    for rows in (1, 3):
        organisation = with_facts(rows)
        visitor = sign_in(organisation, name=f"Ada{rows}") if signed_in else client
        unit = organisation.units.first()
        assert unit is not None
        assert unit.technopole is not None
        pages = [profile.get_absolute_url() for profile in (organisation, unit, unit.technopole)]
        counts.append([_queries(visitor, page) for page in pages])
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 12


def test_the_list_of_technopoles_costs_the_same_queries_however_many(client: Client) -> None:
    counts = []
    for _round in range(2):
        for technopole in TechnopoleFactory.create_batch(2):
            SeatFactory.create(profile=technopole, is_main=True)
            UnitFactory.create(technopole=technopole)
        counts.append(_queries(client, reverse("technopoles")))
    assert counts[0] == counts[1] <= 6


def _queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


# --- Who may change.


@pytest.mark.parametrize("name", ["profile_edit", "profile_history"])
def test_editing_is_for_those_who_look_after_the_profile(
    client: Client, sign_in: SignIn, name: str
) -> None:
    organisation = OrganisationFactory.create()
    address = english(name, organisation.slug)
    response = client.get(address)
    assert response.status_code == 302
    assert "/account/login/" in response.headers["Location"]
    assert sign_in(OrganisationFactory.create()).get(address).status_code == 403
    assert sign_in(organisation, name="Bea").get(address).status_code == 200


def test_a_mandate_that_ended_yesterday_gives_nothing(sign_in: SignIn) -> None:
    organisation = OrganisationFactory.create()
    ada = sign_in(organisation)
    Mandate.objects.update(valid_until=timezone.localdate() - timedelta(days=1))
    assert ada.get(english("profile_edit", organisation.slug)).status_code == 403


def test_still_true_is_one_click(sign_in: SignIn) -> None:
    organisation = OrganisationFactory.create()
    ada = sign_in(organisation, role="editor")
    address = english("profile_confirm", organisation.slug)
    assert ada.get(address).status_code == 405
    page = text(ada.post(address, follow=True))
    assert "the profile is confirmed as of today" in page
    organisation.refresh_from_db()
    assert organisation.owner is not None
    assert organisation.owner.name == "Ada"
    stranger = sign_in(name="Bea")
    assert stranger.post(address).status_code == 403


def test_registering_is_for_offices(client: Client, sign_in: SignIn) -> None:
    address = english("organisation_new")
    assert client.get(address).status_code == 302
    assert sign_in(OrganisationFactory.create()).get(address).status_code == 403


# --- Changing.


@pytest.mark.parametrize(
    "part", ["identity", "words", "lists", "fields", "seats", "names", "facts"]
)
@pytest.mark.parametrize("language", ["it", "en"])
def test_every_part_opens(sign_in: SignIn, part: str, language: str) -> None:
    organisation = with_facts(2)
    ada = sign_in(organisation)
    address = english("profile_edit", organisation.slug, part=part)
    assert ada.get(address.replace("/en/", f"/{language}/")).status_code == 200


def test_identity_is_saved_and_bad_numbers_are_told_beside_their_field(sign_in: SignIn) -> None:
    organisation = OrganisationFactory.create()
    ada = sign_in(organisation)
    address = english("profile_edit", organisation.slug, part="identity")
    bad = text(ada.post(address, identity(organisation, vat_number="01234560372", name="Nuova")))
    assert "The check digit of this VAT number is wrong" in bad
    assert 'value="Nuova"' in bad
    ada.post(address, identity(organisation, vat_number="01234560371", name="Nuova"))
    organisation.refresh_from_db()
    assert (organisation.name, organisation.vat_number) == ("Nuova", "01234560371")


def test_a_profile_of_200_000_characters_is_refused_and_nothing_typed_is_lost(
    sign_in: SignIn,
) -> None:
    organisation = OrganisationFactory.create()
    ada = sign_in(organisation)
    address = english("profile_edit", organisation.slug, part="words")
    long = "parola " * 28_572
    page = text(ada.post(address, {"do": "save_words", "version": "1", "description_it": long}))
    assert "200,003 characters; at most 20,000 fit." in page
    assert page.count("parola ") > 28_000
    organisation.refresh_from_db()
    assert organisation.description_it == ""


def test_two_people_save_and_the_second_compares_and_chooses(sign_in: SignIn) -> None:
    organisation = OrganisationFactory.create(name="Prima", acronym="P")
    ada, bea = sign_in(organisation), sign_in(organisation, name="Bea")
    address = english("profile_edit", organisation.slug, part="identity")
    ada.post(address, identity(organisation, name="Di Ada", acronym="PA"))
    mine = identity(organisation, name="Di Bea", acronym="P", website="https://bea.example")
    clash = bea.post(address, mine)
    page = text(clash)
    assert clash.status_code == 409
    assert "Ada changed the same profile" in page
    assert "<q>Di Bea</q>" in page
    assert "<q>Di Ada</q>" in page
    assert 'value="https://bea.example"' in page
    # Bea never touched the acronym, so taking Ada's is proposed.
    assert 'id="keep-name-mine" value="mine" checked' in page
    assert 'id="keep-acronym-theirs" value="theirs" checked' in page
    organisation.refresh_from_db()
    assert organisation.name == "Di Ada"
    chosen = {**mine, "version": "2", "keep-name": "mine", "keep-acronym": "theirs"}
    assert bea.post(address, chosen).status_code == 302
    organisation.refresh_from_db()
    assert (organisation.name, organisation.acronym, organisation.website) == (
        "Di Bea",
        "PA",
        "https://bea.example",
    )


def test_lists_are_compared_too(sign_in: SignIn) -> None:
    organisation = OrganisationFactory.create()
    ada, bea = sign_in(organisation), sign_in(organisation, name="Bea")
    address = english("profile_edit", organisation.slug, part="lists")

    def typed(version: int, words: str, **more: str) -> dict[str, Any]:
        return {
            "do": "save_lists",
            "version": str(version),
            "competence_it": [words, ""],
            "competence_en": ["", ""],
            **more,
        }

    assert ada.post(address, typed(1, "di Ada")).status_code == 302
    clash = bea.post(address, typed(1, "di Bea"))
    assert clash.status_code == 409
    assert "<q>di Ada</q>" in text(clash)
    bea.post(address, typed(2, "di Bea", **{"keep-competence": "theirs"}))
    assert [item.text_it for item in organisation.items.all()] == ["di Ada"]
    bea.post(address, typed(2, "di Bea", **{"keep-competence": "mine"}))
    assert [item.text_it for item in organisation.items.all()] == ["di Bea"]


def test_fields_are_found_by_words_and_ticked(sign_in: SignIn) -> None:
    organisation = OrganisationFactory.create()
    bone = ConceptFactory.create(label_it="ortopedia", label_en="orthopaedics")
    ada = sign_in(organisation)
    address = english("profile_edit", organisation.slug, part="fields")
    form = {"do": "save_fields", "version": "1", "words": "ortop"}
    page = text(ada.post(address, {**form, "find": "1"}))
    assert "orthopaedics" in page
    assert not organisation.fields.exists()
    ada.post(address, {**form, "fields_chosen": [str(bone.pk)]})
    assert list(organisation.fields.all()) == [bone]


def test_seats_are_added_changed_and_closed(sign_in: SignIn) -> None:
    organisation, town = OrganisationFactory.create(), MunicipalityFactory.create()
    ada = sign_in(organisation)
    address = english("profile_edit", organisation.slug, part="seats")
    outside = {"do": "save_seat", "latitude": "48.1351", "longitude": "11.582"}
    assert "This point is outside Italy" in text(ada.post(address, outside))
    swapped = {"do": "save_seat", "latitude": "11,3387", "longitude": "44,4938"}
    italian = text(ada.post(address.replace("/en/", "/it/"), swapped))
    assert "sembrano scambiate" in italian
    ada.post(address, {"do": "save_seat", "municipality": town.pk})
    seat = organisation.seats.get()
    assert seat.precision == "municipality"
    page = text(ada.get(f"{address}&seat={seat.pk}"))
    assert f'<option value="{town.pk}" selected>' in page
    ada.post(
        address,
        {"do": "save_seat", "seat": seat.pk, "latitude": "44.5", "longitude": "11.34"},
    )
    seat.refresh_from_db()
    assert (seat.latitude, seat.precision) == (44.5, "exact")
    ada.post(address, {"do": "end_seat", "row": seat.pk, "valid_until": "2024-01-31"})
    seat.refresh_from_db()
    assert seat.valid_until == date(2024, 1, 31)


def test_a_seat_of_another_profile_cannot_be_changed_through_ones_own(sign_in: SignIn) -> None:
    organisation = OrganisationFactory.create()
    other = SeatFactory.create(profile=OrganisationFactory.create())
    ada = sign_in(organisation)
    address = english("profile_edit", organisation.slug, part="seats")
    moved = {"do": "save_seat", "seat": other.pk, "latitude": "44.5", "longitude": "11.34"}
    assert ada.post(address, moved).status_code == 404
    ada.post(address, {"do": "end_seat", "row": other.pk})
    assert ada.post(address, {"do": "end_seat", "row": 10**9}).status_code == 404
    other.refresh_from_db()
    assert (other.latitude, other.valid_until) == (44.8873, None)


def test_names_identifiers_kind_size_and_ties(sign_in: SignIn) -> None:
    organisation, above = OrganisationFactory.create(), OrganisationFactory.create(name="Sopra")
    ada = sign_in(organisation)
    names = english("profile_edit", organisation.slug, part="names")
    ada.post(names, {"do": "add_name", "name": "Nomignolo", "kind": "trade"})
    ada.post(names, {"do": "add_identifier", "scheme": "pic", "value": "999993953"})
    assert organisation.other_names.get().name == "Nomignolo"
    assert organisation.identifiers.get().value == "999993953"
    ada.post(names, {"do": "remove_name", "row": organisation.other_names.get().pk})
    ada.post(names, {"do": "remove_identifier", "row": organisation.identifiers.get().pk})
    assert not organisation.other_names.exists()
    assert not organisation.identifiers.exists()
    facts = english("profile_edit", organisation.slug, part="facts")
    ada.post(facts, {"do": "set_kind", "kind": "sme"})
    ada.post(
        facts.replace("/en/", "/it/"),
        {"do": "state_size", "year": "2024", "headcount": "9,6", "turnover": "1900000"},
    )
    ada.post(facts, {"do": "add_parent", "parent": "sopra", "kind": "controls"})
    assert organisation.kinds.get().kind == "sme"
    assert organisation.sizes.get().size == "micro"
    tie = organisation.parents.get()
    assert tie.parent == above
    ada.post(facts, {"do": "end_parent", "row": tie.pk, "valid_until": "2024-01-01"})
    tie.refresh_from_db()
    assert tie.valid_until == date(2024, 1, 1)


def test_an_ambiguous_organisation_is_asked_back(sign_in: SignIn) -> None:
    organisation = OrganisationFactory.create()
    for number in range(2):
        OrganisationFactory.create(name=f"Doppia {number}", slug=f"doppia-{number}")
    ada = sign_in(organisation)
    facts = english("profile_edit", organisation.slug, part="facts")
    page = text(ada.post(facts, {"do": "add_parent", "parent": "Doppia", "kind": "founded"}))
    assert "doppia-0; doppia-1" in page
    nobody = text(ada.post(facts, {"do": "add_parent", "parent": "Nessuna", "kind": "founded"}))
    assert "No organisation of the registry has this name." in nobody


def test_the_history_speaks_in_words(sign_in: SignIn) -> None:
    organisation = OrganisationFactory.create(name="Prima")
    ada = sign_in(organisation)
    address = english("profile_edit", organisation.slug, part="identity")
    ada.post(address, identity(organisation, name="Seconda", visibility="network"))
    ada.post(english("profile_confirm", organisation.slug))
    page = text(ada.get(english("profile_history", organisation.slug)))
    assert "<strong>Ada</strong> changed the profile" in page
    assert "<del>Prima</del> → <ins>Seconda</ins>" in page
    assert "<ins>People of the network</ins>" in page
    assert "confirmed that everything is still true" in page
