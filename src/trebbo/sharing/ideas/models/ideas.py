"""Challenges and project ideas, their steps, partners sought, readiness, readers and terms."""

from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from trebbo.ecosystem.clusters.models import Circled, Cluster
from trebbo.ecosystem.organisations.models import Profile
from trebbo.ecosystem.vocabularies.models import Concept
from trebbo.kernel.text import Bilingual
from trebbo.sharing.ideas.choices import (
    HIGHEST_TRL,
    IdeaKind,
    IdeaOutcome,
    IdeaState,
    ReadingOf,
    StepKind,
)


class ReadinessLevel(models.Model):
    """One level of a cluster's own scale of how ready a project is; the scale is its rows."""

    cluster = models.ForeignKey(Cluster, on_delete=models.CASCADE, related_name="readiness_levels")
    number = models.PositiveSmallIntegerField()
    label_it = models.CharField(max_length=200, blank=True)
    label_en = models.CharField(max_length=200, blank=True)
    is_synthetic = models.BooleanField(default=False)
    is_gone = models.BooleanField(default=False)
    """Whether the scale no longer has it; it stays for the ideas that were at it."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["cluster", "number"], name="readiness_level_once"),
            models.CheckConstraint(
                condition=~(Q(label_it="") & Q(label_en="")), name="readiness_level_has_label"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.label}"

    label = Bilingual()


class Idea(Circled):
    """A challenge or a project idea of a body, kept by a person, checked by a cluster's office.

    Title and text are for the circle of the text. Readers of the teaser have the teaser with its
    own title, and who asks only where `names_owner`. `deadline_at` is the last moment for answers;
    amounts are in euro. `version` grows with the words, so that who saves second is told.
    """

    kind = models.CharField(max_length=10, choices=IdeaKind)
    state = models.CharField(max_length=10, choices=IdeaState, default=IdeaState.DRAFT)
    body = models.ForeignKey(Profile, on_delete=models.PROTECT, related_name="ideas")
    keeper = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    broker = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="+")
    title_it = models.CharField(max_length=200, blank=True)
    title_en = models.CharField(max_length=200, blank=True)
    text_it = models.TextField(blank=True)
    text_en = models.TextField(blank=True)
    good_answer_it = models.TextField(blank=True)
    good_answer_en = models.TextField(blank=True)
    teaser_title_it = models.CharField(max_length=120, blank=True)
    teaser_title_en = models.CharField(max_length=120, blank=True)
    teaser_it = models.CharField(max_length=300, blank=True)
    teaser_en = models.CharField(max_length=300, blank=True)
    names_owner = models.BooleanField(default=True)
    fields = models.ManyToManyField(Concept, blank=True, related_name="ideas")
    reward_it = models.CharField(max_length=300, blank=True)
    reward_en = models.CharField(max_length=300, blank=True)
    budget = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    funding_sought = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    trl = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(HIGHEST_TRL)]
    )
    readiness = models.ForeignKey(
        ReadinessLevel, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    deadline_at = models.DateTimeField(null=True, blank=True)
    expires_date = models.DateField(null=True, blank=True)
    reminded_for = models.DateField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    since = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=20, choices=IdeaOutcome, blank=True)
    outcome_reason = models.CharField(max_length=500, blank=True)
    official_answer = models.TextField(blank=True)
    official_at = models.DateTimeField(null=True, blank=True)
    terms_version = models.PositiveIntegerField(default=0)
    """The version of the terms that readers accept before the text; 0 where there are none."""
    is_synthetic = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta(Circled.Meta):
        constraints: ClassVar = [
            *Circled.Meta.constraints,
            models.CheckConstraint(condition=Q(kind__in=IdeaKind.values), name="idea_kind"),
            models.CheckConstraint(condition=Q(state__in=IdeaState.values), name="idea_state"),
            models.CheckConstraint(
                condition=~(Q(title_it="") & Q(title_en="")), name="idea_has_title"
            ),
            models.CheckConstraint(
                condition=Q(trl__isnull=True) | Q(trl__range=(1, HIGHEST_TRL)), name="idea_trl"
            ),
            models.CheckConstraint(
                condition=(Q(state=IdeaState.CLOSED) & ~Q(outcome=""))
                | (~Q(state=IdeaState.CLOSED) & Q(outcome="")),
                name="closed_idea_has_outcome",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "expires_date"], name="idea_expiry"),
            models.Index(fields=["broker", "state"], name="idea_of_broker"),
        ]

    def __str__(self) -> str:
        # The audit trail is read by people who may not read the idea.
        return _("Idea %(number)s") % {"number": self.pk}

    title = Bilingual()
    text = Bilingual()
    good_answer = Bilingual()
    teaser_title = Bilingual()
    teaser = Bilingual()
    reward = Bilingual()

    @property
    def heading(self) -> str:
        """What those who may read only the teaser see it called."""
        return self.teaser_title or self.mark

    @property
    def mark(self) -> str:
        """Its kind and number: what those who may not see it any more know of it."""
        return f"{self.get_kind_display()} {self.pk}"

    def get_absolute_url(self) -> str:
        """The idea's page."""
        return reverse("idea", args=[self.pk])


