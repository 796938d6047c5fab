"""Closed lists of the asks: facets, parts of a profile, standings, feedback, floors, words."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Facet(TextChoices):
    """What an answer can be narrowed by; the value is also the name in the address."""

    TYPE = "type", _("What it is")
    KIND = "kind", _("Kind")
    SIZE = "size", _("Size")
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
    TRAINING = "training", _("training")
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


class EntryStanding(TextChoices):
    """How a body stands on a shortlist."""

    PROPOSED = "proposed", _("Proposed")
    KEPT = "kept", _("Kept by a person")
    ADDED = "added", _("Added by a person")
    DROPPED = "dropped", _("Dropped")


class FeedbackKind(TextChoices):
    """What a person thought of a body for an ask."""

    MOVED = "moved", _("Moved")
    DROPPED = "dropped", _("Dropped")
    ADDED = "added", _("Added")
    KEPT = "kept", _("Kept")
    NOTED = "noted", _("Annotated")
    LIKED = "liked", _("Liked")
    NOT_THIS = "not_this", _("Not this one")


class DropReason(TextChoices):
    """Why a body does not belong on a shortlist."""

    NOT_OUR_FIELD = "not_our_field", _("Not their field")
    WRONG_KIND = "wrong_kind", _("Wrong kind of body")
    TOO_FAR = "too_far", _("Too far away")
    CONFLICT = "conflict", _("Conflict of interest")
    NO_CAPACITY = "no_capacity", _("No capacity at present")
    NOT_RELIABLE = "not_reliable", _("Not reliable")
    OTHER = "other", _("Another reason")


class FloorGroup(TextChoices):
    """Who is to have a least share of the first places."""

    SME = "sme", _("Small and medium enterprises")
    NEWCOMER = "newcomer", _("Newcomers to funded projects")
    PROVINCE = "province", _("Bodies of a province")


class AskLanguage(TextChoices):
    """The language in which a need is written."""

    ITALIAN = "it", _("Italian")
    ENGLISH = "en", _("English")


LONGEST_NEED = 500_000
"""Characters of a need: a whole call, pasted, fits."""

FIRST_PROPOSED = 20
"""How many of an answer a shortlist begins with."""

VERB_LABELS = {
    "train_ranking": _("trained the ranking"),
    "forget_ranking": _("went back to the transparent ranking"),
    "keep_ask": _("kept an ask"),
    "change_ask": _("changed an ask"),
    "close_ask": _("closed an ask"),
    "share_ask": _("shared an ask"),
    "unshare_ask": _("stopped sharing an ask"),
    "rerun_ask": _("ran an ask again"),
    "move_entry": _("moved a body on a shortlist"),
    "drop_entry": _("dropped a body from a shortlist"),
    "restore_entry": _("put a body back on a shortlist"),
    "add_entry": _("added a body to a shortlist"),
    "annotate_entry": _("wrote a note on a shortlist"),
    "set_silent": _("said whether it is shown in asks"),
    "set_no_capacity_until": _("said until when it has no capacity"),
    "keep_apart": _("is kept apart from another in asks"),
    "end_keep_apart": _("is no longer kept apart from another in asks"),
    "set_floor": _("set a least share of the first places"),
    "remove_floor": _("removed a least share of the first places"),
}
"""What the verbs of the audit trail say about asks."""

FIELD_LABELS = {
    "position": _("Place on the shortlist"),
    "reason": _("Reason"),
    "shared_with": _("Shared with"),
    "is_silent": _("Not shown in asks"),
    "no_capacity_until": _("No capacity until"),
    "kept_apart_from": _("Kept apart from"),
    "least_share": _("Least share of the first ten places (%)"),
}
"""What the fields are called in the audit trail."""
