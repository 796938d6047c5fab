"""The resources of the demonstration: what facts give of laboratories, with made-up bookings."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta
from decimal import Decimal
from itertools import count, cycle
from typing import Any

from django.db import transaction
from django.utils import timezone

from trebbo.demo import personas
from trebbo.demo.builder import Row, leave_out_if_refused, rows
from trebbo.demo.marks import marked
from trebbo.demo.personas import persona_viewer
from trebbo.ecosystem.accounts.choices import MandateRole
from trebbo.ecosystem.organisations.choices import ItemSection, Standing
from trebbo.ecosystem.organisations.models import Profile, ProfileItem
from trebbo.kernel.access import Viewer, installation
from trebbo.partnering.introductions.actions import gather_news
from trebbo.sharing.resources import actions
from trebbo.sharing.resources.choices import (
    BlockKind,
    BookingState,
    PriceUnit,
    ResourceKind,
    UserClass,
)
from trebbo.sharing.resources.models import Booking, Resource

WEEKS_BACK, WEEKS_AHEAD, WEEKS_OF_OWN_USE = 3, 2, 20
CLASSES = (UserClass.MEMBER, UserClass.NETWORK, UserClass.EXTERNAL)
ASKERS = (("laboratory", "ciri-sdv"), ("sme", "greenbone-ortho"), ("hospital", "ior"))
ANSWERED_BY_HOSPITAL = "ior-prometeo"
PURPOSES = (
    "Misure su campioni di un impianto poroso",
    "Prova di un protocollo su colture cellulari",
    "Confronto tra due lotti dello stesso materiale",
    "Immagini per una pubblicazione",
)
SAMPLES = "Sei campioni fissati, nessun rischio biologico."
TERMS = (
    "Prezzi, orari, fondo, capacità e prenotazioni sono inventati per la dimostrazione.",
    "Prices, hours, fund, capacity and bookings are made up for the demonstration.",
)
DECLINED_EVERY, MOVED_EVERY, NO_SHOW_EVERY, ECONOMIC_EVERY = 8, 3, 9, 2


def are_there() -> bool:
    """Whether there is any resource: one of these, or of whoever looked around since."""
    return Resource.objects.exists()


def bring_in(now: datetime | None = None) -> None:
    """Describe what facts give of the laboratories, and let personas book it, week by week.

    What a laboratory has is as its source says; all that is needed to book it is synthetic and says
    so. A row that cannot be done is left out. The caller builds the search index afterwards.
    """
    moment = now or timezone.now()
    with gather_news(actor=installation(moment)), transaction.atomic():
        filler = _Filler(moment)
        for row in rows("resources"):
            leave_out_if_refused(filler.describe, row)
        filler.let_time_pass()


class _Filler:
    """Describes resources as the agency, and plays those who ask and those who answer."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.agency = persona_viewer(personas.AGENCY.key, now=now)
        self.booked: list[tuple[Resource, Row]] = []
        self.askers = cycle(ASKERS)
        self.purposes = cycle(PURPOSES)
        self.numbers = count(1)

    def describe(self, row: Row) -> None:
        """What the facts of a laboratory name, and, made up, on which terms it can be booked."""
        item = ProfileItem.objects.select_related("profile").get(
            profile__slug=row["laboratory"],
            text_it=row["item"],
            section__in=(ItemSection.EQUIPMENT, ItemSection.SERVICE),
        )
        resource = actions.add_resource(
            actor=self.agency,
            profile_id=item.profile_id,
            kind=row["kind"],
            name_it=item.text_it,
            name_en=item.text_en,
            source=item.source,
            standing=item.standing,
            **(_made_up(row) if row["price_member"] else {}),
        )
        if not row["price_member"]:
            return
        for user_class in CLASSES:
            actions.set_price(
                actor=self.agency,
                resource_id=resource.pk,
                user_class=user_class,
                unit=PriceUnit.HOUR,
                amount=Decimal(row[f"price_{user_class}"]),
                valid_from=self.agency.today.replace(month=1, day=1),
                standing=Standing.SYNTHETIC,
            )
        opens, closes = int(row["opens"]) * 60, int(row["closes"]) * 60
        hours = [(weekday, opens, closes) for weekday in range(5)]
        actions.set_opening_hours(actor=self.agency, resource_id=resource.pk, hours=hours)
        self.booked.append((resource, row))  # at the end: what was refused is taken back

    def let_time_pass(self) -> None:
        """Weeks of bookings, of the laboratories' own use, and of what is still to come."""
        for resource, row in self.booked:
            for start, length in self._slots(row):
                leave_out_if_refused(self._book, resource, row, start, length)
            if row["funded"] == "1":
                leave_out_if_refused(self._state_capacity, resource, row)
                for week in range(1, WEEKS_OF_OWN_USE + 1):
                    leave_out_if_refused(self._use_oneself, resource, row, week)
        if self.booked:
            leave_out_if_refused(self._maintain, *self.booked[0])
        leave_out_if_refused(self._wait_for_the_hospital)
        actions.tick(actor=installation(self.now))

    def _slots(self, row: Row) -> Iterator[tuple[datetime, timedelta]]:
        """Starts and lengths, spread over the days and hours of each week, the same every time."""
        opens, closes = int(row["opens"]), int(row["closes"])
        for week in range(-WEEKS_BACK, WEEKS_AHEAD + 1):
            for number in range((int(row["weekly_bookings"]) + 1) // 2):
                turn = next(self.numbers)
                length = 1 + turn % 3
                hour = opens + turn % (closes - opens - length + 1)
                yield self._moment(week, (turn * 3 + number) % 5, hour), timedelta(hours=length)

    def _moment(self, week: int, weekday: int, hour: int) -> datetime:
        today = self.agency.today
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=week)
        return timezone.make_aware(datetime.combine(monday + timedelta(days=weekday), time(hour)))

    def _book(self, resource: Resource, row: Row, start: datetime, length: timedelta) -> None:
        """Somebody asks days before; the laboratory accepts, and records what came of it."""
        turn = next(self.numbers)
        persona, body = next(self.askers)
        asked_at = start - timedelta(days=6)
        if asked_at > self.now:
            return
        booking = actions.request_booking(
            actor=replace(persona_viewer(persona, now=self.now), now=asked_at),
            resource_id=resource.pk,
            starts_at=start,
            ends_at=start + length,
            purpose=marked(next(self.purposes)),
            samples=marked(SAMPLES),
            profile_id=Profile.objects.get(slug=body).pk,
        )
        answered_at = asked_at + timedelta(days=1 + turn % 3)
        if booking.state == BookingState.REQUESTED and answered_at <= self.now and turn % 5:
            booking = self._answer(booking, _laboratory(resource, answered_at), turn)
        if booking.state == BookingState.ACCEPTED and booking.ends_at < self.now:
            self._record(booking, turn)

    def _answer(self, booking: Booking, actor: Viewer, turn: int) -> Booking:
        key, version = booking.pk, booking.version
        if turn % DECLINED_EVERY == 0:
            reason = marked("Lo strumento serve a noi.")
            return actions.decline_booking(
                actor=actor, booking_id=key, version=version, reason=reason
            )
        if turn % MOVED_EVERY == 0 and booking.starts_at > self.now:
            return actions.propose_slot(
                actor=actor,
                booking_id=key,
                version=version,
                starts_at=booking.starts_at + timedelta(days=7),
                ends_at=booking.ends_at + timedelta(days=7),
                words=marked("Quel giorno siamo fuori."),
            )
        return actions.accept_booking(actor=actor, booking_id=key, version=version)

    def _record(self, booking: Booking, turn: int) -> None:
        late = self.now if booking.ends_at + timedelta(hours=3) > self.now else None
        actor = _laboratory(booking.resource, late or booking.ends_at + timedelta(hours=3))
        if turn % NO_SHOW_EVERY == 0:
            actions.record_no_show(actor=actor, booking_id=booking.pk)
            return
        actions.record_use(
            actor=actor,
            booking_id=booking.pk,
            starts_at=booking.starts_at,
            ends_at=booking.ends_at - timedelta(minutes=15 * (turn % 2)),
            is_economic=turn % ECONOMIC_EVERY == 0,
        )

    def _state_capacity(self, resource: Resource, row: Row) -> None:
        actions.set_capacity(
            actor=_laboratory(resource, self.now),
            resource_id=resource.pk,
            year=self.agency.today.year,
            hours=int(row["capacity"]),
            reason=marked("Ore di apertura meno manutenzione e ferie."),
        )

    def _use_oneself(self, resource: Resource, row: Row, week: int) -> None:
        """The laboratory's own research, one long day a week, at hours that nobody booked."""
        start = self._moment(-week, week % 5, int(row["closes"]))
        actions.record_own_use(
            actor=_laboratory(resource, self.now),
            resource_id=resource.pk,
            starts_at=start,
            ends_at=start + timedelta(hours=5),
            is_economic=False,
            note=marked("Ricerca propria."),
        )

    def _wait_for_the_hospital(self) -> None:
        """A request that the persona of the hospital can answer."""
        resource = Resource.objects.get(profile__slug=ANSWERED_BY_HOSPITAL, is_bookable=True)
        start = self._moment(WEEKS_AHEAD, 2, 9)
        actions.request_booking(
            actor=persona_viewer("sme", now=self.now),
            resource_id=resource.pk,
            starts_at=start,
            ends_at=start + timedelta(hours=2),
            purpose=marked(next(self.purposes)),
            samples=marked(SAMPLES),
            profile_id=Profile.objects.get(slug="greenbone-ortho").pk,
        )

    def _maintain(self, resource: Resource, _row: Row) -> None:
        start = self._moment(WEEKS_AHEAD + 1, 2, 9)
        actions.add_block(
            actor=self.agency,
            resource_id=resource.pk,
            kind=BlockKind.MAINTENANCE,
            starts_at=start,
            ends_at=start + timedelta(hours=8),
            reason_it=marked("Manutenzione annuale."),
            reason_en=marked("Yearly maintenance.", "en"),
        )


def _laboratory(resource: Resource, now: datetime) -> Viewer:
    """Whoever answers for the owner: nobody in particular, as nobody real did."""
    mandates = {resource.profile_id: frozenset({MandateRole.EDITOR.value})}
    return Viewer(now=now, label=marked("Laboratorio"), mandates=mandates)


def _made_up(row: Row) -> dict[str, Any]:
    """What a booking needs and no source gives."""
    funded = row["funded"] == "1"
    return {
        "operation": row["operation"],
        "terms_it": marked(TERMS[0]),
        "terms_en": marked(TERMS[1], "en"),
        "is_bookable": row["kind"] != ResourceKind.BIOBANK,
        "longest_minutes": int(row["longest_hours"]) * 60,
        "notice_hours": int(row["notice_hours"]),
        "horizon_days": 90,
        "late_fee_percent": 50,
        "is_publicly_funded": funded,
        "fund": marked("FESR 2014-2020") if funded else "",
    }
