"""Closed lists of the skills: direction, level, evidence, origin, kinds of training."""

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _


class Direction(TextChoices):
    """Whether a body has a competence or needs it."""

    OFFERED = "offered", _("Offered")
    SOUGHT = "sought", _("Sought")


class Level(IntegerChoices):
    """How well a competence is mastered, or how well it has to be."""

    BASIC = 1, _("Basic")
    GOOD = 2, _("Good")
    EXPERT = 3, _("Expert")
    REFERENCE = 4, _("Reference for others")


class EvidenceKind(TextChoices):
    """What stands behind a competence."""

    PROJECT = "project", _("Funded project")
    ACCREDITATION = "accreditation", _("Accreditation")
    EQUIPMENT = "equipment", _("Equipment")
    OTHER = "other", _("Other")


class Origin(TextChoices):
    """Where a competence, or the suggestion of one, comes from."""

    MEMBER = "member", _("Stated by its people")
    EVIDENCE = "evidence", _("From funded projects")
    TEXT = "text", _("From the text of the profile")


class Decision(TextChoices):
    """What the body's people made of a suggestion."""

    WAITING = "waiting", _("To be decided")
    ACCEPTED = "accepted", _("Accepted")
    REFUSED = "refused", _("Refused")


class TrainingKind(TextChoices):
    """What a training body offers."""

    COURSE = "course", _("Course")
    MASTER = "master", _("Master")
    DOCTORATE = "doctorate", _("Doctorate")
    HIGHER_TECHNICAL = "higher_technical", _("Higher technical training (ITS, IFTS)")
    SEMINAR = "seminar", _("Seminar")
    WORK_PLACE = "work_place", _("Work-based place")


FIELDS_SCHEME = "euroscivoc"
"""The scheme of fields, by which bodies are narrowed and drawn on the map."""
VOCABULARIES = (FIELDS_SCHEME, "esco_skills", "s3_themes")
"""The schemes in whose words a competence is stated, the usual one first."""

MOST_PROJECTS = 40
"""Projects that a competence rests on, at most; so for accreditations and equipment."""
LONGEST_NOTE = 2_000
LONGEST_TERM = 200
LARGEST_NUMBER = 1_000_000
"""Of people, hours and places."""

VERB_LABELS = {
    "state_competence": _("stated a competence"),
    "change_competence": _("changed a competence"),
    "remove_competence": _("removed a competence stated by mistake"),
    "suggest_competences": _("suggested competences"),
    "undo_suggestion": _("took back a decision on a suggested competence"),
    "end_competence": _("ended a competence"),
    "confirm_competence": _("confirmed a competence"),
    "decide_suggestion": _("decided on a suggested competence"),
    "merge_term": _("merged a term into a vocabulary"),
    "offer_training": _("offered training"),
    "change_training": _("changed an offer of training"),
    "end_training": _("ended an offer of training"),
    "remove_training": _("removed an offer of training made by mistake"),
}
"""What the verbs of the audit trail say about skills."""

FIELD_LABELS = {
    "skill": _("Competence"),
    "competences": _("Competences"),
    "direction": _("Offered or sought"),
    "level": _("Level"),
    "people": _("People who have it"),
    "concept": _("Concept"),
    "term": _("Own term"),
    "note_it": _("Note in Italian"),
    "note_en": _("Note in English"),
    "shown_to": _("Who sees it"),
    "evidence": _("Evidence"),
    "decision": _("Decision"),
    "training": _("Training"),
    "title": _("Title"),
    "hours": _("Hours"),
    "places": _("Number of places"),
    "apply_by": _("Apply by"),
    "suggestions": _("Suggestions"),
}
"""What the fields are called in the audit trail."""
