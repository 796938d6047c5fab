"""Competences with their evidence, own terms, suggestions, and training on offer."""

from datetime import date, timedelta
from typing import ClassVar

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from trebbo.ecosystem.evidence.models import FundedProject
from trebbo.ecosystem.organisations.choices import Freshness, Visibility
from trebbo.ecosystem.organisations.models import (
    Accreditation,
    Period,
    Profile,
    ProfileItem,
    Sourced,
    ends_after_start,
    holding_on,
)
from trebbo.ecosystem.vocabularies.models import Concept
from trebbo.kernel.text import Bilingual
from trebbo.sharing.skills.choices import (
    FIELDS_SCHEME,
    Decision,
    Direction,
    EvidenceKind,
    Level,
    Origin,
    TrainingKind,
)


class OwnTerm(models.Model):
    """A competence that no vocabulary names, in a member's words.

    An office may merge it into a concept: what was said with the term is then said with
    the concept, and the term remembers where it went.
    """

    label_it = models.CharField(max_length=200, blank=True)
    label_en = models.CharField(max_length=200, blank=True)
    proposed_by = models.ForeignKey(
        Profile, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    proposed_at = models.DateTimeField()
    merged_into = models.ForeignKey(
        Concept, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    merged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    merged_at = models.DateTimeField(null=True, blank=True)
    is_told = models.BooleanField(default=False)
    """Whether every office may read that it was merged: somebody had said it to all."""

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~(Q(label_it="") & Q(label_en="")), name="own_term_has_label"
            ),
        ]

    def __str__(self) -> str:
        return self.label

    label = Bilingual()


class Competence(Period, Sourced):
    """A body offers or seeks a competence, by a concept of a vocabulary or by a term of its own.

    It stands once for each body and direction: one that ended and is stated again begins anew, and
    the audit trail keeps the earlier period. `people` is how many of the body's people have it; who
    they are is nowhere. `confirmed_at` is when its people last said that it holds, blank where
    nobody has yet.
    """

    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="competences")
    direction = models.CharField(max_length=10, choices=Direction)
    concept = models.ForeignKey(
        Concept, on_delete=models.PROTECT, null=True, blank=True, related_name="competences"
    )
    term = models.ForeignKey(
        OwnTerm, on_delete=models.PROTECT, null=True, blank=True, related_name="competences"
    )
    level = models.PositiveSmallIntegerField(choices=Level, null=True, blank=True)
    note_it = models.TextField(blank=True)
    note_en = models.TextField(blank=True)
    people = models.PositiveIntegerField(null=True, blank=True, validators=[MinValueValidator(1)])
    visibility = models.CharField(max_length=20, choices=Visibility, default=Visibility.PUBLIC)
    origin = models.CharField(max_length=10, choices=Origin, default=Origin.MEMBER)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    due_date = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            ends_after_start("competence_ends_after_start"),
            models.CheckConstraint(
                condition=Q(concept__isnull=True, term__isnull=False)
                | Q(concept__isnull=False, term__isnull=True),
                name="competence_by_concept_or_term",
            ),
            models.UniqueConstraint(
                fields=["profile", "direction", "concept"], name="competence_once_by_concept"
            ),
            models.UniqueConstraint(
                fields=["profile", "direction", "term"], name="competence_once_by_term"
            ),
            models.CheckConstraint(
                condition=Q(direction__in=Direction.values), name="competence_direction"
            ),
            models.CheckConstraint(
                condition=Q(people__isnull=True) | Q(people__gte=1), name="competence_of_somebody"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["concept", "direction"], name="competence_by_concept")
        ]

    def __str__(self) -> str:
        return self.label

    note = Bilingual()

    def is_field_on(self, day: date) -> bool:
        """Whether it counts on `day` among the fields by which everybody finds the body.

        It is on offer, open to all, confirmed by the body's people, and in the scheme of fields.
        """
        stands = self.confirmed_at is not None and self.direction == Direction.OFFERED
        of_fields = self.concept is not None and self.concept.scheme.code == FIELDS_SCHEME
        open_to_all = self.visibility == Visibility.PUBLIC
        return stands and of_fields and open_to_all and self.holds_on(day)

    @property
    def label(self) -> str:
        """What the competence is called, in the page's language."""
        return str(self.concept or self.term)

    def freshness_on(self, day: date) -> Freshness:
        """How far it can be trusted on `day`, as of a profile."""
        return freshness(self.due_date, day)


