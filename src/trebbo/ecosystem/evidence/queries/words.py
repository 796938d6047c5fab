"""Reads the words of the evidence: what a search knows bodies by, and how a reason is told."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from django.db.models import Count, Exists, F, OuterRef, QuerySet, Subquery

from trebbo.ecosystem.evidence.choices import (
    SETTLED,
    BodyScheme,
    Dataset,
    ParticipationRole,
    Verdict,
)
from trebbo.ecosystem.evidence.models import Body, FundedProject, Link, Participation, Statement
from trebbo.ecosystem.evidence.policies import see_participation
from trebbo.ecosystem.vocabularies.models import Concept
from trebbo.kernel.access import Viewer

MOST_PROJECTS = 40
"""Funded projects by which one profile is found, the newest first."""
MOST_PROJECTS_OF_BODY = 20
MOST_FIELDS = 40
BATCH = 2_000
FOUND_OUTSIDE = (BodyScheme.PIC, BodyScheme.TAX_CODE)
"""Registers whose bodies took part in projects; ROR's only lend their identifier."""

Language = Literal["it", "en"]


@dataclass(frozen=True, slots=True)
class ProjectWords:
    """A funded project as a search reads it, named by the part that the body has in it."""

    participation: int
    text: str
    language: Language


@dataclass(frozen=True, slots=True)
class FieldWords:
    """A field of a body's funded projects."""

    concept: int
    code: str
    label_it: str
    label_en: str


@dataclass(slots=True)
class EvidenceWords:
    """What the evidence says of one body in words; `datasets` are those of its projects."""

    projects: list[ProjectWords] = field(default_factory=list)
    fields: list[FieldWords] = field(default_factory=list)
    datasets: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class BodyWords:
    """A body outside the registry as a search reads it."""

    body: Body
    said: EvidenceWords


@dataclass(frozen=True, slots=True)
class ProjectTold:
    """A body's part in a funded project, as a reason tells it; `role` in the page's language."""

    participation: Participation
    role: str
    language: Language

    @property
    def project(self) -> FundedProject:
        """The project itself."""
        return self.participation.project

    @property
    def span(self) -> str:
        """The first and the last year of the project, or the one that is known; else nothing."""
        days = (self.project.start_date, self.project.end_date)
        return "\N{EN DASH}".join(dict.fromkeys(str(day.year) for day in days if day))


def profile_words(profile_ids: Collection[int], *, viewer: Viewer) -> dict[int, EvidenceWords]:
    """By what evidence these profiles are found: the parts in projects that `viewer` may see.

    At most MOST_PROJECTS and MOST_FIELDS for each. Fields that the profile hid are left out, those
    it corrected are given as corrected. Three queries, however many profiles.
    """
    shown = see_participation.filter(viewer, _present().filter(profile__in=list(profile_ids)))
    words = _project_words(shown, "profile_id", MOST_PROJECTS)
    said = _said_of_fields(profile_ids)
    for owner, fields in _field_words(shown, "profile_id").items():
        told = (one for row in fields if (one := said.get((owner, row.concept), row)))
        unique = {one.concept: one for one in told}
        words[owner].fields = list(unique.values())[:MOST_FIELDS]
    return dict(words)


def funded_by(profile_ids: Collection[int] | None, *, viewer: Viewer) -> Iterator[tuple[int, str]]:
    """(profile, dataset) for these profiles, or all, as far as `viewer` may see. One query."""
    rows = see_participation.filter(viewer, _present().exclude(profile=None))
    if profile_ids is not None:
        rows = rows.filter(profile__in=sorted(profile_ids))
    pairs = rows.order_by().values_list("profile_id", "project__dataset").distinct()
    for profile, dataset in pairs.iterator(chunk_size=BATCH):
        yield int(profile), str(dataset)


def outside_bodies() -> QuerySet[Body]:
    """The bodies that only the evidence knows: with projects, and settled on no profile."""
    settled = Link.objects.filter(body=OuterRef("pk"), profile__isnull=False, state__in=SETTLED)
    return Body.objects.filter(
        ~Exists(settled), scheme__in=FOUND_OUTSIDE, projects__gt=0, gone_import=None
    )


def body_words(bodies: QuerySet[Body], *, viewer: Viewer) -> Iterator[BodyWords]:
    """The bodies with the words of their projects that are nobody's in the registry.

    Read in batches, so that memory stays small; at most MOST_PROJECTS_OF_BODY and MOST_FIELDS.
    """
    batch: list[Body] = []
    for body in bodies.order_by("pk").iterator(chunk_size=BATCH):
        batch.append(body)
        if len(batch) == BATCH:
            yield from _batch_words(batch, viewer)
            batch = []
    if batch:
        yield from _batch_words(batch, viewer)


