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
    LINK = "link", _("linking to the registry")
    PUBLISH = "publish", _("publishing")


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


class Verdict(TextChoices):
    """What a member says of a fact about itself."""

    CONFIRMED = "confirmed", _("confirmed by the member")
    HIDDEN = "hidden", _("hidden by the member")
    CORRECTED = "corrected", _("corrected by the member")


VERB_LABELS = {
    "start_import": _("started an import"),
    "stop_import": _("stopped an import"),
    "publish_import": _("published an import"),
    "decide_link": _("decided who is who"),
    "undo_link": _("took back a decision on who is who"),
    "say_of_fact": _("said whether a fact is right"),
    "take_back_word": _("took back what was said of a fact"),
    "register_body": _("added to the registry a body known from open data"),
}
"""What the verbs of the audit trail say in a history."""
