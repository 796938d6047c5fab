"""Reads a profile's parts in funded projects, with what its people said of each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import (
    Exists,
    F,
    FilteredRelation,
    JSONField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.functions import JSONObject

from trebbo.ecosystem.evidence.choices import (
    PROGRAMMES,
    PUBLISHERS,
    Dataset,
    ParticipationRole,
    Publisher,
    Verdict,
)
from trebbo.ecosystem.evidence.models import (
    Body,
    FundedProject,
    Import,
    Participation,
    Statement,
)
from trebbo.ecosystem.evidence.policies import see_participation
from trebbo.ecosystem.organisations.models import Profile
from trebbo.ecosystem.organisations.policies import seen_by
from trebbo.ecosystem.organisations.queries.gathering import Rows
from trebbo.ecosystem.vocabularies.models import Concept
from trebbo.kernel.access import Viewer

SAID = ("verdict", "role", "contribution", "note", "done_by_id", "said_at")
FIELD = ("concept_id", "concept__label_it", "concept__label_en", "verdict")
INSTEAD = ("instead", "instead_label_it", "instead_label_en")


@dataclass(frozen=True, slots=True)
class Said:
    """What the profile's people said of one of its parts; blank and None where they did not."""

    verdict: str
    role: str
    contribution: Decimal | None
    note: str
    done_by: int | None
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class FieldTold:
    """A field that the evidence gives a project, and what the profile said of it."""

    concept: Concept
    verdict: str
    instead: Concept | None

    @property
    def shown(self) -> Concept | None:
        """The field that people see: nothing where it is hidden, another where it is corrected."""
        if self.verdict == Verdict.HIDDEN:
            return None
        return self.instead if self.verdict == Verdict.CORRECTED else self.concept


@dataclass(frozen=True, slots=True)
class Part:
    """A profile's part in a funded project: the official row, and what was said of it."""

    participation: Participation
    said: Said | None
    fields: tuple[FieldTold, ...]

    @property
    def pk(self) -> int:
        """The participation's id."""
        return self.participation.pk

    @property
    def project(self) -> FundedProject:
        """The project."""
        return self.participation.project

    @property
    def body(self) -> Body:
        """Under which name and key the official record knows the participant."""
        return self.participation.body

    @property
    def is_hidden(self) -> bool:
        """Whether the profile's people hid it."""
        return self.said is not None and self.said.verdict == Verdict.HIDDEN

    @property
    def is_confirmed(self) -> bool:
        """Whether they said that it is right."""
        return self.said is not None and self.said.verdict == Verdict.CONFIRMED

    @property
    def role(self) -> ParticipationRole:
        """The role as the profile's people said it, else the official one."""
        said = self.said.role if self.said else ""
        return ParticipationRole(said or self.participation.role)

    @property
    def official_role(self) -> ParticipationRole | None:
        """The official role, where the profile's people said another."""
        official = ParticipationRole(self.participation.role)
        return official if official != self.role else None

    @property
    def contribution(self) -> Decimal | None:
        """Euro, as the profile's people said it, else the official amount; None if not known."""
        if self.said and self.said.contribution is not None:
            return self.said.contribution
        return self.participation.contribution

    @property
    def amount_is_said(self) -> bool:
        """Whether the amount is the profile's own, and differs from the official one."""
        return self.contribution != self.participation.contribution

    @property
    def year(self) -> int | None:
        """The year in which the project starts, or was signed; None if neither is known."""
        day: date | None = self.project.start_date or self.project.signature_date
        return day.year if day else None

    @property
    def programme(self) -> str:
        """The name of the programme that pays."""
        return programme_name(self.project)

    @property
    def publisher(self) -> Publisher:
        """Who publishes the record."""
        return PUBLISHERS[Dataset(self.project.dataset)]

    @property
    def imported(self) -> Import:
        """The import that brought the row as it is."""
        return self.participation.last_import


def programme_name(project: FundedProject) -> str:
    """What people call the programme: "Horizon Europe" for HORIZON."""
    return PROGRAMMES.get(project.programme) or project.programme or project.get_dataset_display()


def present_participations() -> QuerySet[Participation]:
    """Those that the newest editions still hold."""
    return Participation.objects.filter(gone_import=None, project__gone_import=None)


def parts_where(condition: Q, *, viewer: Viewer) -> list[Part]:
    """The parts that the viewer may see, the latest projects first; one query.

    `condition` is on participations. Parts of profiles that the viewer may not see are left out.
    """
    rows = see_participation.filter(viewer, present_participations().filter(condition))
    rows = rows.filter(seen_by(viewer, "profile")).alias(
        word=FilteredRelation("statements", condition=Q(statements__profile=F("profile")))
    )
    told: QuerySet[Any] = rows.annotate(
        **{f"said_{name}": F(f"word__{name}") for name in SAID},
        said_by_name=F("word__said_by__name"),
        field_rows=_fields_of_project(),
    )
    told = (
        told.select_related("project", "body", "last_import")
        .defer("project__objective", "project__keywords")
        .order_by(F("project__start_date").desc(nulls_last=True), "project", "position", "pk")
    )
    return [Part(row, _said(vars(row)), tuple(_told(row.field_rows))) for row in told]


def own_parts(profile: Profile) -> Q:
    """The condition on participations that are the profile's own."""
    return Q(profile=profile.pk)


def _said(facts: Mapping[str, Any]) -> Said | None:
    if not facts["said_verdict"]:
        return None
    return Said(
        verdict=facts["said_verdict"],
        role=facts["said_role"],
        contribution=facts["said_contribution"],
        note=facts["said_note"],
        done_by=facts["said_done_by_id"],
        at=facts["said_said_at"],
        by=facts["said_by_name"] or "",
    )


def _fields_of_project() -> Subquery:
    """The fields of the outer participation's project, with what its profile said of each."""
    through: Any = FundedProject.fields.through
    said = Statement.objects.filter(
        concept=OuterRef("concept"), profile=OuterRef(OuterRef("profile"))
    )
    rows = through.objects.filter(fundedproject=OuterRef("project")).order_by()
    rows = rows.annotate(
        verdict=Subquery(said.values("verdict")[:1]),
        instead=Subquery(said.values("instead")[:1]),
        instead_label_it=Subquery(said.values("instead__label_it")[:1]),
        instead_label_en=Subquery(said.values("instead__label_en")[:1]),
    )
    packed = JSONObject(**{name: F(name) for name in (*FIELD, *INSTEAD)})
    return Subquery(
        rows.values("fundedproject").annotate(gathered=Rows(packed)).values("gathered"),
        output_field=JSONField(),
    )


def _told(rows: Iterable[Mapping[str, Any]] | None) -> Iterable[FieldTold]:
    for row in rows or ():
        instead = None
        if row["instead"]:
            labels = (row["instead_label_it"], row["instead_label_en"])
            instead = _concept(row["instead"], *labels)
        labels = (row["concept__label_it"], row["concept__label_en"])
        yield FieldTold(_concept(row["concept_id"], *labels), row["verdict"] or "", instead)


def _concept(key: int, italian: str, english: str) -> Concept:
    return Concept(pk=key, label_it=italian, label_en=english)


def is_hidden(prefix: str = "") -> Exists:
    """The condition that its own profile hid the participation, whoever looks."""
    return Exists(
        Statement.objects.filter(
            participation=OuterRef(f"{prefix}pk"),
            profile=OuterRef(f"{prefix}profile"),
            verdict=Verdict.HIDDEN,
        )
    )
