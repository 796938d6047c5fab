"""Where a body is: adding, changing and closing its seats."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from trebbo.ecosystem.organisations.actions.changes import demand_edit, locked_profile, touch
from trebbo.ecosystem.organisations.actions.wording import check_period, label, short_text
from trebbo.ecosystem.organisations.choices import PointPrecision, Standing
from trebbo.ecosystem.organisations.country import in_the_country
from trebbo.ecosystem.organisations.models import Profile, Seat
from trebbo.ecosystem.vocabularies.models import Municipality
from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import Refusal

AUDITED = (
    "label",
    "address",
    "postcode",
    "municipality",
    "latitude",
    "longitude",
    "precision",
    "is_main",
    "valid_from",
    "valid_until",
)


class SeatRefused(Refusal):
    """The seat's place or period cannot be right."""


@dataclass(frozen=True, slots=True)
class Position:
    """A point and how exact it is; no point where nothing is known."""

    latitude: float | None
    longitude: float | None
    precision: PointPrecision


@transaction.atomic
def add_seat(
    *,
    actor: Viewer,
    profile_id: int,
    municipality_id: str | None = None,
    label: str = "",
    address: str = "",
    postcode: str = "",
    latitude: float | None = None,
    longitude: float | None = None,
    is_main: bool = False,
    valid_from: date | None = None,
    valid_until: date | None = None,
    source: str = "",
    standing: str = Standing.VERIFIED,
) -> Seat:
    """Add a seat; a profile's first seat, and one said to be so, is its main one.

    Coordinates are in degrees (WGS84); without them the seat stands at a point inside its
    municipality and says so. Refuses coordinates outside the country (a margin of 10 km is
    forgiven), only one of the two, neither place nor coordinates, and an end before the start.
    """
    profile = locked_profile(profile_id)
    demand_edit(actor, profile)
    main = is_main or not profile.seats.filter(is_main=True).exists()
    values = _clean(
        municipality_id=municipality_id,
        label=label,
        address=address,
        postcode=postcode,
        latitude=latitude,
        longitude=longitude,
        valid_from=valid_from,
        valid_until=valid_until,
    )
    if main:
        profile.seats.filter(is_main=True).update(is_main=False)
    seat = Seat.objects.create(
        profile=profile,
        **values,
        is_main=main,
        source=short_text("source", source, limit=1000),
        standing=Standing(standing),
    )
    touch(actor=actor, profile=profile, verb="add_seat", changes=_differences({}, _state(seat)))
    return seat


@transaction.atomic
def change_seat(
    *,
    actor: Viewer,
    seat_id: int,
    municipality_id: str | None = None,
    label: str = "",
    address: str = "",
    postcode: str = "",
    latitude: float | None = None,
    longitude: float | None = None,
    is_main: bool = False,
    valid_from: date | None = None,
    valid_until: date | None = None,
) -> Seat:
    """Put a seat right; everything is given anew. Refuses as `add_seat`."""
    seat, profile = _seat_to_change(actor, seat_id)
    before = _state(seat)
    values = _clean(
        municipality_id=municipality_id,
        label=label,
        address=address,
        postcode=postcode,
        latitude=latitude,
        longitude=longitude,
        valid_from=valid_from,
        valid_until=valid_until,
    )
    for name, value in values.items():
        setattr(seat, name, value)
    if is_main and not seat.is_main:
        profile.seats.filter(is_main=True).update(is_main=False)
    seat.is_main = seat.is_main or is_main
    changes = _differences(before, _state(seat))
    if changes:
        seat.save()
        touch(actor=actor, profile=profile, verb="change_seat", changes=changes)
    return seat


