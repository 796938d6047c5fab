"""Networks, clusters and value chains; memberships, recognitions and successions as dated facts."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from trebbo.ecosystem.clusters.choices import (
    FIGURE_PATTERNS,
    FIGURE_WORDS,
    ChainRole,
    Circle,
    FigureKind,
    FigureQualifier,
    FigureUnit,
    MembershipCategory,
    MembershipState,
    SpecialisationKind,
    SuccessionKind,
)
from trebbo.ecosystem.organisations.models import (
    Organisation,
    Period,
    Profile,
    Sourced,
    ends_after_start,
)
from trebbo.ecosystem.vocabularies.models import Concept, Municipality, Territory
from trebbo.kernel.text import Bilingual, fold


class Network(Sourced):
    """Clusters of one territory, coordinated by an agency."""

    slug = models.SlugField(max_length=80, unique=True)
    name_it = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200)
    description_it = models.TextField(blank=True)
    description_en = models.TextField(blank=True)
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT)
    agency = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="networks"
    )

    name = Bilingual()
    description = Bilingual()

    def get_absolute_url(self) -> str:
        """The network's page."""
        return reverse("network", args=[self.slug])

    def __str__(self) -> str:
        return self.name


class Cluster(Profile):
    """An association of a network, with its field, its territory and its birth."""

    profile_ptr = models.OneToOneField(
        Profile, on_delete=models.CASCADE, parent_link=True, related_name="as_cluster"
    )
    network = models.ForeignKey(Network, on_delete=models.PROTECT, related_name="clusters")
    code = models.CharField(max_length=20, unique=True)
    field_it = models.CharField(max_length=200, blank=True)
    field_en = models.CharField(max_length=200, blank=True)
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT)
    founded_year = models.PositiveSmallIntegerField(null=True, blank=True)
    status_it = models.CharField(max_length=200, blank=True)
    status_en = models.CharField(max_length=200, blank=True)
    statute_url = models.URLField(max_length=500, blank=True)

    field = Bilingual()
    status = Bilingual()


class Recognition(Period, Sourced):
    """An authority recognises a cluster by an act."""

    cluster = models.ForeignKey(Cluster, on_delete=models.CASCADE, related_name="recognitions")
    authority = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    act = models.CharField(max_length=200, blank=True)
    act_date = models.DateField(null=True, blank=True)
    act_year = models.PositiveSmallIntegerField(null=True, blank=True)
    note_it = models.CharField(max_length=1000, blank=True)
    note_en = models.CharField(max_length=1000, blank=True)

    class Meta:
        constraints: ClassVar = [ends_after_start("recognition_ends_after_start")]

    note = Bilingual()


class QualityLabel(Sourced):
    """A quality label that a cluster obtained; its end is often not published."""

    cluster = models.ForeignKey(Cluster, on_delete=models.CASCADE, related_name="labels")
    name = models.CharField(max_length=120)
    issuer = models.CharField(max_length=120, blank=True)
    year = models.PositiveSmallIntegerField()
    valid_until = models.DateField(null=True, blank=True)
    note_it = models.CharField(max_length=500, blank=True)
    note_en = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["cluster", "name"], name="label_once")
        ]

    note = Bilingual()


class ValueChain(Period, Sourced):
    """A thematic group of a cluster; it is born, merges, splits and ends."""

    cluster = models.ForeignKey(Cluster, on_delete=models.CASCADE, related_name="value_chains")
    code = models.CharField(max_length=40)
    slug = models.SlugField(max_length=80, unique=True)
    name_it = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200)
    aim_it = models.TextField(blank=True)
    aim_en = models.TextField(blank=True)
    notes_it = models.TextField(blank=True)
    notes_en = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            ends_after_start("value_chain_ends_after_start"),
            models.UniqueConstraint(fields=["cluster", "code"], name="value_chain_once"),
        ]

    name = Bilingual()
    aim = Bilingual()

    @property
    def aim_beyond_name(self) -> str:
        """The aim, or nothing where the name already says it: "MedTech - medical devices"."""
        return "" if fold(self.aim).rstrip(".") in fold(self.name) else self.aim

    notes = Bilingual()

    def get_absolute_url(self) -> str:
        """The value chain's page."""
        return reverse("value_chain", args=[self.slug])

    def __str__(self) -> str:
        return self.name


class Succession(Sourced):
    """One value chain became another, alone or together with others."""

    predecessor = models.ForeignKey(
        ValueChain, on_delete=models.CASCADE, related_name="successions"
    )
    successor = models.ForeignKey(ValueChain, on_delete=models.CASCADE, related_name="origins")
    kind = models.CharField(max_length=20, choices=SuccessionKind)
    note_it = models.CharField(max_length=500, blank=True)
    note_en = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["predecessor", "successor"], name="succession_once"),
            models.CheckConstraint(
                condition=~Q(predecessor=F("successor")), name="not_its_own_successor"
            ),
        ]

    note = Bilingual()

    @property
    def words(self) -> str:
        """What the predecessor became: "Merges into Pharma"."""
        return f"{self.get_kind_display()} {self.successor.name}"

    @property
    def origin_words(self) -> str:
        """What the successor came from: "Comes from MedReR"."""
        return _("Comes from %(name)s") % {"name": self.predecessor.name}


class Membership(Period, Sourced):
    """An organisation or unit belongs to a cluster, from a day until a day."""

    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="memberships")
    cluster = models.ForeignKey(Cluster, on_delete=models.CASCADE, related_name="members")
    category = models.CharField(
        max_length=20, choices=MembershipCategory, default=MembershipCategory.UNKNOWN
    )
    state = models.CharField(max_length=20, choices=MembershipState)
    evidence_it = models.CharField(max_length=500, blank=True)
    evidence_en = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints: ClassVar = [
            ends_after_start("membership_ends_after_start"),
            models.UniqueConstraint(
                fields=["profile", "cluster"],
                condition=Q(valid_until__isnull=True),
                name="one_membership_at_present",
            ),
        ]

    evidence = Bilingual()

    def __str__(self) -> str:
        return f"{self.profile} → {self.cluster}"


