"""Reads with whom a profile took part in funded projects, how often, and from where."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import BigIntegerField, Case, Count, F, Max, Q, QuerySet, When
from django.db.models.functions import Upper
from django.urls import reverse

from trebbo.ecosystem.evidence.policies import see_participation
from trebbo.ecosystem.evidence.queries.parts import is_hidden, present_participations
from trebbo.ecosystem.organisations.models import Profile, Unit
from trebbo.ecosystem.organisations.policies import seen_by
from trebbo.ecosystem.vocabularies.models import Municipality, Province
from trebbo.kernel.access import Viewer
from trebbo.kernel.countries import AS_ISO
from trebbo.kernel.text import in_language

ITALY = "IT"
NUTS3 = 5
"""Letters of a NUTS code that names a province."""


@dataclass(frozen=True, slots=True)
class Partner:
    """A body with which the profile shares projects: of the registry, or known from open data."""

    name: str
    page: tuple[str, ...]
    in_registry: bool
    projects: int
    last_year: int | None
    country: str
    nuts: str
    town: str

    @property
    def address(self) -> str:
        """The address of its page."""
        name, *args = self.page
        return reverse(name, args=args)


@dataclass(frozen=True, slots=True)
class PartnerPlace:
    """A country or a province with how many partners are there; degrees are None off the map."""

    code: str
    name: str
    partners: int
    latitude: float | None = None
    longitude: float | None = None


def partners_of(
    profile: Profile, *, viewer: Viewer, most: int | None = None
) -> tuple[Partner, ...]:
    """The partners, the most frequent first; at most `most`. One query.

    A partner is named as in the registry where the viewer may see it there, and it did not hide
    that part; else as in its official record. The profile's own units, and its organisation, are
    no partners.
    """
    shared = (
        present_participations().filter(profile=profile.pk).exclude(is_hidden()).values("project")
    )
    rows = others_in(Q(project__in=shared), viewer=viewer).filter(~_family(profile))
    grouped = grouped_bodies(rows).order_by("-shared", "last", "who_profile", "who_body")
    return tuple(_partner(row) for row in grouped[:most])


def others_in(condition: Q, *, viewer: Viewer) -> QuerySet[Any]:
    """Participations with `who_profile`, by which the viewer may know the body, or `who_body`."""
    named = Q(profile__isnull=False) & see_participation.condition(viewer)
    rows = present_participations().filter(condition)
    known: QuerySet[Any] = rows.annotate(
        who_profile=Case(
            When(named & Q(seen_by(viewer, "profile")), then=F("profile")),
            output_field=BigIntegerField(),
        )
    )
    named_or_not: QuerySet[Any] = known.annotate(
        who_body=Case(When(who_profile=None, then=F("body")), output_field=BigIntegerField())
    )
    return named_or_not


def grouped_bodies(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Rows of `others_in`, one for each body: `shared` projects, the `last` start, where it is."""
    grouped: QuerySet[Any] = (
        rows.order_by()
        .values("who_profile", "who_body")
        .annotate(
            shared=Count("project", distinct=True),
            last=Max("project__start_date"),
            profile_type=Max("profile__type"),
            profile_slug=Max("profile__slug"),
            profile_name=Max("profile__name"),
            profile_name_en=Max("profile__name_en"),
            body_scheme=Max("body__scheme"),
            body_key=Max("body__key"),
            body_name=Max("body__name"),
            at_country=Max("body__country"),
            at_nuts=Max("body__nuts"),
            at_town=Max("body__town"),
        )
    )
    return grouped


def partner_counts(
    profile: Profile, project_ids: Sequence[int], *, viewer: Viewer
) -> dict[int, int]:
    """How many other bodies take part in each of these projects; one query."""
    rows = present_participations().filter(~_family(profile), project__in=project_ids)
    counted = rows.order_by().values_list("project").annotate(many=Count("body", distinct=True))
    return dict(counted)


def places_of(partners: Iterable[Partner]) -> Counter[str]:
    """Partners by country (ISO code, blank where unknown)."""
    return Counter(AS_ISO.get(one.country, one.country) for one in partners)


def provinces_of(partners: Iterable[Partner], *, viewer: Viewer) -> tuple[PartnerPlace, ...]:
    """The Italian partners by province, the most first; those that cannot be placed last.

    By the NUTS code where there is one, else by the name of the town where one municipality only
    bears it. Two queries, the second only where a code is missing.
    """
    italian = [one for one in partners if one.country == ITALY]
    provinces: dict[str, Province] = {}
    by_nuts: dict[str, str] = {}
    for province in Province.objects.select_related("territory").order_by("code"):
        provinces[province.code] = province
        if province.territory:
            by_nuts.setdefault(province.territory.code, province.code)
    lost = {one.town.upper() for one in italian if one.nuts[:NUTS3] not in by_nuts and one.town}
    by_town = _provinces_by_town(lost)
    counts = Counter(
        by_nuts.get(one.nuts[:NUTS3]) or by_town.get(one.town.upper(), "") for one in italian
    )
    found = [
        PartnerPlace(code, provinces[code].name, many, provinces[code].latitude,
                     provinces[code].longitude)
        if code
        else PartnerPlace("", "", many)
        for code, many in counts.items()
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda place: (not place.code, -place.partners, place.name)))


def _provinces_by_town(towns: Iterable[str]) -> dict[str, str]:
    rows = Municipality.objects.annotate(upper=Upper("name")).filter(upper__in=sorted(towns))
    found: dict[str, set[str]] = {}
    for name, province in rows.values_list("upper", "province_id"):
        found.setdefault(name, set()).add(province)
    return {name: next(iter(codes)) for name, codes in found.items() if len(codes) == 1}


def _family(profile: Profile) -> Q:
    """The condition on participations of the profile, its units, and the unit's organisation."""
    own = Unit.objects.filter(Q(pk=profile.pk) | Q(organisation=profile.pk))
    owners = Unit.objects.filter(pk=profile.pk).values("organisation")
    return Q(profile__isnull=False) & (
        Q(profile=profile.pk) | Q(profile__in=own.values("pk")) | Q(profile__in=owners)
    )


def _partner(row: Mapping[str, Any]) -> Partner:
    in_registry = row["who_profile"] is not None
    page: tuple[str, ...]
    if in_registry:
        name = in_language(row["profile_name"], row["profile_name_en"])
        page = (row["profile_type"], row["profile_slug"])
    else:
        name = row["body_name"]
        page = ("body", row["body_scheme"], row["body_key"])
    return Partner(
        name=name,
        page=page,
        in_registry=in_registry,
        projects=row["shared"],
        last_year=row["last"].year if row["last"] else None,
        country=row["at_country"],
        nuts=row["at_nuts"],
        town=row["at_town"],
    )
