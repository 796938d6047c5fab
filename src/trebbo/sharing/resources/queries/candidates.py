"""Which resources fit what is wanted, but for free time, in the order in which people see them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db.models import (
    Case,
    Exists,
    F,
    FloatField,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from trebbo.ecosystem.organisations.models import Seat, holding_on
from trebbo.ecosystem.vocabularies.models import Concept, Municipality
from trebbo.kernel.access import Viewer
from trebbo.kernel.text import fold, in_language, one_line
from trebbo.sharing.resources.gateway import IN_NAME, Way, kilometres, ways_asked
from trebbo.sharing.resources.models import Price, Resource
from trebbo.sharing.resources.policies import view_resource

LONGEST_WORDS = 300
LEVELS = 6
"""How far a field is below the widest one, at most."""


@dataclass(frozen=True, slots=True)
class ResourcesWanted:
    """What the search is narrowed to; blank means everything.

    `field` is a concept, with what is narrower. `owner` is the slug of a body; its units count as
    well. `place` is a municipality, `km` the furthest from it. `user_class` asks for a price for
    that class of users. Where `free_from` and `free_until` are given, only what can be booked and
    has a free slot of `minutes` between them (of its shortest length where that is longer) is
    found.
    """

    words: str = ""
    kind: str = ""
    field: int | None = None
    owner: str = ""
    place: str = ""
    km: float | None = None
    user_class: str = ""
    operation: str = ""
    free_from: datetime | None = None
    free_until: datetime | None = None
    minutes: int | None = None
    only_bookable: bool = False
    only_funded: bool = False

    @property
    def asks_for_time(self) -> bool:
        """Whether free time is asked for."""
        return self.free_from is not None and self.free_until is not None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A resource that fits, with its distance in kilometres where both places are known."""

    resource_id: int
    km: float | None = None


@dataclass(frozen=True, slots=True)
class Candidates:
    """What fits, the best first. `loosely` where nothing has all of the words."""

    found: list[Candidate]
    town: Municipality | None = None
    loosely: bool = False


def candidates(wanted: ResourcesWanted, *, viewer: Viewer) -> Candidates:
    """The resources that the viewer may see and that fit, but for free time; at most two queries.

    In order of the words asked for that they say (first, and in the name), of distance, of name;
    a phrase of the vocabularies is said whole, and counts for its words. Where one says all words,
    only such are found; else those that say at least half of the most that any says. A place that
    is not known finds nothing.
    """
    town = town_named(wanted.place, viewer=viewer)
    if town is None and wanted.place.strip():
        return Candidates([])
    rows = _fitting(wanted, viewer)
    asked = ways_asked(wanted.words[:LONGEST_WORDS])
    rows = rows.annotate(met=_met(asked), in_name=_met(asked, IN_NAME))
    if asked:
        rows = rows.filter(met__gt=0)
    rows = _point(rows) if town else rows.annotate(lat=_nothing(), lon=_nothing())
    name = in_language("name_it", "name_en"), in_language("name_en", "name_it")
    found = list(rows.values_list("pk", "met", "in_name", *name, "lat", "lon"))
    most = max((row[1] for row in found), default=0)
    whole = sum(map(_weight, asked))
    least = most if most == whole else (most + 1) // 2
    found = [row for row in found if row[1] >= least]
    distances = _distances(town, [row[5:] for row in found])
    ordered = sorted(
        (
            (-row[1], -row[2], km if km is not None else 1e9, _sorting(row[3] or row[4]), row[0])
            for row, km in zip(found, distances, strict=True)
            if _near(km, wanted.km)
        ),
    )
    known = dict(zip((row[0] for row in found), distances, strict=True))
    chosen = [Candidate(row[-1], known[row[-1]]) for row in ordered]
    return Candidates(chosen, town, loosely=0 < most < whole)