class ChainMembership(Period, Sourced):
    """An organisation or unit takes part in a value chain."""

    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="chains")
    value_chain = models.ForeignKey(ValueChain, on_delete=models.CASCADE, related_name="members")
    role = models.CharField(max_length=20, choices=ChainRole, default=ChainRole.PARTICIPANT)

    class Meta:
        constraints: ClassVar = [
            ends_after_start("chain_membership_ends_after_start"),
            models.UniqueConstraint(
                fields=["profile", "value_chain"],
                condition=Q(valid_until__isnull=True),
                name="one_chain_membership_at_present",
            ),
        ]


class Specialisation(Sourced):
    """A district or a sector in which the territory is strong: a named place with its firms."""

    slug = models.SlugField(max_length=80, unique=True)
    kind = models.CharField(max_length=20, choices=SpecialisationKind)
    name_it = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200)
    description_it = models.TextField(blank=True)
    description_en = models.TextField(blank=True)
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT)
    municipalities = models.ManyToManyField(Municipality, blank=True, related_name="+")
    fields = models.ManyToManyField(Concept, blank=True, related_name="+")

    name = Bilingual()
    description = Bilingual()

    def get_absolute_url(self) -> str:
        """The page of the district or sector."""
        return reverse("specialisation", args=[self.slug])

    def __str__(self) -> str:
        return self.name


class SpecialisationPlace(Period, Sourced):
    """An organisation or unit belongs to a specialisation of the territory."""

    specialisation = models.ForeignKey(
        Specialisation, on_delete=models.CASCADE, related_name="places"
    )
    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="specialisations")
    evidence_it = models.CharField(max_length=500, blank=True)
    evidence_en = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints: ClassVar = [
            ends_after_start("specialisation_place_ends_after_start"),
            models.UniqueConstraint(
                fields=["specialisation", "profile"], name="specialisation_place_once"
            ),
        ]

    evidence = Bilingual()


class Figure(Sourced):
    """A published number about a network, cluster, value chain or specialisation, as of a date.

    It is quoted with its source and never mixed with what is counted from the registry. `as_of` is
    a year or a day as published; `measure` says what is counted, whatever the language, so that the
    same measure at several dates makes a line. A part of a composition names the `kinds` of bodies
    that it covers, separated by "|".
    """

    kind = models.CharField(max_length=20, choices=FigureKind, default=FigureKind.FIGURE)
    measure = models.SlugField(max_length=200)
    kinds = models.CharField(max_length=300, blank=True)
    network = models.ForeignKey(
        Network, on_delete=models.CASCADE, null=True, blank=True, related_name="figures"
    )
    cluster = models.ForeignKey(
        Cluster, on_delete=models.CASCADE, null=True, blank=True, related_name="figures"
    )
    value_chain = models.ForeignKey(
        ValueChain, on_delete=models.CASCADE, null=True, blank=True, related_name="figures"
    )
    specialisation = models.ForeignKey(
        Specialisation, on_delete=models.CASCADE, null=True, blank=True, related_name="figures"
    )
    label_it = models.CharField(max_length=200)
    label_en = models.CharField(max_length=200)
    qualifier = models.CharField(
        max_length=20, choices=FigureQualifier, default=FigureQualifier.EXACTLY
    )
    amount = models.DecimalField(max_digits=17, decimal_places=2)
    unit = models.CharField(max_length=20, choices=FigureUnit, default=FigureUnit.COUNT)
    as_of = models.CharField(max_length=40, blank=True)
    note_it = models.CharField(max_length=500, blank=True)
    note_en = models.CharField(max_length=500, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(
                    network__isnull=False,
                    cluster__isnull=True,
                    value_chain__isnull=True,
                    specialisation__isnull=True,
                )
                | Q(
                    network__isnull=True,
                    cluster__isnull=False,
                    value_chain__isnull=True,
                    specialisation__isnull=True,
                )
                | Q(
                    network__isnull=True,
                    cluster__isnull=True,
                    value_chain__isnull=False,
                    specialisation__isnull=True,
                )
                | Q(
                    network__isnull=True,
                    cluster__isnull=True,
                    value_chain__isnull=True,
                    specialisation__isnull=False,
                ),
                name="figure_is_about_one_thing",
            )
        ]

    label = Bilingual()
    note = Bilingual()

    @property
    def value(self) -> str:
        """The number in words and in the page's language: "more than 1,000", "about 70 %"."""
        whole = self.amount == self.amount.to_integral_value()
        number = number_format(self.amount, 0 if whole else 2, force_grouping=True)
        with_unit = str(FIGURE_PATTERNS[self.unit]) % {"number": number}
        return str(FIGURE_WORDS[self.qualifier]) % {"number": with_unit}


class Circled(models.Model):
    """Something with a text for one circle and a teaser for one as wide or wider.

    `network`, `cluster` and `value_chain` are those that the two circles mean.
    """

    circle = models.CharField(max_length=10, choices=Circle, default=Circle.NAMED)
    teaser_circle = models.CharField(max_length=10, choices=Circle, default=Circle.NAMED)
    network = models.ForeignKey(
        Network, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    cluster = models.ForeignKey(
        Cluster, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    value_chain = models.ForeignKey(
        ValueChain, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        abstract = True
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(circle__in=Circle.values), name="%(class)s_circle"),
            models.CheckConstraint(
                condition=Q(teaser_circle__in=Circle.values), name="%(class)s_teaser_circle"
            ),
        ]
