"""Reads what an office has to do today: what waits, list by list, and who nobody spoke with."""

import calendar
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db.models import (
    DateField,
    DateTimeField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce, Greatest, TruncDate
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from trebbo.ecosystem.accounts.models import Person
from trebbo.ecosystem.clusters.policies import OFFICE
from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel.access import Viewer
from trebbo.outlets.site.queries.ideas import KINDS as IDEAS
from trebbo.outlets.site.queries.ideas import ideas_checked
from trebbo.outlets.site.queries.lists import ListKind, TodayList, lists_together, one_list
from trebbo.partnering.introductions.choices import OPEN, IntroductionState
from trebbo.partnering.introductions.models import Ask, Introduction, MemberContact
from trebbo.partnering.introductions.policies import manage_introduction

ENDS_SOON = timedelta(days=3)
OLD_DRAFT = timedelta(days=7)
NOT_MET = timedelta(days=14)
QUESTIONS = (IntroductionState.PROPOSED, IntroductionState.ASKED)
LONG_AGO = date(1900, 1, 1)

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
        "escalated",
        _("Needs you"),
        _("Call them, or choose somebody else"),
        lambda viewer: Q(
            state__in=QUESTIONS, due_at__gt=viewer.now + ENDS_SOON, escalated_at__isnull=False
        ),
        ("due_at", "pk"),
    ),
    ListKind(
        "unanswered",
        _("Reminded and unanswered"),
        _("Call them, or choose somebody else"),
        lambda viewer: Q(
            state__in=QUESTIONS,
            due_at__gt=viewer.now + ENDS_SOON,
            nudged_at__isnull=False,
            escalated_at__isnull=True,
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
TOGETHER = ("escalated", "unanswered")
"""Lists that one query reads: few rows are in them, and each query of the page costs its time."""
SILENT, UNCONFIRMED = "silent", "unconfirmed"
MEMBERS = {
    SILENT: (_("Members nobody spoke with"), _("Note a contact")),
    UNCONFIRMED: (_("Profiles to confirm"), _("Open the profile")),
}


def today(*, viewer: Viewer) -> list[TodayList]:
    """What waits for the viewer's office, list by list; each with its first rows."""
    alone = [kind for kind in KINDS if kind.name not in TOGETHER]
    together = [kind for kind in KINDS if kind.name in TOGETHER]
    lists = [
        one_list(kind.name, kind.heading, kind.action, waiting(kind.name, viewer=viewer))
        for kind in alone
    ]
    lists += lists_together(together, _looked_after(viewer), viewer=viewer)
    lists.sort(key=lambda one: list(BY_NAME).index(one.name))
    lists += lists_together(IDEAS, ideas_checked(viewer=viewer), viewer=viewer)
    for name, (heading, action) in MEMBERS.items():
        lists.append(one_list(name, heading, action, members(name, viewer=viewer)))
    return lists


def waiting(name: str, *, viewer: Viewer) -> QuerySet[Introduction]:
    """The introductions of one list that the viewer may look after, the most urgent first."""
    kind = BY_NAME[name]
    return _looked_after(viewer).filter(kind.condition(viewer)).order_by(*kind.order)


def _looked_after(viewer: Viewer) -> QuerySet[Introduction]:
    rows = Introduction.objects.select_related(
        "ask__asker", "ask__owner", "profile", "owner", "contact"
    )
    return manage_introduction.filter(viewer, rows)


def members(name: str, *, viewer: Viewer) -> QuerySet[Any]:
    """Members of the viewer's offices: those nobody spoke with lately, or those to confirm."""
    rows = Profile.objects.filter(OFFICE.rows(viewer))
    if name == UNCONFIRMED:
        overdue = rows.filter(Q(due_date__isnull=True) | Q(due_date__lt=viewer.today))
        return overdue.order_by(F("due_date").asc(nulls_last=True), "sort_name")
    limit = months_before(viewer.today, settings.CONTACT_MONTHS)
    quiet = rows.filter(*(~Exists(heard) for heard in _heard_since(limit)))
    return _with_last_contact(quiet).order_by("last_contact", "sort_name")


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier, or the last of that month where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _contacts() -> tuple[QuerySet[Any], ...]:
    """Of the outer profile: words with an office, and asks and introductions that it knows of."""
    return (
        MemberContact.objects.filter(profile=OuterRef("pk")),
        Introduction.objects.filter(profile=OuterRef("pk"), asked_at__isnull=False),
        Ask.objects.filter(asker=OuterRef("pk")),
        Introduction.objects.filter(ask__asker=OuterRef("pk")).exclude(
            state=IntroductionState.DRAFT
        ),
    )


def _heard_since(day: date) -> tuple[QuerySet[Any], ...]:
    noted, *others = _contacts()
    moment = timezone.make_aware(datetime.combine(day, time.min))
    return (
        noted.filter(contact_date__gte=day),
        *(rows.filter(changed_at__gte=moment) for rows in others),
    )


def _with_last_contact(rows: QuerySet[Profile]) -> QuerySet[Any]:
    """The profiles with `last_contact`: the last step of all that is a contact; or never.

    Never is told as a day of long ago, so that it comes first.
    """
    noted, *others = _contacts()
    day = noted.order_by("-contact_date").values("contact_date")[:1]
    return rows.annotate(
        last_contact=Greatest(
            _or_never(Subquery(day, output_field=DateField())),
            *(_or_never(_day(one.order_by("-changed_at").values("changed_at"))) for one in others),
        )
    )


def _day(moments: Any) -> TruncDate:
    return TruncDate(Subquery(moments[:1], output_field=DateTimeField()))


def _or_never(day: Any) -> Coalesce:
    return Coalesce(day, Value(LONG_AGO), output_field=DateField())
