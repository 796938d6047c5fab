"""Reads the vocabularies for their pages and for the forms of other areas."""

from django.db.models import (
    Case,
    Count,
    F,
    IntegerField,
    ManyToManyRel,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from trebbo.ecosystem.vocabularies import gateway
from trebbo.ecosystem.vocabularies.models import Concept, Municipality, Scheme, WordPair
from trebbo.kernel import audit
from trebbo.kernel.access import Viewer
from trebbo.kernel.models import AuditLine
from trebbo.kernel.text import one_line

LACKING = Q(label_it="")
KEPT = ~Q(label_it_kept="")
TO_CHOOSE = (
    KEPT
    & ~Q(label_it_published="")
    & ~Q(label_it_published=F("label_it_kept"))
    & ~Q(label_it_published=F("label_it_kept_over"))
)
LABEL_LISTS = {"lacking": LACKING & Q(is_gone=False), "kept": KEPT, "choose": TO_CHOOSE}
"""Which concepts each list of labels holds."""
OURS = ~Q(phrases_it_kept="") | ~Q(phrases_en_kept="")
WORD_LISTS = {"all": Q(), "ours": OURS, "left_out": Q(is_left_out=True)}
"""Which pairs each list of words holds."""
HISTORY_SHOWN = 10


def schemes(*, viewer: Viewer) -> QuerySet[Scheme]:
    """Every vocabulary with its number of concepts; public."""
    return Scheme.objects.annotate(size=Count("concepts")).order_by("code")


def schemes_to_label(*, viewer: Viewer) -> QuerySet[Scheme]:
    """The vocabularies that have concepts, with how many lack an Italian label; fields first."""
    lacking = Count("concepts", filter=Q(concepts__label_it="", concepts__is_gone=False))
    rows = Scheme.objects.annotate(lacking=lacking, size=Count("concepts")).filter(size__gt=0)
    is_other = Case(When(code="euroscivoc", then=0), default=1)
    return rows.order_by(is_other, "code")


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


def labels_of(
    scheme: Scheme, *, viewer: Viewer, shown: str = "lacking", words: str = ""
) -> QuerySet[Concept]:
    """The concepts of one of `LABEL_LISTS`, the most used first, with what stands above them.

    `used` counts the rows, of whatever area, that say something with the concept.
    """
    rows = scheme.concepts.filter(LABEL_LISTS[shown])
    words = one_line(words)[:100]
    if words:
        rows = rows.filter(Q(label_en__icontains=words) | Q(label_it__icontains=words))
    rows = rows.annotate(used=sum(_uses(), start=Value(0)))
    return rows.select_related("broader__broader__broader__broader__broader__broader").order_by(
        "-used", "position", "code"
    )


def municipalities(*, viewer: Viewer) -> QuerySet[Municipality]:
    """The municipalities by name, with their province; public."""
    return Municipality.objects.select_related("province").order_by("name")


def word_pairs(*, viewer: Viewer, shown: str = "all", words: str = "") -> QuerySet[WordPair]:
    """The pairs of one of `WORD_LISTS`, those with `words` in a phrase, in order of their codes."""
    rows = WordPair.objects.filter(WORD_LISTS[shown]).order_by("code")
    words = one_line(words)[:100]
    if not words:
        return rows
    return rows.filter(
        Q(phrases_it_published__icontains=words)
        | Q(phrases_en_published__icontains=words)
        | Q(phrases_it_kept__icontains=words)
        | Q(phrases_en_kept__icontains=words)
    )


def word_pair(*, viewer: Viewer, pair_id: int) -> WordPair | None:
    """One pair, if it is there."""
    return WordPair.objects.filter(pk=pair_id).first()


def lexicon(*, viewer: Viewer) -> gateway.Lexicon:
    """The words of both languages as the engine reads them, for gateways of areas above; public."""
    return gateway.read_lexicon()


def history_of_words(pair: WordPair, *, viewer: Viewer) -> list[AuditLine]:
    """What the offices did to a pair lately, newest first."""
    return list(audit.history_of(pair)[:HISTORY_SHOWN])


def _uses() -> list[Coalesce]:
    """For each table of many-to-many rows that points to concepts, how many it has for one."""
    counts = []
    for relation in Concept._meta.get_fields(include_hidden=True):
        if not isinstance(relation, ManyToManyRel) or relation.through is None:
            continue
        through: type[Model] = relation.through
        key = relation.field.m2m_reverse_field_name()
        rows = through._default_manager.filter(**{key: OuterRef("pk")}).order_by()
        counted = rows.values(key).annotate(rows=Count("pk")).values("rows")
        counts.append(Coalesce(Subquery(counted, output_field=IntegerField()), 0))
    return counts
