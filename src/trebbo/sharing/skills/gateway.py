"""From the words of a profile to the fields that the engine finds in them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, Literal

from django.db.models import Count, Max, Q, Sum

from trebbo.ecosystem.evidence.models import FundedProject
from trebbo.ecosystem.vocabularies.models import Concept, WordPair, phrases_of
from trebbo.ecosystem.vocabularies.queries import lexicon
from trebbo.engine.fields import Example, Field, Suggester
from trebbo.kernel.access import visitor

SCHEME = "euroscivoc"
MOST_EXAMPLES = 4_000
"""The newest projects to learn from: memory grows with the square of their number."""
MOST_FIELDS = 12
LEAST_NAMED, LEAST_VOTED = 0.11, 0.6
"""Least scores of a field whose name the text says, and of one that only similar texts speak for.

With the few projects of a young installation the second kind is mostly a guess, which would waste
people's time.
"""
WORDS_TOLD = 6
BATCH = 500

Language = Literal["it", "en"]


@dataclass(frozen=True, slots=True)
class Words:
    """A text in its language."""

    text: str
    language: Language


@dataclass(frozen=True, slots=True)
class LikelyField:
    """A field that texts may be about; `score` is how probable, from 0 to 1, `words` say why."""

    concept_id: int
    score: float
    words: tuple[str, ...]


@dataclass(slots=True)
class _Kept:
    """The suggester of a moment, by the stamp of what it was made of."""

    stamp: object = None
    suggester: Suggester | None = None


_kept = _Kept()
_making = Lock()


def fields_of_text(texts: Iterable[Words], *, most: int = MOST_FIELDS) -> list[LikelyField]:
    """The fields that the texts are probably about, the most probable first.

    Of a field found in several texts the best score counts. Three small queries, and the reading of
    vocabulary and projects where they changed since the last time in this process.
    """
    (found,) = fields_of_each([texts], most=most)
    return found


def fields_of_each(
    bodies: Iterable[Iterable[Words]], *, most: int = MOST_FIELDS
) -> list[list[LikelyField]]:
    """The same for several bodies, in their order, at the cost of one."""
    read = [[one for one in texts if one.text.strip()] for texts in bodies]
    if not any(read):
        return [[] for _texts in read]
    suggester = _suggester()
    return [_fields_of(texts, suggester, most) for texts in read]


def _fields_of(texts: Iterable[Words], suggester: Suggester, most: int) -> list[LikelyField]:
    found: dict[int, LikelyField] = {}
    for one in texts:
        for likely in suggester.suggest(one.text, one.language, MOST_FIELDS):
            label, words = likely.reasons.label, likely.reasons.words
            if likely.score < (LEAST_NAMED if label else LEAST_VOTED):
                continue
            told = tuple(dict.fromkeys(label or words))[:WORDS_TOLD]
            field = LikelyField(int(likely.key), likely.score, told)
            best = found.get(field.concept_id)
            if best is None or best.score < field.score:
                found[field.concept_id] = field
    return sorted(found.values(), key=lambda one: (-one.score, one.concept_id))[:most]


def _suggester() -> Suggester:
    stamp = _stamp()
    with _making:
        if _kept.suggester is None or _kept.stamp != stamp:
            _kept.suggester = Suggester.of(_fields(), _examples(), lexicon(viewer=visitor()))
            _kept.stamp = stamp
        return _kept.suggester


def _stamp() -> tuple[Any, ...]:
    """What changes when the vocabulary, the word table or the evidence does."""
    concepts = Concept.objects.filter(scheme__code=SCHEME).aggregate(
        rows=Count("pk"),
        newest=Max("pk"),
        gone=Count("pk", filter=Q(is_gone=True)),
        named=Count("pk", filter=~Q(label_it="")),
        kept=Count("pk", filter=~Q(label_it_kept="")),
        imported=Max("scheme__imported_at"),
    )
    pairs = WordPair.objects.aggregate(rows=Count("pk"), newest=Max("pk"), changes=Sum("version"))
    projects = FundedProject.objects.aggregate(
        rows=Count("pk"), newest=Max("pk"), imported=Max("last_import")
    )
    return tuple(tuple(counts.values()) for counts in (concepts, pairs, projects))


def _fields() -> Sequence[Field]:
    rows = Concept.objects.filter(scheme__code=SCHEME, is_gone=False)
    return [
        Field(
            str(row.pk),
            tuple(
                [("it", name) for name in phrases_of(f"{row.label_it}|{row.synonyms_it}")]
                + [("en", name) for name in phrases_of(f"{row.label_en}|{row.synonyms_en}")]
            ),
            str(row.broader_id) if row.broader_id else None,
        )
        for row in rows
    ]


def _examples() -> Sequence[Example]:
    rows = FundedProject.objects.filter(gone_import=None, fields__isnull=False).distinct()
    newest = rows.order_by("-start_date", "-pk").only("title", "objective")[:MOST_EXAMPLES]
    chosen = {row.pk: f"{row.title}\n{row.objective}" for row in newest}
    through: Any = FundedProject.fields.through
    named: dict[int, list[str]] = {}
    keys = list(chosen)
    for start in range(0, len(keys), BATCH):
        pairs = through.objects.filter(fundedproject__in=keys[start : start + BATCH])
        for project, concept in pairs.values_list("fundedproject", "concept"):
            named.setdefault(project, []).append(str(concept))
    return [Example(str(key), text, "en", tuple(named[key])) for key, text in chosen.items()]
