"""Closed lists of the ask: the facets of an answer and the parts of a profile that reasons name."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Facet(TextChoices):
    """What an answer can be narrowed by; the value is also the name in the address."""

    TYPE = "type", _("What it is")
    KIND = "kind", _("Kind")
    ACCREDITED = "accredited", _("High Technology Network")
    PROVINCE = "province", _("Province")
    CLUSTER = "cluster", _("Cluster")
    CHAIN = "chain", _("Value chain")
    TECHNOPOLE = "technopole", _("Technopole")
    FIELD = "field", _("Field")
    SPECIALISATION = "specialisation", _("Specialisation of the territory")
    FUNDED = "funded", _("Funded projects")
    COUNTRY = "country", _("Country")


class PartName(TextChoices):
    """Where in a profile a word was met."""

    NAME = "name", _("name")
    COMPETENCE = "competence", _("competences")
    EQUIPMENT = "equipment", _("equipment")
    SERVICE = "service", _("services")
    FIELD = "field", _("fields")
    DESCRIPTION = "description", _("description")
    AIMS = "aims", _("aims")
    KIND = "kind", _("kind")
    CLUSTER = "cluster", _("cluster")
    CHAIN = "chain", _("value chain")
    TECHNOPOLE = "technopole", _("Technopole")
    ORGANISATION = "organisation", _("organisation it belongs to")
    UNIT = "unit", _("its units")
    PLACE = "place", _("place")
    SPECIALISATION = "specialisation", _("specialisation of the territory")
    PROJECT = "project", _("funded project")
    EVIDENCE_FIELD = "evidence_field", _("fields of its funded projects")


BY_EVIDENCE = (PartName.PROJECT, PartName.EVIDENCE_FIELD)
"""What open data says of a body, not the body itself."""

OUTSIDE = "outside"
"""The audience that asked also for bodies outside the network."""

OUTSIDE_FACETS = (Facet.PROVINCE, Facet.FIELD, Facet.FUNDED, Facet.COUNTRY)
"""By what else bodies outside the network can be narrowed: nothing more is known of them."""

ACCREDITED_NOW = "yes"
FACET_LABELS = {ACCREDITED_NOW: _("Accredited now")}

EXAMPLES = (
    _("biomaterials for bone regeneration"),
    _("who tests medical devices near Mirandola"),
    _("laboratories for advanced therapies"),
    _("toxicology near Modena"),
)
"""Questions to begin with, each in the page's language."""
