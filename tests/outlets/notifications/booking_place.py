"""A laboratory with an instrument, who acts for it, and somebody who asks for an hour."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.factories.accounts import MandateFactory, PersonFactory
from tests.factories.organisations import (
    MunicipalityFactory,
    OrganisationFactory,
    UnitFactory,
)
from tests.factories.resources import BookingFactory, ResourceFactory
from trebbo.ecosystem.accounts.choices import MandateRole
from trebbo.ecosystem.accounts.models import Person
from trebbo.kernel.access import installation
from trebbo.outlets.notifications import actions as mail
from trebbo.outlets.notifications.models import Notice
from trebbo.sharing.resources.choices import BookingStepKind
from trebbo.sharing.resources.models import BookingStep

NOW = datetime(2026, 6, 15, 9, 30, tzinfo=UTC)
STARTS = datetime(2026, 6, 18, 7, 0, tzinfo=UTC)
"""A Thursday, at 9 in Bologna."""
PURPOSE = "Residui-di-resina-segreta"


class BookingPlace:
    """Lara edits the laboratory's pages, Rocco represents its university, Sara asks."""

    def __init__(self, **facts: Any) -> None:
        since = (NOW - timedelta(days=100)).date()
        self.university = OrganisationFactory(name="Università di Prova")
        self.lab = UnitFactory(name="Laboratorio Misure", organisation=self.university)
        self.firm = OrganisationFactory(name="Officina Sintetica")
        self.lara = PersonFactory(name="Lara", language="it")
        self.rocco = PersonFactory(name="Rocco", language="en")
        self.sara = PersonFactory(name="Sara", language="en")
        for person, profile, role in (
            (self.lara, self.lab, MandateRole.EDITOR),
            (self.rocco, self.university, MandateRole.REPRESENTATIVE),
            (self.sara, self.firm, MandateRole.EDITOR),
        ):
            MandateFactory(person=person, profile=profile, role=role, valid_from=since)
        self.resource = ResourceFactory(
            profile=self.lab,
            name_it="Microscopio elettronico",
            name_en="Electron microscope",
            municipality=MunicipalityFactory(name="Bologna"),
            room="Sala 2",
        )
        self.booking = BookingFactory(
            **{
                "resource": self.resource,
                "person": self.sara,
                "profile": self.firm,
                "starts_at": STARTS,
                "ends_at": STARTS + timedelta(hours=2),
                "purpose": PURPOSE,
                "price": Decimal("80.00"),
                "vat": "plus",
                "lapses_at": NOW + timedelta(days=2),
                "free_until": STARTS - timedelta(days=1),
                **facts,
            }
        )

    def step(
        self,
        kind: str,
        *,
        by: Person | None = None,
        words: str = "",
        at: datetime = NOW,
        **facts: Any,
    ) -> BookingStep:
        """Something happens to the booking, which becomes what `facts` say."""
        for name, value in {"version": self.booking.version + 1, **facts}.items():
            setattr(self.booking, name, value)
        self.booking.save()
        return BookingStep.objects.create(
            booking=self.booking, kind=BookingStepKind(kind), at=at, person=by, words=words
        )

    def tell(self, step: BookingStep, now: datetime = NOW) -> dict[str, Notice]:
        """Tell of a step; the notices about it by the name of who is told."""
        mail.tell_of_booking(actor=installation(now), step_id=step.pk, now=now)
        fact = f"booking:{self.booking.pk}:{step.pk}"
        return {notice.name: notice for notice in Notice.objects.filter(fact=fact)}
