"""Reads bodies known from open data, and funded projects with their participants."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, OuterRef, Q, QuerySet
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from trebbo.ecosystem.clusters.models import Cluster
from trebbo.ecosystem.evidence.choices import (
    PUBLISHERS,
    RECORDED_FIELDS,
    SETTLED,
    Dataset,
    LinkState,
    ParticipationRole,
    Publisher,
    Verdict,
)
from trebbo.ecosystem.evidence.models import (
    Body,
    FundedProject,
    Import,
    Link,
    Participation,
    RecordChange,
    Statement,
)
from trebbo.ecosystem.evidence.policies import see_participation
from trebbo.ecosystem.organisations.models import Profile
from trebbo.ecosystem.organisations.policies import may_register, seen_by
from trebbo.ecosystem.vocabularies.models import Concept, Municipality
from trebbo.kernel.access import Viewer
from trebbo.kernel.text import fold

MOST_FIELDS = 12
MOST_PARTNERS = 12
MOST_CHANGES = 200
MONEY = frozenset({"contribution", "total_cost"})


@dataclass(frozen=True, slots=True)
class Partner:
    """A body that takes part in the same projects; `profile` where it may be seen there."""

    name: str
    country: str
    scheme: str
    key: str
    shared: int
    profile: Profile | None


@dataclass(frozen=True, slots=True)
class BodyPage:
    """What open data says of a body.

    `projects` are its participations that the viewer may see, to be paged; `profile` is what it is
    in the registry, if the viewer may see that; `is_split` tells that several stand under its name.
    """

    body: Body
    publisher: Publisher
    projects: QuerySet[Participation]
    fields: tuple[Concept, ...]
    partners: tuple[Partner, ...]
    elsewhere: tuple[Body, ...]
    profile: Profile | None
    is_split: bool
    may_register: bool


@dataclass(frozen=True, slots=True)
class Participant:
    """A body's part in a project, as its record says, and as the member corrected it.

    `profile` is whose it is in the registry, where that may be said; `is_named` is false where the
    member does not want to be named here: then the record's own words stand without a link.
    """

    part: Participation
    profile: Profile | None
    is_named: bool
    correction: Statement | None


@dataclass(frozen=True, slots=True)
class ToldChange:
    """A value that a newer edition changed, in words."""

    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Change:
    """What one edition changed in the project, or in the part of one body."""

    made_by: Import
    body: Body | None
    told: tuple[ToldChange, ...]


@dataclass(frozen=True, slots=True)
class ProjectPage:
    """A funded project with its participants, fields, and what newer editions changed."""

    project: FundedProject
    publisher: Publisher
    participants: tuple[Participant, ...]
    fields: tuple[Concept, ...]
    changes: tuple[Change, ...]


def body_page(scheme: str, key: str, *, viewer: Viewer) -> BodyPage | None:
    """The page of a body; six queries, with its projects to be paged by the caller."""
    rows = Body.objects.select_related("last_import", "gone_import")
    body = rows.filter(scheme=scheme, key=key).first()
    if body is None:
        return None
    links = _settled_links(body, viewer)
    profile = next((link.profile for link in links if link.profile and vars(link)["seen"]), None)
    in_registry = [link for link in links if link.profile_id is not None]
    projects = _visible(viewer, Participation.objects.filter(body=body))
    return BodyPage(
        body=body,
        publisher=PUBLISHERS[Dataset(body.last_import.dataset)],
        projects=projects.select_related("project").order_by("-project__start_date", "pk"),
        fields=_fields(projects),
        partners=_partners(body, projects, viewer),
        elsewhere=tuple(
            link.same_body if link.body_id == body.pk else link.body
            for link in links
            if link.same_body is not None
        ),
        profile=profile,
        is_split=any(link.state == LinkState.SPLIT for link in in_registry),
        may_register=may_register(viewer) and not in_registry,
    )


def project_page(project_id: int, *, viewer: Viewer) -> ProjectPage | None:
    """The page of a funded project; five queries."""
    rows = FundedProject.objects.select_related("last_import", "first_import", "gone_import")
    project = rows.filter(pk=project_id).first()
    if project is None:
        return None
    changes = RecordChange.objects.filter(project=project).select_related("made_by", "body")
    return ProjectPage(
        project=project,
        publisher=PUBLISHERS[Dataset(project.dataset)],
        participants=_participants(project, viewer),
        fields=tuple(sorted(project.fields.all(), key=lambda field: field.label.casefold())),
        changes=tuple(
            Change(change.made_by, change.body, _told(change.changes))
            for change in changes.order_by("-made_by__created_at", "pk")[:MOST_CHANGES]
        ),
    )


def municipality_named(town: str, *, viewer: Viewer) -> str:
    """The Istat code of the only municipality of that name, accents and case aside; or nothing."""
    if not town:
        return ""
    wanted = fold(town)
    rows = Municipality.objects.filter(name__istartswith=wanted[:1]).values_list("pk", "name")
    found = [pk for pk, name in rows if fold(name) == wanted]
    return found[0] if len(found) == 1 else ""


def cluster_of_office(*, viewer: Viewer) -> Cluster | None:
    """A cluster whose office the viewer runs."""
    return Cluster.objects.filter(pk__in=viewer.managed_clusters).order_by("sort_name").first()


def _visible(viewer: Viewer, rows: QuerySet[Participation]) -> QuerySet[Participation]:
    """Rows of present editions that nobody hid from the viewer."""
    return see_participation.filter(viewer, rows.filter(gone_import__isnull=True))


def _settled_links(body: Body, viewer: Viewer) -> list[Link]:
    rows = Link.objects.filter(
        Q(body=body) | Q(same_body=body), state__in=(*SETTLED, LinkState.SPLIT)
    )
    sides = rows.select_related("body", "same_body", "profile")
    return list(sides.annotate(seen=seen_by(viewer, "profile")).order_by("pk"))


def _fields(projects: QuerySet[Participation]) -> tuple[Concept, ...]:
    rows = Concept.objects.filter(funded_projects__in=projects.order_by().values("project"))
    counted = rows.annotate(projects=Count("funded_projects", distinct=True))
    return tuple(counted.order_by("-projects", "position", "pk")[:MOST_FIELDS])


def _partners(body: Body, projects: QuerySet[Participation], viewer: Viewer) -> tuple[Partner, ...]:
    others = Participation.objects.filter(project__in=projects.order_by().values("project"))
    rows: list[Mapping[str, Any]] = list(
        _visible(viewer, others)
        .exclude(body=body)
        .values("body", "body__name", "body__country", "body__scheme", "body__key")
        .annotate(shared=Count("project", distinct=True))
        .order_by("-shared", "body__name", "body")[:MOST_PARTNERS]
    )
    links = Link.objects.filter(
        seen_by(viewer, "profile"), body__in=[row["body"] for row in rows], state__in=SETTLED
    )
    profiles = {link.body_id: link.profile for link in links.select_related("profile")}
    return tuple(
        Partner(
            row["body__name"],
            row["body__country"],
            row["body__scheme"],
            row["body__key"],
            row["shared"],
            profiles.get(row["body"]),
        )
        for row in rows
    )


def _participants(project: FundedProject, viewer: Viewer) -> tuple[Participant, ...]:
    named = ExpressionWrapper(see_participation.condition(viewer), output_field=BooleanField())
    rows = Participation.objects.filter(project=project, gone_import__isnull=True)
    parts = list(
        rows.select_related("body", "profile")
        .annotate(named=named, seen=seen_by(viewer, "profile"))
        .order_by("position", "pk")
    )
    said = Statement.objects.filter(
        Exists(rows.filter(pk=OuterRef("participation"), profile=OuterRef("profile"))),
        verdict=Verdict.CORRECTED,
    )
    corrections = {word.participation_id: word for word in said}
    return tuple(
        Participant(
            part,
            part.profile if vars(part)["named"] and vars(part)["seen"] else None,
            bool(vars(part)["named"]),
            corrections.get(part.pk) if vars(part)["named"] and vars(part)["seen"] else None,
        )
        for part in parts
    )


def _told(changes: Mapping[str, tuple[Any, Any]]) -> tuple[ToldChange, ...]:
    return tuple(
        ToldChange(str(RECORDED_FIELDS.get(name, name)), _shown(name, old), _shown(name, new))
        for name, (old, new) in changes.items()
    )


def _shown(name: str, value: Any) -> str:
    """A value as the page's language writes it: days, money in euro, words."""
    if value in (None, ""):
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if name.endswith("_date"):
        with suppress(ValueError):
            return date_format(date.fromisoformat(str(value)), "DATE_FORMAT")
    if name in MONEY:
        with suppress(InvalidOperation):
            return f"EUR {number_format(Decimal(str(value)), 2, force_grouping=True)}"
    if name == "role" and value in ParticipationRole.values:
        return str(ParticipationRole(value).label)
    return str(value)
