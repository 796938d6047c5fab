"""The way from a body's own page to how it is shown in asks."""

from collections.abc import Callable

import pytest
from django.test import Client

from tests.factories.accounts import MandateFactory, PersonFactory
from tests.factories.organisations import OrganisationFactory, TechnopoleFactory, UnitFactory
from trebbo.ecosystem.accounts.models import Person
from trebbo.ecosystem.organisations.models import Profile

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("make", [OrganisationFactory, UnitFactory, TechnopoleFactory])
def test_who_looks_after_a_profile_is_led_to_its_preferences(
    sign_in: Callable[[Person], Client], make: Callable[[], Profile]
) -> None:
    """In the page's language, to a page that opens."""
    ada, profile = PersonFactory(), make()
    MandateFactory(person=ada, profile=profile)
    client = sign_in(ada)
    page = client.get(profile.get_absolute_url()).content.decode()
    address = f"/it/asks/preferences/{profile.slug}/"
    assert f'<a href="{address}">Indica come compare nelle richieste</a>' in page
    assert client.get(address).status_code == 200


def test_nobody_else_is_led_there(client: Client, sign_in: Callable[[Person], Client]) -> None:
    """Neither a visitor nor somebody who looks after another body."""
    body, other = OrganisationFactory(), MandateFactory()
    assert "asks/preferences" not in client.get(body.get_absolute_url()).content.decode()
    page = sign_in(other.person).get(body.get_absolute_url()).content.decode()
    assert "asks/preferences" not in page
