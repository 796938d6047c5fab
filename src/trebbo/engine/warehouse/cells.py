"""Reads cells: text, amounts, days, codes and places, as expressions for either engine."""

import ibis
import ibis.expr.types as ir

# Blanks of every kind, the unbreakable ones of office programs among them.
BLANKS = r"[\s\x00\x{a0}\x{202f}]+"
ODD_BLANKS = r" *[\t\n\f\r\x00\x{a0}\x{202f}][\s\x00\x{a0}\x{202f}]*|  +"
PLAIN_AMOUNT = r"^-?[0-9]{1,13}([.,][0-9]{1,20})?$"
ITALIAN_AMOUNT = r"^-?[0-9]{1,3}(\.[0-9]{3}){1,3}(,[0-9]{1,20})?$"
ENGLISH_AMOUNT = r"^-?[0-9]{1,3}(,[0-9]{3}){1,3}(\.[0-9]{1,20})?$"
ISO_DAY = r"^(19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}([T ].*)?$"
COMPACT_DAY = r"^(19|20)[0-9]{6}$"
ITALIAN_DAY = r"^[0-9]{2}/[0-9]{2}/(19|20)[0-9]{2}( .*)?$"
PLACE = r"^\(?(-?[0-9]{1,3}(\.[0-9]+)?), ?(-?[0-9]{1,3}(\.[0-9]+)?)\)?$"
DOMAIN = (
    r"^(?:[a-z]+://)?(?:[^/@]*@)?(?:www\.)?([a-z0-9-]+(?:\.[a-z0-9-]+)+)(?::[0-9]+)?(?:[/?#].*)?$"
)
# What cells nearly always look like: only the others are looked at closely.
USUAL_AMOUNT = r"^(-?[0-9]{1,13}([.,][0-9]{1,20})?)?$"
USUAL_DAY = r"^((19|20)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8]))?$"
USUAL_COUNTRY = r"^([A-Z]{2})?$"
USUAL_PLACE = r"^([1-8]?[0-9]\.[0-9]+,-?[1-9]?[0-9]\.[0-9]+)?$"
YES, NO = ibis.literal(value=True), ibis.literal(value=False)
YES_WORDS = ("true", "yes", "y", "1", "s", "si", "sì")
NO_WORDS = ("false", "no", "n", "0")
ISO_COUNTRIES = {"EL": "GR", "UK": "GB"}


def text(cell: ir.StringValue) -> ir.StringValue:
    """One line, without blanks around it and with single blanks inside; null where empty."""
    return cell.re_replace(ODD_BLANKS, " ").strip().nullif("")


def prose(cell: ir.StringValue) -> ir.StringValue:
    """Several lines as they are, without blanks around them; null where empty."""
    # Looking costs a tenth of replacing, and hardly any text holds such a sign.
    clean = cell.re_search(r"\x00").ifelse(cell.re_replace(r"\x00+", " "), cell)
    return clean.strip().nullif("")


def key(cell: ir.StringValue) -> ir.StringValue:
    """A key as it is, without blanks around it; null where empty."""
    return cell.strip().nullif("")


def amount(cell: ir.StringValue) -> ir.DecimalValue:
    """Euro to the cent, from decimal point or comma, with or without thousands; else null.

    A single sign is taken for the decimal one ("1.234" is one euro and 23 cents), as the official
    files write no thousands; cents are rounded half away from zero.
    """
    plain = cell.re_replace(BLANKS, "")
    written = ibis.cases(
        (plain.re_search(PLAIN_AMOUNT), plain.replace(",", ".")),
        (plain.re_search(ITALIAN_AMOUNT), plain.replace(".", "").replace(",", ".")),
        (plain.re_search(ENGLISH_AMOUNT), plain.replace(",", "")),
        else_=ibis.null("string"),
    )
    return written.cast("decimal(38, 20)").round(2).cast("decimal(16, 2)")


def day(cell: ir.StringValue) -> ir.DateValue:
    """A day of the calendar from "2022-09-01" (also with a time), "20220901" or "01/09/2022".

    Null where it is none of the years 1900 to 2099.
    """
    plain = cell.strip()
    written = ibis.cases(
        (plain.re_search(ISO_DAY), plain.substr(0, 10)),
        (
            plain.re_search(COMPACT_DAY),
            plain.substr(0, 4) + "-" + plain.substr(4, 2) + "-" + plain.substr(6, 2),
        ),
        (
            plain.re_search(ITALIAN_DAY),
            plain.substr(6, 4) + "-" + plain.substr(3, 2) + "-" + plain.substr(0, 2),
        ),
        else_=ibis.null("string"),
    )
    return written.try_cast("date")


def whole(cell: ir.StringValue) -> ir.IntegerValue:
    """A whole number of up to nine digits; else null."""
    plain = cell.strip()
    return plain.re_search(r"^[0-9]{1,9}$").ifelse(plain, ibis.null("string")).cast("int64")


def yes(cell: ir.StringValue) -> ir.BooleanValue:
    """True or false in the words of the official files; else null."""
    word = cell.strip().lower()
    return ibis.cases((word.isin(YES_WORDS), True), (word.isin(NO_WORDS), False))


def country(cell: ir.StringValue) -> ir.StringValue:
    """ISO 3166-1 alpha-2, from the Commission's codes too ("EL", "UK"); else null."""
    code = cell.strip().upper()
    return code.re_search("^[A-Z]{2}$").ifelse(code, ibis.null("string")).substitute(ISO_COUNTRIES)


def code(cell: ir.StringValue, longest: int) -> ir.StringValue:
    """A code in capitals and digits without blanks inside; null where empty or too long."""
    plain = cell.re_replace(r"[^0-9A-Za-z]+", "").upper()
    return ((plain.length() > 0) & (plain.length() <= longest)).ifelse(plain, ibis.null("string"))


def place(cell: ir.StringValue) -> tuple[ir.FloatingValue, ir.FloatingValue]:
    """Latitude and longitude in degrees from "lat,lon", also in brackets; null where not on Earth.

    The point nought, nought is where unknown places are put: it is taken for unknown.
    """
    plain = cell.strip()
    is_place = plain.re_search(PLACE)
    nothing = ibis.null("string")
    latitude = is_place.ifelse(plain.re_extract(PLACE, 1), nothing).cast("float64")
    longitude = is_place.ifelse(plain.re_extract(PLACE, 3), nothing).cast("float64")
    is_known = (
        (latitude.abs() <= 90) & (longitude.abs() <= 180) & ((latitude != 0) | (longitude != 0))
    )
    unknown = ibis.null("float64")
    return is_known.ifelse(latitude, unknown), is_known.ifelse(longitude, unknown)


def domain(address: ir.StringValue) -> ir.StringValue:
    """The web domain of an address, small letters, without "www."; else null."""
    plain = address.strip().lower()
    return plain.re_search(DOMAIN).ifelse(plain.re_extract(DOMAIN, 1), ibis.null("string"))


def last_step(path: ir.StringValue) -> ir.StringValue:
    """The last part of a path written with slashes: "373" of "/23/53/373"."""
    return path.strip().re_extract(r"([^/]+)/*$", 1).strip().nullif("")


def not_zero(value: ir.DecimalValue) -> ir.DecimalValue:
    """The amount, null where it is zero: so the official files write what is not known."""
    return value.nullif(0)
