"""Facets of an answer: the values to narrow it by, each in words and with its count."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet, Value

from trebbo.ecosystem.clusters.models import Specialisation, ValueChain
from trebbo.ecosystem.evidence.choices import Dataset
from trebbo.ecosystem.organisations.choices import Kind, ProfileType, SizeClass, UnitKind
from trebbo.ecosystem.organisations.models import Profile
from trebbo.ecosystem.organisations.policies import view_profile
from trebbo.ecosystem.vocabularies.models import Concept, Province
from trebbo.kernel.access import Viewer
from trebbo.kernel.countries import country_name
from trebbo.kernel.text import fold, in_language
from trebbo.partnering.introductions.choices import FACET_LABELS, Facet

FIRST_VALUES = 6
MOST_VALUES = 40

Counts = Mapping[str, tuple[tuple[str, int], ...]]
Chosen = Mapping[str, tuple[str, ...]]
Labels = dict[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value to narrow by, with how many profiles have it."""

    value: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class FacetGroup:
    """A facet with its values, the most frequent first: the first few, and the rest."""

    name: str
    label: str
    first: tuple[FacetValue, ...]
    rest: tuple[FacetValue, ...]

    @property
    def chosen(self) -> tuple[FacetValue, ...]:
        """The values that the question narrows by."""
        return tuple(value for value in (*self.first, *self.rest) if value.chosen)

    @property
    def rest_is_open(self) -> bool:
        """Whether one of the values further down is chosen."""
        return any(value.chosen for value in self.rest)


def facet_groups(counts: Counts, chosen: Chosen, *, viewer: Viewer) -> tuple[FacetGroup, ...]:
    """Every facet that the answer has values of; a value nobody knows is left out.

    At most `MOST_VALUES` of each, and those chosen anyway.
    """
    labels = _labels(counts, chosen, viewer)
    groups = []
    for facet in Facet:
        picked = chosen.get(facet.value, ())
        numbers = dict(counts.get(facet.value, ()))
        values = [
            FacetValue(value, labels[facet.value, value], numbers.get(value, 0), value in picked)
            for value in _shown(counts, chosen, facet)
            if (facet.value, value) in labels
        ]
        values.sort(key=lambda value: (-value.count, fold(value.label)))
        if values:
            first, rest = tuple(values[:FIRST_VALUES]), tuple(values[FIRST_VALUES:])
            groups.append(FacetGroup(facet.value, str(facet.label), first, rest))
    return tuple(groups)


def _shown(counts: Counts, chosen: Chosen, facet: Facet) -> list[str]:
    frequent = [value for value, _count in counts.get(facet.value, ())[:MOST_VALUES]]
    return list(dict.fromkeys((*frequent, *chosen.get(facet.value, ()))))


def _labels(counts: Counts, chosen: Chosen, viewer: Viewer) -> Labels:
    """The words for every value shown; names come in one query, whatever the facets."""
    wanted = {facet: _shown(counts, chosen, facet) for facet in Facet}
    kinds = (*Kind, *UnitKind, ProfileType.TECHNOPOLE, ProfileType.CLUSTER)
    fixed: tuple[tuple[Facet, Iterable[tuple[str, object]]], ...] = (
        (Facet.TYPE, ((choice.value, choice.label) for choice in ProfileType)),
        (Facet.KIND, ((choice.value, choice.label) for choice in kinds)),
        (Facet.SIZE, SizeClass.choices),
        (Facet.ACCREDITED, FACET_LABELS.items()),
        (Facet.FUNDED, Dataset.choices),
        (Facet.COUNTRY, ((code, country_name(code)) for code in wanted[Facet.COUNTRY])),
    )
    labels = {
        (facet.value, value): str(label)
        for facet, pairs in fixed
        for value, label in pairs
        if value in wanted[facet]
    }
    for facet_name, code, italian, english in _names(wanted, viewer):
        labels[facet_name, code] = in_language(italian, english)
    return labels


def _names(wanted: Mapping[Facet, list[str]], viewer: Viewer) -> Iterable[tuple[str, ...]]:
    bodies = view_profile.filter(viewer, Profile.objects.all())
    chains = ValueChain.objects.filter(cluster__in=bodies.values("pk"))
    fields = Concept.objects.filter(scheme__code="euroscivoc")
    sources: tuple[tuple[Facet, QuerySet[Any], str, str], ...] = (
        (Facet.PROVINCE, Province.objects.all(), "code", "name"),
        (Facet.CLUSTER, bodies, "slug", ""),
        (Facet.TECHNOPOLE, bodies, "slug", ""),
        (Facet.CHAIN, chains, "slug", "name"),
        (Facet.FIELD, fields, "code", "label"),
        (Facet.SPECIALISATION, Specialisation.objects.all(), "slug", "name"),
    )
    parts = []
    for facet, rows, code, name in sources:
        words = (f"{name}_it", f"{name}_en") if name else ("name", "name_en")
        if wanted[facet]:
            found = rows.filter(**{f"{code}__in": wanted[facet]}).order_by()
            parts.append(found.values_list(Value(facet.value), code, *words))
    return parts[0].union(*parts[1:], all=True) if parts else ()
