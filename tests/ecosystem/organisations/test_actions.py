"""What people do to profiles: what is written, what is refused and in which words."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.utils import translation
from pytest_django import DjangoCaptureOnCommitCallbacks

from tests.ecosystem.organisations.acting import AGENCY, GOOD_VAT, refusal_of, register
from tests.factories.organisations import (
    NOW,
    ConceptFactory,
    MunicipalityFactory,
    OrganisationFactory,
    SeatFactory,
    agency_person,
    person,
)
from trebbo.ecosystem.organisations import actions
from trebbo.ecosystem.organisations.actions import ItemText
from trebbo.ecosystem.organisations.events import profile_changed
from trebbo.ecosystem.organisations.models import Organisation, Profile
from trebbo.kernel import audit
from trebbo.kernel.errors import NotAllowed

pytestmark = pytest.mark.django_db

# --- Registering.


def test_register_writes_the_profile_its_kind_and_one_audit_line() -> None:
    organisation = register(
        name="  Università\tdi\x00 Prova ",
        kind="university",
        vat_number="IT 0123 4560 371",
        tax_code=GOOD_VAT,
        website="www.prova.example",
        certified_email="PEC@Prova.example",
    )
    organisation.refresh_from_db()
    assert organisation.name == "Università di Prova"
    assert organisation.sort_name == "universita di prova"
    assert organisation.slug == "universita-di-prova"
    assert organisation.vat_number == GOOD_VAT
    assert organisation.website == "https://www.prova.example"
    assert organisation.certified_email == "pec@prova.example"
    assert [kind.kind for kind in organisation.kinds.all()] == ["university"]
    lines = audit.history_of(Profile(pk=organisation.pk))
    assert [(line.verb, line.actor_label) for line in lines] == [("register_profile", "Agency")]


def test_register_gives_a_free_address_to_the_second_of_two_alike() -> None:
    assert [register().slug, register().slug, register().slug] == [
        "prova-srl",
        "prova-srl-2",
        "prova-srl-3",
    ]


def test_register_places_the_main_seat_in_the_municipality() -> None:
    town = MunicipalityFactory.create()
    organisation = register(municipality_id=town.pk)
    seat = organisation.seats.get()
    assert (seat.latitude, seat.longitude, seat.is_main, seat.precision) == (
        town.latitude,
        town.longitude,
        True,
        "municipality",
    )


def test_only_offices_register() -> None:
    member = person(mandates={1: frozenset({"representative"})})
    with pytest.raises(NotAllowed):
        actions.register_organisation(actor=member, name="Prova", kind="sme")
    assert not Organisation.objects.exists()


@pytest.mark.usefixtures("english")
def test_a_wrong_check_digit_is_told_beside_the_field() -> None:
    refusal = refusal_of(lambda: register(vat_number="01234560372"))
    assert isinstance(refusal, actions.VatNumberRefused)
    assert refusal.fields == {
        "vat_number": ("The check digit of this VAT number is wrong: compare it with the original.")
    }
    assert not Organisation.objects.exists()


def test_a_wrong_check_digit_is_told_in_italian() -> None:
    with translation.override("it"):
        refusal = refusal_of(lambda: register(vat_number="01234560372"))
    assert refusal.message == (
        "La cifra di controllo di questa partita IVA è errata: confrontarla con l'originale."
    )


@pytest.mark.parametrize("vat", ["123", "0123456037X", "XX12345678", "'; DROP TABLE"])
def test_what_is_not_a_vat_number_is_refused(vat: str) -> None:
    assert "vat_number" in refusal_of(lambda: register(vat_number=vat)).fields


def test_a_foreign_vat_number_keeps_its_state() -> None:
    assert register(vat_number="de 136 695 976").vat_number == "DE136695976"


@pytest.mark.parametrize("code", ["RSSMRA85T10A562S", GOOD_VAT])
def test_tax_codes_of_persons_and_bodies(code: str) -> None:
    assert register(tax_code=code.lower()).tax_code == code


@pytest.mark.parametrize("code", ["RSSMRA85T10A562T", "01234560372", "x"])
def test_wrong_tax_codes(code: str) -> None:
    assert "tax_code" in refusal_of(lambda: register(tax_code=code)).fields


@pytest.mark.usefixtures("english")
def test_a_duplicate_tax_code_names_the_holder_only_to_those_who_may_see_it() -> None:
    holder = register(name="Prima srl", tax_code=GOOD_VAT)
    seen = refusal_of(lambda: register(tax_code=GOOD_VAT))
    assert seen.fields == {"tax_code": "“Prima srl” already has this tax code."}
    Profile.objects.filter(pk=holder.pk).update(visibility="hidden")
    mine = OrganisationFactory.create()
    stranger = person(mandates={mine.pk: frozenset({"editor"})})
    unseen = refusal_of(
        lambda: actions.edit_profile(
            actor=stranger, profile_id=mine.pk, version=1, tax_code=GOOD_VAT
        )
    )
    assert unseen.fields == {
        "tax_code": "Another organisation of the registry already has this tax code."
    }


def test_a_blank_name_is_refused() -> None:
    assert "name" in refusal_of(lambda: register(name=" \t\x07 ")).fields


def test_markup_in_a_name_stays_plain_text() -> None:
    assert register(name="<b>Rossi</b> & Figli").name == "<b>Rossi</b> & Figli"


@pytest.mark.usefixtures("english")
def test_a_text_of_200_000_characters_is_refused_with_its_count() -> None:
    refusal = refusal_of(lambda: register(description_it="a" * 200_000))
    assert refusal.fields == {
        "description_it": ("Description in Italian: 200,000 characters; at most 20,000 fit.")
    }


# --- Editing.


def test_edit_writes_only_what_differs_and_says_so() -> None:
    organisation = register(name="Prima")
    saved = actions.edit_profile(
        actor=AGENCY,
        profile_id=organisation.pk,
        version=1,
        name="Seconda",
        description_it="riga uno\r\nriga due\x00",
        description_en="",
    )
    assert (saved.name, saved.version) == ("Seconda", 2)
    assert saved.description_it == "riga uno\nriga due"
    assert Profile.objects.get(pk=organisation.pk).sort_name == "seconda"
    line = audit.history_of(Profile(pk=organisation.pk))[0]
    assert line.verb == "edit_profile"
    assert line.changes == {
        "name": ["Prima", "Seconda"],
        "description_it": ["", "riga uno\nriga due"],
        "version": [1, 2],
    }


def test_edit_that_changes_nothing_writes_nothing() -> None:
    organisation = register(name="Prima")
    saved = actions.edit_profile(
        actor=AGENCY, profile_id=organisation.pk, version=1, name=" Prima "
    )
    assert saved.version == 1
    assert audit.history_of(Profile(pk=organisation.pk)).count() == 1


def test_all_wrong_fields_are_told_at_once() -> None:
    organisation = register()
    refusal = refusal_of(
        lambda: actions.edit_profile(
            actor=AGENCY,
            profile_id=organisation.pk,
            version=1,
            name="",
            vat_number="1",
            website="nowhere at all",
        )
    )
    assert set(refusal.fields) == {"name", "vat_number", "website"}


def test_news_are_sent_once_the_change_is_safe(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    organisation = register()
    told: list[int] = []

    def listen(profile_id: int, **_rest: object) -> None:
        told.append(profile_id)

    profile_changed.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            actions.edit_profile(actor=AGENCY, profile_id=organisation.pk, version=1, acronym="P")
            assert told == []
        assert told == [organisation.pk]
    finally:
        profile_changed.disconnect(listen)


def test_the_second_of_two_is_told_what_changed_and_nothing_is_written() -> None:
    organisation = register(name="Prima")
    first = person(mandates={organisation.pk: frozenset({"editor"})}, label="Bea")
    actions.edit_profile(actor=first, profile_id=organisation.pk, version=1, name="Di Bea")
    with pytest.raises(actions.ProfileConflict) as caught:
        actions.edit_profile(
            actor=AGENCY, profile_id=organisation.pk, version=1, name="Mia", acronym="M"
        )
    conflict = caught.value
    assert (conflict.version, conflict.by) == (2, ("Bea",))
    assert {name: (c.before, c.after) for name, c in conflict.others.items()} == {
        "name": ("Prima", "Di Bea")
    }
    organisation.refresh_from_db()
    assert (organisation.name, organisation.acronym) == ("Di Bea", "")


def test_changes_of_other_fields_do_not_disturb() -> None:
    organisation = register(name="Prima")
    actions.edit_profile(actor=AGENCY, profile_id=organisation.pk, version=1, acronym="A")
    saved = actions.edit_profile(
        actor=AGENCY, profile_id=organisation.pk, version=1, website="https://b.example"
    )
    assert (saved.acronym, saved.website, saved.version) == ("A", "https://b.example", 3)


def test_a_change_in_between_is_found_however_many_came_after() -> None:
    organisation = register(name="Prima")
    actions.edit_profile(actor=AGENCY, profile_id=organisation.pk, version=1, name="Seconda")
    for number in range(2, 6):
        actions.edit_profile(
            actor=AGENCY, profile_id=organisation.pk, version=number, acronym=f"A{number}"
        )
    with pytest.raises(actions.ProfileConflict) as caught:
        actions.edit_profile(
            actor=AGENCY, profile_id=organisation.pk, version=1, name="Terza", acronym="A5"
        )
    others = caught.value.others
    assert (others["name"].before, others["name"].after) == ("Prima", "Seconda")
    assert (others["acronym"].before, others["acronym"].after) == ("", "A5")


def test_confirming_gives_an_owner_and_a_year() -> None:
    organisation = register()
    from trebbo.ecosystem.accounts.models import Person

    bea = Person.objects.create_user("bea@example.org", name="Bea")
    actor = person(mandates={organisation.pk: frozenset({"editor"})}, person_id=bea.pk)
    profile = actions.confirm_profile(actor=actor, profile_id=organisation.pk)
    assert (profile.owner_id, profile.confirmed_at) == (bea.pk, NOW)
    assert profile.due_date == date(2027, 6, 15)
    assert profile.freshness_on(date(2027, 6, 15)) == "confirmed"
    assert profile.freshness_on(date(2027, 6, 16)) == "due"
    assert profile.freshness_on(date(2027, 9, 13)) == "due"
    assert profile.freshness_on(date(2027, 9, 14)) == "stale"
    other = agency_person(person_id=None)
    again = actions.confirm_profile(actor=other, profile_id=organisation.pk)
    assert again.owner_id == bea.pk


def test_lists_keep_their_order_and_the_sources_of_what_stays() -> None:
    organisation = register()
    actions.replace_items(
        actor=AGENCY,
        profile_id=organisation.pk,
        section="competence",
        items=[("uno", "one"), ("due", "two")],
        source="a page",
        standing="inferred",
    )
    actions.replace_items(
        actor=AGENCY,
        profile_id=organisation.pk,
        section="competence",
        items=[ItemText("tre", ""), ItemText("uno", "one"), ItemText(" ", ""), ("tre", "")],
    )
    rows = organisation.items.order_by("position")
    assert [(row.text_it, row.text_en, row.source, row.standing) for row in rows] == [
        ("tre", "", "", "verified"),
        ("uno", "one", "a page", "inferred"),
    ]
    line = audit.history_of(Profile(pk=organisation.pk))[0]
    assert line.changes["competence"] == [
        {"it": "uno; due", "en": "one; two"},
        {"it": "tre; uno", "en": "tre; one"},
    ]


def test_lists_have_an_end() -> None:
    organisation = register()
    refusal = refusal_of(
        lambda: actions.replace_items(
            actor=AGENCY,
            profile_id=organisation.pk,
            section="service",
            items=[(f"voce {n}", "") for n in range(201)],
        )
    )
    assert "service" in refusal.fields


def test_fields_come_from_the_vocabulary() -> None:
    organisation = register()
    chemistry, physics = ConceptFactory.create(), ConceptFactory.create()
    stranger = ConceptFactory.create(scheme__code="nace_rev2")
    actions.set_fields(
        actor=AGENCY, profile_id=organisation.pk, concept_ids=[chemistry.pk, physics.pk]
    )
    assert set(organisation.fields.all()) == {chemistry, physics}
    refusal = refusal_of(
        lambda: actions.set_fields(
            actor=AGENCY, profile_id=organisation.pk, concept_ids=[stranger.pk]
        )
    )
    assert "fields" in refusal.fields
    assert set(organisation.fields.all()) == {chemistry, physics}


# --- Rights.


def acts_on(organisation: Organisation, actor: Any) -> dict[str, Callable[[], object]]:
    """Every change of a profile, ready to be tried by somebody."""
    parent = OrganisationFactory.create()
    seat = SeatFactory.create(profile=organisation)
    key = organisation.pk
    return {
        "edit": lambda: actions.edit_profile(actor=actor, profile_id=key, version=1, acronym="X"),
        "confirm": lambda: actions.confirm_profile(actor=actor, profile_id=key),
        "fields": lambda: actions.set_fields(actor=actor, profile_id=key, concept_ids=[]),
        "items": lambda: actions.replace_items(
            actor=actor, profile_id=key, section="service", items=[("a", "")]
        ),
        "lists": lambda: actions.replace_lists(actor=actor, profile_id=key, lists={}, version=1),
        "name": lambda: actions.add_other_name(actor=actor, profile_id=key, name="Y", kind="short"),
        "identifier": lambda: actions.add_identifier(
            actor=actor, profile_id=key, scheme="other", value="1"
        ),
        "kind": lambda: actions.set_kind(actor=actor, organisation_id=key, kind="agency"),
        "size": lambda: actions.state_size(
            actor=actor, organisation_id=key, size="micro", source="s"
        ),
        "parent": lambda: actions.add_parent(
            actor=actor, child_id=key, parent_id=parent.pk, kind="founded"
        ),
        "seat": lambda: actions.add_seat(
            actor=actor, profile_id=key, latitude=44.5, longitude=11.3
        ),
        "change seat": lambda: actions.change_seat(
            actor=actor, seat_id=seat.pk, latitude=44.5, longitude=11.3
        ),
        "end seat": lambda: actions.end_seat(
            actor=actor, seat_id=seat.pk, valid_until=date(2026, 1, 1)
        ),
    }


def test_every_change_is_refused_to_a_colleague_of_another_organisation() -> None:
    organisation = OrganisationFactory.create()
    stranger = person(mandates={organisation.pk + 1000: frozenset({"representative"})})
    for name, act in acts_on(organisation, stranger).items():
        with pytest.raises(NotAllowed):
            act()
        assert audit.history_of(Profile(pk=organisation.pk)).count() == 0, name


def test_every_change_is_open_to_an_editor() -> None:
    organisation = OrganisationFactory.create()
    editor = person(mandates={organisation.pk: frozenset({"editor"})})
    for act in acts_on(organisation, editor).values():
        act()
