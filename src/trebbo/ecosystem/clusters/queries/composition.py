"""What the members of anything are made of: kinds, sizes, provinces, freshness."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db.models import (
    Case,
    CharField,
    Count,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Concat
from django.utils.translation import gettext as _

from trebbo.ecosystem.clusters.choices import (
    ENDINGS,
    KindGroup,
    MembershipCategory,
    MembershipState,
)
from trebbo.ecosystem.clusters.policies import memberships_on
from trebbo.ecosystem.organisations.choices import Freshness, Kind, SizeClass, UnitKind
from trebbo.ecosystem.organisations.models import (
    KindPeriod,
    Seat,
    SizePeriod,
    holding_on,
)
from trebbo.ecosystem.organisations.policies import seen_by
from trebbo.kernel.access import Viewer
from trebbo.kernel.text import in_language

UNIT = "unit:"
"""Before the kind of a unit, which is no kind of organisation."""

NO_SIZE = "unit"
"""The size of a unit: it has none of its own, its organisation has one."""

GROUPS: Mapping[str, str] = {
    Kind.LARGE_COMPANY: KindGroup.COMPANIES,
    Kind.SME: KindGroup.COMPANIES,
    Kind.COMPANY: KindGroup.COMPANIES,
    Kind.RAT_LABORATORY: KindGroup.RESEARCH,
    Kind.RESEARCH_CENTRE: KindGroup.RESEARCH,
    Kind.UNIVERSITY: KindGroup.RESEARCH,
    Kind.HEALTH_FACILITY: KindGroup.HEALTH,
    Kind.TRAINING_BODY: KindGroup.TRAINING,
    "": KindGroup.NOT_KNOWN,
    **{f"{UNIT}{kind}": KindGroup.RESEARCH for kind in UnitKind.values},
}
"""The family of each kind; kinds that are not named here are "others"."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many members share one thing."""

    key: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Composition:
    """The members of a cluster or value chain, counted; candidates are kept apart.

    `members` are active or suspended; the tallies are of members only. A unit has no size of its
    own, so `sizes` count organisations. `undated` and `uncategorised` are the members whose
    beginning, or category, is not known.
    """

    active: int
    suspended: int
    candidates: int
    kinds: tuple[Tally, ...]
    sizes: tuple[Tally, ...]
    provinces: tuple[Tally, ...]
    freshness: tuple[Tally, ...]
    undated: int
    uncategorised: int

    @property
    def members(self) -> int:
        """Active and suspended members."""
        return self.active + self.suspended

    @property
    def confirmed(self) -> int:
        """Members whose profile is confirmed today."""
        return sum(tally.count for tally in self.freshness if tally.key == Freshness.CONFIRMED)

    @property
    def confirmed_percent(self) -> int:
        """The share of confirmed profiles, in whole per cent."""
        return round(100 * self.confirmed / self.members) if self.members else 0


def visible_memberships(*, viewer: Viewer) -> QuerySet[Any]:
    """Today's memberships of profiles that the viewer may see, each with its `present_state`.

    A membership that will end later counts as active until then.
    """
    return (
        memberships_on(viewer.today)
        .filter(seen_by(viewer, "profile"))
        .annotate(
            present_state=Case(
                When(state__in=ENDINGS, then=Value(MembershipState.ACTIVE.value)),
                default=F("state"),
                output_field=CharField(),
            )
        )
    )


def described(rows: QuerySet[Any], *, day: date) -> QuerySet[Any]:
    """Rows that point to a `profile`, with its `kind` and `province` on a day ("" if unknown).

    The province is that of the main seat, by its name in the page's language.
    """
    name = in_language("name_it", "name_en")
    kinds = KindPeriod.objects.filter(holding_on(day), organisation=OuterRef("profile"))
    seats = Seat.objects.filter(
        holding_on(day), profile=OuterRef("profile"), municipality__isnull=False
    )
    annotated: QuerySet[Any] = rows.annotate(
        kind=Coalesce(
            Subquery(kinds.order_by(F("valid_from").desc(nulls_last=True)).values("kind")[:1]),
            Case(
                When(
                    profile__as_unit__isnull=False,
                    then=Concat(Value(UNIT), F("profile__as_unit__kind"), output_field=CharField()),
                ),
                default=Value(""),
                output_field=CharField(),
            ),
            output_field=CharField(),
        ),
        province=Coalesce(
            Subquery(
                seats.order_by("-is_main", "pk").values(f"municipality__province__{name}")[:1]
            ),
            Value(""),
            output_field=CharField(),
        ),
    )
    return annotated


