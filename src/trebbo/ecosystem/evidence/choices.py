"""Closed lists of the evidence: datasets, states of an import, roles, verdicts, verbs."""

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Dataset(TextChoices):
    """What can be imported; each has one present edition."""

    CORDIS_FP7 = "cordis-fp7", _("CORDIS, FP7 projects")
    CORDIS_H2020 = "cordis-h2020", _("CORDIS, Horizon 2020 projects")
    CORDIS_HORIZON = "cordis-horizon", _("CORDIS, Horizon Europe projects")
    PARTICIPATIONS_H2020 = "participations-h2020", _("Horizon 2020 participations by PIC")
    OPENCOESIONE = "opencoesione", _("OpenCoesione projects")
    ROR = "ror", _("ROR, Research Organization Registry")


@dataclass(frozen=True, slots=True)
class Publisher:
    """Who publishes a dataset, and how it asks to be credited."""

    name: str
    licence: str
    record: str
    """Address of one project's record, with its key as `{key}`; blank where there is none."""


CORDIS = Publisher(
    "CORDIS, Publications Office of the EU",
    "2011/833/EU (CC BY 4.0)",
    "https://cordis.europa.eu/project/id/{key}",
)
PUBLISHERS = {
    Dataset.CORDIS_FP7: CORDIS,
    Dataset.CORDIS_H2020: CORDIS,
    Dataset.CORDIS_HORIZON: CORDIS,
    Dataset.PARTICIPATIONS_H2020: Publisher(
        CORDIS.name, CORDIS.licence, "https://cordis.europa.eu/project/rcn/{key}"
    ),
    Dataset.OPENCOESIONE: Publisher(
        "OpenCoesione", "CC BY 4.0", "https://opencoesione.gov.it/it/progetti/{key}/"
    ),
    Dataset.ROR: Publisher("ROR", "CC0", "https://ror.org/{key}"),
}


PROGRAMMES = {"FP7": "FP7", "H2020": "Horizon 2020", "HORIZON": "Horizon Europe"}
"""What people call a programme, by its code in CORDIS."""


class ImportState(TextChoices):
    """The life of an import; only `published` is seen outside its own page."""

    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("running")
    STOPPED = "stopped", _("stopped")
    FAILED = "failed", _("failed")
    PUBLISHED = "published", _("published")
    UNCHANGED = "unchanged", _("nothing new in it")


class ImportStage(TextChoices):
    """What an import is doing; a resumed one takes up the first stage that is not done."""

    RECOGNISE = "recognise", _("recognising the file")
    READ = "read", _("reading the file")
    CHECK = "check", _("checking row by row")
    PUBLISH = "publish", _("publishing")
    LINK = "link", _("linking to the registry")


class BodyScheme(TextChoices):
    """The register in which a body of the evidence has its key."""

    PIC = "pic", _("PIC (EU participant code)")
    ROR = "ror", _("ROR")
    TAX_CODE = "tax_code", _("Tax code")


class ParticipationRole(TextChoices):
    """How a body takes part in a funded project."""

    COORDINATOR = "coordinator", _("Coordinator")
    PARTICIPANT = "participant", _("Participant")
    THIRD_PARTY = "third_party", _("Third party")
    ASSOCIATED = "associated", _("Associated partner")
    INTERNATIONAL = "international", _("International partner")
    BENEFICIARY = "beneficiary", _("Beneficiary")
    IMPLEMENTER = "implementer", _("Implementing body")
    PROGRAMMER = "programmer", _("Programming body")
    OTHER = "other", _("Other role")


class LinkState(TextChoices):
    """What is known of a link between a body of the evidence and one of the registry."""

    PROPOSED = "proposed", _("to be reviewed")
    MADE = "made", _("certain, made by the system")
    ACCEPTED = "accepted", _("accepted")
    REFUSED = "refused", _("refused")
    SPLIT = "split", _("several bodies under one name")


SETTLED = (LinkState.MADE, LinkState.ACCEPTED)
"""The states in which the body's projects are the profile's."""

DECIDED = (LinkState.ACCEPTED, LinkState.REFUSED, LinkState.SPLIT)
"""The states that a person chose: never asked again."""


UNDECIDED = (LinkState.MADE, LinkState.PROPOSED)
"""The states that the system chose, and may change when the evidence does."""


class Queue(TextChoices):
    """Which links a manager looks at."""

    WAITING = "waiting", _("To be reviewed")
    MADE = "made", _("Made by the system")
    DECIDED = "decided", _("Decided")


ACTIVITIES = {
    "HES": _("Higher or secondary education"),
    "PRC": _("Company"),
    "REC": _("Research organisation"),
    "PUB": _("Public body"),
    "OTH": _("Other"),
    "education": _("Higher or secondary education"),
    "company": _("Company"),
    "facility": _("Research facility"),
    "government": _("Public body"),
    "healthcare": _("Health facility"),
    "nonprofit": _("Non-profit organisation"),
    "funder": _("Funding body"),
    "archive": _("Archive"),
    "other": _("Other"),
}
"""What the codes of CORDIS, and the types of ROR, say of a body."""

REGISTER_PAGES = {
    BodyScheme.PIC: (
        "https://ec.europa.eu/info/funding-tenders/opportunities/portal/screen"
        "/how-to-participate/org-details/{key}"
    ),
    BodyScheme.ROR: "https://ror.org/{key}",
}
"""Where a register shows one body, with its key as `{key}`."""

DECISION_WORDS = {
    LinkState.ACCEPTED: _("%(name)s has already accepted this link (%(when)s)."),
    LinkState.REFUSED: _("%(name)s has already refused this link (%(when)s)."),
    LinkState.SPLIT: _("%(name)s has already split this body (%(when)s)."),
}
"""What the second of two people who decide at once is told."""

