"""Introductions with their steps, links and messages; readers, silence and contacts of people."""

import uuid
from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from trebbo.ecosystem.organisations.models import Profile
from trebbo.partnering.introductions.choices import (
    ASKS_OUTCOME,
    CONTACTS_SHARED,
    ONE_DAY,
    OPEN,
    OUTCOME_DAYS,
    STAGES,
    DeclineReason,
    IntroductionState,
    LinkPurpose,
    OutcomeKind,
    Side,
    Stage,
    StepKind,
)
from trebbo.partnering.introductions.models.asks import Ask

LANGUAGES = ("it", "en")


class Introduction(models.Model):
    """Who asks is to meet somebody of a body on the shortlist.

    `owner` looks after it: the broker, or who keeps the ask. `contact` is who is asked, with or
    without an account. `since` is when the state began; `due_at` is when the next step is due, and
    `clock_at` when the clock next does something: reminds, tells the owner, lets it expire, asks
    for the outcome. `version` grows with each change, so that the second of two who decide at once
    is told.
    """

    ask = models.ForeignKey(Ask, on_delete=models.PROTECT, related_name="introductions")
    profile = models.ForeignKey(
        Profile, on_delete=models.SET_NULL, null=True, related_name="introductions"
    )
    profile_name = models.CharField(max_length=300)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    state = models.CharField(
        max_length=20, choices=IntroductionState, default=IntroductionState.DRAFT
    )
    since = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    clock_at = models.DateTimeField(null=True, blank=True)
    nudged_at = models.DateTimeField(null=True, blank=True)
    escalated_at = models.DateTimeField(null=True, blank=True)
    words = models.TextField(blank=True)
    contact = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="introductions",
    )
    contact_name = models.CharField(max_length=150, blank=True)
    contact_email = models.EmailField(blank=True)
    contact_language = models.CharField(max_length=2, default="it")
    decline_reason = models.CharField(max_length=20, choices=DeclineReason, blank=True)
    decline_words = models.TextField(blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    meeting_at = models.DateTimeField(null=True, blank=True)
    meeting_place = models.CharField(max_length=300, blank=True)
    meeting_changes = models.PositiveSmallIntegerField(default=0)
    outcomes_asked = models.PositiveSmallIntegerField(default=0)
    outcome_asked_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=20, choices=OutcomeKind, blank=True)
    outcome_words = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["ask", "profile"],
                condition=Q(state__in=OPEN),
                name="one_open_introduction",
            ),
            models.CheckConstraint(
                condition=Q(state__in=IntroductionState.values), name="introduction_state"
            ),
            models.CheckConstraint(
                condition=(Q(state=IntroductionState.DECLINED) & ~Q(decline_reason=""))
                | (~Q(state=IntroductionState.DECLINED) & Q(decline_reason="")),
                name="only_declined_has_a_reason",
            ),
            models.CheckConstraint(
                condition=(Q(state=IntroductionState.LED_TO) & ~Q(outcome=""))
                | (~Q(state=IntroductionState.LED_TO) & Q(outcome="")),
                name="only_led_to_has_an_outcome",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=CONTACTS_SHARED) | Q(accepted_at__isnull=False),
                name="accepted_at_a_moment",
            ),
            models.CheckConstraint(
                condition=Q(asked_at__isnull=False)
                | ~Q(state__in=[*CONTACTS_SHARED, IntroductionState.ASKED]),
                name="asked_at_a_moment",
            ),
            models.CheckConstraint(
                condition=Q(clock_at__isnull=True) | Q(state__in=OPEN),
                name="clock_only_while_open",
            ),
            models.CheckConstraint(
                condition=Q(contact_language__in=LANGUAGES), name="introduction_language"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["clock_at"],
                condition=Q(clock_at__isnull=False),
                name="introduction_clock",
            ),
            models.Index(fields=["state", "due_at"], name="introduction_board"),
            models.Index(fields=["state", "since"], name="introduction_since"),
            models.Index(fields=["profile", "-changed_at"], name="introduction_of_body"),
            models.Index(fields=["contact", "-changed_at"], name="introduction_of_contact"),
            models.Index(fields=["profile", "asked_at"], name="introduction_asked"),
        ]

    def __str__(self) -> str:
        return _("Introduction %(number)s to %(name)s") % {
            "number": self.pk,
            "name": self.profile_name,
        }

    def get_absolute_url(self) -> str:
        """The introduction's page."""
        return reverse("introduction", args=[self.pk])

    @property
    def stage(self) -> Stage:
        """What holds in the present state."""
        return STAGES[IntroductionState(self.state)]

    @property
    def is_open(self) -> bool:
        """Whether something is still to come."""
        return self.state in OPEN

    @property
    def clock_start(self) -> datetime:
        """From when the days of the state count; a meeting ahead puts them off until after it."""
        if self.state != IntroductionState.ACCEPTED or self.meeting_at is None:
            return self.since
        first_days = self.stage.clock[0][0]
        return max(self.since, self.meeting_at + timedelta(days=1 - first_days))

    @property
    def next_tick(self) -> tuple[datetime, StepKind] | None:
        """When the clock next does something here, and what; None where it has nothing to do.

        What is late, since the clock stood still, comes one day after what comes before it.
        """
        done = {StepKind.NUDGED: self.nudged_at, StepKind.ESCALATED: self.escalated_at}
        ticks, before = [], None
        for days, kind in self.stage.clock:
            if done.get(kind) is None:
                at = self.clock_start + timedelta(days=days)
                ticks.append((max(at, before + ONE_DAY) if before else at, kind))
                break
            before = done[kind]
        if self.state in ASKS_OUTCOME and self.outcomes_asked < len(OUTCOME_DAYS):
            at = (self.accepted_at or self.since) + timedelta(
                days=OUTCOME_DAYS[self.outcomes_asked]
            )
            before = self.outcome_asked_at
            ticks.append((max(at, before + ONE_DAY) if before else at, StepKind.OUTCOME_ASKED))
        return min(ticks, default=None)

    @property
    def contacts_are_shared(self) -> bool:
        """Whether both agreed, and each knows how to reach the other."""
        return self.state in CONTACTS_SHARED