def composition(rows: QuerySet[Any], *, viewer: Viewer) -> Composition:
    """Count memberships (of `visible_memberships`) in one query, whatever their number."""
    day = viewer.today
    groups = list(
        described(rows, day=day)
        .annotate(size=_size(day), fresh=_freshness(day))
        .values("present_state", "kind", "size", "province", "fresh")
        .annotate(
            count=Count("pk"),
            undated=Count("pk", filter=Q(valid_from__isnull=True)),
            uncategorised=Count("pk", filter=Q(category=MembershipCategory.UNKNOWN)),
        )
        .order_by()
    )
    states: Counter[str] = Counter()
    for group in groups:
        states[group["present_state"]] += group["count"]
    members = [g for g in groups if g["present_state"] != MembershipState.CANDIDATE]
    return Composition(
        active=states[MembershipState.ACTIVE],
        suspended=states[MembershipState.SUSPENDED],
        candidates=states[MembershipState.CANDIDATE],
        kinds=tallies(members, "kind", kind_labels()),
        sizes=tallies([g for g in members if g["size"] != NO_SIZE], "size", size_labels()),
        provinces=tallies(members, "province", {"": _("Province not known")}),
        freshness=tallies(members, "fresh", {f.value: str(f.label) for f in Freshness}),
        undated=sum(g["undated"] for g in members),
        uncategorised=sum(g["uncategorised"] for g in members),
    )


def tallies(
    groups: Iterable[Mapping[str, Any]], by: str, labels: Mapping[str, str]
) -> tuple[Tally, ...]:
    """The groups summed by one key, the largest first, what is not known last."""
    counts: Counter[str] = Counter()
    for group in groups:
        counts[group[by]] += group["count"]
    found = [Tally(key, labels.get(key, key), count) for key, count in counts.items()]
    return tuple(sorted(found, key=lambda tally: (not tally.key, -tally.count, tally.label)))


def kind_labels() -> dict[str, str]:
    """What each kind of member is called, units included."""
    units = {
        f"{UNIT}{kind.value}": _("%(kind)s (unit)") % {"kind": kind.label} for kind in UnitKind
    }
    return {kind.value: str(kind.label) for kind in Kind} | units | {"": _("Kind not known")}


def size_labels() -> dict[str, str]:
    """What each size class is called."""
    return {size.value: str(size.label) for size in SizeClass} | {"": _("Size not known")}


def _size(day: date) -> Case:
    sizes = (
        SizePeriod.objects.filter(organisation=OuterRef("profile"))
        .filter(Q(year__isnull=True) | Q(year__lte=day.year))
        .annotate(known=Coalesce("year", Value(0), output_field=IntegerField()))
    )
    return Case(
        When(profile__as_unit__isnull=False, then=Value(NO_SIZE)),
        default=Coalesce(
            Subquery(sizes.order_by("-known").values("size")[:1]),
            Value(""),
            output_field=CharField(),
        ),
        output_field=CharField(),
    )


def _freshness(day: date) -> Case:
    """`Profile.freshness_on`, for rows."""
    grace = timedelta(days=settings.CONFIRMATION_GRACE_DAYS)
    return Case(
        When(profile__due_date__isnull=True, then=Value(Freshness.NEVER.value)),
        When(profile__due_date__gte=day, then=Value(Freshness.CONFIRMED.value)),
        When(profile__due_date__gte=day - grace, then=Value(Freshness.DUE.value)),
        default=Value(Freshness.STALE.value),
        output_field=CharField(),
    )
