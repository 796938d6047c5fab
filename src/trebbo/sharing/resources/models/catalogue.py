"""What the catalogue says of a resource: what it is, on which terms, when it is open."""

from typing import ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from trebbo.ecosystem.evidence.models import FundedProject
from trebbo.ecosystem.organisations.choices import Visibility
from trebbo.ecosystem.organisations.models import Period, Profile, Sourced, ends_after_start
from trebbo.ecosystem.vocabularies.models import Concept, Municipality
from trebbo.kernel.text import Bilingual
from trebbo.sharing.resources.choices import (
    DESCRIBED_ONLY,
    FileKind,
    Operation,
    PriceUnit,
    QuotaPeriod,
    ResourceKind,
    UserClass,
    VatNote,
)


class Qualification(models.Model):
    """A training that an owner demands of who works with some of its resources.

    It holds for `months`; blank where it does not expire.
    """

    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="qualifications")
    name_it = models.CharField(max_length=200, blank=True)
    name_en = models.CharField(max_length=200, blank=True)
    months = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~(Q(name_it="") & Q(name_en="")), name="qualification_has_name"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    name = Bilingual()


class Resource(Sourced):
    """Equipment, a space, a service, data, a biobank, a training place or hours of an expert.

    `profile` owns it: an organisation or unit. Identifier, maker, model and dates are the fields of
    PIDINST (https://github.com/rdawg-pidinst/schema). Of data sets and biobanks there is only the
    description. Where no place is given it stands at the owner's main seat. `words` is what a
    search compares. Lengths are in minutes, a day ahead is a calendar day of its time zone.
    """

    profile = models.ForeignKey(Profile, on_delete=models.PROTECT, related_name="resources")
    kind = models.CharField(max_length=20, choices=ResourceKind)
    name_it = models.CharField(max_length=300, blank=True)
    name_en = models.CharField(max_length=300, blank=True)
    description_it = models.TextField(blank=True)
    description_en = models.TextField(blank=True)
    measurements_it = models.TextField(blank=True)
    measurements_en = models.TextField(blank=True)
    standards = models.CharField(max_length=1000, blank=True)
    fields = models.ManyToManyField(Concept, blank=True, related_name="resources")
    visibility = models.CharField(max_length=20, choices=Visibility, default=Visibility.PUBLIC)

    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    room = models.CharField(max_length=200, blank=True)
    operation = models.CharField(max_length=20, choices=Operation, blank=True)
    operator = models.ForeignKey(
        Profile, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    terms_it = models.TextField(blank=True)
    terms_en = models.TextField(blank=True)
    contact = models.EmailField(blank=True)

    decided_by = models.CharField(max_length=300, blank=True)
    ethics_it = models.TextField(blank=True)
    ethics_en = models.TextField(blank=True)
    lead_days = models.PositiveSmallIntegerField(null=True, blank=True)

    identifier = models.CharField(max_length=200, blank=True)
    landing_page = models.URLField(max_length=500, blank=True)
    manufacturer = models.CharField(max_length=200, blank=True)
    model_name = models.CharField(max_length=200, blank=True)
    serial_number = models.CharField(max_length=120, blank=True)
    commissioned_date = models.DateField(null=True, blank=True)
    decommissioned_date = models.DateField(null=True, blank=True)

    is_publicly_funded = models.BooleanField(default=False)
    fund = models.CharField(max_length=300, blank=True)
    project = models.ForeignKey(
        FundedProject, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    is_bookable = models.BooleanField(default=False)
    timezone = models.CharField(max_length=60, default="Europe/Rome")
    shortest_minutes = models.PositiveIntegerField(default=60)
    longest_minutes = models.PositiveIntegerField(default=480)
    notice_hours = models.PositiveIntegerField(default=24)
    horizon_days = models.PositiveIntegerField(default=90)
    quota_hours = models.PositiveIntegerField(null=True, blank=True)
    quota_period = models.CharField(max_length=10, choices=QuotaPeriod, default=QuotaPeriod.MONTH)
    free_cancellation_hours = models.PositiveIntegerField(default=24)
    late_fee_percent = models.PositiveSmallIntegerField(default=0)
    qualification = models.ForeignKey(
        Qualification, on_delete=models.SET_NULL, null=True, blank=True, related_name="resources"
    )
    booked_with = models.ManyToManyField(
        "self", symmetrical=False, blank=True, related_name="booked_by"
    )

    words = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~(Q(name_it="") & Q(name_en="")), name="resource_has_name"
            ),
            models.CheckConstraint(condition=Q(kind__in=ResourceKind.values), name="resource_kind"),
            models.CheckConstraint(
                condition=Q(is_bookable=False) | ~Q(kind__in=DESCRIBED_ONLY),
                name="resource_described_only",
            ),
            models.CheckConstraint(
                condition=Q(shortest_minutes__gte=15, longest_minutes__gte=F("shortest_minutes")),
                name="resource_lengths",
            ),
            models.CheckConstraint(
                condition=Q(late_fee_percent__lte=100), name="resource_late_fee"
            ),
            models.CheckConstraint(
                condition=Q(commissioned_date__isnull=True)
                | Q(decommissioned_date__isnull=True)
                | Q(decommissioned_date__gte=F("commissioned_date")),
                name="resource_dates",
            ),
            models.UniqueConstraint(
                fields=["identifier"], condition=~Q(identifier=""), name="resource_identifier_once"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["kind", "profile"], name="resource_by_kind")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The resource's page."""
        return reverse("resource", args=[self.pk])

    name = Bilingual()
    description = Bilingual()
    measurements = Bilingual()
    terms = Bilingual()
    ethics = Bilingual()


class Price(Period, Sourced):
    """What a class of users pays for a unit, in euro, from a day until a day; 0 is for free."""

    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="prices")
    user_class = models.CharField(max_length=10, choices=UserClass)
    unit = models.CharField(max_length=10, choices=PriceUnit)
    amount = models.DecimalField(max_digits=10, decimal_places=2, validators=[MinValueValidator(0)])
    vat = models.CharField(max_length=10, choices=VatNote, default=VatNote.PLUS)

    class Meta:
        constraints: ClassVar = [
            ends_after_start("price_ends_after_start"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="price_not_negative"),
            models.UniqueConstraint(
                fields=["resource", "user_class", "unit"],
                condition=Q(valid_until__isnull=True),
                name="one_price_at_present",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} € / {self.get_unit_display()}"


class OpeningHours(models.Model):
    """When a resource is open on a day of the week (0 is Monday), in minutes of its local day."""

    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="opening_hours")
    weekday = models.PositiveSmallIntegerField()
    opens = models.PositiveSmallIntegerField()
    closes = models.PositiveSmallIntegerField()

    class Meta:
        ordering: ClassVar = ["weekday", "opens"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(weekday__lte=6, opens__lt=F("closes"), closes__lte=1440),
                name="opening_hours_of_a_day",
            ),
        ]

    def __str__(self) -> str:
        opens, closes = divmod(self.opens, 60), divmod(self.closes, 60)
        return f"{opens[0]:02}:{opens[1]:02}–{closes[0]:02}:{closes[1]:02}"


class ResourceFile(models.Model):
    """A picture or document of a resource; a picture says in words what it shows."""

    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="files")
    kind = models.CharField(max_length=10, choices=FileKind)
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=120)
    size = models.PositiveIntegerField()
    content = models.BinaryField()
    text_it = models.CharField(max_length=300, blank=True)
    text_en = models.CharField(max_length=300, blank=True)
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    added_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return self.name

    text = Bilingual()
