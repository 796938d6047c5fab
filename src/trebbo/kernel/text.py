"""Words: choosing between Italian and English, folding for order, limits, plain text of HTML."""

import re
import unicodedata
from html.parser import HTMLParser

from django.utils.translation import get_language

SHORT_LIMIT = 300
LONG_LIMIT = 20_000
SEARCH_LIMIT = 1_000

UNSEEN = {"script", "style", "head", "title", "template", "noscript", "object", "svg"}
STRUCK_OUT = {"del", "s", "strike", "w:del", "w:deltext", "w:movefrom"}
STRIKES_OUT = re.compile(rf"<(?:{'|'.join(sorted(STRUCK_OUT))})[\s/>]", re.IGNORECASE)
BLOCKS = {
    "address", "article", "blockquote", "br", "div", "dl", "dt", "dd", "footer", "h1", "h2", "h3",
    "h4", "h5", "h6", "header", "hr", "li", "ol", "p", "pre", "section", "table", "tr", "ul",
    "w:br", "w:p",
}  # fmt: skip
APART = {"p", "blockquote", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6"}


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


class _Struck(HTMLParser):
    """Finds which marks of struck-out words have an end, by their number: only these strike out."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.ended: set[int] = set()
        self._count = 0
        self._without_end: dict[str, list[int]] = {tag: [] for tag in STRUCK_OUT}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A mark begins."""
        if tag in STRUCK_OUT:
            self._without_end[tag].append(self._count)
            self._count += 1

    def handle_endtag(self, tag: str) -> None:
        """An end belongs to the last mark of its name that has none."""
        if begun := self._without_end.get(tag):
            self.ended.add(begun.pop())


class _Reader(HTMLParser):
    """Gathers the words of a page, with the lines of its blocks; quotations are marked so."""

    def __init__(self, struck_out: set[int]) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[list[str]] = [[]]
        self._struck_out = struck_out
        self._marks: dict[str, list[bool]] = {tag: [] for tag in STRUCK_OUT}
        self._count = 0
        self._unseen = 0
        self._quoted = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A block begins a line; what nobody sees is passed over."""
        if tag in UNSEEN:
            self._unseen += 1
        if tag in STRUCK_OUT:
            is_struck_out = self._count in self._struck_out
            self._marks[tag].append(is_struck_out)
            self._count += 1
            self._unseen += is_struck_out
        if tag in BLOCKS:
            self._new_line(apart=tag in APART)
        if tag == "blockquote":
            self._quoted += 1
        if tag == "li":
            self.lines[-1].append("- ")

    def handle_endtag(self, tag: str) -> None:
        """A block ends its line."""
        if tag in UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        if marks := self._marks.get(tag):
            self._unseen = max(0, self._unseen - marks.pop())
        if tag == "blockquote":
            self._quoted = max(0, self._quoted - 1)
        if tag in BLOCKS - {"br", "hr"}:
            self._new_line(apart=tag in APART)

    def handle_data(self, data: str) -> None:
        """Words, with single spaces."""
        if self._unseen:
            return
        words = re.sub(r"\s+", " ", data)
        if not self.lines[-1]:
            words = words.lstrip()
            if words and self._quoted:
                words = f"{'>' * min(self._quoted, 9)} {words}"
        if words:
            self.lines[-1].append(words)

    def _new_line(self, *, apart: bool) -> None:
        if self.lines[-1]:
            self.lines.append([])
        if apart and len(self.lines) > 1 and self.lines[-2]:
            self.lines.append([])


def plain_text(html: str) -> str:
    """The words of an HTML text, one line for each block; nothing in them is a mark any more.

    What was struck out, by hand or by the tracked changes of a word processor, is left out; a mark
    without an end strikes out nothing.
    """
    struck = _Struck()
    if STRIKES_OUT.search(html):
        struck.feed(html)
        struck.close()
    reader = _Reader(struck.ended)
    reader.feed(html)
    reader.close()
    text = "\n".join("".join(words).rstrip() for words in reader.lines)
    return re.sub(r"\n{3,}", "\n\n", text).strip()
