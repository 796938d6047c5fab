"""When nobody can book, calendars of owners that say so, and feeds for people's calendars."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel.text import Bilingual
from trebbo.sharing.resources.choices import BlockKind
from trebbo.sharing.resources.models.catalogue import Resource


class OwnCalendar(models.Model):
    """A calendar of the owner, at an address or from a file, whose events block a resource.

    What its events are called is not kept: only when they are.
    """

    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="own_calendars")
    name = models.CharField(max_length=200)
    address = models.URLField(max_length=500, blank=True)
    added_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    tried_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return self.name


class Block(models.Model):
    """A span in which a resource cannot be booked."""

    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="blocks")
    kind = models.CharField(max_length=20, choices=BlockKind)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason_it = models.CharField(max_length=300, blank=True)
    reason_en = models.CharField(max_length=300, blank=True)
    calendar = models.ForeignKey(
        OwnCalendar, on_delete=models.CASCADE, null=True, blank=True, related_name="blocks"
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="block_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(kind=BlockKind.OWN_CALENDAR, calendar__isnull=False)
                | (~Q(kind=BlockKind.OWN_CALENDAR) & Q(calendar__isnull=True)),
                name="block_of_calendar",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["resource", "ends_at", "starts_at"], name="block_of_resource")
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())

    reason = Bilingual()


class Feed(models.Model):
    """An address from which a person's calendar reads bookings, until the person closes it.

    Of one resource, of all resources of a body, or, where both are blank, of the person's own
    bookings. What it tells is what the person may see at that moment.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="booking_feeds"
    )
    resource = models.ForeignKey(
        Resource, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    profile = models.ForeignKey(
        Profile, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    key = models.CharField(max_length=60, unique=True)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(resource__isnull=True) | Q(profile__isnull=True), name="feed_of_one"
            ),
        ]

    def __str__(self) -> str:
        return str(self.resource or self.profile or self.person)
