"""Profiles of organisations, units and Technopoles, with the dated facts about each."""

from datetime import date, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from trebbo.ecosystem.organisations.choices import (
    Freshness,
    IdentifierScheme,
    ItemSection,
    Kind,
    NameKind,
    ParentageKind,
    PointPrecision,
    ProfileType,
    SizeClass,
    Standing,
    UnitKind,
    Visibility,
)
from trebbo.ecosystem.vocabularies.models import Concept, Municipality
from trebbo.kernel.text import Bilingual, in_language


def ends_after_start(name: str) -> models.CheckConstraint:
    """A period that ends no earlier than it starts; an unknown start or end is allowed."""
    return models.CheckConstraint(
        condition=Q(valid_from__isnull=True)
        | Q(valid_until__isnull=True)
        | Q(valid_until__gte=F("valid_from")),
        name=name,
    )


class Sourced(models.Model):
    """A fact with where it comes from and how sure it is."""

    source = models.CharField(max_length=1000, blank=True)
    standing = models.CharField(max_length=20, choices=Standing, default=Standing.VERIFIED)

    class Meta:
        abstract = True


class Period(models.Model):
    """A fact that holds from a day until a day; blank means not known or still going on."""

    valid_from = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)

    class Meta:
        abstract = True

    def holds_on(self, day: date) -> bool:
        """Whether the fact holds on `day`."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or self.valid_until >= day
        )


def holding_on(day: date, prefix: str = "") -> Q:
    """The condition on rows that equals `Period.holds_on`; `prefix` leads to the fact's table."""
    start, end = f"{prefix}valid_from", f"{prefix}valid_until"
    return (Q(**{f"{start}__isnull": True}) | Q(**{f"{start}__lte": day})) & (
        Q(**{f"{end}__isnull": True}) | Q(**{f"{end}__gte": day})
    )


class Profile(Sourced):
    """What organisations, units, Technopoles and clusters have in common.

    `name` is the legal or proper name; `name_en` an English one, if it exists. `version` grows by
    one at each change, so that the second of two people who save at once is told.
    """

    type = models.CharField(max_length=20, choices=ProfileType)
    slug = models.SlugField(max_length=120, unique=True)
    name = models.CharField(max_length=300)
    name_en = models.CharField(max_length=300, blank=True)
    acronym = models.CharField(max_length=60, blank=True)
    sort_name = models.CharField(max_length=300, db_index=True)
    description_it = models.TextField(blank=True)
    description_en = models.TextField(blank=True)
    notes_it = models.TextField(blank=True)
    notes_en = models.TextField(blank=True)
    website = models.URLField(max_length=500, blank=True)
    visibility = models.CharField(max_length=20, choices=Visibility, default=Visibility.PUBLIC)
    fields = models.ManyToManyField(Concept, blank=True, related_name="profiles")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    due_date = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True, due_date__isnull=True)
                | Q(confirmed_at__isnull=False, due_date__isnull=False),
                name="confirmed_profile_has_due_date",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """The profile's page: the address is named after the type."""
        return reverse(self.type, args=[self.slug])

    @property
    def title(self) -> str:
        """The name in the page's language."""
        return in_language(self.name, self.name_en)

    description = Bilingual()
    notes = Bilingual()

    def freshness_on(self, day: date) -> Freshness:
        """How far the profile can be trusted on `day`."""
        if self.due_date is None:
            return Freshness.NEVER
        if day <= self.due_date:
            return Freshness.CONFIRMED
        grace = timedelta(days=settings.CONFIRMATION_GRACE_DAYS)
        return Freshness.DUE if day <= self.due_date + grace else Freshness.STALE


class Organisation(Profile):
    """A body with its own legal existence."""

    profile_ptr = models.OneToOneField(
        Profile, on_delete=models.CASCADE, parent_link=True, related_name="as_organisation"
    )
    legal_form = models.ForeignKey(
        Concept, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    sector = models.ForeignKey(
        Concept, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    tax_code = models.CharField(max_length=16, blank=True)
    vat_number = models.CharField(max_length=20, blank=True)
    certified_email = models.EmailField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tax_code"], condition=~Q(tax_code=""), name="tax_code_once"
            ),
            models.UniqueConstraint(
                fields=["vat_number"], condition=~Q(vat_number=""), name="vat_number_once"
            ),
        ]


class Technopole(Profile):
    """A site of the network of Technopoles, with its manager; it hosts laboratories."""

    profile_ptr = models.OneToOneField(
        Profile, on_delete=models.CASCADE, parent_link=True, related_name="as_technopole"
    )
    code = models.CharField(max_length=20, unique=True)
    manager = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="technopoles"
    )


