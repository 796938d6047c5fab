"""What the members of a cluster did together, with whom outside, and which fields they cover."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.db.models import QuerySet

from trebbo.ecosystem.clusters.models import Cluster
from trebbo.ecosystem.clusters.queries import visible_clusters
from trebbo.ecosystem.evidence.models import Body, FundedProject, Participation
from trebbo.ecosystem.evidence.policies import see_participation
from trebbo.ecosystem.organisations.models import Profile
from trebbo.ecosystem.organisations.policies import seen_by, view_profile
from trebbo.ecosystem.vocabularies.models import Concept
from trebbo.kernel.access import Viewer

WELL_FROM = 3
"""A field is covered well by as many members, each with a project in it of the recent years."""

RECENT_YEARS = 5
"""How many years back a project may have begun to count for how well a field is covered."""


class Cover(StrEnum):
    """How a cluster covers a field."""

    WELL = "well"
    THINLY = "thinly"
    NOT_AT_ALL = "not_at_all"


def cover_of(members: int) -> Cover:
    """By how many members with a recent project: `WELL_FROM` or more, fewer, none."""
    if members >= WELL_FROM:
        return Cover.WELL
    return Cover.THINLY if members else Cover.NOT_AT_ALL


@dataclass(frozen=True, slots=True)
class YearFigures:
    """What began in a year (None: not known); `contribution` is the members' share in euro."""

    year: int | None
    projects: int
    together: int
    contribution: str


@dataclass(frozen=True, slots=True)
class SharedProject:
    """A project of several members: its id, and the ids of their parts in it."""

    project: int
    parts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class OutsideBody:
    """Who works with the members: a profile's id, else a body's; and in how many projects."""

    profile: int | None
    body: int | None
    projects: int


@dataclass(frozen=True, slots=True)
class FieldFigures:
    """A field of the third level: recent members, all projects, the members' share in euro.

    `claimed` counts the members who name it, or a narrower one, in their own profile.
    """

    concept: int
    members: int
    projects: int
    contribution: str
    claimed: int


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch of the second level in which the members have any project, with its fields."""

    concept: int
    fields: tuple[FieldFigures, ...]


@dataclass(frozen=True, slots=True)
class Edition:
    """Of which dataset and edition the figures are; days as YYYY-MM-DD, blank if unknown."""

    dataset: str
    edition: str
    imported: str


@dataclass(frozen=True, slots=True)
class ClusterFigures:
    """Everything that a cluster's evidence page counts; as JSON in `ClusterSummary.figures`.

    Members are organisations: several units of one count once. They are counted as everybody may
    see them; what members hid is left out.
    """

    members: int = 0
    with_projects: int = 0
    projects: int = 0
    contribution: str = "0"
    together_contribution: str = "0"
    years: tuple[YearFigures, ...] = ()
    shared: tuple[SharedProject, ...] = ()
    outside_bodies: int = 0
    outside: tuple[OutsideBody, ...] = ()
    countries: tuple[tuple[str, int], ...] = ()
    branches: tuple[Branch, ...] = ()
    branches_without: int = 0
    editions: tuple[Edition, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain lists, texts and numbers."""
        return asdict(self)

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "ClusterFigures":
        """What `as_json` gave; what an older version did not write has its default."""
        rows: dict[str, Any] = {
            "years": _rows(YearFigures, plain),
            "shared": tuple(
                SharedProject(row["project"], tuple(row["parts"]))
                for row in plain.get("shared", ())
            ),
            "outside": _rows(OutsideBody, plain),
            "countries": tuple((code, many) for code, many in plain.get("countries", ())),
            "branches": tuple(
                Branch(row["concept"], tuple(FieldFigures(**one) for one in row["fields"]))
                for row in plain.get("branches", ())
            ),
            "editions": _rows(Edition, plain),
        }
        single = ("members", "with_projects", "projects", "contribution", "together_contribution",
                  "outside_bodies", "branches_without")  # fmt: skip
        return cls(**rows, **{name: plain[name] for name in single if name in plain})

    def cover(self) -> dict[Cover, int]:
        """How many fields are covered well, thinly, not at all."""
        found = [cover_of(one.members) for branch in self.branches for one in branch.fields]
        return {cover: found.count(cover) for cover in Cover}


def _rows(kind: type[Any], plain: Mapping[str, Any]) -> tuple[Any, ...]:
    names = {YearFigures: "years", OutsideBody: "outside", Edition: "editions"}
    return tuple(kind(**row) for row in plain.get(names[kind], ()))


@dataclass(frozen=True, slots=True)
class SharedLine:
    """A project with the members that take part in it, as the viewer may know them."""

    project: FundedProject
    members: tuple[Profile, ...]
    contribution: Decimal


