"""Reads what a skills map counts: who belongs to a place, and which competences the viewer sees."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import (
    Case,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray

from trebbo.ecosystem.clusters.choices import MembershipState
from trebbo.ecosystem.clusters.models import Cluster, Network, ValueChain
from trebbo.ecosystem.clusters.policies import memberships_on
from trebbo.ecosystem.clusters.queries import visible_clusters
from trebbo.ecosystem.clusters.queries.composition import UNIT, described
from trebbo.ecosystem.organisations.choices import Kind, Standing, UnitKind
from trebbo.ecosystem.organisations.models import holding_on
from trebbo.ecosystem.organisations.policies import seen_by
from trebbo.ecosystem.vocabularies.models import Concept
from trebbo.kernel.access import Viewer
from trebbo.sharing.skills.choices import Direction, Origin
from trebbo.sharing.skills.models import Competence, CompetenceEvidence
from trebbo.sharing.skills.policies import view_competence

Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]

NETWORK, CLUSTER, CHAIN = "network", "cluster", "value-chain"
PLACES = (NETWORK, CLUSTER, CHAIN)
"""What a map may be of, as its address says it."""

FAMILIES = {
    "large": _("Large companies"),
    "sme": _("Small and medium enterprises"),
    "company": _("Companies, size not known"),
    "laboratory": _("Laboratories and centres"),
    "research": _("Universities and research"),
    "health": _("Health facilities"),
    "training": _("Training bodies"),
    "other": _("Others"),
    "unknown": _("Kind not known"),
}
"""The families of kinds that a map tells apart, in the order of its columns."""

FAMILY_OF: Mapping[str, str] = {
    Kind.LARGE_COMPANY: "large",
    Kind.SME: "sme",
    Kind.COMPANY: "company",
    Kind.RAT_LABORATORY: "laboratory",
    f"{UNIT}{UnitKind.LABORATORY}": "laboratory",
    f"{UNIT}{UnitKind.INNOVATION_CENTRE}": "laboratory",
    Kind.UNIVERSITY: "research",
    Kind.RESEARCH_CENTRE: "research",
    f"{UNIT}{UnitKind.DEPARTMENT}": "research",
    Kind.HEALTH_FACILITY: "health",
    Kind.TRAINING_BODY: "training",
    "": "unknown",
}
"""The family of each kind; kinds that are not named here are "others"."""

MOST_POINTS = 7
NEVER, OLD, CONFIRMED = 0, 1, 2
TEAM_FROM = 3
LONGEST_LINE = 8
"""How many concepts above each other are read; no vocabulary of the registry is deeper."""


@dataclass(frozen=True, slots=True)
class Place:
    """A network, a cluster or a value chain, with the day on which its map is drawn."""

    kind: str
    subject: Network | Cluster | ValueChain
    network: Network
    cluster: Cluster | None
    day: date

    @property
    def name(self) -> str:
        """What it is called, in the page's language."""
        return str(self.subject)

    @property
    def slug(self) -> str:
        """Its part of the address."""
        return self.subject.slug


