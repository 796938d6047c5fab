"""The use ledger: hours that were really used, the capacity of a year, the ceiling."""

from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from trebbo.ecosystem.organisations.models import Profile
from trebbo.sharing.resources.choices import CeilingLevel, UserClass, VatNote
from trebbo.sharing.resources.models.bookings import Booking
from trebbo.sharing.resources.models.catalogue import Resource


class UseRecord(models.Model):
    """A use that took place: of a booking, or of the owner without one.

    Nothing is deleted from the ledger: a wrong record is struck out, with a reason, and another is
    written. `is_economic` is whether the use is an economic activity in the sense of the Framework
    for State aid for research (C(2022) 7388, points 20 and 21).
    """

    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="uses")
    booking = models.ForeignKey(
        Booking, on_delete=models.PROTECT, null=True, blank=True, related_name="uses"
    )
    profile = models.ForeignKey(
        Profile, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    user_class = models.CharField(max_length=10, choices=UserClass)
    is_economic = models.BooleanField()
    amount = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    vat = models.CharField(max_length=10, choices=VatNote, blank=True)
    note = models.CharField(max_length=500, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    voided_at = models.DateTimeField(null=True, blank=True)
    voided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    void_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="use_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(voided_at__isnull=True) | ~Q(void_reason=""), name="use_struck_why"
            ),
            models.UniqueConstraint(
                fields=["booking", "resource"],
                condition=Q(voided_at__isnull=True),
                name="use_of_booking_once",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["resource", "starts_at"], name="use_of_resource")]

    def __str__(self) -> str:
        return f"{self.resource}: {self.pk}"


class YearlyCapacity(models.Model):
    """How many hours a resource can be used in a year, as its owner states and says why."""

    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="capacities")
    year = models.PositiveSmallIntegerField()
    hours = models.PositiveIntegerField(validators=[MinValueValidator(1)])
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["resource", "year"], name="capacity_once"),
            models.CheckConstraint(
                condition=Q(hours__gte=1, hours__lte=8784), name="capacity_of_a_year"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resource} {self.year}"


class UseCeiling(models.Model):
    """The share of a year's capacity up to which economic use is ancillary, from a day on.

    It holds until the next one begins. `warn_percent` is from which part of it people are warned.
    """

    valid_from = models.DateField(unique=True)
    percent = models.DecimalField(
        max_digits=5, decimal_places=2, validators=[MinValueValidator(0), MaxValueValidator(100)]
    )
    warn_percent = models.PositiveSmallIntegerField(default=75)
    source = models.CharField(max_length=500)

    class Meta:
        ordering: ClassVar = ["valid_from"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(percent__gt=0, percent__lte=100, warn_percent__lte=100),
                name="ceiling_is_a_share",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.percent} %"


class CeilingWarning(models.Model):
    """It was said that economic use of a year came near its ceiling, or passed it: once each."""

    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="+")
    year = models.PositiveSmallIntegerField()
    level = models.CharField(max_length=10, choices=CeilingLevel)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["resource", "year", "level"], name="warned_once"),
        ]

    def __str__(self) -> str:
        return f"{self.resource} {self.year}: {self.get_level_display()}"
