"""A laboratory with an instrument, a firm of the same cluster, and what they do with slots."""

from dataclasses import replace
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any
from zoneinfo import ZoneInfo

from django.apps import apps

from tests.factories.accounts import PersonFactory
from tests.factories.clusters import ClusterFactory, MembershipFactory
from tests.factories.organisations import NOW, OrganisationFactory
from tests.factories.resources import PriceFactory, ResourceFactory
from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel.access import Viewer
from trebbo.sharing.resources import actions
from trebbo.sharing.resources.models import Booking

ROME = ZoneInfo("Europe/Rome")
TUESDAY = datetime(2026, 6, 16, tzinfo=ROME)


def at(hour: int, minute: int = 0, day: int = 0) -> datetime:
    """A time by the clock in Rome, on the Tuesday after `NOW` or days later."""
    day_of_it = TUESDAY.date() + timedelta(days=day)
    return datetime(day_of_it.year, day_of_it.month, day_of_it.day, hour, minute, tzinfo=ROME)


def later(viewer: Viewer, moment: datetime) -> Viewer:
    """The same person at another moment."""
    return replace(viewer, now=moment)


def acting_for(*profiles: Profile, role: str = "editor", now: datetime = NOW) -> Viewer:
    """A person with an account who acts for these bodies."""
    person = PersonFactory()
    mandates = {profile.pk: frozenset({role}) for profile in profiles}
    return Viewer(now=now, person_id=person.pk, label=person.name, mandates=mandates)


class Desk:
    """A bookable instrument of a laboratory at 40 euro an hour for members, and who books it."""

    def __init__(self, **resource: Any) -> None:
        self.cluster = ClusterFactory()
        self.lab, self.firm = OrganisationFactory(), OrganisationFactory()
        for profile in (self.lab, self.firm):
            MembershipFactory(cluster=self.cluster, profile=profile)
        self.owner, self.asker = acting_for(self.lab), acting_for(self.firm)
        self.resource = ResourceFactory(profile=self.lab, **resource)
        PriceFactory(resource=self.resource)

    def ask(
        self, start: datetime, end: datetime, actor: Viewer | None = None, **said: Any
    ) -> Booking:
        """Somebody, the firm by default, asks for a slot."""
        who = actor or self.asker
        given = {
            "resource_id": self.resource.pk,
            "purpose": "Misura",
            "profile_id": next(iter(who.mandates), None),
            **said,
        }
        return actions.request_booking(actor=who, starts_at=start, ends_at=end, **given)

    def accept(self, booking: Booking, actor: Viewer | None = None) -> Booking:
        """The laboratory accepts."""
        who = actor or self.owner
        return actions.accept_booking(actor=who, booking_id=booking.pk, version=booking.version)

    def member(self) -> Viewer:
        """Somebody of another body of the cluster."""
        profile = OrganisationFactory()
        MembershipFactory(cluster=self.cluster, profile=profile)
        return acting_for(profile)


def now(booking: Booking) -> Booking:
    """The booking as it is kept."""
    return Booking.objects.get(pk=booking.pk)


def steps_of(booking: Booking) -> list[str]:
    """What happened to it."""
    return list(booking.steps.values_list("kind", flat=True))


def held_by(booking: Booking) -> int:
    """How many quarters it holds."""
    return booking.quarters.count()


def state_ceilings() -> None:
    """The ceilings of the migration, also after a test that emptied all tables."""
    migration = import_module("trebbo.sharing.resources.migrations.0002_ceilings")
    migration.state_ceilings(apps, None)
