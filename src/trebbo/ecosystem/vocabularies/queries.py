"""Reads the vocabularies for their pages and for the forms of other areas."""

from django.db.models import Count, QuerySet

from trebbo.ecosystem.vocabularies.models import Concept, Municipality, Scheme
from trebbo.kernel.access import Viewer
from trebbo.kernel.text import one_line


def schemes(*, viewer: Viewer) -> QuerySet[Scheme]:
    """Every vocabulary with its number of concepts; public."""
    return Scheme.objects.annotate(size=Count("concepts")).order_by("code")


def concepts_of(scheme: Scheme, *, viewer: Viewer, words: str = "") -> QuerySet[Concept]:
    """The concepts of a vocabulary, or those whose label or code holds `words`; public."""
    rows = scheme.concepts.select_related("broader").order_by("position", "code")
    words = one_line(words)[:100]
    if not words:
        return rows
    return (
        rows.filter(label_it__icontains=words)
        | rows.filter(label_en__icontains=words)
        | rows.filter(code__istartswith=words)
    )


def municipalities(*, viewer: Viewer) -> QuerySet[Municipality]:
    """The municipalities by name, with their province; public."""
    return Municipality.objects.select_related("province").order_by("name")
