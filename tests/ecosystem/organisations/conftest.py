"""What the tests of the registry share."""

from collections.abc import Iterator
from datetime import date

import pytest
from django.test import Client
from django.utils import translation

from tests.ecosystem.organisations.acting import SignIn
from trebbo.ecosystem.accounts.models import Mandate, Person
from trebbo.ecosystem.organisations.models import Profile


@pytest.fixture
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def sign_in() -> SignIn:
    """A browser signed in as somebody who acts for the profiles given."""

    def enter(*profiles: Profile, role: str = "representative", name: str = "Ada") -> Client:
        ada = Person.objects.create_user(f"{name.lower()}@example.org", name=name)
        for profile in profiles:
            Mandate.objects.create(
                person=ada, profile=profile, role=role, valid_from=date(2020, 1, 1)
            )
        client = Client()
        client.force_login(ada)
        return client

    return enter
