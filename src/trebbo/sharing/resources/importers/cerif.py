"""Reads Equipment of OpenAIRE CERIF XML, as a CRIS gives it out (profile 1.0 to 1.2).

See https://openaire-guidelines-for-cris-managers.readthedocs.io, Equipment.
"""

from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET
from xml.parsers import expat

from django.utils.translation import gettext as _

from trebbo.kernel.access import Viewer
from trebbo.kernel.text import one_line
from trebbo.sharing.resources.actions import ResourceRefused
from trebbo.sharing.resources.choices import ResourceKind
from trebbo.sharing.resources.exporters.cerif import (
    DOI,
    HANDLE,
    LANDING,
    SERIAL,
    number_type,
)
from trebbo.sharing.resources.importers.resources import ResourceSaid, RowOutcome, take_in

LARGEST_XML = 5_000_000
MOST_EQUIPMENT = 1_000
DEEPEST = 50
PROFILE = "https://www.openaire.eu/cerif-profile/"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
PERSISTENT = (DOI, HANDLE)


def import_equipment(
    *, actor: Viewer, data: bytes, profile_slug: str, write: bool
) -> list[RowOutcome]:
    """Add or change the pieces of equipment of an XML file, for one body; see `import_resources`.

    One that came before is known again by its persistent identifier, by our own number, or by the
    identifier that its system gave it. Refuses a file that is no such XML, declares a document type
    (so that no entity is ever resolved), is deeper than DEEPEST or larger than LARGEST_XML.
    """
    root = _parsed(data)
    found = list(_equipment(root))
    if not found:
        raise ResourceRefused(_("No Equipment of OpenAIRE CERIF is in this file."))
    if len(found) > MOST_EQUIPMENT:
        raise ResourceRefused(_("At most %(limit)s rows fit.") % {"limit": MOST_EQUIPMENT})
    said = [_said(line, one, profile_slug) for line, one in enumerate(found, start=1)]
    return take_in(actor=actor, said=said, write=write)


def _parsed(data: bytes) -> "ET.Element[str]":
    if len(data) > LARGEST_XML:
        raise ResourceRefused(_("The file is too large: at most 5 MB fit here."))
    wrong = ResourceRefused(_("This is not XML that can be read."))
    try:
        _demand_harmless(data)
        return ET.fromstring(data)  # noqa: S314 (without document types nothing can swell)
    except (expat.ExpatError, ET.ParseError, ValueError, LookupError) as error:
        raise wrong from error


def _demand_harmless(data: bytes) -> None:
    """Read it once without building anything: document types and deep nesting are refused."""
    depth = 0

    def begin(*_names: Any) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise ResourceRefused(_("This is not XML that can be read."))

    def end(_name: str) -> None:
        nonlocal depth
        depth -= 1

    def declare(*_names: Any) -> None:
        words = _("The file declares a document type (DOCTYPE), which is not taken.")
        raise ResourceRefused(words)

    reader = expat.ParserCreate()
    reader.StartElementHandler, reader.EndElementHandler = begin, end
    reader.StartDoctypeDeclHandler = reader.EntityDeclHandler = declare
    reader.Parse(data, True)  # noqa: FBT003 (its only way)


def _equipment(root: "ET.Element[str]") -> "Iterator[ET.Element[str]]":
    for element in root.iter():
        space, _mark, name = element.tag.rpartition("}")
        if name == "Equipment" and space.startswith(f"{{{PROFILE}"):
            yield element


def _said(line: int, element: "ET.Element[str]", profile_slug: str) -> ResourceSaid:
    values: dict[str, Any] = {"kind": str(ResourceKind.EQUIPMENT)}
    values |= _in_languages(element, "Name", "name")
    values |= _in_languages(element, "Description", "description")
    number: int | None = None
    for one in _children(element, "Identifier"):
        kind, text = one.get("type", ""), _text(one)
        if kind in PERSISTENT:
            values.setdefault("identifier", text)
        elif kind == SERIAL:
            values.setdefault("serial_number", text)
        elif kind == LANDING:
            values.setdefault("landing_page", text)
        elif kind == number_type() and text.isascii() and text.isdigit() and len(text) < 18:
            number = int(text)
    foreign = one_line(element.get("id", "")) if number is None else ""
    if foreign:
        values["source"] = f"OpenAIRE CERIF: {foreign}"
    label = str(values.get("name_it") or values.get("name_en") or foreign)
    return ResourceSaid(
        line, label, profile_slug, number=number, values=values, is_foreign=bool(foreign)
    )


def _in_languages(element: "ET.Element[str]", name: str, field: str) -> dict[str, str]:
    """The texts in Italian and English; where neither is there, what there is counts as English."""
    texts: dict[str, str] = {}
    for one in _children(element, name):
        texts.setdefault(one.get(LANGUAGE, "").lower()[:2], _text(one))
    found = {f"{field}_{code}": texts[code] for code in ("it", "en") if code in texts}
    if not found and texts:
        found[f"{field}_en"] = next(iter(texts.values()))
    return found


def _children(element: "ET.Element[str]", name: str) -> "Iterator[ET.Element[str]]":
    return (one for one in element if one.tag.rpartition("}")[2] == name)


def _text(element: "ET.Element[str]") -> str:
    return "".join(element.itertext()).strip()
