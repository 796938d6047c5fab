"""Describes profiles and bodies to the engine that says who is who, and brings its links back."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from django.db.models import Q, QuerySet

from trebbo.ecosystem.clusters.models import Cluster
from trebbo.ecosystem.evidence.choices import GIVEN_BY_LINK, BodyScheme
from trebbo.ecosystem.evidence.models import Body
from trebbo.ecosystem.organisations.choices import NameKind
from trebbo.ecosystem.organisations.models import (
    Identifier,
    KindPeriod,
    Organisation,
    OtherName,
    Seat,
    Unit,
)
from trebbo.engine.linkage import Entity, Linker, Name, Zone, default_linker

NAME_KINDS = {
    NameKind.SHORT: "short",
    NameKind.FORMER: "former",
    NameKind.TRANSLATION: "label",
    NameKind.TRADE: "alias",
}
Described = list[Entity]
"""Profiles or bodies with all that identifies them, held in memory."""

PROFILE, BODY = "profile", "body"
BODY_COLUMNS = (
    "pk",
    "scheme",
    "key",
    "name",
    "short_name",
    "vat_number",
    "tax_code",
    "activity",
    "country",
    "nuts",
    "town",
    "website",
)
REGION_LENGTH = 5
HOME = "IT"
"""The country of the registry; seats elsewhere are not known to it."""

BODY_CODE = re.compile(r"\d{11}")


@dataclass(frozen=True, slots=True)
class Found:
    """Two that may be one: keys of both sides, how probable, whether certain, and why.

    `reasons` are ready for JSON: comparison, level, left, right, weight in bits.
    """

    left: str
    right: str
    probability: float
    certain: bool
    reasons: list[dict[str, Any]]


@cache
def _linker() -> Linker:
    return default_linker()


def linker_version() -> str:
    """The version of the model that gives the probabilities."""
    return _linker().version


def find_links(left: Iterable[Entity], right: Iterable[Entity]) -> Iterator[Found]:
    """The certain and the likely pairs; `left` is held in memory, `right` is streamed."""
    for match in _linker().link(left, right):
        if match.zone == Zone.UNLIKELY:
            continue
        yield Found(
            match.left,
            match.right,
            match.probability,
            match.zone == Zone.CERTAIN,
            [
                {
                    "comparison": reason.comparison,
                    "level": reason.level,
                    "left": reason.left,
                    "right": reason.right,
                    "weight": round(reason.weight, 2),
                }
                for reason in match.reasons
            ],
        )


def profile_key(profile_id: int) -> str:
    """The key under which a profile is described."""
    return f"{PROFILE}:{profile_id}"


def body_key(body_id: int) -> str:
    """The key under which a body is described."""
    return f"{BODY}:{body_id}"


def is_profile(key: str) -> bool:
    """Whether the key names a profile."""
    return key.startswith(f"{PROFILE}:")


def number_in(key: str) -> int:
    """The id of the profile or body that a key names."""
    return int(key.partition(":")[2])


def profile_entities(profile_ids: Iterable[int] | None = None) -> list[Entity]:
    """The organisations, units and clusters of the registry (or some of them), to be linked.

    Identifiers that came from a link do not speak: a link must not prove itself.
    """
    ids = None if profile_ids is None else list(profile_ids)
    wanted = Q() if ids is None else Q(pk__in=ids)
    facts = _Facts(ids)
    return [
        *(_organisation(row, facts) for row in Organisation.objects.filter(wanted)),
        *(_unit(row, facts) for row in Unit.objects.filter(wanted).select_related("organisation")),
        *(
            _cluster(row, facts)
            for row in Cluster.objects.filter(wanted).select_related("territory")
        ),
    ]


def body_entities(bodies: QuerySet[Body]) -> Iterator[Entity]:
    """Bodies of the evidence, streamed, to be linked."""
    for row in bodies.order_by().values_list(*BODY_COLUMNS).iterator(chunk_size=5_000):
        pk, scheme, key, name, short, vat, tax, activity, country, nuts, town, website = row
        identifiers = {(scheme, key)}
        if vat:
            identifiers.add(("vat", vat_with_country(vat, country)))
        if tax:
            identifiers.add(("tax_code", tax))
        names = [Name(name)]
        if short and short != name:
            names.append(Name(short, "short"))
        domain = domain_of(website)
        yield Entity(
            key=body_key(pk),
            names=tuple(names),
            country=country,
            region=nuts[:REGION_LENGTH],
            town=town,
            domains=frozenset({domain} if domain else ()),
            identifiers=frozenset(identifiers),
            kind=activity,
        )


def bodies_near(entities: Iterable[Entity]) -> QuerySet[Body]:
    """The bodies that could be any of these profiles: of their countries, or sharing a number.

    A profile whose country is not known is looked for at home. Without this every body of Europe
    would be taken apart for nothing: across borders only numbers can tell.
    """
    condition = Q(country="")
    countries, numbers = {HOME}, defaultdict(set)
    for entity in entities:
        countries.add(entity.country)
        for register, value in entity.identifiers:
            numbers[register].add(value)
    for scheme in BodyScheme.values:
        if numbers[scheme]:
            condition |= Q(scheme=scheme, key__in=numbers[scheme])
    if numbers["vat"]:
        bare = {value[2:] for value in numbers["vat"]}
        condition |= Q(vat_number__in=numbers["vat"] | bare)
    near = Body.objects.filter(condition | Q(country__in=countries))
    return near.exclude(scheme=BodyScheme.ROR)


def vat_with_country(number: str, country: str) -> str:
    """A VAT number with the two letters of its state; `country` where it does not say."""
    compact = re.sub(r"[^0-9A-Z]", "", number.upper())
    return compact if compact[:2].isalpha() else f"{country}{compact}"


def domain_of(website: str) -> str:
    """The web domain of an address, without "www."; nothing where there is none."""
    address = website.strip().lower()
    try:
        host = urlsplit(address if "://" in address else f"//{address}").hostname or ""
    except ValueError:
        return ""
    host = host.removeprefix("www.")
    return host if "." in host else ""


class _Facts:
    """What small tables say of the profiles wanted, read once."""

    def __init__(self, ids: list[int] | None) -> None:
        self.names: dict[int, list[Name]] = defaultdict(list)
        self.identifiers: dict[int, set[tuple[str, str]]] = defaultdict(set)
        self.places: dict[int, tuple[str, str]] = {}
        self.kinds: dict[int, str] = {}
        among = Q() if ids is None else Q(profile__in=ids)
        for profile, name, kind in OtherName.objects.filter(among).values_list(
            "profile_id", "name", "kind"
        ):
            self.names[profile].append(Name(name, NAME_KINDS[NameKind(kind)]))
        own = Identifier.objects.filter(among).exclude(source__contains=GIVEN_BY_LINK)
        for profile, scheme, value in own.values_list("profile_id", "scheme", "value"):
            self.identifiers[profile].add((scheme, value))
        owners = Unit.objects.filter(pk__in=ids or ()).values("organisation")
        placed = among if ids is None else among | Q(profile__in=owners)
        seats = Seat.objects.filter(placed, municipality__isnull=False, valid_until__isnull=True)
        for profile, town, region in seats.order_by("is_main", "-pk").values_list(
            "profile_id", "municipality__name", "municipality__province__territory__code"
        ):
            self.places[profile] = (town, region or "")
        kinds = KindPeriod.objects.filter(valid_until__isnull=True)
        if ids is not None:
            kinds = kinds.filter(organisation__in=ids)
        self.kinds.update(kinds.values_list("organisation_id", "kind"))


def _names(row: Organisation | Unit | Cluster, facts: _Facts) -> tuple[Name, ...]:
    names = [Name(row.name)]
    if row.name_en:
        names.append(Name(row.name_en, "label", "en"))
    if row.acronym:
        names.append(Name(row.acronym, "acronym"))
    return (*names, *facts.names[row.pk])


def _domains(row: Organisation | Unit | Cluster) -> frozenset[str]:
    domain = domain_of(row.website)
    return frozenset({domain} if domain else ())


def _country(row: Organisation, facts: _Facts) -> str:
    """Italy for whoever has a seat, a tax code or a VAT number there; blank where nothing tells."""
    if row.pk in facts.places or row.tax_code:
        return "IT"
    return vat_with_country(row.vat_number, "IT")[:2] if row.vat_number else ""


def _organisation(row: Organisation, facts: _Facts) -> Entity:
    identifiers = set(facts.identifiers[row.pk])
    town, region = facts.places.get(row.pk, ("", ""))
    if row.tax_code:
        identifiers.add(("tax_code", row.tax_code))
    for number in {row.vat_number, row.tax_code if BODY_CODE.fullmatch(row.tax_code) else ""}:
        # Registers of the Union write a body's tax code where it has no VAT number of its own.
        if number:
            identifiers.add(("vat", vat_with_country(number, "IT")))
    return Entity(
        key=profile_key(row.pk),
        names=_names(row, facts),
        country=_country(row, facts),
        region=region,
        town=town,
        domains=_domains(row),
        identifiers=frozenset(identifiers),
        kind=facts.kinds.get(row.pk, ""),
    )


def _unit(row: Unit, facts: _Facts) -> Entity:
    town, region = facts.places.get(row.pk, ("", ""))
    owner = row.organisation
    return Entity(
        key=profile_key(row.pk),
        names=_names(row, facts),
        country=_country(owner, facts),
        region=region,
        town=town,
        domains=_domains(row),
        identifiers=frozenset(facts.identifiers[row.pk]),
        part_of=tuple(filter(None, (owner.name, owner.name_en, owner.acronym))),
        is_part=True,
        kind=row.kind,
    )


def _cluster(row: Cluster, facts: _Facts) -> Entity:
    town, region = facts.places.get(row.pk, ("", ""))
    return Entity(
        key=profile_key(row.pk),
        names=_names(row, facts),
        country=row.territory.code[:2],
        region=region or row.territory.code,
        town=town,
        domains=_domains(row),
        identifiers=frozenset(facts.identifiers[row.pk]),
        kind="cluster",
    )
