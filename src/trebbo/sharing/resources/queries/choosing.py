"""What the form of a resource offers to choose from."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, Length, NullIf

from trebbo.ecosystem.evidence.models import FundedProject
from trebbo.ecosystem.evidence.queries.parts import is_hidden, present_participations
from trebbo.ecosystem.organisations.models import Profile, Unit
from trebbo.ecosystem.organisations.queries import municipality_choices, visible_profiles
from trebbo.ecosystem.vocabularies.models import Concept
from trebbo.kernel.access import Viewer
from trebbo.kernel.text import in_language, one_line
from trebbo.sharing.resources.models import Qualification, Resource
from trebbo.sharing.resources.queries.catalogue import linkable

MOST_FOUND = 40
LONGEST_SEARCH = 100
LONGEST_KEY = 19
VOCABULARIES = ("euroscivoc",)
"""The scheme whose concepts come first."""
WORDS = ("label_it", "label_en", "synonyms_it", "synonyms_en")
Choice = tuple[Any, Any]


def resource_choices(
    profile: Profile,
    *,
    viewer: Viewer,
    fields: Iterable[Any] = (),
    words: str = "",
    resource: Resource | None = None,
) -> dict[str, list[Choice]]:
    """The lists of the form of a resource of an owner, by the names that the form takes.

    Fields are those chosen so far, then at most MOST_FOUND with all of `words`.
    """
    trainings = Qualification.objects.filter(profile=profile.pk).order_by("name_it", "pk")
    links = linkable(profile, viewer=viewer, but=resource.pk if resource else None)
    kept = resource.booked_with.all() if resource else Resource.objects.none()
    return {
        "concepts": field_choices(fields, words, viewer=viewer),
        "municipalities": list(municipality_choices(viewer=viewer)),
        "operators": [(one.pk, one.title) for one in _operators(profile, viewer, resource)],
        "projects": [(one.pk, str(one)) for one in _projects(profile, resource)],
        "qualifications": [(one.pk, one.name) for one in trainings],
        "resources": [(one.pk, one.name) for one in {**_keyed(links), **_keyed(kept)}.values()],
    }


def field_choices(chosen: Iterable[Any], words: str, *, viewer: Viewer) -> list[Choice]:
    """The concepts chosen so far, then those with all of the words, the shortest first."""
    keys = [int(key) for key in map(str, chosen) if key.isdecimal() and len(key) < LONGEST_KEY]
    rows = Concept.objects.filter(pk__in=keys).select_related("scheme", "broader")
    found = list(rows.order_by("pk")) if keys else []
    if one_line(words):
        found += _named(words).exclude(pk__in=keys)[:MOST_FOUND]
    return [(str(row.pk), _in_full(row)) for row in found]


def _named(words: str) -> QuerySet[Concept]:
    condition = Q(is_gone=False)
    for word in one_line(words)[:LONGEST_SEARCH].split():
        one = Q()
        for name in WORDS:
            one |= Q(**{f"{name}__icontains": word})
        condition &= one
    label, other = in_language("label_it", "label_en"), in_language("label_en", "label_it")
    usual = [When(scheme__code=code, then=Value(n)) for n, code in enumerate(VOCABULARIES)]
    rows = Concept.objects.filter(condition).annotate(
        place=Case(*usual, default=Value(len(usual)), output_field=IntegerField()),
        length=Length(Coalesce(NullIf(label, Value("")), other)),
    )
    return rows.select_related("scheme", "broader").order_by("place", "length", "position", "pk")


def _in_full(concept: Concept) -> str:
    above = f", {concept.broader.label}" if concept.broader else ""
    return f"{concept.label} ({concept.scheme.name}{above})"


def _operators(profile: Profile, viewer: Viewer, resource: Resource | None) -> QuerySet[Any]:
    """The owner's organisation and its units, and who operates it now."""
    parents = Unit.objects.filter(pk=profile.pk).values("organisation")
    house = Q(as_unit__organisation__in=parents) | Q(pk__in=parents)
    house |= Q(as_unit__organisation=profile.pk)
    rows = visible_profiles(viewer=viewer).filter(
        house | Q(pk=resource.operator_id if resource else None)
    )
    return rows.exclude(pk=profile.pk).order_by("sort_name", "pk")


def _projects(profile: Profile, resource: Resource | None) -> QuerySet[FundedProject]:
    parts = present_participations().filter(
        ~is_hidden(), project=OuterRef("pk"), profile=profile.pk
    )
    rows = FundedProject.objects.filter(
        Exists(parts) | Q(pk=resource.project_id if resource else None)
    )
    return rows.defer("objective", "keywords").order_by("-start_date", "pk")


def _keyed(rows: Iterable[Resource]) -> dict[int, Resource]:
    return {one.pk: one for one in rows}