GIVEN_BY_LINK = ", link "
"""What stands, before the link's number, in the source of an identifier that a link gave."""


class Verdict(TextChoices):
    """What a member says of a fact about itself."""

    CONFIRMED = "confirmed", _("confirmed by the member")
    HIDDEN = "hidden", _("hidden by the member")
    CORRECTED = "corrected", _("corrected by the member")


VERB_LABELS = {
    "start_import": _("started an import"),
    "stop_import": _("stopped an import"),
    "resume_import": _("resumed an import"),
    "forget_import": _("removed an import that was not finished"),
    "publish_import": _("published an import"),
    "decide_link": _("decided who is who"),
    "give_identifier": _("added an identifier found in open data"),
    "take_identifier_back": _("removed an identifier found in open data"),
    "give_participations": _("said whose these projects are"),
    "undo_link": _("took back a decision on who is who"),
    "say_of_fact": _("said whether a fact is right"),
    "take_back_word": _("took back what was said of a fact"),
    "register_body": _("added to the registry a body known from open data"),
}
"""What the verbs of the audit trail say in a history."""

FIELD_LABELS = {
    "body": _("Body in open data"),
    "decision": _("Decision"),
    "projects": _("Funded projects"),
    "given_to": _("Whose they are"),
    "fact": _("Fact"),
    "verdict": _("What the member says"),
}
"""What the fields of the audit trail are called in a history."""

PROBLEM_WORDS = {
    "not_found": _("There is no file “%(file)s”."),
    "unknown_layout": _(
        "“%(file)s” is none of the official files that can be imported: CORDIS projects, ROR, "
        "OpenCoesione, Horizon 2020 participations, or a vocabulary."
    ),
    "unknown_layout:found": _(
        "“%(file)s” is not in a layout that can be imported: it looks like %(found)s."
    ),
    "not_an_archive": _("“%(file)s” is not a file that can be unpacked: is it damaged?"),
    "truncated": _(
        "“%(file)s” is damaged or was cut off: download it again, and compare its size with the "
        "publisher's."
    ),
    "bomb": _("“%(file)s” unpacks to far more than such a file can hold: it was not read."),
    "climbing_path": _(
        "“%(file)s” holds a file that wants to be written elsewhere (“%(member)s”): it was not "
        "read."
    ),
    "encrypted": _("“%(member)s” in “%(file)s” is protected by a password."),
    "missing_file": _("“%(file)s” lacks a file that belongs to it: “%(member)s”."),
    "missing_column": _("“%(member)s” lacks the column “%(column)s”."),
    "missing_column:found": _(
        "“%(member)s” lacks the column “%(column)s”. It has “%(found)s”: was it renamed?"
    ),
    "wrong_delimiter": _("In “%(member)s” the columns are not separated by %(expected)s."),
    "wrong_delimiter:found": _(
        "In “%(member)s” the columns are separated by %(found)s instead of %(expected)s."
    ),
    "wrong_encoding": _("Line %(line)s of “%(member)s” is not text in %(expected)s."),
    "wrong_encoding:found": _(
        "Line %(line)s of “%(member)s” is not text in %(expected)s: it looks like %(found)s."
    ),
    "broken_rows": _(
        "Too many rows of “%(member)s” have a wrong number of columns, the first in line "
        "%(line)s: the file is damaged."
    ),
    "empty": _("“%(file)s” holds nothing."),
    "disk_full": _(
        "There is no room left on the disk. Nothing was lost: make room, then resume the import."
    ),
    "warehouse_busy": _(
        "Another import is using the warehouse. Wait until it is finished, then resume this one."
    ),
    "older_edition": _("This edition is older than the present one."),
    "older_edition:found": _(
        "This edition, of %(found)s, is older than the present one, of %(expected)s."
    ),
    "file_changed": _(
        "“%(file)s” is no longer the file with which this import began: start a new import."
    ),
    "running_already": _("This dataset is being imported already, in another process."),
    "unexpected": _("The import failed for a reason that was not foreseen (%(words)s)."),
}
"""What each problem of a file says; with ":found", where it is known what was found instead."""

DELIMITERS = {
    "semicolon": _("semicolons"),
    "comma": _("commas"),
    "tab": _("tabs"),
    "bar": _("vertical bars"),
}

REASON_LABELS = {
    "no_key": _("left out: without a key"),
    "repeated": _("left out: repeats an earlier row"),
    "no_project": _("left out: its project is not in the file"),
    "natural_person": _("left out: a natural person"),
    "withdrawn": _("left out: withdrawn by its register"),
    "broken_row": _("left out: a wrong number of columns"),
    "no_participants": _("noted: a project without participants"),
    "bad_amount": _("noted: an amount that is no number"),
    "bad_date": _("noted: a date that is none"),
    "bad_code": _("noted: a code that is not valid"),
    "bad_place": _("noted: a place that is not on the map"),
}
"""Why a row was left out, or what was noted about one that was kept."""

RECORDED_FIELDS = {
    "acronym": _("Acronym"),
    "title": _("Title"),
    "objective": _("Objective"),
    "status": _("Status"),
    "start_date": _("Start"),
    "end_date": _("End"),
    "signature_date": _("Signed on"),
    "total_cost": _("Total cost"),
    "contribution": _("Contribution"),
    "programme": _("Programme"),
    "scheme": _("Funding scheme"),
    "legal_basis": _("Legal basis"),
    "topic": _("Topic"),
    "topic_title": _("Title of the topic"),
    "keywords": _("Keywords"),
    "website": _("Website"),
    "role": _("Role"),
    "position": _("Place in the list"),
    "is_ended": _("Left the project"),
    "gone": _("In the record"),
}
"""What the columns of an official record are called, where a newer edition changed them."""
