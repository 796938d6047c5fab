"""The words of a mail without the history that it answers."""

import re

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
