"""Names, identifiers, dated facts and seats: what is written, what is refused."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.ecosystem.organisations.acting import AGENCY, refusal_of, register
from tests.factories.organisations import (
    MunicipalityFactory,
    UnitFactory,
    person,
)
from trebbo.ecosystem.organisations import actions
from trebbo.ecosystem.organisations.models import Organisation, Profile, Seat
from trebbo.kernel.errors import NotAllowed

pytestmark = pytest.mark.django_db


# --- Names and identifiers.


def test_other_names_once_each() -> None:
    organisation = register(name="Prima")
    other = actions.add_other_name(
        actor=AGENCY, profile_id=organisation.pk, name="Primina", kind="trade"
    )
    for name in ("Primina", "Prima"):
        refusal_of(
            lambda name=name: actions.add_other_name(  # type: ignore[misc]
                actor=AGENCY, profile_id=organisation.pk, name=name, kind="short"
            )
        )
    actions.remove_other_name(actor=AGENCY, other_name_id=other.pk)
    assert not organisation.other_names.exists()


@pytest.mark.parametrize(
    ("scheme", "typed", "kept"),
    [
        ("pic", "999993953", "999993953"),
        ("ror", "https://ror.org/01111rn36", "01111rn36"),
        ("orcid", "https://orcid.org/0000-0002-1825-0097", "0000-0002-1825-0097"),
        ("rea", "bo 123456", "BO-123456"),
        ("wikidata", "Q131262", "Q131262"),
        ("other", "  any  thing ", "any thing"),
    ],
)
def test_identifiers_in_their_registers_form(scheme: str, typed: str, kept: str) -> None:
    organisation = register()
    identifier = actions.add_identifier(
        actor=AGENCY, profile_id=organisation.pk, scheme=scheme, value=typed
    )
    assert identifier.value == kept


@pytest.mark.parametrize(
    ("scheme", "typed"),
    [
        ("pic", "12345678"),
        ("pic", "1234567890"),
        ("ror", "01111rn37"),
        ("ror", "11111rn36"),
        ("orcid", "0000-0002-1825-0098"),
        ("rea", "BO"),
        ("wikidata", "131262"),
        ("other", ""),
    ],
)
def test_malformed_identifiers(scheme: str, typed: str) -> None:
    organisation = register()
    refusal = refusal_of(
        lambda: actions.add_identifier(
            actor=AGENCY, profile_id=organisation.pk, scheme=scheme, value=typed
        )
    )
    assert "value" in refusal.fields


def test_an_identifier_belongs_to_one_body() -> None:
    holder, other = register(name="Prima"), register(name="Seconda")
    given = actions.add_identifier(
        actor=AGENCY, profile_id=holder.pk, scheme="pic", value="999993953"
    )
    refusal = refusal_of(
        lambda: actions.add_identifier(
            actor=AGENCY, profile_id=other.pk, scheme="pic", value="999993953"
        )
    )
    assert "Prima" in refusal.message
    actions.remove_identifier(actor=AGENCY, identifier_id=given.pk)
    actions.add_identifier(actor=AGENCY, profile_id=other.pk, scheme="pic", value="999993953")
    assert other.identifiers.count() == 1


# --- Dated facts.


def test_a_new_kind_closes_the_one_before() -> None:
    organisation = register(kind="sme", kind_from=date(2010, 1, 1))
    actions.set_kind(
        actor=AGENCY,
        organisation_id=organisation.pk,
        kind="large_company",
        valid_from=date(2020, 5, 1),
    )
    kinds = organisation.kinds.order_by("valid_from")
    assert [(k.kind, k.valid_from, k.valid_until) for k in kinds] == [
        ("sme", date(2010, 1, 1), date(2020, 4, 30)),
        ("large_company", date(2020, 5, 1), None),
    ]
    refusal = refusal_of(
        lambda: actions.set_kind(
            actor=AGENCY,
            organisation_id=organisation.pk,
            kind="sme",
            valid_from=date(2019, 1, 1),
        )
    )
    assert "valid_from" in refusal.fields


def test_a_kind_of_the_same_day_is_a_correction() -> None:
    organisation = register(kind="sme", kind_from=date(2020, 1, 1))
    actions.set_kind(
        actor=AGENCY,
        organisation_id=organisation.pk,
        kind="incubator",
        valid_from=date(2020, 1, 1),
    )
    assert [kind.kind for kind in organisation.kinds.all()] == ["incubator"]


@pytest.mark.parametrize(
    ("headcount", "turnover", "balance", "size"),
    [
        ("9.6", "1900000", None, "micro"),
        ("10.0", "1900000", None, "small"),
        ("249", "60000000", "40000000", "medium"),
        ("250", None, None, "large"),
    ],
)
def test_the_size_follows_from_the_figures(
    headcount: str, turnover: str | None, balance: str | None, size: str
) -> None:
    organisation = register()
    fact = actions.state_size(
        actor=AGENCY,
        organisation_id=organisation.pk,
        year=2025,
        headcount=Decimal(headcount),
        turnover=None if turnover is None else Decimal(turnover),
        balance=None if balance is None else Decimal(balance),
    )
    assert fact.size == size


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({}, "headcount"),
        ({"size": "small"}, "source"),
        ({"headcount": Decimal(5), "turnover": Decimal(3_000_000)}, "headcount"),
        ({"headcount": Decimal(-1), "turnover": Decimal(1)}, "headcount"),
        ({"headcount": Decimal(5), "turnover": Decimal(1), "size": "large"}, "size"),
        ({"size": "small", "source": "a page", "year": 2027}, "year"),
    ],
)
def test_sizes_that_cannot_be(values: dict[str, Any], field: str) -> None:
    organisation = register()
    refusal = refusal_of(
        lambda: actions.state_size(actor=AGENCY, organisation_id=organisation.pk, **values)
    )
    assert list(refusal.fields) == [field]
    assert not organisation.sizes.exists()


def test_the_same_year_is_put_right_not_repeated() -> None:
    organisation = register()
    for people in (5, 60):
        actions.state_size(
            actor=AGENCY,
            organisation_id=organisation.pk,
            year=2025,
            headcount=Decimal(people),
            turnover=Decimal(1),
        )
    actions.state_size(actor=AGENCY, organisation_id=organisation.pk, size="micro", source="a page")
    actions.state_size(actor=AGENCY, organisation_id=organisation.pk, size="small", source="a page")
    sizes = organisation.sizes.order_by("year").values_list("year", "size")
    assert set(sizes) == {(2025, "medium"), (None, "small")}


def test_nobody_is_their_own_ancestor() -> None:
    top, middle, bottom = register(name="A"), register(name="B"), register(name="C")

    def tie(child: Organisation, parent: Organisation) -> object:
        return actions.add_parent(
            actor=AGENCY, child_id=child.pk, parent_id=parent.pk, kind="part_of"
        )

    tie(middle, top)
    tie(bottom, middle)
    assert "parent" in refusal_of(lambda: tie(top, bottom)).fields
    assert "parent" in refusal_of(lambda: tie(top, top)).fields
    assert "parent" in refusal_of(lambda: tie(bottom, middle)).fields


def test_accreditation_is_the_agencys() -> None:
    unit = UnitFactory.create()
    own = person(mandates={unit.pk: frozenset({"representative"})})
    with pytest.raises(NotAllowed):
        actions.accredit(actor=own, profile_id=unit.pk)
    refusal = refusal_of(
        lambda: actions.accredit(
            actor=AGENCY,
            profile_id=unit.pk,
            valid_from=date(2024, 1, 1),
            valid_until=date(2023, 1, 1),
        )
    )
    assert "valid_until" in refusal.fields
    fact = actions.accredit(actor=AGENCY, profile_id=unit.pk, valid_from=date(2024, 1, 1))
    actions.end_accreditation(actor=AGENCY, accreditation_id=fact.pk, valid_until=date(2026, 6, 14))
    fact.refresh_from_db()
    assert not fact.holds_on(AGENCY.today)


# --- Seats.


def add_seat(profile: Profile, **values: Any) -> Seat:
    return actions.add_seat(actor=AGENCY, profile_id=profile.pk, **values)


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize(
    ("latitude", "longitude", "words"),
    [
        (48.1351, 11.5820, "outside Italy"),
        (11.3387, 44.4938, "swapped"),
        (444938.0, 113387.0, "No such point"),
        (0.0, 0.0, "outside Italy"),
        (float("nan"), 11.0, "not numbers"),
        (44.5, None, "Longitude is missing"),
        (None, 11.3, "Latitude is missing"),
        (None, None, "Choose the municipality"),
    ],
)
def test_a_seat_that_cannot_be_there(
    latitude: float | None, longitude: float | None, words: str
) -> None:
    organisation = register()
    refusal = refusal_of(lambda: add_seat(organisation, latitude=latitude, longitude=longitude))
    assert words in refusal.message
    assert not organisation.seats.exists()


def test_seats_main_one_and_exactness() -> None:
    organisation, town = register(), MunicipalityFactory.create()
    first = add_seat(organisation, municipality_id=town.pk)
    second = add_seat(organisation, latitude=44.4938, longitude=11.3387)
    assert (first.is_main, first.precision) == (True, "municipality")
    assert (second.is_main, second.precision) == (False, "exact")
    actions.change_seat(
        actor=AGENCY, seat_id=second.pk, latitude=44.5, longitude=11.34, is_main=True
    )
    main = organisation.seats.get(is_main=True)
    assert (main.pk, main.latitude) == (second.pk, 44.5)


def test_a_seat_ends_after_it_starts() -> None:
    organisation, town = register(), MunicipalityFactory.create()
    seat = add_seat(organisation, municipality_id=town.pk, valid_from=date(2020, 1, 1))
    refusal = refusal_of(
        lambda: actions.end_seat(actor=AGENCY, seat_id=seat.pk, valid_until=date(2019, 12, 31))
    )
    assert "valid_until" in refusal.fields
    ended = actions.end_seat(actor=AGENCY, seat_id=seat.pk, valid_until=date(2020, 1, 1))
    assert (ended.valid_until, ended.is_main) == (date(2020, 1, 1), False)


def test_an_unknown_municipality_is_refused() -> None:
    organisation = register()
    refusal = refusal_of(lambda: add_seat(organisation, municipality_id="999999"))
    assert "municipality" in refusal.fields
