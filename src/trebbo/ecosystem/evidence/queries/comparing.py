"""Puts what the registry says of a body beside what open data says, and marks what agrees."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from trebbo.ecosystem.evidence.models import Body
from trebbo.ecosystem.organisations.choices import ProfileType
from trebbo.ecosystem.organisations.models import (
    Identifier,
    KindPeriod,
    OtherName,
    Profile,
    Seat,
)
from trebbo.ecosystem.organisations.queries.gathering import restored
from trebbo.kernel.access import Viewer
from trebbo.kernel.countries import country_name
from trebbo.kernel.text import fold

WORDS = re.compile(r"\w{3,}")


class Agreement(TextChoices):
    """How two values stand to each other; blank where they cannot be compared."""

    EQUAL = "equal", gettext_lazy("the same")
    SIMILAR = "similar", gettext_lazy("alike")
    DIFFERENT = "different", gettext_lazy("different")
    UNKNOWN = "unknown", ""


@dataclass(frozen=True, slots=True)
class Compared:
    """One line of the comparison: what it is about, both sides, how they agree."""

    label: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    agreement: Agreement = Agreement.UNKNOWN


def compared(profile: Profile, body: Body, *, viewer: Viewer) -> tuple[Compared, ...]:
    """A profile, gathered with its small facts, beside a body of the evidence."""
    facts = vars(profile)
    names = _names(profile, restored(OtherName, facts["name_rows"]))
    numbers = _numbers(profile)
    known = [
        f"{one.get_scheme_display()} {one.value}"
        for one in restored(Identifier, facts["identifier_rows"])
    ]
    seats = [
        seat
        for seat in restored(Seat, facts["seat_rows"])
        if seat.municipality is not None and seat.holds_on(viewer.today)
    ]
    own = {
        one.value
        for one in restored(Identifier, facts["identifier_rows"])
        if one.scheme == body.scheme
    }
    return (
        Compared(_("Names"), names, _body_names(body), _by_words(names, _body_names(body))),
        Compared(_("What it is"), _kind(profile, facts), _activity(body)),
        Compared(
            _("Place"),
            tuple(dict.fromkeys(str(seat.municipality) for seat in seats)),
            _place(body),
            _by_equality(
                (fold(seat.municipality.name) for seat in seats if seat.municipality),
                (fold(body.town),),
            ),
        ),
        Compared(
            _("Website"),
            tuple(filter(None, (profile.website,))),
            tuple(filter(None, (body.website,))),
            _by_equality((_domain(profile.website),), (_domain(body.website),)),
        ),
        Compared(
            _("VAT number or tax code"),
            numbers,
            _body_numbers(body),
            _by_equality(map(_bare, numbers), map(_bare, _body_numbers(body))),
        ),
        Compared(
            _("Identifiers"),
            tuple(known),
            (f"{body.get_scheme_display()} {body.key}",),
            _by_equality(own, (body.key,)),
        ),
    )


def compared_bodies(left: Body, right: Body, *, viewer: Viewer) -> tuple[Compared, ...]:
    """Two bodies of different registers beside each other."""
    return (
        Compared(
            _("Names"),
            _body_names(left),
            _body_names(right),
            _by_words(_body_names(left), _body_names(right)),
        ),
        Compared(_("What it is"), _activity(left), _activity(right)),
        Compared(
            _("Place"),
            _place(left),
            _place(right),
            _by_equality((fold(left.town),), (fold(right.town),)),
        ),
        Compared(
            _("Website"),
            tuple(filter(None, (left.website,))),
            tuple(filter(None, (right.website,))),
            _by_equality((_domain(left.website),), (_domain(right.website),)),
        ),
        Compared(
            _("Identifiers"),
            (f"{left.get_scheme_display()} {left.key}",),
            (f"{right.get_scheme_display()} {right.key}",),
        ),
    )


def _names(profile: Profile, others: Iterable[OtherName]) -> tuple[str, ...]:
    names = [profile.name, profile.name_en, profile.acronym, *(other.name for other in others)]
    return tuple(dict.fromkeys(filter(None, names)))


def _body_names(body: Body) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, (body.name, body.short_name))))


def _kind(profile: Profile, facts: dict[str, Any]) -> tuple[str, ...]:
    if profile.type == ProfileType.UNIT:
        unit = profile.as_unit
        kind = unit.get_kind_display()
        return (_("%(kind)s of %(owner)s") % {"kind": kind, "owner": unit.organisation.title},)
    kinds = [kind for kind in restored(KindPeriod, facts["kind_rows"]) if kind.valid_until is None]
    return tuple(str(kind.get_kind_display()) for kind in kinds) or (profile.get_type_display(),)


def _activity(body: Body) -> tuple[str, ...]:
    size = _("small or medium enterprise") if body.is_sme else ""
    return tuple(filter(None, (body.activity_words, size)))


def _numbers(profile: Profile) -> tuple[str, ...]:
    owner = getattr(profile, "as_organisation", None)
    if owner is None:
        return ()
    return tuple(dict.fromkeys(filter(None, (owner.vat_number, owner.tax_code))))


def _body_numbers(body: Body) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, (body.vat_number, body.tax_code))))


def _place(body: Body) -> tuple[str, ...]:
    country = country_name(body.country) if body.country else ""
    town = f"{body.town} ({body.nuts})" if body.town and body.nuts else body.town
    return tuple(filter(None, (town, country)))


def _bare(number: str) -> str:
    compact = re.sub(r"[^0-9A-Z]", "", number.upper())
    return re.sub(r"^[A-Z]{2}(?=\d)", "", compact)


def _domain(website: str) -> str:
    address = website.strip().lower()
    try:
        host = urlsplit(address if "://" in address else f"//{address}").hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")


def _by_equality(left: Iterable[str], right: Iterable[str]) -> Agreement:
    ours, theirs = set(left) - {""}, set(right) - {""}
    if not ours or not theirs:
        return Agreement.UNKNOWN
    return Agreement.EQUAL if ours & theirs else Agreement.DIFFERENT


def _by_words(left: Iterable[str], right: Iterable[str]) -> Agreement:
    ours, theirs = list(map(_folded, left)), list(map(_folded, right))
    if set(ours) & set(theirs):
        return Agreement.EQUAL
    shared = max((_share(one, other) for one in ours for other in theirs), default=0.0)
    return Agreement.SIMILAR if shared >= 0.5 else Agreement.DIFFERENT


def _folded(name: str) -> str:
    return " ".join(re.findall(r"\w+", fold(name)))


def _share(one: str, other: str) -> float:
    ours, theirs = set(WORDS.findall(one)), set(WORDS.findall(other))
    fewer = min(len(ours), len(theirs))
    return len(ours & theirs) / fewer if fewer else 0.0
