"""Numbers by which registers know a body: checked for their form and held by one body only."""

import re

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from stdnum import isni
from stdnum.eu import vat as european_vat
from stdnum.exceptions import InvalidChecksum, ValidationError
from stdnum.it import codicefiscale, iva

from trebbo.ecosystem.organisations.actions.changes import demand_edit, locked_profile, touch
from trebbo.ecosystem.organisations.actions.wording import short_text
from trebbo.ecosystem.organisations.choices import IdentifierScheme, Standing
from trebbo.ecosystem.organisations.models import Identifier, Organisation, Profile
from trebbo.ecosystem.organisations.policies import view_profile
from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import Refusal
from trebbo.kernel.text import one_line

CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
SHAPES = {
    IdentifierScheme.PIC: re.compile(r"\d{9}"),
    IdentifierScheme.REA: re.compile(r"[A-Z]{2}-\d{1,7}"),
    IdentifierScheme.IPA: re.compile(r"[A-Za-z0-9_]{2,20}"),
    IdentifierScheme.GRID: re.compile(r"grid\.\d{1,7}\.[0-9a-f]{1,4}"),
    IdentifierScheme.WIKIDATA: re.compile(r"Q[1-9]\d*"),
}


class VatNumberRefused(Refusal):
    """The VAT number is not one, or belongs to another organisation."""

    def __init__(self, message: str) -> None:
        super().__init__(message, {"vat_number": message})


class TaxCodeRefused(Refusal):
    """The tax code is not one, or belongs to another organisation."""

    def __init__(self, message: str) -> None:
        super().__init__(message, {"tax_code": message})


class IdentifierRefused(Refusal):
    """The identifier is not of its register's form, or belongs to another body."""

    def __init__(self, message: str) -> None:
        super().__init__(message, {"value": message})


def vat_number(typed: str) -> str:
    """The VAT number: 11 digits of an Italian one, another state's with its two letters.

    Refuses one with a wrong length or check digit (python-stdnum: Luhn for Italy, and each other
    member state's own rule).
    """
    compact = re.sub(r"[\s.\-]", "", one_line(typed)).upper()
    if not compact:
        return ""
    try:
        if compact[:2].isalpha() and compact[:2] != "IT":
            return str(european_vat.validate(compact))
        return str(iva.validate(compact))
    except InvalidChecksum as error:
        raise VatNumberRefused(
            _("The check digit of this VAT number is wrong: compare it with the original.")
        ) from error
    except ValidationError as error:
        raise VatNumberRefused(
            _(
                "This is not a VAT number: an Italian one has 11 digits, "
                "a foreign one starts with two letters of its state."
            )
        ) from error


def tax_code(typed: str) -> str:
    """The Italian tax code: 11 digits of a body, or 16 letters and digits of a person.

    Refuses one with a wrong form or check character (python-stdnum).
    """
    compact = re.sub(r"\s", "", one_line(typed)).upper()
    if not compact:
        return ""
    try:
        return str(codicefiscale.validate(compact))
    except InvalidChecksum as error:
        raise TaxCodeRefused(
            _("The check character of this tax code is wrong: compare it with the original.")
        ) from error
    except ValidationError as error:
        raise TaxCodeRefused(
            _("This is not a tax code: a body's has 11 digits, a person's 16 letters and digits.")
        ) from error


def refuse_duplicates(
    actor: Viewer, *, tax_code: str = "", vat_number: str = "", besides: int | None = None
) -> None:
    """Refuse numbers that another organisation holds; it is named if the actor may see it."""
    others = Organisation.objects.all()
    if besides is not None:
        others = others.exclude(pk=besides)
    if tax_code and (holder := others.filter(tax_code=tax_code).first()):
        raise TaxCodeRefused(_holder_words(actor, holder, _("this tax code")))
    if vat_number and (holder := others.filter(vat_number=vat_number).first()):
        raise VatNumberRefused(_holder_words(actor, holder, _("this VAT number")))


