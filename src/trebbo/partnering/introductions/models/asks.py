"""Kept asks with their shortlists and feedback; what bodies and offices wish of the ranking."""

from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from trebbo.ecosystem.clusters.models import Circled, Cluster, Network
from trebbo.ecosystem.evidence.models import Body
from trebbo.ecosystem.organisations.models import Profile
from trebbo.partnering.introductions.choices import (
    AskLanguage,
    DropReason,
    EntryStanding,
    FeedbackKind,
    FloorGroup,
)
from trebbo.sharing.ideas.models import Idea


def exactly_one(name: str, first: str, second: str) -> models.CheckConstraint:
    """Either the one or the other is given, never both."""
    return models.CheckConstraint(
        condition=Q(**{f"{first}__isnull": True, f"{second}__isnull": False})
        | Q(**{f"{first}__isnull": False, f"{second}__isnull": True}),
        name=name,
    )


class Ask(Circled):
    """A need in plain words with its wishes, kept by a person, perhaps on behalf of a body.

    `wishes` are what the question narrows by: facet to list of values, and extras.
    `version` grows with the text and the wishes, `shortlist_version` with the shortlist, so that
    the second of two people who save at once is told.

    An ask of an `idea` looks for who could answer it. Its text is the idea's: who may read that is
    said there, so it is opened to no circle of its own, and its title is what the idea's heading
    shows.
    """

    text = models.TextField()
    language = models.CharField(max_length=2, choices=AskLanguage, blank=True)
    wishes = models.JSONField(default=dict, blank=True)
    title = models.CharField(max_length=120)
    asker = models.ForeignKey(
        Profile, on_delete=models.SET_NULL, null=True, blank=True, related_name="asks"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    version = models.PositiveIntegerField(default=1)
    shortlist_version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    ran_at = models.DateTimeField(null=True, blank=True)
    ranking = models.CharField(max_length=60, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    teaser = models.CharField(max_length=300, blank=True)
    idea = models.ForeignKey(
        Idea, on_delete=models.SET_NULL, null=True, blank=True, related_name="asks"
    )

    class Meta(Circled.Meta):
        constraints: ClassVar = [
            *Circled.Meta.constraints,
            models.UniqueConstraint(
                fields=["idea"],
                condition=Q(closed_at__isnull=True),
                name="one_open_ask_of_an_idea",
            ),
        ]

    def __str__(self) -> str:
        # The audit trail is read by people who may not read the need.
        return _("Ask %(number)s") % {"number": self.pk}

    def get_absolute_url(self) -> str:
        """The ask's page."""
        return reverse("kept_ask", args=[self.pk])


class AskShare(models.Model):
    """An ask is open to a broker: the office of a cluster, or the agency of a network."""

    ask = models.ForeignKey(Ask, on_delete=models.CASCADE, related_name="shares")
    cluster = models.ForeignKey(
        Cluster, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    network = models.ForeignKey(
        Network, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    shared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    shared_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            exactly_one("ask_shared_with_one_broker", "cluster", "network"),
            models.UniqueConstraint(fields=["ask", "cluster"], name="ask_shared_once_with_cluster"),
            models.UniqueConstraint(fields=["ask", "network"], name="ask_shared_once_with_network"),
        ]

    def __str__(self) -> str:
        return str(self.cluster or self.network)


class Listed(models.Model):
    """A body in the light of an ask: a profile of the registry, or one that open data knows."""

    profile = models.ForeignKey(
        Profile, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    body = models.ForeignKey(
        Body, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """What the body is called."""
        return str(self.profile or self.body)


class ShortlistEntry(Listed):
    """One body on the shortlist of an ask, or dropped from it.

    Bodies on the list are numbered from 1 by `position`; a dropped one remembers its place.
    `engine_rank` and `score` are those of the last run; blank where it did not find the body.
    """

    ask = models.ForeignKey(Ask, on_delete=models.CASCADE, related_name="entries")
    position = models.PositiveIntegerField()
    standing = models.CharField(
        max_length=20, choices=EntryStanding, default=EntryStanding.PROPOSED
    )
    note = models.TextField(blank=True)
    engine_rank = models.PositiveIntegerField(null=True, blank=True)
    score = models.FloatField(null=True, blank=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    changed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            exactly_one("entry_of_one_body", "profile", "body"),
            models.UniqueConstraint(fields=["ask", "profile"], name="entry_once_profile"),
            models.UniqueConstraint(fields=["ask", "body"], name="entry_once_body"),
        ]
        indexes: ClassVar = [models.Index(fields=["ask", "position"], name="entry_place")]


class Feedback(Listed):
    """What a person thought of a body for an ask: kept for the next training of the ranking.

    `features` is what the ranking knew of the body at that moment.
    """

    ask = models.ForeignKey(Ask, on_delete=models.CASCADE, related_name="feedback")
    kind = models.CharField(max_length=20, choices=FeedbackKind)
    reason = models.CharField(max_length=20, choices=DropReason, blank=True)
    from_position = models.PositiveIntegerField(null=True, blank=True)
    to_position = models.PositiveIntegerField(null=True, blank=True)
    features = models.JSONField(default=dict, blank=True)
    said_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    said_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            exactly_one("feedback_on_one_body", "profile", "body"),
            models.CheckConstraint(
                condition=Q(reason="") | Q(kind=FeedbackKind.DROPPED),
                name="only_dropping_has_a_reason",
            ),
        ]


class KeptApart(models.Model):
    """Neither of two bodies is shown to the other in asks: one of them said so of a competitor."""

    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="kept_apart")
    other = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="+")
    said_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    said_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["profile", "other"], name="kept_apart_once"),
            models.CheckConstraint(condition=~Q(profile=F("other")), name="never_from_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.profile} | {self.other}"


class AskingPreference(models.Model):
    """How a body wishes to be asked: not at all, not before a day, or a few times a month."""

    profile = models.OneToOneField(
        Profile, on_delete=models.CASCADE, related_name="asking_preference"
    )
    is_silent = models.BooleanField(default=False)
    no_capacity_until = models.DateField(null=True, blank=True)
    most_a_month = models.PositiveSmallIntegerField(null=True, blank=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.profile)


class FairnessFloor(models.Model):
    """The least share, in percent, of the first ten places that a group is to have.

    `value` is the code of the province, blank for other groups.
    """

    cluster = models.ForeignKey(
        Cluster, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    network = models.ForeignKey(
        Network, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    group = models.CharField(max_length=20, choices=FloorGroup)
    value = models.CharField(max_length=10, blank=True)
    share = models.PositiveSmallIntegerField(validators=[MaxValueValidator(100)])

    class Meta:
        constraints: ClassVar = [
            exactly_one("floor_of_one_office", "cluster", "network"),
            models.UniqueConstraint(
                fields=["cluster", "group", "value"], name="floor_once_cluster"
            ),
            models.UniqueConstraint(
                fields=["network", "group", "value"], name="floor_once_network"
            ),
            models.CheckConstraint(condition=Q(share__range=(0, 100)), name="floor_in_percent"),
            models.CheckConstraint(
                condition=(Q(group=FloorGroup.PROVINCE) & ~Q(value=""))
                | (~Q(group=FloorGroup.PROVINCE) & Q(value="")),
                name="only_provinces_have_a_code",
            ),
        ]

    def __str__(self) -> str:
        words = f"{self.get_group_display()} {self.value}".strip()
        return f"{words}: {self.share}%"


class TrainedRanking(models.Model):
    """A ranking learned from real consortia and from feedback, with what it was learned on.

    `schema` numbers the features it expects; `problem` says why it cannot be used, if so.
    """

    schema = models.PositiveIntegerField()
    trained_at = models.DateTimeField()
    data = models.JSONField(default=dict, blank=True)
    scores = models.JSONField(default=dict, blank=True)
    booster = models.TextField(blank=True)
    weights = models.JSONField(default=dict, blank=True)
    is_present = models.BooleanField(default=False)
    problem = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["is_present"], condition=Q(is_present=True), name="one_present_ranking"
            )
        ]

    def __str__(self) -> str:
        return f"{self.trained_at:%Y-%m-%d %H:%M}"


class MatchingTable(models.Model):
    """A table that the matching reads at once, as it was written; `stamp` grows when it changes."""

    name = models.SlugField(unique=True)
    stamp = models.PositiveBigIntegerField()
    content = models.BinaryField()
    written_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
