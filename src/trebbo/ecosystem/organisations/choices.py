"""Closed lists of the registry: what a profile is, its kind, size, standing and freshness."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from trebbo.ecosystem.accounts import choices as accounts
from trebbo.ecosystem.vocabularies import choices as vocabularies


class ProfileType(TextChoices):
    """What has a profile."""

    ORGANISATION = "organisation", _("Organisation")
    UNIT = "unit", _("Unit")
    TECHNOPOLE = "technopole", _("Technopole")
    CLUSTER = "cluster", _("Cluster")


class Kind(TextChoices):
    """What an organisation is, as of a date."""

    LARGE_COMPANY = "large_company", _("Large company")
    SME = "sme", _("Small or medium enterprise")
    COMPANY = "company", _("Company (size not known)")
    RAT_LABORATORY = "rat_laboratory", _("High Technology Network laboratory")
    RESEARCH_CENTRE = "research_centre", _("Research centre")
    UNIVERSITY = "university", _("University")
    HEALTH_FACILITY = "health_facility", _("Health facility")
    TRAINING_BODY = "training_body", _("Training body")
    PATIENT_ASSOCIATION = "patient_association", _("Patient association")
    PUBLIC_AUTHORITY = "public_authority", _("Public authority")
    AGENCY = "agency", _("Agency")
    TECHNOPOLE_MANAGER = "technopole_manager", _("Technopole manager")
    INCUBATOR = "incubator", _("Incubator")
    CLUSTER_ASSOCIATION = "cluster_association", _("Cluster association")
    OTHER = "other", _("Other")


class UnitKind(TextChoices):
    """What a unit of an organisation is."""

    DEPARTMENT = "department", _("Department")
    LABORATORY = "laboratory", _("Laboratory")
    INNOVATION_CENTRE = "innovation_centre", _("Innovation centre")
    OTHER = "other", _("Other unit")


class SizeClass(TextChoices):
    """Size classes of Recommendation 2003/361/EC."""

    MICRO = "micro", _("Micro")
    SMALL = "small", _("Small")
    MEDIUM = "medium", _("Medium")
    LARGE = "large", _("Large")


class Standing(TextChoices):
    """How sure a fact is; shown wherever it is not simply verified."""

    VERIFIED = "verified", _("Verified")
    PARTLY = "partly", _("Partly verified")
    INFERRED = "inferred", _("Inferred from evidence")
    MEMORY = "memory", _("Remembered, to be checked")
    CANDIDATE = "candidate", _("Candidate, not proven")
    SYNTHETIC = "synthetic", _("Synthetic, for demonstration")


class Visibility(TextChoices):
    """Who may see a profile."""

    PUBLIC = "public", _("Everybody")
    NETWORK = "network", _("People of the network")
    HIDDEN = "hidden", _("Only those who look after it")


class Freshness(TextChoices):
    """How far a profile can still be trusted today; computed, never typed."""

    CONFIRMED = "confirmed", _("Confirmed")
    DUE = "due", _("Due for confirmation")
    STALE = "stale", _("Out of date")
    NEVER = "never", _("Never confirmed")


class IdentifierScheme(TextChoices):
    """Registers that give bodies an identifier."""

    PIC = "pic", _("PIC (EU participant code)")
    ROR = "ror", _("ROR")
    ORCID = "orcid", _("ORCID")
    REA = "rea", _("REA (business register)")
    IPA = "ipa", _("IPA (public administrations)")
    GRID = "grid", _("GRID")
    WIKIDATA = "wikidata", _("Wikidata")
    OTHER = "other", _("Other")


class ItemSection(TextChoices):
    """The lists of a profile."""

    COMPETENCE = "competence", _("Competences")
    EQUIPMENT = "equipment", _("Equipment")
    SERVICE = "service", _("Services")


class NameKind(TextChoices):
    """Why a body has another name."""

    SHORT = "short", _("Short name")
    FORMER = "former", _("Former name")
    TRANSLATION = "translation", _("Translation")
    TRADE = "trade", _("Trade name")


class PointPrecision(TextChoices):
    """How exact a seat's coordinates are."""

    EXACT = "exact", _("Address")
    MUNICIPALITY = "municipality", _("Somewhere in the municipality")


class ParentageKind(TextChoices):
    """How one organisation belongs to another."""

    CONTROLS = "controls", _("Controlled by")
    PART_OF = "part_of", _("Part of")
    FOUNDED = "founded", _("Founded by")


FIELD_LABELS = {
    **vocabularies.FIELD_LABELS,
    "name": _("Legal or proper name"),
    "name_en": _("Name in English"),
    "acronym": _("Acronym"),
    "description_it": _("Description in Italian"),
    "description_en": _("Description in English"),
    "notes_it": _("Notes in Italian"),
    "notes_en": _("Notes in English"),
    "website": _("Website"),
    "visibility": _("Who sees the profile"),
    "legal_form": _("Legal form"),
    "sector": _("Sector"),
    "tax_code": _("Tax code"),
    "vat_number": _("VAT number"),
    "certified_email": _("Certified e-mail (PEC)"),
    "kind": _("Kind"),
    "organisation": _("Organisation"),
    "technopole": _("Technopole"),
    "code": _("Code"),
    "manager": _("Managing body"),
    "size": _("Size class"),
    "year": _("Year"),
    "headcount": _("People (annual work units)"),
    "turnover": _("Turnover (euro)"),
    "balance": _("Balance sheet total (euro)"),
    "fields": _("Fields"),
    "competence": _("Competences"),
    "equipment": _("Equipment"),
    "service": _("Services"),
    "other_name": _("Other name"),
    "identifier": _("Identifier"),
    "parent": _("Parent organisation"),
    "accreditation": _("Accreditation"),
    "act": _("Act"),
    "seat": _("Seat"),
    "label": _("Name of the seat"),
    "address": _("Address"),
    "postcode": _("Postcode"),
    "municipality": _("Municipality"),
    "latitude": _("Latitude"),
    "longitude": _("Longitude"),
    "precision": _("Exactness of the position"),
    "is_main": _("Main seat"),
    "valid_from": _("From"),
    "valid_until": _("Until"),
    "source": _("Source"),
    "standing": _("How sure it is"),
    "owner": _("Looked after by"),
    "due_date": _("To be confirmed by"),
    "person": _("Person"),
    "role": _("Role"),
}
"""What the fields are called, for forms, refusals and histories."""

VERB_LABELS = {
    **accounts.VERB_LABELS,
    **vocabularies.VERB_LABELS,
    "register_profile": _("added the profile"),
    "edit_profile": _("changed the profile"),
    "confirm_profile": _("confirmed that everything is still true"),
    "set_fields": _("changed the fields"),
    "replace_items": _("changed a list"),
    "add_other_name": _("added another name"),
    "remove_other_name": _("removed another name"),
    "add_identifier": _("added an identifier"),
    "remove_identifier": _("removed an identifier"),
    "set_kind": _("stated the kind"),
    "state_size": _("stated the size"),
    "add_parent": _("added a parent organisation"),
    "end_parent": _("ended a tie to a parent organisation"),
    "accredit": _("recorded an accreditation"),
    "end_accreditation": _("ended an accreditation"),
    "add_seat": _("added a seat"),
    "change_seat": _("changed a seat"),
    "end_seat": _("closed a seat"),
}
"""What the verbs of the audit trail say in a profile's history; areas above add theirs."""
