"""Rows of a small synthetic region for the maps' tests."""

from datetime import date
from itertools import count

from django.utils import timezone

from trebbo.ecosystem.clusters.models import Cluster, Membership, Network
from trebbo.ecosystem.organisations.choices import Kind, PointPrecision, UnitKind, Visibility
from trebbo.ecosystem.organisations.models import (
    KindPeriod,
    Organisation,
    Profile,
    Seat,
    Technopole,
    Unit,
)
from trebbo.ecosystem.vocabularies.models import Municipality, Province, Territory

TOWNS = {
    "036023": ("Modena", "MO", 44.6471, 10.9252),
    "036022": ("Mirandola", "MO", 44.8870, 11.0660),
    "037006": ("Bologna", "BO", 44.4949, 11.3426),
}
PROVINCES = {"MO": ("036", "Modena"), "BO": ("037", "Bologna")}
numbers = count(1)


def town(code: str) -> Municipality:
    """A municipality of the region, with its province."""
    name, letters, latitude, longitude = TOWNS[code]
    istat, province_name = PROVINCES[letters]
    province, _new = Province.objects.get_or_create(
        code=letters,
        defaults={"istat_code": istat, "name_it": province_name, "name_en": province_name},
    )
    municipality, _new = Municipality.objects.get_or_create(
        istat_code=code,
        defaults={
            "name": name,
            "province": province,
            "latitude": latitude,
            "longitude": longitude,
        },
    )
    return municipality


def organisation(
    name: str, *, visibility: str = Visibility.PUBLIC, kind: str = Kind.SME
) -> Organisation:
    """An organisation with a kind."""
    made = Organisation.objects.create(**_profile("organisation", name, visibility))
    KindPeriod.objects.create(organisation=made, kind=kind)
    return made


def unit(name: str, of: Organisation, technopole: Technopole | None = None) -> Unit:
    """A laboratory."""
    return Unit.objects.create(
        **_profile("unit", name, Visibility.PUBLIC),
        organisation=of,
        kind=UnitKind.LABORATORY,
        technopole=technopole,
    )


def technopole(name: str) -> Technopole:
    """A Technopole."""
    return Technopole.objects.create(
        **_profile("technopole", name, Visibility.PUBLIC), code=f"TP-{next(numbers)}"
    )


def cluster(name: str) -> Cluster:
    """A cluster with its network."""
    territory, _new = Territory.objects.get_or_create(
        code="ITH5", defaults={"name_it": "Emilia-Romagna", "name_en": "Emilia-Romagna"}
    )
    network, _new = Network.objects.get_or_create(
        slug="synthetic",
        defaults={"name_it": "Rete", "name_en": "Network", "territory": territory},
    )
    return Cluster.objects.create(
        **_profile("cluster", name, Visibility.PUBLIC),
        network=network,
        code=f"C{next(numbers)}",
        territory=territory,
    )


def membership(profile: Profile, of: Cluster, until: date | None = None) -> Membership:
    """A membership, over if it has an end in the past."""
    return Membership.objects.create(profile=profile, cluster=of, state="active", valid_until=until)


def seat(
    profile: Profile,
    code: str = "036023",
    point: tuple[float, float] | None = None,
    until: date | None = None,
) -> Seat:
    """A seat in a town: at a point, or somewhere in the municipality."""
    return Seat.objects.create(
        profile=profile,
        municipality=town(code),
        latitude=point[0] if point else None,
        longitude=point[1] if point else None,
        precision=PointPrecision.EXACT if point else PointPrecision.MUNICIPALITY,
        valid_until=until,
    )


def _profile(kind: str, name: str, visibility: str) -> dict[str, object]:
    return {
        "type": kind,
        "slug": f"synthetic-{next(numbers)}",
        "name": name,
        "sort_name": name.lower(),
        "visibility": visibility,
        "changed_at": timezone.now(),
    }
