"""Adding organisations, units and Technopoles to the registry."""

from datetime import date
from typing import Any, TypedDict, TypeVar, Unpack

from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from trebbo.ecosystem.organisations.actions import identifiers
from trebbo.ecosystem.organisations.actions.changes import announce, base_of
from trebbo.ecosystem.organisations.actions.seats import place_main_seat
from trebbo.ecosystem.organisations.actions.wording import (
    email_address,
    long_text,
    short_text,
    website_address,
)
from trebbo.ecosystem.organisations.choices import (
    Kind,
    ProfileType,
    Standing,
    UnitKind,
    Visibility,
)
from trebbo.ecosystem.organisations.models import (
    KindPeriod,
    Organisation,
    Profile,
    Technopole,
    Unit,
)
from trebbo.ecosystem.organisations.policies import may_register, may_register_technopole
from trebbo.kernel import audit
from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import NotAllowed, Refusal
from trebbo.kernel.text import fold

AnyProfile = TypeVar("AnyProfile", bound=Profile)
SLUG_LENGTH = 100
SORT_LENGTH = 300


class RegistrationRefused(Refusal):
    """The profile exists already."""


class ProfileWords(TypedDict, total=False):
    """What any profile may start with; all of it can be left out."""

    slug: str
    name_en: str
    acronym: str
    description_it: str
    description_en: str
    notes_it: str
    notes_en: str
    website: str
    visibility: str
    source: str
    standing: str


@transaction.atomic
def register_organisation(
    *,
    actor: Viewer,
    name: str,
    kind: str,
    kind_from: date | None = None,
    kind_source: str = "",
    kind_standing: str = Standing.VERIFIED,
    tax_code: str = "",
    vat_number: str = "",
    certified_email: str = "",
    legal_form_id: int | None = None,
    sector_id: int | None = None,
    municipality_id: str | None = None,
    **words: Unpack[ProfileWords],
) -> Organisation:
    """Add an organisation with its kind, and its main seat if its municipality is given.

    For the offices of clusters and the agency.

    Refuses wrong or taken tax codes and VAT numbers, and a blank or too long name.
    """
    tax = identifiers.tax_code(tax_code)
    vat = identifiers.vat_number(vat_number)
    identifiers.refuse_duplicates(actor, tax_code=tax, vat_number=vat)
    organisation = Organisation(
        **_clean_words(ProfileType.ORGANISATION, name, words),
        tax_code=tax,
        vat_number=vat,
        certified_email=email_address("certified_email", certified_email),
        legal_form_id=legal_form_id,
        sector_id=sector_id,
    )
    _register(actor, organisation)
    KindPeriod.objects.create(
        organisation=organisation,
        kind=Kind(kind),
        valid_from=kind_from,
        source=short_text("source", kind_source, limit=1000),
        standing=Standing(kind_standing),
    )
    if municipality_id:
        place_main_seat(organisation, municipality_id)
    return organisation


@transaction.atomic
def register_unit(
    *,
    actor: Viewer,
    organisation_id: int,
    name: str,
    kind: str,
    technopole_id: int | None = None,
    **words: Unpack[ProfileWords],
) -> Unit:
    """Add a department, laboratory or centre of an organisation; for offices and the agency."""
    unit = Unit(
        **_clean_words(ProfileType.UNIT, name, words),
        organisation_id=organisation_id,
        kind=UnitKind(kind),
        technopole_id=technopole_id,
    )
    _register(actor, unit)
    return unit


@transaction.atomic
def register_technopole(
    *,
    actor: Viewer,
    code: str,
    name: str,
    manager_id: int | None = None,
    municipality_id: str | None = None,
    **words: Unpack[ProfileWords],
) -> Technopole:
    """Add a Technopole with its managing body and municipality, if known; for the agency.

    Refuses a code that another Technopole has, and a blank or too long name.
    """
    if not may_register_technopole(actor):
        raise NotAllowed(_("Only the agency adds Technopoles."))
    own_code = short_text("code", code, limit=20, required=True)
    if Technopole.objects.filter(code=own_code).exists():
        message = _("Another Technopole already has this code.")
        raise RegistrationRefused(message, {"code": message})
    technopole = Technopole(
        **_clean_words(ProfileType.TECHNOPOLE, name, words),
        code=own_code,
        manager_id=manager_id,
    )
    _register(actor, technopole)
    if municipality_id:
        place_main_seat(technopole, municipality_id)
    return technopole


def sort_name(name: str) -> str:
    """The name as it is ordered in lists."""
    return fold(name)[:SORT_LENGTH]


def _clean_words(type_: ProfileType, name: str, words: ProfileWords) -> dict[str, Any]:
    legal_name = short_text("name", name, required=True)
    return {
        "type": type_,
        "slug": _free_slug(words.get("slug") or legal_name),
        "name": legal_name,
        "sort_name": sort_name(legal_name),
        "name_en": short_text("name_en", words.get("name_en", "")),
        "acronym": short_text("acronym", words.get("acronym", ""), limit=60),
        "description_it": long_text("description_it", words.get("description_it", "")),
        "description_en": long_text("description_en", words.get("description_en", "")),
        "notes_it": long_text("notes_it", words.get("notes_it", "")),
        "notes_en": long_text("notes_en", words.get("notes_en", "")),
        "website": website_address(words.get("website", "")),
        "visibility": Visibility(words.get("visibility", Visibility.PUBLIC)),
        "source": short_text("source", words.get("source", ""), limit=1000),
        "standing": Standing(words.get("standing", Standing.VERIFIED)),
    }


def _free_slug(words: str) -> str:
    """An address that nobody has: the name's own, or with the first free number."""
    stem = slugify(words)[:SLUG_LENGTH].strip("-") or "profile"
    taken = set(Profile.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    if stem not in taken:
        return stem
    number = 2
    while f"{stem}-{number}" in taken:
        number += 1
    return f"{stem}-{number}"


def _register(actor: Viewer, profile: AnyProfile) -> AnyProfile:
    if not may_register(actor):
        raise NotAllowed(_("Only the offices of clusters and the agency add profiles."))
    profile.changed_at = actor.now
    try:
        with transaction.atomic():
            profile.save(force_insert=True)
    except IntegrityError as error:
        raise RegistrationRefused(
            _("Somebody has just added the same profile: look for it before adding it again.")
        ) from error
    audit.record(actor=actor, verb="register_profile", subject=base_of(profile))
    announce(profile.pk)
    return profile
