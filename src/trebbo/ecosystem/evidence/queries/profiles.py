"""What the evidence says of a profile: its projects, fields, amounts, and where they come from."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from trebbo.ecosystem.evidence.choices import PUBLISHERS, Dataset, Publisher, Verdict
from trebbo.ecosystem.evidence.models import Statement
from trebbo.ecosystem.evidence.policies import speak_for
from trebbo.ecosystem.evidence.queries.parts import Part, own_parts, parts_where
from trebbo.ecosystem.organisations.choices import ProfileType
from trebbo.ecosystem.organisations.models import Profile
from trebbo.ecosystem.organisations.policies import seen_by
from trebbo.ecosystem.vocabularies.models import Concept
from trebbo.kernel.access import Viewer


@dataclass(frozen=True, slots=True)
class FieldStands:
    """A field with the projects that stand behind it; years are None where none is known.

    `verdict` is what the profile's people said of it; `said_for` are the official fields in whose
    place they put it.
    """

    concept: Concept
    projects: int
    first_year: int | None
    last_year: int | None
    verdict: str
    said_for: tuple[Concept, ...]


@dataclass(frozen=True, slots=True)
class YearSum:
    """What began in a year (None: not known): projects, and the profile's share in euro."""

    year: int | None
    projects: int
    contribution: Decimal


@dataclass(frozen=True, slots=True)
class Credit:
    """Whose data it is: dataset, publisher, the newest edition and import among what is shown."""

    dataset: str
    publisher: Publisher
    edition: date | None
    imported: date | None

    @property
    def name(self) -> str:
        """The dataset's name."""
        return str(Dataset(self.dataset).label)


@dataclass(frozen=True)
class ProfileEvidence:
    """A profile's evidence as everybody sees it; what its people hid stands apart, for them alone.

    `parts` are its own, the latest first; `of_units` are those of its units that the viewer may
    see, which do not count among its own.
    """

    profile: Profile
    parts: tuple[Part, ...]
    hidden: tuple[Part, ...]
    hidden_fields: tuple[Concept, ...]
    of_units: tuple[Part, ...]

    def __bool__(self) -> bool:
        return bool(self.parts or self.hidden or self.of_units)

    @cached_property
    def projects(self) -> int:
        """How many different projects."""
        return len({part.project.pk for part in self.parts})

    @cached_property
    def projects_of_units(self) -> int:
        """How many different projects are its units' and not its own."""
        return len({part.project.pk for part in self.of_units})

    @cached_property
    def coordinated(self) -> int:
        """In how many of them it leads."""
        return len({part.project.pk for part in self.parts if part.role == "coordinator"})

    @cached_property
    def first_year(self) -> int | None:
        """The earliest year in which one began."""
        return min((part.year for part in self.parts if part.year), default=None)

    @cached_property
    def last_year(self) -> int | None:
        """The latest year in which one began."""
        return max((part.year for part in self.parts if part.year), default=None)

    @cached_property
    def contribution(self) -> Decimal:
        """Euro, over the parts whose amount is known."""
        return total(self.parts)

    @cached_property
    def without_amount(self) -> int:
        """Parts whose amount is not known."""
        return sum(part.contribution is None for part in self.parts)

    @cached_property
    def said_amounts(self) -> int:
        """Parts whose amount is the profile's own word."""
        return sum(part.amount_is_said for part in self.parts)

    @cached_property
    def programmes(self) -> tuple[tuple[str, int, Decimal], ...]:
        """Each programme with its projects and euro, the most projects first."""
        groups: dict[str, list[Part]] = {}
        for part in self.parts:
            groups.setdefault(part.programme, []).append(part)
        sums = [
            (name, len({part.project.pk for part in parts}), total(parts))
            for name, parts in groups.items()
        ]
        return tuple(sorted(sums, key=lambda row: (-row[1], row[0])))

    @cached_property
    def years(self) -> tuple[YearSum, ...]:
        """The years in which projects began, in order; the unknown year last."""
        groups: dict[int | None, list[Part]] = {}
        for part in self.parts:
            groups.setdefault(part.year, []).append(part)
        sums = [
            YearSum(year, len({part.project.pk for part in parts}), total(parts))
            for year, parts in groups.items()
        ]
        return tuple(sorted(sums, key=lambda one: (one.year is None, one.year or 0)))

    @cached_property
    def fields(self) -> tuple[FieldStands, ...]:
        """The fields of its projects, those with the most projects first."""
        return fields_behind(self.parts)

    @cached_property
    def credits(self) -> tuple[Credit, ...]:
        """Whose data it is, one for each dataset."""
        groups: dict[str, list[Part]] = {}
        for part in (*self.parts, *self.hidden):
            groups.setdefault(part.project.dataset, []).append(part)
        return tuple(_credit(dataset, parts) for dataset, parts in sorted(groups.items()))


