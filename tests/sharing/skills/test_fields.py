"""Which competences count among the fields by which everybody finds a body."""

from datetime import timedelta
from itertools import product

import pytest

from tests.factories.organisations import NOW, OrganisationFactory, SchemeFactory
from tests.factories.skills import CompetenceFactory
from trebbo.outlets.maps import gateway as maps
from trebbo.partnering.introductions.gateway.profiles import documents, indexed_profiles
from trebbo.sharing.skills.models import Competence, fields_on

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


def test_only_what_is_offered_open_confirmed_and_holding_counts() -> None:
    days = (None, TODAY, TODAY - timedelta(days=1))
    choices = product(
        ("offered", "sought"),
        ("public", "network", "hidden"),
        (None, NOW),
        days,
        ("euroscivoc", "x"),
    )
    for direction, visibility, confirmed, until, scheme in choices:
        one = CompetenceFactory(
            direction=direction,
            visibility=visibility,
            confirmed_at=confirmed,
            valid_until=until,
            concept__scheme=SchemeFactory(code=scheme),
        )
        rows = Competence.objects.filter(fields_on(TODAY), pk=one.pk)
        expected = (direction, visibility, confirmed, scheme) == (
            "offered",
            "public",
            NOW,
            "euroscivoc",
        ) and until != TODAY - timedelta(days=1)
        assert (rows.exists(), one.is_field_on(TODAY)) == (expected, expected)


def test_a_confirmed_competence_narrows_the_directory_and_the_map_as_a_field_does() -> None:
    body = OrganisationFactory()
    one = CompetenceFactory(
        profile=body, confirmed_at=NOW, concept__scheme=SchemeFactory(code="euroscivoc")
    )
    document = next(documents(indexed_profiles().filter(pk=body.pk), TODAY))
    assert ("field", one.concept.code) in {tuple(pair) for pair in document.facets}
    assert ("field", one.concept.code) in maps._facts(TODAY, [body.pk])[body.pk]
