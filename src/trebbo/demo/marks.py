"""The mark that made-up texts of the demonstration begin with."""

MARKS = {"it": "[Sintetica]", "en": "[Synthetic]"}
"""How each text and note begins, and so the title: the word that marks synthetic people too."""


def marked(words: str, language: str = "it") -> str:
    """The words with their mark; blank where there are none."""
    return f"{MARKS[language]} {words}" if words else ""
