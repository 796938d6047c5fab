"""What open data says: imports, funded projects, bodies, participations; links and statements."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from trebbo.ecosystem.clusters.models import Cluster
from trebbo.ecosystem.evidence.choices import (
    ACTIVITIES,
    PUBLISHERS,
    REGISTER_PAGES,
    SETTLED,
    BodyScheme,
    Dataset,
    ImportStage,
    ImportState,
    LinkState,
    ParticipationRole,
    Verdict,
)
from trebbo.ecosystem.organisations.models import Profile
from trebbo.ecosystem.vocabularies.models import Concept


class Import(models.Model):
    """One edition of a dataset on its way into the registry, or in it.

    The rows it brought are seen only once it is published; `is_present` marks the edition that
    they follow. `snapshot` names its tables in the warehouse. `problem` is a code, with the facts
    that its words need.
    """

    dataset = models.CharField(max_length=40, choices=Dataset, blank=True)
    file_name = models.CharField(max_length=255)
    path = models.CharField(max_length=1000)
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    edition_date = models.DateField(null=True, blank=True)
    snapshot = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=20, choices=ImportState, default=ImportState.WAITING)
    stage = models.CharField(max_length=20, choices=ImportStage, default=ImportStage.RECOGNISE)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(default=0)
    counts = models.JSONField(default=dict)
    problem = models.CharField(max_length=60, blank=True)
    problem_facts = models.JSONField(default=dict)
    stop_asked = models.BooleanField(default=False)
    allow_older = models.BooleanField(default=False)
    """Whether it may take the place of an edition that is newer."""
    is_present = models.BooleanField(default=False)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True, blank=True)
    """When the process that carries it out last gave a sign of life."""
    process = models.CharField(max_length=120, blank=True)
    """Which process carries it out: the machine's name, its number there, and a word of its own."""
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["dataset"], condition=Q(is_present=True), name="one_present_edition"
            ),
            models.UniqueConstraint(
                fields=["dataset"],
                condition=Q(state=ImportState.RUNNING) & ~Q(dataset=""),
                name="one_running_import",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["-created_at"], name="newest_imports")]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.get_state_display()})"

    def get_absolute_url(self) -> str:
        """The import's page."""
        return reverse("import", args=[self.pk])


class Record(models.Model):
    """A row of an official dataset: when it came, when it last changed, whether it is gone."""

    first_import = models.ForeignKey(
        Import, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    last_import = models.ForeignKey(
        Import, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    """The import that brought the row as it is now."""
    gone_import = models.ForeignKey(
        Import,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    """The import in whose edition the row was no longer there."""

    class Meta:
        abstract = True


class FundedProject(Record):
    """A project with public funding, as its official record says; money in euro."""

    dataset = models.CharField(max_length=40, choices=Dataset)
    key = models.CharField(max_length=80)
    acronym = models.CharField(max_length=120, blank=True)
    title = models.CharField(max_length=1000, blank=True)
    objective = models.TextField(blank=True)
    status = models.CharField(max_length=40, blank=True)
    start_date = models.DateField(null=True, blank=True)
    end_date = models.DateField(null=True, blank=True)
    signature_date = models.DateField(null=True, blank=True)
    total_cost = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True)
    contribution = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True)
    programme = models.CharField(max_length=200, blank=True)
    scheme = models.CharField(max_length=200, blank=True)
    legal_basis = models.CharField(max_length=300, blank=True)
    topic = models.CharField(max_length=120, blank=True)
    topic_title = models.CharField(max_length=500, blank=True)
    keywords = models.TextField(blank=True)
    website = models.CharField(max_length=1000, blank=True)
    fields = models.ManyToManyField(Concept, blank=True, related_name="funded_projects")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["dataset", "key"], name="project_once_in_dataset")
        ]

    def __str__(self) -> str:
        return self.acronym or self.title or self.key

    def get_absolute_url(self) -> str:
        """The project's page."""
        return reverse("funded_project", args=[self.pk])

    @property
    def record_url(self) -> str:
        """The address of the official record."""
        return PUBLISHERS[Dataset(self.dataset)].record.format(key=self.key)