@dataclass(frozen=True, slots=True)
class OutsideLine:
    """A body outside the cluster, with its page."""

    name: str
    address: str
    country: str
    figures: OutsideBody

    @property
    def in_registry(self) -> bool:
        """Whether the page is one of the registry."""
        return self.figures.profile is not None


@dataclass(frozen=True, slots=True)
class CoverLine:
    """A field with its figures, in words."""

    concept: Concept
    figures: FieldFigures
    cover: Cover


@dataclass(frozen=True, slots=True)
class BranchLines:
    """A branch with its fields, those covered best first."""

    concept: Concept
    fields: tuple[CoverLine, ...]


@dataclass(frozen=True, slots=True)
class ClusterEvidence:
    """What the page of a cluster's evidence shows; `worked_out_at` is None before the first job."""

    cluster: Cluster
    worked_out_at: datetime | None
    figures: ClusterFigures = field(default_factory=ClusterFigures)

    def __bool__(self) -> bool:
        return bool(self.figures.projects)


def cluster_evidence(slug: str, *, viewer: Viewer) -> ClusterEvidence | None:
    """The cluster's evidence as last worked out; None where the viewer may not see the cluster.

    One query.
    """
    rows = visible_clusters(viewer=viewer).select_related("network", "evidence")
    cluster = rows.filter(slug=slug).first()
    return summary_of(cluster, viewer=viewer) if cluster else None


def summary_of(cluster: Cluster, *, viewer: Viewer) -> ClusterEvidence:
    """What was last worked out for a cluster that the viewer sees already; one query at most."""
    summary = getattr(cluster, "evidence", None)
    if summary is None:
        return ClusterEvidence(cluster, None)
    figures = ClusterFigures.from_json(summary.figures)
    return ClusterEvidence(cluster, summary.worked_out_at, figures)


def shared_lines(shared: Sequence[SharedProject], *, viewer: Viewer) -> list[SharedLine]:
    """These projects, in the order given, with the members that the viewer may see; one query.

    A project in which fewer than two members are still seen is left out.
    """
    keys = [key for one in shared for key in one.parts]
    parts: QuerySet[Participation] = see_participation.filter(
        viewer, Participation.objects.filter(pk__in=keys, profile__isnull=False)
    )
    parts = parts.filter(seen_by(viewer, "profile")).select_related("project", "profile")
    parts = parts.defer("project__objective", "project__keywords")
    by_project: dict[int, list[Participation]] = {}
    for part in parts.order_by("position", "pk"):
        by_project.setdefault(part.project_id, []).append(part)
    lines = []
    for one in shared:
        found = by_project.get(one.project, [])
        members = {part.profile_id: part.profile for part in found if part.profile}
        if len(members) > 1:
            money = sum((part.contribution or Decimal(0) for part in found), Decimal(0))
            lines.append(SharedLine(found[0].project, tuple(members.values()), money))
    return lines


def outside_lines(outside: Sequence[OutsideBody], *, viewer: Viewer) -> list[OutsideLine]:
    """These bodies with their pages, in the order given; two queries."""
    profiles = view_profile.filter(
        viewer, Profile.objects.filter(pk__in=[one.profile for one in outside if one.profile])
    ).in_bulk()
    bodies = Body.objects.in_bulk([one.body for one in outside if one.body])
    lines = []
    for one in outside:
        profile, body = profiles.get(one.profile or 0), bodies.get(one.body or 0)
        if one.profile and profile:
            address = profile.get_absolute_url()
            lines.append(OutsideLine(profile.title, address, "", one))
        elif not one.profile and body:
            address = body.get_absolute_url()
            lines.append(OutsideLine(body.name, address, body.country, one))
    return lines


def cover_lines(branches: Sequence[Branch], *, viewer: Viewer) -> list[BranchLines]:
    """The branches with their fields by name, the best covered first; one query."""
    keys = {one.concept for branch in branches for one in branch.fields}
    concepts = Concept.objects.in_bulk([*keys, *(branch.concept for branch in branches)])
    lines = []
    for branch in branches:
        fields = [
            CoverLine(concepts[one.concept], one, cover_of(one.members))
            for one in branch.fields
            if one.concept in concepts
        ]
        fields.sort(
            key=lambda line: (
                -line.figures.members,
                -line.figures.projects,
                line.concept.label.casefold(),
            )
        )
        if branch.concept in concepts:
            lines.append(BranchLines(concepts[branch.concept], tuple(fields)))
    return sorted(lines, key=lambda one: -sum(line.figures.projects for line in one.fields))


def day_of(text: str) -> date | None:
    """A day as the figures keep it."""
    return date.fromisoformat(text) if text else None