class Unit(Profile):
    """A department, laboratory or centre of an organisation; a member in its own right or not."""

    profile_ptr = models.OneToOneField(
        Profile, on_delete=models.CASCADE, parent_link=True, related_name="as_unit"
    )
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="units")
    kind = models.CharField(max_length=20, choices=UnitKind)
    technopole = models.ForeignKey(
        Technopole, on_delete=models.SET_NULL, null=True, blank=True, related_name="units"
    )


class Accreditation(Period, Sourced):
    """A unit or organisation accredited in the High Technology Network; unknown dates are blank."""

    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="accreditations")
    act = models.CharField(max_length=200, blank=True)
    note_it = models.CharField(max_length=500, blank=True)
    note_en = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints: ClassVar = [ends_after_start("accreditation_ends_after_start")]

    def __str__(self) -> str:
        return f"{self.profile}: {self.act}" if self.act else str(self.profile)

    note = Bilingual()


class OtherName(models.Model):
    """A short, former, trade or translated name."""

    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="other_names")
    name = models.CharField(max_length=300)
    kind = models.CharField(max_length=20, choices=NameKind)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["profile", "name"], name="other_name_once")
        ]

    def __str__(self) -> str:
        return self.name


class Identifier(Sourced):
    """The body's identifier in a register; a body may have several in one register."""

    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="identifiers")
    scheme = models.CharField(max_length=20, choices=IdentifierScheme)
    value = models.CharField(max_length=120)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["scheme", "value"], name="identifier_of_one_body")
        ]

    def __str__(self) -> str:
        return f"{self.get_scheme_display()} {self.value}"


class KindPeriod(Period, Sourced):
    """What kind of body an organisation is, from a day until a day."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="kinds")
    kind = models.CharField(max_length=30, choices=Kind)

    class Meta:
        constraints: ClassVar = [
            ends_after_start("kind_ends_after_start"),
            models.UniqueConstraint(
                fields=["organisation"],
                condition=Q(valid_until__isnull=True),
                name="one_kind_at_present",
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())


class SizePeriod(Sourced):
    """The size class of an organisation in a year, with the figures it follows from, if known.

    Headcount is in annual work units, money in euro (Recommendation 2003/361/EC).
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="sizes")
    size = models.CharField(max_length=10, choices=SizeClass)
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    headcount = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)
    turnover = models.DecimalField(max_digits=15, decimal_places=2, null=True, blank=True)
    balance = models.DecimalField(max_digits=15, decimal_places=2, null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "year"], name="one_size_a_year"),
            models.CheckConstraint(
                condition=(Q(headcount__isnull=True) | Q(headcount__gte=0))
                & (Q(turnover__isnull=True) | Q(turnover__gte=0))
                & (Q(balance__isnull=True) | Q(balance__gte=0)),
                name="size_figures_not_negative",
            ),
        ]

    def __str__(self) -> str:
        words = str(self.get_size_display())
        return f"{words} ({self.year})" if self.year else words


class Seat(Period, Sourced):
    """Where a body is, in degrees (WGS84); a seat known only by its town says so."""

    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="seats")
    label = models.CharField(max_length=200, blank=True)
    address = models.CharField(max_length=300, blank=True)
    postcode = models.CharField(max_length=10, blank=True)
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, null=True, blank=True, related_name="seats"
    )
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    precision = models.CharField(
        max_length=20, choices=PointPrecision, default=PointPrecision.MUNICIPALITY
    )
    is_main = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            ends_after_start("seat_ends_after_start"),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="seat_on_earth",
            ),
            models.UniqueConstraint(
                fields=["profile"], condition=Q(is_main=True), name="one_main_seat"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["latitude", "longitude"], name="seat_point")]

    def __str__(self) -> str:
        parts = (self.label, self.address, self.municipality)
        return ", ".join(str(part) for part in parts if part)


class Parentage(Period, Sourced):
    """One organisation belongs to another."""

    child = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="parents")
    parent = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="children")
    kind = models.CharField(max_length=20, choices=ParentageKind)

    class Meta:
        constraints: ClassVar = [
            ends_after_start("parentage_ends_after_start"),
            models.CheckConstraint(condition=~Q(child=F("parent")), name="not_its_own_parent"),
            models.UniqueConstraint(fields=["child", "parent", "kind"], name="parentage_once"),
        ]

    def __str__(self) -> str:
        return f"{self.child} → {self.parent}"


class ProfileItem(Sourced):
    """One competence, piece of equipment or service that a profile names."""

    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="items")
    section = models.CharField(max_length=20, choices=ItemSection)
    text_it = models.CharField(max_length=300, blank=True)
    text_en = models.CharField(max_length=300, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~(Q(text_it="") & Q(text_en="")), name="profile_item_has_text"
            )
        ]

    def __str__(self) -> str:
        return self.text

    text = Bilingual()