class Body(Record):
    """A body as open data knows it, by its key in a register; it may be in the registry or not.

    The last four columns sum up its participations, so that lists need not count.
    """

    scheme = models.CharField(max_length=20, choices=BodyScheme)
    key = models.CharField(max_length=40)
    name = models.CharField(max_length=500)
    short_name = models.CharField(max_length=200, blank=True)
    vat_number = models.CharField(max_length=40, blank=True)
    tax_code = models.CharField(max_length=40, blank=True)
    activity = models.CharField(max_length=20, blank=True)
    """As the dataset codes it: HES, PRC, REC, PUB, OTH in CORDIS; the type in ROR."""
    is_sme = models.BooleanField(null=True, blank=True)
    country = models.CharField(max_length=2, blank=True)
    nuts = models.CharField(max_length=10, blank=True)
    town = models.CharField(max_length=200, blank=True)
    postcode = models.CharField(max_length=40, blank=True)
    address = models.CharField(max_length=500, blank=True)
    website = models.CharField(max_length=500, blank=True)
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    projects = models.PositiveIntegerField(default=0)
    first_year = models.PositiveSmallIntegerField(null=True, blank=True)
    last_year = models.PositiveSmallIntegerField(null=True, blank=True)
    contribution = models.DecimalField(max_digits=16, decimal_places=2, default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["scheme", "key"], name="body_once_in_register")
        ]
        indexes: ClassVar = [models.Index(fields=["country", "nuts"], name="body_place")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The body's page."""
        return reverse("body", args=[self.scheme, self.key])

    @property
    def register_url(self) -> str:
        """The address of its page in its register; blank where there is none."""
        return REGISTER_PAGES.get(BodyScheme(self.scheme), "").format(key=self.key)

    @property
    def activity_words(self) -> str:
        """What the dataset says the body is, in words."""
        return str(ACTIVITIES.get(self.activity, self.activity))


class Participation(Record):
    """A body's part in a funded project; money in euro.

    `profile` is whose it is in the registry: it follows from the links and from what members said
    (`actions.attribution`), and is kept here so that pages need not work it out.
    """

    project = models.ForeignKey(
        FundedProject,
        on_delete=models.CASCADE,
        related_name="participations",
        db_index=False,  # it leads the constraint below
    )
    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="participations")
    role = models.CharField(max_length=20, choices=ParticipationRole)
    position = models.PositiveIntegerField(default=0)
    contribution = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True)
    total_cost = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True)
    is_ended = models.BooleanField(default=False)
    """Whether the body left before the project's end."""
    profile = models.ForeignKey(
        Profile, on_delete=models.SET_NULL, null=True, blank=True, related_name="participations"
    )
    given_to = models.ForeignKey(
        Profile, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    """Whose an office said it is, where the body's name stands for several."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["project", "body", "role"], name="participation_once_in_role"
            )
        ]

    def __str__(self) -> str:
        return f"{self.body} · {self.project}"


class RecordChange(models.Model):
    """What a newer edition changed in a row that was there already: field → [old, new]."""

    project = models.ForeignKey(FundedProject, on_delete=models.CASCADE, related_name="changes")
    body = models.ForeignKey(Body, on_delete=models.CASCADE, null=True, blank=True)
    """The participant, where the change is in its part; else the project itself changed."""
    made_by = models.ForeignKey(Import, on_delete=models.PROTECT, related_name="+")
    changes = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.project}: {', '.join(self.changes)}"


class Link(models.Model):
    """A body of the evidence is, or may be, a profile of the registry or another register's body.

    `reasons` lists, strongest first, each comparison with its level, what stood on both sides and
    its weight in bits; `probability` is calibrated. A decision stays whatever is imported later.
    """

    body = models.ForeignKey(Body, on_delete=models.CASCADE, related_name="links")
    profile = models.ForeignKey(
        Profile, on_delete=models.CASCADE, null=True, blank=True, related_name="links"
    )
    same_body = models.ForeignKey(
        Body, on_delete=models.CASCADE, null=True, blank=True, related_name="same_links"
    )
    state = models.CharField(max_length=20, choices=LinkState, default=LinkState.PROPOSED)
    probability = models.FloatField()
    reasons = models.JSONField(default=list)
    model = models.CharField(max_length=60, blank=True)
    """The version of the linkage model that gave the probability."""
    found_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(profile__isnull=False, same_body__isnull=True)
                | Q(profile__isnull=True, same_body__isnull=False),
                name="link_has_two_ends",
            ),
            models.CheckConstraint(
                condition=Q(probability__gte=0, probability__lte=1), name="link_probability"
            ),
            models.CheckConstraint(condition=~Q(body=F("same_body")), name="link_not_to_itself"),
            models.UniqueConstraint(fields=["body", "profile"], name="link_once"),
            models.UniqueConstraint(fields=["body", "same_body"], name="same_link_once"),
            models.UniqueConstraint(
                fields=["body"],
                condition=Q(state__in=[state.value for state in SETTLED], profile__isnull=False),
                name="body_is_one_profile",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["state", "-probability"], name="link_queue")]

    def __str__(self) -> str:
        return f"{self.body} = {self.profile or self.same_body} ({self.get_state_display()})"

    @property
    def percent(self) -> int:
        """The probability in whole per cents, never rounded up to certainty."""
        return int(self.probability * 100)


class Statement(models.Model):
    """What a member says of a participation or of a field that the evidence gives it.

    A correction is theirs: it stands beside the official row, whatever later editions say.
    For a participation it may name another role or amount, add a note, or give the part to one of
    the member's own units (`done_by`); for a field it names the right one (`instead`).
    """

    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="statements")
    participation = models.ForeignKey(
        Participation, on_delete=models.CASCADE, null=True, blank=True, related_name="statements"
    )
    concept = models.ForeignKey(
        Concept, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    verdict = models.CharField(max_length=20, choices=Verdict)
    role = models.CharField(max_length=20, choices=ParticipationRole, blank=True)
    contribution = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True)
    done_by = models.ForeignKey(
        Profile, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    instead = models.ForeignKey(
        Concept, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    note = models.CharField(max_length=500, blank=True)
    said_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    said_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(participation__isnull=False, concept__isnull=True)
                | Q(participation__isnull=True, concept__isnull=False),
                name="statement_of_one_fact",
            ),
            models.UniqueConstraint(
                fields=["profile", "participation"], name="one_word_on_participation"
            ),
            models.UniqueConstraint(fields=["profile", "concept"], name="one_word_on_field"),
        ]

    def __str__(self) -> str:
        return f"{self.profile}: {self.get_verdict_display()}"


class ClusterSummary(models.Model):
    """What a cluster's members did together and with whom outside, worked out by a job."""

    cluster = models.OneToOneField(Cluster, on_delete=models.CASCADE, related_name="evidence")
    worked_out_at = models.DateTimeField()
    figures = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.cluster}: {self.worked_out_at:%Y-%m-%d}"