def freshness(due_date: date | None, day: date) -> Freshness:
    """How far what is to be confirmed by `due_date` can be trusted on `day`."""
    if due_date is None:
        return Freshness.NEVER
    if day <= due_date:
        return Freshness.CONFIRMED
    grace = timedelta(days=settings.CONFIRMATION_GRACE_DAYS)
    return Freshness.DUE if day <= due_date + grace else Freshness.STALE


def fields_on(day: date) -> Q:
    """The condition on rows that equals `Competence.is_field_on`."""
    return holding_on(day) & Q(
        direction=Direction.OFFERED,
        visibility=Visibility.PUBLIC,
        confirmed_at__isnull=False,
        concept__scheme__code=FIELDS_SCHEME,
    )


class CompetenceEvidence(models.Model):
    """Something that stands behind a competence: a record of the registry, or words and a link.

    `text` repeats what a piece of equipment was called, so that it outlives a new wording there.
    """

    competence = models.ForeignKey(Competence, on_delete=models.CASCADE, related_name="evidence")
    kind = models.CharField(max_length=20, choices=EvidenceKind)
    project = models.ForeignKey(
        FundedProject, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    accreditation = models.ForeignKey(
        Accreditation, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    item = models.ForeignKey(
        ProfileItem, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    text = models.CharField(max_length=300, blank=True)
    address = models.URLField(max_length=500, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind=EvidenceKind.PROJECT, project__isnull=False)
                | Q(kind=EvidenceKind.ACCREDITATION, accreditation__isnull=False)
                | (Q(kind__in=(EvidenceKind.EQUIPMENT, EvidenceKind.OTHER)) & ~Q(text="")),
                name="evidence_of_its_kind",
            ),
            models.UniqueConstraint(
                fields=["competence", "project"], name="competence_project_once"
            ),
            models.UniqueConstraint(
                fields=["competence", "accreditation"], name="competence_accreditation_once"
            ),
            models.UniqueConstraint(fields=["competence", "item"], name="competence_item_once"),
        ]

    def __str__(self) -> str:
        return str(self.project or self.accreditation or self.item or self.text)


class Suggestion(models.Model):
    """A competence that a body may have, by its evidence or its text; a decision is kept for good.

    `score` is between 0 and 1. `reasons` holds what led to it: `projects` (pairs of id and name),
    `count` of them all, `words` of the profile's text. `competence` is what came of an acceptance.
    """

    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="suggestions")
    concept = models.ForeignKey(Concept, on_delete=models.CASCADE, related_name="+")
    origin = models.CharField(max_length=10, choices=Origin)
    score = models.FloatField()
    reasons = models.JSONField(default=dict, blank=True)
    made_at = models.DateTimeField()
    decision = models.CharField(max_length=10, choices=Decision, default=Decision.WAITING)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    competence = models.ForeignKey(
        Competence, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["profile", "concept"], name="suggested_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["profile", "decision"], name="suggestion_of_profile")
        ]

    def __str__(self) -> str:
        return str(self.concept)


class TrainingOffer(Period, Sourced):
    """A course, master, seminar or work-based place that a body offers to people.

    `valid_from` and `valid_until` are its first and last day, `apply_by` the last day to apply.
    """

    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="training")
    kind = models.CharField(max_length=20, choices=TrainingKind)
    title_it = models.CharField(max_length=300, blank=True)
    title_en = models.CharField(max_length=300, blank=True)
    description_it = models.TextField(blank=True)
    description_en = models.TextField(blank=True)
    fields = models.ManyToManyField(Concept, blank=True, related_name="training")
    hours = models.PositiveIntegerField(null=True, blank=True)
    places = models.PositiveIntegerField(null=True, blank=True)
    apply_by = models.DateField(null=True, blank=True)
    address = models.URLField(max_length=500, blank=True)
    visibility = models.CharField(max_length=20, choices=Visibility, default=Visibility.PUBLIC)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            ends_after_start("training_ends_after_start"),
            models.CheckConstraint(
                condition=~(Q(title_it="") & Q(title_en="")), name="training_has_title"
            ),
            models.CheckConstraint(condition=Q(kind__in=TrainingKind.values), name="training_kind"),
        ]

    def __str__(self) -> str:
        return self.title

    title = Bilingual()
    description = Bilingual()

    def is_over(self, day: date) -> bool:
        """Whether its last day, where it is known, is before `day`."""
        return self.valid_until is not None and self.valid_until < day

    def open_on(self, day: date) -> bool:
        """Whether one can still apply on `day`; where no last day is known, until it ends."""
        last = self.apply_by or self.valid_until
        return last is None or last >= day
