"""The words that people type or paste into an idea: tidied, measured, freed of tracked changes."""

import re
import unicodedata
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from trebbo.kernel.errors import Refusal
from trebbo.kernel.text import one_line, plain_text

LONGEST_TEXT = 20_000
BULLETS = str.maketrans(
    {"\uf0b7": "•", "\uf0a7": "•"}
    | dict.fromkeys(("\u2028", "\u2029", "\x0b", "\x0c", "\x85"), "\n")
)
ATTRIBUTES = (
    r"(?:\s+(?:nowrap|noshade|[\w:.-]+\s*=\s*(?:\"[^\"<>]*\"|'[^'<>]*'|[^\s\"'<>=]+))){0,20}\s*"
)
"""What may stand in a tag; so strict that “a<b and c>d” is no tag."""
MARKUP = re.compile(
    r"</?(?:w:\w+|o:\w+|ins|del|s|strike|span|p|div|b|i|u|em|strong|su[bp]|li|ul|ol|br|h\d|font"
    rf"|table|t[rdh]){ATTRIBUTES}/?>",
    re.IGNORECASE,
)
TAG_OR_LESS_THAN = re.compile(rf"(</?[a-z][\w:-]*{ATTRIBUTES}/?>)|<", re.IGNORECASE)
BLOCK = re.compile(r"<(?:w:p|p|div|li|br|h\d|table)[\s/>]", re.IGNORECASE)
MANY_LINES = re.compile(r"\n{3,}")
LONGEST_PASTE = 20
"""How many times longer than the limit a paste with markup may be."""
KEPT_CONTROLS = "\n\t"


class IdeaRefused(Refusal):
    """The idea, answer, comment or file cannot be that."""


class IdeaChanged(IdeaRefused):
    """Somebody else saved it meanwhile; `present` holds what is kept now, by field."""

    status = 409

    def __init__(self, present: dict[str, Any], version: int) -> None:
        super().__init__(_("Somebody else changed this while you were writing."))
        self.present = present
        self.version = version


def refused(field: str, words: str) -> IdeaRefused:
    """A refusal that belongs to a field."""
    return IdeaRefused(words, {field: words})


def paragraphs(text: str) -> str:
    """A longer text as it was meant: its lines, nothing invisible, no word processor's leftovers.

    Markup of a word processor is taken out; what its tracked changes had deleted goes with it, so
    that nobody publishes what they had struck out.
    """
    words = text.replace("\r\n", "\n").replace("\r", "\n").translate(BULLETS)
    words = MANY_LINES.sub("\n\n", words)  # a parser is slow on each, and few are meant
    if MARKUP.search(words):
        tags = TAG_OR_LESS_THAN.sub(_tag_or_words, _without_comments(words))
        words = plain_text(tags if BLOCK.search(tags) else tags.replace("\n", "<br>"))
    seen = "".join(
        letter
        for letter in words
        if letter in KEPT_CONTROLS or not unicodedata.category(letter).startswith("C")
    )
    lines = [line.rstrip() for line in seen.split("\n")]
    return MANY_LINES.sub("\n\n", "\n".join(lines)).strip()


def _tag_or_words(found: re.Match[str]) -> str:
    """A tag on one line; a “less than” that begins none is words, also for the parser."""
    return " ".join(found[1].split()) if found[1] else "&lt;"


def _without_comments(html: str) -> str:
    """The text without HTML comments; looked for once, since parsers are slow on unclosed ones."""
    kept, start = [], 0
    while (opened := html.find("<!--", start)) >= 0:
        closed = html.find("-->", opened + 4)
        if closed < 0:
            break
        kept.append(html[start:opened])
        start = closed + 3
    return "".join([*kept, html[start:]])


def long_text(field: str, text: str, *, limit: int = LONGEST_TEXT) -> str:
    """The paragraphs of a text; refuses one beyond `limit` characters."""
    _demand_fits(field, text, limit * LONGEST_PASTE)
    words = paragraphs(text)
    _demand_fits(field, words, limit)
    return words


def line(field: str, text: str, *, limit: int) -> str:
    """A text on one line; refuses one beyond `limit` characters."""
    words = one_line(text)
    _demand_fits(field, words, limit)
    return words


def _demand_fits(field: str, words: str, limit: int) -> None:
    if len(words) > limit:
        facts = {"limit": number_format(limit), "length": number_format(len(words))}
        told = _("At most %(limit)s characters fit here; these are %(length)s.") % facts
        raise refused(field, told)
