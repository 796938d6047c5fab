"""Reads what an office has to do today: introductions that wait, and members nobody spoke with."""

import calendar
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db.models import (
    DateField,
    DateTimeField,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce, Greatest, TruncDate
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from trebbo.ecosystem.accounts.models import Person
from trebbo.ecosystem.clusters.policies import memberships_on
from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel.access import Viewer
from trebbo.partnering.introductions.choices import OPEN, IntroductionState
from trebbo.partnering.introductions.models import Ask, Introduction, MemberContact
from trebbo.partnering.introductions.policies import manage_introduction

SHOWN = 20
MOST_COUNTED = 1_000
ENDS_SOON = timedelta(days=3)
OLD_DRAFT = timedelta(days=7)
NOT_MET = timedelta(days=14)
QUESTIONS = (IntroductionState.PROPOSED, IntroductionState.ASKED)
LONG_AGO = date(1900, 1, 1)
Condition = Callable[[Viewer], Q]


@dataclass(frozen=True, slots=True)
class ListKind:
    """A list of introductions that wait: its name, heading, next action, condition and order."""

    name: str
    heading: Promise
    action: Promise
    condition: Condition
    order: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TodayList:
    """The first rows of a list, and how many there are, up to `MOST_COUNTED`."""

    name: str
    heading: Promise
    action: Promise
    rows: tuple[Introduction | Profile, ...]
    count: int

    @property
    def is_longer(self) -> bool:
        """Whether there are more rows than are shown."""
        return self.count > len(self.rows)

    @property
    def is_beyond_counting(self) -> bool:
        """Whether there are more than were counted."""
        return self.count > MOST_COUNTED


# Keys apart, so that each half is read by the index of its own column.
_GONE = Introduction.objects.filter(owner__in=Person.objects.filter(is_active=False)).values("pk")
_NOBODYS = Introduction.objects.filter(owner__isnull=True).values("pk")
KINDS = (
    ListKind(
        "expiring",
        _("About to expire"),
        _("Ask them yourself, or let it go"),
        lambda viewer: Q(state__in=QUESTIONS, due_at__lte=viewer.now + ENDS_SOON),
        ("due_at", "pk"),
    ),
    ListKind(
        "unanswered",
        _("Reminded and unanswered"),
        _("Call them, or choose somebody else"),
        lambda viewer: Q(
            state__in=QUESTIONS, due_at__gt=viewer.now + ENDS_SOON, nudged_at__isnull=False
        ),
        ("due_at", "pk"),
    ),
    ListKind(
        "alone",
        _("Nobody looks after it"),
        _("Look after it"),
        lambda viewer: Q(state__in=OPEN) & (Q(pk__in=_NOBODYS) | Q(pk__in=_GONE)),
        ("due_at", "pk"),
    ),
    ListKind(
        "not_met",
        _("Accepted but not met"),
        _("Help them find a date"),
        lambda viewer: (
            Q(state=IntroductionState.ACCEPTED, due_at__lte=viewer.now + timedelta(days=7))
            & (Q(meeting_at__isnull=True) | Q(meeting_at__lt=viewer.now))
        ),
        ("due_at", "pk"),
    ),
    ListKind(
        "outcomes",
        _("Met, and no outcome known"),
        _("Ask what came of it"),
        lambda viewer: Q(state=IntroductionState.MET, outcomes_asked__gte=1),
        ("since", "pk"),
    ),
    ListKind(
        "drafts",
        _("Drafts not sent"),
        _("Send it, or withdraw it"),
        lambda viewer: Q(state=IntroductionState.DRAFT, since__lte=viewer.now - OLD_DRAFT),
        ("since", "pk"),
    ),
)
BY_NAME = {kind.name: kind for kind in KINDS}
SILENT, UNCONFIRMED = "silent", "unconfirmed"
MEMBERS = {
    SILENT: (_("Members nobody spoke with"), _("Note a contact")),
    UNCONFIRMED: (_("Profiles to confirm"), _("Open the profile")),
}


def today(*, viewer: Viewer) -> list[TodayList]:
    """What waits for the viewer's office, list by list; each with its first rows."""
    lists = [
        _list(kind.name, kind.heading, kind.action, waiting(kind.name, viewer=viewer))
        for kind in KINDS
    ]
    for name, (heading, action) in MEMBERS.items():
        lists.append(_list(name, heading, action, members(name, viewer=viewer)))
    return lists


def waiting(name: str, *, viewer: Viewer) -> QuerySet[Introduction]:
    """The introductions of one list that the viewer may look after, the most urgent first."""
    kind = BY_NAME[name]
    rows = Introduction.objects.filter(kind.condition(viewer))
    related = rows.select_related("ask__asker", "ask__owner", "profile", "owner", "contact")
    return manage_introduction.filter(viewer, related).order_by(*kind.order)


def members(name: str, *, viewer: Viewer) -> QuerySet[Any]:
    """Members of the viewer's offices: those nobody spoke with lately, or those to confirm."""
    care = memberships_on(viewer.today).filter(
        Q(cluster__in=viewer.managed_clusters) | Q(cluster__network__in=viewer.agency_networks)
    )
    rows = Profile.objects.filter(pk__in=care.values("profile"))
    if name == UNCONFIRMED:
        overdue = rows.filter(Q(due_date__isnull=True) | Q(due_date__lt=viewer.today))
        return overdue.order_by(F("due_date").asc(nulls_last=True), "sort_name")
    limit = months_before(viewer.today, settings.CONTACT_MONTHS)
    spoken = _with_last_contact(rows).filter(last_contact__lt=limit)
    return spoken.order_by("last_contact", "sort_name")


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier, or the last of that month where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _with_last_contact(rows: QuerySet[Profile]) -> QuerySet[Any]:
    """The profiles with `last_contact`: an ask, an introduction, a word with an office; or never.

    Never is told as a day of long ago, so that it comes first.
    """
    noted = MemberContact.objects.filter(profile=OuterRef("pk")).order_by("-contact_date")
    asked = Introduction.objects.filter(profile=OuterRef("pk"), asked_at__isnull=False)
    kept = Ask.objects.filter(asker=OuterRef("pk")).order_by("-changed_at")
    return rows.annotate(
        last_contact=Greatest(
            _or_never(Subquery(noted.values("contact_date")[:1], output_field=DateField())),
            _or_never(_day(asked.order_by("-asked_at").values("asked_at"))),
            _or_never(_day(kept.values("changed_at"))),
        )
    )


def _day(moments: Any) -> TruncDate:
    return TruncDate(Subquery(moments[:1], output_field=DateTimeField()))


def _or_never(day: Any) -> Coalesce:
    return Coalesce(day, Value(LONG_AGO), output_field=DateField())


def _list(name: str, heading: Promise, action: Promise, rows: QuerySet[Any]) -> TodayList:
    first = tuple(rows[: SHOWN + 1])
    count = len(first)
    if count > SHOWN:
        # Beyond the first thousand nobody needs the number, and counting would take its time.
        count = rows.order_by()[: MOST_COUNTED + 1].count()
    return TodayList(name, heading, action, first[:SHOWN], count)