def profile_evidence(profile: Profile, *, viewer: Viewer) -> ProfileEvidence:
    """What the evidence says of the profile, in one query.

    What its people hid is left out for everybody; for those who may speak for it, it stands in
    `hidden`.
    """
    mine = own_parts(profile)
    if profile.type == ProfileType.ORGANISATION:
        mine |= Q(profile__as_unit__organisation=profile.pk)
    parts = parts_where(mine, viewer=viewer)
    own = [part for part in parts if part.participation.profile_id == profile.pk]
    units = [
        part for part in parts if part.participation.profile_id != profile.pk and not part.is_hidden
    ]
    shown = tuple(part for part in own if not part.is_hidden)
    hidden = tuple(part for part in own if part.is_hidden)
    told = (field for part in own for field in part.fields)
    silenced = {
        field.concept.pk: field.concept for field in told if field.verdict == Verdict.HIDDEN
    }
    return ProfileEvidence(
        profile=profile,
        parts=shown,
        hidden=hidden,
        hidden_fields=tuple(sorted(silenced.values(), key=lambda one: one.label.casefold())),
        of_units=tuple(units),
    )


def part_of(profile: Profile, participation_id: int, *, viewer: Viewer) -> Part | None:
    """One part of the profile, where the viewer may see it."""
    condition = own_parts(profile) & Q(pk=participation_id)
    return next(iter(parts_where(condition, viewer=viewer)), None)


def given_to_units(profile: Profile, *, viewer: Viewer) -> list[Statement]:
    """What the profile's people gave to its units, for those who may speak for it; one query."""
    rows = Statement.objects.filter(profile=profile.pk, done_by__isnull=False)
    rows = rows.filter(Exists(speak_for.filter(viewer, Profile.objects.filter(pk=profile.pk))))
    rows = rows.select_related("participation__project", "done_by")
    return list(rows.order_by("done_by__sort_name", "pk"))


def with_evidence(profile_slug: str, *, viewer: Viewer) -> Profile | None:
    """The profile at this address if the viewer may see it, with `may_speak`; one query."""
    may_speak = Exists(speak_for.filter(viewer, Profile.objects.filter(pk=OuterRef("pk"))))
    rows = Profile.objects.filter(seen_by(viewer), slug=profile_slug)
    return rows.annotate(may_speak=may_speak).select_related("as_unit__organisation").first()


def fields_behind(parts: Iterable[Part]) -> tuple[FieldStands, ...]:
    """The fields that people see of these parts, those with the most projects first."""
    behind: dict[int, set[tuple[int, int | None]]] = {}
    concepts: dict[int, Concept] = {}
    verdicts: dict[int, str] = {}
    replaced: dict[int, dict[int, Concept]] = {}
    for part in parts:
        for told in part.fields:
            if (concept := told.shown) is None:
                continue
            concepts[concept.pk] = concept
            behind.setdefault(concept.pk, set()).add((part.project.pk, part.year))
            if told.verdict == Verdict.CORRECTED:
                replaced.setdefault(concept.pk, {})[told.concept.pk] = told.concept
                verdicts.setdefault(concept.pk, told.verdict)
            elif told.verdict:
                verdicts[concept.pk] = told.verdict
    rows = []
    for key, found in behind.items():
        years = [year for _project, year in found if year]
        rows.append(
            FieldStands(
                concepts[key],
                len({project for project, _year in found}),
                min(years, default=None),
                max(years, default=None),
                verdicts.get(key, ""),
                tuple(replaced.get(key, {}).values()),
            )
        )
    return tuple(sorted(rows, key=lambda row: (-row.projects, row.concept.label.casefold())))


@dataclass(frozen=True, slots=True)
class Filters:
    """What a reader asked of the list; blank means everything."""

    year: str = ""
    field: str = ""
    programme: str = ""
    role: str = ""

    def keep(self, parts: Iterable[Part]) -> list[Part]:
        """The parts that meet all that was asked."""
        return [part for part in parts if all(test(part) for test in self._tests())]

    def _tests(self) -> list[Callable[[Part], bool]]:
        tests: list[Callable[[Part], bool]] = []
        if self.year:
            tests.append(lambda part: str(part.year or "") == self.year)
        if self.programme:
            tests.append(lambda part: part.programme == self.programme)
        if self.role:
            tests.append(lambda part: part.role == self.role)
        if self.field:
            tests.append(
                lambda part: any(
                    str(told.shown.pk) == self.field for told in part.fields if told.shown
                )
            )
        return tests


def total(parts: Iterable[Part]) -> Decimal:
    """Euro, over the parts whose amount is known."""
    return sum((part.contribution or Decimal(0) for part in parts), Decimal(0))


def _credit(dataset: str, parts: list[Part]) -> Credit:
    imports = [part.imported for part in parts]
    finished = [one.finished_at for one in imports if one.finished_at]
    return Credit(
        dataset=dataset,
        publisher=PUBLISHERS[Dataset(dataset)],
        edition=max((one.edition_date for one in imports if one.edition_date), default=None),
        imported=timezone.localtime(max(finished)).date() if finished else None,
    )
