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


def language_shown(italian: str, english: str, language: str | None = None) -> str:
    """The language of what `in_language` gives, where it is not the one asked; else nothing."""
    chosen = "en" if (language or get_language() or "it").startswith("en") else "it"
    if chosen == "en":
        return "it" if italian and not english else ""
    return "en" if english and not italian else ""


class Bilingual:
    """An attribute in the page's language, read from the instance's `<name>_it` and `<name>_en`."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._italian, self._english = f"{name}_it", f"{name}_en"

    def __get__(self, instance: object, owner: type | None = None) -> str:
        """The words in the page's language, or in the other where they are missing."""
        if instance is None:
            return ""
        return in_language(getattr(instance, self._italian), getattr(instance, self._english))


def fold(text: str) -> str:
    """Lower case without accents, for sorting and comparing: "Università" gives "universita"."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter)).strip()


def one_line(text: str) -> str:
    """The text without control characters and with single spaces."""
    visible = "".join(" " if unicodedata.category(c).startswith("C") else c for c in text)
    return " ".join(visible.split())
