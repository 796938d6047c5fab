"""Reads EuroSciVoc, the fields of science, as SKOS with labels and synonyms."""

import re
import xml.sax
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation import gettext as _
from rdflib import Graph, Literal, Namespace
from rdflib.exceptions import ParserError
from rdflib.namespace import OWL, RDF, SKOS
from rdflib.plugins.parsers.notation3 import BadSyntax
from rdflib.term import Node

from trebbo.ecosystem.vocabularies.actions.official.contents import (
    ConceptRow,
    Edition,
    LeftOut,
    OnProgress,
    VocabularyRefused,
)
from trebbo.ecosystem.vocabularies.actions.official.euroscivoc import SCHEME
from trebbo.ecosystem.vocabularies.actions.official.reading import opened

XL = Namespace("http://www.w3.org/2008/05/skos-xl#")
NUMBER = re.compile(r"[^\d]*(?:\d+[/.])*(?P<last>\d+)/?")
NESTED = re.compile(rb"<!ENTITY[^>]*&")  # entities made of entities: each may double the text
LONGEST_LABEL = 300
MOST_BYTES = 50_000_000  # five times EuroSciVoc; a graph in memory takes some ten times its text
LANGUAGES = ("it", "en")


def read(path: Path, on_progress: OnProgress | None = None) -> list[Edition]:
    """The concepts of a SKOS or SKOS-XL file, RDF/XML or Turtle, with both languages' labels.

    The code of a concept is the last number of its notation, as in the paths of CORDIS.
    """
    graph = Graph()
    with opened(path) as file:
        text = file.read(MOST_BYTES + 1)
    if len(text) > MOST_BYTES or NESTED.search(text):
        raise VocabularyRefused(
            _("The file unpacks to far more than a vocabulary holds: it was not read.")
        )
    kind = "xml" if text.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<") else "turtle"
    try:
        graph.parse(data=text, format=kind)
    except (xml.sax.SAXException, ParserError, BadSyntax, ValueError, AssertionError) as error:
        raise VocabularyRefused(
            _("The file breaks off, or is neither RDF/XML nor Turtle: download it again.")
        ) from error
    concepts = sorted(set(graph.subjects(RDF.type, SKOS.Concept)), key=str)
    if not concepts:
        raise VocabularyRefused(_("The file holds no SKOS concepts."))
    edition = Edition(SCHEME, version=_version(graph))
    for done, concept in enumerate(concepts, 1):
        if on_progress and done % 100 == 0:
            on_progress(done, len(concepts))
        row = _concept(graph, concept)
        if row is None:
            reason = _("without a label in Italian or English")
            edition.left_out.append(LeftOut(0, str(concept), reason))
        else:
            edition.concepts.append(row)
    edition.concepts.sort(key=lambda row: (len(row.code), row.code))
    return [edition]


def _concept(graph: Graph, concept: Node) -> ConceptRow | None:
    labels = {language: _labels(graph, concept, "prefLabel", language) for language in LANGUAGES}
    if not any(labels.values()):
        return None
    row = ConceptRow(_code(graph, concept))
    for language, found in labels.items():
        # A language in which the file does not speak is not its to empty.
        if found:
            setattr(row, f"label_{language}", found[0][:LONGEST_LABEL])
            others = [*found[1:], *_labels(graph, concept, "altLabel", language)]
            words = (name.replace("|", "/") for name in others if name != found[0])
            setattr(row, f"synonyms_{language}", "|".join(dict.fromkeys(words)))
    above = sorted({_code(graph, wider) for wider in graph.objects(concept, SKOS.broader)})
    row.broader = tuple((SCHEME, code) for code in above)
    return row


def _labels(graph: Graph, concept: Node, name: str, language: str) -> list[str]:
    """The labels of one kind in one language, plain and of SKOS-XL, without doubles."""
    return sorted(
        {
            " ".join(str(label).split())
            for label in _literals(graph, concept, name)
            if (label.language or "").casefold() == language and str(label).strip()
        }
    )


def _literals(graph: Graph, concept: Node, name: str) -> Iterator[Literal]:
    for label in graph.objects(concept, SKOS[name]):
        if isinstance(label, Literal):
            yield label
    for label in graph.objects(concept, XL[name]):
        for form in graph.objects(label, XL.literalForm):
            if isinstance(form, Literal):
                yield form


def _code(graph: Graph, concept: Node) -> str:
    """The last number of the notation; without one, the end of the concept's address."""
    for notation in sorted(map(str, graph.objects(concept, SKOS.notation))):
        if found := NUMBER.fullmatch(notation.strip()):
            return found["last"]
    return str(concept).rstrip("/").rpartition("/")[2][:60]


def _version(graph: Graph) -> str:
    for scheme in graph.subjects(RDF.type, SKOS.ConceptScheme):
        for version in graph.objects(scheme, OWL.versionInfo):
            return str(version)[:120]
    return ""
