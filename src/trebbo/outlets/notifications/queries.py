"""Reads how one wishes mail, how the mail stands, and when there is something to send."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Count, F, Min, QuerySet
from django.db.models.functions import Coalesce, Greatest

from trebbo.kernel.access import Viewer
from trebbo.outlets.notifications.choices import STUCK, MailState
from trebbo.outlets.notifications.models import MailPreference, OutgoingMail
from trebbo.outlets.notifications.policies import manage_mail, runs_the_installation

ON_THE_WAY = (MailState.WAITING, MailState.HANDING_OVER)


@dataclass(frozen=True, slots=True)
class Standing:
    """How many mails are in a state, and whether somebody has to decide about them."""

    state: MailState
    count: int

    @property
    def is_stuck(self) -> bool:
        """Whether nothing happens to them by themselves."""
        return self.state in STUCK and self.count > 0


def my_preference(*, viewer: Viewer) -> MailPreference:
    """How the viewer wishes mail; unsaved, with what holds without one, if nothing was said."""
    known = MailPreference.objects.filter(person=viewer.person_id or 0).first()
    return known or MailPreference(person_id=viewer.person_id or 0)


def standings(*, viewer: Viewer) -> list[Standing]:
    """How many mails are in each state, for offices: numbers tell nobody's address."""
    if not (viewer.is_office or viewer.is_installation):
        return []
    rows = OutgoingMail.objects.order_by().values_list("state").annotate(Count("pk"))
    counts = dict(rows)
    return [Standing(state, counts.get(state, 0)) for state in MailState]


def oldest_due_at(*, viewer: Viewer) -> datetime | None:
    """Since when the oldest mail waits that should have gone out by now, for offices."""
    if not (viewer.is_office or viewer.is_installation):
        return None
    due = OutgoingMail.objects.filter(state=MailState.WAITING, next_try_at__lte=viewer.now)
    oldest: datetime | None = due.aggregate(oldest=Min("next_try_at"))["oldest"]
    return oldest


def may_see_mails(*, viewer: Viewer) -> bool:
    """Whether the viewer sees single mails, with address and words."""
    return runs_the_installation(viewer)


def mails(*, viewer: Viewer, state: str = "") -> QuerySet[OutgoingMail]:
    """The mails that the viewer may see, newest first; of one state, or all that are not done."""
    chosen = [state] if state in MailState.values else [*STUCK, *ON_THE_WAY]
    rows = OutgoingMail.objects.filter(state__in=chosen).order_by("-created_at", "-pk")
    return manage_mail.filter(viewer, rows.defer("text", "html", "calendar"))


def next_mail_at(*, viewer: Viewer) -> datetime | None:
    """When the next mail can be sent, or the next one left behind be looked at."""
    free_at = Coalesce(F("leased_until"), F("next_try_at"))
    rows = OutgoingMail.objects.filter(state__in=ON_THE_WAY)
    earliest: datetime | None = rows.aggregate(at=Min(Greatest("next_try_at", free_at)))["at"]
    return earliest


def mailbox(*, viewer: Viewer) -> QuerySet[OutgoingMail]:
    """All mail, newest first, for whoever looks at the demonstration: it reaches nobody there."""
    rows = OutgoingMail.objects.order_by("-created_at", "-pk")
    return rows if settings.DEMO else rows.none()