class IdeaStep(models.Model):
    """Something that happened to an idea, with the moment and who did it."""

    idea = models.ForeignKey(Idea, on_delete=models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=12, choices=StepKind)
    at = models.DateTimeField()
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    label = models.CharField(max_length=200, blank=True)
    note = models.CharField(max_length=1000, blank=True)

    class Meta:
        ordering: ClassVar = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.at:%Y-%m-%d}"


class PartnerSought(models.Model):
    """A role in the team for which a project idea, or a challenge, looks for somebody."""

    idea = models.ForeignKey(Idea, on_delete=models.CASCADE, related_name="partners_sought")
    role_it = models.CharField(max_length=200, blank=True)
    role_en = models.CharField(max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["position", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~(Q(role_it="") & Q(role_en="")), name="partner_has_role"
            ),
        ]

    def __str__(self) -> str:
        return self.role

    role = Bilingual()


class IdeaTerms(models.Model):
    """A version of the terms of confidentiality that readers of an idea accept."""

    idea = models.ForeignKey(Idea, on_delete=models.CASCADE, related_name="terms")
    version = models.PositiveIntegerField()
    text_it = models.TextField(blank=True)
    text_en = models.TextField(blank=True)
    written_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["idea", "version"], name="terms_version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.idea} · {self.version}"

    text = Bilingual()


class TermsAcceptance(models.Model):
    """A person accepted a version of the terms, at a moment, perhaps for the bodies they act for.

    `text` is what they had before them, in the language in which they read it.
    """

    terms = models.ForeignKey(IdeaTerms, on_delete=models.PROTECT, related_name="acceptances")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    label = models.CharField(max_length=200)
    bodies = models.CharField(max_length=1000, blank=True)
    text = models.TextField()
    language = models.CharField(max_length=2)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["terms", "person"], name="terms_accepted_once"),
        ]

    def __str__(self) -> str:
        return self.label


class IdeaReader(models.Model):
    """A person named as a reader of the whole text."""

    idea = models.ForeignKey(Idea, on_delete=models.CASCADE, related_name="readers")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    named_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["idea", "person"], name="idea_reader_once"),
        ]

    def __str__(self) -> str:
        return str(self.person)


class IdeaReading(models.Model):
    """A person had the whole text of an idea, or one of its files, before them.

    Of a visitor, who may read where everybody may, nothing is kept.
    """

    idea = models.ForeignKey(Idea, on_delete=models.CASCADE, related_name="readings")
    what = models.CharField(max_length=10, choices=ReadingOf, default=ReadingOf.TEXT)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    label = models.CharField(max_length=200)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    times = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["idea", "what", "person"], name="idea_read_once"),
        ]

    def __str__(self) -> str:
        return self.label