class IntroductionStep(models.Model):
    """Something that happened to an introduction; its page tells them in order.

    `side` says for whom somebody answered; `label` names who did it, also without an account.
    """

    introduction = models.ForeignKey(Introduction, on_delete=models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=20, choices=StepKind)
    at = models.DateTimeField()
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    side = models.CharField(max_length=10, choices=Side, blank=True)
    label = models.CharField(max_length=150, blank=True)
    words = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=StepKind.values), name="step_kind"),
        ]
        indexes: ClassVar = [models.Index(fields=["at"], name="step_at")]

    def __str__(self) -> str:
        return self.get_kind_display()


GOOD_LINK = Q(used_at__isnull=True, revoked_at__isnull=True)
"""Neither used nor ended; it may be too old."""


class AnswerLink(models.Model):
    """A link in a mail by which one side answers once, without signing in.

    The mail carries `key`, signed for the purpose. Opening it is counted and changes nothing else;
    using it ends it, and so does whatever ends the question that it answers.
    """

    introduction = models.ForeignKey(Introduction, on_delete=models.CASCADE, related_name="links")
    purpose = models.CharField(max_length=10, choices=LinkPurpose)
    side = models.CharField(max_length=10, choices=Side)
    key = models.UUIDField(unique=True, default=uuid.uuid4)
    email = models.EmailField()
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True, blank=True)
    times_opened = models.PositiveIntegerField(default=0)
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(used_at__isnull=True) | Q(revoked_at__isnull=True),
                name="link_used_or_revoked",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("made_at")), name="link_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return self.get_purpose_display()


class RelayedMessage(models.Model):
    """What one side wrote to the other by the relay address: passed on once, without its files.

    `message_id` is that of the mail as it came in; `left_out` says which files were not passed on.
    """

    introduction = models.ForeignKey(
        Introduction, on_delete=models.CASCADE, related_name="messages"
    )
    side = models.CharField(max_length=10, choices=Side)
    message_id = models.CharField(max_length=300)
    text = models.TextField()
    left_out = models.JSONField(default=list)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["introduction", "message_id"], name="relayed_once"),
        ]

    def __str__(self) -> str:
        return f"{self.introduction}: {self.get_side_display()}"


class AskReader(models.Model):
    """A person who may read the whole text of an ask, by name."""

    ask = models.ForeignKey(Ask, on_delete=models.CASCADE, related_name="readers")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    named_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    named_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["ask", "person"], name="reader_named_once"),
        ]

    def __str__(self) -> str:
        return str(self.person)


class AskReading(models.Model):
    """Somebody had the whole text of an ask before them: a person, or an address without one."""

    ask = models.ForeignKey(Ask, on_delete=models.CASCADE, related_name="readings")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    email = models.EmailField(blank=True)
    label = models.CharField(max_length=150)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    times = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["ask", "email"], name="reading_once_for_each"),
        ]

    def __str__(self) -> str:
        return self.label


class IntroductionPreference(models.Model):
    """How a person wishes to be asked: not at all, or a few times a month; without one: freely."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="introduction_preference",
    )
    is_silent = models.BooleanField(default=False)
    most_a_month = models.PositiveSmallIntegerField(null=True, blank=True)
    not_for = models.ManyToManyField(Profile, blank=True, related_name="+")
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.person)


class MemberContact(models.Model):
    """Somebody of an office spoke with a body: a call, a visit, a word after a meeting."""

    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="office_contacts")
    contact_date = models.DateField()
    words = models.CharField(max_length=500, blank=True)
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    noted_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["profile", "-contact_date"], name="member_contact_last")
        ]

    def __str__(self) -> str:
        return f"{self.profile}: {self.contact_date}"