@dataclass(frozen=True, slots=True)
class Members:
    """Who belongs to a place on a day.

    `profiles` are the members themselves, `whose` the organisation as which each counts, `kinds`
    the family of each body. A body is an organisation; units count as theirs.
    """

    profiles: frozenset[int]
    whose: Mapping[int, int]
    kinds: Mapping[int, str]

    @property
    def bodies(self) -> frozenset[int]:
        """The organisations, each once."""
        return frozenset(self.whose.values())

    @property
    def whole(self) -> frozenset[int]:
        """The members that are organisations: all their units count with them."""
        return frozenset(key for key, owner in self.whose.items() if key == owner)

    @property
    def counted(self) -> frozenset[int]:
        """Members, and the organisations of which a unit is a member."""
        return self.profiles | self.bodies


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """One competence a row, in columns; `line` leads from each subject to all above it.

    A subject is the id of a concept, or that of an own term below zero. `inside` says whether the
    row counts for the place; all others are of the network around it.
    """

    profile: Numbers
    body: Numbers
    subject: Numbers
    offered: Flags
    points: Numbers
    people: Numbers
    evidence: Numbers
    fresh: Numbers
    inferred: Numbers
    inside: Flags
    line: Mapping[int, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Reading:
    """All that a map of one day is counted from; `synthetic` says whether any of it is made up."""

    place: Place
    members: Members
    rows: Rows
    synthetic: bool


def find_place(kind: str, slug: str, *, viewer: Viewer) -> Place | None:
    """The place of a map, or None where there is none that the viewer may see; one query.

    The map of a value chain that has ended is that of its last day.
    """
    clusters = visible_clusters(viewer=viewer)
    if kind == NETWORK:
        network = Network.objects.filter(slug=slug).first()
        return Place(kind, network, network, None, viewer.today) if network else None
    if kind == CLUSTER:
        cluster = clusters.select_related("network").filter(slug=slug).first()
        return Place(kind, cluster, cluster.network, cluster, viewer.today) if cluster else None
    chains = ValueChain.objects.filter(cluster__in=clusters.order_by(), slug=slug)
    chain = chains.select_related("cluster__network").first() if kind == CHAIN else None
    if chain is None:
        return None
    day = min(viewer.today, chain.valid_until or viewer.today)
    return Place(kind, chain, chain.cluster.network, chain.cluster, day)


def places_to_choose(*, viewer: Viewer) -> list[tuple[Network, list[Cluster]]]:
    """The networks with the clusters that the viewer may see, and their open chains; 3 queries.

    The chains of a cluster are its `chains_open`.
    """
    networks: dict[int, tuple[Network, list[Cluster]]] = {
        row.pk: (row, []) for row in Network.objects.order_by("name_it")
    }
    chains = ValueChain.objects.filter(holding_on(viewer.today)).order_by("name_it")
    clusters = visible_clusters(viewer=viewer).prefetch_related(
        Prefetch("value_chains", queryset=chains, to_attr="chains_open")
    )
    for cluster in clusters:
        networks[cluster.network_id][1].append(cluster)
    return list(networks.values())


def read_map(place: Place, *, viewer: Viewer) -> Reading:
    """Members, competences and what is above them: three queries, four for a value chain."""
    around, own = _members(place, place.day, viewer)
    columns = _competences((around, own), place.day, None, viewer)
    return _reading(place, columns, "now", own, _lines(columns))


def read_both(place: Place, then: date, *, viewer: Viewer) -> tuple[Reading, Reading]:
    """The same, and as it was `then`; one query more."""
    around, own = _members(place, place.day, viewer)
    own_then = _members_of(place, then, viewer)
    columns = _competences((around, own, own_then), place.day, then, viewer)
    line = _lines(columns)
    return (
        _reading(place, columns, "now", own, line),
        _reading(place, columns, "then", own_then, line),
    )


def year_before(day: date) -> date:
    """The same day a year ago; 28 February for a leap day."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


# --- Members


def _members(place: Place, day: date, viewer: Viewer) -> tuple[Members, Members]:
    """Those of the network around the place, and those of the place."""
    rows = list(_described(_in_network(place, day, viewer), day, "cluster"))
    around = _gathered(row[:3] for row in rows)
    if place.kind == NETWORK:
        return around, around
    if place.kind == CLUSTER:
        return around, _gathered(row[:3] for row in rows if row[3] == place.subject.pk)
    return around, _members_of(place, day, viewer)


def _members_of(place: Place, day: date, viewer: Viewer) -> Members:
    """Those of the place alone; one query."""
    rows: QuerySet[Any]
    if isinstance(place.subject, ValueChain):
        rows = place.subject.members.filter(holding_on(day), seen_by(viewer, "profile"))
    else:
        rows = _in_network(place, day, viewer)
        if place.kind == CLUSTER:
            rows = rows.filter(cluster=place.subject.pk)
    return _gathered(_described(rows, day))


def _in_network(place: Place, day: date, viewer: Viewer) -> QuerySet[Any]:
    clusters = visible_clusters(viewer=viewer).order_by().filter(network=place.network)
    rows = memberships_on(day).filter(seen_by(viewer, "profile"), cluster__in=clusters.values("pk"))
    return rows.exclude(state=MembershipState.CANDIDATE)


def _described(rows: QuerySet[Any], day: date, *more: str) -> Iterable[tuple[Any, ...]]:
    wanted = ("profile", "profile__as_unit__organisation", "kind", *more)
    return described(rows, day=day).order_by("profile", "pk").values_list(*wanted)


def _gathered(rows: Iterable[tuple[Any, ...]]) -> Members:
    """A body is of the kind of its organisation, where that is a member; else of its first unit."""
    whose: dict[int, int] = {}
    kinds: dict[int, str] = {}
    for profile, owner, kind in rows:
        body = owner or profile
        whose[profile] = body
        family = FAMILY_OF.get(kind, "other")
        if profile == body:
            kinds[body] = family
        else:
            kinds.setdefault(body, family)
    return Members(frozenset(whose), whose, kinds)


# --- Competences

COLUMNS = (
    *("profile_id", "owner", "subject", "offered", "level_said", "people_said", "has_evidence"),
    *("fresh", "only_inferred", "synthetic", "now", "then"),
)


def _yes(condition: Any) -> Case:
    """A condition as a number: databases return these without any work of Python's."""
    return Case(When(condition, then=Value(1)), default=Value(0), output_field=IntegerField())


def _competences(
    members: Sequence[Members], day: date, then: date | None, viewer: Viewer
) -> Numbers:
    """What the viewer sees of these members' competences, a row each, all numbers."""
    counted = set().union(*(one.counted for one in members))
    whole = set().union(*(one.whole for one in members))
    rows: QuerySet[Any] = view_competence.filter(viewer, Competence.objects.all())
    rows = rows.filter(Q(profile__in=counted) | Q(profile__as_unit__organisation__in=whole))
    on_the_day = holding_on(day)
    on_then = _known_on(then) if then else Q(pk__in=())
    number = IntegerField()
    rows = rows.filter(on_the_day | on_then).annotate(
        owner=Coalesce("profile__as_unit__organisation", "profile", output_field=number),
        subject=Coalesce("concept", "term__merged_into", Value(0) - F("term_id"),
                         output_field=number),
        offered=_yes(Q(direction=Direction.OFFERED)),
        level_said=Coalesce("level", Value(0), output_field=number),
        people_said=Coalesce("people", Value(0), output_field=number),
        has_evidence=_yes(Exists(CompetenceEvidence.objects.filter(competence=OuterRef("pk")))),
        fresh=Case(
            When(confirmed_at__isnull=True, then=Value(NEVER)),
            When(due_date__lt=day, then=Value(OLD)),
            default=Value(CONFIRMED),
            output_field=number,
        ),
        only_inferred=_yes(
            Q(confirmed_at__isnull=True)
            & (~Q(origin=Origin.MEMBER) | Q(standing=Standing.INFERRED))
        ),
        synthetic=_yes(Q(standing=Standing.SYNTHETIC)),
        now=_yes(on_the_day),
        then=_yes(on_then),
    )  # fmt: skip
    read = _plain_rows(rows.order_by().values_list(*COLUMNS))
    return np.array(read, dtype=np.int64).reshape(len(read), len(COLUMNS))


def _plain_rows(rows: QuerySet[Any]) -> list[tuple[int, ...]]:
    """The rows as the database gives them: all are whole numbers, and 20,000 rows are many.

    What Django does to each value would take longer than the database.
    """
    try:
        statement, values = rows.query.sql_with_params()
    except EmptyResultSet:  # nobody belongs here
        return []
    with connections[rows.db].cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def _known_on(day: date) -> Q:
    """Held on a day, as was known: without a first day it counts from when it was written down."""
    midnight = timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))
    begun = Q(valid_from__lte=day) | Q(valid_from__isnull=True, created_at__lt=midnight)
    return begun & (Q(valid_until__isnull=True) | Q(valid_until__gte=day))


