"""A laboratory and a firm with people of every kind, as the pages of bookings meet them."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.test import Client
from django.utils import timezone

from tests.factories.accounts import (
    ClusterRoleFactory,
    MandateFactory,
    NetworkRoleFactory,
    PersonFactory,
    acting,
)
from tests.factories.clusters import ClusterFactory, MembershipFactory
from tests.factories.organisations import MunicipalityFactory, OrganisationFactory
from tests.factories.resources import PriceFactory, ResourceFactory
from trebbo.ecosystem.accounts.choices import MandateRole
from trebbo.ecosystem.accounts.models import Person
from trebbo.sharing.resources import actions
from trebbo.sharing.resources.models import Booking
from trebbo.sharing.resources.queries import answer_address

ROME = ZoneInfo("Europe/Rome")
PURPOSE = "Misura-di-cosa-segreta"


class House:
    """Lara edits the laboratory, Sara the firm and Carlo with her; Olga and Aldo are offices."""

    def __init__(self, **resource: Any) -> None:
        self.cluster = ClusterFactory()
        self.lab = OrganisationFactory(name="Laboratorio Misure")
        self.firm = OrganisationFactory(name="Officina Sintetica")
        for profile in (self.lab, self.firm):
            MembershipFactory(cluster=self.cluster, profile=profile)
        self.lara, self.livio = self._acting("Lara", self.lab), self._acting("Livio", self.lab)
        self.sara, self.carlo = self._acting("Sara", self.firm), self._acting("Carlo", self.firm)
        self.stranger = self._acting("Zoe", OrganisationFactory())
        self.olga = ClusterRoleFactory(cluster=self.cluster, person__name="Olga").person
        self.aldo = NetworkRoleFactory(network=self.cluster.network, person__name="Aldo").person
        self.resource = ResourceFactory(
            **{
                "profile": self.lab,
                "name_it": "Microscopio elettronico",
                "name_en": "Electron microscope",
                "municipality": MunicipalityFactory(name="Bologna"),
                "is_publicly_funded": True,
                **resource,
            }
        )
        self.price = PriceFactory(resource=self.resource, amount=Decimal("40.00"))

    def ask(self, days: int = 3, hour: int = 9, hours: int = 2, **said: Any) -> Booking:
        """Sara asks for the firm, for a slot some days ahead by the clock in Rome."""
        start = at(days, hour)
        return actions.request_booking(
            actor=acting(self.sara),
            **{
                "resource_id": self.resource.pk,
                "starts_at": start,
                "ends_at": start + timedelta(hours=hours),
                "purpose": PURPOSE,
                "profile_id": self.firm.pk,
                **said,
            },
        )

    def accept(self, booking: Booking) -> Booking:
        """Lara accepts."""
        return actions.accept_booking(
            actor=acting(self.lara), booking_id=booking.pk, version=booking.version
        )

    def link(self, booking: Booking, person: Person | None = None) -> str:
        """Where Lara, or somebody else, answers from a mail."""
        return answer_address(booking, person or self.lara, viewer=acting(self.lara))

    @staticmethod
    def _acting(name: str, profile: Any) -> Person:
        person = PersonFactory(name=name)
        MandateFactory(person=person, profile=profile, role=MandateRole.EDITOR)
        return person


def at(days: int, hour: int, minute: int = 0) -> datetime:
    """A time of the clock in Rome, some days from today."""
    day = timezone.localtime(timezone.now(), ROME).date() + timedelta(days=days)
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ROME)


def browser_of(person: Person | None = None) -> Client:
    """A browser of this person's own, or of a visitor."""
    client = Client()
    if person is not None:
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def words_of(response: Any) -> str:
    """What a page says, with its spaces put together."""
    return " ".join(response.content.decode().split())


def slot_of(prefix: str, start: datetime, end: datetime) -> dict[str, str]:
    """The fields of a slot in a form, as a browser sends them."""
    dash = f"{prefix}-" if prefix else ""
    sent = {
        f"{dash}day": start.date().isoformat(),
        f"{dash}start": f"{start:%H:%M}",
        f"{dash}end": f"{end:%H:%M}",
    }
    if end.date() != start.date():
        sent[f"{dash}end_day"] = end.date().isoformat()
    return sent


def now(booking: Booking) -> Booking:
    """The booking as it is kept."""
    return Booking.objects.get(pk=booking.pk)
