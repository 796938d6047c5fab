"""What each page of the registry shows, read in a fixed number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from trebbo.ecosystem.accounts.models import Mandate
from trebbo.ecosystem.accounts.queries import people_acting_for
from trebbo.ecosystem.organisations.choices import ItemSection, ProfileType
from trebbo.ecosystem.organisations.models import (
    Accreditation,
    Identifier,
    KindPeriod,
    Organisation,
    OtherName,
    Parentage,
    Profile,
    ProfileItem,
    Seat,
    SizePeriod,
    Technopole,
    Unit,
    holding_on,
)
from trebbo.ecosystem.organisations.policies import (
    accredit_profile,
    edit_profile,
    invite_to_profile,
    seen_by,
    view_profile,
)
from trebbo.ecosystem.organisations.queries.dated import latest_size
from trebbo.ecosystem.organisations.queries.gathering import (
    fields_of,
    restored,
    restored_fields,
    rows_of,
)
from trebbo.ecosystem.vocabularies.models import Concept
from trebbo.kernel.access import Viewer
from trebbo.kernel.policies import Rule

Dated = TypeVar("Dated", KindPeriod, Accreditation)

MOST_RELATED = 200
RELATED = {
    ProfileType.ORGANISATION: (Organisation, ("legal_form", "sector", "owner")),
    ProfileType.UNIT: (Unit, ("organisation", "technopole", "owner")),
    ProfileType.TECHNOPOLE: (Technopole, ("manager", "owner")),
}


@dataclass(frozen=True, slots=True)
class ItemList:
    """One list of a profile, with its heading."""

    section: ItemSection
    items: tuple[ProfileItem, ...]


@dataclass(frozen=True, slots=True)
class ProfilePage:
    """Everything that a profile's page says by itself; areas above add their sections.

    `kind` and `size` are those of `day`; seats are apart that are in use then and that were.
    """

    profile: Profile
    day: date
    may_edit: bool
    may_invite: bool
    may_accredit: bool
    other_names: tuple[OtherName, ...]
    identifiers: tuple[Identifier, ...]
    kinds: tuple[KindPeriod, ...]
    kind: KindPeriod | None
    sizes: tuple[SizePeriod, ...]
    size: SizePeriod | None
    accreditations: tuple[Accreditation, ...]
    accreditation: Accreditation | None
    lists: tuple[ItemList, ...]
    fields: tuple[Concept, ...]
    seats: tuple[Seat, ...]
    past_seats: tuple[Seat, ...]
    units: tuple[Unit, ...]
    parents: tuple[Parentage, ...]
    children: tuple[Parentage, ...]
    people: tuple[Mandate, ...]


def visible_profiles(*, viewer: Viewer) -> QuerySet[Profile]:
    """The profiles that the person may see."""
    return view_profile.filter(viewer, Profile.objects.all())


def profile_page(
    type_: ProfileType, slug: str, *, viewer: Viewer, day: date | None = None
) -> ProfilePage | None:
    """The page of an organisation, unit or Technopole, or nothing where the person may not see it.

    Four queries at most: the profile with its small facts and the person's rights; its units; its
    parents and children (organisations); the people who act for it (for those signed in).
    """
    when = day or viewer.today
    profile = _gathered_profile(type_, slug, viewer)
    if profile is None:
        return None
    facts = vars(profile)
    kinds = _by_start(restored(KindPeriod, facts.get("kind_rows")))
    sizes = sorted(
        restored(SizePeriod, facts.get("size_rows")), key=lambda s: s.year or 0, reverse=True
    )
    accreditations = _by_start(restored(Accreditation, facts["accreditation_rows"]))
    seats = sorted(restored(Seat, facts["seat_rows"]), key=lambda seat: (not seat.is_main, seat.pk))
    ties = _parentages(profile, viewer)
    return ProfilePage(
        profile=profile,
        day=when,
        may_edit=bool(facts["may_edit"]),
        may_invite=bool(facts["may_invite"]),
        may_accredit=bool(facts["may_accredit"]),
        other_names=tuple(
            sorted(restored(OtherName, facts["name_rows"]), key=lambda other: other.pk)
        ),
        identifiers=tuple(
            sorted(
                restored(Identifier, facts["identifier_rows"]), key=lambda i: (i.scheme, i.value)
            )
        ),
        kinds=tuple(kinds),
        kind=next((kind for kind in kinds if kind.holds_on(when)), None),
        sizes=tuple(sizes),
        size=latest_size(sizes, year=when.year),
        accreditations=tuple(accreditations),
        accreditation=next((fact for fact in accreditations if fact.holds_on(when)), None),
        lists=_lists(restored(ProfileItem, facts["item_rows"])),
        fields=tuple(restored_fields(facts["field_rows"])),
        seats=tuple(seat for seat in seats if seat.holds_on(when)),
        past_seats=tuple(seat for seat in seats if not seat.holds_on(when)),
        units=_units(profile, viewer),
        parents=tuple(tie for tie in ties if tie.child_id == profile.pk),
        children=tuple(tie for tie in ties if tie.parent_id == profile.pk),
        people=tuple(people_acting_for(profile.pk, viewer=viewer)) if viewer.signed_in else (),
    )


def technopole_rows(*, viewer: Viewer) -> QuerySet[Technopole]:
    """The Technopoles that the person may see, with `laboratories`: how many they host."""
    return (
        Technopole.objects.filter(seen_by(viewer))
        .select_related("manager")
        .annotate(laboratories=Count("units", filter=seen_by(viewer, "units"), distinct=True))
        .prefetch_related("seats__municipality")
        .order_by("sort_name")
    )


def visible_units(*, viewer: Viewer) -> QuerySet[Unit]:
    """Units that the person may see, with `accredited`: whether they are accredited today."""
    today = Accreditation.objects.filter(holding_on(viewer.today), profile=OuterRef("pk"))
    return (
        Unit.objects.filter(seen_by(viewer))
        .select_related("organisation", "technopole")
        .annotate(accredited=Exists(today))
        .order_by("sort_name")
    )


def _gathered_profile(type_: ProfileType, slug: str, viewer: Viewer) -> Profile | None:
    model, related = RELATED[type_]
    rows: QuerySet[Profile] = model._default_manager.filter(seen_by(viewer), slug=slug)
    rows = rows.select_related(*related).annotate(
        may_edit=_holds(edit_profile, viewer),
        may_invite=_holds(invite_to_profile, viewer),
        may_accredit=_holds(accredit_profile, viewer),
        name_rows=rows_of(OtherName, "profile"),
        identifier_rows=rows_of(Identifier, "profile"),
        accreditation_rows=rows_of(Accreditation, "profile"),
        item_rows=rows_of(ProfileItem, "profile"),
        seat_rows=rows_of(Seat, "profile"),
        field_rows=fields_of(),
    )
    if type_ == ProfileType.ORGANISATION:
        rows = rows.annotate(
            kind_rows=rows_of(KindPeriod, "organisation"),
            size_rows=rows_of(SizePeriod, "organisation"),
        )
    return rows.first()


def _holds(rule: Rule[Profile], viewer: Viewer) -> Exists:
    """Whether the rule says yes for the outer profile, read in the same query."""
    return Exists(rule.filter(viewer, Profile.objects.filter(pk=OuterRef("pk"))))


def _units(profile: Profile, viewer: Viewer) -> tuple[Unit, ...]:
    units = visible_units(viewer=viewer)
    if isinstance(profile, Organisation):
        return tuple(units.filter(organisation=profile.pk)[:MOST_RELATED])
    if isinstance(profile, Technopole):
        return tuple(units.filter(technopole=profile.pk)[:MOST_RELATED])
    return ()


def _parentages(profile: Profile, viewer: Viewer) -> list[Parentage]:
    if not isinstance(profile, Organisation):
        return []
    rows = Parentage.objects.filter(
        Q(seen_by(viewer, "parent"), child=profile.pk)
        | Q(seen_by(viewer, "child"), parent=profile.pk)
    )
    return list(rows.select_related("parent", "child").order_by("pk")[:MOST_RELATED])


def _by_start(facts: list[Dated]) -> list[Dated]:
    return sorted(facts, key=lambda fact: fact.valid_from or date.min, reverse=True)


def _lists(items: Sequence[ProfileItem]) -> tuple[ItemList, ...]:
    ordered = sorted(items, key=lambda item: (item.position, item.pk))
    return tuple(
        ItemList(section, tuple(item for item in ordered if item.section == section))
        for section in ItemSection
    )