@transaction.atomic
def end_seat(*, actor: Viewer, seat_id: int, valid_until: date) -> Seat:
    """Say until when a seat was used; it stays in the profile's history."""
    seat, profile = _seat_to_change(actor, seat_id)
    check_period(seat.valid_from, valid_until)
    changes = {"seat": (seat, ""), "valid_until": (seat.valid_until, valid_until)}
    seat.valid_until = valid_until
    seat.is_main = False
    seat.save(update_fields=["valid_until", "is_main"])
    touch(actor=actor, profile=profile, verb="end_seat", changes=changes)
    return seat


def place_main_seat(profile: Profile, municipality_id: str) -> Seat:
    """Put a new profile at a point inside its municipality; part of its registration."""
    municipality = _municipality(municipality_id)
    place = position(municipality, None, None)
    return Seat.objects.create(
        profile=profile,
        municipality=municipality,
        latitude=place.latitude,
        longitude=place.longitude,
        precision=place.precision,
        is_main=True,
    )


def _seat_to_change(actor: Viewer, seat_id: int) -> tuple[Seat, Profile]:
    seat = Seat.objects.select_related("municipality").get(pk=seat_id)
    profile = locked_profile(seat.profile_id)
    demand_edit(actor, profile)
    return seat, profile


def _clean(
    *,
    municipality_id: str | None,
    latitude: float | None,
    longitude: float | None,
    valid_from: date | None,
    valid_until: date | None,
    **words: str,
) -> dict[str, Any]:
    check_period(valid_from, valid_until)
    municipality = _municipality(municipality_id)
    place = position(municipality, latitude, longitude)
    limits = {"label": 200, "address": 300, "postcode": 10}
    return {
        **{name: short_text(name, text, limit=limits[name]) for name, text in words.items()},
        "municipality": municipality,
        "latitude": place.latitude,
        "longitude": place.longitude,
        "precision": place.precision,
        "valid_from": valid_from,
        "valid_until": valid_until,
    }


def position(
    municipality: Municipality | None, latitude: float | None, longitude: float | None
) -> Position:
    """The seat's point: as given, or one inside the municipality.

    Refuses a point outside the country, telling the likely reason.
    """
    if latitude is None and longitude is None:
        if municipality is None:
            raise _refusal("municipality", _("Choose the municipality, or give the coordinates."))
        return Position(municipality.latitude, municipality.longitude, PointPrecision.MUNICIPALITY)
    if latitude is None or longitude is None:
        missing = "latitude" if latitude is None else "longitude"
        raise _refusal(
            missing, _("%(field)s is missing: give both coordinates.") % {"field": label(missing)}
        )
    _check_point(latitude, longitude)
    return Position(latitude, longitude, PointPrecision.EXACT)


def _check_point(latitude: float, longitude: float) -> None:
    if not (math.isfinite(latitude) and math.isfinite(longitude)):
        raise _refusal("latitude", _("The coordinates are not numbers."))
    if in_the_country(latitude, longitude):
        return
    if in_the_country(longitude, latitude):
        raise _refusal(
            "latitude",
            _("The coordinates are in the wrong order: latitude and longitude seem to be swapped."),
        )
    if abs(latitude) > 90 or abs(longitude) > 180:
        raise _refusal(
            "latitude",
            _("No such point: latitude goes from -90 to 90 degrees, longitude from -180 to 180."),
        )
    raise _refusal(
        "latitude", _("This point is outside Italy: check the coordinates, in decimal degrees.")
    )


def _municipality(istat_code: str | None) -> Municipality | None:
    if not istat_code:
        return None
    found = Municipality.objects.filter(pk=istat_code).first()
    if found is None:
        raise _refusal("municipality", _("Choose the municipality from the list."))
    return found


def _refusal(field: str, message: str) -> SeatRefused:
    return SeatRefused(message, {field: message})


def _state(seat: Seat) -> dict[str, Any]:
    return {name: getattr(seat, name) for name in AUDITED}


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    blank = (None, "", False)
    return {
        name: (before.get(name), value)
        for name, value in after.items()
        if before.get(name) != value and not (name not in before and value in blank)
    }
