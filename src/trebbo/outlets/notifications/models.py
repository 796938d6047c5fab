"""What people are told and how they wish it, and the queue of mail that is sent once."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from trebbo.outlets.notifications.choices import (
    Frequency,
    MailState,
    NoticeState,
    Topic,
)

LANGUAGES = ("it", "en")


class MailPreference(models.Model):
    """How often a person wants mail, and about what not; without one: each, about everything."""

    person = models.OneToOneField(
        "accounts.Person",
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="mail_preference",
    )
    frequency = models.CharField(max_length=10, choices=Frequency, default=Frequency.EACH)
    topics_off = models.JSONField(default=list)
    changed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(frequency__in=Frequency.values), name="mail_preference_frequency"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_frequency_display()}"


class OptOut(models.Model):
    """An address without an account that wants no more mail."""

    email = models.EmailField(unique=True)
    since = models.DateTimeField()

    def __str__(self) -> str:
        return self.email


class OutgoingMail(models.Model):
    """A mail on its way, or arrived, or given up.

    Whoever sends it holds a lease on it: a random key, until a moment. `handing_over` is written
    just before the server can take the mail; whoever finds it so later cannot know whether the
    server did.
    """

    to_email = models.EmailField()
    language = models.CharField(max_length=2, default="it")
    subject = models.CharField(max_length=300)
    text = models.TextField()
    html = models.TextField()
    calendar = models.BinaryField(null=True)
    message_id = models.CharField(max_length=200, unique=True)
    reply_to = models.EmailField(blank=True)
    headers = models.JSONField(default=dict)
    state = models.CharField(max_length=20, choices=MailState, default=MailState.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    last_error = models.TextField(blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    lease = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=MailState.values), name="mail_state"),
            models.CheckConstraint(condition=Q(language__in=LANGUAGES), name="mail_language"),
            models.CheckConstraint(
                condition=Q(lease__isnull=True, leased_until__isnull=True)
                | Q(lease__isnull=False, leased_until__isnull=False),
                name="mail_lease_has_an_end",
            ),
            models.CheckConstraint(
                condition=Q(lease__isnull=True)
                | Q(state__in=[MailState.WAITING, MailState.HANDING_OVER]),
                name="mail_leased_on_its_way",
            ),
            models.CheckConstraint(
                condition=~Q(state=MailState.HANDING_OVER) | Q(lease__isnull=False),
                name="mail_handed_over_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state=MailState.SENT) | Q(sent_at__isnull=False),
                name="mail_sent_at_a_moment",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["next_try_at", "id"],
                condition=Q(state=MailState.WAITING),
                name="mail_queue",
            ),
            models.Index(
                fields=["leased_until"],
                condition=Q(state=MailState.HANDING_OVER),
                name="mail_being_handed_over",
            ),
            models.Index(fields=["state", "-created_at"], name="mail_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.to_email}: {self.subject}"


class Notice(models.Model):
    """One fact for one recipient: the database lets it be told once, ever."""

    person = models.ForeignKey(
        "accounts.Person", on_delete=models.SET_NULL, null=True, related_name="notices"
    )
    email = models.EmailField()
    name = models.CharField(max_length=150, blank=True)
    language = models.CharField(max_length=2)
    topic = models.CharField(max_length=20, choices=Topic)
    fact = models.CharField(max_length=200)
    subject = models.CharField(max_length=300)
    text = models.TextField()
    html = models.TextField(blank=True)
    url = models.CharField(max_length=2_000, blank=True)
    calendar = models.BinaryField(null=True)
    reply_to = models.EmailField(blank=True)
    is_urgent = models.BooleanField(default=False)
    state = models.CharField(max_length=20, choices=NoticeState)
    created_at = models.DateTimeField()
    mail = models.ForeignKey(
        OutgoingMail, on_delete=models.SET_NULL, null=True, related_name="notices"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["fact", "email"], name="notice_told_once"),
            models.CheckConstraint(condition=Q(topic__in=Topic.values), name="notice_topic"),
            models.CheckConstraint(condition=Q(language__in=LANGUAGES), name="notice_language"),
            models.CheckConstraint(condition=Q(state__in=NoticeState.values), name="notice_state"),
            models.CheckConstraint(
                condition=~Q(state__in=[NoticeState.HELD, NoticeState.UNWANTED])
                | Q(mail__isnull=True),
                name="notice_held_without_mail",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["email", "created_at"],
                condition=Q(state=NoticeState.HELD),
                name="notice_held",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email}: {self.subject}"