def town_named(place: str, *, viewer: Viewer) -> Municipality | None:
    """The municipality of that name or Istat code, without regard to capitals and accents."""
    name = fold(one_line(place))[:120]
    if not name:
        return None
    rows = Municipality.objects.filter(is_gone=False, is_approximate=False)
    likely = rows.filter(Q(name__istartswith=name[0]) | Q(pk=name))
    found = [town for town in likely.order_by("pk") if name in (fold(town.name), town.pk)]
    return found[0] if found else None


def fields_within(concept_id: int) -> QuerySet[Concept]:
    """A field and all that is narrower."""
    condition = Q(pk=concept_id)
    for level in range(1, LEVELS + 1):
        condition |= Q(**{"__".join(["broader"] * level): concept_id})
    return Concept.objects.filter(condition)


def _fitting(wanted: ResourcesWanted, viewer: Viewer) -> QuerySet[Any]:
    rows: QuerySet[Any] = view_resource.filter(
        viewer, Resource.objects.filter(withdrawn_at__isnull=True)
    )
    same = {"kind": wanted.kind, "operation": wanted.operation}
    rows = rows.filter(**{name: value for name, value in same.items() if value})
    if wanted.field is not None:
        through: Any = Resource.fields.through
        inside = through.objects.filter(concept__in=fields_within(wanted.field).values("pk"))
        rows = rows.filter(pk__in=inside.values("resource"))
    if wanted.owner:
        own = Q(profile__slug=wanted.owner)
        rows = rows.filter(own | Q(profile__as_unit__organisation__slug=wanted.owner))
    if wanted.user_class:
        prices = Price.objects.filter(holding_on(viewer.today), resource=OuterRef("pk"))
        rows = rows.filter(Exists(prices.filter(user_class=wanted.user_class)))
    if wanted.only_bookable or wanted.asks_for_time:
        rows = rows.filter(is_bookable=True)
    if wanted.only_funded:
        rows = rows.filter(is_publicly_funded=True)
    if wanted.minutes and wanted.asks_for_time:
        rows = rows.filter(longest_minutes__gte=wanted.minutes)
    return rows


def _met(asked: Iterable[list[Way]], mark: str = "") -> Any:
    """How many of the words asked for a resource says."""
    count: Any = Value(0, output_field=IntegerField())
    for ways in asked:
        said = Q()
        for way in ways:
            whole = Q()
            for stem in way:
                whole &= Q(words__contains=f" {mark}{stem} ")
            said |= whole
        count += Case(
            When(said, then=Value(_weight(ways))), default=Value(0), output_field=IntegerField()
        )
    return count


def _weight(ways: list[Way]) -> int:
    """How many words ask for a thing: its first way has one stem a word."""
    return len(ways[0])


def _point(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Where each stands: its own town, its owner's main seat, or that of the organisation."""

    def seat(owner: str, column: str) -> Subquery:
        seats = Seat.objects.filter(profile=OuterRef(owner), is_main=True)
        return Subquery(seats.values(column)[:1], output_field=FloatField())

    def coordinate(column: str) -> Case:
        seats = Coalesce(seat("profile", column), seat("profile__as_unit__organisation", column))
        own = When(municipality__isnull=False, then=F(f"municipality__{column}"))
        return Case(own, default=seats, output_field=FloatField())

    placed: QuerySet[Any] = rows.annotate(lat=coordinate("latitude"), lon=coordinate("longitude"))
    return placed


def _nothing() -> Value:
    return Value(None, output_field=FloatField())


def _distances(
    town: Municipality | None, points: list[tuple[float | None, float | None]]
) -> list[float | None]:
    if town is None:
        return [None] * len(points)
    return kilometres(town.latitude, town.longitude, points)


def _near(km: float | None, furthest: float | None) -> bool:
    return furthest is None or (km is not None and km <= furthest)


@lru_cache(maxsize=16_384)
def _sorting(name: str) -> str:
    return fold(name)
