"""Counts what a cluster's members did: projects, years, money, partners outside, fields."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import F, FilteredRelation, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from trebbo.ecosystem.clusters.choices import MembershipState
from trebbo.ecosystem.clusters.models import Cluster
from trebbo.ecosystem.clusters.policies import memberships_on
from trebbo.ecosystem.evidence.choices import Verdict
from trebbo.ecosystem.evidence.models import FundedProject, Import, Statement
from trebbo.ecosystem.evidence.policies import see_participation
from trebbo.ecosystem.evidence.queries.clusters import (
    RECENT_YEARS,
    Branch,
    ClusterFigures,
    Edition,
    FieldFigures,
    OutsideBody,
    SharedProject,
    YearFigures,
)
from trebbo.ecosystem.evidence.queries.partners import grouped_bodies, others_in
from trebbo.ecosystem.evidence.queries.parts import present_participations
from trebbo.ecosystem.organisations.models import Profile, Unit
from trebbo.ecosystem.organisations.policies import seen_by
from trebbo.ecosystem.vocabularies.models import Concept
from trebbo.kernel.access import Viewer
from trebbo.kernel.countries import AS_ISO

MOST_OUTSIDE = 50
FIELDS_SCHEME = "euroscivoc"
BRANCH_LEVEL, FIELD_LEVEL = 2, 3


@dataclass(slots=True)
class _Project:
    """What the members did in one project."""

    begun: date | None
    members: set[int] = field(default_factory=set)
    profiles: set[int] = field(default_factory=set)
    parts: list[int] = field(default_factory=list)
    contribution: Decimal = Decimal(0)


def count_evidence(cluster: Cluster, *, viewer: Viewer) -> ClusterFigures:
    """Count the evidence of today's members of the cluster, as `viewer` may see it.

    Members are those with an active or suspended membership; a unit counts as its organisation.
    An organisation's parts include those of its units; a unit that is a member brings its own
    only. Seven queries, whatever the volume.
    """
    whose = _members(cluster, viewer)
    projects = _projects(whose, viewer)
    shared = {key: one for key, one in projects.items() if len(one.members) > 1}
    outside = _outside(whose, projects, viewer)
    branches, without = _branches(whose, projects, viewer.today)
    return ClusterFigures(
        members=len(set(whose.values())),
        with_projects=len({key for one in projects.values() for key in one.members}),
        projects=len(projects),
        contribution=str(_money(projects.values())),
        together_contribution=str(_money(shared.values())),
        years=_years(projects.values()),
        shared=tuple(
            SharedProject(key, tuple(one.parts))
            for key, one in sorted(
                shared.items(), key=lambda row: (row[1].begun or date.min, row[0]), reverse=True
            )
        ),
        outside_bodies=len(outside),
        outside=tuple(
            OutsideBody(row["who_profile"], row["who_body"], row["shared"])
            for row in outside[:MOST_OUTSIDE]
        ),
        countries=tuple(
            Counter(AS_ISO.get(row["at_country"], row["at_country"]) for row in outside)
            .most_common()
        ),
        branches=branches,
        branches_without=without,
        editions=_editions(projects),
    )  # fmt: skip


def _members(cluster: Cluster, viewer: Viewer) -> dict[int, int]:
    """Each profile that brings evidence, and the organisation as which it counts."""
    rows = memberships_on(viewer.today).filter(seen_by(viewer, "profile"), cluster=cluster)
    rows = rows.exclude(state=MembershipState.CANDIDATE)
    whose = {
        profile: owner or profile
        for profile, owner in rows.values_list("profile", "profile__as_unit__organisation")
    }
    units = Unit.objects.filter(seen_by(viewer), organisation__in=list(whose))
    whose |= dict(units.values_list("pk", "organisation"))
    return whose


def _projects(whose: Mapping[int, int], viewer: Viewer) -> dict[int, _Project]:
    rows: Any = see_participation.filter(
        viewer, present_participations().filter(profile__in=list(whose))
    ).alias(word=FilteredRelation("statements", condition=Q(statements__profile=F("profile"))))
    rows = rows.annotate(
        said=Coalesce("word__contribution", "contribution"),
        begun=Coalesce("project__start_date", "project__signature_date"),
    ).order_by("position", "pk")
    projects: dict[int, _Project] = {}
    for pk, project, profile, said, begun in rows.values_list(
        "pk", "project_id", "profile_id", "said", "begun"
    ):
        one = projects.setdefault(project, _Project(begun))
        one.members.add(whose[profile])
        one.profiles.add(profile)
        one.parts.append(pk)
        one.contribution += said or Decimal(0)
    return projects


def _outside(
    whose: Mapping[int, int], projects: Mapping[int, _Project], viewer: Viewer
) -> list[dict[str, Any]]:
    """Who else takes part, the most frequent first."""
    mine = see_participation.filter(
        viewer, present_participations().filter(profile__in=list(whose))
    )
    not_members = Q(profile__isnull=True) | ~Q(profile__in=[*whose, *whose.values()])
    rows = others_in(Q(project__in=mine.values("project")), viewer=viewer).filter(not_members)
    return list(grouped_bodies(rows).order_by("-shared", "who_profile", "who_body"))


def _years(projects: Iterable[_Project]) -> tuple[YearFigures, ...]:
    groups: dict[int | None, list[_Project]] = defaultdict(list)
    for one in projects:
        groups[one.begun.year if one.begun else None].append(one)
    return tuple(
        YearFigures(
            year,
            len(found),
            sum(len(one.members) > 1 for one in found),
            str(_money(found)),
        )
        for year, found in sorted(groups.items(), key=lambda row: (row[0] is None, row[0] or 0))
    )


def _money(projects: Iterable[_Project]) -> Decimal:
    return sum((one.contribution for one in projects), Decimal(0))


def _branches(
    whose: Mapping[int, int], projects: Mapping[int, _Project], today: date
) -> tuple[tuple[Branch, ...], int]:
    """The branches with any project and all their fields; and how many branches have none."""
    broader: dict[int, int | None] = dict(
        Concept.objects.filter(scheme__code=FIELDS_SCHEME).values_list("pk", "broader")
    )
    lines = {key: _line_of(key, broader) for key in broader}
    since = _years_before(today, RECENT_YEARS)
    members: dict[int, set[int]] = defaultdict(set)
    found: dict[int, set[int]] = defaultdict(set)
    for project, concept, profiles in _fields_of(projects, whose):
        line = lines.get(concept, ())
        for level in (BRANCH_LEVEL, FIELD_LEVEL):
            if len(line) >= level:
                found[line[level - 1]].add(project)
        one = projects[project]
        if len(line) >= FIELD_LEVEL and one.begun and one.begun >= since:
            members[line[FIELD_LEVEL - 1]] |= {whose[profile] for profile in profiles}
    claimed = _claimed(whose, lines)
    branches = []
    without = 0
    for key, line in lines.items():
        if len(line) != BRANCH_LEVEL:
            continue
        if not found[key]:
            without += 1
            continue
        below = [one for one, its in lines.items() if len(its) == FIELD_LEVEL and its[1] == key]
        fields = tuple(
            FieldFigures(
                concept=one,
                members=len(members[one]),
                projects=len(found[one]),
                contribution=str(_money(projects[project] for project in found[one])),
                claimed=len(claimed[one]),
            )
            for one in below
        )
        branches.append(Branch(key, fields))
    return tuple(branches), without


def _fields_of(
    projects: Mapping[int, _Project], whose: Mapping[int, int]
) -> Iterable[tuple[int, int, set[int]]]:
    """Project, field, and the profiles that stand by it: not those that hid or corrected it."""
    said = {
        (profile, concept): instead if verdict == Verdict.CORRECTED else None
        for profile, concept, verdict, instead in Statement.objects.filter(
            profile__in=list(whose),
            concept__isnull=False,
            verdict__in=(Verdict.HIDDEN, Verdict.CORRECTED),
        ).values_list("profile_id", "concept_id", "verdict", "instead_id")
    }
    through: Any = FundedProject.fields.through
    mine = present_participations().filter(profile__in=list(whose)).values("project")
    rows = through.objects.filter(fundedproject__in=mine)
    for project, concept in rows.values_list("fundedproject_id", "concept_id"):
        if project not in projects:
            continue
        standing: dict[int, set[int]] = defaultdict(set)
        for profile in projects[project].profiles:
            shown = said.get((profile, concept), concept)
            if shown is not None:
                standing[shown].add(profile)
        for shown, profiles in standing.items():
            yield project, shown, profiles


def _claimed(whose: Mapping[int, int], lines: Mapping[int, tuple[int, ...]]) -> dict[int, set[int]]:
    """By field of the third level, the members that name it in their own profiles."""
    claimed: dict[int, set[int]] = defaultdict(set)
    through: Any = Profile.fields.through
    rows = through.objects.filter(profile__in=list(whose))
    for profile, concept in rows.values_list("profile_id", "concept_id"):
        line = lines.get(concept, ())
        if len(line) >= FIELD_LEVEL:
            claimed[line[FIELD_LEVEL - 1]].add(whose[profile])
    return claimed


def _line_of(key: int, broader: Mapping[int, int | None]) -> tuple[int, ...]:
    """The concept with all above it, from the top."""
    line: list[int] = []
    at: int | None = key
    while at is not None and at not in line:
        line.append(at)
        at = broader.get(at)
    return tuple(reversed(line))


def _years_before(day: date, years: int) -> date:
    """The same day years ago; 28 February for a leap day."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def _editions(projects: Mapping[int, _Project]) -> tuple[Edition, ...]:
    """Of which datasets and editions the figures are: the present ones of those used."""
    rows = FundedProject.objects.filter(pk__in=list(projects))
    datasets = set(rows.values_list("dataset", flat=True))
    imports = Import.objects.filter(is_present=True, dataset__in=datasets).order_by("dataset")
    return tuple(
        Edition(
            row.dataset,
            row.edition_date.isoformat() if row.edition_date else "",
            timezone.localtime(row.finished_at).date().isoformat() if row.finished_at else "",
        )
        for row in imports
    )
