"""Terms in members' own words that wait to be merged, each with the concept it may be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from trebbo.ecosystem.vocabularies.models import Concept
from trebbo.kernel.access import Viewer
from trebbo.kernel.text import fold
from trebbo.sharing.skills import gateway
from trebbo.sharing.skills.choices import VOCABULARIES
from trebbo.sharing.skills.gateway import Words
from trebbo.sharing.skills.models import Competence, OwnTerm
from trebbo.sharing.skills.policies import merge_term, view_competence
from trebbo.sharing.skills.queries.choosing import usable_concepts


@dataclass(frozen=True, slots=True)
class TermLine:
    """A term and the concept that it most likely is, if any."""

    term: OwnTerm
    likely: Concept | None


def waiting_terms(*, viewer: Viewer) -> QuerySet[OwnTerm]:
    """The terms that the viewer may merge, the most used first, with `used`."""
    rows = merge_term.filter(viewer, OwnTerm.objects.filter(merged_into__isnull=True))
    seen = view_competence.filter(viewer, Competence.objects.all())
    rows = rows.annotate(used=Count("competences", filter=Q(competences__in=seen)))
    return rows.order_by("-used", "label_it", "label_en", "pk")


def merged_terms(*, viewer: Viewer) -> QuerySet[OwnTerm]:
    """The terms that were merged lately."""
    rows = OwnTerm.objects.filter(merged_into__isnull=False)
    rows = rows.select_related("merged_into__scheme", "merged_by")
    return merge_term.filter(viewer, rows).order_by("-merged_at", "-pk")


def with_likely_concepts(terms: Sequence[OwnTerm], *, viewer: Viewer) -> list[TermLine]:
    """The terms, each with the concept of the same name, else the one that its words suggest."""
    by_name = _of_the_same_name(terms)
    others = [term for term in terms if term.pk not in by_name]
    found_for = gateway.fields_of_each((_words_of(term) for term in others), most=1)
    by_words = {
        term.pk: likely[0].concept_id
        for term, likely in zip(others, found_for, strict=True)
        if likely
    }
    usable = usable_concepts(by_words.values(), viewer=viewer) if by_words else []
    rows = Concept.objects.select_related("scheme", "broader")
    found = rows.in_bulk([*by_name.values(), *usable])
    keys = {**by_words, **by_name}
    return [TermLine(term, found.get(keys.get(term.pk, 0))) for term in terms]


def _of_the_same_name(terms: Sequence[OwnTerm]) -> Mapping[int, int]:
    alike = Q(pk__in=())
    for term in terms:
        for label in filter(None, (term.label_it, term.label_en)):
            alike |= Q(label_it__iexact=label) | Q(label_en__iexact=label)
    rows = Concept.objects.filter(alike, scheme__code__in=VOCABULARIES, is_gone=False)
    names: dict[str, int] = {}
    ordered = sorted(
        rows.select_related("scheme"), key=lambda one: VOCABULARIES.index(one.scheme.code)
    )
    for concept in ordered:
        for label in filter(None, (concept.label_it, concept.label_en)):
            names.setdefault(fold(label), concept.pk)
    found = {}
    for term in terms:
        keys = [names.get(fold(label)) for label in (term.label_it, term.label_en) if label]
        if key := next(filter(None, keys), None):
            found[term.pk] = key
    return found


def _words_of(term: OwnTerm) -> list[Words]:
    words = [Words(term.label_it, "it"), Words(term.label_en, "en")]
    return [one for one in words if one.text]
