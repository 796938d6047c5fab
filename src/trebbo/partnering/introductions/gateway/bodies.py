"""What the evidence says of bodies outside the registry, as documents of a search of their own."""

from collections.abc import Iterator, Mapping

from django.db.models import QuerySet

from trebbo.ecosystem.evidence.models import Body
from trebbo.ecosystem.evidence.queries.words import BodyWords, body_words
from trebbo.ecosystem.vocabularies.models import Municipality
from trebbo.engine.search import Document, Part, Point
from trebbo.kernel.access import visitor
from trebbo.kernel.text import fold
from trebbo.partnering.introductions.choices import OUTSIDE, Facet, PartName
from trebbo.partnering.introductions.gateway.parts import evidence_field_parts, project_parts

COUNTRY = "IT"
"""Towns of other countries are not in the vocabularies."""


def key_of_body(body_id: int) -> str:
    """The engine's key of a body outside the registry."""
    return f"body:{body_id}"


def body_of(key: str) -> int:
    """The body of an engine's key."""
    return int(key.removeprefix("body:"))


def body_documents(bodies: QuerySet[Body]) -> Iterator[Document]:
    """The bodies as documents for the audience that asked also outside the network."""
    towns = _towns()
    for words in body_words(bodies, viewer=visitor()):
        yield _document(words, towns)


def _document(words: BodyWords, towns: Mapping[str, Municipality]) -> Document:
    body, said = words.body, words.said
    parts = [Part(PartName.NAME.value, name, "any", "A") for name in _names(body)]
    if body.town:
        parts.append(Part(PartName.PLACE.value, body.town, "any", "D"))
    parts.extend(evidence_field_parts(said.fields))
    parts.extend(project_parts(said.projects))
    facets = {(Facet.FIELD.value, one.code) for one in said.fields}
    facets |= {(Facet.FUNDED.value, dataset) for dataset in said.datasets}
    if body.country:
        facets.add((Facet.COUNTRY.value, body.country))
    town = towns.get(fold(body.town)) if body.country == COUNTRY else None
    if town:
        facets.add((Facet.PROVINCE.value, town.province_id))
    return Document(
        key=key_of_body(body.pk),
        title=body.name,
        parts=tuple(part for part in parts if part.text),
        facets=frozenset(facets),
        audiences=frozenset({OUTSIDE}),
        points=(Point(town.latitude, town.longitude, town.name),) if town else (),
    )


def _names(body: Body) -> Iterator[str]:
    yield body.name
    if body.short_name and body.short_name != body.name:
        yield body.short_name


def _towns() -> dict[str, Municipality]:
    """The municipalities by their folded name; two of one name are nobody's place."""
    towns: dict[str, Municipality] = {}
    twice: set[str] = set()
    for town in Municipality.objects.all():
        name = fold(town.name)
        if name in towns:
            twice.add(name)
        towns[name] = town
    return {name: town for name, town in towns.items() if name not in twice}
