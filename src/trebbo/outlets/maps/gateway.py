"""Hands the registry's places to the engine, holds its table, and brings pictures of it back."""

from array import array
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from threading import Lock
from typing import Any

from django.db.models import Model, QuerySet

from trebbo.ecosystem.clusters.models import (
    ChainMembership,
    Membership,
    Specialisation,
    SpecialisationPlace,
    ValueChain,
)
from trebbo.ecosystem.clusters.policies import IN_THE_CLUSTER
from trebbo.ecosystem.evidence.queries.words import funded_by
from trebbo.ecosystem.organisations.choices import ProfileType, Visibility
from trebbo.ecosystem.organisations.models import (
    Accreditation,
    KindPeriod,
    Profile,
    Seat,
    Unit,
    holding_on,
)
from trebbo.ecosystem.vocabularies.models import Concept, Municipality
from trebbo.engine.maps.contracts import AUDIENCE, Marker, Place, Selection, Window
from trebbo.engine.maps.markers import drawn
from trebbo.engine.maps.table import PlaceTable, Rows
from trebbo.kernel.access import visitor
from trebbo.outlets.maps.models import MapChange
from trebbo.partnering.introductions.choices import ACCREDITED_NOW, Facet
from trebbo.sharing.skills.models import Competence, fields_on

__all__ = ["Marker", "Selection", "Window"]

# The same bodies as the directory shows, and hidden profiles never.
ON_THE_MAP = (ProfileType.ORGANISATION, ProfileType.UNIT, ProfileType.TECHNOPOLE)
MOST_CHANGES = 500
# Two commits may become visible in another order than their numbers: look back this far.
LOOK_BACK = 200
BATCH = 5_000


@dataclass(frozen=True, slots=True)
class Picture:
    """What a window shows: `places` is the sum of the markers' counts, `bodies` are distinct."""

    markers: tuple[Marker, ...]
    places: int
    bodies: int


@dataclass(frozen=True, slots=True)
class Overview:
    """A selection without a window.

    `bodies` are ids in the order of names, `extent` is west, south, east, north, `unplaced` counts
    bodies without any known position.
    """

    bodies: Sequence[int]
    extent: tuple[float, float, float, float] | None
    unplaced: int


@dataclass(frozen=True, slots=True)
class _Held:
    table: PlaceTable
    day: date
    seen: int
    applied: frozenset[int]


_lock = Lock()
_held: _Held | None = None


@dataclass(frozen=True, slots=True)
class Atlas:
    """The registry's places as of now; everything that one page asks, it asks of one atlas."""

    _table: PlaceTable

    def picture(self, selection: Selection, window: Window) -> Picture:
        """The markers of the selection in the window."""
        rows = self._table.chosen(selection, window)
        return Picture(
            drawn(self._table, rows, window), len(rows), len(self._table.bodies_at(rows))
        )

    def bodies_in(self, selection: Selection, window: Window) -> Sequence[int]:
        """Ids of the bodies with a place in the window, in the order of their names."""
        rows = self._table.chosen(selection, window)
        return _ids(self._table.bodies_at(rows))

    def overview(self, selection: Selection) -> Overview:
        """All bodies of the selection, wherever they are."""
        rows = self._table.chosen(selection)
        bodies = self._table.bodies_at(rows)
        placed = self._table.bodies_at(self._table.placed(rows))
        return Overview(_ids(bodies), self._table.extent(rows), len(bodies) - len(placed))

    def counted(self, facet: Facet, selection: Selection) -> dict[str, int]:
        """How many bodies of the selection have each value of the facet."""
        return self._table.counted(facet.value, self._table.chosen(selection))

    def values_of(self, facets: Collection[Facet]) -> dict[Facet, list[str]]:
        """The values that any body has for each facet."""
        return {facet: self._table.values(facet.value) for facet in facets}


def atlas(*, today: date) -> Atlas:
    """The atlas of `today`, in step with every change noted until now: one query, usually."""
    return Atlas(_table(today))


def forget() -> None:
    """Read everything afresh at the next question, as after rows were filled in by other ways."""
    global _held  # noqa: PLW0603
    with _lock:
        _held = None


def _ids(bodies: Rows) -> Sequence[int]:
    """The ids as plain numbers, without making an object of each: a list shows few of them."""
    return array("q", bodies.tobytes())


def _table(today: date) -> PlaceTable:
    """The table of this process, in step with all changes noted until now."""
    global _held  # noqa: PLW0603
    held = _held
    if held is None or held.day != today:
        with _lock:
            held = _held
            if held is None or held.day != today:
                _held = held = _loaded(today)
            return held.table
    news = _news(held)
    if news:
        with _lock:
            _held = held = _in_step(_held or held, today)
    return held.table


def _news(held: _Held) -> dict[int, int]:
    """Numbers of changes not yet applied, with their profiles."""
    noted = MapChange.objects.filter(pk__gt=held.seen - LOOK_BACK).values_list("pk", "profile_id")
    return {pk: profile for pk, profile in noted if pk not in held.applied}


def _in_step(held: _Held, today: date) -> _Held:
    news = _news(held)
    profiles = set(news.values())
    if len(profiles) > MOST_CHANGES:
        return _loaded(today)
    seen = max((held.seen, *news))
    return _Held(
        table=held.table.with_bodies(profiles, list(_places(today, profiles))),
        day=today,
        seen=seen,
        applied=frozenset(pk for pk in (*held.applied, *news) if pk > seen - LOOK_BACK),
    )


