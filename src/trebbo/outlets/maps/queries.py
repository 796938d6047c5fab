"""Reads the bodies that the map shows, through the registry's policy, and its filters' words."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, QuerySet, Value

from trebbo.ecosystem.clusters.models import Specialisation, ValueChain
from trebbo.ecosystem.evidence.choices import Dataset
from trebbo.ecosystem.organisations.choices import Kind, ProfileType, UnitKind, Visibility
from trebbo.ecosystem.organisations.models import KindPeriod, Profile, Seat, holding_on
from trebbo.ecosystem.organisations.policies import belongs_to_network, view_profile
from trebbo.ecosystem.vocabularies.models import Concept, Province
from trebbo.kernel.access import Viewer
from trebbo.kernel.text import fold, in_language
from trebbo.partnering.introductions.choices import FACET_LABELS, Facet

# Offered whole; the other facets are too long for a map and show only what is chosen.
OFFERED = (
    Facet.TYPE,
    Facet.KIND,
    Facet.ACCREDITED,
    Facet.PROVINCE,
    Facet.CLUSTER,
    Facet.CHAIN,
    Facet.TECHNOPOLE,
)


@dataclass(frozen=True, slots=True)
class FilterValue:
    """One value to narrow the map by."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class FilterGroup:
    """A facet and its values, in the order of their words."""

    name: str
    label: str
    values: tuple[FilterValue, ...]

    @property
    def chosen(self) -> int:
        """How many values are chosen."""
        return sum(value.chosen for value in self.values)


def audiences(viewer: Viewer) -> frozenset[str]:
    """Whose profiles are on this viewer's map; hidden ones are on nobody's."""
    seen = {Visibility.PUBLIC.value}
    if belongs_to_network(viewer):
        seen.add(Visibility.NETWORK.value)
    return frozenset(seen)


def seats_shown(keys: Collection[int], viewer: Viewer) -> dict[int, Seat]:
    """The seats with these keys that the viewer may see, each with its body, ready to describe."""
    if not keys:
        return {}
    seats = list(Seat.objects.filter(pk__in=keys).select_related("municipality"))
    bodies = Profile.objects.filter(pk__in={seat.profile_id for seat in seats})
    rows = view_profile.filter(viewer, bodies).select_related(
        "as_unit__organisation", "as_organisation"
    )
    rows = rows.prefetch_related(_kinds_today("as_organisation__kinds", viewer))
    found = {profile.pk: profile for profile in rows}
    shown = {seat.pk: seat for seat in seats if seat.profile_id in found}
    for seat in shown.values():
        seat.profile = found[seat.profile_id]
    return shown


def bodies_listed(ids: Collection[int], viewer: Viewer) -> list[Profile]:
    """The profiles with these ids that the viewer may see, in the order given, ready to list."""
    rows = view_profile.filter(viewer, Profile.objects.filter(pk__in=ids))
    seats = Seat.objects.filter(holding_on(viewer.today)).select_related("municipality")
    rows = rows.select_related("as_unit__organisation", "as_organisation").prefetch_related(
        Prefetch("seats", queryset=seats.order_by("-is_main", "pk")),
        _kinds_today("as_organisation__kinds", viewer),
    )
    found = {profile.pk: profile for profile in rows}
    return [found[pk] for pk in ids if pk in found]


def filter_groups(
    present: Mapping[Facet, Iterable[str]], chosen: Mapping[str, tuple[str, ...]], viewer: Viewer
) -> tuple[FilterGroup, ...]:
    """The filters of the map: for each facet the values `present`, and those `chosen` anyway."""
    values = {
        facet: dict.fromkeys((*chosen.get(facet.value, ()), *present.get(facet, ())))
        for facet in Facet
    }
    labels = _labels(values, viewer)
    groups = []
    for facet, wanted in values.items():
        shown = [
            FilterValue(value, labels[facet, value], value in chosen.get(facet.value, ()))
            for value in wanted
            if (facet, value) in labels
        ]
        shown.sort(key=lambda value: fold(value.label))
        if shown:
            groups.append(FilterGroup(facet.value, str(facet.label), tuple(shown)))
    return tuple(groups)


def _kinds_today(path: str, viewer: Viewer) -> Prefetch[str]:
    return Prefetch(path, queryset=KindPeriod.objects.filter(holding_on(viewer.today)))


def _labels(
    values: Mapping[Facet, Collection[str]], viewer: Viewer
) -> dict[tuple[Facet, str], str]:
    """Words for the values; names come in one query, whatever the facets."""
    labels: dict[tuple[Facet, str], str] = {}
    for facet, choices in (
        (Facet.TYPE, ProfileType),
        (Facet.KIND, (*Kind, *UnitKind, ProfileType.TECHNOPOLE)),
        (Facet.FUNDED, Dataset),
    ):
        for choice in choices:
            if choice.value in values[facet]:
                labels[facet, choice.value] = str(choice.label)
    for value, label in FACET_LABELS.items():
        if value in values[Facet.ACCREDITED]:
            labels[Facet.ACCREDITED, value] = str(label)
    for named, code, italian, english in _names(values, viewer):
        labels[Facet(named), code] = in_language(italian, english)
    return labels


def _names(values: Mapping[Facet, Collection[str]], viewer: Viewer) -> Iterable[tuple[str, ...]]:
    bodies = view_profile.filter(viewer, Profile.objects.all())
    fields = Concept.objects.filter(scheme__code="euroscivoc")
    sources: tuple[tuple[Facet, QuerySet[Any], str, str, str], ...] = (
        (Facet.PROVINCE, Province.objects.all(), "code", "name_it", "name_en"),
        (Facet.CLUSTER, bodies, "slug", "name", "name_en"),
        (Facet.TECHNOPOLE, bodies, "slug", "name", "name_en"),
        (Facet.CHAIN, ValueChain.objects.all(), "slug", "name_it", "name_en"),
        (Facet.FIELD, fields, "code", "label_it", "label_en"),
        (Facet.SPECIALISATION, Specialisation.objects.all(), "slug", "name_it", "name_en"),
    )
    parts: list[QuerySet[Any, tuple[str, ...]]] = [
        rows.filter(**{f"{code}__in": list(values[facet])})
        .order_by()
        .values_list(Value(facet.value), code, italian, english)
        for facet, rows, code, italian, english in sources
        if values[facet]
    ]
    return parts[0].union(*parts[1:], all=True) if parts else ()
