"""Equipment as OpenAIRE CERIF XML, profile 1.2, in the envelope in which a CRIS gives it out.

See https://openaire-guidelines-for-cris-managers.readthedocs.io, Equipment, and the profile's
schema: the order of elements is that of its sequence. CERIF's equipment has no maker, model,
prices or hours: what it cannot say stays out.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from django.conf import settings

from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel.documents import printable
from trebbo.sharing.resources.choices import ResourceKind
from trebbo.sharing.resources.models import Resource
from trebbo.sharing.resources.queries import ExportedResource

CERIF = "https://www.openaire.eu/cerif-profile/1.2/"
OAI = "http://www.openarchives.org/OAI/2.0/"
SCHEMA = "http://www.w3.org/2001/XMLSchema-instance"
WHERE = (
    f"{OAI} http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd "
    f"{CERIF} https://www.openaire.eu/schema/cris/1.2/openaire-cerif-profile.xsd"
)
SET = "openaire_cris_equipments"
TYPES = "https://w3id.org/cerif/vocab/IdentifierTypes"
DOI, HANDLE, LANDING, SERIAL = (
    f"{TYPES}#{name}" for name in ("DOI", "Handle", "URL", "SerialNumber")
)
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
XML = "application/xml; charset=utf-8"


def number_type() -> str:
    """What tells our own numbers from those of other systems."""
    return f"{settings.SITE_ADDRESS}/resources/"


def equipment_xml(rows: Iterable[ExportedResource], made_at: datetime) -> bytes:
    """The pieces of equipment among the rows; other kinds are no equipment in CERIF."""
    root = ET.Element("OAI-PMH", {"xmlns": OAI, "xmlns:xsi": SCHEMA, "xsi:schemaLocation": WHERE})
    _add(root, "responseDate", _moment(made_at))
    address = f"{settings.SITE_ADDRESS}/resources/export.xml"
    asked = {"verb": "ListRecords", "metadataPrefix": "oai_cerif_openaire", "set": SET}
    _add(root, "request", address, **asked)
    records = ET.SubElement(root, "ListRecords")
    for row in rows:
        if row.resource.kind == ResourceKind.EQUIPMENT:
            _record(records, row.resource)
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _record(records: "ET.Element[str]", resource: Resource) -> None:
    record = ET.SubElement(records, "record")
    head = ET.SubElement(record, "header")
    host = settings.SITE_ADDRESS.partition("://")[2].partition(":")[0]
    _add(head, "identifier", f"oai:{host}:Equipments/{resource.pk}")
    _add(head, "datestamp", _moment(resource.changed_at))
    _add(head, "setSpec", SET)
    payload = ET.SubElement(record, "metadata")
    element = ET.SubElement(
        payload, "Equipment", {"xmlns": CERIF, "id": f"Equipments/{resource.pk}"}
    )
    _bilingual(element, "Name", resource, "name")
    _add(element, "Identifier", str(resource.pk), type=number_type())
    if resource.identifier:
        kind = DOI if resource.identifier.startswith("10.") else HANDLE
        _add(element, "Identifier", resource.identifier, type=kind)
    if resource.landing_page:
        _add(element, "Identifier", resource.landing_page, type=LANDING)
    if resource.serial_number:
        _add(element, "Identifier", resource.serial_number, type=SERIAL)
    _bilingual(element, "Description", resource, "description")
    _owner(ET.SubElement(element, "Owner"), resource.profile)


def _owner(owner: "ET.Element[str]", profile: Profile) -> None:
    unit = ET.SubElement(owner, "OrgUnit", {"id": f"OrgUnits/{profile.pk}"})
    _add(unit, "Name", profile.name, lang="it")
    _add(unit, "Identifier", profile.slug, type=f"{settings.SITE_ADDRESS}/profiles/")
    if profile.website:
        _add(unit, "ElectronicAddress", profile.website)


def _bilingual(parent: "ET.Element[str]", name: str, resource: Resource, field: str) -> None:
    for code in ("it", "en"):
        if text := getattr(resource, f"{field}_{code}"):
            _add(parent, name, text, lang=code)


def _add(parent: "ET.Element[str]", name: str, text: str, *, lang: str = "", **marks: str) -> None:
    element = ET.SubElement(parent, name, {LANGUAGE: lang} if lang else {}, **marks)
    element.text = printable(text)


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
