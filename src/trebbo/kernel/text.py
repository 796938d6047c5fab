"""Words: choosing between Italian and English, folding for order, limits."""

import unicodedata

from django.utils.translation import get_language

SHORT_LIMIT = 300
LONG_LIMIT = 20_000
SEARCH_LIMIT = 1_000


def in_language(italian: str, english: str, language: str | None = None) -> str:
    """The text in the language asked (the page's by default), or in the other where it is blank."""
    chosen = language or get_language() or "it"
    return (english or italian) if chosen.startswith("en") else (italian or english)


def fold(text: str) -> str:
    """Lower case without accents, for sorting and comparing: "Università" gives "universita"."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter)).strip()


def one_line(text: str) -> str:
    """The text without control characters and with single spaces."""
    visible = "".join(" " if unicodedata.category(c).startswith("C") else c for c in text)
    return " ".join(visible.split())