def _lines(columns: Numbers) -> dict[int, tuple[int, ...]]:
    """Each subject with all above it, from the top; an own term stands alone."""
    keys = np.unique(columns[:, COLUMNS.index("subject")]).tolist()
    above = ["pk"]
    above += ["__".join(["broader"] * n) for n in range(1, LONGEST_LINE)]
    found = Concept.objects.filter(pk__in=[key for key in keys if key > 0]).values_list(*above)
    lines = {row[0]: tuple(key for key in reversed(row) if key) for row in found}
    return lines | {key: (key,) for key in keys if key < 0}


def _reading(
    place: Place, columns: Numbers, day: str, members: Members, line: Mapping[int, tuple[int, ...]]
) -> Reading:
    """The columns of one day; points as `Offer` says."""
    held = columns[columns[:, COLUMNS.index(day)] == 1]
    column = {name: held[:, position] for position, name in enumerate(COLUMNS)}
    people, inferred = column["people_said"], column["only_inferred"]
    points = np.maximum(column["level_said"], 1) + column["has_evidence"]
    points += (column["fresh"] == CONFIRMED).astype(np.int64)
    points += (people >= TEAM_FROM).astype(np.int64)
    inside = np.isin(column["profile_id"], _numbers(members.counted))
    inside |= np.isin(column["owner"], _numbers(members.whole))
    rows = Rows(
        profile=column["profile_id"],
        body=column["owner"],
        subject=column["subject"],
        offered=column["offered"] == 1,
        points=np.where(inferred == 1, 1, points),
        people=people,
        evidence=column["has_evidence"],
        fresh=column["fresh"],
        inferred=inferred,
        inside=inside,
        line=line,
    )
    return Reading(place, members, rows, bool(column["synthetic"].any()))


def _numbers(keys: frozenset[int]) -> Numbers:
    return np.fromiter(keys, np.int64, len(keys))
