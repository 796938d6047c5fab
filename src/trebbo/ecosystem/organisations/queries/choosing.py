"""What forms let people choose from."""

from collections.abc import Iterable
from itertools import groupby

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from trebbo.ecosystem.organisations.models import Organisation, Technopole
from trebbo.ecosystem.organisations.policies import seen_by
from trebbo.ecosystem.vocabularies.models import Concept, Municipality
from trebbo.kernel.access import Viewer
from trebbo.kernel.pages import key_of
from trebbo.kernel.text import fold

Choice = tuple[str, str | Promise]
Group = tuple[str, list[Choice]]

NOT_KNOWN: Choice = ("", _("Not known"))
SECTOR_SCHEMES = ("nace_rev2", "ateco_2025")
MOST_FOUND = 40


def legal_form_choices(*, viewer: Viewer) -> list[Choice]:
    """The legal forms, after "not known"."""
    rows = Concept.objects.filter(scheme__code="legal_forms").order_by("position")
    return [NOT_KNOWN, *((str(row.pk), row.label) for row in rows)]


def sector_choices(*, viewer: Viewer) -> list[Choice | Group]:
    """The sectors of both classifications, sections and divisions, each under its name."""
    upper = Q(broader=None) | Q(broader__broader=None)
    rows = Concept.objects.filter(upper, scheme__code__in=SECTOR_SCHEMES, is_gone=False)
    rows = rows.select_related("scheme")
    ordered = rows.order_by("scheme__code", "position")
    groups: list[Choice | Group] = [NOT_KNOWN]
    for scheme, concepts in groupby(ordered, key=lambda concept: concept.scheme.name):
        entries: list[Choice] = [(str(row.pk), f"{row.code} {row.label}") for row in concepts]
        groups.append((scheme, entries))
    return groups


def technopole_choices(*, viewer: Viewer) -> list[Choice]:
    """The Technopoles that the person may see, after "none"."""
    rows = Technopole.objects.filter(seen_by(viewer)).order_by("sort_name")
    return [("", _("None or not known")), *((str(row.pk), row.title) for row in rows)]


def municipality_choices(*, viewer: Viewer) -> list[Choice]:
    """The municipalities by name."""
    rows = Municipality.objects.order_by("name").values_list("pk", "name", "province_id")
    return [NOT_KNOWN, *((key, f"{name} ({province})") for key, name, province in rows)]


def field_choices(*, viewer: Viewer, chosen: Iterable[str], words: str) -> list[Choice]:
    """The fields chosen so far, then those in whose labels all of `words` are."""
    chosen_keys = [key for key in map(key_of, chosen) if key]
    rows = Concept.objects.filter(scheme__code="euroscivoc").select_related("broader")
    found = list(rows.filter(pk__in=chosen_keys).order_by("position"))
    if words.strip():
        matching = rows.exclude(pk__in=chosen_keys)
        for word in words.split():
            matching = matching.filter(
                Q(label_it__icontains=word)
                | Q(label_en__icontains=word)
                | Q(synonyms_it__icontains=word)
                | Q(synonyms_en__icontains=word)
            )
        found += matching.order_by("position")[:MOST_FOUND]
    return [(str(row.pk), _with_broader(row)) for row in found]


def organisations_named(words: str, *, viewer: Viewer, limit: int = 6) -> QuerySet[Organisation]:
    """Organisations whose address or folded name is exactly `words`, else those that begin so."""
    rows = Organisation.objects.filter(seen_by(viewer)).order_by("sort_name")
    exact = rows.filter(Q(slug=words) | Q(sort_name=fold(words)))
    return (
        exact[:limit] if exact.exists() else rows.filter(sort_name__startswith=fold(words))[:limit]
    )


def _with_broader(concept: Concept) -> str:
    return f"{concept.label} ({concept.broader.label})" if concept.broader else concept.label