def projects_told(ids: Collection[int], *, viewer: Viewer) -> dict[int, ProjectTold]:
    """These parts in projects as reasons tell them, by id; left out what `viewer` may not see.

    A role that the member corrected is given as corrected. One query.
    """
    if not ids:
        return {}
    corrected = Statement.objects.filter(
        participation=OuterRef("pk"), profile=OuterRef("profile"), verdict=Verdict.CORRECTED
    )
    rows = see_participation.filter(viewer, _present().filter(pk__in=list(ids)))
    rows = rows.select_related("project").defer("project__objective", "project__keywords")
    return {
        row.pk: ProjectTold(row, _role(row), _language(row.project.dataset))
        for row in rows.annotate(said_role=Subquery(corrected.values("role")[:1]))
    }


def fields_told(
    pairs: Collection[tuple[int, int]], *, viewer: Viewer
) -> dict[tuple[int, int], Concept]:
    """The fields of these (profile, field) pairs; left out those that it hid or corrected.

    What a profile said of its fields holds for whoever looks. Two queries.
    """
    if not pairs:
        return {}
    withdrawn = Statement.objects.filter(
        concept__in={concept for _profile, concept in pairs},
        profile__in={profile for profile, _concept in pairs},
        verdict__in=(Verdict.HIDDEN, Verdict.CORRECTED),
    )
    concepts = Concept.objects.filter(pk__in={concept for _profile, concept in pairs})
    silenced = set(withdrawn.values_list("profile_id", "concept_id"))
    found = {concept.pk: concept for concept in concepts}
    return {pair: found[pair[1]] for pair in pairs if pair[1] in found and pair not in silenced}


def _present() -> QuerySet[Participation]:
    """The parts in projects that the newest editions still hold."""
    return Participation.objects.filter(gone_import=None, project__gone_import=None)


def _batch_words(bodies: list[Body], viewer: Viewer) -> Iterator[BodyWords]:
    first, last = bodies[0].pk, bodies[-1].pk
    rows = _present().filter(body__gte=first, body__lte=last, profile=None)
    rows = see_participation.filter(viewer, rows)
    words = _project_words(rows, "body_id", MOST_PROJECTS_OF_BODY, topic=False)
    for owner, fields in _field_words(rows, "body_id").items():
        words[owner].fields = fields[:MOST_FIELDS]
    for body in bodies:
        if body.pk in words:
            yield BodyWords(body, words[body.pk])


def _project_words(
    rows: QuerySet[Participation], owner: str, most: int, *, topic: bool = True
) -> defaultdict[int, EvidenceWords]:
    """For each owner its projects, the newest first, each once."""
    words: defaultdict[int, EvidenceWords] = defaultdict(EvidenceWords)
    seen: set[tuple[int, int]] = set()
    newest = rows.order_by(F("project__start_date").desc(nulls_last=True), "position", "pk")
    for who, pk, project, dataset, acronym, title, call in newest.values_list(
        owner,
        "pk",
        "project_id",
        "project__dataset",
        "project__acronym",
        "project__title",
        "project__topic_title",
    ).iterator(chunk_size=BATCH):
        words[who].datasets.add(dataset)
        if (who, project) in seen or len(words[who].projects) == most or not (acronym or title):
            continue
        seen.add((who, project))
        text = ". ".join(filter(None, (acronym, title, call if topic else "")))
        words[who].projects.append(ProjectWords(pk, text, _language(dataset)))
    return words


def _field_words(rows: QuerySet[Participation], owner: str) -> dict[int, list[FieldWords]]:
    """For each owner the fields of its projects, the most frequent first."""
    counted = (
        rows.filter(project__fields__isnull=False)
        .order_by()
        .values_list(owner, "project__fields")
        .annotate(many=Count("project", distinct=True))
    )
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for who, concept, many in counted.iterator(chunk_size=BATCH):
        found[who].append((-many, concept))
    concepts = _concepts({concept for many in found.values() for _count, concept in many})
    return {
        who: [concepts[concept] for _count, concept in sorted(many)] for who, many in found.items()
    }


def _concepts(ids: Collection[int]) -> Mapping[int, FieldWords]:
    rows = Concept.objects.filter(pk__in=ids)
    return {
        pk: FieldWords(pk, code, italian, english)
        for pk, code, italian, english in rows.values_list("pk", "code", "label_it", "label_en")
    }


def _said_of_fields(profile_ids: Collection[int]) -> dict[tuple[int, int], FieldWords | None]:
    """What the profiles said of fields: the right one instead, or None for hidden."""
    rows: QuerySet[Statement, tuple[Any, ...]] = (
        Statement.objects.filter(
            profile__in=list(profile_ids), verdict__in=(Verdict.HIDDEN, Verdict.CORRECTED)
        )
        .exclude(concept=None)
        .values_list(
            "profile_id",
            "concept_id",
            "verdict",
            "instead_id",
            "instead__code",
            "instead__label_it",
            "instead__label_en",
        )
    )
    return {
        (profile, concept): FieldWords(*instead)
        if verdict == Verdict.CORRECTED and instead[0]
        else None
        for profile, concept, verdict, *instead in rows
    }


def _role(row: Participation) -> str:
    return str(ParticipationRole(vars(row)["said_role"] or row.role).label)


def _language(dataset: str) -> Language:
    """The language in which a dataset writes its titles."""
    return "it" if dataset == Dataset.OPENCOESIONE else "en"
