"""All that a profile's own page says of a body's skills, in one query."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db.models import F, JSONField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject

from trebbo.ecosystem.evidence.models import FundedProject
from trebbo.ecosystem.organisations.models import Accreditation, Profile, ProfileItem, holding_on
from trebbo.ecosystem.organisations.queries.gathering import (
    Row,
    Rows,
    in_one_query,
    unpacked,
)
from trebbo.ecosystem.vocabularies.models import Concept
from trebbo.kernel.access import Viewer
from trebbo.sharing.skills.choices import Direction
from trebbo.sharing.skills.models import Competence, CompetenceEvidence, OwnTerm, TrainingOffer
from trebbo.sharing.skills.policies import view_competence, view_training
from trebbo.sharing.skills.queries.evidence import shown_evidence

STATED = (
    "id",
    "direction",
    "level",
    "note_it",
    "note_en",
    "people",
    "visibility",
    "valid_from",
    "valid_until",
    "confirmed_at",
    "due_date",
    "source",
    "standing",
)
OFFERED = (
    "id",
    "kind",
    "title_it",
    "title_en",
    "description_it",
    "description_en",
    "hours",
    "places",
    "apply_by",
    "valid_from",
    "valid_until",
    "address",
    "visibility",
    "source",
    "standing",
)
DAYS = {"valid_from", "valid_until", "due_date", "apply_by"}


@dataclass(frozen=True, slots=True)
class SkillsOnPage:
    """What a body offers, seeks and teaches today, as far as the viewer may see it."""

    offered: tuple[Competence, ...]
    sought: tuple[Competence, ...]
    training: tuple[TrainingOffer, ...]

    def __bool__(self) -> bool:
        return bool(self.offered or self.sought or self.training)


def skills_on_page(profile: Profile, *, viewer: Viewer) -> SkillsOnPage:
    """The competences with their `proofs`, the highest level first, and training, next first."""
    today = viewer.today
    competences = view_competence.filter(viewer, Competence.objects.filter(profile=profile.pk))
    offers = view_training.filter(viewer, TrainingOffer.objects.filter(profile=profile.pk))
    offers = offers.filter(Q(valid_until__isnull=True) | Q(valid_until__gte=today))
    stated_rows, offer_rows = in_one_query(
        (
            competences.filter(holding_on(today)),
            {
                **{name: name for name in STATED},
                "concept": "concept_id",
                "concept_it": "concept__label_it",
                "concept_en": "concept__label_en",
                "concept_gone": "concept__is_gone",
                "term": "term_id",
                "term_it": "term__label_it",
                "term_en": "term__label_en",
                "evidence_rows": _evidence(viewer),
            },
        ),
        (offers, {**{name: name for name in OFFERED}, "field_rows": _fields()}),
    )
    stated = sorted(map(_competence, stated_rows), key=_highest_first)
    training = sorted(map(_offer, offer_rows), key=_next_first)
    return SkillsOnPage(
        offered=tuple(one for one in stated if one.direction == Direction.OFFERED),
        sought=tuple(one for one in stated if one.direction == Direction.SOUGHT),
        training=tuple(training),
    )


def _evidence(viewer: Viewer) -> Subquery:
    packed = JSONObject(
        id=F("id"),
        kind=F("kind"),
        text=F("text"),
        address=F("address"),
        project=F("project_id"),
        acronym=F("project__acronym"),
        title=F("project__title"),
        key=F("project__key"),
        accreditation=F("accreditation_id"),
        act=F("accreditation__act"),
        item=F("item_id"),
        item_it=F("item__text_it"),
        item_en=F("item__text_en"),
    )
    rows = shown_evidence(viewer=viewer).filter(competence=OuterRef("pk")).order_by()
    return _gathered(rows, "competence", packed)


def _fields() -> Subquery:
    through: Any = TrainingOffer.fields.through
    packed = JSONObject(id=F("concept_id"), it=F("concept__label_it"), en=F("concept__label_en"))
    rows = through.objects.filter(trainingoffer=OuterRef("pk")).order_by()
    return _gathered(rows, "trainingoffer", packed)


def _gathered(rows: QuerySet[Any], by: str, packed: JSONObject) -> Subquery:
    gathered = rows.values(by).annotate(gathered=Rows(packed)).values("gathered")
    return Subquery(gathered, output_field=JSONField())


def _competence(row: Row) -> Competence:
    competence = Competence(**_columns(row, STATED))
    if row["concept"]:
        competence.concept = Concept(
            pk=row["concept"],
            label_it=row["concept_it"],
            label_en=row["concept_en"],
            is_gone=bool(row["concept_gone"]),
        )
    else:
        competence.term = OwnTerm(pk=row["term"], label_it=row["term_it"], label_en=row["term_en"])
    proofs = sorted(unpacked(row["evidence_rows"]), key=lambda one: int(one["id"]))
    vars(competence)["proofs"] = [_proof(one) for one in proofs]
    return competence


def _proof(row: Row) -> CompetenceEvidence:
    proof = CompetenceEvidence(
        pk=row["id"], kind=row["kind"], text=row["text"], address=row["address"]
    )
    if row["project"]:
        proof.project = FundedProject(
            pk=row["project"], acronym=row["acronym"], title=row["title"], key=row["key"]
        )
    if row["accreditation"]:
        proof.accreditation = Accreditation(pk=row["accreditation"], act=row["act"])
    if row["item"]:
        proof.item = ProfileItem(pk=row["item"], text_it=row["item_it"], text_en=row["item_en"])
    return proof


def _offer(row: Row) -> TrainingOffer:
    offer = TrainingOffer(**_columns(row, OFFERED))
    fields = [
        Concept(pk=one["id"], label_it=one["it"], label_en=one["en"])
        for one in unpacked(row["field_rows"])
    ]
    # As if they had been prefetched.
    vars(offer)["_prefetched_objects_cache"] = {
        "fields": sorted(fields, key=lambda one: one.label.casefold())
    }
    return offer


def _columns(row: Row, names: tuple[str, ...]) -> Mapping[str, Any]:
    return {name: _restored(name, row[name]) for name in names}


def _restored(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in DAYS:
        return date.fromisoformat(value)
    if name == "confirmed_at":
        moment = datetime.fromisoformat(value)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return value


def _highest_first(competence: Competence) -> tuple[int, str]:
    return -(competence.level or 0), competence.label.casefold()


def _next_first(offer: TrainingOffer) -> tuple[date, date, int]:
    return offer.apply_by or date.max, offer.valid_from or date.max, offer.pk
