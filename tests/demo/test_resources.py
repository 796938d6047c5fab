"""The demonstration's resources: what facts give, and bookings that are made up and say so."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from trebbo.demo import builder, resources
from trebbo.demo.marks import MARKS
from trebbo.ecosystem.accounts.models import Person
from trebbo.ecosystem.organisations.models import ProfileItem
from trebbo.sharing.resources.choices import HOLDING, BookingState
from trebbo.sharing.resources.models import Booking, Price, Resource, UseRecord

pytestmark = pytest.mark.django_db

SignIn = Callable[[Person], Client]


def test_what_facts_give_and_what_is_made_up(sign_in: SignIn) -> None:
    """Each resource is an item of a real laboratory with its source; all else is marked."""
    builder.build()
    assert not resources.are_there()
    resources.bring_in()
    assert resources.are_there()
    _assert_resources_are_facts()
    _assert_the_rest_is_marked()
    _assert_the_calendar_lives()
    _assert_the_pages_live(sign_in)


def _assert_resources_are_facts() -> None:
    rows = list(builder.rows("resources"))
    assert Resource.objects.count() == len(rows) == 22
    for resource in Resource.objects.select_related("profile"):
        item = ProfileItem.objects.exclude(section="competence").get(
            profile=resource.profile, text_it=resource.name_it
        )
        assert (resource.name_en, resource.standing) == (item.text_en, item.standing)
        assert resource.source == item.source
        assert not resource.description_it
        assert not resource.manufacturer


def _assert_the_rest_is_marked() -> None:
    assert set(Price.objects.values_list("standing", flat=True)) == {"synthetic"}
    for resource in Resource.objects.filter(is_bookable=True):
        assert resource.terms_it.startswith(MARKS["it"])
        assert resource.terms_en.startswith(MARKS["en"])
    for fund in Resource.objects.filter(is_publicly_funded=True).values_list("fund", flat=True):
        assert fund.startswith(MARKS["it"])
    for booking in Booking.objects.select_related("person"):
        assert booking.purpose.startswith(MARKS["it"])
        assert booking.person is not None
        assert booking.person.is_synthetic


def _assert_the_calendar_lives() -> None:
    now = timezone.now()
    states = set(Booking.objects.values_list("state", flat=True))
    assert {BookingState.REQUESTED, BookingState.ACCEPTED, BookingState.USED} <= states
    assert Booking.objects.filter(state__in=HOLDING, starts_at__gt=now).exists()
    uses = UseRecord.objects.all()
    assert set(uses.values_list("is_economic", flat=True)) == {True, False}
    assert uses.filter(booking=None).exists()


def _assert_the_pages_live(sign_in: SignIn) -> None:
    microscope = Resource.objects.get(profile__slug="cidstem", name_it="microscopio confocale")
    page = Client().get(microscope.get_absolute_url())
    assert page.status_code == 200
    assert "microscopio confocale" in page.content.decode()
    hospital = sign_in(Person.objects.get(email="hospital@trebbo.example"))
    assert hospital.get("/it/bookings/answering/").status_code == 200
    assert hospital.get("/it/bookings/").status_code == 200


def test_a_changed_registry_does_not_stop_the_next_start() -> None:
    """A row about a laboratory that is no longer there is left out; the rest comes in."""
    builder.build()
    ProfileItem.objects.filter(profile__slug="cidstem").delete()
    resources.bring_in()
    assert Resource.objects.exists()
    assert not Resource.objects.filter(profile__slug="cidstem").exists()