def _loaded(today: date) -> _Held:
    # What is noted is read before the rows: a change in between is at worst read twice.
    noted = list(MapChange.objects.order_by("-pk").values_list("pk", flat=True)[:LOOK_BACK])
    return _Held(
        table=PlaceTable.of(_places(today)),
        day=today,
        seen=max(noted, default=0),
        applied=frozenset(noted),
    )


def _places(today: date, profiles: Collection[int] | None = None) -> Iterator[Place]:
    """The places of these profiles (of all if none are named), as of `today`.

    A seat without coordinates stands at its municipality's point; a body without a known seat has
    one place without a position, whose key is its own number made negative. Tables are read one by
    one and joined here: a database that has not yet counted its rows plans such joins badly.
    """
    facts = _facts(today, profiles)
    seats = _seats(today, profiles)
    shown = Profile.objects.filter(type__in=ON_THE_MAP).exclude(visibility=Visibility.HIDDEN)
    for body, name, kind, audience in _rows(
        shown, profiles, "pk", "sort_name", "type", "visibility"
    ):
        own = {(Facet.TYPE.value, kind), (AUDIENCE, audience), *facts.get(body, ())}
        if kind == ProfileType.TECHNOPOLE:
            own.add((Facet.KIND.value, ProfileType.TECHNOPOLE.value))
        for key, latitude, longitude, province in seats.get(body, ((-body, None, None, ""),)):
            where = {(Facet.PROVINCE.value, province)} if province else set()
            yield Place(key, body, name, latitude, longitude, frozenset(own | where))


def _seats(
    today: date, profiles: Collection[int] | None
) -> Mapping[int, list[tuple[int, float | None, float | None, str]]]:
    """For each profile its present seats: key, latitude, longitude, province."""
    rows = list(
        _rows(
            Seat.objects.filter(holding_on(today)),
            profiles,
            "profile_id",
            "pk",
            "latitude",
            "longitude",
            "municipality_id",
        )
    )
    towns = Municipality.objects.in_bulk({town for *_, town in rows if town})
    seats: dict[int, list[tuple[int, float | None, float | None, str]]] = defaultdict(list)
    for body, key, latitude, longitude, code in rows:
        town = towns.get(code)
        if town and (latitude is None or longitude is None):
            latitude, longitude = town.latitude, town.longitude  # noqa: PLW2901
        seats[body].append((key, latitude, longitude, town.province_id if town else ""))
    return seats


def _facts(today: date, profiles: Collection[int] | None) -> Mapping[int, set[tuple[str, str]]]:
    """What holds today of each profile, by the directory's facets."""
    now = holding_on(today)
    hosted = Unit.objects.exclude(technopole=None)
    members = Membership.objects.filter(now, state__in=IN_THE_CLUSTER)
    chains = ChainMembership.objects.filter(now)
    fields = Profile.fields.through.objects.all()
    offered = Competence.objects.filter(fields_on(today))
    places = SpecialisationPlace.objects.all()
    named: tuple[tuple[Facet, QuerySet[Any], str, str, type[Model], str], ...] = (
        (Facet.TECHNOPOLE, hosted, "pk", "technopole_id", Profile, "slug"),
        (Facet.CLUSTER, members, "profile_id", "cluster_id", Profile, "slug"),
        (Facet.CHAIN, chains, "profile_id", "value_chain_id", ValueChain, "slug"),
        (Facet.FIELD, fields, "profile_id", "concept_id", Concept, "code"),
        (Facet.FIELD, offered, "profile_id", "concept_id", Concept, "code"),
        (Facet.SPECIALISATION, places, "profile_id", "specialisation_id", Specialisation, "slug"),
    )
    facts: dict[int, set[tuple[str, str]]] = defaultdict(set)
    for facet, rows, owner, value, table, name in named:
        pairs = list(_rows(rows, profiles, owner, value))
        names = _names(table, name, {number for _profile, number in pairs})
        for profile, number in pairs:
            facts[profile].add((facet.value, names[number]))
    kinds = KindPeriod.objects.filter(now)
    for profile, kind in _rows(kinds, profiles, "organisation_id", "kind"):
        facts[profile].add((Facet.KIND.value, kind))
    for profile, kind in _rows(Unit.objects.all(), profiles, "pk", "kind"):
        facts[profile].add((Facet.KIND.value, kind))
    for (profile,) in _rows(Accreditation.objects.filter(now), profiles, "profile_id"):
        facts[profile].add((Facet.ACCREDITED.value, ACCREDITED_NOW))
    for profile, dataset in funded_by(profiles, viewer=visitor()):
        facts[profile].add((Facet.FUNDED.value, dataset))
    return facts


def _names(table: type[Model], column: str, numbers: Collection[int]) -> dict[int, str]:
    rows = table._default_manager.filter(pk__in=numbers)
    return dict(rows.values_list("pk", column)) if numbers else {}


def _rows(
    rows: QuerySet[Any], profiles: Collection[int] | None, owner: str, *columns: str
) -> Iterator[tuple[Any, ...]]:
    if profiles is not None:
        rows = rows.filter(**{f"{owner}__in": sorted(profiles)})
    plain: QuerySet[Model, tuple[Any, ...]] = rows.order_by().values_list(owner, *columns)
    return plain.iterator(chunk_size=BATCH)
