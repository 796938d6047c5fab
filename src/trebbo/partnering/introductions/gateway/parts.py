"""Parts of documents: how a part's name says its language and the fact that it tells."""

from collections.abc import Iterable, Iterator

from trebbo.ecosystem.evidence.queries.words import FieldWords, ProjectWords
from trebbo.engine.search import Part
from trebbo.engine.search.contracts import Weight
from trebbo.partnering.introductions.choices import PartName
from trebbo.sharing.resources.choices import ResourceKind
from trebbo.sharing.resources.models import Resource
from trebbo.sharing.resources.queries.words import words_of_resource
from trebbo.sharing.skills.models import Competence, TrainingOffer
from trebbo.sharing.skills.queries.words import words_of_competence, words_of_training

WORK = (ResourceKind.SERVICE, ResourceKind.TRAINING_PLACE, ResourceKind.EXPERT)
"""Kinds of resources that are work of people."""
MARK = ":"
"""Between what `Part.name` says: the part, in which language it is written, which fact it is."""


def pair(part: PartName, italian: str, english: str, weight: Weight, fact: str = "") -> list[Part]:
    """The same words in both languages; `fact` names the row that they come from."""
    about = f"{MARK}{fact}" if fact else ""
    return [
        Part(f"{part.value}{MARK}it{about}", italian, "it", weight),
        Part(f"{part.value}{MARK}en{about}", english, "en", weight),
    ]


def project_parts(projects: Iterable[ProjectWords]) -> Iterator[Part]:
    """Funded projects, each a part that names the participation.

    They weigh as context: what a body says of itself comes before what its projects are called.
    """
    for one in projects:
        name = f"{PartName.PROJECT.value}{MARK}{one.language}{MARK}{one.participation}"
        yield Part(name, one.text, one.language, "D")


def evidence_field_parts(fields: Iterable[FieldWords]) -> Iterator[Part]:
    """Fields of funded projects, each a pair of parts that names the field."""
    for one in fields:
        part = PartName.EVIDENCE_FIELD
        yield from pair(part, one.label_it, one.label_en, "C", str(one.concept))


def competence_parts(competences: Iterable[Competence]) -> Iterator[Part]:
    """Competences on offer, each a pair of parts that names the row."""
    for one in competences:
        yield from pair(PartName.COMPETENCE, *words_of_competence(one), "B", str(one.pk))


def training_parts(offers: Iterable[TrainingOffer]) -> Iterator[Part]:
    """Training on offer, each a pair of parts that names the row.

    It weighs as a description: who teaches something comes after who says to do it.
    """
    for one in offers:
        yield from pair(PartName.TRAINING, *words_of_training(one), "C", str(one.pk))


def resource_parts(resources: Iterable[Resource]) -> Iterator[Part]:
    """Resources of the catalogue: things stand with the equipment, work with the services."""
    for one in resources:
        part = PartName.SERVICE if one.kind in WORK else PartName.EQUIPMENT
        yield from pair(part, *words_of_resource(one), "B")


def said_in(name: str) -> tuple[PartName, str, int]:
    """The part, the language and the fact that a part's name tells; blank and 0 where none."""
    part, _mark, rest = name.partition(MARK)
    language, _mark, fact = rest.partition(MARK)
    return PartName(part), language, int(fact or 0)