def identifier_value(scheme: IdentifierScheme, typed: str) -> str:
    """The identifier in its register's own form; web addresses lose everything but it.

    Refuses what is not of the form: PIC 9 digits; ROR and ORCID with their ISO 7064 check
    characters; REA as "BO-123456"; GRID, Wikidata and IPA by their shape.
    """
    value = one_line(typed)
    if value.lower().startswith(("http://", "https://")):
        value = value.rstrip("/").rsplit("/", 1)[-1]
    match scheme:
        case IdentifierScheme.ROR:
            value = value.lower()
            valid = _is_ror(value)
        case IdentifierScheme.ORCID:
            # An ORCID is an ISNI of its own block, written with hyphens.
            valid = bool(isni.is_valid(value))
            value = str(isni.format(value)).replace(" ", "-")
        case IdentifierScheme.OTHER:
            valid = 0 < len(value) <= 120
        case _:
            value = _tidied(scheme, value)
            valid = SHAPES[scheme].fullmatch(value) is not None
    if not valid:
        raise IdentifierRefused(
            _("This is not an identifier of %(scheme)s: compare it with the original.")
            % {"scheme": scheme.label}
        )
    return value


@transaction.atomic
def add_identifier(
    *,
    actor: Viewer,
    profile_id: int,
    scheme: str,
    value: str,
    source: str = "",
    standing: str = Standing.VERIFIED,
) -> Identifier:
    """Give the profile its identifier in a register.

    Refuses a malformed one, and one that another body holds (named if the actor may see it).
    """
    profile = locked_profile(profile_id)
    demand_edit(actor, profile)
    register = IdentifierScheme(scheme)
    identifier = Identifier(
        profile=profile,
        scheme=register,
        value=identifier_value(register, value),
        source=short_text("source", source, limit=1000),
        standing=Standing(standing),
    )
    held = Identifier.objects.filter(scheme=register, value=identifier.value)
    if (known := held.select_related("profile").first()) is not None:
        raise IdentifierRefused(_holder_words(actor, known.profile, _("this identifier")))
    try:
        with transaction.atomic():
            identifier.save()
    except IntegrityError as error:
        raise IdentifierRefused(_("Another body already has this identifier.")) from error
    touch(
        actor=actor,
        profile=profile,
        verb="add_identifier",
        changes={"identifier": ("", identifier)},
    )
    return identifier


@transaction.atomic
def remove_identifier(*, actor: Viewer, identifier_id: int) -> None:
    """Take away an identifier that was given by mistake."""
    identifier = Identifier.objects.select_related("profile").get(pk=identifier_id)
    demand_edit(actor, identifier.profile)
    touch(
        actor=actor,
        profile=identifier.profile,
        verb="remove_identifier",
        changes={"identifier": (identifier, "")},
    )
    identifier.delete()


def _holder_words(actor: Viewer, holder: Profile, what: str) -> str:
    if view_profile.allows(actor, holder):
        return _("“%(holder)s” already has %(what)s.") % {"holder": holder.title, "what": what}
    return _("Another organisation of the registry already has %(what)s.") % {"what": what}


def _tidied(scheme: IdentifierScheme, value: str) -> str:
    compact = value.replace(" ", "")
    if scheme == IdentifierScheme.REA:
        return re.sub(r"^([A-Z]{2})-?(\d+)$", r"\1-\2", compact.upper())
    return compact


def _is_ror(value: str) -> bool:
    """Whether the check digits are right: ISO 7064 mod 97-10 over Crockford's base 32 (ror.org)."""
    if re.fullmatch(rf"0[{CROCKFORD}]{{6}}\d{{2}}", value) is None:
        return False
    number = 0
    for letter in value[:7]:
        number = number * 32 + CROCKFORD.index(letter)
    return int(value[7:]) == 98 - (number * 100) % 97
