"""Parts of documents: how a part's name says its language and the fact that it tells."""

from collections.abc import Iterable, Iterator

from trebbo.ecosystem.evidence.queries.words import FieldWords, ProjectWords
from trebbo.engine.search import Part
from trebbo.engine.search.contracts import Weight
from trebbo.partnering.introductions.choices import PartName

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


def said_in(name: str) -> tuple[PartName, str, int]:
    """The part, the language and the fact that a part's name tells; blank and 0 where none."""
    part, _mark, rest = name.partition(MARK)
    language, _mark, fact = rest.partition(MARK)
    return PartName(part), language, int(fact or 0)
