"""Names of countries in the page's language, from their codes."""

from babel import Locale
from babel.core import UnknownLocaleError
from django.utils.translation import get_language

AS_ISO = {"EL": "GR", "UK": "GB"}
"""The Union writes two countries otherwise than ISO 3166."""


def country_name(code: str, language: str | None = None) -> str:
    """The country's name (Unicode CLDR) in the language asked, the page's by default.

    `code` has two letters, of ISO 3166 or as the Union writes them; one that nobody knows is given
    back as it is.
    """
    try:
        names = Locale.parse((language or get_language() or "it")[:2]).territories
    except (UnknownLocaleError, ValueError):
        return code
    return str(names.get(AS_ISO.get(code.upper(), code.upper()), code))
