"""Makes people and what they hold."""

from datetime import date, timedelta
from typing import Any

import factory
from allauth.account.models import EmailAddress
from django.utils import timezone

from trebbo.ecosystem.accounts.choices import ClusterRoleKind, MandateRole, NetworkRoleKind
from trebbo.ecosystem.accounts.models import (
    ClusterRole,
    Invitation,
    Mandate,
    NetworkRole,
    Person,
)
from trebbo.ecosystem.accounts.queries import viewer_for
from trebbo.kernel.access import Viewer

PASSWORD = "a-long-password-for-tests"
LONG_AGO = date(2020, 1, 1)
"""Before the fixed days of tests, whatever day it is today."""


class PersonFactory(factory.django.DjangoModelFactory[Person]):
    """A person with a proven address."""

    class Meta:
        model = Person
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@trebbo.example")
    name = factory.Sequence(lambda n: f"Persona sintetica {n}")
    is_synthetic = True

    @factory.post_generation
    def _proven(self: Person, create: bool, extracted: Any, **_more: Any) -> None:  # type: ignore[misc]
        if create:
            self.set_password(PASSWORD)
            self.save(update_fields=["password"])
            EmailAddress.objects.create(user=self, email=self.email, verified=True, primary=True)


class MandateFactory(factory.django.DjangoModelFactory[Mandate]):
    """A person represents an organisation since long ago."""

    class Meta:
        model = Mandate

    person = factory.SubFactory(PersonFactory)
    profile = factory.SubFactory("tests.factories.organisations.OrganisationFactory")
    role = MandateRole.REPRESENTATIVE
    valid_from = LONG_AGO


class ClusterRoleFactory(factory.django.DjangoModelFactory[ClusterRole]):
    """A person manages a cluster since long ago."""

    class Meta:
        model = ClusterRole

    person = factory.SubFactory(PersonFactory)
    cluster = factory.SubFactory("tests.factories.clusters.ClusterFactory")
    role = ClusterRoleKind.MANAGER
    valid_from = LONG_AGO


class NetworkRoleFactory(factory.django.DjangoModelFactory[NetworkRole]):
    """A person works for the agency of a network since long ago."""

    class Meta:
        model = NetworkRole

    person = factory.SubFactory(PersonFactory)
    network = factory.SubFactory("tests.factories.clusters.NetworkFactory")
    role = NetworkRoleKind.AGENCY
    valid_from = LONG_AGO


class InvitationFactory(factory.django.DjangoModelFactory[Invitation]):
    """An open invitation."""

    class Meta:
        model = Invitation

    email = factory.Sequence(lambda n: f"invited{n}@trebbo.example")
    profile = factory.SubFactory("tests.factories.organisations.OrganisationFactory")
    role = MandateRole.EDITOR
    invited_at = factory.LazyFunction(timezone.now)
    expires_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=14))


def acting(person: Person, language: str = "it") -> Viewer:
    """The viewer that this person is at this moment."""
    return viewer_for(person, now=timezone.now(), language=language)
