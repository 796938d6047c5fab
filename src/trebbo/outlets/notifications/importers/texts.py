"""Makes plain text of what people write: without the marks of HTML, and without the history."""

import re
from html.parser import HTMLParser

UNSEEN = {"script", "style", "head", "title", "template", "noscript", "object", "svg"}
BLOCKS = {
    "address", "article", "blockquote", "br", "div", "dl", "dt", "dd", "footer", "h1", "h2", "h3",
    "h4", "h5", "h6", "header", "hr", "li", "ol", "p", "pre", "section", "table", "tr", "ul",
}  # fmt: skip
APART = {"p", "blockquote", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6"}

SEPARATOR = re.compile(
    r"-{3,}\s{0,3}(?:original message|messaggio originale|ursprüngliche nachricht"
    r"|message d'origine|mensaje original)\s{0,3}-{3,}",
    re.IGNORECASE,
)
SAID = re.compile(
    r"(?:on|il(?: giorno)?|am|le|el)\b.{5,300}"
    r"(?:wrote|ha scritto|scrive|schrieb.{0,100}|a écrit|escribió)\s?:",
    re.IGNORECASE | re.DOTALL,
)
FROM = re.compile(r"\*?(?:from|da|von|de)\s?:\*?\s.+", re.IGNORECASE)
SENT = re.compile(
    r"\*?(?:sent|date|inviato|data|gesendet|datum|envoyé|enviado(?: el)?)\s?:\*?\s.+", re.IGNORECASE
)
SAID_LINES = 3
"""Over how many lines a mail program breaks the line that says who wrote what follows."""


class _Reader(HTMLParser):
    """Gathers the words of a page, with the lines of its blocks; quotations are marked so."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[list[str]] = [[]]
        self._unseen = 0
        self._quoted = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A block begins a line; what nobody sees is passed over."""
        if tag in UNSEEN:
            self._unseen += 1
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
    """The words of an HTML text, one line for each block; nothing in them is a mark any more."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    text = "\n".join("".join(words).rstrip() for words in reader.lines)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def without_history(text: str) -> str:
    """The text without the mail that it answers, if that stands at its end.

    What is not surely history stays: an answer between the lines of a quotation, an unknown way to
    mark one, a text that is nothing but history.
    """
    lines = text.replace("\r\n", "\n").split("\n")
    cut = min(filter(None, (_separator(lines), _quotation(lines))), default=None)
    kept = "\n".join(lines[:cut]).strip() if cut is not None else text.strip()
    return kept or text.strip()


def _separator(lines: list[str]) -> int | None:
    """Where a program says that the original message begins."""
    for number, line in enumerate(lines):
        bare = line.strip()
        if SEPARATOR.fullmatch(bare):
            return number
        heads = [one.strip() for one in lines[number : number + 4]]
        if FROM.fullmatch(bare) and any(SENT.fullmatch(head) for head in heads[1:]):
            above = number - 1
            ruled = above >= 0 and re.fullmatch(r"[_-]{5,}", lines[above].strip())
            return above if ruled else number
    return None


def _quotation(lines: list[str]) -> int | None:
    """Where quoted lines begin that go on to the end, with the line that says who wrote them."""
    first = len(lines)
    while first and (not lines[first - 1].strip() or lines[first - 1].lstrip().startswith(">")):
        first -= 1
    if not any(line.lstrip().startswith(">") for line in lines[first:]):
        return None
    for many in range(1, SAID_LINES + 1):
        said = " ".join(line.strip() for line in lines[max(0, first - many) : first])
        if first >= many and SAID.fullmatch(said.strip()):
            return first - many
    return first
