"""Documents that leave the product: printable text, and tagged PDF set by Typst."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Literal

import typst
from django.utils.encoding import iri_to_uri
from django.utils.text import Truncator

LONGEST_HEADING, LONGEST_FOOTER = 110, 240
LONGEST_ADDRESS = 650
"""A third of what a spreadsheet's link holds: it may write a letter as three."""
LONGEST_WORD = 40
"""Longer words may be broken anywhere, so that they stay on the page."""
LINKED = ("https://", "http://")
TYPEFACE = files("bootstrap_italia_template") / "static" / "fonts" / "Titillium_Web"
REGIONS = {"it": "IT", "en": "GB"}

# What neither XML nor a font can hold, and the marks that turn the rest of a line around.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
_LINE_ENDS = re.compile("\r\n|[\r\x85\u2028\u2029]")
_LONG_WORD = re.compile(rf"\S{{{LONGEST_WORD + 1},}}")
_PIECE = re.compile(r"\S{20}(?=[^\u0300-\u036f\u200d\ufe00-\ufe0f])")


def printable(text: str) -> str:
    """The text without what cannot be printed, and with one kind of line end."""
    return _UNPRINTABLE.sub(" ", _LINE_ENDS.sub("\n", text))


def shortened(text: str, most: int) -> str:
    """The text on one line, of at most so many characters."""
    return Truncator(" ".join(printable(text).split())).chars(most)


def link_to(address: str) -> str:
    """The address if a reader may be sent there; else blank."""
    whole = iri_to_uri(printable(address))
    return whole if whole.startswith(LINKED) and len(whole) <= LONGEST_ADDRESS else ""


def typeset(template: Traversable, told: Mapping[str, Any], made_at: datetime) -> bytes:
    """A PDF of a Typst template, which reads `told` as JSON from the input of that name.

    It is tagged (PDF/UA-1), with title, language and bookmarks as the template sets them. What
    people wrote comes as data and is never read as markup.
    """
    data, moment = json.dumps(_breakable(told)), made_at.astimezone(UTC)
    try:
        return _compiled(template, data, moment, standard="ua-1")
    except typst.TypstError:
        # PDF/UA wants a glyph for every letter; the machine may have no font with emoji or kanji.
        return _compiled(template, data, moment, standard=None)


def _compiled(
    template: Traversable, data: str, moment: datetime, *, standard: Literal["ua-1"] | None
) -> bytes:
    return typst.compile(
        str(template),
        format="pdf",
        font_paths=_fonts(),
        sys_inputs={"told": data},
        pdf_standards=standard,
        timestamp=moment,
    )


@cache
def _fonts() -> typst.Fonts:
    """The typeface of the site; the machine's own fonts for letters that it lacks."""
    return typst.Fonts(font_paths=[str(TYPEFACE)])


def _breakable(told: Any) -> Any:
    """The data with every text printable, and with places to break where a word is too long."""
    if isinstance(told, str):
        return _LONG_WORD.sub(lambda word: _PIECE.sub("\\g<0>\u200b", word[0]), printable(told))
    if isinstance(told, Mapping):
        return {
            name: value if name == "address" else _breakable(value) for name, value in told.items()
        }
    return [_breakable(one) for one in told] if isinstance(told, list | tuple) else told
