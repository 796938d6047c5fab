"""Bookings, the quarters of an hour that they hold, and who may work with what."""

from datetime import datetime
from decimal import Decimal
from email.utils import parseaddr
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from trebbo.ecosystem.organisations.models import Profile
from trebbo.sharing.resources.choices import (
    BookingState,
    BookingStepKind,
    PriceUnit,
    UserClass,
    VatNote,
)
from trebbo.sharing.resources.models.catalogue import Qualification, Resource


class Booking(models.Model):
    """A slot of a resource that somebody asked for, from the request to what came of it.

    `profile` is the body for which it is asked, blank for somebody who acts for none. Class of
    user, price and terms are those of the moment of the request. `asked_from` and `asked_until`
    keep what was asked first, where the owner proposed another slot. `fee` is owed for a late
    cancellation.
    """

    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="bookings")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="bookings"
    )
    profile = models.ForeignKey(
        Profile, on_delete=models.SET_NULL, null=True, blank=True, related_name="bookings"
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    asked_from = models.DateTimeField(null=True, blank=True)
    asked_until = models.DateTimeField(null=True, blank=True)
    purpose = models.TextField()
    samples = models.TextField(blank=True)
    sample_count = models.PositiveIntegerField(null=True, blank=True)
    user_class = models.CharField(max_length=10, choices=UserClass)
    is_economic = models.BooleanField(null=True, blank=True)
    state = models.CharField(max_length=20, choices=BookingState)
    answer = models.TextField(blank=True)
    unit_price = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    price_unit = models.CharField(max_length=10, choices=PriceUnit, blank=True)
    vat = models.CharField(max_length=10, choices=VatNote, blank=True)
    price = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    fee = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal(0))
    late_fee_percent = models.PositiveSmallIntegerField(default=0)
    free_until = models.DateTimeField()
    lapses_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="booking_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(state__in=BookingState.values), name="booking_state"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["resource", "ends_at", "starts_at"], name="booking_of_resource"),
            models.Index(fields=["state", "lapses_at"], name="booking_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.resource}: {self.pk}"

    def get_absolute_url(self) -> str:
        """The booking's page."""
        return reverse("booking", args=[self.pk])

    @property
    def hours(self) -> Decimal:
        """The length of the slot, in hours that really pass."""
        return hours_between(self.starts_at, self.ends_at)

    @property
    def uid(self) -> str:
        """What calendars know it by: the same in feeds and mail, at every change."""
        return f"booking-{self.pk}{uid_end(self.resource_id)}"


def uid_end(resource_id: int) -> str:
    """How `uid` ends for all bookings of a resource.

    An owner's own calendar that holds them tells nothing new when it is read.
    """
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f".{resource_id}@{domain}"


def hours_between(start: datetime, end: datetime) -> Decimal:
    """The hours that really pass between two aware moments, also across a change of the clock."""
    return Decimal(int(end.timestamp() - start.timestamp())) / 3600


class BookedQuarter(models.Model):
    """One quarter of an hour of one resource, held by one booking: the database allows no second.

    `quarter` counts quarters of an hour since 1970 in UTC. A booking holds its resource and those
    that are booked together with it.
    """

    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="+")
    quarter = models.PositiveIntegerField()
    booking = models.ForeignKey(Booking, on_delete=models.CASCADE, related_name="quarters")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["resource", "quarter"], name="no_double_booking"),
        ]

    def __str__(self) -> str:
        return f"{self.resource_id}: {self.quarter}"


class BookingStep(models.Model):
    """One thing that happened to a booking, with the words that were said."""

    booking = models.ForeignKey(Booking, on_delete=models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=20, choices=BookingStepKind)
    at = models.DateTimeField()
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    words = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ["at", "pk"]

    def __str__(self) -> str:
        return str(self.get_kind_display())


class QualifiedPerson(models.Model):
    """A person whom the owner trained, until a day (blank: for good)."""

    qualification = models.ForeignKey(
        Qualification, on_delete=models.CASCADE, related_name="people"
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="qualifications"
    )
    since = models.DateField()
    until = models.DateField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["qualification", "person"], name="qualified_once"),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="qualified_for"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.qualification}"
