"""What people choose competences from: concepts of the vocabularies, in both languages."""

from collections.abc import Iterable

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, Length, NullIf

from trebbo.ecosystem.clusters.models import ValueChain
from trebbo.ecosystem.clusters.queries import visible_clusters
from trebbo.ecosystem.organisations.models import holding_on
from trebbo.ecosystem.vocabularies.models import Concept
from trebbo.kernel.access import Viewer
from trebbo.kernel.text import in_language, one_line
from trebbo.sharing.skills.choices import VOCABULARIES

MOST_FOUND = 40
LONGEST_SEARCH = 100
Choice = tuple[str, str]
WORDS = ("label_it", "label_en", "synonyms_it", "synonyms_en")


def with_words(words: str, *prefixes: str, columns: Iterable[str] = WORDS) -> Q:
    """The condition that each of the words is in one of the columns, of one of the tables."""
    condition = Q()
    names = [f"{prefix}{column}" for prefix in prefixes or ("",) for column in columns]
    for word in one_line(words)[:LONGEST_SEARCH].split():
        one = Q()
        for name in names:
            one |= Q(**{f"{name}__icontains": word})
        condition &= one
    return condition


def concepts_named(words: str, *, viewer: Viewer) -> QuerySet[Concept]:
    """The present concepts with all of the words, in either language; the usual scheme first."""
    usual = [When(scheme__code=code, then=Value(n)) for n, code in enumerate(VOCABULARIES)]
    label = in_language("label_it", "label_en")
    other = in_language("label_en", "label_it")
    rows = Concept.objects.filter(with_words(words), scheme__code__in=VOCABULARIES, is_gone=False)
    rows = rows.annotate(
        place=Case(*usual, default=Value(len(usual)), output_field=IntegerField()),
        length=Length(Coalesce(NullIf(label, Value("")), other)),
    )
    return rows.select_related("scheme", "broader").order_by("place", "length", "position", "pk")


def concept_choices(
    *, viewer: Viewer, chosen: Iterable[str | int | None], words: str
) -> list[Choice]:
    """The concepts chosen so far, then at most MOST_FOUND of those with all of `words`."""
    keys = [int(key) for key in map(str, chosen) if key.isdecimal() and len(key) < 19]
    rows = Concept.objects.filter(pk__in=keys, scheme__code__in=VOCABULARIES)
    found = list(rows.select_related("scheme", "broader").order_by("pk")) if keys else []
    if one_line(words):
        found += concepts_named(words, viewer=viewer).exclude(pk__in=keys)[:MOST_FOUND]
    return [(str(row.pk), in_full(row)) for row in found]


def in_full(concept: Concept) -> str:
    """A concept with what stands above it and its vocabulary, so that it can be told apart."""
    above = f", {concept.broader.label}" if concept.broader else ""
    return f"{concept.label} ({concept.scheme.name}{above})"


def usable_concepts(concept_ids: Iterable[int], *, viewer: Viewer) -> list[int]:
    """Those of the concepts with which a competence may be stated, without the widest ones."""
    rows = Concept.objects.filter(
        pk__in=list(concept_ids),
        scheme__code__in=VOCABULARIES,
        is_gone=False,
    )
    # The top of a hierarchy says nothing about one body; a scheme without one has no top.
    flat = ~Q(scheme__code="euroscivoc")
    return list(rows.filter(flat | Q(broader__isnull=False)).values_list("pk", flat=True))


def cluster_choices(*, viewer: Viewer) -> list[Choice]:
    """The clusters that the viewer may see."""
    return [(one.slug, one.title) for one in visible_clusters(viewer=viewer)]


def chain_choices(*, viewer: Viewer) -> list[Choice]:
    """The value chains of these clusters that are open today."""
    clusters = visible_clusters(viewer=viewer).order_by()
    rows = ValueChain.objects.filter(holding_on(viewer.today), cluster__in=clusters)
    rows = rows.select_related("cluster").order_by("cluster__sort_name", "name_it")
    return [(one.slug, f"{one.name} ({one.cluster.acronym or one.cluster.title})") for one in rows]
